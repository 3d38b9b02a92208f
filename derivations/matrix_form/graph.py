"""A product summed over some indices, as a graph: its factors are the nodes, shared indices the edges.

Parallel factors become Hadamard products, dead ends matrix times vector, paths matrix products, cycles
traces, and what is left on the free indices scalings and outer products.  Where two reductions are possible
both are tried, and the shorter text wins: no fixed order of reductions reads well for every formula.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice

from derivations.indices import Index
from derivations.matrix_form.build import peel, times
from derivations.matrix_form.linear import diag, matmul, outer, sum_over, total, trace
from derivations.matrix_form.nodes import Eye, Node, Ones, SizeNumber
from derivations.matrix_form.value import Indices, NoForm, Value, cheapest, product_of, too_many
from derivations.words import Text

_TRIED = 48  # complete reductions of one product that are compared
_SEEN = 400  # graphs on the way to them

_NO_PATH = Text(
    en="the factors of a sum do not form a path or a cycle of matrices",
    zh="求和式中的各因子无法连成矩阵的路径或回路",
)


@dataclass(frozen=True)
class _Graph:
    """What is left of a product: scalars, factors with indices, and the indices still summed over."""

    scalars: tuple[Node, ...]
    factors: tuple[Value, ...]
    summed: Indices

    def at(self, index: Index) -> list[Value]:
        return [f for f in self.factors if index in f.indices]

    def replaced(self, gone: Iterable[Value], new: Value, *done: Index) -> "_Graph":
        """The graph with one value instead of some, in the place of the first; `done` are summed over now."""
        gone = list(gone)
        scalars, arrays = list(self.scalars), []
        placed = False
        for factor in self.factors:
            if not any(factor is g for g in gone):
                arrays.append(factor)
            elif not placed:
                placed = True
                more, array = _split(new)
                scalars += more
                arrays += array
        return _Graph(tuple(scalars), tuple(arrays), tuple(i for i in self.summed if i not in done))


def contracted(factors: list[Value], summed: Indices, wanted: Indices = ()) -> Value:
    """The product of the factors, summed over these indices, for a result with the `wanted` indices."""
    parts = [_split(factor) for factor in factors]
    graph = _Graph(
        tuple(scalar for scalars, _ in parts for scalar in scalars),
        tuple(array for _, arrays in parts for array in arrays),
        summed,
    )
    found = list(islice(_reduced(graph, set()), _TRIED))
    if not found:
        free = {i for f in graph.factors for i in f.indices}.difference(summed)
        raise too_many(free) if len(free) > 2 else NoForm(_NO_PATH)
    return cheapest(found, wanted)


def _split(value: Value) -> tuple[list[Node], list[Value]]:
    """The scalars of a value, and the array without them."""
    if not value.indices:
        return [value.node], []
    peeled = peel(value.node)
    assert peeled.core is not None, "what has indices has an array"
    scalars = [times(peeled.scalars, peeled.divisors, peeled.coefficient)]
    return (scalars if peeled.core != value.node else []), [Value(value.indices, peeled.core)]


def _reduced(graph: _Graph, seen: set[_Graph]) -> Iterator[Value]:
    """Every complete reduction, the usual ones first; what was reduced before is not reduced again."""
    if graph in seen or len(seen) > _SEEN:
        return
    seen.add(graph)
    step = _sifted(graph) or _unused(graph)
    if step is not None:
        yield from _reduced(step, seen)
        return
    eye = next((f for f in graph.factors if isinstance(f.node, Eye)), None)
    if eye is not None:
        yield from _diagonal(graph, eye, seen)
        return
    for reduction in (_parallel, _dead_ends, _lone, _paths, _absorbed):
        choices = reduction(graph)
        if choices:
            for choice in choices:
                yield from _reduced(choice, seen)
            return
    if not graph.summed:
        yield from _combined(graph)


# ---- identities, and indices that nothing has -------------------------------------------------------------


def _sifted(graph: _Graph) -> _Graph | None:
    """An identity on a summed index puts its other index in the place of that one."""
    for factor in graph.factors:
        if isinstance(factor.node, Eye):
            for old, new in (factor.indices, factor.indices[::-1]):
                if old in graph.summed:
                    moved = [f.at(old, new) for f in graph.factors if f is not factor]
                    if new not in graph.summed and not any(new in f.indices for f in moved):
                        moved.append(Value((new,), Ones((new.axis,))))
                    return _Graph(graph.scalars, tuple(moved), tuple(i for i in graph.summed if i != old))
    return None


def _unused(graph: _Graph) -> _Graph | None:
    """A sum over an index that nothing has multiplies by the length of its axis."""
    for index in graph.summed:
        if not graph.at(index):
            rest = tuple(i for i in graph.summed if i != index)
            return _Graph((*graph.scalars, SizeNumber(index.axis.size)), graph.factors, rest)
    return None


def _diagonal(graph: _Graph, eye: Value, seen: set[_Graph]) -> Iterator[Value]:
    """An identity on two free indices leaves the diagonal of everything else, which is a vector over them.

    What still has an index of its own would be of order 3, and no matrix.
    """
    kept, other = eye.indices
    rest = tuple(f.at(other, kept) for f in graph.factors if f is not eye)
    for value in _reduced(_Graph(graph.scalars, rest, graph.summed), seen):
        if value.indices == (kept,):
            yield Value((kept, other), diag(value.node))
        elif not value.indices:
            yield Value((kept, other), times([value.node, eye.node]))


# ---- reductions: each answers with the graphs among which the text chooses --------------------------------


def _parallel(graph: _Graph) -> list[_Graph]:
    """Factors with the same indices: a Hadamard product, or where nothing else has them a number."""
    for first, second in combinations(graph.factors, 2):
        if set(first.indices) != set(second.indices):
            continue
        group = [f for f in graph.factors if set(f.indices) == set(first.indices)]
        alone = all(i in graph.summed and len(graph.at(i)) == len(group) for i in first.indices)
        merged = product_of(group)
        choices = [graph.replaced(group, merged)]
        if alone and len(first.indices) == 1:
            for place in (len(group) - 1, 1):
                left, right = product_of(group[:place]), product_of(group[place:])
                inner = Value((), matmul([left.node, right.node]))
                choices.append(graph.replaced(group, inner, *first.indices))
        elif alone and len(group) == 2:
            right = second if second.indices == first.indices[::-1] else second.turned
            choices.append(
                graph.replaced(group, Value((), trace(matmul([first.node, right.node]))), *first.indices)
            )
        return choices
    return []


def _dead_ends(graph: _Graph) -> list[_Graph]:
    """A vector whose summed index only one matrix shares: matrix times vector."""
    choices = []
    for index in graph.summed:
        ends = sorted(graph.at(index), key=lambda f: len(f.indices))
        if [len(f.indices) for f in ends] == [1, 2]:
            vector, matrix = ends[0], _ending_in(index, ends[1])
            found = Value(matrix.indices[:1], matmul([matrix.node, vector.node]))
            choices.append(graph.replaced(ends, found, index))
    return choices


def _lone(graph: _Graph) -> list[_Graph]:
    """A summed index that only one factor has: a sum of that factor."""
    for index in graph.summed:
        factors = graph.at(index)
        if len(factors) == 1:
            (factor,) = factors
            if len(factor.indices) == 1:
                return [graph.replaced(factors, Value((), total(factor.node)), index)]
            place = factor.indices.index(index)
            found = Value((factor.indices[1 - place],), sum_over(factor.node, place))
            return [graph.replaced(factors, found, index)]
    return []


def _paths(graph: _Graph) -> list[_Graph]:
    """A summed index that exactly two matrices share: their product."""
    choices = []
    for index in graph.summed:
        factors = graph.at(index)
        if [len(f.indices) for f in factors] == [2, 2]:
            left, right = _ending_in(index, factors[0]), _ending_in(index, factors[1]).turned
            straight = Value((left.indices[0], right.indices[1]), matmul([left.node, right.node]))
            found = cheapest([straight, straight.turned])
            choices.append(graph.replaced(factors, found, index))
    return choices


def _absorbed(graph: _Graph) -> list[_Graph]:
    """A vector on a summed index that several matrices share scales the rows or columns of one of them."""
    for index in graph.summed:
        factors = graph.at(index)
        vectors = [f for f in factors if len(f.indices) == 1]
        if vectors:
            pairs = [(vectors[0], f) for f in factors if len(f.indices) == 2]
            return [graph.replaced(pair, product_of(pair)) for pair in pairs]
    return []


def _combined(graph: _Graph) -> Iterator[Value]:
    """What is left on at most two free indices, nothing being summed any more."""
    indices = tuple(dict.fromkeys(i for f in graph.factors for i in f.indices))
    if len(indices) > 2:
        return
    if len(indices) == 2 and all(len(f.indices) == 1 for f in graph.factors):
        left, right = (product_of([f for f in graph.factors if f.indices == (i,)]).node for i in indices)
        yield Value(indices, times([*graph.scalars, outer(left, right)]))
    elif indices:
        product = product_of(graph.factors)
        yield Value(product.indices, times([*graph.scalars, product.node]))
    else:
        yield Value((), times(graph.scalars))


def _ending_in(index: Index, matrix: Value) -> Value:
    return matrix if matrix.indices[1] == index else matrix.turned
