"""A derivation is a value: the result is the last term, and steps of all chains stand in order."""

from derivations.goals import reach
from derivations.rules import specimens as s
from derivations.scope import Goal
from derivations.steps import Chain

(jacobian,) = reach(s.scope, (Goal("jacobian", s.Q, (s.Z,)),))


def test_the_result_is_the_last_term_of_the_last_chain() -> None:
    assert jacobian.result == jacobian.chains[-1].steps[-1].after == jacobian.answer.result


def test_steps_of_all_chains_stand_in_order() -> None:
    assert jacobian.steps == tuple(step for chain in jacobian.chains for step in chain.steps)


def test_a_chain_without_steps_has_its_left_side_as_result() -> None:
    assert Chain("c", "answer", s.z[s.i], (), (s.i,)).result == s.z[s.i]


def test_there_is_no_matrix_form_before_one_is_added() -> None:
    assert jacobian.matrix is None


def test_the_focus_is_where_the_rule_acted() -> None:
    quotient = next(step for step in jacobian.steps if step.rule == "quotient")
    assert quotient.focus == quotient.before
    name = next(step for step in jacobian.steps if step.rule == "name")
    assert name.focus != name.before
