"""Each record of the table of functions is right: derivative, range, domain, kinks, notation.

Two oracles that know nothing of the records: SymPy's derivative, and central differences at 50 digits.
"""

from fractions import Fraction

import mpmath
import pytest
import sympy

from derivations.arithmetic import ZERO
from derivations.functions import FUNCTIONS, apply, in_sympy
from derivations.terms import (
    Add,
    Component,
    Constant,
    Function,
    Number,
    Power,
    Product,
    Symbol,
    Term,
    TermError,
)

EACH = pytest.mark.parametrize("name", FUNCTIONS)
X = Symbol("x").scalar
CANDIDATES = [Fraction(n, 8) for n in range(-32, 33)]


def inside(domain, value):
    lower, upper = (end if end is None else numeric(end) for end in (domain.lower, domain.upper))
    if domain.closed:
        return (lower is None or value >= lower) and (upper is None or value <= upper)
    return (lower is None or value > lower) and (upper is None or value < upper)


def points(name):
    f = FUNCTIONS[name]
    return [q for q in CANDIDATES if inside(f.domain, numeric(q)) and q not in {kink.at for kink in f.kinks}]


def numeric(q):
    return mpmath.mpf(q.numerator) / q.denominator


def value(term: Term, x):
    """A second evaluator, twenty lines, so that this test does not lean on the one that uses the table."""
    match term:
        case Number(value=v):
            return numeric(v)
        case Constant(name="pi"):
            return mpmath.pi
        case Component():
            return x
        case Add(terms=terms):
            return mpmath.fsum(value(t, x) for t in terms)
        case Product(factors=factors):
            return mpmath.fprod(value(t, x) for t in factors)
        case Power(base=base, exponent=exponent):
            return mpmath.power(value(base, x), value(exponent, x))
        case Function(head=head, arguments=(argument,)):
            return to_number(in_sympy(head.name, sympy.Symbol("x")), value(argument, x))
    raise AssertionError(term)


def to_number(expression, x):
    return sympy.lambdify(sympy.Symbol("x"), expression, "mpmath")(x)


@EACH
def test_derivative_is_that_of_sympy(name):
    x = sympy.Symbol("x", real=True)
    expected = sympy.diff(in_sympy(name, x), x)
    term = FUNCTIONS[name].derivative(apply(name, X), X)
    with mpmath.workdps(50):
        for q in points(name):
            at = sympy.Rational(q.numerator, q.denominator)
            right = mpmath.mpmathify(sympy.N(expected.subs(x, at), 50))
            assert abs(value(term, numeric(q)) - right) < mpmath.mpf(10) ** -40 * (1 + abs(right)), q


@EACH
def test_derivative_is_the_limit_of_differences(name):
    f = FUNCTIONS[name]
    term = f.derivative(apply(name, X), X)
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -16
        for q in points(name):
            x = numeric(q)
            difference = (f.value(mpmath, x + h) - f.value(mpmath, x - h)) / (2 * h)
            assert abs(difference - value(term, x)) < mpmath.mpf(10) ** -20 * (1 + abs(difference)), q


@EACH
def test_value_is_that_of_sympy(name):
    expression = in_sympy(name, sympy.Symbol("x"))
    with mpmath.workdps(50):
        for q in points(name):
            right = to_number(expression, numeric(q))
            found = FUNCTIONS[name].value(mpmath, numeric(q))
            assert abs(found - right) < mpmath.mpf(10) ** -45 * (1 + abs(right)), q


@EACH
def test_values_lie_in_the_range(name):
    f = FUNCTIONS[name]
    with mpmath.workdps(50):
        assert all(inside(f.head.range, f.value(mpmath, numeric(q))) for q in points(name))


@EACH
def test_the_stated_value_is_used_at_a_kink(name):
    f = FUNCTIONS[name]
    term = f.derivative(apply(name, X), X)
    for kink in f.kinks:
        found = Number(Fraction(0)) if term == ZERO else value(term, numeric(kink.at))
        assert found == (ZERO if term == ZERO else numeric(kink.derivative))


@EACH
def test_both_notations_hold_the_argument_and_both_languages_a_name(name):
    f = FUNCTIONS[name]
    assert f.latex.count("#1") + f.latex.count("#(1)") == 1
    assert f.latex.count("{") == f.latex.count("}")
    assert f.text.replace("#1", "x") == f"{name}(x)"
    assert not f.name.missing


def test_an_unknown_function_is_named():
    with pytest.raises(TermError, match="no function 'gamma'"):
        apply("gamma", X)
