"""Rewrites for stability: both sides are equal, each is needed, and each is found in what people write.

Equality is checked like that of every step: at random points, at 50 digits, with the functions of code opened
to what they mean.  That a rewrite is needed is shown by a point at which the left side loses its digits.
"""

import itertools
import math
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from kernel_cases import EXACTLY

from derivations import codegen
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
    rewritten,
    subtract,
    total,
)
from derivations.codegen import GeneratedModule, KernelEntry
from derivations.codegen.backends import module
from derivations.codegen.function import Kernel
from derivations.codegen.patterns import everywhere
from derivations.codegen.rewrites import REWRITES, Stabilization
from derivations.codegen.stability import Calculation, stabilized
from derivations.codegen.stable import STABLE, meaning, stable
from derivations.domains import POSITIVE
from derivations.evaluate import Point
from derivations.functions import FUNCTIONS, apply
from derivations.indices import Affine, Axis, Index
from derivations.numerics import FLOAT, PRECISE, Arithmetic, Array
from derivations.scope import Definition, Definitions
from derivations.terms import (
    Component,
    Function,
    Piecewise,
    Relation,
    SizeOf,
    Symbol,
    Term,
    subterms,
    symbols,
)

ALL = pytest.mark.parametrize("rewrite", REWRITES, ids=lambda r: r.name)
LENGTH = 3


def value(term: Term, values: dict[str, list[Fraction]], arithmetic: Arithmetic) -> Any:
    shapes = {s.name: (LENGTH,) * len(s.axes) for s in symbols(term)}
    inputs = {name: Array(shapes[name], values[name]) for name in shapes}
    return Point(Definitions(), {"n": LENGTH}, inputs, arithmetic).evaluate(meaning(term))


def random_values(rewrite: Stabilization, seed: int) -> dict[str, list[Fraction]]:
    source = random.Random(seed)
    values = {}
    for symbol in symbols(rewrite.before):
        entries = [Fraction(source.randrange(-2048, 2048), 1024) for _ in range(LENGTH ** len(symbol.axes))]
        if symbol.name in rewrite.positive:
            entries = [abs(v) + Fraction(1, 8) for v in entries]
        values[symbol.name] = entries
    return values


@ALL
def test_both_sides_of_a_rewrite_have_equal_values(rewrite: Stabilization) -> None:
    for seed in range(4):
        values = random_values(rewrite, seed)
        before, after = (value(side, values, PRECISE) for side in (rewrite.before, rewrite.after))
        assert abs(before - after) <= abs(before) * 10**-45 + 10**-48, f"{rewrite.name} at {values}"


@ALL
def test_an_error_in_a_rewrite_is_noticed(rewrite: Stabilization) -> None:
    moved = {s: add(Component(s, ()), number(Fraction(1, 8))) for s in symbols(rewrite.after) if not s.axes}
    mutants = [negate(rewrite.after), product(TWO, rewrite.after), add(rewrite.after, ONE)]
    mutants += [replaced(rewrite.after, symbol, by) for symbol, by in moved.items()]
    for mutant in mutants:
        values = random_values(rewrite, 1)
        before, after = value(rewrite.before, values, PRECISE), value(mutant, values, PRECISE)
        assert abs(before - after) > 10**-6, f"{rewrite.name}: a wrong right side has the same value"


def replaced(term: Term, symbol: Symbol, by: Term) -> Term:
    if isinstance(term, Component) and term.symbol == symbol:
        return by
    return rewritten(term, lambda child: replaced(child, symbol, by))


@ALL
def test_a_rewrite_finds_itself(rewrite: Stabilization) -> None:
    assert everywhere(rewrite.before, rewrite.after, rewrite.before, Definitions()) == rewrite.after


# ---- why each is needed ------------------------------------------------------------------------------------

HARD = (1e-20, 1e-9, 1e-4, 0.5, 3.0, 7.5, 20.0, 38.0, 50.0, 300.0, 710.0, 800.0)


def hard_points(rewrite: Stabilization) -> Iterator[dict[str, list[float]]]:
    found = symbols(rewrite.before)
    grids: list[list[list[float]]] = []
    for symbol in found:
        if symbol.axes:
            grids.append([[1e8 + 0.25, 1e8 - 0.5, 1e8]])
        else:
            signs = (1.0,) if symbol.name in rewrite.positive else (1.0, -1.0)
            near_one = [[sign * (1 - 1e-9)] for sign in signs]
            grids.append([[sign * size] for size in HARD for sign in signs] + near_one)
    for values in itertools.product(*grids):
        yield dict(zip((s.name for s in found), values, strict=True))


@ALL
def test_a_rewrite_is_needed_and_code_made_of_its_left_side_is_right(rewrite: Stabilization) -> None:
    """Somewhere the left side has lost half of its digits in floats; the kernel made of it has not."""
    inputs = symbols(rewrite.before)
    run = function(Calculation(Definitions(), meaning(rewrite.before)), inputs)
    needed = False
    for values in hard_points(rewrite):
        exact = {name: [Fraction(v) for v in entries] for name, entries in values.items()}
        expected = value(rewrite.before, exact, EXACTLY)
        if expected == 0 or not math.isfinite(float(expected)):
            continue
        naive = value(rewrite.before, exact, FLOAT)
        needed = needed or not abs(naive - expected) <= abs(expected) * 10**-8
        if abs(expected) < 1e-290:
            continue
        arrays = [np.array(values[s.name]) if s.axes else np.float64(values[s.name][0]) for s in inputs]
        error = abs(float(run(*arrays)) - expected) / abs(expected)
        near = {name: [v * (1 + Fraction(1, 2**100)) for v in entries] for name, entries in exact.items()}
        condition = abs(value(rewrite.before, near, EXACTLY) - expected) / abs(expected) * 2**100
        assert error <= (16 + 4 * condition) * 2.0**-52, f"{rewrite.name} at {values}: {float(error):.3g}"
    assert needed or rewrite.name in ONLY_SHORTER, f"{rewrite.name}: its left side is good enough everywhere"


# These save an exponential or lead to another rewrite; alone they lose no more than a few digits.
ONLY_SHORTER = frozenset(
    {"slope of sigmoid", "bell curve", "normal distribution function", "difference of squares"}
)


def function(calculation: Calculation, inputs: tuple[Symbol, ...]) -> Any:
    kernel = Kernel("value", "value", (), calculation, (), inputs)
    source = module("numpy", [kernel]).encode()
    entry = KernelEntry("value", "value", "", "", ())
    return codegen.loaded(GeneratedModule("tried.py", source, (entry,)))["value"]


# ---- what people write -------------------------------------------------------------------------------------

x, w = Component(Symbol("x"), ()), Component(Symbol("w"), ())
C = Axis.named("C", "i k")
i, k = C.index("i"), C.index("k")
z, y = Symbol("z", (C,)), Symbol("y", (C,))
s = Symbol("s")


def at(symbol: Symbol, index: Index) -> Component:
    return Component(symbol, (Affine.of(index),))


def exp(term: Term) -> Function:
    return apply("exp", term)


SIGMOID = power(add(ONE, exp(negate(x))), MINUS_ONE)
WRITTEN: dict[str, tuple[Term, Term]] = {
    "sigmoid": (SIGMOID, apply("sigmoid", x)),
    "sigmoid with exp above": (divide(exp(x), add(exp(x), ONE)), apply("sigmoid", x)),
    "its slope": (product(SIGMOID, subtract(ONE, SIGMOID)), stable("sigmoid_slope", x)),
    "its slope as a quotient": (
        divide(exp(negate(x)), power(add(ONE, exp(negate(x))), TWO)),
        stable("sigmoid_slope", x),
    ),
    "bend": (
        product(SIGMOID, subtract(ONE, SIGMOID), subtract(ONE, product(TWO, SIGMOID))),
        product(apply("tanh", negate(product(HALF, x))), stable("sigmoid_slope", x)),
    ),
    "slope of tanh": (subtract(ONE, power(apply("tanh", x), TWO)), stable("sech_squared", x)),
    "slope of a scaled tanh": (
        subtract(w, product(w, power(apply("tanh", product(w, x)), TWO))),
        stable("zero_wins", stable("sech_squared", product(w, x)), w),
    ),
    "softplus": (apply("log", add(exp(x), ONE)), apply("softplus", x)),
    "log sigmoid": (apply("log", SIGMOID), negate(apply("softplus", negate(x)))),
    "log of one minus sigmoid": (apply("log", subtract(ONE, SIGMOID)), negate(apply("softplus", x))),
    "normal distribution": (
        product(HALF, add(ONE, apply("erf", divide(x, power(TWO, HALF))))),
        stable("normal_cdf", x),
    ),
    "upper tail": (
        subtract(ONE, product(HALF, add(ONE, apply("erf", divide(x, power(TWO, HALF)))))),
        stable("normal_cdf", negate(x)),
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_people_write_is_recognised(name: str) -> None:
    written, expected = WRITTEN[name]
    assert stabilized(Calculation(Definitions(), written)).result == expected


def test_a_derivative_in_names_is_multiplied_out_where_that_shows_a_cancellation() -> None:
    f = product(x, SIGMOID)
    written = add(f, product(SIGMOID, subtract(ONE, f)))
    found = stabilized(Calculation(Definitions(), written)).result
    assert {t.head.name for t in subterms(found) if isinstance(t, Function)} == {
        "sigmoid",
        "sigmoid_slope",
        "zero_wins",
    }


def test_two_pass_variance_is_found_through_the_name_of_the_mean() -> None:
    mean = divide(total((k,), at(z, k)), SizeOf(C.size))
    mu = Definition(Symbol("mu"), (), mean)
    squares = divide(total((k,), power(at(z, k), TWO)), SizeOf(C.size))
    run = function(
        Calculation(Definitions([mu]), subtract(squares, power(Component(mu.symbol, ()), TWO))), (z,)
    )
    assert run(np.array([1e8 + 1, 1e8, 1e8 - 1])) == pytest.approx(2 / 3, rel=1e-15)


def test_a_sum_of_exponentials_is_shifted_wherever_it_stands() -> None:
    inline = apply("log", total((k,), exp(at(z, k))))
    named = Definitions([Definition(s, (), total((k,), exp(at(z, k))))])
    for calculation in (
        Calculation(Definitions(), inline),
        Calculation(named, apply("log", Component(s, ()))),
    ):
        run = function(calculation, (z,))
        assert run(np.array([1000.0, 1000.0])) == 1000 + math.log(2)
        assert run(np.array([0.0, -50.0])) == pytest.approx(math.exp(-50), rel=1e-15)
        assert run(np.array([-np.inf, 3.0])) == 3


def test_the_loss_of_a_sure_and_right_prediction_keeps_its_digits() -> None:
    p = Symbol("p", (C,))
    names = Definitions(
        [
            Definition(s, (), total((k,), exp(at(z, k)))),
            Definition(p, (i,), divide(exp(at(z, i)), Component(s, ()))),
        ]
    )
    loss = negate(total((k,), product(at(y, k), apply("log", at(p, k)))))
    run = function(Calculation(names, loss), (z, y))
    answer = run(np.array([60.0, 0.0, 0.0]), np.array([1.0, 0.0, 0.0]))
    assert answer == pytest.approx(2 * math.exp(-60), rel=1e-14)
    assert run(np.array([np.inf, 0.0, 0.0]), np.array([1.0, 0.0, 0.0])) == 0
    assert run(np.array([-np.inf, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])) == pytest.approx(math.log(2))


def test_a_length_neither_overflows_nor_vanishes() -> None:
    eps = Symbol("eps", (), POSITIVE)
    squares = total((k,), power(at(z, k), TWO))
    plain = function(Calculation(Definitions(), power(squares, HALF)), (z,))
    assert plain(np.array([3e200, 4e200])) == pytest.approx(5e200, rel=1e-15)
    assert plain(np.array([3e-200, 4e-200])) == pytest.approx(5e-200, rel=1e-15)
    assert plain(np.zeros(2)) == 0
    lifted = function(Calculation(Definitions(), power(add(squares, Component(eps, ())), HALF)), (z, eps))
    assert lifted(np.array([3e200, 4e200]), 1e-5) == pytest.approx(5e200, rel=1e-15)
    assert lifted(np.zeros(2), 4.0) == 2


# ---- the table ---------------------------------------------------------------------------------------------


def test_names_are_unique_and_reasons_are_given() -> None:
    assert len({r.name for r in REWRITES}) == len(REWRITES)
    assert all(len(r.why) > 10 and r.before != r.after for r in REWRITES)
    assert not set(STABLE) & set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(STABLE))
def test_a_function_of_code_means_what_numpy_computes(name: str) -> None:
    arity = 2 if name in ("zero_wins", "hypot") else 1
    inputs = tuple(Symbol(letter) for letter in "uv"[:arity])
    term = stable(name, *(Component(symbol, ()) for symbol in inputs))
    run = function(Calculation(Definitions(), term), inputs)
    for values in ((0.75, -1.5), (-2.5, 0.25), (0.0, 1.0)):
        given = {symbol.name: [Fraction(v)] for symbol, v in zip(inputs, values, strict=False)}
        expected = float(value(term, given, PRECISE))
        assert run(*(np.float64(v) for v in values[:arity])) == pytest.approx(expected, rel=1e-14, abs=1e-300)


def test_cases_stay_as_they_are() -> None:
    term = Piecewise((Relation(">", x, number(0)),), (x,), number(0))
    assert stabilized(Calculation(Definitions(), term)).result == term
