"""LaTeX beyond single terms: KaTeX accepts it, definitions show bounds, whole arrays look as in books."""

from fractions import Fraction

import pytest
from katex import problems
from printed import PRINTED, M, N, W, b, exp, g, i, j, k, mu, p, r, s, x, z

from derivations.arithmetic import derivative, divide, product, subtract, total
from derivations.indices import Size
from derivations.matrix_form import MatrixForm
from derivations.matrix_form.nodes import (
    Apply,
    Compare,
    Determinant,
    Diag,
    Equation,
    Eye,
    Inverse,
    Item,
    MatMul,
    Mean,
    MeanOver,
    Minus,
    Node,
    Numeral,
    Ones,
    Outer,
    Plus,
    PowerOf,
    SizeNumber,
    Spread,
    SumOver,
    Times,
    Total,
    Trace,
    Transpose,
    Where,
    Whole,
    Zeros,
)
from derivations.printers.latex import definition_latex, derivation_latex, matrix_latex
from derivations.printers.text import LAYOUT as IN_TEXT
from derivations.scope import Definition, Definitions, Goal, Scope
from derivations.steps import Chain, Condition, Derivation, Step
from derivations.terms import Delta, Head, Relation, Symbol

P, G, X, Z = (Whole(symbol) for symbol in (p, g, W, z))
Y, MU, S = Whole(Symbol("y", (M,))), Whole(mu.symbol), Whole(s.symbol)
THETA = Whole(Symbol("theta", (N,)))
ONE, TWO = Numeral(Fraction(1)), Numeral(Fraction(2))
n = SizeNumber(Size.of("n"))
GRAM = MatMul((Transpose(X), X))

# matrix form, text, LaTeX
MATRICES: list[tuple[Node, str, str]] = [
    (
        Plus((Diag(P), Minus(Outer(P, P)))),
        "diag(p) − p pᵀ",
        r"\operatorname{diag}(\mathbf{p}) - \mathbf{p} \mathbf{p}^\top",
    ),
    (
        Times((P, Plus((G, Minus(Spread(MatMul((P, G)), (N,))))))),
        "p ⊙ (g − (pᵀ g) 1_n)",
        r"\mathbf{p} \odot (\mathbf{g} - (\mathbf{p}^\top \mathbf{g}) \mathbf{1}_n)",
    ),
    (
        MatMul((Transpose(X), Plus((MatMul((X, THETA)), Minus(Y))))),
        "Wᵀ (W θ − y)",
        r"\mathbf{W}^\top (\mathbf{W} \boldsymbol{\theta} - \mathbf{y})",
    ),
    # a row on the left is printed as the column that it is
    (MatMul((Y, X)), "Wᵀ y", r"\mathbf{W}^\top \mathbf{y}"),
    (MatMul((P, P)), "‖p‖²", r"\lVert \mathbf{p} \rVert^2"),
    (PowerOf(MatMul((P, P)), Times((), (TWO,))), "‖p‖", r"\lVert \mathbf{p} \rVert"),
    (Times((MatMul((P, P)), G)), "‖p‖² g", r"\lVert \mathbf{p} \rVert^2 \mathbf{g}"),
    (
        MatMul((Inverse(GRAM), Transpose(X), Y)),
        "(Wᵀ W)⁻¹ Wᵀ y",
        r"(\mathbf{W}^\top \mathbf{W})^{-1} \mathbf{W}^\top \mathbf{y}",
    ),
    (
        Equation(MatMul((*GRAM.factors, THETA)), MatMul((Transpose(X), Y))),
        "Wᵀ W θ = Wᵀ y",
        r"\mathbf{W}^\top \mathbf{W} \boldsymbol{\theta} = \mathbf{W}^\top \mathbf{y}",
    ),
    (Times((TWO, Plus((P, Minus(G)))), (n,)), "2/n (p − g)", r"\frac{2}{n} (\mathbf{p} - \mathbf{g})"),
    (
        Times((Plus((G, Minus(Spread(MU, (N,))))),), (S,)),
        "1/s (g − μ 1_n)",
        r"\frac{1}{s} (\mathbf{g} - \mu \mathbf{1}_n)",
    ),
    (Times((P, G, Z)), "p ⊙ g ⊙ z", r"\mathbf{p} \odot \mathbf{g} \odot \mathbf{z}"),
    (Times((P,), (G,)), "p/g", r"\frac{\mathbf{p}}{\mathbf{g}}"),
    (MatMul((X, Times((P, G)))), "W (p ⊙ g)", r"\mathbf{W} (\mathbf{p} \odot \mathbf{g})"),
    (Times((MatMul((X, P)), Y)), "(W p) ⊙ y", r"(\mathbf{W} \mathbf{p}) \odot \mathbf{y}"),
    (Times((Spread(Y, (M, N), 0), X)), "diag(y) W", r"\operatorname{diag}(\mathbf{y}) \mathbf{W}"),
    (
        MatMul((Times((Transpose(X), Spread(Y, (N, M), 1))), X)),
        "Wᵀ diag(y) W",
        r"\mathbf{W}^\top \operatorname{diag}(\mathbf{y}) \mathbf{W}",
    ),
    (Plus((Spread(ONE, (N,)), Minus(P))), "1_n − p", r"\mathbf{1}_n - \mathbf{p}"),
    (Zeros((M, N)), "0", r"\mathbf{0}"),
    (Times((X,), (Spread(P, (M, N), 1),)), "W diag(p)⁻¹", r"\mathbf{W} \operatorname{diag}(\mathbf{p})^{-1}"),
    (
        Plus((X, Minus(Spread(Y, (M, N), 0)))),
        "W − y 1_nᵀ",
        r"\mathbf{W} - \mathbf{y} \mathbf{1}_n^\top",
    ),
    (Plus((X, Spread(P, (M, N), 1))), "W + 1_m pᵀ", r"\mathbf{W} + \mathbf{1}_m \mathbf{p}^\top"),
    (
        Plus((X, Minus(Spread(MU, (M, N))))),
        "W − μ 1_m 1_nᵀ",
        r"\mathbf{W} - \mu \mathbf{1}_m \mathbf{1}_n^\top",
    ),
    (SumOver(X, 0), "Wᵀ 1_m", r"\mathbf{W}^\top \mathbf{1}_m"),
    (SumOver(X, 1), "W 1_n", r"\mathbf{W} \mathbf{1}_n"),
    (Total(P), "1_nᵀ p", r"\mathbf{1}_n^\top \mathbf{p}"),
    (Mean(X), "mean(W)", r"\operatorname{mean}(\mathbf{W})"),
    (MeanOver(X, 1), "1/n W 1_n", r"\frac{1}{n} \mathbf{W} \mathbf{1}_n"),
    (
        Plus((G, Minus(Spread(Mean(Times((G, P))), (N,))))),
        "g − mean(g ⊙ p) 1_n",
        r"\mathbf{g} - \operatorname{mean}(\mathbf{g} \odot \mathbf{p}) \mathbf{1}_n",
    ),
    (Trace(GRAM), "tr(Wᵀ W)", r"\operatorname{tr}(\mathbf{W}^\top \mathbf{W})"),
    (Determinant(GRAM), "det(Wᵀ W)", r"\operatorname{det}(\mathbf{W}^\top \mathbf{W})"),
    (Eye(N), "I_n", r"\mathbf{I}_n"),
    (Ones((M, N)), "1_m 1_nᵀ", r"\mathbf{1}_m \mathbf{1}_n^\top"),
    (Apply(Head("exp"), (P,)), "exp(p)", r"\exp(\mathbf{p})"),
    (Apply(Head("log"), (P,)), "log p", r"\log \mathbf{p}"),
    (PowerOf(P, TWO), "p^{⊙ 2}", r"\mathbf{p}^{\odot 2}"),
    (PowerOf(S, TWO), "s²", "s^2"),
    (PowerOf(S, Times((), (TWO,))), "√s", r"\sqrt{s}"),
    (Times((S, Plus((ONE, Minus(S))))), "s (1 − s)", "s (1 - s)"),
    (Item(W, (Size.of(0), None)), "W_{0,:}", r"\mathbf{W}_{1,:}"),
    (
        Where((Compare(">", P, Numeral(Fraction(0))),), (ONE,), Numeral(Fraction(0))),
        "{1 if p > 0; 0 if p ≤ 0}",
        r"\begin{cases} 1 & \mathbf{p} > 0 \\ 0 & \mathbf{p} \le 0 \end{cases}",
    ),
]


@pytest.mark.parametrize(("node", "text", "latex"), MATRICES, ids=[text for _, text, _ in MATRICES])
def test_matrix_notation_is_printed_as_in_books(node: Node, text: str, latex: str) -> None:
    assert (IN_TEXT.matrix_line(node), matrix_latex(node)) == (text, latex)


NORMALISER = Definition(s.symbol, (), total([k], exp(z[k])))
RESIDUAL = Definition(Symbol("r", (M,)), (r,), subtract(total([k], product(W[r, k], z[k])), b))


def test_a_definition_shows_the_bounds_that_steps_leave_out() -> None:
    assert definition_latex(NORMALISER) == r"s = \sum_{k=1}^{n} e^{z_k}"
    assert definition_latex(RESIDUAL) == r"r_r = \sum_{k=1}^{n} W_{rk} z_k - b"


DELTA = Delta(x[i].indices[0], x[j].indices[0])


def small_derivation() -> Derivation:
    left = derivative(p[i], z, [j])
    middle = derivative(divide(exp(z[i]), s), z, [j])
    result = product(p[i], subtract(DELTA, p[j]))
    steps = (
        Step(("define",), left, middle),
        Step(("quotient",), middle, result, bookkeeping=("leaf", "linear")),
        Step(("matrix",), result, result, matrix=MatrixForm(MATRICES[0][0], (i, j))),
    )
    lemma = Chain("lemma", "lemma", derivative(s, z, [j]), (Step(("exp",), s, exp(z[j])),), (j,))
    chain = Chain("answer", "answer", left, steps, (i, j))
    scope = Scope((z,), Definitions([NORMALISER]))
    condition = Condition(Relation("!=", s, subtract(b, b)))
    return Derivation(Goal("jacobian", p, (z,)), scope, (lemma, chain), (condition,))


def test_a_derivation_is_one_aligned_display_whose_comments_name_the_rules() -> None:
    derivation = small_derivation()
    lines = derivation_latex(derivation, "en").splitlines()
    assert (lines[0], lines[-1]) == (r"\begin{align*}", r"\end{align*}")
    assert (
        lines[1]
        == r"\frac{\partial s}{\partial z_j} &= e^{z_j} \\ % Lemma: derivative of s: Derivative of exp"
    )
    assert lines[2].startswith(r"\frac{\partial p_i}{\partial z_j} &= \frac{\partial}{\partial z_j}")
    assert lines[3].startswith(r"&= p_i (\delta_{ij} - p_j) \\ % Quotient rule (with: ")
    assert lines[4].startswith(r"\mathbf{J} &= \operatorname{diag}(\mathbf{p})")


def test_the_result_alone_is_the_index_form_and_the_matrix_form() -> None:
    lines = derivation_latex(small_derivation(), "en", "result").splitlines()[1:-1]
    assert lines == [
        r"\frac{\partial p_i}{\partial z_j} &= p_i (\delta_{ij} - p_j) \\",
        r"\mathbf{J} &= \operatorname{diag}(\mathbf{p}) - \mathbf{p} \mathbf{p}^\top",
    ]


def test_formulas_are_the_same_in_both_languages() -> None:
    english, chinese = (derivation_latex(small_derivation(), language) for language in ("en", "zh"))
    assert english != chinese
    assert [line.split(" %")[0] for line in english.splitlines()] == [
        line.split(" %")[0] for line in chinese.splitlines()
    ]


def test_katex_accepts_all_of_it() -> None:
    formulas = [latex for _, _, latex in PRINTED] + [latex for _, _, latex in MATRICES]
    formulas += [definition_latex(NORMALISER), definition_latex(RESIDUAL)]
    formulas += [derivation_latex(small_derivation(), language) for language in ("en", "zh")]
    assert problems(formulas) == []


def test_katex_refuses_what_is_wrong() -> None:
    assert len(problems([r"\frac{1}{2", r"\unknown", "x"])) == 2
