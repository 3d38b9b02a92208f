"""The derivations of a formula carry their matrix form and their remarks."""

import pytest
from sympy import Eq, Rational

from derivations.answers import derivations_of, with_matrix_form
from derivations.arithmetic import TWO, product
from derivations.catalogue import discover, load
from derivations.errors import InternalMistake
from derivations.goals import reach
from derivations.language import (
    AuthorError,
    Axis,
    Formula,
    Gradient,
    Text,
    scalar,
    squared_norm,
    step,
    vector,
)
from derivations.matrix_form import recover
from derivations.terms import Relation


def words(text: str) -> Text:
    return Text(en=text, zh=text)


@pytest.mark.parametrize("id", [formula.id for formula in discover()])
def test_the_matrix_form_is_a_step_of_its_own_at_the_end(id: str) -> None:
    formula = load(id)
    for derivation in derivations_of(formula):
        last = derivation.answer.steps[-1]
        if last.matrix is None:
            assert derivation.reason is not None or not derivation.answer.indices
        else:
            assert last.rules == ("matrix",) and not last.parts and last.before == last.after
            assert derivation.reason is None
        others = [s for chain in derivation.chains for s in chain.steps if s is not last]
        assert all(s.matrix is None for s in others if not isinstance(s.after, Relation))


def test_the_matrix_forms_are_those_that_people_write() -> None:
    found = {
        (formula.id, derivation.goal.id): derivation.matrix.numpy
        for formula in map(load, ("softmax", "least_squares_loss", "linear_layer_backward"))
        for derivation in derivations_of(formula)
        if derivation.matrix is not None
    }
    assert found["softmax", "jacobian-p-z"] == "diag(p) - outer(p, p)"
    assert found["least_squares_loss", "gradient-J-theta"] == "X.T @ (X @ theta - Y)"
    assert found["linear_layer_backward", "vjp-Y-W"] == "X.T @ G"


def distance(**more: object) -> Formula:
    n = Axis("n", words("length"))
    x, a = vector("x", n, words("point")), vector("a", n, words("centre"))
    d = scalar("d", words("half the squared distance"))
    remarks = more.pop("remarks", lambda question: {})
    question = Gradient(d, x)
    return Formula(
        name=words("distance"),
        summary=words("half the squared distance"),
        define=[Eq(d, squared_norm(x - a) * Rational(1, 2), evaluate=False)],
        ask=[question],
        remarks=remarks(question),  # type: ignore[operator]
    )


def test_a_remark_stands_at_its_step() -> None:
    formula = distance(remarks=lambda question: {step(question, "matrix"): words("one vector")})
    (derivation,) = derivations_of(formula)
    assert [s.rules for s in derivation.steps if s.remark is not None] == [("matrix",)]


@pytest.mark.parametrize("place", [("quotient", 1), ("matrix", 2)])
def test_a_remark_that_finds_no_step_is_named(place: tuple[str, int]) -> None:
    formula = distance(remarks=lambda question: {step(question, *place): words("lost")})
    with pytest.raises(AuthorError, match=f"{place[0]}, occurrence {place[1]}, chain d-d-x finds no step"):
        derivations_of(formula)


def test_a_matrix_form_that_disagrees_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    formula = load("least_squares_loss")
    gradient = reach(formula.scope, formula.goals)[0]
    twice = recover(product(TWO, gradient.result), gradient.answer.indices)
    monkeypatch.setattr("derivations.answers.recover", lambda *arguments: twice)
    with pytest.raises(InternalMistake, match="does not agree"):
        with_matrix_form(gradient)
