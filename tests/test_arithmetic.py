"""Constructors do trivial arithmetic, and no arithmetic changes a value."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_terms import FREE, B, N, c, point, positive, sums, terms, u, x

from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    add,
    bracket,
    delta,
    divide,
    letters_in,
    nonnegative,
    nonzero,
    number,
    power,
    product,
    rewritten,
    subtract,
    total,
    with_distinct_letters,
)
from derivations.canonical import signed_key
from derivations.evaluate import Point
from derivations.indices import Affine, Size
from derivations.numerics import finite
from derivations.terms import Add, Number, Power, Product, Sum, Symbol, bind, subterms
from derivations.verify.evidence import close

PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
i, j = N.index("i"), N.index("j")


def same_value(a, b) -> bool:
    one, two = (point().table(t, FREE).flat for t in (a, b))
    return all(close([v], [w], 1e-8) for v, w in zip(one, two, strict=True) if finite(v) and finite(w))


@PROPERTY
@given(st.lists(terms(2), min_size=1, max_size=4))
def test_a_product_keeps_the_value(parts):
    assert same_value(product(*parts), Product(tuple(parts)))


@PROPERTY
@given(st.lists(terms(2), min_size=1, max_size=4))
def test_a_sum_of_terms_keeps_the_value(parts):
    assert same_value(add(*parts), Add(tuple(parts)))


@PROPERTY
@given(positive(FREE), st.sampled_from([-2, -1, Fraction(-1, 2), Fraction(1, 2), 2, 3]))
def test_a_power_keeps_the_value(base, exponent):
    assert same_value(power(base, number(exponent)), Power(base, number(exponent)))


@PROPERTY
@given(terms(2), st.sampled_from([2, 3]), st.sampled_from([Fraction(1, 2), 2]))
def test_a_power_of_a_power_keeps_the_value(base, inner, outer):
    inside = Power(base, number(inner))
    if inner == 3 and outer == Fraction(1, 2):
        return
    assert same_value(power(inside, number(outer)), Power(inside, number(outer)))


@PROPERTY
@given(sums(3, FREE))
def test_a_total_of_a_total_keeps_the_value(inner):
    k = N.index("k").fresh()
    assert same_value(total([k], inner), bind((k,), inner))


@PROPERTY
@given(terms())
def test_rebuilding_everything_keeps_the_value(term):
    def again(t):
        return rewritten(t, again)

    assert same_value(again(term), term)


@PROPERTY
@given(terms())
def test_new_letters_keep_the_value_and_never_repeat_in_a_scope(term):
    taken = {index.letter for index in term.free}
    clean = with_distinct_letters(term, taken)
    assert clean == term

    def walk(t, outer):
        own = set(t.letters) if isinstance(t, Sum) else set()
        assert not own & outer
        for child in t.opened[1:] if isinstance(t, Sum) else t.children:
            walk(child, outer | own)

    walk(clean, taken)
    assert taken <= letters_in(clean)


@PROPERTY
@given(terms())
def test_what_is_known_of_a_value_is_true(term):
    for sub in itertools.islice(subterms(term), 20):
        indices = tuple(sorted(sub.free, key=lambda index: (index.letter, index.serial)))
        values = [v for v in point().table(sub, indices).flat if finite(v)] if _has_a_value(sub) else []
        if nonnegative(sub):
            assert all(v >= 0 for v in values)
        if nonzero(sub):
            assert all(v != 0 for v in values)


def _has_a_value(term) -> bool:
    return type(term).__name__ != "Relation"


def test_a_root_of_a_square_needs_a_sign():
    assert power(power(x[i], TWO), HALF) != x[i]
    assert power(power(u[i], TWO), HALF) == u[i]


def test_a_quotient_of_equals_is_left_to_the_rule_that_records_the_condition():
    assert divide(x[i], x[i]) != ONE


def test_like_terms_meet_whatever_their_sign():
    assert add(subtract(x[i], x[j]), subtract(x[j], x[i])) == ZERO
    assert add(x[i], x[i]) == product(TWO, x[i])
    cubed = product(subtract(x[i], x[j]), power(subtract(x[j], x[i]), TWO))
    assert signed_key(cubed) == signed_key(power(subtract(x[i], x[j]), number(3)))


def test_a_delta_of_one_index_is_one_and_of_two_numbers_decided():
    assert delta(i, i) == ONE
    assert delta(0, 1) == ZERO
    assert bracket(i, N.size) == ONE
    assert bracket(Affine.of(i) + 1, N.size) != ONE


def test_numbers_stay_exact():
    assert power(number(Fraction(4, 9)), number(Fraction(-1, 2))) == number(Fraction(3, 2))
    assert isinstance(power(number(2), HALF), Power)
    assert isinstance(power(ZERO, MINUS_ONE), Power)
    assert product(number(Fraction(1, 3)), number(3)) == ONE


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (Size.of("n") - "k" + 1, "n - k + 1"),
        (Size.of("k") * "m", "k*m"),
        (Size.of("n") * 2 - "n" - "n", "0"),
        (Size.of(3) + 4, "7"),
    ],
)
def test_sizes_print_as_people_write_them(size, text):
    assert str(size) == text


def test_a_sum_over_an_index_that_does_not_occur_counts():
    k = N.index("k").fresh()
    flat = Point(point().definitions, {"n": 3, "m": 2}, point().inputs).evaluate(total([k], c.scalar))
    assert flat == 3 * point().evaluate(c.scalar)
    assert Number(Fraction(1)) == ONE and Symbol("B", (N, N)) == B
