"""Which nodes get a line of their own, in which order, and under which names.

Arguments stand before what uses them.  A node gets a name if it is used more than once, or if it is a name of
the formula; everything else is written where it is used.  The printer breaks what grows too long to read.
"""

from collections import Counter
from dataclasses import dataclass

from derivations.codegen.graph import Node, walk

TRIVIAL = frozenset({"input", "number", "identity", "expand", "permute", "negate", "full"})


@dataclass(frozen=True)
class Schedule:
    """Named nodes in order, each with its name; the last one is the result, which has none."""

    lines: tuple[tuple[str, Node], ...]
    result: Node


def scheduled(result: Node, hints: dict[Node, str], taken: set[str], spellings: dict[str, str]) -> Schedule:
    """`taken` are names in use, and those given here join them; `spellings` are for what has no hint."""
    nodes = walk(result)
    uses = Counter(argument for node in nodes for argument in node.arguments)
    names: dict[Node, str] = {}
    for node in nodes:
        if node is result:
            continue
        if node.operation in TRIVIAL:
            # a view is written anew where it is needed, an array below it is not
            continue
        if uses[node] > 1 or node in hints:
            names[node] = unused(hints.get(node) or proposal(node, spellings), taken)
    return Schedule(tuple((names[n], n) for n in nodes if n in names), result)


def proposal(node: Node, spellings: dict[str, str]) -> str:
    key = node.data[0] if node.operation == "apply" else node.operation
    return spellings.get(key, "t")


def unused(name: str, taken: set[str]) -> str:
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    taken.add(found)
    return found
