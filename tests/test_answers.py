"""What a formula answers: each question, in a matrix form that was compared, with remarks at their steps."""

import copy
from dataclasses import replace

import pytest

from derivations import catalogue
from derivations.answers import check_matrix_form, derivations_of, has_indices, with_matrix_form
from derivations.errors import InternalMistake, Unsupported
from derivations.goals import reach
from derivations.language import AuthorError, Formula, Remark
from derivations.matrix_form import MatrixForm
from derivations.scope import Goal

FORMULAS = catalogue.discover()
NAMED = [pytest.param(formula, id=formula.id) for formula in FORMULAS]
REMARKED = [pytest.param(formula, id=formula.id) for formula in FORMULAS if formula.notes]


@pytest.mark.parametrize("formula", NAMED)
def test_every_question_has_an_answer_in_matrix_form_or_a_reason(formula: Formula) -> None:
    derivations = derivations_of(formula)
    assert {(d.goal.kind, d.goal.target) for d in derivations} == {(g.kind, g.target) for g in formula.goals}
    for derivation in derivations:
        last = derivation.answer.steps[-1]
        if has_indices(derivation.result):
            assert bool(last.matrix) != bool(derivation.reason)
        else:
            assert not last.matrix
            assert not derivation.reason


@pytest.mark.parametrize("formula", REMARKED)
def test_every_remark_stands_at_one_step(formula: Formula) -> None:
    found = [
        (chain.id, step.remark)
        for derivation in derivations_of(formula)
        for chain in derivation.chains
        for step in chain.steps
        if step.remark is not None
    ]
    assert {(note.chain, note.text) for note in formula.notes} == set(found)


@pytest.mark.parametrize("formula", REMARKED[:3])
def test_a_remark_that_finds_no_step_is_an_error_that_lists_the_steps(formula: Formula) -> None:
    lost = replace(formula.notes[0], occurrence=99)
    with pytest.raises(AuthorError, match=r"occurrence 99.*finds no step") as caught:
        derivations_of(with_notes(formula, lost))
    assert lost.rule in str(caught.value)


@pytest.mark.parametrize("formula", REMARKED[:3])
def test_two_remarks_at_one_step_are_an_error(formula: Formula) -> None:
    with pytest.raises(AuthorError, match="two remarks stand at rule"):
        derivations_of(with_notes(formula, formula.notes[0], formula.notes[0]))


def test_a_question_that_no_rule_answers_names_the_formula_and_the_stuck_term() -> None:
    formula = copy.copy(catalogue.load("softmax"))
    goal = Goal("stationary", formula.result, (formula.scope.inputs[0],))
    object.__setattr__(formula, "goals", (goal,))
    with pytest.raises(Unsupported, match="formula softmax: ") as caught:
        derivations_of(formula)
    assert "p_i" in caught.value.term


def test_a_wrong_matrix_form_is_never_shown() -> None:
    formula = catalogue.load("least_squares_loss")
    found = {d.goal.kind: d for d in reach(formula.scope, formula.goals)}
    gradient = found["gradient"]
    right, other = (with_matrix_form(found[kind]).answer.steps[-1].matrix for kind in ("gradient", "hessian"))
    assert isinstance(right, MatrixForm)
    check_matrix_form(gradient, right)
    with pytest.raises(InternalMistake, match="does not agree with the index form"):
        check_matrix_form(gradient, other)


def with_notes(formula: Formula, *notes: Remark) -> Formula:
    """The formula with other remarks than its file has."""
    other = copy.copy(formula)
    object.__setattr__(other, "notes", notes)
    return other
