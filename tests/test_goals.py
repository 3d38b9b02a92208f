"""Results appear in the form in which people write them, from the engine alone."""

import pytest

from derivations import catalogue
from derivations.api import derivations_of
from derivations.goals import reach
from derivations.printers.text import term_text
from derivations.rules import Stuck
from derivations.rules import specimens as s
from derivations.scope import Goal
from derivations.steps import Derivation
from derivations.terms import Relation, Symbol

# formula, goal, index form as text, NumPy text of the matrix form (None: no matrix form)
RESULTS = [
    ("softmax", "jacobian-p-z", "p_i (δ_ij − p_j)", "diag(p) - outer(p, p)"),
    ("softmax", "vjp-p-z", "p_j (g_j − Σ_i g_i p_i)", "p * (g - p @ g)"),
    ("least_squares_loss", "gradient-J-theta", None, "X.T @ (X @ theta - Y)"),
    ("least_squares_loss", "hessian-J-theta", None, "X.T @ X"),
    ("mean_squared_error", "gradient-M-y_hat", "2/n (ŷ_j − y_j)", "2 * (y_hat - y) / n"),
    ("softmax_cross_entropy", "gradient-L-z", "p_j − y_j", "p - y"),
    ("softmax_cross_entropy", "hessian-L-z", "p_j (δ_jk − p_k)", "diag(p) - outer(p, p)"),
    ("linear_layer_backward", "jacobian-Y-W", "X_ir δ_js", None),
    ("linear_layer_backward", "vjp-Y-W", "Σ_i X_ir G_is", "X.T @ G"),
    ("linear_layer_backward", "vjp-Y-X", "Σ_j G_aj W_rj", "G @ W.T"),
    ("linear_layer_backward", "vjp-Y-b", "Σ_i G_is", "sum(G, axis=0)"),
    ("sigmoid", "derivative-sigma-x", "σ (1 − σ)", None),
    ("tanh", "derivative-t-x", "1 − t²", None),
    ("gelu", "derivative-f-x", "Φ + x φ", None),
    ("swish", "derivative-f-x", "σ (1 + x β (1 − σ))", None),
    ("relu", "derivative-f-x", "{1 if x > 0; 0 if x ≤ 0}", None),
    (
        "layer_norm",
        "jacobian-y-x",
        None,
        "gamma[:, None] * (eye(H) - 1 / H - outer(x_hat, x_hat) / H) / s",
    ),
    (
        "layer_norm",
        "vjp-y-x",
        None,
        "(x_hat_bar - mean(x_hat_bar) - x_hat * mean(x_hat_bar * x_hat)) / s",
    ),
]


def derivation(name: str, goal: str) -> Derivation:
    (found,) = [d for d in derivations_of(catalogue.load(name)) if d.goal.id == goal]
    return found


@pytest.mark.parametrize(("name", "goal", "index", "numpy"), RESULTS, ids=lambda v: str(v)[:24])
def test_the_result_has_the_form_that_people_write(
    name: str, goal: str, index: str | None, numpy: str | None
) -> None:
    found = derivation(name, goal)
    if index is not None:
        assert term_text(found.result) == index
    if numpy is not None:
        assert found.matrix.numpy == numpy


def test_the_normal_equation_stands_before_its_solution_with_the_rank_condition() -> None:
    found = derivation("least_squares_loss", "stationary-J-theta")
    equations = [step.matrix.numpy for step in found.answer.steps if step.matrix is not None]
    assert equations == [
        "X.T @ X @ theta_hat == X.T @ Y",
        "theta_hat == inv(X.T @ X) @ X.T @ Y",
    ]
    (condition,) = found.conditions
    assert condition.text is not None and "operatorname{rank}" in condition.text["en"]


def test_the_notes_form_of_the_mse_gradient_is_the_line_before_the_last() -> None:
    steps = derivation("mean_squared_error", "gradient-M-y_hat").answer.steps
    index_lines = [step for step in steps if step.matrix is None]
    assert term_text(index_lines[-2].after) == "−2/n (y_j − ŷ_j)"


def test_cross_entropy_shows_the_fact_that_labels_sum_to_one() -> None:
    found = derivation("softmax_cross_entropy", "gradient-L-z")
    assert [step.rules for step in found.answer.steps].count(("fact",)) == 1
    assert any(isinstance(c.relation, Relation) and c.relation.operator == "==" for c in found.conditions)


def test_deviations_from_the_mean_need_no_fact() -> None:
    formula = catalogue.load("layer_norm")
    assert not formula.scope.facts
    rules = [step.rules for d in derivations_of(formula) for step in d.steps]
    assert ("open",) in rules and ("fact",) not in rules


def test_a_goal_that_no_rule_reaches_is_an_error_that_names_the_stuck_term() -> None:
    with pytest.raises(Stuck) as caught:
        reach(s.scope, (Goal("stationary", s.Q, (s.Z,)),))
    assert caught.value.term is not None


def test_an_unknown_kind_of_goal_is_refused_by_name() -> None:
    with pytest.raises(Stuck, match="no goal is called 'laplacian'"):
        reach(s.scope, (Goal("laplacian", s.J, (s.X,)),))


def test_a_symbol_called_like_a_cotangent_is_not_shadowed() -> None:
    cotangents = {
        symbol.name
        for d in reach(s.scope, (Goal("vjp", s.Q, (s.Z,)),))
        for symbol in d.scope.inputs
        if symbol not in s.scope.inputs
    }
    assert cotangents == {"g_"}
    assert isinstance(s.G, Symbol)
