"""Claims in print: relations, ranges, limits and chains, with their conditions behind them."""

import pytest
from katex import problems
from printed import ONE, ZERO, a, add, b, exp, i, j, negate, number, p

from derivations.indices import Affine, Size
from derivations.printers.latex import size_latex
from derivations.printers.statements import statement_latex
from derivations.scope import Interval, Limit, Link, Links, Range, Statement
from derivations.terms import Component, Delta, Relation
from derivations.words import Text

assert isinstance(a, Component)
WHY = Text(en="because", zh="因为")
STATEMENTS: list[tuple[Statement, str]] = [
    (Relation("<", p[i], ONE), "p_i < 1"),
    (Relation("!=", a, ZERO), r"a \ne 0"),
    (Relation("==", Delta(Affine.of(i), Affine.of(j)), ZERO), r"i \ne j"),
    (Relation("==", Delta(Affine.of(i), Affine.of(j)), ONE), "i = j"),
    (Range(exp(a), Interval(ZERO, None)), r"e^{a} \in (0, \infty)"),
    (Range(b, Interval(None, ONE, upper_closed=True)), r"b \in (-\infty, 1]"),
    (Limit(exp(a), a, "-oo", ZERO), r"\lim_{a \to -\infty} e^{a} = 0"),
    (Limit(add(a, b), a, ZERO, b), r"\lim_{a \to 0} (a + b) = b"),
    (Limit(negate(a), a, "+oo", "-oo"), r"\lim_{a \to +\infty} (-a) = -\infty"),
    (
        Links(a, (Link("<=", exp(a), WHY), Link("=", b, WHY), Link("<", number(2), WHY))),
        r"a \le e^{a} = b < 2",
    ),
]


@pytest.mark.parametrize(("statement", "latex"), STATEMENTS, ids=[latex for _, latex in STATEMENTS])
def test_a_claim_is_printed_as_people_write_it(statement: Statement, latex: str) -> None:
    assert statement_latex(statement) == latex


def test_conditions_stand_behind_the_claim() -> None:
    written = statement_latex(Relation("<", a, b), [Relation(">", b, ZERO), Relation("!=", a, ONE)])
    assert written == r"a < b \quad (b > 0, a \ne 1)"


def test_sizes_are_printed_with_names_first() -> None:
    assert size_latex(Size.of("k") * Size.of("m")) == "k m"
    assert size_latex(Size.of(1) - Size.of("k") + "n") == "n - k + 1"


def test_katex_accepts_all_of_it() -> None:
    assert problems([latex for _, latex in STATEMENTS]) == []
