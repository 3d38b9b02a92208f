"""Kinds of numbers: floats, 50 digits and fractions say the same where all three can speak."""

import cmath
import math
import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.special

from derivations.numerics import EXACT, FLOAT, PRECISE, Arithmetic, Array, eliminated, finite, precise

KINDS = pytest.mark.parametrize("kind", [FLOAT, PRECISE, EXACT], ids=lambda kind: kind.name)


def matrix(n: int, seed: int) -> list[Fraction]:
    random_numbers = random.Random(seed)
    return [Fraction(random_numbers.randint(-9, 9), random_numbers.randint(1, 5)) for _ in range(n * n)]


@KINDS
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_elimination_gives_the_inverse_and_the_determinant(kind: Arithmetic, n: int) -> None:
    exact = matrix(n, seed=n)
    determinant, inverse = eliminated([kind.number(v) for v in exact], n, kind)
    a = np.array([float(v) for v in exact]).reshape(n, n)
    assert float(determinant) == pytest.approx(np.linalg.det(a), rel=1e-9)
    assert np.array([float(v) for v in inverse]).reshape(n, n) == pytest.approx(np.linalg.inv(a), rel=1e-8)


@KINDS
def test_a_singular_matrix_has_determinant_zero_and_no_inverse(kind: Arithmetic) -> None:
    determinant, inverse = eliminated([kind.number(Fraction(v)) for v in (1, 2, 2, 4)], 2, kind)
    assert determinant == 0
    assert not any(finite(v) for v in inverse)


def test_an_exact_inverse_is_exact() -> None:
    a = matrix(4, seed=4)
    _, inverse = eliminated(a, 4, EXACT)
    product = [sum(a[4 * r + k] * inverse[4 * k + c] for k in range(4)) for r in range(4) for c in range(4)]
    assert product == [int(r == c) for r in range(4) for c in range(4)]


@pytest.mark.parametrize("x", [-7.0, -3.0, -0.5, 0.0, 0.1, 1.0, 2.5, 5.9, 6.1, 20.0])
def test_the_complex_step_gives_the_slope_of_erf(x: float) -> None:
    slope = 2 / math.sqrt(math.pi) * math.exp(-x * x)
    stepped = FLOAT.complex_functions.erf(complex(x, 1e-20))
    assert stepped.imag / 1e-20 == pytest.approx(slope, rel=1e-12)
    assert stepped.real == pytest.approx(scipy.special.erf(x), rel=1e-14)
    precise_step = PRECISE.imaginary
    found = PRECISE.complex_functions.erf(x + precise_step).imag / precise_step.imag
    with mpmath.workdps(60):
        expected = 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(mpmath.mpf(x) ** 2))
        assert abs(mpmath.mpf(found) - expected) <= expected * mpmath.mpf(10) ** -45


@pytest.mark.parametrize("name", ["exp", "log1p", "expm1", "tanh", "sqrt"])
def test_complex_functions_continue_the_real_ones(name: str) -> None:
    assert getattr(FLOAT.complex_functions, name)(0.75 + 0j) == pytest.approx(
        complex(getattr(FLOAT.functions, name)(0.75))
    )


def test_fifty_digits_leave_the_settings_of_mpmath_alone() -> None:
    before = mpmath.mp.dps
    third = precise(50).number(Fraction(1, 3))
    assert mpmath.mp.dps == before
    assert str(third * 3 - 1) == "0.0"
    assert third != 1 / 3


def test_only_fractions_are_exact() -> None:
    assert [kind.exact for kind in (FLOAT, PRECISE, EXACT)] == [False, False, True]


def test_an_array_is_read_row_by_row() -> None:
    array = Array((2, 3), list(range(6)))
    assert [array[(r, c)] for r in range(2) for c in range(3)] == list(range(6))
    assert array.replaced(4, "x")[(1, 1)] == "x"
    assert array[(1, 1)] == 4


@pytest.mark.parametrize(
    ("value", "answer"), [(1.0, True), (math.nan, False), (math.inf, False), (-math.inf, False)]
)
def test_finite_numbers_are_told_from_others(value: float, answer: bool) -> None:
    assert finite(value) is answer
    assert finite(complex(value, 1)) is answer
    assert cmath.isfinite(complex(value, 1)) is answer
