"""Where counterexamples are looked for: simple points first, then random ones, then far out.

What a claim takes for granted shapes the search: an input that it sets is set, an equation between inputs is
made true, and every other condition says which points count.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from derivations.domains import Domain
from derivations.evaluate import Point
from derivations.indices import Index
from derivations.numerics import COMPARISONS, PRECISE, Array
from derivations.sampling import (
    UnsatisfiedFact,
    allowed,
    inputs_of,
    random_array,
    random_entry,
    satisfied,
    size_choices,
    structured_array,
)
from derivations.scope import Fact, Scope
from derivations.terms import Component, Delta, Relation, SizeOf, Sum, Symbol, Term, has_derivative, subterms

_SIMPLE = tuple(Fraction(q) for q in "0 1 -1 2 -2 1/2 -1/2 3 -3 1/4 -1/4 4 5 10".split())
_PER_SIZE = 60  # simple points tried for each choice of sizes
_HEAVY = 24  # with a derivative still to be taken
_SIZE_CHOICES = 4
_RANDOM = 6
_MAGNITUDES = (Fraction(1, 16), Fraction(1), Fraction(8))
_POWERS = (1, 2, 4, 8, 16)


class Setting:
    """A scope together with what a claim takes for granted."""

    def __init__(self, scope: Scope, given: Sequence[Relation]) -> None:
        self.scope = scope
        self.sizes: dict[str, int] = {}
        self.fixed: list[tuple[Component, Term]] = []
        self.conditions: list[Relation] = []
        # conditions on free indices, such as i != j, choose entries and not points
        self.positions: list[Relation] = []
        facts = [fact for fact in scope.facts if fact.assumed]
        for relation in given:
            if isinstance(relation.left, Delta):
                self.positions.append(relation)
            elif relation.operator != "==":
                self.conditions.append(relation)
            elif isinstance(relation.left, SizeOf) and len(relation.left.size.names) == 1:
                value = Point(scope.definitions, {}, {}, PRECISE).evaluate(relation.right)
                self.sizes[relation.left.size.names[0]] = int(value)
            elif isinstance(relation.left, Component) and self._is_setting(relation):
                self.fixed.append((relation.left, relation.right))
            else:
                facts.append(Fact(relation.left, relation.right, True))
        self.facts = tuple(facts)

    def _is_setting(self, relation: Relation) -> bool:
        left = relation.left
        assert isinstance(left, Component)
        return left.symbol.name not in self.scope.definitions and not inputs_of(
            (relation.right,), self.scope.definitions
        )

    @property
    def fixed_names(self) -> frozenset[str]:
        return frozenset(component.symbol.name for component, _ in self.fixed)

    def relevant(self, terms: Sequence[Term]) -> list[Symbol]:
        """Inputs on which these terms depend, in order of appearance."""
        known = {s.name for s in self.scope.inputs}
        return [s for s in inputs_of(terms, self.scope.definitions) if s.name in known]

    @cached_property
    def small_sizes(self) -> tuple[dict[str, int], ...]:
        """Sizes from 1, smallest first."""
        names = self.scope.sizes
        found = []
        for values in sorted(itertools.product(range(1, 4), repeat=len(names)), key=lambda v: (sum(v), v)):
            sizes = {**dict(zip(names, values, strict=True)), **self.sizes}
            if allowed(self.scope, sizes) and sizes not in found:
                found.append(sizes)
        return tuple(found[:_SIZE_CHOICES])

    @cached_property
    def usual_sizes(self) -> tuple[dict[str, int], ...]:
        choices = ({**sizes, **self.sizes} for sizes in size_choices(self.scope))
        return tuple(sizes for sizes in choices if allowed(self.scope, sizes))

    def inside(self, name: str, array: Array) -> bool:
        symbol = self.scope.symbol(name)
        return symbol is None or all(in_domain(v, symbol.domain) for v in array.flat)

    def point(self, sizes: dict[str, int], inputs: dict[str, Array]) -> Point | None:
        """The point, if what is taken for granted can be made true and is."""
        inputs = dict(inputs)
        empty = Point(self.scope.definitions, sizes, {}, PRECISE)
        for component, value in self.fixed:
            array = inputs[component.symbol.name]
            at = tuple(
                None if slot.index is not None else slot.offset.evaluate(sizes) for slot in component.indices
            )
            entry = exact(empty.evaluate(value))
            flat = [
                entry if all(p is None or p == q for p, q in zip(at, position, strict=True)) else v
                for position, v in zip(itertools.product(*map(range, array.shape)), array.flat, strict=True)
            ]
            inputs[component.symbol.name] = Array(array.shape, flat)
        try:
            inputs = satisfied(self.scope, self.facts, sizes, inputs)
        except UnsatisfiedFact:
            return None
        if not all(self.inside(name, array) for name, array in inputs.items()):
            return None
        point = Point(self.scope.definitions, sizes, inputs)
        return point if all(_counts(c, point) for c in self.conditions) else None


def exact(value: Any) -> Fraction:
    """A number of 50 digits as the fraction that it is."""
    near = Fraction(str(value)).limit_denominator(10**6)
    return (
        near
        if abs(PRECISE.number(near) - value) < PRECISE.number(Fraction(1, 10**45))
        else Fraction(str(value))
    )


def in_domain(value: Any, domain: Domain) -> bool:
    lower, upper = (None if e is None else e for e in (domain.lower, domain.upper))
    if not isinstance(value, Fraction | int):
        lower, upper = (None if e is None else PRECISE.number(e) for e in (lower, upper))
    if domain.closed:
        return (lower is None or value >= lower) and (upper is None or value <= upper)
    return (lower is None or value > lower) and (upper is None or value < upper)


def _counts(condition: Relation, point: Point) -> bool:
    # with 50 digits, so that no two machines disagree on which points count
    exact = point.using(PRECISE)
    indices = tuple(sorted(condition.free, key=lambda i: (i.letter, i.axis.name, i.serial)))
    holds = COMPARISONS[condition.operator]
    left, right = exact.table(condition.left, indices).flat, exact.table(condition.right, indices).flat
    return all(holds(a, b) for a, b in zip(left, right, strict=True))


# ---- points --------------------------------------------------------------------------------------------


def moderate_points(setting: Setting, terms: Sequence[Term]) -> Iterator[Point]:
    """Simple points, smallest first, then random ones of several magnitudes."""
    relevant = setting.relevant((*terms, *setting.conditions))
    heavy = any(has_derivative(term) for term in terms)
    for sizes in setting.small_sizes:
        yield from itertools.islice(_simple_points(setting, relevant, sizes), _HEAVY if heavy else None)
    for number, sizes in enumerate(setting.usual_sizes):
        for seed in range(len(_MAGNITUDES) if heavy else _RANDOM):
            source = random.Random(1000 * number + seed)
            factor = _MAGNITUDES[seed % len(_MAGNITUDES)]
            inputs = {
                s.name: _scaled(s, random_array(s, sizes, source), factor) for s in setting.scope.inputs
            }
            point = setting.point(sizes, inputs)
            if point is not None:
                yield point


def _scaled(symbol: Symbol, array: Array, factor: Fraction) -> Array:
    scaled = Array(array.shape, [v * factor for v in array.flat])
    fits = not symbol.domain.structure and all(in_domain(v, symbol.domain) for v in scaled.flat)
    return scaled if fits else array


def _simple_points(setting: Setting, relevant: list[Symbol], sizes: dict[str, int]) -> Iterator[Point]:
    source = random.Random(7)
    background = {s.name: random_array(s, sizes, source) for s in setting.scope.inputs if s not in relevant}
    shapes = [tuple(axis.size.evaluate(sizes) for axis in s.axes) for s in relevant]
    choices: list[list[Fraction]] = []
    for symbol, shape in zip(relevant, shapes, strict=True):
        values = [v for v in _SIMPLE if in_domain(v, symbol.domain)] or _inside(symbol.domain)
        length = len(list(itertools.product(*map(range, shape))))
        choices += [values] * length
    for entries in itertools.islice(_by_rank(choices), _PER_SIZE):
        inputs = dict(background)
        rest = list(entries)
        for symbol, shape in zip(relevant, shapes, strict=True):
            length = len(list(itertools.product(*map(range, shape))))
            flat, rest = rest[:length], rest[length:]
            try:
                inputs[symbol.name] = structured_array(symbol, shape, flat)
            except ValueError:
                break
        else:
            point = setting.point(sizes, inputs)
            if point is not None:
                yield point


def _inside(domain: Domain) -> list[Fraction]:
    """Simple values of a bounded domain that holds no small integer."""
    parts = [Fraction(n, d) for d in (2, 4, 8) for n in range(1, d, 2)]
    low = domain.lower if domain.lower is not None else Fraction(0)
    high = domain.upper if domain.upper is not None else low + 1
    return [low + (high - low) * p for p in parts]


def _by_rank(choices: list[list[Fraction]]) -> Iterator[tuple[Fraction, ...]]:
    """Combinations of values, those with the simplest values first."""
    if not choices:
        yield ()
        return
    most = sum(len(values) - 1 for values in choices)
    for rank in range(most + 1):
        for places in _places(rank, [len(values) for values in choices]):
            yield tuple(values[p] for values, p in zip(choices, places, strict=True))


def _places(rank: int, lengths: list[int]) -> Iterator[tuple[int, ...]]:
    """All ways to reach this sum with one number below each length."""
    if not lengths:
        if rank == 0:
            yield ()
        return
    for first in range(min(rank, lengths[0] - 1) + 1):
        for rest in _places(rank - first, lengths[1:]):
            yield (first, *rest)


def extreme_points(setting: Setting, terms: Sequence[Term]) -> Iterator[Point]:
    """Entries far out and close to zero, alone and together: ends of ranges are approached there."""
    relevant = setting.relevant(terms)
    for sizes in (*setting.small_sizes[:2], *setting.usual_sizes[:1]):
        source = random.Random(11)
        base = {s.name: random_array(s, sizes, source) for s in setting.scope.inputs}
        for symbol in relevant:
            length = len(base[symbol.name].flat)
            for power, sign in itertools.product(_POWERS, (1, -1)):
                for value in (
                    sign * Fraction(10) ** power,
                    sign * Fraction(1, 10**power),
                    *_near_ends(symbol.domain, power),
                ):
                    if not in_domain(value, symbol.domain):
                        continue
                    for places in dict.fromkeys(((0,), tuple(range(length)))) if length else ():
                        flat = [
                            value if n in places else random_entry(symbol.domain, source)
                            for n in range(length)
                        ]
                        inputs = {**base, symbol.name: Array(base[symbol.name].shape, flat)}
                        if symbol.domain.structure:
                            try:
                                inputs[symbol.name] = structured_array(symbol, base[symbol.name].shape, flat)
                            except ValueError:
                                continue
                        point = setting.point(sizes, inputs)
                        if point is not None:
                            yield point


def _near_ends(domain: Domain, power: int) -> tuple[Fraction, ...]:
    near = Fraction(1, 10**power)
    ends = ((domain.lower, near), (domain.upper, -near))
    return tuple(end + step for end, step in ends if end is not None)


# ---- writing a point down ------------------------------------------------------------------------------


def written(point: Point, setting: Setting, terms: Sequence[Term], at: dict[Index, int]) -> tuple[str, str]:
    """The inputs that matter, as text and as LaTeX; positions of pages count from 1."""
    texts, latex = [], []
    symbols = setting.relevant(terms)
    shown = {name for s in symbols for axis in s.axes for name in axis.size.names}
    for name in sorted(_sizes_in(terms, setting.scope) - shown):
        texts.append(f"{name} = {point.sizes[name]}")
        latex.append(f"{name} = {point.sizes[name]}")
    for symbol in symbols:
        array = point.inputs[symbol.name]
        texts.append(f"{symbol.name} = {_nested(array.flat, array.shape, plain)}")
        latex.append(f"{symbol.latex or symbol.name} = {_nested(array.flat, array.shape, latex_number)}")
    for index, position in at.items():
        texts.append(f"{index.letter} = {position + 1}")
        latex.append(f"{index.letter} = {position + 1}")
    return ", ".join(texts), r",\ ".join(latex)


def _sizes_in(terms: Sequence[Term], scope: Scope) -> set[str]:
    """Sizes on which the value depends: axes summed over, and sizes that stand as numbers."""
    found: set[str] = set()
    queue, seen = list(terms), set()
    while queue:
        for sub in subterms(queue.pop()):
            if isinstance(sub, SizeOf):
                found.update(sub.size.names)
            elif isinstance(sub, Sum):
                found.update(name for axis in sub.axes for name in axis.size.names)
            elif isinstance(sub, Component) and sub.symbol.name not in seen:
                seen.add(sub.symbol.name)
                definition = scope.definitions.get(sub.symbol.name)
                queue += [definition.body] if definition else []
    return found


def _nested(flat: list[Any], shape: tuple[int, ...], one: Any) -> str:
    if not shape:
        return str(one(flat[0]))
    width = len(flat) // shape[0]
    rows = (_nested(flat[n * width : (n + 1) * width], shape[1:], one) for n in range(shape[0]))
    return f"({', '.join(rows)})"


def plain(value: Any) -> str:
    return str(value)


def latex_number(value: Any) -> str:
    if isinstance(value, Fraction) and value.denominator != 1:
        sign = "-" if value < 0 else ""
        return rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return str(value)
