"""Evidence: a verdict, how it was reached and at how many points; and the comparison that all checks share.

Floats look first; where they see a difference, 50 digits decide.  Two sides without a value say nothing, one
side without a value is a difference, and a check that compared nothing is UNKNOWN, which is not PASS.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from derivations.evaluate import Point
from derivations.indices import Index
from derivations.numerics import MP, PRECISE, finite
from derivations.terms import Term

PASS, FAIL, UNKNOWN = "PASS", "FAIL", "UNKNOWN"
FLOAT_TOLERANCE = 1e-9
PRECISE_TOLERANCE = MP.mpf(10) ** -20
TOLERANCE = "1e-20"  # what decides: a difference that floats see is looked at again with 50 digits


@dataclass(frozen=True)
class Failure:
    """Where two values differ: for a person who mends it, never stored."""

    where: str
    at: str = ""
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        parts = [self.where]
        if self.at:
            parts.append(f"at {self.at}")
        if self.expected:
            parts.append(f"expected {self.expected}, found {self.found}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Evidence:
    """What a record keeps of a check; `failure` is for messages only."""

    verdict: str
    method: str
    points: int
    seed: int
    tolerance: str = TOLERANCE
    failure: Failure | None = field(default=None, compare=False)

    @property
    def passed(self) -> bool:
        return self.verdict == PASS

    def record(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "method": self.method,
            "points": self.points,
            "seed": self.seed,
            "tolerance": self.tolerance,
        }


@dataclass(frozen=True)
class Comparison:
    """Two terms at some points: how many points said something, and the first difference."""

    points: int
    failure: Failure | None = None

    @property
    def verdict(self) -> str:
        if self.failure is not None:
            return FAIL
        return PASS if self.points else UNKNOWN


def together(comparisons: Iterable[Comparison]) -> Comparison:
    """The first failure, or the fewest points: one check that said nothing leaves all of them unknown."""
    points: int | None = None
    for comparison in comparisons:
        if comparison.failure is not None:
            return comparison
        points = comparison.points if points is None else min(points, comparison.points)
    return Comparison(points or 0)


def at_points(comparisons: Iterable[Comparison]) -> Comparison:
    """One check at several points: the first failure, or all the points that said something."""
    points = 0
    for comparison in comparisons:
        if comparison.failure is not None:
            return comparison
        points += comparison.points
    return Comparison(points)


def evidence(comparison: Comparison, method: str, seed: int) -> Evidence:
    return Evidence(comparison.verdict, method, comparison.points, seed, failure=comparison.failure)


# ---- comparing ---------------------------------------------------------------------------------------------


class Sample:
    """A point in floats, and the same point with 50 digits when somebody asks."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self._precise: Point | None = None

    @property
    def precise(self) -> Point:
        if self._precise is None:
            self._precise = self.point.using(PRECISE)
        return self._precise

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {n}" for name, n in sorted(self.point.sizes.items()))
        return f"a random point{' with ' + sizes if sizes else ''}"


def compare(
    before: Term, after: Term, samples: Iterable[Sample], where: str, indices: Sequence[Index] | None = None
) -> Comparison:
    """Whether both have the same value at every sample, for all values of the free indices."""
    if indices is None:
        indices = tuple(sorted(before.free | after.free, key=lambda i: (i.letter, i.axis.name, i.serial)))
    points = 0
    for sample in samples:
        counted, failure = compare_at(before, after, sample, where, indices)
        if failure is not None:
            return Comparison(points, failure)
        points += counted
    return Comparison(points)


def compare_at(
    before: Term, after: Term, sample: Sample, where: str, indices: Sequence[Index]
) -> tuple[int, Failure | None]:
    a, b = (sample.point.table(term, indices).flat for term in (before, after))
    if close(a, b, FLOAT_TOLERANCE):
        return int(any(finite(x) for x in a)), None
    a, b = (sample.precise.table(term, indices).flat for term in (before, after))
    if close(a, b, PRECISE_TOLERANCE):
        return int(any(finite(x) for x in a)), None
    x, y = next((x, y) for x, y in zip(a, b, strict=True) if not close([x], [y], PRECISE_TOLERANCE))
    return 0, Failure(where, str(sample), digits(x), digits(y))


def close(a: Sequence[Any], b: Sequence[Any], tolerance: Any) -> bool:
    """Entry by entry, relative above 1; NaN only agrees with NaN."""
    for x, y in zip(a, b, strict=True):
        # `not <=` and not `>`: NaN must not slip through
        if not abs(x - y) <= tolerance * (1 + abs(x) + abs(y)) and (finite(x) or finite(y)):
            return False
    return True


def digits(value: Any, count: int = 6) -> str:
    """A number with so many significant digits, the same on every machine; what rounding left of 0 is 0."""
    number = MP.mpf(value)
    if abs(number) < PRECISE_TOLERANCE:
        return "0"
    text = str(MP.nstr(number, count))
    return text.removesuffix(".0")
