"""A person's own function beside the derived result: where the two differ, and by how much.

The function is called at random points of several sizes that satisfy the facts; what it should give comes
from the index form of the result, which shares nothing with generated code.  Where a difference has a common
cause (another shape, a transpose, a factor) the report says so, since that is what a person then looks for.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from derivations.errors import InputError, Unsupported
from derivations.numerics import PRECISE, finite
from derivations.printers.text import term_text
from derivations.sampling import defined_point, size_choices
from derivations.scope import Scope
from derivations.steps import Derivation

_SEEDS = (1, 2)
_DIGITS = 6  # that a report shows
TOLERANCE = 1e-6  # of the largest entry: what single precision and good differences reach


@dataclass(frozen=True)
class Difference:
    """One point at which the function does not give the derived result."""

    reason: str
    sizes: Mapping[str, int]
    inputs: Mapping[str, Any]
    expected: Any
    found: Any
    error: float  # the largest difference of an entry, by the largest entry expected
    entry: tuple[int, ...] | None = None  # where it stands

    def __str__(self) -> str:
        at = f" at {_sizes(self.sizes)}" if self.sizes else ""
        arrays = {**self.inputs, "expected": self.expected}
        if self.found is not None:
            arrays["found"] = self.found
        return "\n".join([f"differs{at}: {self.reason}", *(_shown(name, a) for name, a in arrays.items())])


@dataclass(frozen=True)
class CheckResult:
    """Whether a function agrees with the derived result; true where it does."""

    points: int  # at which they agree
    sizes: tuple[Mapping[str, int], ...] = field(default=(), repr=False)
    difference: Difference | None = None

    @property
    def agrees(self) -> bool:
        return self.difference is None

    def __bool__(self) -> bool:
        return self.agrees

    def __str__(self) -> str:
        if self.difference is not None:
            return str(self.difference)
        tried = "; ".join(dict.fromkeys(_sizes(sizes) for sizes in self.sizes if sizes))
        return f"agrees at {self.points} random points" + (f" ({tried})" if tried else "")


def compared(
    function: Callable[..., Any], derivation: Derivation, scope: Scope, tolerance: float = TOLERANCE
) -> CheckResult:
    """The function against the result of a derivation; `scope` has the declared names in their order."""
    call = _caller(function, [symbol.name for symbol in scope.inputs])
    tried: list[Mapping[str, int]] = []
    for sizes in size_choices(scope):
        for seed in _SEEDS:
            sample = _expected(derivation, sizes, seed)
            if sample is None:
                continue
            inputs, expected = sample
            difference = _difference(call, sizes, inputs, expected, tolerance)
            if difference is not None:
                return CheckResult(len(tried), tuple(tried), difference)
            tried.append(sizes)
    if not tried:
        raise Unsupported(
            "no point was found at which the value and its derivative exist", term_text(derivation.result)
        )
    return CheckResult(len(tried), tuple(tried))


def _caller(function: Callable[..., Any], names: list[str]) -> Callable[[Mapping[str, Any]], Any]:
    """By keyword where the function's own names are names of the formula, else by position."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return lambda inputs: function(*inputs.values())  # a function of C says nothing of its arguments
    kinds = {parameter.kind for parameter in parameters}
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    needed = [p.name for p in parameters if p.name in named and p.default is p.empty]
    by_place = kinds & {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL}
    if set(needed) <= set(names) and not by_place:
        takes = names if inspect.Parameter.VAR_KEYWORD in kinds else [n for n in named if n in names]
        return lambda inputs: function(**{name: inputs[name] for name in takes})
    try:
        inspect.signature(function).bind(*names)
    except TypeError as problem:
        raise InputError(
            f"the function cannot be called with {', '.join(names)}: {problem}",
            hint=f"Give it the arguments ({', '.join(names)}), or name its arguments as the formula does.",
        ) from None
    return lambda inputs: function(*inputs.values())


def _expected(
    derivation: Derivation, sizes: Mapping[str, int], seed: int
) -> tuple[dict[str, Any], Any] | None:
    """Inputs as arrays, and the result there; None where the value or the result does not exist."""
    import numpy as np

    point = defined_point(derivation.scope, sizes, seed, (derivation.goal.target.name,))
    if point is None:
        return None
    table = point.using(PRECISE).table(derivation.result, derivation.answer.indices)
    if not all(map(finite, table.flat)):
        return None
    inputs = {}
    for name, array in point.inputs.items():
        inputs[name] = np.array([float(v) for v in array.flat]).reshape(array.shape)
    return inputs, np.array([float(v) for v in table.flat]).reshape(table.shape)


def _difference(
    call: Callable[[Mapping[str, Any]], Any],
    sizes: Mapping[str, int],
    inputs: Mapping[str, Any],
    expected: Any,
    tolerance: float,
) -> Difference | None:
    import numpy as np

    def differs(reason: str, found: Any, error: float = math.inf, entry: Any = None) -> Difference:
        return Difference(reason, sizes, inputs, expected, found, error, entry)

    try:
        # copies, since a function may write to what it is given
        answer = call({name: array.copy() if array.ndim else float(array) for name, array in inputs.items()})
    except Exception as problem:
        return differs(f"the function raises {type(problem).__name__}: {problem}", None)
    try:
        # NumPy reads None as NaN
        found = None if answer is None else np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        found = None
    if found is None:
        return differs(f"the function gives {type(answer).__name__}, and no array of real numbers", answer)

    scale = float(np.max(np.abs(expected), initial=0)) or 1.0

    def near(other: Any) -> bool:
        return other.shape == expected.shape and bool(np.all(np.abs(other - expected) <= tolerance * scale))

    if found.shape != expected.shape:
        reason = f"the shape is {found.shape} and must be {expected.shape}"
        if near(found.T):
            reason += "; its transpose agrees"
        elif found.size == expected.size and near(found.reshape(expected.shape)):
            reason += "; its entries agree"
        return differs(reason, found)
    if near(found):
        return None
    errors = np.abs(found - expected) / scale
    place = np.unravel_index(int(np.argmax(np.where(np.isnan(errors), np.inf, errors))), errors.shape)
    entry = tuple(int(n) for n in place)
    at = f"entry {entry if len(entry) != 1 else entry[0]} is" if entry else "it is"
    reason = f"{at} {_number(found[entry])} and must be {_number(expected[entry])}"
    return differs(reason + _cause(found, expected, near), found, float(errors[entry]), entry)


def _cause(found: Any, expected: Any, near: Callable[[Any], bool]) -> str:
    """What the whole array differs by, where that is one thing."""
    import numpy as np

    if found.ndim == 2 and found.shape[0] == found.shape[1] and near(found.T):
        return "; its transpose agrees"
    norm = float(np.sum(expected * expected))
    factor = float(np.sum(found * expected)) / norm if norm else 0.0
    if found.size > 1 and factor and near(found / factor):
        return f"; every entry is {_number(factor)} times what it must be"
    return ""


# ---- words -----------------------------------------------------------------------------------------------


def _sizes(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {length}" for name, length in sizes.items())


def _number(value: Any) -> str:
    return f"{float(value):.{_DIGITS}g}"


def _shown(name: str, array: Any) -> str:
    import numpy as np

    if not isinstance(array, np.ndarray):
        return f"  {name} = {array!r}"
    return f"  {name} = " + np.array2string(array, precision=_DIGITS, separator=", ", prefix=f"  {name} = ")
