"""From index terms to matrix notation.

Each factor is recovered by itself before the graph of the product is looked at: a residual becomes one
vector, so `sum_i X_ij (sum_k X_ik w_k - y_i)` is `X.T @ (X @ w - y)` and not a sum of two chains.  Whether a
product is kept or distributed over a sum with a delta in it is decided by the shorter text.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from derivations.arithmetic import TWO, factors, summands
from derivations.evaluate import Point
from derivations.indices import Index
from derivations.matrix_form.build import number, raised, times
from derivations.matrix_form.evaluation import value_at
from derivations.matrix_form.graph import contracted
from derivations.matrix_form.linear import inverse
from derivations.matrix_form.nodes import (
    Apply,
    Compare,
    Determinant,
    Equation,
    Eye,
    Item,
    Named,
    Node,
    PowerOf,
    SizeNumber,
    Where,
    Whole,
)
from derivations.matrix_form.text import numpy_text
from derivations.matrix_form.value import (
    Indices,
    NoForm,
    Value,
    cheapest,
    elementwise,
    filled,
    sum_of,
    with_indices,
)
from derivations.numerics import Array
from derivations.scope import Definition, Definitions
from derivations.terms import (
    Add,
    Bracket,
    Component,
    Constant,
    Delta,
    Derivative,
    Function,
    Number,
    Piecewise,
    Power,
    Product,
    Relation,
    SizeOf,
    Sum,
    Term,
)
from derivations.words import Text

_DISTRIBUTED = 4  # sums in one product that are tried distributed
_ATTEMPTS = 100  # distributions tried in one term, so that every term ends

_SHIFTED = Text(
    en="an index is shifted here, and matrix notation has no word for that",
    zh="此处出现了平移的指标，矩阵记号无法表示",
)
_FIXED = Text(
    en="one single position stands here, and matrix notation has no word for that",
    zh="此处出现了固定的位置，矩阵记号无法表示",
)
_TOO_DEEP = Text(
    en="the term is nested too deeply",
    zh="表达式嵌套过深",
)
_UNFINISHED = Text(
    en="a derivative is not taken yet",
    zh="仍有导数尚未求出",
)


@dataclass(frozen=True)
class MatrixForm:
    """A value in matrix notation: the tree for printers, and the indices that its axes stand for."""

    tree: Node
    indices: Indices

    @property
    def numpy(self) -> str:
        """The form as NumPy text, without indices."""
        return numpy_text(self.tree)

    def evaluate(self, point: Point) -> Array:
        """The value and the shape that NumPy would compute from the text, broadcasting included."""
        return value_at(self.tree, point)


@dataclass(frozen=True)
class NotMatrix:
    """There is no matrix form, for this reason; the index form stands alone."""

    reason: Text


def recover(
    term: Term,
    indices: Sequence[Index],
    definitions: Definitions | None = None,
    expand: Collection[str] = (),
    keep: Collection[str] = (),
) -> MatrixForm | NotMatrix:
    """The term in matrix notation, its axes in the order of `indices`.

    Names in `expand` are replaced by what they stand for; an inverse or a determinant is, unless it is in
    `keep`.  A relation `left == right` becomes an equation between the two forms.
    """
    indices = tuple(indices)
    reader = _Reader(definitions or Definitions(), frozenset(expand), frozenset(keep))
    try:
        if len(indices) > 2:
            letters = ", ".join(index.letter for index in indices)
            return NotMatrix(
                Text(
                    en=f"the result has {len(indices)} indices ({letters}), and a matrix has two",
                    zh=f"结果有 {len(indices)} 个指标（{letters}），而矩阵只有两个",
                )
            )
        if isinstance(term, Relation) and term.operator == "==":
            if isinstance(term.left, Component):
                # the name that the equation gives a value to stays a name
                reader.expand -= {term.left.symbol.name}
            left, right = (filled(reader.value(side, indices), indices) for side in (term.left, term.right))
            return MatrixForm(Equation(left, right), indices)
        return MatrixForm(filled(reader.value(term, indices), indices), indices)
    except NoForm as problem:
        return NotMatrix(problem.reason)
    except RecursionError:
        return NotMatrix(_TOO_DEEP)


class _Reader:
    """Reads terms into values, with the names that are to be expanded; remembers what it has read."""

    def __init__(self, definitions: Definitions, expand: frozenset[str], keep: frozenset[str]) -> None:
        self.definitions = definitions
        self.expand = expand
        self.keep = keep
        self.attempts = _ATTEMPTS
        self.memory: dict[tuple[Term, Indices], Value] = {}

    def value(self, term: Term, wanted: Indices = ()) -> Value:
        """The value of a term; the `wanted` indices are those of the whole result, where this is a part of it
        whose orientation is seen."""
        found = self.memory.get((term, wanted))
        if found is None:
            found = self.memory[term, wanted] = self._value(term, wanted)
        return found

    def _value(self, term: Term, wanted: Indices) -> Value:
        match term:
            case Number(value=value, text=text):
                return Value((), number(value, text))
            case Constant(name=name):
                return Value((), Named(name))
            case SizeOf(size=size):
                constant = size.constant
                return Value((), SizeNumber(size) if constant is None else number(Fraction(constant)))
            case Component():
                return self._component(term)
            case Delta(left=left, right=right) if left.index is not None and right.index is not None:
                return Value((left.index, right.index), Eye(left.index.axis))
            case Delta(left=left, right=right) if not (left.parts and right.parts):
                raise NoForm(_FIXED)
            case Delta() | Bracket():
                raise NoForm(_SHIFTED)
            case Add(terms=terms, authored=authored):
                return sum_of([self.value(t, wanted) for t in terms], authored)
            case Product():
                return self._product(factors(term), (), wanted)
            case Sum():
                return self._sum(term, wanted)
            case Power():
                return self._power(term)
            case Function(head=head, arguments=arguments):
                return elementwise(
                    [self.value(a) for a in arguments], lambda nodes: Apply(head, tuple(nodes))
                )
            case Piecewise():
                return self._piecewise(term)
            case Derivative():
                raise NoForm(_UNFINISHED)
        raise TypeError(f"no matrix notation for {type(term).__name__}")

    # ---- components

    def _component(self, term: Component) -> Value:
        definition = self.definitions.get(term.symbol.name)
        named = term.symbol.name in self.keep
        if definition is not None and not named and (definition.operation or term.symbol.name in self.expand):
            return self._expanded(term, definition)
        plain = [slot.index for slot in term.indices]
        if all(index is not None for index in plain):
            return with_indices([i for i in plain if i is not None], Whole(term.symbol))
        if any(slot.parts and slot.index is None for slot in term.indices):
            raise NoForm(_SHIFTED)
        positions = tuple(slot.offset if slot.index is None else None for slot in term.indices)
        return with_indices([i for i in plain if i is not None], Item(term.symbol, positions))

    def _expanded(self, term: Component, definition: Definition) -> Value:
        if not definition.operation:
            return self.value(definition.at(term.indices))
        axes = definition.indices
        if len(axes) < 2:
            # the indices of a determinant are those of the matrix, which its own symbol does not have
            axes = tuple(sorted(definition.body.free, key=lambda i: (i.letter, i.serial)))
        matrix = filled(self.value(definition.body), axes)
        if definition.operation == "determinant":
            return Value((), Determinant(matrix))
        row, column = (slot.index for slot in term.indices)
        if row is None or column is None:
            raise NoForm(_SHIFTED)
        return with_indices((row, column), inverse(matrix))

    # ---- products and sums

    def _sum(self, term: Sum, wanted: Indices) -> Value:
        summed: Indices = ()
        body: Term = term
        while isinstance(body, Sum):
            opened, body = body.freshly_opened()
            summed += opened
        return self._product(factors(body), summed, wanted)

    def _product(self, parts: list[Term], summed: Indices, wanted: Indices) -> Value:
        """The cheapest of: the factors as they are, and the product distributed over one of its sums."""
        found: list[Value] = []
        try:
            found.append(self._kept(parts, summed, wanted))
        except NoForm as problem:
            reason = problem
            # a square has to be opened before it can be distributed
            parts = [base for part in parts for base in (_twice(part) or [part])]
            parts, more = _with_sums_opened(parts)
            if more:
                return self._product(parts, (*summed, *more), wanted)
        for distributed in self._distributions(parts, summed, must=not found):
            if self.attempts <= 0:
                break
            self.attempts -= 1
            try:
                found.append(self._over_a_sum(parts, distributed, summed, wanted))
            except NoForm as problem:
                reason = problem
        if not found:
            raise reason
        return cheapest(found, wanted)

    def _kept(self, parts: list[Term], summed: Indices, wanted: Indices) -> Value:
        values: list[Value] = []
        for part in self._names_first(parts, summed):
            if isinstance(part, Power) and part.exponent == TWO and not part.free.isdisjoint(summed):
                # a square under a sum is an inner product of its base with itself
                values += [self.value(part.base)] * 2
            else:
                values.append(self.value(part))
        return contracted(values, summed, wanted)

    def _names_first(self, parts: list[Term], summed: Indices) -> list[Term]:
        """The factors; vectors that are only summed over stand with the formula's own names first.

        So an inner product of a name and what it is weighed with is `p @ g`, in whichever order the calculus
        left the two.
        """
        weights = {
            n: part.symbol.name not in self.definitions
            for n, part in enumerate(parts)
            if isinstance(part, Component) and len(part.free) == 1 and part.free.issubset(summed)
        }
        found = list(parts)
        for place, source in zip(weights, sorted(weights, key=weights.__getitem__), strict=True):
            found[place] = parts[source]
        return found

    def _distributions(self, parts: list[Term], summed: Indices, must: bool) -> list[int]:
        """Which factors are sums worth distributing over.

        They have a delta, or summands of unlike order, or an outer product, of which a vector may be free; a
        sum of products that stands alone may be several matrix products.
        """
        found = []
        for place, part in enumerate(parts):
            beside = bool(summed) or any(p.free for p in parts if p is not part)
            if isinstance(part, Add) and part.free and beside:
                terms = summands(part)
                unlike = len({term.free for term in terms if term.free}) > 1
                alone = len(parts) == 1 and any(isinstance(t, Product) for t in terms)
                if must or unlike or alone or any(map(_falls_apart, terms)):
                    found.append(place)
        return found[:_DISTRIBUTED]

    def _over_a_sum(self, parts: list[Term], place: int, summed: Indices, wanted: Indices) -> Value:
        outside = [self.value(p).node for p in parts if not p.free]
        before = [p for p in parts[:place] if p.free]
        after = [p for p in parts[place + 1 :] if p.free]
        products = [
            self._product([*before, *factors(summand), *after], summed, wanted)
            for summand in summands(parts[place])
        ]
        added = sum_of(products)
        return Value(added.indices, times([*outside, added.node]))

    # ---- elementwise

    def _power(self, term: Power) -> Value:
        base, exponent = self.value(term.base), term.exponent
        if isinstance(exponent, Number) and exponent.value < 0:
            return Value(base.indices, times([], [raised(base.node, -exponent.value)]))
        if isinstance(exponent, Number):
            return Value(base.indices, raised(base.node, exponent.value))
        return elementwise([base, self.value(exponent)], lambda nodes: PowerOf(*nodes))

    def _piecewise(self, term: Piecewise) -> Value:
        n = len(term.conditions)
        operators = [c.operator for c in term.conditions]
        sides = [self.value(side) for c in term.conditions for side in (c.left, c.right)]
        values = [self.value(v) for v in (*term.values, term.otherwise)]

        def combine(nodes: list[Node]) -> Node:
            compared = tuple(Compare(operators[k], nodes[2 * k], nodes[2 * k + 1]) for k in range(n))
            return Where(compared, tuple(nodes[2 * n : -1]), nodes[-1])

        return elementwise([*sides, *values], combine)


def _twice(term: Term) -> list[Term]:
    """The base of the square of a sum, two times; nothing for other terms."""
    if isinstance(term, Power) and term.exponent == TWO and isinstance(term.base, Add):
        return [term.base, term.base]
    return []


def _with_sums_opened(parts: list[Term]) -> tuple[list[Term], Indices]:
    """The factors with those of sums among them, and the indices of these: their graph is one then."""
    opened: list[Term] = []
    more: Indices = ()
    for part in parts:
        if isinstance(part, Sum):
            indices, body = part.freshly_opened()
            more += indices
            opened += factors(body)
        else:
            opened.append(part)
    return opened, more


def _falls_apart(summand: Term) -> bool:
    """Whether this is a delta, or no factor has all the indices."""
    parts = factors(summand)
    return any(isinstance(p, Delta) for p in parts) or max(len(p.free) for p in parts) < len(summand.free)
