"""Functions that NumPy does not have, as source text that is printed into the kernels that need them.

A kernel imports NumPy only, and `math.erf` takes single numbers, so the error function comes with the file:
exp(a**2) erfc(a) is one rational function on [0, 28] with positive coefficients, so nothing cancels (relative
error 2e-18 before rounding), and the exponential is split so that rounding the square costs nothing.  The
coefficients interpolate at Chebyshev nodes; a test computes them again at 60 digits and compares every bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# exp(a**2) erfc(a) on 0 <= a <= 28: the numerator of degree 10 and the denominator of degree 11, lowest first
ERFCX_ABOVE = (
    1.0,
    2.3480920579990747,
    2.7324426609880548,
    2.036683471236088,
    1.0668973235107613,
    0.40857889339893894,
    0.11569639112382131,
    0.023951153751494203,
    0.0034826810735195364,
    0.00032349956791045807,
    1.4759943556253303e-05,
)
ERFCX_BELOW = (
    1.0,
    3.4764712250945875,
    5.655220366391789,
    5.693697870976201,
    3.9515121553972516,
    1.990505746978287,
    0.7451266983077873,
    0.20813987897971525,
    0.042739008730540325,
    0.006185972139577478,
    0.0005733880549098815,
    2.6161318795424984e-05,
)
# erf(x)/x as a polynomial in x**2 for |x| <= 3/4, lowest first
ERF_OVER_X = (
    1.1283791670955126,
    -0.37612638903183715,
    0.11283791670952596,
    -0.026866170644428485,
    0.005223977615420539,
    -0.0008548326188759752,
    0.00012055289567541706,
    -1.4924196305569617e-05,
    1.643068417974155e-06,
    -1.5940066854661717e-07,
    1.1472499701094691e-08,
)


@dataclass(frozen=True)
class Helper:
    """A function printed into a kernel file, and the helpers that it calls."""

    source: str
    needs: tuple[str, ...] = ()


def _list(name: str, coefficients: tuple[float, ...]) -> str:
    """A tuple, highest coefficient first, three numbers in a line."""
    numbers = [repr(c) for c in reversed(coefficients)]
    lines = [", ".join(numbers[n : n + 3]) for n in range(0, len(numbers), 3)]
    return f"{name} = (\n" + "".join(f"    {line},\n" for line in lines) + ")\n"


HELPERS: dict[str, Helper] = {
    "sigmoid": Helper(
        '''
def _sigmoid(u):
    """1/(1 + exp(-u)); neither exponential can overflow."""
    return np.exp(np.minimum(u, 0)) / (1 + np.exp(-np.abs(u)))
'''
    ),
    "sigmoid_slope": Helper(
        '''
def _sigmoid_slope(u):
    """sigmoid(u) * (1 - sigmoid(u)), with its digits in both tails."""
    e = np.exp(-np.abs(u))
    return e / np.square(1 + e)
'''
    ),
    "sech_squared": Helper(
        '''
def _sech_squared(u):
    """1 - tanh(u)**2, with its digits in both tails."""
    e = np.exp(-2 * np.abs(u))
    return 4 * e / np.square(1 + e)
'''
    ),
    "softplus": Helper(
        '''
def _softplus(u):
    """log(1 + exp(u)) without overflow."""
    return np.maximum(u, 0) + np.log1p(np.exp(-np.abs(u)))
'''
    ),
    "zero_wins": Helper(
        '''
def _zero_wins(a, b):
    """a * b, and 0 where a is 0: a falls to 0 faster than b grows."""
    return a * np.where(a == 0, 0, b)
'''
    ),
    "log_of_shifted_sum": Helper(
        '''
def _log_of_shifted_sum(d, keepdims=False):
    """log(sum(exp(d))) along the last axis, where the largest d is 0: log1p of the sum of all others."""
    e = np.exp(d)
    np.put_along_axis(e, np.argmax(d, axis=-1, keepdims=True), 0, axis=-1)
    return np.log1p(np.sum(e, axis=-1, keepdims=keepdims))
'''
    ),
    "largest_magnitude": Helper(
        '''
def _largest_magnitude(u, keepdims=False):
    """The largest |u| along the last axis, 1 where all are 0: a unit in which no square overflows."""
    a = np.max(np.abs(u), axis=-1, keepdims=keepdims)
    return np.where(a == 0, 1, a)
'''
    ),
    "least_squares": Helper(
        '''
def _least_squares(a, b):
    """The x of least length for which a @ x is nearest to b, from the singular values of a."""
    unit = np.max(np.abs(a), axis=(-2, -1), keepdims=True, initial=0)
    sound = np.isfinite(unit)
    unit = np.where(sound & (unit > 0), unit, 1)
    inverse = np.linalg.pinv(np.where(sound, a / unit, 0), rtol=None)
    return np.where(sound[..., 0], (inverse @ (b[..., None] / unit))[..., 0], np.nan)
'''
    ),
    "log_determinant": Helper(
        '''
def _log_determinant(a):
    """log(det(a)) where det(a) itself would be too large or too small; NaN where it is negative."""
    sign, value = np.linalg.slogdet(a)
    return np.where(sign < 0, np.nan, value)
'''
    ),
    "polynomial": Helper(
        '''
def _polynomial(coefficients, x):
    """Horner's scheme, highest coefficient first."""
    value = coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value
'''
    ),
    "gaussian": Helper(
        '''
def _gaussian(u):
    """exp(-u**2/2).  u is split in a multiple of 1/16, whose square is exact, and a rest."""
    a = np.minimum(np.abs(u), 40)
    h = np.rint(16 * a) / 16
    return np.exp(-0.5 * np.square(h)) * np.exp(-0.5 * (a - h) * (a + h))
'''
    ),
    "scaled_erfc": Helper(
        _list("_ABOVE", ERFCX_ABOVE)
        + _list("_BELOW", ERFCX_BELOW)
        + '''

def _scaled_erfc(a):
    """exp(a**2) * erfc(a) for 0 <= a <= 28; all coefficients are positive, so nothing cancels."""
    return _polynomial(_ABOVE, a) / _polynomial(_BELOW, a)
''',
        ("polynomial",),
    ),
    "normal_cdf": Helper(
        '''
def _normal_cdf(u):
    """The standard normal distribution function, with its digits in the lower tail."""
    tail = 0.5 * _scaled_erfc(np.minimum(np.abs(u), 39) * 0.7071067811865476) * _gaussian(u)
    return np.where(u > 0, 1 - tail, tail)
''',
        ("scaled_erfc", "gaussian"),
    ),
    "erfc": Helper(
        '''
def _erfc(u):
    """1 - erf(u), with its digits in the upper tail; u is split as in a Gaussian."""
    a = np.minimum(np.abs(u), 28)
    h = np.rint(16 * a) / 16
    tail = _scaled_erfc(a) * (np.exp(-np.square(h)) * np.exp(-(a - h) * (a + h)))
    return np.where(u < 0, 2 - tail, tail)
''',
        ("scaled_erfc",),
    ),
    "erf": Helper(
        _list("_ERF", ERF_OVER_X)
        + '''

def _erf(u):
    """The error function: a polynomial near 0, where 1 - erfc would cancel."""
    a = np.abs(u)
    near = u * _polynomial(_ERF, np.square(np.minimum(a, 0.75)))
    return np.where(a < 0.75, near, np.sign(u) * (1 - _erfc(a)))
''',
        ("polynomial", "erfc"),
    ),
}


def with_needs(names: set[str], helpers: Mapping[str, Helper] = HELPERS) -> list[str]:
    """The helpers of these names and all that they call, each after what it needs; among equals by name."""
    wanted = set(names)
    while more := {need for name in wanted for need in helpers[name].needs} - wanted:
        wanted |= more

    def depth(name: str) -> int:
        return 1 + max(map(depth, helpers[name].needs), default=-1)

    return sorted(wanted, key=lambda name: (depth(name), name))
