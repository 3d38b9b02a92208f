"""Binders: substitution cannot capture, letters carry no meaning, and what cannot exist is refused."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_terms import FREE, SCOPE, SIZES, A, B, M, N, point, terms, x, y

from derivations.arithmetic import product, total
from derivations.evaluate import Point
from derivations.indices import Affine, Axis, Size
from derivations.numerics import Array
from derivations.terms import (
    Delta,
    Number,
    Product,
    Sum,
    Symbol,
    TermError,
    bind,
    has_derivative,
    map_children,
    substitute,
    subterms,
    symbols,
)
from derivations.verify.evidence import close

PROPERTY = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
i, j, k = N.index("i"), N.index("j"), N.index("k")


@PROPERTY
@given(terms())
def test_substitution_puts_the_value_of_one_index_for_another(term):
    """i -> j, where j may be the letter of a binder inside: the diagonal of the table, whatever is bound."""
    changed = substitute(term, {FREE[0]: FREE[1]})
    assert FREE[0] not in changed.free
    whole, diagonal = point().table(term, FREE), point().table(changed, FREE)
    n, m = SIZES["n"], SIZES["m"]
    for a in range(n):
        for p in range(m):
            assert close([diagonal[0, a, p]], [whole[a, a, p]], 1e-9)


@PROPERTY
@given(terms())
def test_two_indices_change_places_at_once(term):
    turned = substitute(term, {FREE[0]: FREE[1], FREE[1]: FREE[0]})
    whole, other = point().table(term, FREE), point().table(turned, FREE)
    for a in range(SIZES["n"]):
        for b in range(SIZES["n"]):
            assert close([other[a, b, 0]], [whole[b, a, 0]], 1e-9)


@PROPERTY
@given(terms())
def test_opening_and_binding_again_gives_the_same_sum(term):
    for sub in subterms(term):
        if isinstance(sub, Sum):
            indices, body = sub.freshly_opened()
            assert bind(indices, body) == sub
            assert hash(bind(indices, body)) == hash(sub)


@PROPERTY
@given(terms())
def test_a_change_of_nothing_is_the_same_object(term):
    assert map_children(term, lambda child: child) is term
    assert substitute(term, {N.index("w"): FREE[0]}) is term


@PROPERTY
@given(terms(2), st.integers(0, 2))
def test_a_number_for_an_index_picks_one_row(term, row):
    picked = substitute(term, {FREE[0]: row})
    whole, one = point().table(term, FREE), point().table(picked, FREE[1:])
    assert all(close([one[b, 0]], [whole[row, b, 0]], 1e-9) for b in range(SIZES["n"]))


def test_the_bound_index_is_not_the_free_one_of_the_same_letter():
    inner = bind((j,), product(B[i, j], x[j]))
    assert substitute(inner, {i: j}) == bind((k,), product(B[j, k], x[k]))


def test_opening_twice_gives_one_pair_of_indices_and_freshly_gives_another():
    summed = bind((i,), x[i])
    assert summed.opened is summed.opened
    assert summed.freshly_opened()[0] != summed.freshly_opened()[0]


def test_letters_and_decimals_take_no_part_in_equality():
    assert bind((i,), x[i]) == bind((k,), x[k])
    assert Number(Fraction(1, 2), "0.5") == Number(Fraction(1, 2))
    assert Product((x[i], y[i])) != Product((y[i], x[i]))


def test_symbols_come_in_order_of_appearance():
    assert symbols(Product((y[i], total([k], x[k]), y[j]))) == (y, x)
    assert not has_derivative(y[i])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: A[i, j], "index j runs over n, but A has the axis m there"),
        (lambda: x[i, j], "x has 1 indices, 2 given"),
        (lambda: Delta(Affine.of(i), Affine.of(M.index("p"))), "a delta cannot join the axes n and m"),
    ],
)
def test_an_index_on_a_wrong_axis_is_refused(make, message):
    with pytest.raises(TermError, match=message):
        make()


def test_affine_indices_add_and_vanish():
    shifted = Affine.of(i) + k - 1
    assert (shifted - Affine.of(i) - k).offset == Size.of(-1)
    assert not (shifted - shifted).parts
    assert shifted.index is None and (shifted - k + 1).index == i


def test_a_term_has_one_value_whoever_holds_it():
    """The same sum twice in one term: both are opened, and neither disturbs the other."""
    summed = bind((j,), product(B[i, j], x[j]))
    squared = Product((summed, summed))
    values = {"x": Array((2,), [1, 2]), "B": Array((2, 2), [1, 2, 3, 4])}
    found = Point(SCOPE.definitions, {"n": 2, "m": 1}, values).table(squared, (i,)).flat
    assert found == [25, 121]


def test_an_axis_is_its_name_and_size():
    assert Axis.named("n", "a b") == N
    assert Symbol("x", (N,)) == x
    assert Symbol("x", (M,)) != x
