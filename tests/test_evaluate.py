"""Values at points: nodes, derivatives against the other way of taking them, names and operations."""

import math
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from random_terms import FREE, SIZES, A, B, N, c, point, terms, u, x, y

from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    add,
    delta,
    derivative,
    divide,
    negate,
    number,
    piecewise,
    power,
    product,
    subtract,
    total,
)
from derivations.evaluate import EvaluationError, Point
from derivations.functions import FUNCTIONS, apply
from derivations.indices import Affine, Axis, Size
from derivations.numerics import CAREFUL, EXACT, FLOAT, PRECISE, Array, finite
from derivations.scope import Definition, Definitions
from derivations.terms import Bracket, Constant, Product, Relation, Symbol
from derivations.verify.evidence import close

PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
i, j, k = (N.index(letter) for letter in "ijk")


def at(values: dict, sizes: dict | None = None, definitions=(), arithmetic=FLOAT) -> Point:
    arrays = {name: Array(*value) for name, value in values.items()}
    return Point(Definitions(definitions), sizes or {"n": 3, "m": 2}, arrays, arithmetic)


def vector(*values) -> tuple:
    return (len(values),), [Fraction(v) for v in values]


# ---- all kinds of numbers ------------------------------------------------------------------------------


@PROPERTY
@given(terms())
def test_floats_and_fifty_digits_agree(term):
    flat, precise = (point(arithmetic=a).table(term, FREE).flat for a in (FLOAT, PRECISE))
    assert close(flat, [float(v) for v in precise], 1e-8)


def test_fractions_stay_exact_and_have_no_functions():
    exact = at({"x": vector(1, "1/3", "-1/7")}, arithmetic=EXACT)
    assert exact.evaluate(total([i], power(x[i], TWO))) == 1 + Fraction(1, 9) + Fraction(1, 49)
    assert not finite(exact.evaluate(apply("exp", x[i]), {i: 0}))
    assert not finite(exact.evaluate(power(x[i], HALF), {i: 1}))


def test_more_digits_tell_equal_from_close():
    near_one = apply("tanh", number(100))
    assert at({}, arithmetic=PRECISE).evaluate(near_one) == 1
    assert at({}, arithmetic=CAREFUL).evaluate(near_one) < 1


# ---- nodes ---------------------------------------------------------------------------------------------


def test_an_entry_outside_its_array_is_nan_and_its_bracket_makes_the_product_zero():
    shifted = Affine.of(i) - 1
    here = at({"x": vector(1, 2, 3)})
    assert math.isnan(here.evaluate(x[shifted], {i: 0}))
    assert here.evaluate(Product((x[shifted], Bracket(shifted, N.size))), {i: 0}) == 0
    assert here.evaluate(Product((x[shifted], Bracket(shifted, N.size))), {i: 2}) == 2
    nested = Product((Product((Bracket(shifted, N.size), y[i])), x[shifted]))
    values = at({"x": vector(1, 2, 3), "y": vector(5, 6, 7)})
    assert values.table(nested, (i,)).flat == [0, 6, 14]


def test_a_missing_bracket_does_not_go_unnoticed():
    shifted = Affine.of(i) - 1
    assert not finite(at({"x": vector(1, 2, 3)}).evaluate(total([i], x[shifted])))


def test_a_convolution_is_the_one_that_people_mean():
    window = Axis("k", Size.of("k"))
    out = Axis("n-k+1", Size.of("n") - "k" + 1)
    w, o, m = Symbol("w", (window,)), out.index("o"), window.index("m")
    here = at({"x": vector(1, 2, 3, 4), "w": vector(1, 10)}, {"n": 4, "k": 2})
    slid = total([m], product(w[m], x[Affine.of(o) + m]))
    assert here.table(slid, (o,)).flat == [21, 32, 43]


def test_a_sum_over_nothing_is_zero_and_over_an_absent_index_counts():
    assert at({"x": ((0,), [])}, {"n": 0}).evaluate(total([i], x[i])) == 0
    assert at({}, {"n": 4}).evaluate(total([i], ONE)) == 4


def test_powers_keep_to_real_numbers():
    here = at({"c": ((), [Fraction(-8)])})
    assert math.isnan(here.evaluate(power(c.scalar, HALF)))
    assert math.isnan(here.evaluate(power(c.scalar, number(Fraction(1, 3)))))
    assert here.evaluate(power(c.scalar, number(3))) == -512
    assert at({"c": ((), [Fraction(0)])}).evaluate(power(c.scalar, HALF)) == 0
    assert math.isnan(at({"c": ((), [Fraction(0)])}).evaluate(power(c.scalar, MINUS_ONE)))


def test_outside_its_domain_a_function_has_no_value():
    for arithmetic in (FLOAT, PRECISE):
        here = at({"c": ((), [Fraction(-2)])}, arithmetic=arithmetic)
        for name in ("log", "arcsin", "arccos", "log1p"):
            assert not finite(here.evaluate(apply(name, c.scalar))), name


def test_cases_are_chosen_entry_by_entry():
    chosen = piecewise([Relation(">", x[i], number(0))], [apply("log", x[i])], number(0))
    assert at({"x": vector(-1, 1, 0)}).table(chosen, (i,)).flat == [0, 0, 0]


def test_constants_have_their_digits():
    assert at({}).evaluate(Constant("pi")) == math.pi
    assert abs(at({}, arithmetic=PRECISE).evaluate(Constant("e")) - PRECISE.functions.exp(1)) < 1e-48


# ---- derivatives ---------------------------------------------------------------------------------------


@PROPERTY
@given(terms(2))
def test_a_complex_step_agrees_with_differences(term):
    node = derivative(term, x, [k])
    stepped = point(3, PRECISE)
    differenced = point(3, PRECISE)
    differenced.complex_step = False
    indices = (*FREE, k)
    if _near_a_corner(term):
        return
    assert close(stepped.table(node, indices).flat, differenced.table(node, indices).flat, 1e-20)


def _near_a_corner(term) -> bool:
    """Sides of a condition that are equal at this point: there is no derivative to agree on."""
    from derivations.terms import subterms

    for sub in subterms(term):
        if isinstance(sub, Relation):
            indices = tuple(sorted(sub.free, key=lambda index: (index.letter, index.serial)))
            here = point(3)
            left, right = here.table(sub.left, indices).flat, here.table(sub.right, indices).flat
            if any(abs(a - b) < 1e-6 for a, b in zip(left, right, strict=True)):
                return True
    return False


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_differentiated_as_its_record_says(name):
    argument = divide(c.scalar, number(4))
    for arithmetic, tolerance in ((FLOAT, 1e-9), (PRECISE, PRECISE.number(Fraction(1, 10**24)))):
        here = at({"c": ((), [Fraction(7, 5)])}, arithmetic=arithmetic)
        left = derivative(apply(name, argument), c, ())
        right = divide(FUNCTIONS[name].derivative(apply(name, argument), argument), number(4))
        assert close([here.evaluate(left)], [here.evaluate(right)], tolerance)


def test_a_second_derivative_is_taken_inside_a_first():
    cubic = total([i], power(x[i], number(3)))
    twice = derivative(derivative(cubic, x, [j]), x, [k])
    expected = product(number(6), x[j], delta(j, k))
    for arithmetic, tolerance in ((FLOAT, 1e-8), (PRECISE, 1e-20)):
        here = at({"x": vector(1, -2, "1/2")}, arithmetic=arithmetic)
        assert close(here.table(twice, (j, k)).flat, here.table(expected, (j, k)).flat, tolerance)


S, P, LOSS = Symbol("s"), Symbol("p", (N,)), Symbol("L")
NAMES = (
    Definition(S, (), total([i], apply("exp", x[i]))),
    Definition(P, (i,), divide(apply("exp", x[i]), S.scalar)),
    Definition(LOSS, (), total([i], product(P[i], x[i]))),
)
SOFTMAX = {"x": vector(1, -1, "1/2")}


def test_a_derivative_follows_names():
    here = at(SOFTMAX, definitions=NAMES)
    found = here.table(derivative(P[i], x, [j]), (i, j)).flat
    assert close(found, here.table(product(P[i], subtract(delta(i, j), P[j])), (i, j)).flat, 1e-12)


def test_a_derivative_by_a_name_keeps_what_comes_before_it():
    here = at(SOFTMAX, definitions=NAMES)
    assert close(here.table(derivative(LOSS.scalar, P, [i]), (i,)).flat, here.array("x").flat, 1e-12)
    by_scale = here.table(derivative(P[i], S, ()), (i,)).flat
    assert close(by_scale, here.table(negate(divide(P[i], S.scalar)), (i,)).flat, 1e-12)


def test_held_names_do_not_move():
    here = at(SOFTMAX, definitions=NAMES)
    held = here.table(derivative(P[i], x, [j], ("s",)), (i, j)).flat
    assert close(held, here.table(product(P[i], delta(i, j)), (i, j)).flat, 1e-12)
    alone = here.table(derivative(LOSS.scalar, x, [j], ("p",)), (j,)).flat
    assert close(alone, here.array("p").flat, 1e-12)


def test_one_direction_is_the_derivative_times_the_direction():
    here = at(SOFTMAX, definitions=NAMES)
    direction = Array((3,), [Fraction(1), Fraction(2), Fraction(-3)])
    along = here.along(P[i], (i,), x, direction).flat
    whole = here.table(derivative(P[i], x, [j]), (i, j)).flat
    assert close(
        along, [sum(whole[3 * r + c] * direction.flat[c] for c in range(3)) for r in range(3)], 1e-12
    )


def test_an_absolute_value_is_no_place_for_a_complex_step():
    corner = apply("abs", x[i])
    here = at({"x": vector(-2, 3, 1)})
    assert close(here.table(derivative(corner, x, [j]), (i, j)).flat, [-1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-9)
    assert not here._analytic(corner, x, ())


# ---- operations ----------------------------------------------------------------------------------------

INVERSE = Definition(Symbol("inverse", (N, N)), (i, j), B[i, j], operation="inverse")
DETERMINANT = Definition(Symbol("determinant"), (), B[i, j], operation="determinant")


@pytest.mark.parametrize("arithmetic", [FLOAT, PRECISE, EXACT], ids=lambda a: a.name)
def test_an_inverse_and_a_determinant_are_names(arithmetic):
    matrix = ((3, 3), [Fraction(v) for v in (0, 2, 1, 1, 0, 3, 4, 1, 0)])
    here = at({"B": matrix}, definitions=(INVERSE, DETERMINANT), arithmetic=arithmetic)
    identity = total([k], product(B[i, k], INVERSE.symbol[k, j]))
    assert close(here.table(identity, (i, j)).flat, [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-12)
    assert close([here.evaluate(DETERMINANT.symbol.scalar)], [25], 1e-12)


def test_a_singular_matrix_has_no_inverse_and_the_determinant_zero():
    matrix = ((3, 3), [Fraction(v) for v in (1, 2, 3, 2, 4, 6, 1, 1, 1)])
    here = at({"B": matrix}, definitions=(INVERSE, DETERMINANT))
    assert not any(finite(v) for v in here.array("inverse").flat)
    assert here.evaluate(DETERMINANT.symbol.scalar) == 0


def test_the_derivative_of_an_inverse_goes_through_the_matrix():
    matrix = ((2, 2), [Fraction(v) for v in (3, 1, 1, 2)])
    here = at({"B": matrix}, {"n": 2}, definitions=(INVERSE,))
    k2, m2 = N.index("k"), N.index("l")
    inverse = INVERSE.symbol
    found = here.table(derivative(inverse[i, j], B, [k2, m2]), (i, j, k2, m2)).flat
    expected = here.table(negate(product(inverse[i, k2], inverse[m2, j])), (i, j, k2, m2)).flat
    assert close(found, expected, 1e-10)


# ---- mistakes ------------------------------------------------------------------------------------------


def test_what_has_no_value_is_named():
    with pytest.raises(EvaluationError, match="z has no value here"):
        at({}).evaluate(Symbol("z").scalar)
    with pytest.raises(EvaluationError, match="the index i is free"):
        at(SOFTMAX).evaluate(x[i])


def test_axes_come_in_the_order_asked_for():
    here = point()
    p = FREE[2]
    one, other = here.table(A[i, p], (i, p)), here.table(A[i, p], (p, i))
    assert one.shape == (SIZES["n"], SIZES["m"]) and other.shape == (SIZES["m"], SIZES["n"])
    assert all(one[a, b] == other[b, a] for a in range(3) for b in range(2))
    assert here.table(add(u[i], c.scalar), (p, i)).shape == (2, 3)
