"""The graph of array operations: equal operations on equal arguments are one node.

Core axes stand last; whatever stands before them is a batch and broadcasts, so no node knows of it.  A node
is given axes of length 1 where something larger needs it; a scalar that meets an array keeps such an axis.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from derivations.indices import Index, Size
from derivations.terms import SizeOf, Term


@dataclass(frozen=True, eq=False)
class Node:
    """One array operation.  `axes` counts core axes; None marks a plain number, which goes with any shape."""

    operation: str
    arguments: tuple["Node", ...] = ()
    data: tuple[Any, ...] = ()
    axes: int | None = None
    serial: int = field(default=0, repr=False)

    @property
    def plain(self) -> bool:
        return self.axes is None


Operand = tuple[Node, tuple[Index, ...]]

ELEMENTWISE = frozenset(
    {"apply", "add", "multiply", "divide", "negate", "power", "where", "where_nan", "compare"}
)
REDUCTIONS = frozenset({"sum", "mean", "maximum", "log_of_shifted_sum", "largest_magnitude"})


class Graph:
    """Nodes, each operation on the same arguments once."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[Any, ...], Node] = {}
        self.hints: dict[Node, str] = {}

    def node(
        self, operation: str, *arguments: Node, data: tuple[Any, ...] = (), axes: int | None = None
    ) -> Node:
        serials = [a.serial for a in arguments]
        key = (operation, tuple(sorted(serials) if operation == "multiply" else serials), data, axes)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = Node(operation, arguments, data, axes, len(self._nodes) + 1)
        return found

    def elementwise(self, operation: str, *arguments: Node, data: tuple[Any, ...] = ()) -> Node:
        """An operation entry by entry; the arguments have equal axes or are plain numbers."""
        ranks = {a.axes for a in arguments if not a.plain}
        assert len(ranks) <= 1, "elementwise operands are aligned before"
        return self.node(operation, *arguments, data=data, axes=ranks.pop() if ranks else None)

    def named(self, node: Node, name: str) -> Node:
        if node.operation != "input" and not node.plain:
            self.hints.setdefault(node, name)
        return node

    # ---- axes

    def fitted(self, operand: Operand, target: tuple[Index, ...]) -> Node:
        """The array with the axes of the target, length 1 where the operand does not have them."""
        node, indices = operand
        if node.plain or indices == target:
            return node
        if not indices:
            node = self._kept(node)
            return node if len(target) == 1 else self._view(node, (0,) + (None,) * (len(target) - 1))
        return self._view(node, tuple(indices.index(i) if i in indices else None for i in target))

    def _view(self, node: Node, sources: tuple[int | None, ...]) -> Node:
        """Axes reordered, and axes of length 1 put in; `sources` tells which old axis each new one is."""
        order = tuple(s for s in sources if s is not None)
        if order != tuple(range(len(order))):
            if node.operation == "permute":
                order = tuple(node.data[0][s] for s in order)
                (node,) = node.arguments
            if order != tuple(range(len(order))):
                node = self.node("permute", node, data=(order,), axes=node.axes)
        if None in sources:
            pattern = tuple(s is not None for s in sources)
            node = self.node("expand", node, data=(pattern,), axes=len(sources))
        return node

    def _kept(self, node: Node) -> Node:
        """A scalar with one axis of length 1, made by the reduction that it comes from where there is one."""
        if node.plain:
            return node
        if node.operation in REDUCTIONS and node.data == (-1, False):
            kept = self.node(node.operation, *node.arguments, data=(-1, True), axes=1)
        elif node.operation in ELEMENTWISE:
            arguments = [self._kept(a) for a in node.arguments]
            kept = self.elementwise(node.operation, *arguments, data=node.data)
        else:
            kept = self.node("expand", node, data=((False,),), axes=1)
        if node in self.hints and kept.operation != "expand":
            self.hints.setdefault(kept, self.hints[node])
        return kept


def inputs_below(node: Node) -> frozenset[str]:
    if node.operation == "input":
        return frozenset(node.data)
    return frozenset().union(*(inputs_below(argument) for argument in node.arguments))


def walk(node: Node) -> list[Node]:
    """The node and everything below it, arguments first, each once."""
    found: dict[Node, None] = {}

    def visit(current: Node) -> None:
        if current not in found:
            for argument in current.arguments:
                visit(argument)
            found[current] = None

    visit(node)
    return list(found)


def sizes_of(node: Node) -> tuple[str, ...]:
    """Size names that the operations below read."""
    found: dict[str, None] = {}
    for current in walk(node):
        for item in current.data:
            for size in _sizes_in(item):
                found.update(dict.fromkeys(size.names))
    return tuple(found)


def _sizes_in(item: Any) -> Iterable[Size]:
    if isinstance(item, Size):
        yield item
    elif isinstance(item, SizeOf):
        yield item.size
    elif isinstance(item, Term):
        for child in item.children:
            yield from _sizes_in(child)
    elif isinstance(item, tuple):
        for part in item:
            yield from _sizes_in(part)
