"""Points for evidence: sizes that tell axes apart, random exact values that respect domains and facts.

Values are fractions from `random.Random(seed)`, so that every machine checks the same points.  Points where
the assumed facts are false are made here too: there an error shows that a fact would have hidden.
"""

import itertools
import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from derivations.domains import POSITIVE, REAL, Domain
from derivations.evaluate import Offset, Point
from derivations.indices import Size
from derivations.numerics import EXACT, FLOAT, PRECISE, Arithmetic, Array, eliminated, finite
from derivations.scope import Definitions, Fact, Scope
from derivations.terms import Component, Symbol, Term, subterms, symbols

_GRAIN = 1024  # binary, so that floats hold the same values
_ROUNDS = 4
_CLOSE = Fraction(1, 10**30)  # what 50 digits cannot tell from 0
_ATTEMPTS = 48
_STRIDE = 1000  # between the seeds of one attempt and the next
_ENTRIES = 1500  # of one array, and
_NEARLY_SINGULAR = 1e-4
_LOOKED_AT = 60  # choices of sizes
_DOMINANT = 16  # added to the diagonal of a matrix that is shifted
_PAIRS = 20000  # of a derivative of one by another: more are too many to look at


class UnsatisfiedFact(ValueError):
    """No values were found for which an assumed fact holds."""


# ---- sizes -----------------------------------------------------------------------------------------------


def size_choices(scope: Scope) -> tuple[dict[str, int], ...]:
    """Values of the sizes: all different, all different another way, and each size 1 where it may be.

    Different sizes show a lost transpose; size 1 shows what holds only for longer axes.
    """
    names = scope.sizes
    if not names:
        return (shorter_lengths(scope, {}),)
    spread = _different(scope)
    first = spread[0]
    # The second turns the order round: wide where the first is tall.
    choices = [first, *sorted(spread[1:], key=lambda c: -_turned(first, c))[:1]]
    for name in names:
        shortened = ({**sizes, name: 1} for sizes in spread)
        single = next((c for c in shortened if allowed(scope, c) and _has_inverses(scope, c)), None)
        if single is not None and single not in choices:
            choices.append(single)
    return tuple({**sizes, **shorter_lengths(scope, sizes)} for sizes in choices)


def shorter_lengths(scope: Scope, sizes: Mapping[str, int]) -> dict[str, int]:
    """What to take for fixed lengths, as `{"10000": 4}`, where arrays would be too large to look at.

    Lengths keep their order, and differences up to 2; a formula with calculated positions keeps its lengths.
    """
    symbols = (*scope.inputs, *(d.symbol for d in scope.definitions))
    entries = [math.prod(axis.size.evaluate(sizes) for axis in symbol.axes) for symbol in symbols]
    if max(entries, default=1) <= _ENTRIES and math.prod(sorted(entries)[-2:]) <= _PAIRS:
        return {}
    if any(slot.index is None for d in scope.definitions for sub in subterms(d.body) for slot in sub.slots):
        return {}
    fixed = sorted({n for n in (length.constant for length in _lengths(scope)) if n is not None})
    shorter: dict[str, int] = {}
    last, length = 0, 0
    for n in fixed:
        length += max(1, min(n - last, 2)) if last else min(n, 3)
        last = n
        if length < n:
            shorter[str(n)] = length
    return shorter


def allowed(scope: Scope, sizes: Mapping[str, int]) -> bool:
    """Whether every axis has at least one entry and the bounds of the formula hold."""
    least = dict(scope.at_least)
    return all(sizes[name] >= max(1, least.get(name, 1)) for name in scope.sizes) and all(
        length.evaluate(sizes) >= 1 for length in _lengths(scope)
    )


def _lengths(scope: Scope) -> tuple[Size, ...]:
    symbols = (*scope.inputs, *(d.symbol for d in scope.definitions))
    return tuple(dict.fromkeys(axis.size for symbol in symbols for axis in symbol.axes))


def _has_inverses(scope: Scope, sizes: Mapping[str, int]) -> bool:
    """Whether matrices that are inverted are regular at these sizes; X X^T is not if X is tall."""
    if not any(definition.operation for definition in scope.definitions):
        return True
    try:
        return any(regular(random_point(scope, sizes, seed)) for seed in (1, 2, 3))
    except UnsatisfiedFact:
        return True


def regular(point: Point) -> bool:
    """Whether no matrix of an inverse or determinant is nearly singular, by its determinant over its rows."""
    for definition in point.definitions:
        if not definition.operation:
            continue
        matrices = point.matrices(definition)
        n = matrices.shape[-1]
        for block in _rows(matrices.flat, n * n):
            lengths = [math.sqrt(sum(abs(v) ** 2 for v in row)) for row in _rows(block, n)]
            determinant, _ = eliminated(block, n, point.arithmetic)
            if not finite(determinant) or abs(determinant) <= _NEARLY_SINGULAR * math.prod(lengths):
                return False
    return True


def _different(scope: Scope) -> list[dict[str, int]]:
    names = scope.sizes
    largest = max([0, *(least for _, least in scope.at_least)])
    # 3 before 2: on an axis of length 2 a mean and a difference say the same
    pool = (3, 2, *range(4, 4 + len(names) + largest + 4))
    for width in range(len(names) + 1, len(pool) + 1):
        tried = (dict(zip(names, v, strict=True)) for v in itertools.permutations(pool[:width], len(names)))
        found = [sizes for sizes in tried if allowed(scope, sizes)]
        if any(definition.operation for definition in scope.definitions):
            fits = [sizes for sizes in found[:_LOOKED_AT] if _has_inverses(scope, sizes)]
            found = fits or found[: width == len(pool)]
        if found:
            return found
    raise ValueError(f"no sizes up to {pool[-1]} give every axis at least one entry")


def _turned(first: Mapping[str, int], second: Mapping[str, int]) -> int:
    """How many pairs of sizes stand the other way round."""
    pairs = itertools.combinations(first, 2)
    return sum((first[a] < first[b]) != (second[a] < second[b]) for a, b in pairs)


# ---- values ----------------------------------------------------------------------------------------------


def random_point(
    scope: Scope,
    sizes: Mapping[str, int],
    seed: int,
    arithmetic: Arithmetic = FLOAT,
    satisfy_facts: bool = True,
) -> Point:
    """Random inputs in their domains; every assumed fact holds, or with `satisfy_facts=False` none does."""
    source = random.Random(seed)
    assumed = tuple(fact for fact in scope.facts if fact.assumed)
    inputs: dict[str, Array] = {}
    for symbol in scope.inputs:
        inputs[symbol.name] = random_array(symbol, sizes, source, structured=satisfy_facts)
    if satisfy_facts:
        inputs = satisfied(scope, assumed, sizes, inputs)
    else:
        for fact in assumed:
            if holds(fact, Point(scope.definitions, sizes, inputs, PRECISE)):
                raise UnsatisfiedFact("an assumed fact holds at every point, so it is no assumption")
    return Point(scope.definitions, sizes, inputs, arithmetic)


def defined_point(
    scope: Scope, sizes: Mapping[str, int], seed: int, names: Iterable[str], satisfy_facts: bool = True
) -> Point | None:
    """A random point at which these names have values: other draws are tried, then positive numbers only."""
    names = tuple(names)
    for narrowed in (scope, _positive(scope)):
        for attempt in range(_ATTEMPTS):
            point = random_point(narrowed, sizes, seed + _STRIDE * attempt, satisfy_facts=satisfy_facts)
            if all(finite(v) for name in names for v in point.array(name).flat) and regular(point):
                return point
    return None


def _positive(scope: Scope) -> Scope:
    """The same scope with every free real number positive: there logarithms and roots have values."""
    return replace(
        scope, inputs=tuple(replace(s, domain=POSITIVE) if s.domain == REAL else s for s in scope.inputs)
    )


def random_array(
    symbol: Symbol, sizes: Mapping[str, int], source: random.Random, structured: bool = True
) -> Array:
    """Values in the symbol's domain; a simplex only sums to 1 when `structured`."""
    shape = tuple(axis.size.evaluate(sizes) for axis in symbol.axes)
    flat = [random_entry(symbol.domain, source) for _ in range(math.prod(shape))]
    return structured_array(symbol, shape, flat) if structured else _unstructured(symbol, shape, flat)


def structured_array(symbol: Symbol, shape: tuple[int, ...], flat: list[Fraction]) -> Array:
    """The entries made to fit: rows that sum to 1, a symmetric or a positive definite matrix."""
    if symbol.domain.structure == "simplex" and shape:
        rows = _rows(flat, shape[-1])
        if any(sum(row) == 0 for row in rows):
            raise ValueError(f"{symbol.name}: a row of zeros cannot be made to sum to 1")
        return Array(shape, [v / sum(row) for row in rows for v in row])
    return _unstructured(symbol, shape, flat)


def _unstructured(symbol: Symbol, shape: tuple[int, ...], flat: list[Fraction]) -> Array:
    if symbol.symmetric:
        return Array(shape, _symmetric(flat, shape, symbol.domain.structure == "positive_definite"))
    return Array(shape, flat)


def random_entry(domain: Domain, source: random.Random) -> Fraction:
    """A fraction inside the domain, away from its ends and from 0."""
    part = Fraction(source.randint(_GRAIN // 8, _GRAIN - _GRAIN // 8), _GRAIN)
    sign = 1 if source.random() < 0.5 else -1
    if domain.structure == "integer":
        low = 0 if domain.lower is None else math.ceil(domain.lower)
        return Fraction(low + source.randrange(4 if domain.upper is None else int(domain.upper) - low + 1))
    if domain.lower is not None and domain.upper is not None:
        return domain.lower + (domain.upper - domain.lower) * part
    if domain.lower is not None:
        return domain.lower + 2 * part
    if domain.upper is not None:
        return domain.upper - 2 * part
    return sign * 2 * part


def random_offsets(
    scope: Scope, sizes: Mapping[str, int], seed: int, names: frozenset[str]
) -> dict[str, Offset]:
    """What makes these names other functions than their definitions say."""
    source = random.Random(seed)

    def positive(scale: int, count: int) -> list[Fraction]:
        return [Fraction(source.randint(_GRAIN // 8, _GRAIN), scale * _GRAIN) for _ in range(count)]

    offsets: dict[str, Offset] = {}
    below = {s.name for d in scope.definitions if d.operation for s in symbols(d.body)}
    for definition in scope.definitions:
        if definition.symbol.name in names:
            shape = tuple(axis.size.evaluate(sizes) for axis in definition.symbol.axes)
            constants = positive(1, math.prod(shape))
            if definition.symbol.symmetric:
                # symmetry is a property of the name, as its domain says, and not of its definition alone
                constants = _symmetric(constants, shape, definite=False)
            if definition.symbol.name in below and len(shape) == 2:
                # the inverse and the logarithm of the determinant keep their values
                constants = [v + _DOMINANT * (n % (shape[1] + 1) == 0) for n, v in enumerate(constants)]
            offsets[definition.symbol.name] = Offset(constants, positive(8, 7))
    return offsets


def _rows(flat: list[Fraction], length: int) -> list[list[Fraction]]:
    return [flat[start : start + length] for start in range(0, len(flat), length)]


def _symmetric(flat: list[Fraction], shape: tuple[int, ...], definite: bool) -> list[Fraction]:
    n = shape[-1]
    result: list[Fraction] = []
    for block in _rows(flat, n * n):
        a = _rows(block, n)
        if definite:
            result += [
                sum((a[r][k] * a[c][k] for k in range(n)), Fraction(r == c))
                for r, c in itertools.product(range(n), repeat=2)
            ]
        else:
            result += [(a[r][c] + a[c][r]) / 2 for r, c in itertools.product(range(n), repeat=2)]
    return result


# ---- facts -----------------------------------------------------------------------------------------------


def holds(fact: Fact, point: Point) -> bool:
    """Whether the fact is true here, for all values of its free indices; one without a value is not."""
    try:
        return all(map(_is_zero, _residuals(fact, point)))
    except UnsatisfiedFact:
        return False


def _is_zero(residual: Fraction) -> bool:
    return abs(residual) < _CLOSE


def _residuals(fact: Fact, point: Point) -> list[Fraction]:
    """left - right for each value of the free indices; UnsatisfiedFact where a side has no value."""
    indices = tuple(sorted(fact.left.free | fact.right.free, key=lambda i: (i.letter, i.serial)))
    exact, precise = point.using(EXACT), point.using(PRECISE)
    left, right = exact.table(fact.left, indices).flat, exact.table(fact.right, indices).flat
    if not all(finite(v) for v in (*left, *right)):
        left, right = precise.table(fact.left, indices).flat, precise.table(fact.right, indices).flat
    if not all(finite(v) for v in (*left, *right)):
        raise UnsatisfiedFact(f"the fact about {_names(fact)} has no value at the numbers that were tried")
    return [_fraction(a) - _fraction(b) for a, b in zip(left, right, strict=True)]


def _fraction(value: object) -> Fraction:
    if isinstance(value, Fraction | int):
        return Fraction(value)
    return Fraction(str(value))


def satisfied(
    scope: Scope, facts: tuple[Fact, ...], sizes: Mapping[str, int], inputs: dict[str, Array]
) -> dict[str, Array]:
    """The inputs changed, fact by fact, until all hold together."""
    for _ in range(_ROUNDS):
        open_facts = [f for f in facts if not holds(f, Point(scope.definitions, sizes, inputs, EXACT))]
        if not open_facts:
            return inputs
        for fact in open_facts:
            inputs = _satisfy(scope, fact, sizes, inputs)
    inputs = _together(scope, facts, sizes, inputs)
    failed = [f for f in facts if not holds(f, Point(scope.definitions, sizes, inputs, EXACT))]
    if failed:
        raise UnsatisfiedFact(f"no values found for which the fact about {_names(failed[0])} holds")
    return inputs


def _together(
    scope: Scope, facts: tuple[Fact, ...], sizes: Mapping[str, int], inputs: dict[str, Array]
) -> dict[str, Array]:
    """All facts at once, where one undoes another: the nearest solution, if they are linear."""
    names = [
        s.name for f in facts for s in inputs_of((f.left, f.right), scope.definitions) if s.name in inputs
    ]
    places = [(name, n) for name in dict.fromkeys(names) for n in range(len(inputs[name].flat))]

    def residuals(trial: dict[str, Array]) -> list[Fraction]:
        point = Point(scope.definitions, sizes, trial, EXACT)
        return [r for fact in facts for r in _residuals(fact, point)]

    start = residuals(inputs)
    columns = []
    for name, n in places:
        array = inputs[name]
        moved = residuals({**inputs, name: array.replaced(n, array.flat[n] + 1)})
        columns.append([a - b for a, b in zip(moved, start, strict=True)])
    rows = [list(row) for row in zip(*columns, strict=True)]
    changed = dict(inputs)
    for row, weight in zip(rows, _weights(rows, start), strict=True):
        for (name, n), slope in zip(places, row, strict=True):
            changed[name] = changed[name].replaced(n, changed[name].flat[n] - weight * slope)
    return changed


def _weights(rows: list[list[Fraction]], values: list[Fraction]) -> list[Fraction]:
    """Weights of the rows for which their sum has these products with them; dependent rows get 0."""
    count = len(rows)
    table = [
        [sum((a * b for a, b in zip(r, s, strict=True)), Fraction(0)) for s in rows] + [v]
        for r, v in zip(rows, values, strict=True)
    ]
    pivots: list[tuple[int, int]] = []
    for column in range(count):
        free = [r for r in range(count) if r not in [p for p, _ in pivots]]
        pivot = next((r for r in free if table[r][column] != 0), None)
        if pivot is None:
            continue
        pivots.append((pivot, column))
        table[pivot] = [v / table[pivot][column] for v in table[pivot]]
        for r in range(count):
            if r != pivot and table[r][column] != 0:
                factor = table[r][column]
                table[r] = [v - factor * w for v, w in zip(table[r], table[pivot], strict=True)]
    found = [Fraction(0)] * count
    for r, column in pivots:
        found[column] = table[r][count]
    return found


def _names(fact: Fact) -> str:
    return ", ".join(symbol.name for symbol in inputs_of((fact.left, fact.right), Definitions()))


def inputs_of(terms: Iterable[Term], definitions: Definitions) -> list[Symbol]:
    """Symbols on which the terms depend and that are no names, in order of appearance."""
    found: dict[str, Symbol] = {}
    queue: list[Term] = list(terms)
    while queue:
        for sub in subterms(queue.pop(0)):
            if isinstance(sub, Component) and sub.symbol.name not in found:
                found[sub.symbol.name] = sub.symbol
                definition = definitions.get(sub.symbol.name)
                if definition is not None:
                    queue.append(definition.body)
    return [symbol for name, symbol in found.items() if name not in definitions]


def _satisfy(
    scope: Scope, fact: Fact, sizes: Mapping[str, int], inputs: dict[str, Array]
) -> dict[str, Array]:
    """One fact made true through one input: its entries scaled, which keeps their signs, else shifted."""
    candidates = [
        s for s in reversed(inputs_of((fact.left, fact.right), scope.definitions)) if s.name in inputs
    ]
    for symbol in candidates:
        changed = dict(inputs)

        def residuals(
            array: Array, symbol: Symbol = symbol, changed: dict[str, Array] = changed
        ) -> list[Fraction]:
            trial = {**changed, symbol.name: array}
            return _residuals(fact, Point(scope.definitions, sizes, trial, EXACT))

        for instance in range(len(residuals(changed[symbol.name]))):
            array = changed[symbol.name]
            value = residuals(array)[instance]
            if value == 0:
                continue
            slopes = [
                residuals(array.replaced(place, v + 1))[instance] - value
                for place, v in enumerate(array.flat)
            ]
            changed[symbol.name] = _solved(array, value, slopes, symbol.domain)
        if all(map(_is_zero, residuals(changed[symbol.name]))):
            return changed
    return inputs


def _solved(array: Array, value: Fraction, slopes: list[Fraction], domain: Domain) -> Array:
    """Entries for which `value + slopes . change` is 0."""
    own = sum((a * v for a, v in zip(slopes, array.flat, strict=True)), Fraction(0))
    if own != 0 and (own - value) / own > 0:
        scale = (own - value) / own
        return Array(array.shape, [v * scale if a else v for a, v in zip(slopes, array.flat, strict=True)])
    together = sum(slopes, Fraction(0))
    if together != 0 and not domain.nonnegative:
        return Array(
            array.shape, [v - value / together if a else v for a, v in zip(slopes, array.flat, strict=True)]
        )
    place = next((p for p, a in enumerate(slopes) if a), None)
    if place is None:
        return array
    return array.replaced(place, array.flat[place] - value / slopes[place])
