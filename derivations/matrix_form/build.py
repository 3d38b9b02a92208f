"""Sums, products and quotients of matrix nodes, with the arithmetic done that a reader expects to be done.

Numbers, signs and scalars come out to the front, like terms merge, a sum over the length of an axis becomes a
mean.  Every tree that leaves this package was built by these functions and those of `linear.py`, so the
normal form that `nodes.py` promises is kept in one place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import TypeGuard

from derivations.indices import Size
from derivations.matrix_form.nodes import (
    Axes,
    Eye,
    MatMul,
    Mean,
    MeanOver,
    Minus,
    Node,
    Numeral,
    Ones,
    Plus,
    PowerOf,
    SizeNumber,
    Spread,
    SumOver,
    Times,
    Total,
    Zeros,
)
from derivations.matrix_form.text import HALF, cost


def cheapest(candidates: Iterable[Node]) -> Node:
    """The candidate with the shortest text; the first one of those."""
    return min(candidates, key=cost)


def number(value: Fraction, text: str = "") -> Node:
    """A number of any sign; a fraction without a text of its own becomes a quotient."""
    if text:
        shown: Node = Numeral(abs(value), text.lstrip("-"))
        return Minus(shown) if value < 0 else shown
    return times([], [], value)


# ---- products and quotients -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Peeled:
    """A node taken apart: its number, its scalars, and the array that is left (None: no array)."""

    coefficient: Fraction
    scalars: tuple[Node, ...]
    divisors: tuple[Node, ...]
    core: Node | None

    def around(self, core: Node) -> Node:
        """The same number and scalars around another core."""
        return times([*self.scalars, core], self.divisors, self.coefficient)

    def times(self, coefficient: Fraction) -> Node:
        """The whole again, multiplied by a number."""
        core = [] if self.core is None else [self.core]
        return times([*self.scalars, *core], self.divisors, self.coefficient * coefficient)


def peel(node: Node) -> Peeled:
    if isinstance(node, Minus):
        inner = peel(node.of)
        return Peeled(-inner.coefficient, inner.scalars, inner.divisors, inner.core)
    factors, divisors = (node.factors, node.divisors) if isinstance(node, Times) else ((node,), ())
    coefficient = Fraction(1)
    scalars: list[Node] = []
    arrays: list[Node] = []
    under: list[Node] = []
    array_divisors: list[Node] = []
    for factor in factors:
        if _plain(factor):
            coefficient *= factor.value
        else:
            (arrays if factor.order else scalars).append(factor)
    for divisor in divisors:
        if _plain(divisor):
            coefficient /= divisor.value
        else:
            (array_divisors if divisor.order else under).append(divisor)
    core: Node | None = None
    if array_divisors or len(arrays) > 1:
        core = Times(tuple(arrays), tuple(array_divisors))
    elif arrays:
        core, negative = _positive(arrays[0])
        coefficient = -coefficient if negative else coefficient
    return Peeled(coefficient, tuple(scalars), tuple(under), core)


def _positive(core: Node) -> tuple[Node, bool]:
    """The array with a minus that all summands share taken off, and whether there was one."""
    if isinstance(core, Plus) and all(isinstance(term, Minus) for term in core.terms):
        return Plus(tuple(term.of for term in core.terms if isinstance(term, Minus))), True
    return core, False


def _plain(node: Node) -> TypeGuard[Numeral]:
    """Whether this is a number that may be combined with others; a decimal stays as its author wrote it."""
    return isinstance(node, Numeral) and not node.text


_UNIT = Fraction(1)


def times(factors: Iterable[Node], divisors: Iterable[Node] = (), coefficient: Fraction = _UNIT) -> Node:
    """The elementwise product over the elementwise divisors; arrays must have the same axes."""
    above: list[Node] = []
    below: list[Node] = []

    def collect(node: Node, up: bool) -> None:
        nonlocal coefficient
        while isinstance(node, Minus):
            coefficient, node = -coefficient, node.of
        if _plain(node) and (up or node.value):
            coefficient = coefficient * node.value if up else coefficient / node.value
        elif isinstance(node, Times):
            for factor in node.factors:
                collect(factor, up)
            for divisor in node.divisors:
                collect(divisor, not up)
        else:
            (above if up else below).append(node)

    for factor in factors:
        collect(factor, True)
    for divisor in divisors:
        collect(divisor, False)
    if coefficient == 0:
        return Numeral(Fraction(0))
    if len(above) + len(below) > 1 or abs(coefficient) != 1:
        for nodes in (above, below):
            for place, (node, negative) in enumerate(map(_positive, list(nodes))):
                nodes[place] = node
                coefficient = -coefficient if negative else coefficient
    above, below = _cancelled(*_with_means(above, below))
    above, below = _without_ones(_with_powers(above), below), _with_powers(below)
    scalars = sorted((node for node in above if not node.order), key=lambda s: not isinstance(s, SizeNumber))
    arrays = sorted((node for node in above if node.order), key=_side)
    value = abs(coefficient)
    if value.numerator != 1 or not (above or below or value.denominator != 1):
        scalars.insert(0, Numeral(Fraction(value.numerator)))
    if value.denominator != 1:
        below.insert(0, Numeral(Fraction(value.denominator)))
    if not below and len(scalars) + len(arrays) == 1:
        built = (scalars + arrays)[0]
    else:
        built = Times(tuple(scalars + arrays), tuple(below))
    return minus(built) if coefficient < 0 else built


def _side(node: Node) -> int:
    """Rows are scaled from the left and columns from the right, as a diagonal matrix would do it."""
    if isinstance(node, PowerOf):
        node = node.base
    if isinstance(node, Spread) and node.position is not None:
        return 2 * node.position - 1
    return 0


def _with_powers(nodes: list[Node]) -> list[Node]:
    """Equal factors as a power; of a root, the radicand."""
    counts: dict[Node, int] = {}
    for node in nodes:
        counts[node] = counts.get(node, 0) + 1
    return [
        raised(node, n) if n > 1 and not isinstance(node, Eye | Ones) else node for node, n in counts.items()
    ]


def raised(base: Node, exponent: Fraction | int) -> Node:
    """The base to a positive power; a square of a root is the radicand, since it has a value only there."""
    if exponent == 1 or isinstance(base, Ones):
        return base
    if isinstance(base, PowerOf) and base.exponent == HALF and exponent == 2:
        return base.base
    return PowerOf(base, number(Fraction(exponent)))


def _cancelled(above: list[Node], below: list[Node]) -> tuple[list[Node], list[Node]]:
    """Scalars above and below a stroke cancel: they meet where the inverse of `c A` became `A^-1 / c`."""
    for n, upper in enumerate(above):
        for m, lower in enumerate(below):
            (base, p), (other, q) = _as_power(upper), _as_power(lower)
            if base != other or base.order:
                continue
            above, below = above[:n] + above[n + 1 :], below[:m] + below[m + 1 :]
            if p != q:
                (above if p > q else below).append(raised(base, abs(p - q)))
            return _cancelled(above, below)
    return above, below


def _as_power(node: Node) -> tuple[Node, Fraction]:
    if isinstance(node, PowerOf) and isinstance(node.exponent, Numeral) and not node.exponent.text:
        return node.base, node.exponent.value
    return node, _UNIT


def _without_ones(above: list[Node], below: list[Node]) -> list[Node]:
    """Arrays of ones left out where another array keeps the shape."""
    others = any(n.order and not isinstance(n, Ones) for n in [*above, *below] if not isinstance(n, Spread))
    return [n for n in above if not isinstance(n, Ones)] if others else above


def _with_means(above: list[Node], below: list[Node]) -> tuple[list[Node], list[Node]]:
    """A sum over the length of what it sums over is a mean."""
    for position, node in enumerate(above):
        for used, size in _divisor_sets(below):
            mean = _as_mean(node, size)
            if mean is not None:
                rest = [d for n, d in enumerate(below) if n not in used]
                return _with_means([*above[:position], mean, *above[position + 1 :]], rest)
    return above, below


def _divisor_sets(below: list[Node]) -> list[tuple[tuple[int, ...], Size]]:
    """Places of divisors that are lengths, one or two at a time, and what they multiply to."""
    lengths = [(n, d.size) for n, d in enumerate(below) if isinstance(d, SizeNumber)]
    pairs = [((a, b), first * second) for (a, first), (b, second) in combinations(lengths, 2)]
    return [*(((n,), size) for n, size in lengths), *pairs]


def _as_mean(node: Node, size: Size) -> Node | None:
    match node:
        case Total(of=of) if _entries(of.axes) == size:
            return Mean(of)
        case SumOver(of=of, position=position) if of.axes[position].size == size:
            return MeanOver(of, position)
        case MatMul(factors=(left, right)) if left.order == right.order == 1 and left.axes[0].size == size:
            return Mean(times([left, right]))
        case Spread(of=of, over=over, position=position):
            inner = _as_mean(of, size)
            return None if inner is None else Spread(inner, over, position)
    return None


def _entries(axes: Axes) -> Size:
    size = Size.of(1)
    for axis in axes:
        size = size * axis.size
    return size


def minus(node: Node) -> Node:
    """The negative; a difference is turned round instead."""
    if isinstance(node, Minus):
        return node.of
    if isinstance(node, Plus) and any(isinstance(term, Minus) for term in node.terms):
        return cheapest([Minus(node), plus([minus(term) for term in node.terms])])
    return Minus(node)


def plus(terms: Iterable[Node], keep_order: bool = False) -> Node:
    """The sum of terms with the same axes.

    Unless the order is an author's, like terms are merged and a positive one comes first.
    """
    flat: list[Node] = []
    for term in terms:
        flat += term.terms if isinstance(term, Plus) else [term]
    if not keep_order:
        flat = _merged(flat)
    if not keep_order and isinstance(flat[0], Minus):
        first = next((n for n, term in enumerate(flat) if not isinstance(term, Minus)), 0)
        flat.insert(0, flat.pop(first))
    return flat[0] if len(flat) == 1 else Plus(tuple(flat))


def _merged(terms: list[Node]) -> list[Node]:
    """Like terms as one; at least one term is left."""
    coefficients: dict[Peeled, Fraction] = {}
    first: dict[Peeled, Node] = {}
    for term in terms:
        peeled = peel(term)
        like = replace(peeled, coefficient=_UNIT)
        coefficients[like] = coefficients.get(like, Fraction(0)) + peeled.coefficient
        first.setdefault(like, term)
    if len(first) == len(terms):
        return terms
    kept = [like.times(c) for like, c in coefficients.items() if c]
    axes = terms[0].axes
    return kept or [Zeros(axes) if axes else Numeral(Fraction(0))]


# ---- shapes -----------------------------------------------------------------------------------------------


def spread(node: Node, over: Axes, position: int | None = None) -> Node:
    """`node` repeated to the axes `over`; number, sign and scalars stay outside."""
    if not node.order:
        negative = isinstance(node, Minus)
        repeated = Spread(node.of if isinstance(node, Minus) else node, over)
        return Minus(repeated) if negative else repeated
    peeled = peel(node)
    core = peeled.core
    assert core is not None, "an array has an array to spread"
    if isinstance(core, Times) and core.divisors:
        below = [Spread(d, over, position) for d in core.divisors]
        above = [Spread(times(core.factors), over, position)] if core.factors else []
        return times([*peeled.scalars, *above], [*peeled.divisors, *below], peeled.coefficient)
    return peeled.around(Spread(core, over, position))
