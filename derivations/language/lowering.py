"""SymPy expressions become index terms, in the order in which they were written.

One dispatch on the type of a node: what another kind of expression means (matrix expressions of SymPy, a new
node of the language) is one more function registered here. Nothing is simplified on the way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import singledispatch
from typing import Any

import sympy
from sympy.core.relational import Relational

from derivations.arithmetic import HALF, ONE, TWO, ZERO
from derivations.functions import FUNCTIONS, apply
from derivations.indices import Affine, Index
from derivations.language import expressions as nodes
from derivations.language import symbols as author
from derivations.language.arrays import (
    authored_product,
    authored_sum,
    combined,
    matrix_product,
    mean_of,
    mean_over,
    places,
    total_over,
    trace,
    transposed,
    whole_symbol,
)
from derivations.language.mistakes import AuthorError
from derivations.language.reuse import Whole, followed
from derivations.scope import Definition, Definitions
from derivations.terms import (
    Component,
    Constant,
    Delta,
    Derivative,
    Number,
    Piecewise,
    Power,
    Relation,
    SizeOf,
    Term,
    TermError,
    bind,
)

# SymPy's name of each function to ours, read off the records, so that a new function is one record.
_x = sympy.Symbol("x")
_NAMES = {
    type(written).__name__: name
    for name, record in FUNCTIONS.items()
    if isinstance(written := record.sympy(sympy, _x), sympy.Function) and written.args == (_x,)
}

# What SymPy would keep in another order, or what has another word here.
_INSTEAD = {
    "Max": "maximum(a, b)",
    "Min": "minimum(a, b)",
    "Sum": "total(x[i], i)",
    "And": "where(a, where(b, ...), ...)",
    "Or": "where(a, x, where(b, x, y))",
    "Not": "the opposite comparison",
    "Piecewise": "where(condition, a, b)",
    "Derivative": "an entry of ask, or D(y, x) in a statement",
    "KroneckerDelta": "delta(i, j)",
    "Indexed": "a vector, matrix or tensor of this language",
    "Integral": "a chain whose links give reasons",
}


@singledispatch
def lower(node: Any) -> Whole:
    """The term of an expression, with its axes where it is a whole array."""
    kind = type(node).__name__
    if kind in _INSTEAD:
        raise AuthorError(
            f"SymPy's {kind} does not keep what was written", f"Write {_INSTEAD[kind]} instead."
        )
    raise AuthorError(
        f"{node} ({kind}) has no meaning in a formula", "Write it with the words of the language."
    )


def scalar(node: Any) -> Term:
    """The term of an expression that must not have axes."""
    whole = lower(author.expression(node))
    if whole.axes:
        raise AuthorError(
            f"{node} is an array with {len(whole.axes)} axes where a number was expected",
            "Give its indices, or take a sum, a mean or a norm.",
        )
    return whole.term


# ---- numbers, names, indices -------------------------------------------------------------------------------


@lower.register
def _(node: sympy.Rational) -> Whole:
    value = Fraction(int(node.p), int(node.q))
    return Whole(Number(value, _decimal(value)))


def _decimal(value: Fraction) -> str:
    """A decimal keeps its look: SymPy remembers 8943/200000 of an author's 0.044715."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1 or value.denominator < 32:
        return ""
    digits = next(n for n in range(1, 40) if (value * 10**n).denominator == 1)
    whole, part = divmod(abs(value.numerator) * 10**digits // value.denominator, 10**digits)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{digits}d}"


@lower.register
def _(node: sympy.Float) -> Whole:
    raise AuthorError(
        f"{node} is a floating-point number, and 1/2*x begins with one",
        'Write Rational(1, 2)*x, x/2, or Rational("0.044715") for a decimal.',
    )


@lower.register(type(sympy.pi))
def _(node: Any) -> Whole:
    return Whole(Constant("pi"))


@lower.register(type(sympy.E))
def _(node: Any) -> Whole:
    return Whole(Constant("e"))


@lower.register
def _(node: sympy.Symbol) -> Whole:
    raise AuthorError(
        f"the name {node} is not declared", 'Declare it: scalar("x", Text(en="...", zh="...")).'
    )


@lower.register
def _(node: author.Axis) -> Whole:
    return Whole(SizeOf(node.term.size))


@lower.register
def _(node: author.Index) -> Whole:
    raise AuthorError(
        f"the index {node.letter} stands where a number was expected",
        "Indices stand in brackets, x[i + 1], and in delta(i, j).",
    )


@lower.register
def _(node: author.Scalar) -> Whole:
    return Whole(Component(node.term, ()))


@lower.register
def _(node: author.Entry) -> Whole:
    return Whole(Component(node.array.term, tuple(affine(slot) for slot in node.slots)))


@lower.register
def _(node: author.ArraySymbol) -> Whole:
    return whole_symbol(node.term)


def affine(node: Any) -> Affine:
    """What stands in brackets: whole multiples of indices and sizes, and whole numbers."""
    if isinstance(node, author.Index):
        return Affine.of(node.term)
    if isinstance(node, author.Axis):
        return Affine((), node.term.size)
    if isinstance(node, sympy.Integer):
        return Affine.of(int(node))
    if isinstance(node, sympy.Add):
        summed = Affine.of(0)
        for part in node.args:
            summed = summed + affine(part)
        return summed
    if isinstance(node, sympy.Mul):
        numbers = [int(part) for part in node.args if isinstance(part, sympy.Integer)]
        others = [part for part in node.args if not isinstance(part, sympy.Integer)]
        if len(others) == 1:
            multiple = affine(others[0])
            for number in numbers:
                multiple = multiple * number
            return multiple
    raise AuthorError(
        f"{node} cannot stand in brackets", "Use whole multiples of indices and a whole number: x[2*i + 1]."
    )


# ---- arithmetic --------------------------------------------------------------------------------------------


@lower.register(sympy.Add)
@lower.register(author.ArraySum)
def _(node: Any) -> Whole:
    return combined(map(lower, node.args), authored_sum)


@lower.register(sympy.Mul)
@lower.register(author.ArrayProduct)
def _(node: Any) -> Whole:
    return combined(map(lower, node.args), authored_product)


@lower.register(sympy.Pow)
@lower.register(author.ArrayPower)
def _(node: Any) -> Whole:
    if isinstance(node.args[0], type(sympy.E)):
        return combined([lower(node.args[1])], lambda exponent: apply("exp", exponent))
    return combined(map(lower, node.args), Power)


@lower.register
def _(node: sympy.Function) -> Whole:
    name = type(node).__name__
    name = _NAMES.get(name, name)
    if name not in FUNCTIONS or len(node.args) != 1:
        if type(node).__name__ in _INSTEAD:
            raise AuthorError(
                f"SymPy's {type(node).__name__} does not keep what was written",
                f"Write {_INSTEAD[type(node).__name__]} instead.",
            )
        raise AuthorError(f"no function {name}", f"There are {', '.join(sorted(FUNCTIONS))}.")
    return combined([lower(node.args[0])], lambda argument: apply(name, argument))


@lower.register
def _(node: nodes.Cases) -> Whole:
    condition, a, b = node.args
    left, right = condition.args
    operator = _OPERATORS[type(condition).__name__]
    return combined(
        map(lower, (left, right, a, b)),
        lambda low, high, yes, no: Piecewise((Relation(operator, low, high),), (yes,), no),
    )


@lower.register
def _(node: nodes.Extreme) -> Whole:
    # the second wins only where it is strictly better, so that a tie has the derivative of the first
    operator = ">" if node.larger else "<"
    return combined(map(lower, node.args), lambda a, b: Piecewise((Relation(operator, b, a),), (b,), a))


# ---- sums and arrays ---------------------------------------------------------------------------------------


def _indices(node: Any) -> tuple[Index, ...]:
    return tuple(index.term for index in node.args[1:])


@lower.register
def _(node: nodes.Total) -> Whole:
    whole = lower(node.args[0])
    return Whole(bind(_indices(node), whole.term), whole.axes)


@lower.register
def _(node: nodes.Mean) -> Whole:
    whole = lower(node.args[0])
    indices = _indices(node)
    return Whole(mean_of(indices, whole.term), whole.axes)


@lower.register
def _(node: author.Reduced) -> Whole:
    whole = lower(node.args[0])
    reduce = mean_over if node.how == "mean" else total_over
    return reduce(whole, places(whole, node.axis), node.keepdims)


@lower.register
def _(node: author.Transposed) -> Whole:
    return transposed(lower(node.args[0]))


@lower.register
def _(node: author.MatrixProduct) -> Whole:
    a, b = map(lower, node.args)
    return matrix_product(a, b)


@lower.register
def _(node: nodes.Contraction) -> Whole:
    if node.how == "trace":
        return trace(lower(node.args[0]))
    if node.how == "dot":
        whole = combined(map(lower, node.args), authored_product)
    else:
        whole = combined([lower(node.args[0])], lambda entry: Power(entry, TWO))
    over = tuple(index for index in whole.axes if index is not None)
    term = bind(over, whole.term) if over else whole.term
    return Whole(Power(term, HALF) if node.how == "norm" else term)


@lower.register
def _(node: nodes.SameIndex) -> Whole:
    left, right = map(affine, node.args)
    try:
        return Whole(Delta(left, right))
    except TermError as error:
        raise AuthorError(str(error), "Use indices of one axis.") from error


# ---- what only statements contain --------------------------------------------------------------------------


@lower.register
def _(node: nodes.Placeholder) -> Whole:
    body = scalar(node.args[0])
    variable = scalar(node.args[1])
    assert isinstance(variable, Component)
    return Whole(Derivative(body, variable.symbol, variable.indices))


@dataclass
class Followed:
    """The definitions that `at(...)` follows, and those that it adds: names at other inputs."""

    definitions: Definitions
    added: dict[str, Definition] = field(default_factory=dict)


_followed: ContextVar[Followed | None] = ContextVar("followed", default=None)


@contextmanager
def following(definitions: Definitions) -> Iterator[Followed]:
    """Statements in the block speak of these definitions."""
    followed = Followed(definitions)
    token = _followed.set(followed)
    try:
        yield followed
    finally:
        _followed.reset(token)


@lower.register
def _(node: nodes.Substituted) -> Whole:
    context = _followed.get()
    if context is None:
        raise AuthorError("at(...) stands in a definition", "Use the formula itself: p = softmax(z=...).")
    inputs = {}
    for symbol, new in (pair.args for pair in node.args[1:]):
        whole = lower(new)
        if len(whole.axes) < len(symbol.axes):
            # a number in place of an array stands for all its entries
            whole = combined([lower(symbol), whole], lambda old, value: value)
        inputs[symbol.name] = whole
    whole = lower(node.args[0])
    if not node.notation:
        return Whole(followed(whole.term, context.definitions, inputs), whole.axes)
    return Whole(_renamed(whole.term, node.notation, inputs, context))


def _renamed(term: Term, notation: str, inputs: dict[str, Whole], context: Followed) -> Term:
    """The name at other inputs as a name of its own."""
    definition = context.definitions.get(term.symbol.name) if isinstance(term, Component) else None
    if definition is None or not isinstance(term, Component):
        raise AuthorError(f"{notation} is the notation of an input", "Give a notation to names only.")
    name = next((n for n, d in context.added.items() if d.symbol.latex == notation), "")
    if not name:
        name = f"{definition.symbol.name}_at_{len(context.added) + 1}"
        symbol = replace(definition.symbol, name=name, latex=notation)
        body = followed(definition.body, context.definitions, inputs)
        context.added[name] = Definition(symbol, definition.indices, body)
    return Component(context.added[name].symbol, term.indices)


_OPERATORS = {
    "StrictGreaterThan": ">",
    "GreaterThan": ">=",
    "StrictLessThan": "<",
    "LessThan": "<=",
    "Equality": "==",
    "Unequality": "!=",
}


def relation(node: Any) -> Relation:
    """A comparison of numbers, or of indices: `i != j` says that their delta is 0."""
    if not isinstance(node, Relational):
        raise AuthorError(
            f"{node!r} stands where a comparison was expected; `==` compares how expressions are built",
            "Write Eq(a, b), Ne(a, b), a < b.",
        )
    operator = _OPERATORS[type(node).__name__]
    left, right = node.args
    if any(isinstance(side, author.Index) for side in (left, right)):
        if operator not in ("==", "!="):
            raise AuthorError(f"{node} compares indices", "Indices can be equal, Eq(i, j), or not, Ne(i, j).")
        return Relation("==", Delta(affine(left), affine(right)), ONE if operator == "==" else ZERO)
    # two arrays are compared entry by entry
    compared = combined(map(lower, (left, right)), lambda a, b: Relation(operator, a, b)).term
    assert isinstance(compared, Relation)
    return compared


def equation(node: Any) -> tuple[Any, Any]:
    """The sides of an equation, as they were written."""
    if not isinstance(node, sympy.Equality):
        raise AuthorError(
            f"{node!r} stands where an equation was expected; `==` compares how expressions are built",
            "Write Eq(left, right).",
        )
    return node.args[0], node.args[1]
