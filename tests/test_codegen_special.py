"""The error function that kernels carry with them: where its coefficients come from, and how good it is."""

from typing import Any

import mpmath
import numpy as np
import pytest

from derivations.codegen import GeneratedModule, KernelEntry, loaded
from derivations.codegen.special import (
    ERF_OVER_X,
    ERFCX_ABOVE,
    ERFCX_BELOW,
    HELPERS,
    with_needs,
)

mp = mpmath.mp.clone()
mp.dps = 60


def nodes(count: int, low: Any, high: Any) -> list[Any]:
    """Chebyshev nodes of an interval."""
    middle, half = (high + low) / 2, (high - low) / 2
    return [middle + half * mp.cos(mp.pi * (2 * n + 1) / (2 * count)) for n in range(count)]


def scaled_erfc(a: Any) -> Any:
    return mp.exp(a * a) * mp.erfc(a)


def test_the_rational_function_interpolates_at_chebyshev_nodes() -> None:
    """Numerator over denominator is exact at 22 nodes of t = (a - 3)/(a + 3), which opens up the start."""
    above, below, pull, end = len(ERFCX_ABOVE), len(ERFCX_BELOW) - 1, mp.mpf(3), mp.mpf(28)
    count = above + below
    system, right = mp.matrix(count, count), mp.matrix(count, 1)
    for row, t in enumerate(nodes(count, mp.mpf(-1), (end - pull) / (end + pull))):
        a = pull * (1 + t) / (1 - t)
        for column in range(above):
            system[row, column] = a**column / scaled_erfc(a)
        for column in range(below):
            system[row, above + column] = -(a ** (column + 1))
        right[row] = 1
    solution = mp.lu_solve(system, right)
    assert tuple(float(solution[n]) for n in range(above)) == ERFCX_ABOVE
    assert (1.0, *(float(solution[above + n]) for n in range(below))) == ERFCX_BELOW
    assert all(c > 0 for c in (*ERFCX_ABOVE, *ERFCX_BELOW)), "a negative coefficient would cancel"


def test_the_polynomial_interpolates_at_chebyshev_nodes() -> None:
    count = len(ERF_OVER_X)
    system, right = mp.matrix(count, count), mp.matrix(count, 1)
    for row, square in enumerate(nodes(count, mp.mpf(0), mp.mpf("0.5625"))):
        for column in range(count):
            system[row, column] = square**column
        right[row] = mp.erf(mp.sqrt(square)) / mp.sqrt(square)
    solution = mp.lu_solve(system, right)
    assert tuple(float(solution[n]) for n in range(count)) == ERF_OVER_X


def helper(name: str) -> Any:
    source = "import numpy as np\n" + "\n".join(HELPERS[n].source for n in with_needs({name}))
    entry = KernelEntry(f"_{name}", "", "", "", ())
    return loaded(GeneratedModule("helper.py", source.encode(), (entry,)))[f"_{name}"]


ACCURATE = {
    "erfc": (mp.erfc, 26.0, 12),
    "erf": (mp.erf, 10.0, 4),
    "normal_cdf": (mp.ncdf, 37.0, 12),
    "gaussian": (lambda u: mp.exp(-u * u / 2), 37.0, 4),
    "sigmoid": (lambda u: 1 / (1 + mp.exp(-u)), 700.0, 4),
    "sigmoid_slope": (lambda u: mp.exp(-abs(u)) / (1 + mp.exp(-abs(u))) ** 2, 700.0, 4),
    "sech_squared": (lambda u: mp.sech(u) ** 2, 350.0, 4),
    "softplus": (lambda u: mp.log1p(mp.exp(-abs(u))) + max(u, 0), 700.0, 4),
}


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("name", sorted(ACCURATE))
def test_a_helper_is_right_to_a_few_units_in_the_last_place(name: str, kind: Any) -> None:
    exact, reach, ulps = ACCURATE[name]
    near = np.concatenate([np.linspace(-6, 6, 241), np.logspace(-8, 0, 25), -np.logspace(-8, 0, 25)])
    points = np.concatenate([near, np.linspace(-reach, reach, 149)]).astype(kind)
    with np.errstate(all="ignore"):
        answers = helper(name)(points)
    assert answers.dtype == kind
    for point, found in zip(points, answers, strict=True):
        expected = exact(mp.mpf(float(point)))
        if abs(expected) < 8 * float(np.finfo(kind).tiny):
            continue  # digits are lost below the normal range, whatever is done
        error = abs(mp.mpf(float(found)) - expected) / float(np.spacing(kind(abs(float(expected)))))
        assert error <= ulps, f"{name}({point!r}) = {found!r}, expected {mp.nstr(expected, 20)}: {error} ulp"


@pytest.mark.parametrize("name", ["erf", "erfc", "normal_cdf", "gaussian"])
def test_special_functions_have_their_limits_at_infinity_and_pass_nan_on(name: str) -> None:
    expected = {"erf": (-1, 1), "erfc": (2, 0), "normal_cdf": (0, 1), "gaussian": (0, 0)}[name]
    with np.errstate(all="ignore"):
        low, high, nothing = helper(name)(np.array([-np.inf, np.inf, np.nan]))
    assert (low, high) == expected and np.isnan(nothing)


def test_helpers_stand_after_what_they_need_and_say_what_they_are() -> None:
    for name, entry in HELPERS.items():
        order = with_needs({name})
        assert all(order.index(need) < order.index(name) for need in entry.needs)
        assert f"def _{name}(" in entry.source and '"""' in entry.source
