"""A generated kernel against the formula at many digits: values, types, shapes, batches, extremes, warnings.

How far a value may be off is measured and not guessed: as far as the formula itself moves when its inputs are
rounded a little; where axes mix entries, also as far as rounding its summands moves it.  So a badly
conditioned result is not blamed on its kernel, nor a bad kernel excused.
"""

import random
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from derivations.arithmetic import number
from derivations.codegen import KernelEntry
from derivations.codegen.function import COTANGENT
from derivations.codegen.printer import identifier
from derivations.domains import REAL
from derivations.evaluate import Point
from derivations.functions import apply
from derivations.indices import Index
from derivations.language import Formula
from derivations.numerics import Array, finite, precise
from derivations.sampling import random_point, size_choices
from derivations.scope import Scope
from derivations.steps import Derivation
from derivations.terms import Add, Product, Relation, Sum, Symbol, Term, map_children
from derivations.verify.evidence import Comparison, Evidence, Failure, digits, evidence
from derivations.verify.search import in_domain
from derivations.verify.steps import SEEDS

_DEEP = precise(400)  # 1 - tanh(x)**2 needs them where a double is no longer 0
_EXTREMES = (0, 1, -1, 50, -50, 800, -800, 1000, -1000)
_HUGE = (1e30, -1e30, 1e300, -1e300, 1e-300)
_LARGEST = 1e300
_TYPES = ("float64", "float32", "float16")
_ROUNDINGS = 3  # trials of rounded inputs
_SLACK = 16  # how much further than those a kernel may be off
_UNITS = 64  # and how many units in the last place of the value itself


class Subject:
    """A kernel together with what it should compute."""

    def __init__(
        self,
        function: Callable[..., Any],
        entry: KernelEntry,
        scope: Scope,
        result: Term,
        indices: Sequence[Index],
    ) -> None:
        self.function = function
        self.entry = entry
        self.scope = scope
        self.result = result
        self.indices = tuple(indices)
        known = {identifier(s.name): s for s in (*(d.symbol for d in scope.definitions), *scope.inputs)}
        if COTANGENT in entry.arguments:
            known[COTANGENT] = scope.inputs[-1]
        self.arguments: dict[str, Symbol] = {name: known[name] for name in entry.arguments}

    @property
    def elementwise(self) -> bool:
        return not any(symbol.axes for symbol in self.arguments.values())

    @cached_property
    def magnitude(self) -> Term:
        """The result with nothing cancelling: for one number kernels must do better, and are not given it."""
        return _size_of(self.result) if not self.elementwise else number(0)

    def expected(self, point: Point) -> Array:
        return point.table(self.result, self.indices)

    def rounded(self, point: Point, kind: Any) -> dict[str, Any]:
        """The arguments at this point as arrays of a type."""
        import numpy as np

        found = {}
        for name, symbol in self.arguments.items():
            array = point.array(symbol.name)
            values = np.array([float(v) for v in array.flat], dtype=kind).reshape(array.shape)
            values.setflags(write=False)
            found[name] = values
        return found

    def at(self, point: Point, arguments: dict[str, Any]) -> Point:
        """The point that the arguments really are, after rounding."""
        inputs = dict(point.inputs)
        for name, symbol in self.arguments.items():
            values = arguments[name]
            inputs[symbol.name] = Array(values.shape, [_exactly(v) for v in values.reshape(-1).tolist()])
        return Point(point.definitions, point.sizes, inputs, _DEEP)

    def call(self, arguments: dict[str, Any]) -> Any:
        """The kernel, with every warning an error."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return self.function(**arguments)


def _size_of(term: Term) -> Term:
    """A bound of a value from the sizes of its summands."""
    if isinstance(term, Add | Product | Sum):
        return map_children(term, _size_of)
    return apply("abs", term)


def _exactly(value: float) -> Any:
    return Fraction(value) if finite(value) else _DEEP.functions.mpf(value)


def check_kernel(
    function: Callable[..., Any],
    entry: KernelEntry,
    formula: Formula,
    derivations: Iterable[Derivation],
    seeds: tuple[int, ...] = SEEDS,
) -> Evidence:
    """The kernel of this entry against the formula: every check, the first failure."""
    subject = _subject(function, entry, formula, derivations)
    points = 0
    try:
        for check in (_values, _whole_numbers, _batches, _extremes, _huge, _missing, _infinite):
            found = check(subject, seeds)
            if found.failure is not None:
                return evidence(found, "kernel", seeds[0])
            points += found.points
    except (Warning, ArithmeticError, ValueError, TypeError) as problem:
        failed = Failure(f"{entry.name} raises {type(problem).__name__}: {problem}")
        return evidence(Comparison(points, failed), "kernel", seeds[0])
    return Evidence("PASS" if points else "UNKNOWN", "kernel", points, seeds[0], "conditioned")


def _subject(
    function: Callable[..., Any], entry: KernelEntry, formula: Formula, derivations: Iterable[Derivation]
) -> Subject:
    if entry.question == "value":
        last = list(formula.scope.definitions)[-1]
        return Subject(function, entry, formula.scope, last.left, last.indices)
    for derivation in derivations:
        goal = derivation.goal
        variable = "_".join(dict.fromkeys(identifier(v.name) for v in goal.variables))
        if goal.question == entry.question and variable == entry.variable:
            result = derivation.result
            term = result.right if isinstance(result, Relation) else result
            return Subject(function, entry, derivation.scope, term, derivation.answer.indices)
    raise ValueError(f"the kernel {entry.name} belongs to no derivation of {formula.id}")


# ---- comparing -----------------------------------------------------------------------------------------


def _agree(
    subject: Subject, point: Point, arguments: dict[str, Any], found: Any, kind: str
) -> Failure | None:
    """Entry by entry, as far off as rounding the inputs allows."""
    import numpy as np

    exact = subject.at(point, arguments)
    expected = subject.expected(exact)
    if tuple(found.shape) != expected.shape:
        return Failure(f"{subject.entry.name}: shape", "", str(expected.shape), str(found.shape))
    if str(found.dtype) != kind:
        return Failure(f"{subject.entry.name}: type", "", kind, str(found.dtype))
    unit = float(np.finfo(kind).eps)
    smallest, largest = float(np.finfo(kind).smallest_subnormal), float(np.finfo(kind).max)
    sizes = exact.table(subject.magnitude, subject.indices).flat
    moved = [subject.expected(_jittered(exact, unit, seed)).flat for seed in range(_ROUNDINGS)]
    for place, (right, value) in enumerate(zip(expected.flat, found.reshape(-1).tolist(), strict=True)):
        if not finite(right) or abs(right) > largest:
            continue
        spread = max((abs(m[place] - right) for m in moved if finite(m[place])), default=0)
        allowed = _SLACK * spread + _UNITS * unit * max(abs(right), sizes[place]) + 4 * smallest
        if not abs(_DEEP.functions.mpf(value) - right) <= allowed:
            at = f"{kind}, sizes {dict(sorted(point.sizes.items()))}"
            return Failure(f"{subject.entry.name}: value", at, digits(right, 17), repr(value))
    return None


def _jittered(point: Point, unit: float, seed: int) -> Point:
    """Every input a few units in the last place away."""
    source = random.Random(seed)
    inputs = {}
    for name, array in point.inputs.items():
        changed = [
            v + v * Fraction(source.choice((-2, -1, 1, 2))) * Fraction(unit) if finite(v) else v
            for v in array.flat
        ]
        inputs[name] = Array(array.shape, changed)
    return Point(point.definitions, point.sizes, inputs, _DEEP)


def _comparison(failures: Iterator[Failure | None]) -> Comparison:
    points = 0
    for failure in failures:
        if failure is not None:
            return Comparison(points, failure)
        points += 1
    return Comparison(points)


# ---- the checks ----------------------------------------------------------------------------------------


def _values(subject: Subject, seeds: tuple[int, ...]) -> Comparison:
    """The usual range, every choice of sizes, every type; the arguments are read-only."""
    return _comparison(
        _one(subject, random_point(subject.scope, sizes, seed), kind)
        for sizes in size_choices(subject.scope)
        for seed in seeds
        for kind in _TYPES
    )


def _one(subject: Subject, point: Point, kind: str) -> Failure | None:
    arguments = subject.rounded(point, kind)
    return _agree(subject, point, arguments, subject.call(arguments), kind)


def _whole_numbers(subject: Subject, seeds: tuple[int, ...]) -> Comparison:
    """Integers count as float64."""
    if any(
        symbol.domain != REAL or symbol.name in subject.scope.definitions
        for symbol in subject.arguments.values()
    ):
        return Comparison(0)
    point = random_point(subject.scope, size_choices(subject.scope)[0], seeds[0])
    whole = {name: (4 * value).astype("int64") for name, value in subject.rounded(point, "float64").items()}
    return _comparison(iter([_agree(subject, point, whole, subject.call(whole), "float64")]))


def _batches(subject: Subject, seeds: tuple[int, ...]) -> Comparison:
    """Leading axes are a batch and broadcast: the same as one call each."""
    import numpy as np

    sizes = size_choices(subject.scope)[0]
    points = [random_point(subject.scope, sizes, seed) for seed in seeds]
    calls = [subject.rounded(point, "float64") for point in points]
    stacked = {name: np.stack([call[name] for call in calls]) for name in subject.arguments}
    if not stacked:
        return Comparison(0)
    together = subject.call(stacked)
    for n, call in enumerate(calls):
        if not _same(together[n], subject.call(call)):
            return Comparison(0, Failure(f"{subject.entry.name}: a batch is not the same as one call each"))
    first = next(iter(stacked))
    mixed = {**calls[0], first: stacked[first][:, None]}
    broadcast = subject.call(mixed)
    for n, call in enumerate(calls):
        alone = subject.call({**calls[0], first: call[first]})
        if broadcast.shape != (len(calls), 1, *alone.shape) or not _same(broadcast[n, 0], alone):
            return Comparison(0, Failure(f"{subject.entry.name}: a batch of {first} does not broadcast"))
    return Comparison(1)


def _same(a: Any, b: Any) -> bool:
    import numpy as np

    return bool(a.shape == b.shape and np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True))


def _with_entries(subject: Subject, point: Point, values: Sequence[Any], shift: int) -> dict[str, Any]:
    """The arguments with these values put in by turns, where the domains allow them."""
    arguments = {}
    for name, value in subject.rounded(point, "float64").items():
        symbol = subject.arguments[name]
        flat = value.reshape(-1).copy()
        if not symbol.domain.structure and symbol.name not in subject.scope.definitions:
            for n in range(len(flat)):
                candidate = values[(n * 3 + shift) % len(values)]
                if in_domain(Fraction(candidate), symbol.domain):
                    flat[n] = candidate
        arguments[name] = flat.reshape(value.shape)
    return arguments


def _extremes(subject: Subject, seeds: tuple[int, ...]) -> Comparison:
    """Large entries of both signs, still compared."""
    point = random_point(subject.scope, size_choices(subject.scope)[0], seeds[0])
    failures = []
    for shift in range(len(_EXTREMES)):
        arguments = _with_entries(subject, point, _EXTREMES, shift)
        failures.append(_agree(subject, point, arguments, subject.call(arguments), "float64"))
    return _comparison(iter(failures))


def _huge(subject: Subject, seeds: tuple[int, ...]) -> Comparison:
    """No warning on any finite input, also where the value overflows."""
    point = random_point(subject.scope, size_choices(subject.scope)[0], seeds[0])
    for shift in range(len(_HUGE)):
        subject.call(_with_entries(subject, point, _HUGE, shift))
    return Comparison(0)


def _missing(subject: Subject, seeds: tuple[int, ...]) -> Comparison:
    """NaN in an entry reaches every value that depends on that entry."""
    import numpy as np

    point = random_point(subject.scope, size_choices(subject.scope)[0], seeds[0])
    arguments = subject.rounded(point, "float64")
    before = subject.expected(subject.at(point, arguments)).flat
    for name, value in arguments.items():
        moved = value.reshape(-1).copy()
        moved[0] = moved[0] * 1.5
        after = subject.expected(subject.at(point, {**arguments, name: moved.reshape(value.shape)})).flat
        moved[0] = np.nan
        found = subject.call({**arguments, name: moved.reshape(value.shape)}).reshape(-1)
        for a, b, seen in zip(before, after, found.tolist(), strict=True):
            if finite(a) and finite(b) and abs(a - b) > 1e-12 and not np.isnan(seen):
                return Comparison(
                    0, Failure(f"{subject.entry.name}: NaN in {name} is lost", "", "nan", repr(seen))
                )
    return Comparison(0)


def _infinite(subject: Subject, seeds: tuple[int, ...]) -> Comparison:
    """At infinity the limit, if there is one; where axes mix entries NaN may stand, a wrong number not."""
    point = random_point(subject.scope, size_choices(subject.scope)[0], seeds[0])
    arguments = subject.rounded(point, "float64")
    for name, value in arguments.items():
        symbol = subject.arguments[name]
        if symbol.domain != REAL or symbol.name in subject.scope.definitions:
            continue
        for sign in (1, -1):
            limits = _limits(subject, point, arguments, name, sign)
            at = value.reshape(-1).copy()
            at[0] = sign * float("inf")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = subject.function(**{**arguments, name: at.reshape(value.shape)}).reshape(-1).tolist()
            for limit, seen in zip(limits, found, strict=True):
                if limit is None or (seen != seen and not subject.elementwise):
                    continue
                if not _is_limit(limit, seen):
                    where = f"{subject.entry.name}: limit at {name} -> {'-' if sign < 0 else ''}oo"
                    return Comparison(0, Failure(where, "", str(limit), repr(seen)))
    return Comparison(0)


def _limits(
    subject: Subject, point: Point, arguments: dict[str, Any], name: str, sign: int
) -> list[float | None]:
    """What the values tend to as one entry goes out: a number, an infinity, or None where not clear."""
    exact = subject.at(point, arguments)
    symbol = subject.arguments[name]
    rows = []
    for power in (10, 20, 40):
        array = exact.inputs[symbol.name].replaced(0, Fraction(sign * 10**power))
        far = Point(exact.definitions, exact.sizes, {**exact.inputs, symbol.name: array}, _DEEP)
        rows.append(subject.expected(far).flat)
    found: list[float | None] = []
    for a, b, c in zip(*rows, strict=True):
        if not (finite(a) and finite(b) and finite(c)):
            found.append(None)
        elif abs(c - b) <= 1e-8 * (1 + abs(c)):
            found.append(float(c))
        elif abs(c) > 1e3 * abs(b) > 1e6 * abs(a):
            found.append(float("inf") if c > 0 else float("-inf"))
        else:
            found.append(None)
    return found


def _is_limit(limit: float, seen: float) -> bool:
    if abs(limit) == float("inf"):
        # an infinite argument may count as the largest number there is
        return seen * limit > 0 and abs(seen) > _LARGEST
    return abs(seen - limit) <= 1e-6 * (1 + abs(limit))
