"""Functions that code is written with and mathematics is not: each computes an expression without its danger.

They appear only after the stability pass.  `meaning` says in the functions of the project what each one is;
evidence opens it, so nothing has to believe a name.  What they are in NumPy stands with the printer.
"""

from collections.abc import Callable
from dataclasses import dataclass

from derivations.arithmetic import HALF, MINUS_ONE, ONE, TWO, add, power, product, rewritten, subtract
from derivations.domains import NONNEGATIVE, POSITIVE, REAL, UNIT, Domain
from derivations.functions import apply
from derivations.terms import Function, Head, Term


@dataclass(frozen=True)
class StableFunction:
    """A function of code: its meaning, and what the guards have to know of it.

    `vanishes` says that the value falls to 0 faster than any power grows, at one or both ends; `bounded`
    that it stays finite for every argument.
    """

    head: Head
    meaning: Callable[..., Term]
    why: str
    vanishes: bool = False
    bounded: bool = True


def _sigmoid_slope(u: Term) -> Term:
    return product(apply("sigmoid", u), subtract(ONE, apply("sigmoid", u)))


def _sech_squared(u: Term) -> Term:
    return subtract(ONE, power(apply("tanh", u), TWO))


def _normal_cdf(u: Term) -> Term:
    return product(HALF, add(ONE, apply("erf", product(u, power(TWO, product(MINUS_ONE, HALF))))))


def _gaussian(u: Term) -> Term:
    return apply("exp", product(MINUS_ONE, HALF, power(u, TWO)))


def _head(name: str, domain: Domain = REAL) -> Head:
    return Head(name, domain)


_TABLE = (
    StableFunction(
        _head("sigmoid_slope", POSITIVE),
        _sigmoid_slope,
        "1 - sigmoid(u) is 0 for u > 37, the slope is not",
        vanishes=True,
    ),
    StableFunction(
        _head("sech_squared", POSITIVE),
        _sech_squared,
        "1 - tanh(u)**2 loses all digits from |u| = 19 on",
        vanishes=True,
    ),
    StableFunction(
        _head("erfc", POSITIVE),
        lambda u: subtract(ONE, apply("erf", u)),
        "1 - erf(u) loses all digits from u = 6 on",
        vanishes=True,
    ),
    StableFunction(
        _head("normal_cdf", UNIT),
        _normal_cdf,
        "erfc(-u/sqrt(2)) would turn the rounding of u/sqrt(2) into u**2 times as much",
        vanishes=True,
    ),
    StableFunction(
        _head("gaussian", POSITIVE),
        _gaussian,
        "rounding u**2 costs u**2 units in the last place of its exponential; a split square does not",
        vanishes=True,
    ),
    StableFunction(
        _head("finite_above"),
        lambda u: u,
        "+inf as the largest finite number: the difference of two infinities has no value, its limit has one",
        bounded=False,
    ),
    StableFunction(
        _head("zero_wins"),
        lambda factor, other: product(factor, other),
        "0 times infinity where the first factor falls to 0 faster than the second one grows",
        bounded=False,
    ),
    StableFunction(
        _head("hypot", NONNEGATIVE),
        lambda u, v: power(add(power(u, TWO), power(v, TWO)), HALF),
        "squares overflow at half the exponent range, the length they make does not",
        bounded=False,
    ),
)

STABLE: dict[str, StableFunction] = {function.head.name: function for function in _TABLE}


def stable(name: str, *arguments: Term) -> Function:
    """The function of code of this name."""
    return Function(STABLE[name].head, arguments)


def meaning(term: Term) -> Term:
    """The term in the functions of the project alone."""
    if isinstance(term, Function) and term.head.name in STABLE:
        return STABLE[term.head.name].meaning(*(meaning(argument) for argument in term.arguments))
    return rewritten(term, meaning)


_BOUNDED = frozenset(
    {"sigmoid", "tanh", "erf", "sin", "cos", "sign", "arctan"}
    | {name for name, function in STABLE.items() if function.bounded}
)
_VANISHING = frozenset({"sigmoid", "exp"} | {name for name, function in STABLE.items() if function.vanishes})


def is_bounded(term: Term) -> bool:
    """Whether a function keeps the value finite whatever its argument is."""
    return isinstance(term, Function) and term.head.name in _BOUNDED


def is_vanishing(term: Term) -> bool:
    """Whether the value falls to 0 faster than any power of the argument grows."""
    return isinstance(term, Function) and term.head.name in _VANISHING
