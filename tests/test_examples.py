"""Numeric examples: the session on the page runs, and its answers are the exact values, rounded."""

import copy
import doctest
import json
import re
from fractions import Fraction

import pytest

from derivations import catalogue, resources
from derivations.examples import Worked, example_record, number_latex
from derivations.numerics import PRECISE

RECORDS = [
    json.loads((resources.records() / chapter / f"{name}.json").read_text("utf-8"))
    for chapter, name in catalogue.places()
]
WITH_EXAMPLE = [record for record in RECORDS if record["example"]]


class ZeroHasNoSign(doctest.OutputChecker):
    """The page prints exact values, where 0 times a negative number is 0; floats answer -0."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want, re.sub(r"-0\.(?=[ ,\]])", " 0.", got), optionflags)


@pytest.mark.parametrize("record", WITH_EXAMPLE, ids=lambda record: record["id"])
def test_the_session_runs_and_answers_what_it_says(record: dict) -> None:
    code = record["example"]["code"] + "\n"
    test = doctest.DocTestParser().get_doctest(code, {}, record["id"], None, 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner(ZeroHasNoSign(), verbose=False).run(test, out=said.append)
    assert tried > 2 and not failed, "".join(said)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_every_formula_with_a_kernel_has_an_example(record: dict) -> None:
    assert record["example"] is not None


@pytest.mark.parametrize(
    ("value", "latex"),
    [
        (Fraction(1, 6), "1/6"),
        (Fraction(-4, 2), "-2"),
        (PRECISE.number(Fraction(1, 7)), "0.142857"),
        (PRECISE.number(Fraction(3)), "3"),
        (PRECISE.number(Fraction(1, 10**9)), r"1 \cdot 10^{-9}"),
    ],
)
def test_numbers_have_six_digits_or_are_exact(value: object, latex: str) -> None:
    assert number_latex(value) == latex


def test_a_formula_without_numbers_has_no_example() -> None:
    formula = copy.copy(catalogue.load("sigmoid"))
    object.__setattr__(formula, "numbers", None)
    assert example_record(formula, (), ()) is None


def test_answers_are_fractions_where_names_are_and_decimals_where_they_are_not() -> None:
    def names(id: str) -> list[object]:
        formula = catalogue.load(id)
        assert formula.numbers is not None
        return [v for _, array in Worked(formula, formula.numbers, ()).names for v in array.flat]

    assert all(isinstance(v, Fraction | int) for v in names("linear_layer_backward"))
    assert not any(isinstance(v, Fraction | int) for v in names("sigmoid"))
