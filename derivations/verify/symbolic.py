"""A proof at small fixed sizes: both sides written out by entries for SymPy, whose derivative is another's.

SymPy is asked only where the expressions are small, by a count of operations and not by the clock, so that
what a record says does not depend on how fast a machine is.
"""

import itertools
from collections.abc import Mapping
from typing import Any

from derivations.functions import in_sympy
from derivations.indices import Affine, Index
from derivations.scope import Scope
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
    Symbol,
    Term,
)

OPERATIONS = 300  # in one entry: more than these are not tried
ALTOGETHER = 2000  # in all entries together


class NotWritten(ValueError):
    """What has no SymPy expression at fixed sizes: an inverse, a derivative by a name, an entry outside."""


class Entries:
    """Terms as SymPy expressions in single entries, at given sizes."""

    def __init__(self, scope: Scope, sizes: Mapping[str, int]) -> None:
        import sympy

        self.sympy = sympy
        self.scope = scope
        self.sizes = dict(sizes)
        self._names: dict[tuple[str, tuple[int, ...]], Any] = {}

    def entry(self, symbol: Symbol, position: tuple[int, ...]) -> Any:
        """The expression for one entry of an input or, written out, of a name."""
        shape = [axis.size.evaluate(self.sizes) for axis in symbol.axes]
        if not all(0 <= p < n for p, n in zip(position, shape, strict=True)):
            raise NotWritten(f"{symbol.name} has no entry {position}")
        definition = self.scope.definitions.get(symbol.name)
        if definition is None:
            return self.variable(symbol, position)
        if definition.operation:
            raise NotWritten(f"{symbol.name} is an operation")
        key = (symbol.name, position)
        if key not in self._names:
            self._names[key] = self.of(definition.body, dict(zip(definition.indices, position, strict=True)))
        return self._names[key]

    def variable(self, symbol: Symbol, position: tuple[int, ...]) -> Any:
        name = "_".join((symbol.name, *map(str, position)))
        positive = True if symbol.domain.positive else None
        return self.sympy.Symbol(name, real=True, positive=positive)

    def position(self, slots: tuple[Affine, ...], at: Mapping[Index, int]) -> tuple[int, ...]:
        return tuple(
            slot.offset.evaluate(self.sizes) + sum(slot.coefficient(i) * at[i] for i in slot.indices)
            for slot in slots
        )

    def of(self, term: Term, at: Mapping[Index, int]) -> Any:
        s = self.sympy
        match term:
            case Number(value=value):
                return s.Rational(value.numerator, value.denominator)
            case Constant(name=name):
                return {"pi": s.pi, "e": s.E}[name]
            case SizeOf(size=size):
                return s.Integer(size.evaluate(self.sizes))
            case Component(symbol=symbol, indices=slots):
                return self.entry(symbol, self.position(slots, at))
            case Delta(left=left, right=right):
                a, b = self.position((left, right), at)
                return s.Integer(a == b)
            case Bracket(position=position, size=size):
                return s.Integer(0 <= self.position((position,), at)[0] < size.evaluate(self.sizes))
            case Add(terms=terms):
                return s.Add(*(self.of(t, at) for t in terms))
            case Product(factors=factors):
                return self._product(factors, at)
            case Power(base=base, exponent=exponent):
                return self.of(base, at) ** self.of(exponent, at)
            case Function(head=head, arguments=(argument,)):
                return in_sympy(head.name, self.of(argument, at))
            case Sum():
                indices, body = term.opened
                ranges = (range(i.axis.size.evaluate(self.sizes)) for i in indices)
                return s.Add(
                    *(
                        self.of(body, {**at, **dict(zip(indices, p, strict=True))})
                        for p in itertools.product(*ranges)
                    )
                )
            case Piecewise(conditions=conditions, values=values, otherwise=otherwise):
                cases = [
                    (self.of(v, at), self.relation(c, at)) for c, v in zip(conditions, values, strict=True)
                ]
                return s.Piecewise(*cases, (self.of(otherwise, at), True))
            case Derivative(body=body, symbol=symbol, indices=slots):
                if symbol.name in self.scope.definitions:
                    raise NotWritten(f"a derivative by the name {symbol.name}")
                return s.diff(self.of(body, at), self.variable(symbol, self.position(slots, at)))
        raise NotWritten(f"no expression for {type(term).__name__}")

    def _product(self, factors: tuple[Term, ...], at: Mapping[Index, int]) -> Any:
        masks = [self.of(f, at) for f in factors if isinstance(f, Delta | Bracket)]
        if 0 in masks:
            return self.sympy.Integer(0)
        return self.sympy.Mul(*(self.of(f, at) for f in factors if not isinstance(f, Delta | Bracket)))

    def relation(self, relation: Relation, at: Mapping[Index, int]) -> Any:
        kinds = {"<": "Lt", "<=": "Le", ">": "Gt", ">=": "Ge", "==": "Eq", "!=": "Ne"}
        return getattr(self.sympy, kinds[relation.operator])(
            self.of(relation.left, at), self.of(relation.right, at)
        )


def is_zero(expression: Any, sympy: Any) -> bool:
    """Whether SymPy sees that this is 0, by rational arithmetic over the functions that occur."""
    if expression == 0:
        return True
    if expression.has(sympy.Piecewise) or sympy.count_ops(expression) > OPERATIONS:
        return False
    expanded = sympy.expand(expression)
    return bool(expanded == 0 or sympy.cancel(sympy.together(expanded)) == 0)


def proved(left: Term, right: Term, scope: Scope, sizes: Mapping[str, int]) -> bool:
    """Whether left = right for all entries at these sizes, by SymPy; False proves nothing."""
    indices = tuple(sorted(left.free | right.free, key=lambda i: (i.letter, i.axis.name, i.serial)))
    ranges = [range(i.axis.size.evaluate(sizes)) for i in indices]
    try:
        entries = Entries(scope, sizes)
        operations = 0
        for p in itertools.product(*ranges):
            at = dict(zip(indices, p, strict=True))
            difference = entries.of(left, at) - entries.of(right, at)
            operations += entries.sympy.count_ops(difference)
            if operations > ALTOGETHER or not is_zero(difference, entries.sympy):
                return False
    except (NotWritten, ZeroDivisionError):
        return False
    return True
