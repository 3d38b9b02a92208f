"""Keys: what only looks different has one key, and one key means one value."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_terms import FREE, A, B, M, N, c, point, rewritings, terms, x

from derivations.arithmetic import add, negate, number, power, product, subtract, total
from derivations.canonical import index_blind_key, same, signed_key
from derivations.terms import Add, Product, Sum, bind
from derivations.verify.evidence import close

PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@PROPERTY
@given(st.data())
def test_order_and_letters_do_not_change_a_key(data):
    term = data.draw(terms())
    other = data.draw(rewritings(term))
    assert signed_key(term) == signed_key(other)


@PROPERTY
@given(terms())
def test_a_sign_outside_changes_only_the_sign(term):
    if term.is_zero:
        return
    sign, key = signed_key(term)
    other_sign, other_key = signed_key(Product((number(-1), term)))
    if key != "0":
        assert (other_sign, other_key) == (-sign, key)


@PROPERTY
@given(terms(2), terms(2))
def test_equal_keys_mean_equal_values(a, b):
    if same(a, b):
        values = [point().table(t, FREE).flat for t in (a, b)]
        assert close(*values, 1e-9)


@PROPERTY
@given(st.data())
def test_a_rewriting_has_the_same_value(data):
    term = data.draw(terms())
    other = data.draw(rewritings(term))
    assert close(point().table(term, FREE).flat, point().table(other, FREE).flat, 1e-9)


def test_nested_sums_are_one_sum():
    i, j = N.index("i"), N.index("j")
    row = bind((i,), Product((x[i], bind((j,), Product((B[i, j], x[j]))))))
    column = bind((j,), Product((x[j], bind((i,), Product((B[i, j], x[i]))))))
    assert same(row, column)


def test_a_squared_difference_has_one_key_either_way():
    i, j = N.index("i"), N.index("j")
    assert same(power(subtract(x[i], x[j]), number(2)), power(subtract(x[j], x[i]), number(2)))
    assert not same(power(subtract(x[i], x[j]), number(3)), power(subtract(x[j], x[i]), number(3)))
    assert (
        signed_key(power(subtract(x[i], x[j]), number(3)))[1]
        == signed_key(power(subtract(x[j], x[i]), number(3)))[1]
    )


def test_a_transpose_is_not_the_matrix():
    i, j = N.index("i"), N.index("j")
    assert not same(B[i, j], B[j, i])
    assert not same(total([i], product(B[i, j], x[i])), total([i], product(B[j, i], x[i])))


def test_the_blind_key_knows_the_axis_only():
    i, j, p = N.index("i"), N.index("j"), M.index("p")
    assert index_blind_key(x[i]) == index_blind_key(x[j])
    assert index_blind_key(A[i, p]) != index_blind_key(B[i, j])


def test_letters_and_who_wrote_it_stay_outside():
    i, k = N.index("i"), N.index("k")
    assert bind((i,), x[i]) == bind((k,), x[k])
    assert Add((c.scalar, x[i]), authored=True) == Add((c.scalar, x[i]))
    assert isinstance(bind((i,), x[i]), Sum)
    assert same(add(x[i], negate(x[k])), Add((x[i], Product((number(-1), x[k])))))
