"""What a printed term looks like, and that it reads back as the same value.

The table holds each form a person would notice; the random terms hold the forms that nobody thought of, where
a missing bracket turns `(b²)^{3/2}` into something else.
"""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from printed import PRINTED, N, Reader, W, a, as_text, authored, b, i, j, x, x_hat, y

from derivations.arithmetic import HALF, add, delta, number, product, total, with_distinct_letters
from derivations.evaluate import Point
from derivations.functions import apply
from derivations.numerics import Array
from derivations.printers.latex import term_latex, whole_latex
from derivations.printers.names import text_of_latex
from derivations.printers.text import term_text
from derivations.scope import Definitions
from derivations.terms import Add, Number, Power, Product, SizeOf, Symbol, Term

ARRAYS = {"x": [1.25, 0.5, 2.0], "y": [0.75, 1.5, -0.25]}
SCALARS = {"a": 1.5, "b": 0.625, "n": 3.0}
HERE = {i: 1, j: 2}


@pytest.mark.parametrize(("term", "text", "latex"), PRINTED, ids=[text for _, text, _ in PRINTED])
def test_a_term_is_printed_as_people_write_it(term: Term, text: str, latex: str) -> None:
    assert (term_text(term), term_latex(term)) == (text, latex)


@pytest.mark.parametrize("latex", [latex for _, _, latex in PRINTED])
def test_braces_and_brackets_are_balanced(latex: str) -> None:
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    assert "|" not in latex and r"\text" not in latex and "+ -" not in latex


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        ("x", "x"),
        (r"\theta", "θ"),
        (r"\hat{y}", "ŷ"),
        (r"\hat{\theta}", "θ̂"),
        (r"\bar{\hat{x}}", "x̂̄"),
        ("d_k", "d_k"),
        ("W_1", "W_1"),
        (r"\alpha_{12}", "α_{12}"),
        (r"\epsilon", "ε"),
        (r"J_{\mathrm{left},\mathrm{inner}}", "J_{left,inner}"),
        (r"\mathrm{loss}", "loss"),
    ],
)
def test_latex_of_a_name_is_read_off_for_a_terminal(latex: str, text: str) -> None:
    assert text_of_latex(latex) == text


@pytest.mark.parametrize(
    ("symbol", "latex"),
    [
        (x, r"\mathbf{x}"),
        (x_hat, r"\hat{\mathbf{x}}"),
        (Symbol("gamma", (N,)), r"\boldsymbol{\gamma}"),
        (Symbol("theta_hat", (N,)), r"\hat{\boldsymbol{\theta}}"),
        (W, r"\mathbf{W}"),
        (Symbol("W1", (N,)), r"\mathbf{W}_1"),
        (Symbol("s"), "s"),
        (Symbol("z_bar_", (N,)), r"\bar{\mathbf{z}}'"),
        (Symbol("loss", (N,)), r"\mathbf{loss}"),
        (Symbol("v", (N,), latex=r"\sigma^2"), r"\boldsymbol{\sigma}^2"),
    ],
)
def test_whole_arrays_are_bold_and_scalars_are_not(symbol: Symbol, latex: str) -> None:
    assert whole_latex(symbol) == latex


def test_a_wrong_reading_is_noticed() -> None:
    """The reader itself: without the bracket the value differs."""
    assert abs(read("(a + b)²") - (1.5 + 0.625) ** 2) < 1e-12
    assert abs(read("a + b²") - (1.5 + 0.625**2)) < 1e-12
    assert read("1/n a b") != read("1/(n a b)") != read("1/(n a) b")


LEAVES = st.one_of(
    st.sampled_from([a, b, x[i], y[j], x[j], delta(i, j), SizeOf(N.size)]),
    st.sampled_from([number(v) for v in (-2, -1, 2, 3)] + [HALF, Number(Fraction(-2, 3))]),
)


def larger(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    some = st.lists(inner, min_size=2, max_size=3)
    exponents = st.sampled_from([Fraction(v) for v in (-2, -1, 2, 3)] + [Fraction(v, 2) for v in (-1, 1, 3)])
    inside = N.index("k")
    return st.one_of(
        some.map(lambda terms: authored(Add, *terms)),
        some.map(lambda terms: authored(Product, *terms)),
        some.map(lambda terms: add(*terms)),
        some.map(lambda terms: product(*terms)),
        st.builds(lambda base, e: Power(base, Number(e)), inner, exponents),
        st.builds(apply, st.sampled_from(["exp", "log", "tanh", "abs", "sigmoid"]), inner),
        inner.map(lambda term: total([inside], authored(Product, x[inside], term))),
        inner.map(lambda term: total([inside], authored(Add, term, y[inside]))),
    )


TERMS = st.recursive(LEAVES, larger, max_leaves=8)


def read(text: str) -> complex:
    return Reader(text, ARRAYS, SCALARS).read({index.letter: value for index, value in HERE.items()})


def value_of(term: Term) -> float:
    arrays = {name: Array((3,), values) for name, values in ARRAYS.items()}
    scalars = {name: Array((), [SCALARS[name]]) for name in "ab"}
    point = Point(Definitions(), {"n": 3}, arrays | scalars)
    return float(point.evaluate(term, HERE))


@settings(deadline=None, max_examples=400, derandomize=True)
@given(TERMS)
def test_a_printed_term_reads_back_as_the_same_value(term: Term) -> None:
    term = with_distinct_letters(term, {"i", "j"})
    value = value_of(term) if term.free <= set(HERE) else math.nan
    assume(math.isfinite(value) and abs(value) < 1e12)
    for written in (term_text(term), as_text(term_latex(term))):
        found = read(written)
        assert abs(found - value) <= 1e-9 * max(1.0, abs(value)), written
