"""The value of a matrix tree at a point, computed as NumPy would compute it from the text.

A `Spread` is not carried out here: it keeps the smaller shape and leaves the rest to broadcasting, as the
text does.  So a form that lost its ones has the wrong shape here too, and the comparison with the index form
fails.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from derivations.evaluate import Point
from derivations.indices import Axis
from derivations.matrix_form.nodes import (
    Apply,
    Compare,
    Determinant,
    Diag,
    DiagonalOf,
    Equation,
    Eye,
    Inverse,
    Item,
    MatMul,
    Mean,
    MeanOver,
    Minus,
    Named,
    Node,
    Numeral,
    Ones,
    Outer,
    Plus,
    PowerOf,
    SizeNumber,
    Spread,
    SumOver,
    Times,
    Total,
    Trace,
    Transpose,
    Where,
    Whole,
    Zeros,
)
from derivations.numerics import COMPARISONS, Array, eliminated

_UNDEFINED = (ValueError, ZeroDivisionError, OverflowError)


def value_at(node: Node, point: Point) -> Array:
    """The value and the shape that the text has in NumPy; NaN where it is undefined."""
    return _Evaluation(point).value(node)


class _Evaluation:
    def __init__(self, point: Point) -> None:
        self.point = point
        self.functions = point.functions
        self.memory: dict[Node, Array] = {}

    def value(self, node: Node) -> Array:
        found = self.memory.get(node)
        if found is None:
            found = self.memory[node] = self._value(node)
        return found

    def number(self, value: int | Fraction) -> Any:
        return self.point.arithmetic.number(Fraction(value))

    def size(self, axis: Axis) -> int:
        return axis.size.evaluate(self.point.sizes)

    def filled(self, axes: Sequence[Axis], number: int) -> Array:
        shape = tuple(self.size(axis) for axis in axes)
        return Array(shape, [self.number(number)] * math.prod(shape))

    def _value(self, node: Node) -> Array:
        match node:
            case Numeral(value=value):
                return Array((), [self.number(value)])
            case Named(name=name):
                return Array((), [+getattr(self.functions, name)])
            case SizeNumber(size=size):
                return Array((), [self.number(size.evaluate(self.point.sizes))])
            case Whole(symbol=symbol):
                return self.point.array(symbol.name)
            case Item():
                return self._item(node)
            case Eye(axis=axis):
                return _diagonal(self.filled([axis], 1))
            case Ones(over=over):
                return self.filled(over, 1)
            case Zeros(over=over):
                return self.filled(over, 0)
            case Spread(of=of, position=0):
                column = self.value(of)
                return Array((*column.shape, 1), column.flat)
            case Spread(of=of):
                return self.value(of)
            case Minus(of=of):
                return self.broadcast(lambda a: -a, of)
            case Plus(terms=terms):
                return self.broadcast(lambda *row: reduce(lambda a, b: a + b, row), *terms)
            case Times(factors=factors, divisors=divisors):
                return self._quotient(factors, divisors)
            case PowerOf(base=base, exponent=exponent):
                return self.broadcast(self.point.power, base, exponent)
            case Apply(head=head, arguments=(argument,)):
                array = self.value(argument)
                return Array(array.shape, self.point.applied(head.name, array.flat))
            case Compare(operator=operator, left=left, right=right):
                holds = COMPARISONS[operator]
                return self.broadcast(lambda a, b: holds(a.real, b.real), left, right)
            case Where():
                return self._where(node)
            case Equation(left=left, right=right):
                return self.broadcast(lambda a, b: a - b, left, right)
        return self._linear(node)

    def _linear(self, node: Node) -> Array:
        match node:
            case Transpose(of=of):
                return _turned(self.value(of))
            case MatMul(factors=factors):
                return reduce(_matmul, [self.value(f) for f in factors])
            case Outer(left=left, right=right):
                a, b = self.value(left), self.value(right)
                return Array(a.shape + b.shape, [x * y for x in a.flat for y in b.flat])
            case Diag(of=of):
                return _diagonal(self.value(of))
            case DiagonalOf(of=of):
                matrix = self.value(of)
                return Array(matrix.shape[:1], matrix.flat[:: matrix.shape[1] + 1])
            case Trace(of=of):
                matrix = self.value(of)
                return Array((), [sum(matrix.flat[:: matrix.shape[1] + 1])])
            case Inverse(of=of) | Determinant(of=of):
                matrix = self.value(of)
                determinant, inverse = eliminated(matrix.flat, matrix.shape[0], self.point.arithmetic)
                return Array(matrix.shape, inverse) if isinstance(node, Inverse) else Array((), [determinant])
            case Total(of=of):
                return Array((), [sum(self.value(of).flat)])
            case Mean(of=of):
                flat = self.value(of).flat
                return Array((), [sum(flat) / self.number(len(flat))])
            case SumOver(of=of, position=position) | MeanOver(of=of, position=position):
                matrix = self.value(of)
                rows = _rows(matrix if position else _turned(matrix))
                divisor = self.number(matrix.shape[position]) if isinstance(node, MeanOver) else 1
                return Array((len(rows),), [sum(row) / divisor for row in rows])
        raise TypeError(f"no value for {type(node).__name__}")

    def _item(self, node: Item) -> Array:
        array = self.point.array(node.symbol.name)
        fixed = [None if p is None else p.evaluate(self.point.sizes) for p in node.positions]
        ranges = [range(n) if p is None else (p,) for p, n in zip(fixed, array.shape, strict=True)]
        shape = tuple(n for p, n in zip(fixed, array.shape, strict=True) if p is None)
        return Array(shape, [array[at] for at in itertools.product(*ranges)])

    def _quotient(self, factors: Sequence[Node], divisors: Sequence[Node]) -> Array:
        n = len(factors)

        def divided(*row: Any) -> Any:
            above = reduce(lambda a, b: a * b, row[:n], self.number(1))
            return reduce(lambda a, b: a / b, row[n:], above)

        return self.broadcast(divided, *factors, *divisors)

    def _where(self, node: Where) -> Array:
        n = len(node.conditions)

        def chosen(*row: Any) -> Any:
            return next((row[n + k] for k in range(n) if row[k]), row[-1])

        return self.broadcast(chosen, *node.conditions, *node.values, node.otherwise)

    def broadcast(self, operation: Callable[..., Any], *nodes: Node) -> Array:
        """The operation entry by entry, shapes brought together as NumPy does it."""
        arrays = [self.value(node) for node in nodes]
        order = max(len(a.shape) for a in arrays)
        padded = [Array((1,) * (order - len(a.shape)) + a.shape, a.flat) for a in arrays]
        shape = tuple(_common(sizes) for sizes in zip(*(a.shape for a in padded), strict=True))
        flat = []
        for at in itertools.product(*(range(n) for n in shape)):
            row = [a[tuple(p if n > 1 else 0 for p, n in zip(at, a.shape, strict=True))] for a in padded]
            try:
                flat.append(operation(*row))
            except _UNDEFINED:
                flat.append(self.point.arithmetic.nan)
        return Array(shape, flat)


def _common(sizes: Sequence[int]) -> int:
    size = next((n for n in sizes if n != 1), 1)
    if any(n not in (1, size) for n in sizes):
        raise ValueError(f"sizes {sorted(set(sizes))} do not broadcast")
    return size


def _rows(matrix: Array) -> list[list[Any]]:
    n = matrix.shape[1]
    return [matrix.flat[start : start + n] for start in range(0, len(matrix.flat), n)]


def _turned(matrix: Array) -> Array:
    return Array(matrix.shape[::-1], [v for column in zip(*_rows(matrix), strict=True) for v in column])


def _diagonal(vector: Array) -> Array:
    n = len(vector.flat)
    flat = [vector.flat[r] if r == c else 0 * vector.flat[r] for r in range(n) for c in range(n)]
    return Array((n, n), flat)


def _matmul(left: Array, right: Array) -> Array:
    if left.shape[-1] != right.shape[0]:
        raise ValueError(f"shapes {left.shape} and {right.shape} do not multiply")
    rows = _rows(left) if len(left.shape) == 2 else [left.flat]
    columns = _rows(_turned(right)) if len(right.shape) == 2 else [right.flat]
    flat = [sum(a * b for a, b in zip(row, column, strict=True)) for row in rows for column in columns]
    return Array(left.shape[:-1] + right.shape[1:], flat)
