"""From a name to its letter: what a name without a notation of its own looks like, whoever gave it."""

import pytest

from derivations.language import Text, scalar
from derivations.letters import latex_of_name, split_subscript


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"),
        ("theta", r"\theta"),
        ("θ", r"\theta"),
        ("y_hat", r"\hat{y}"),
        ("yhat", r"\hat{y}"),
        ("ŷ", r"\hat{y}"),
        ("theta_hat", r"\hat{\theta}"),
        ("xhat_bar", r"\bar{\hat{x}}"),
        ("d_k", "d_k"),
        ("W1", "W_1"),
        ("alpha_12", r"\alpha_{12}"),
        ("eps", r"\epsilon"),
        ("J_left_inner", r"J_{\mathrm{left},\mathrm{inner}}"),
        ("loss", r"\mathrm{loss}"),
    ],
)
def test_a_name_without_notation_gets_one(name: str, latex: str) -> None:
    assert latex_of_name(name) == latex


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        ("W_1", ("W", "1")),
        (r"J_{a,b}", ("J", "a,b")),
        (r"\hat{x}", (r"\hat{x}", "")),
        ("s_k^2", ("s_k^2", "")),
    ],
)
def test_a_subscript_at_the_end_comes_off_and_nothing_else(latex: str, parts: tuple[str, str]) -> None:
    assert split_subscript(latex) == parts


def test_a_name_that_an_author_declares_looks_like_one_that_a_person_types() -> None:
    assert scalar("y_hat", Text(en="prediction", zh="预测")).notation == latex_of_name("y_hat")
