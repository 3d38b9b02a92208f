"""Formulas of the literature come out as books write them: in matrix notation, in the names of the parts."""

import pytest

from derivations.api import derive
from derivations.printers.text import LAYOUT, term_text

# text, variable, shapes, order, facts; the result as the last line shows it, in matrix notation
LOGISTIC = "X: m n; w: n; y: m"
SCORES = "X: m n; W: n c; Y: m c"
ATTENTION = "Q: m d; K: n d; V: n p; G: m p"
RESULTS = [
    # regression
    ("-sum(y*log(sigmoid(X@w))+(1-y)*log(1-sigmoid(X@w)))", "w", LOGISTIC, 1, None, "Xᵀ (h − y)"),
    ("sum(softplus(X@w) - y*(X@w))", "w", LOGISTIC, 1, None, "Xᵀ (σ(X w) − y)"),
    ("sum(exp(X@w) - y*(X@w))", "w", LOGISTIC, 1, None, "Xᵀ (exp(X w) − y)"),
    ("sum((X@w - y)**2) + a*sum(w**2)", "w", LOGISTIC + "; a:", 2, None, "2 (Xᵀ X + a I_n)"),
    ("-sum(Y*log_softmax(X@W, axis=1))", "W", SCORES, 1, "sum(Y, 1) = 1", "Xᵀ (P − Y)"),
    ("sum(logsumexp(X@W, axis=1)) - sum(Y*(X@W))", "W", SCORES, 1, None, "Xᵀ (P − Y)"),
    # distributions and their logits
    ("logsumexp(x)", "x", "x: n", 1, None, "p"),
    ("log(sum(exp(x)))", "x", "x: n", 2, None, "diag(p) − p pᵀ"),
    ("-sum(y*log(softmax(z, axis=0)))", "z", "z: n; y: n", 1, "sum(y) = 1", "p − y"),
    ("-sum(softmax(z, axis=0)*log_softmax(z, axis=0))", "z", "z: n", 1, None, "−p ⊙ (log p + f 1_n)"),
    (
        "sum(softmax(z, axis=0)*(log_softmax(z, axis=0) - log(q)))",
        "z",
        "z: n; q: n",
        1,
        "q > 0",
        "p ⊙ (log p − log q − f 1_n)",
    ),
    ("log(sum(w*exp(-(x-mu)**2/2)))", "mu", "w: n; mu: n; x:", 1, "w > 0", "p ⊙ (x 1_n − μ)"),
    # contrastive losses
    (
        "-mean(log(exp(sum(Q[i,k]*K[i,k],k))/sum(exp(sum(Q[i,k]*K[j,k],k)),j)),i)",
        "Q",
        "Q: n d; K: n d",
        1,
        None,
        "1/n (P K − K)",
    ),
    ("sum(logsumexp(X@X.T/t, axis=1))", "X", "X: m n; t:", 1, None, "1/t (P + Pᵀ) X"),
    # attention
    ("sum(G*(softmax(Q@K.T/sqrt(d), axis=1)@V))", "V", ATTENTION, 1, None, "Pᵀ G"),
    (
        "sum(G*(softmax(Q@K.T/sqrt(d), axis=1)@V))",
        "Q",
        ATTENTION,
        1,
        None,
        "1/√d (((G Vᵀ) ⊙ P) K − diag((G ⊙ (P V)) 1_p) (P K))",
    ),
    # cases
    (
        "sum(relu(1 - y*(X@w)))",
        "w",
        LOGISTIC,
        1,
        None,
        "−Xᵀ {y if z > 0; 0 if z ≤ 0}",
    ),
    ("sum(relu(A@x)**2)/2", "x", "A: m n; x: n", 1, None, "Aᵀ {z if z > 0; 0 if z ≤ 0}"),
    (
        "sum(relu(relu(X@A)@B)@c)",
        "A",
        "X: m n; A: n h; B: h k; c: k",
        1,
        None,
        "Xᵀ (({1 if U > 0; 0 if U ≤ 0} diag(c) Bᵀ) ⊙ {1 if Z > 0; 0 if Z ≤ 0})",
    ),
    ("sum(maximum(A@x, 0.1*(A@x)))", "x", "A: m n; x: n", 1, None, "Aᵀ {1 if z ≥ u; 1/10 if z < u}"),
    # statistics
    ("x/norm(x)", "x", "x: n", 1, None, "1/r (I_n − 1/r² x xᵀ)"),
    ("std(x)", "x", "x: n", 1, None, "1/(n f) (x − μ 1_n)"),
    ("var(x)", "x", "x: n", 2, None, "2/n (I_n − 1/n 1_n 1_nᵀ)"),
]


@pytest.mark.parametrize(
    ("text", "wrt", "shapes", "order", "facts", "matrix"), RESULTS, ids=lambda v: str(v)[:40]
)
def test_the_gradient_is_the_one_in_books(
    text: str, wrt: str, shapes: str, order: int, facts: str | None, matrix: str
) -> None:
    form = derive(text, wrt, shapes, order, facts).derivation.matrix
    assert form is not None
    assert LAYOUT.matrix(form.tree).text == matrix


SELF_ATTENTION = "sum(G*(softmax((X@A)@(X@B).T, axis=1)@(X@C)))"


def test_self_attention_has_a_matrix_form_for_the_input_that_is_used_three_times() -> None:
    found = derive(SELF_ATTENTION, "X", "X: m n; A: n d; B: n d; C: n p; G: m p")
    assert found.matrix is not None


def test_a_name_that_a_result_does_not_need_is_not_offered() -> None:
    assert derive("sum(exp(x))", "x", "x: n").names == ("f",)
    assert derive("logsumexp(x)", "x", "x: n").names == ("f", "p")


def test_weights_of_any_sign_make_no_shares() -> None:
    weighted = "log(sum(w*exp(x)))"
    assert derive(weighted, "x", "w: n; x: n", facts="w > 0").names == ("f", "p")
    assert derive(weighted, "x", "w: n; x: n").names == ("f",)


def test_no_name_is_solved_for_by_a_division_that_may_have_no_value() -> None:
    # f = x s gives s = f / x, and the derivative at 0 is 1/2
    assert term_text(derive("x*sigmoid(x)", "x").term) == "σ(x) (1 + x (1 − σ(x)))"


def test_a_root_of_a_square_is_not_taken_for_its_base() -> None:
    assert term_text(derive("tanh(a)**2", "a").term) == "2 (tanh a) (1 − f)"


def test_bases_that_stand_twice_do_not_send_factoring_round_in_circles() -> None:
    focal = derive("-y*(1-sigmoid(z))**g*log(sigmoid(z))", "z")
    assert term_text(focal.term) == "−g f σ(z) − y (1 − σ(z))^{g + 1}"


def test_a_condition_is_listed_once() -> None:
    assert derive("sqrt(x)**2", "x").conditions == ("x > 0",)
    assert derive("sum(relu(A@x)**2)", "x", "A: m n; x: n", 2).conditions == ("z_i ≠ 0",)


@pytest.mark.parametrize(
    ("text", "result"),
    [("x**3 * exp(x)", "x² e^{x} (3 + x)"), ("x * exp(-x)", "e^{−x} (1 − x)")],
)
def test_a_name_that_would_absorb_only_a_part_is_not_written(text: str, result: str) -> None:
    assert term_text(derive(text, "x").term) == result


def test_a_delta_beside_a_matrix_is_no_diagonal_of_it() -> None:
    # Σ_i (P_ik u_i)² δ_kl is a diagonal, P_ik u_i δ_kl before the sum is of order 3
    found = derive("var(P * outer(u, x))", "x", "P: m n; u: m; x: n", order=2)
    assert found.evidence.passed and found.matrix is not None and "diag(" in found.matrix
