"""Identities whose right side is safe where the left one is not: the data of the stability pass.

Both sides have equal values and unequal rounding; tests evaluate them at random points, as they do with every
step of a derivation.  No rewrite knows a formula.
"""

from dataclasses import dataclass

from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    add,
    divide,
    negate,
    number,
    power,
    product,
    subtract,
    total,
)
from derivations.codegen.stable import stable
from derivations.functions import apply
from derivations.indices import Affine, Axis
from derivations.terms import Component, SizeOf, Symbol, Term


@dataclass(frozen=True)
class Stabilization:
    """An identity whose right side is safe where its left side is not."""

    name: str
    before: Term
    after: Term
    why: str
    positive: tuple[str, ...] = ()  # variables for which the identity needs values above 0


_N = Axis.named("n", "k")
_K = _N.index("k")
_u = Component(Symbol("u"), ())
_v = Component(Symbol("v"), ())
_x = Component(Symbol("x", (_N,)), (Affine.of(_K),))
_e = apply("exp", _u)
_minus_u = negate(_u)
_mean = divide(total((_K,), _x), SizeOf(_N.size))

REWRITES = (
    Stabilization(
        "logistic",
        power(add(ONE, apply("exp", _minus_u)), MINUS_ONE),
        apply("sigmoid", _u),
        "exp(-u) overflows for u < -709, its sigmoid does not",
    ),
    Stabilization(
        "logistic with the exponential above",
        product(_e, power(add(ONE, _e), MINUS_ONE)),
        apply("sigmoid", _u),
        "exp(u) overflows above and below the line for u > 709: infinity over infinity",
    ),
    Stabilization(
        "sigmoid times what an exponential leaves",
        product(apply("exp", _minus_u), apply("sigmoid", _u)),
        apply("sigmoid", _minus_u),
        "exp(-u) overflows while sigmoid(u) vanishes; their product is at most 1",
    ),
    Stabilization(
        "hyperbolic tangent of exponentials",
        divide(subtract(_e, apply("exp", _minus_u)), add(_e, apply("exp", _minus_u))),
        apply("tanh", _u),
        "exp(u) overflows for |u| > 709, and near 0 the difference cancels",
    ),
    Stabilization(
        "complement of sigmoid",
        subtract(ONE, apply("sigmoid", _u)),
        apply("sigmoid", _minus_u),
        "1 - sigmoid(u) is 0 for u > 37; sigmoid(-u) keeps its digits down to u = 745",
    ),
    Stabilization(
        "sigmoid against one half",
        subtract(ONE, product(TWO, apply("sigmoid", _u))),
        apply("tanh", product(number(-1), HALF, _u)),
        "the difference cancels near u = 0",
    ),
    Stabilization(
        "slope of sigmoid",
        product(apply("sigmoid", _u), apply("sigmoid", _minus_u)),
        stable("sigmoid_slope", _u),
        "one exponential instead of two: e/(1 + e)**2 with e = exp(-|u|)",
    ),
    Stabilization(
        "slope of tanh",
        subtract(ONE, power(apply("tanh", _u), TWO)),
        stable("sech_squared", _u),
        "the difference loses all digits from |u| = 19 on; 4e/(1 + e)**2 with e = exp(-2|u|) loses none",
    ),
    Stabilization(
        "difference of squares",
        subtract(ONE, power(_u, TWO)),
        product(subtract(ONE, _u), add(ONE, _u)),
        "squaring rounds before 1 - u**2 cancels; 1 - u is exact there",
    ),
    Stabilization(
        "error function at its lower end",
        add(ONE, apply("erf", _u)),
        stable("erfc", _minus_u),
        "1 + erf(u) cancels for u < 0",
    ),
    Stabilization(
        "error function at its upper end",
        subtract(ONE, apply("erf", _u)),
        stable("erfc", _u),
        "1 - erf(u) cancels for u > 0",
    ),
    Stabilization(
        "normal distribution function",
        stable("erfc", product(_u, power(TWO, negate(HALF)))),
        product(TWO, stable("normal_cdf", _minus_u)),
        "rounding u/sqrt(2) costs u**2 units in the last place in the tail",
    ),
    Stabilization(
        "complement of the normal distribution function",
        subtract(ONE, stable("normal_cdf", _u)),
        stable("normal_cdf", _minus_u),
        "the difference cancels for u > 0",
    ),
    Stabilization(
        "bell curve",
        apply("exp", product(negate(HALF), power(_u, TWO))),
        stable("gaussian", _u),
        "rounding u**2 costs u**2 units in the last place of its exponential",
    ),
    Stabilization(
        "softplus",
        apply("log", add(ONE, _e)),
        apply("softplus", _u),
        "exp(u) overflows for u > 709, and for u < 0 its digits are lost beside 1",
    ),
    Stabilization(
        "logarithm of sigmoid",
        apply("log", apply("sigmoid", _u)),
        negate(apply("softplus", _minus_u)),
        "sigmoid(u) underflows for u < -745, where its logarithm is u",
    ),
    Stabilization(
        "logarithm near one",
        apply("log", add(ONE, _u)),
        apply("log1p", _u),
        "1 + u drops the digits of a small u",
        positive=("u",),
    ),
    Stabilization(
        "exponential near one",
        subtract(_e, ONE),
        apply("expm1", _u),
        "exp(u) - 1 cancels for small u",
    ),
    Stabilization(
        "quotient of exponentials",
        product(_e, power(apply("exp", _v), MINUS_ONE)),
        apply("exp", subtract(stable("finite_above", _u), _v)),
        "both may overflow where their quotient is at most 1",
    ),
    Stabilization(
        "logarithm of an exponential",
        apply("log", _e),
        _u,
        "exp(u) may overflow or vanish",
    ),
    Stabilization(
        "logarithm of a product with an exponential",
        apply("log", product(_e, _v)),
        add(_u, apply("log", _v)),
        "the logarithm undoes the exponential before it can overflow or vanish",
        positive=("v",),
    ),
    Stabilization(
        "logarithm of a reciprocal",
        apply("log", power(_u, MINUS_ONE)),
        negate(apply("log", _u)),
        "1/u rounds, and its logarithm near 1 shows it",
        positive=("u",),
    ),
    Stabilization(
        "two-pass variance",
        subtract(divide(total((_K,), power(_x, TWO)), SizeOf(_N.size)), power(_mean, TWO)),
        divide(total((_K,), power(subtract(_x, _mean), TWO)), SizeOf(_N.size)),
        "the mean of squares minus the square of the mean cancels when the mean is large",
    ),
)
