"""Claims decided by machine: proved, checked at points, or refuted by the smallest counterexample found.

Small integers and simple fractions are tried first, so that a reader can follow a counterexample by hand;
then random fractions of several magnitudes.  Whether a value touches a bound or only comes close is settled
with 1000 digits.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from derivations.arithmetic import subtract
from derivations.canonical import same
from derivations.evaluate import Point
from derivations.goals import Prover
from derivations.indices import Index
from derivations.numerics import CAREFUL, MP, PRECISE, Array, finite
from derivations.passes import Walk, differentiate, normalise
from derivations.rules import Stuck
from derivations.scope import Claim, Limit, Links, Range, Scope, Statement
from derivations.terms import Component, Relation, Term, map_children, substitute
from derivations.verify.evidence import (
    FAIL,
    FLOAT_TOLERANCE,
    PASS,
    PRECISE_TOLERANCE,
    UNKNOWN,
    Evidence,
    Failure,
    digits,
)
from derivations.verify.search import (
    Setting,
    exact,
    extreme_points,
    latex_number,
    moderate_points,
    plain,
    written,
)
from derivations.verify.symbolic import proved as proved_by_sympy

PROVED, CHECKED, REFUTED = "proved", "checked", "refuted"
_SEED = 1
_PRECISE_EVERY = 16  # points between two that are looked at with 50 digits in any case
_EQUAL = MP.mpf(10) ** -900
_NEAR = MP.mpf(10) ** -6
_FINEST = MP.mpf(10) ** -9  # steps of the search for a peak
_ROUNDS = 120
_FAR = 20  # a value beyond this that still grows has no bound that we can see


@dataclass(frozen=True)
class Counterexample:
    """Where a claim fails: what stands there, and what the claim says, to 6 significant digits."""

    at: str
    latex: str
    found: str
    claimed: str


@dataclass(frozen=True)
class Outcome:
    """What became of a claim; `verdict` is "proved", "checked", "refuted" or UNKNOWN."""

    verdict: str
    evidence: Evidence
    counterexample: Counterexample | None = None

    def agrees(self, expected: str) -> bool:
        """Whether this is what the author expects: a claim may turn out better proved than expected."""
        if expected == REFUTED:
            return self.verdict == REFUTED
        return self.verdict in (PROVED, CHECKED)


def check_claim(claim: Claim) -> Outcome:
    """The verdict on a claim, with the counterexample if it is false."""
    return _statement(claim.statement, Setting(claim.scope, claim.given))


def _statement(statement: Statement, setting: Setting) -> Outcome:
    if isinstance(statement, Relation):
        return _relation(statement, setting)
    if isinstance(statement, Links):
        return _links(statement, setting)
    if isinstance(statement, Range):
        return _range(statement, setting)
    return _limit(statement, setting)


def _checked(points: int, method: str = "points") -> Outcome:
    verdict = CHECKED if points else UNKNOWN
    return Outcome(verdict, Evidence(PASS if points else UNKNOWN, method, points, _SEED))


def _refuted(points: int, example: Counterexample) -> Outcome:
    failure = Failure("the claim", example.at, example.claimed, example.found)
    return Outcome(REFUTED, Evidence(FAIL, "search", points, _SEED, failure=failure), example)


def _unknown(reason: str) -> Outcome:
    return Outcome(UNKNOWN, Evidence(UNKNOWN, "points", 0, _SEED, failure=Failure(reason)))


# ---- relations -----------------------------------------------------------------------------------------


def _relation(relation: Relation, setting: Setting) -> Outcome:
    method = proof(relation, setting.scope) if not setting.fixed else None
    points, touches = 0, False
    for number, point in enumerate(moderate_points(setting, (relation,))):
        holds, place = judge(relation, point, setting.positions, in_floats=number % _PRECISE_EVERY != 0)
        if holds is False:
            return _refuted(points + 1, _example(relation, point, place, setting))
        points += holds is not None
        touches = touches or (relation.operator in _BOUNDS and _touches(relation, point))
    if method is not None and points:
        return Outcome(PROVED, Evidence(PASS, method, points, _SEED))
    return _checked(points, "points+equality" if touches else "points")


def _touches(relation: Relation, point: Point) -> bool:
    """Whether a bound is reached here: any weaker bound would have passed the points as well."""
    return any(
        abs(a - b) <= FLOAT_TOLERANCE * (1 + abs(a) + abs(b))
        for a, b in _both(relation, point, free_indices(relation))
    )


def _links(links: Links, setting: Setting) -> Outcome:
    points = None
    before = links.start
    for link in links.links:
        operator = "==" if link.relation == "=" else link.relation
        outcome = _relation(Relation(operator, before, link.term), setting)
        if outcome.verdict not in (PROVED, CHECKED):
            return outcome
        points = min(outcome.evidence.points, points if points is not None else outcome.evidence.points)
        before = link.term
    for conclusion in links.conclusions:
        outcome = _statement(conclusion, setting)
        if outcome.verdict not in (PROVED, CHECKED):
            return outcome
    return _checked(points or 0)


def judge(
    relation: Relation, point: Point, positions: Sequence[Relation] = (), in_floats: bool = False
) -> tuple[bool | None, int]:
    """Whether the relation holds here for all values of its free indices that meet the conditions on
    positions, and where it does not; None where nothing has a value.  `in_floats`: where they are clear."""
    indices = free_indices(relation)
    counting = _counting(positions, point, indices)
    if in_floats and all(
        _clear(relation.operator, a, b)
        for (a, b), counts in zip(_both(relation, point, indices), counting, strict=True)
        if counts
    ):
        return (True if any(counting) else None), 0
    known = None
    careful: list[tuple[Any, Any]] = []
    for place, (a, b) in enumerate(_both(relation, point.using(PRECISE), indices)):
        difference = a - b
        if not counting[place] or not finite(difference):
            continue
        known = True
        if abs(difference) <= PRECISE_TOLERANCE * (1 + abs(a) + abs(b)):
            difference = 0
            if relation.operator in _STRICT:
                careful = careful or _both(relation, point.using(CAREFUL), indices)
                a, b = careful[place]
                difference = a - b if abs(a - b) > _EQUAL * (1 + abs(a) + abs(b)) else 0
        if not _HOLDS[relation.operator](difference):
            return False, place
    return known, 0


def _clear(operator: str, a: Any, b: Any) -> bool:
    """Whether floats are enough to say that it holds."""
    difference = a - b
    if not finite(difference):
        return False
    size = 1 + abs(a) + abs(b)
    if operator not in _STRICT and abs(difference) <= FLOAT_TOLERANCE * size:
        return True
    return abs(difference) > 1e-6 * size and _HOLDS[operator](difference)


_STRICT = frozenset({"<", ">", "!="})
_BOUNDS = frozenset({"<=", ">="})
_HOLDS: dict[str, Callable[[Any], bool]] = {
    "<": lambda d: d < 0,
    "<=": lambda d: d <= 0,
    ">": lambda d: d > 0,
    ">=": lambda d: d >= 0,
    "==": lambda d: d == 0,
    "!=": lambda d: d != 0,
}


def free_indices(term: Term) -> tuple[Index, ...]:
    return tuple(sorted(term.free, key=lambda i: (i.letter, i.axis.name, i.serial)))


def _both(relation: Relation, point: Point, indices: tuple[Index, ...]) -> list[tuple[Any, Any]]:
    left, right = point.table(relation.left, indices), point.table(relation.right, indices)
    return list(zip(left.flat, right.flat, strict=True))


def _example(relation: Relation, point: Point, place: int, setting: Setting) -> Counterexample:
    indices = free_indices(relation)
    a, b = _both(relation, point.using(PRECISE), indices)[place]
    position = _position(place, tuple(point.size(i) for i in indices))
    at, latex = written(point, setting, (relation,), dict(zip(indices, position, strict=True)))
    operator = "=" if relation.operator == "==" else relation.operator
    return Counterexample(at, latex, digits(a), f"{operator} {digits(b)}" if operator != "=" else digits(b))


def _counting(positions: Sequence[Relation], point: Point, indices: tuple[Index, ...]) -> list[bool]:
    """For every combination of index values, whether it meets the conditions on positions."""
    shape = tuple(point.size(i) for i in indices)
    counts = []
    for values in itertools.product(*map(range, shape)):
        at = dict(zip(indices, values, strict=True))
        fixed = [substitute(condition, at) for condition in positions]
        counts.append(all(judge(c, point)[0] for c in fixed if isinstance(c, Relation)))
    return counts


def _position(place: int, shape: Sequence[int]) -> tuple[int, ...]:
    position: list[int] = []
    for n in reversed(shape):
        place, at = divmod(place, n)
        position.insert(0, at)
    return tuple(position)


# ---- proofs --------------------------------------------------------------------------------------------


def proof(relation: Relation, scope: Scope) -> str | None:
    """How an identity is proved for all sizes: by keys, by the rules, or for scalars by SymPy; else None."""
    if relation.operator != "==":
        return None
    left, right = relation.left, relation.right
    if same(left, right) or same(opened(left, scope), opened(right, scope)):
        return "keys"
    for a, b in ((left, right), (opened(left, scope), opened(right, scope))):
        if _normal_forms_agree(a, b, scope):
            return "rules"
    if not scope.sizes and proved_by_sympy(left, right, scope, {}):
        return "symbolic"
    return None


def opened(term: Term, scope: Scope) -> Term:
    """The term with every name replaced by what it stands for."""
    if isinstance(term, Component):
        definition = scope.definitions.get(term.symbol.name)
        if definition is None or definition.operation:
            return term
        return opened(definition.at(term.indices), scope)
    return map_children(term, lambda child: opened(child, scope))


def _normal_forms_agree(left: Term, right: Term, scope: Scope) -> bool:
    work = Prover(scope).work(free_indices(left))
    try:
        walk = Walk(work, subtract(left, right))
        if walk.term.is_zero:
            return True
        differentiate(walk)
        normalise(walk)
    except (Stuck, LookupError):
        return False
    return walk.term.is_zero


# ---- ranges --------------------------------------------------------------------------------------------


def _range(claim: Range, setting: Setting) -> Outcome:
    """No value outside; a closed end is reached, an open end approached."""
    interval = claim.interval
    inside = []
    if interval.lower is not None:
        inside.append(Relation(">=" if interval.lower_closed else ">", claim.value, interval.lower))
    if interval.upper is not None:
        inside.append(Relation("<=" if interval.upper_closed else "<", claim.value, interval.upper))
    points = 0
    for point in moderate_points(setting, (claim.value, *inside)):
        for relation in inside:
            holds, place = judge(relation, point)
            if holds is False:
                return _refuted(points + 1, _example(relation, point, place, setting))
        points += 1
    for end, sign, closed in (
        (interval.lower, -1, interval.lower_closed),
        (interval.upper, 1, interval.upper_closed),
    ):
        if not _comes_near(claim.value, end, sign, closed, setting):
            side = "lower" if sign < 0 else "upper"
            return _unknown(f"no value comes near the {side} end of the range")
    return _checked(points, "interval")


def _comes_near(value: Term, end: Term | None, sign: int, closed: bool, setting: Setting) -> bool:
    """Whether some value is at the end (closed), near it (open), or beyond every bound (infinite)."""
    gap = value if end is None else subtract(value, end)
    near = list(moderate_points(setting, (gap,)))
    best, point = _highest(gap, sign, near)
    if point is None:
        return False
    if closed:
        if end is not None and any(_is_at(value, end, p) for p in near):
            return True
        height, settled = _climb(gap, sign, point, setting)
        return bool(settled and abs(height) <= _NEAR**2)
    far, there = _highest(gap, sign, list(extreme_points(setting, (gap,))))
    if there is not None and far > best:
        best, point = far, there
    if end is None:
        return bool(best > _FAR)
    return bool(best >= -_NEAR or _climb(gap, sign, point, setting)[0] >= -_NEAR)


def _highest(gap: Term, sign: int, points: Sequence[Point]) -> tuple[Any, Point | None]:
    best: tuple[Any, Point | None] = (-MP.inf, None)
    for point in points:
        values = [sign * v for v in point.using(PRECISE).table(gap, free_indices(gap)).flat if finite(v)]
        if values and max(values) > best[0]:
            best = (max(values), point)
    return best


def _is_at(value: Term, end: Term, point: Point) -> bool:
    """Whether some entry of the value is the end itself, and not only close to it."""
    pairs = _both(Relation("==", value, end), point, free_indices(value))
    if not any(_clear("==", a, b) for a, b in pairs):
        return False
    careful = _both(Relation("==", value, end), point.using(CAREFUL), free_indices(value))
    return any(finite(a - b) and abs(a - b) <= _EQUAL for a, b in careful)


def _climb(gap: Term, sign: int, start: Point, setting: Setting) -> tuple[Any, bool]:
    """The largest value of sign * gap near a point, each entry moved by steps that halve; and whether it is
    a peak, and not a slope that goes on for ever."""
    point = start.using(PRECISE)
    names = [s.name for s in setting.relevant((gap,)) if s.name not in setting.fixed_names]

    def height(inputs: dict[str, Array]) -> Any:
        found = Point(point.definitions, point.sizes, inputs, PRECISE).table(gap, free_indices(gap)).flat
        return max((sign * v for v in found if finite(v)), default=-MP.inf)

    inputs = dict(point.inputs)
    best = height(inputs)
    step = MP.mpf(1) / 2
    for _ in range(_ROUNDS):
        moved = False
        for name in names:
            for place in range(len(inputs[name].flat)):
                for change in (step, -step):
                    old = inputs[name]
                    trial = {**inputs, name: old.replaced(place, PRECISE.number(old.flat[place]) + change)}
                    if setting.inside(name, trial[name]) and (found := height(trial)) > best:
                        inputs, best, moved = trial, found, True
        step = step if moved else step / 2
        if step < _FINEST:
            return best, True
    return best, False


# ---- limits --------------------------------------------------------------------------------------------


def _limit(claim: Limit, setting: Setting) -> Outcome:
    """Values along a sequence that goes there; both sides where there are two."""
    points = 0
    approaches = [claim.to] if isinstance(claim.to, str) else ["left", "right"]
    by_sizes: dict[tuple[tuple[str, int], ...], Point] = {}
    for point in moderate_points(setting, (claim.value,)):
        by_sizes.setdefault(tuple(sorted(point.sizes.items())), point)
    for point in by_sizes.values():
        for at, here in _at_every_index(claim, point):
            for side in approaches:
                values = [_value_at(here, point, side, k) for k in (6, 10, 14, 18)]
                if not all(finite(v) or abs(v) == MP.inf for v in values):
                    continue
                points += 1
                expected = _limit_value(here, point)
                if not _tends(values, expected):
                    if _settles(values):
                        return _refuted(points, _limit_example(claim, at, point, values[-1], expected))
                    return _unknown("the values neither reach the limit nor settle elsewhere")
    return _checked(points, "limit")


def _at_every_index(claim: Limit, point: Point) -> Iterator[tuple[dict[Index, int], Limit]]:
    """The claim for every combination of values of its free indices."""
    free = claim.value.free | claim.variable.free
    indices = tuple(sorted(free, key=lambda i: (i.letter, i.axis.name, i.serial)))
    for values in itertools.product(*(range(point.size(i)) for i in indices)):
        at = dict(zip(indices, values, strict=True))
        variable = substitute(claim.variable, at)
        assert isinstance(variable, Component)
        limit = claim.limit if isinstance(claim.limit, str) else substitute(claim.limit, at)
        yield at, Limit(substitute(claim.value, at), variable, claim.to, limit)


def _limit_value(claim: Limit, point: Point) -> Any:
    if isinstance(claim.limit, str):
        return MP.inf if claim.limit == "+oo" else -MP.inf
    return point.using(PRECISE).evaluate(claim.limit)


def _value_at(claim: Limit, point: Point, side: str, k: int) -> Any:
    name = claim.variable.symbol.name
    if side in ("+oo", "-oo"):
        value = (MP.mpf(10) ** k) * (1 if side == "+oo" else -1)
    else:
        assert not isinstance(claim.to, str)
        value = point.using(PRECISE).evaluate(claim.to) + MP.mpf(10) ** -k * (1 if side == "right" else -1)
    array = point.inputs[name]
    position = tuple(slot.offset.evaluate(point.sizes) for slot in claim.variable.indices)
    place = 0
    for p, n in zip(position, array.shape, strict=True):
        place = place * n + p
    moved = Point(
        point.definitions, point.sizes, {**point.inputs, name: array.replaced(place, value)}, PRECISE
    )
    return moved.evaluate(claim.value)


def _tends(values: list[Any], expected: Any) -> bool:
    if abs(expected) == MP.inf:
        sign = 1 if expected > 0 else -1
        return bool(
            sign * values[-1] > _FAR and all(sign * (b - a) > 0 for a, b in itertools.pairwise(values))
        )
    gaps = [abs(v - expected) for v in values]
    return bool(gaps[-1] <= _NEAR * (1 + abs(expected)) and gaps[-1] <= max(gaps[0], PRECISE_TOLERANCE))


def _settles(values: list[Any]) -> bool:
    if not all(finite(v) for v in values):
        return True
    return bool(abs(values[-1] - values[-2]) <= _NEAR * (1 + abs(values[-1]))) or abs(values[-1]) > _FAR


def _limit_example(
    claim: Limit, at: dict[Index, int], point: Point, found: Any, expected: Any
) -> Counterexample:
    symbol = claim.variable.symbol
    entry = ",".join(slot.index.letter if slot.index else str(slot.offset) for slot in claim.variable.indices)
    if isinstance(claim.to, str):
        text, latex = claim.to, {"+oo": r"\infty", "-oo": r"-\infty"}[claim.to]
    else:
        to = exact(point.using(PRECISE).evaluate(claim.to))
        text, latex = plain(to), latex_number(to)
    name, notation = symbol.name, symbol.latex or symbol.name
    if entry:
        name, notation = f"{name}[{entry}]", f"{notation}_{{{entry}}}"
    places = [f"{index.letter} = {position + 1}" for index, position in at.items()]
    return Counterexample(
        ", ".join([*places, f"{name} -> {text}"]),
        r",\ ".join([*places, rf"{notation} \to {latex}"]),
        digits(found),
        digits(expected),
    )
