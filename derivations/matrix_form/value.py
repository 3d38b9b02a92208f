"""A matrix node together with the indices that its axes stand for, which exists while a form is recovered.

Here are the operations on such values that need no search: turning a matrix round, bringing values to common
indices, and combining them entry by entry.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from derivations.indices import Index
from derivations.matrix_form.build import plus, spread, times
from derivations.matrix_form.linear import diagonal_of, outer, transpose
from derivations.matrix_form.nodes import Node, Numeral, Ones, Zeros
from derivations.matrix_form.text import cost
from derivations.words import Text

Indices = tuple[Index, ...]


class NoForm(Exception):
    """The term, or this way of writing it, has no matrix form; `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def too_many(indices: Iterable[Index]) -> NoForm:
    letters = sorted(i.letter for i in indices)
    shown = ", ".join(letters)
    return NoForm(
        Text(
            en=f"{len(letters)} indices meet in one place ({shown}), and a matrix has two",
            zh=f"同一处出现了 {len(letters)} 个指标（{shown}），而矩阵只有两个",
        )
    )


@dataclass(frozen=True)
class Value:
    """`node` with one index for each of its axes; the indices differ from each other."""

    indices: Indices
    node: Node

    @property
    def turned(self) -> "Value":
        """The same value with its indices in the other order."""
        return Value(self.indices[::-1], transpose(self.node))

    def at(self, old: Index, new: Index) -> "Value":
        """The value with one index replaced; where both are the same now, the diagonal is left."""
        indices = tuple(new if i == old else i for i in self.indices)
        if len(indices) == 2 and indices[0] == indices[1]:
            return Value(indices[:1], diagonal_of(self.node))
        return Value(indices, self.node)


def with_indices(indices: Sequence[Index], node: Node) -> Value:
    """The value of a node whose axes have these indices, one of which may stand twice."""
    if len(indices) > 2:
        raise too_many(indices)
    if len(indices) == 2 and indices[0] == indices[1]:
        return Value((indices[0],), diagonal_of(node))
    return Value(tuple(indices), node)


def union(values: Iterable[Value]) -> Indices:
    """The indices of all values, at most two."""
    found = tuple(dict.fromkeys(i for value in values for i in value.indices))
    if len(found) > 2:
        raise too_many(found)
    return found


def aligned(value: Value, indices: Indices, scalars_too: bool = False) -> Node:
    """The node over these indices; vectors are repeated to matrices, scalars only on demand."""
    if value.indices == indices:
        return value.node
    if len(value.indices) == 2:
        return transpose(value.node)
    axes = tuple(i.axis for i in indices)
    if value.indices:
        return spread(value.node, axes, indices.index(value.indices[0]))
    return spread(value.node, axes) if scalars_too else value.node


def cheapest(values: Iterable[Value], wanted: Indices = ()) -> Value:
    """The value with the shortest text; where the order of the indices is wanted, the text in that order."""

    def measured(value: Value) -> int:
        turned = value.indices != wanted and set(value.indices) == set(wanted)
        return cost(transpose(value.node) if turned else value.node)

    return min(values, key=measured)


def elementwise(
    values: Sequence[Value], combine: Callable[[list[Node]], Node], scalars_too: bool = False
) -> Value:
    """`combine` applied to the nodes over common indices, in the orientation that reads shorter."""
    indices = union(values)
    orders = [indices] if len(indices) < 2 else [indices, indices[::-1]]
    return cheapest(
        Value(order, combine([aligned(v, order, scalars_too) for v in values])) for order in orders
    )


def sum_of(values: Sequence[Value], keep_order: bool = False) -> Value:
    return elementwise(values, lambda nodes: plus(nodes, keep_order), scalars_too=True)


def product_of(values: Sequence[Value]) -> Value:
    return elementwise(values, times)


def filled(value: Value, indices: Indices) -> Node:
    """The node over exactly these indices, of exactly that shape: what misses one is multiplied by ones."""
    missing = [i for i in indices if i not in value.indices]
    if not missing:
        return aligned(value, indices)
    axes = tuple(i.axis for i in indices)
    if not value.indices:
        if value.node == Numeral(Fraction(0)):
            return Zeros(axes)
        return times([value.node, Ones(axes)])
    ones = Ones((missing[0].axis,))
    return outer(value.node, ones) if indices[0] == value.indices[0] else outer(ones, value.node)
