"""Kinds of numbers, arrays of them, and elimination: what evaluation needs below terms.

Floats are fast, fifty digits settle what floats leave in doubt, and fractions are exact, for facts and for
counterexamples.  NumPy is not used: the engine also runs where there is none, and its last bits differ.
"""

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import mpmath

DIGITS = 50


@dataclass(frozen=True)
class Arithmetic:
    """A kind of number: how to make one, its functions (`complex` ones for the complex step), its steps."""

    name: str
    number: Callable[[Fraction], Any]
    functions: Any
    complex_functions: Any
    imaginary: Any  # the complex step
    shift: Any  # the step of central differences
    singular: Any  # a pivot below this part of the largest one counts as 0

    @property
    def nan(self) -> Any:
        return self.functions.nan

    @property
    def exact(self) -> bool:
        """Fractions: roots and functions have no value."""
        return self.imaginary is None


def _complex_erf(z: complex) -> complex:
    # summands of one sign, so nothing cancels; beyond 6 the real part is 1 to the last bit
    if abs(z.real) > 6:
        tail = 2 / math.sqrt(math.pi) * cmath.exp(-z * z)
        return complex(math.copysign(1, z.real), tail.real * z.imag)
    summand = total = z
    n = 0
    while abs(summand) > 1e-18 * abs(total):
        n += 1
        summand = summand * (2 * z * z / (2 * n + 1))
        total += summand
    return 2 / math.sqrt(math.pi) * cmath.exp(-z * z) * total


_COMPLEX = SimpleNamespace(
    **{name: getattr(cmath, name) for name in dir(cmath) if not name.startswith("_")},
    erf=_complex_erf,
    log1p=lambda z: cmath.log(1 + z),
    expm1=lambda z: cmath.exp(z) - 1,
)


class _Stepped:
    """mpmath's functions near the real line, for the complex step.

    Its erf of a complex number is exact relative to the whole and not to the imaginary part, which is where
    the derivative stands; so that part is taken from the derivative itself.
    """

    def __init__(self, context: Any) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def erf(self, z: Any) -> Any:
        m = self._context
        slope = 2 / m.sqrt(m.pi) * m.exp(-z.real * z.real)
        return m.mpc(m.erf(z.real), slope * z.imag)


def precise(digits: int) -> Arithmetic:
    """mpmath's numbers with so many digits, in a context of their own: nobody's settings are touched."""
    context = mpmath.mp.clone()
    context.dps = digits

    def number(value: Fraction) -> Any:
        if isinstance(value, Fraction):
            return context.mpf(value.numerator) / value.denominator
        return context.mpf(value)

    return Arithmetic(
        f"{digits} digits",
        number,
        context,
        _Stepped(context),
        context.mpc(0, context.mpf(10) ** -(digits // 2)),
        context.mpf(10) ** -(digits // 5),
        context.mpf(10) ** -(7 * digits // 10),
    )


FLOAT = Arithmetic("float", float, math, _COMPLEX, 1e-20j, 2.0**-13, 1e-12)
PRECISE = precise(DIGITS)
CAREFUL = precise(20 * DIGITS)  # for telling equal from close: 1 - tanh(300) has 260 zeros
MP = PRECISE.functions
EXACT = Arithmetic("exact", Fraction, SimpleNamespace(nan=math.nan), None, None, Fraction(1, 2**13), 0)


@dataclass(frozen=True)
class Array:
    """Values in row-major order."""

    shape: tuple[int, ...]
    flat: list[Any]

    def __getitem__(self, position: tuple[int, ...]) -> Any:
        place = 0
        for p, n in zip(position, self.shape, strict=True):
            place = place * n + p
        return self.flat[place]

    def replaced(self, place: int, value: Any) -> "Array":
        return Array(self.shape, [*self.flat[:place], value, *self.flat[place + 1 :]])


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def finite(value: Any) -> bool:
    """Whether this is a number, and not NaN or infinite."""
    return bool(value - value == 0)


def eliminated(flat: list[Any], n: int, arithmetic: Arithmetic) -> tuple[Any, list[Any]]:
    """Determinant and inverse by elimination; of a singular matrix 0 and NaN."""
    rows = [list(flat[r * n : (r + 1) * n]) + [int(r == c) for c in range(n)] for r in range(n)]
    largest = max((abs(v) for v in flat), default=0)
    determinant: Any = arithmetic.number(Fraction(1))
    for column in range(n):
        pivot = max(range(column, n), key=lambda r: abs(rows[r][column]))
        if not abs(rows[pivot][column]) > arithmetic.singular * largest:
            return 0 * determinant, [arithmetic.nan] * (n * n)
        if pivot != column:
            rows[pivot], rows[column] = rows[column], rows[pivot]
            determinant = -determinant
        value = rows[column][column]
        determinant = determinant * value
        rows[column] = [v / value for v in rows[column]]
        for r in range(n):
            factor = rows[r][column]
            if r != column and factor != 0:
                rows[r] = [v - factor * w for v, w in zip(rows[r], rows[column], strict=True)]
    return determinant, [v for row in rows for v in row[n:]]
