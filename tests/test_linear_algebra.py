"""Inverses, determinants, norms and quadratic forms: derivatives against JAX, texts as people write them.

The problems are of the kind that the Matrix Cookbook and Wikipedia's tables of matrix calculus list.  Each is
derived once, and its code and its matrix text are evaluated at two sets of sizes that tell axes apart.
"""

from typing import Any, NamedTuple

import numpy as np
import pytest

from derivations import derive
from derivations.arithmetic import product, total
from derivations.domains import POSITIVE_DEFINITE
from derivations.errors import InputError, Unsupported
from derivations.evaluate import Point
from derivations.indices import Affine, Axis
from derivations.numerics import FLOAT, Array
from derivations.parse import parse
from derivations.sampling import regular, size_choices
from derivations.scope import Definition, Definitions
from derivations.structure import definiteness, structure_of
from derivations.terms import Component, Symbol
from derivations.verify.results import check_derivation


class Problem(NamedTuple):
    """A text, what it is differentiated by, shapes, facts, and the matrix text that is expected."""

    text: str
    wrt: Any
    shapes: str
    facts: str | None = None
    matrix: str | None = None
    order: int = 1


GAUSSIAN = "-0.5*logdet(S) - 0.5*(x - mu) @ inv(S) @ (x - mu)"
PROCESS = "K = X @ X.T + s*eye(n)\n0.5*y @ inv(K) @ y + 0.5*logdet(K)"
PROBLEMS = [
    # determinants
    Problem("det(X)", "X", "X: n n", None, "det(X) * inv(X).T"),
    Problem("det(A @ X @ B)", "X", "A: n n; X: n n; B: n n"),
    Problem("det(X.T @ X)", "X", "X: n m", None, "2 * det(X.T @ X) * X @ inv(X.T @ X)"),
    Problem("det(X.T @ A @ X)", "X", "X: n m; A: n n"),
    Problem("det(X)**3", "X", "X: n n", None, "3 * det(X)**3 * inv(X).T"),
    Problem("det(A + outer(u, v))", "u", "A: n n; u: n; v: n"),
    Problem("sqrt(det(X.T @ X))", "X", "X: n m", None, "sqrt(det(X.T @ X)) * X @ inv(X.T @ X)"),
    Problem("det(eye(n) + t*A)", "t", "A: n n; t:", "A positive definite; t > 0"),
    Problem("det(inv(X))", "X", "X: n n", None, "-inv(X).T / det(X)"),
    # their logarithms
    Problem("logdet(X)", "X", "X: n n", None, "inv(X).T"),
    Problem("log(det(X))", "X", "X: n n", None, "inv(X).T"),
    Problem("log(abs(det(X)))", "X", "X: n n", None, "inv(X).T"),
    Problem("logdet(X)", "X", "X: n n", "X positive definite", "inv(X)"),
    Problem("log(det(inv(X)))", "X", "X: n n", None, "-inv(X).T"),
    Problem("logdet(X.T @ X)", "X", "X: n m", None, "2 * X @ inv(X.T @ X)"),
    Problem("logdet(A + X @ X.T)", "X", "A: n n; X: n m", "A positive definite", "2 * inv(A + X @ X.T) @ X"),
    Problem("logdet(diag(d) + U @ U.T)", "d", "d: n; U: n m", "d > 0", "diag(inv(diag(d) + U @ U.T))"),
    Problem("d = det(X)\nd**2 + log(d)", "X", "X: n n"),
    # inverses
    Problem("inv(X)", "X", "X: n n"),
    Problem("A @ inv(X) @ B", "X", "A: m n; X: n n; B: n k"),
    Problem("a @ inv(X) @ b", "X", "X: n n; a: n; b: n", None, "-outer(inv(X).T @ a, inv(X) @ b)"),
    Problem("trace(inv(X))", "X", "X: n n", None, "-inv(X).T @ inv(X).T"),
    Problem("trace(inv(X) @ A)", "X", "X: n n; A: n n", None, "-inv(X).T @ A.T @ inv(X).T"),
    Problem("trace(A @ inv(X) @ B)", "X", "X: n n; A: m n; B: n m"),
    Problem("trace(inv(X + A))", "X", "X: n n; A: n n", None, "-inv(X + A).T @ inv(X + A).T"),
    Problem("P = inv(X)\ntrace(P @ A @ P)", "X", "X: n n; A: n n"),
    Problem("trace(inv(inv(X) + A))", "X", "X: n n; A: n n", "X positive definite; A positive definite"),
    Problem("inv(A + t*B)", "t", "A: n n; B: n n; t:", "A positive definite; B positive definite; t > 0"),
    Problem("trace(inv(A.T @ diag(w) @ A))", "w", "A: n m; w: n", "w > 0"),
    Problem(
        "trace(inv(X.T @ C @ X) @ A)",
        "X",
        "C: n n; X: n m; A: m m",
        "C positive definite; A symmetric",
        "-2 * C @ X @ inv(X.T @ C @ X) @ A @ inv(X.T @ C @ X)",
    ),
    Problem(
        "x @ inv(A + X @ X.T) @ x",
        "X",
        "x: n; A: n n; X: n m",
        "A positive definite",
        "-2 * outer(inv(A + X @ X.T) @ x, X.T @ inv(A + X @ X.T) @ x)",
    ),
    Problem(
        "x @ inv(A + X @ X.T) @ x",
        "x",
        "x: n; A: n n; X: n m",
        "A positive definite",
        "2 * inv(A + X @ X.T) @ x",
    ),
    Problem("x @ inv(2*A) @ x", "x", "x: n; A: n n", "A symmetric", "inv(A) @ x"),
    Problem("logdet(A / t)", "A", "A: n n; t:", "A positive definite; t > 0", "inv(A)"),
    Problem("x @ inv(diag(d)) @ x", "d", "x: n; d: n", "d > 0", "-(diag(1 / d) @ x)**2"),
    Problem("solve(A, b)", "b", "A: n n; b: n", None, "inv(A)"),
    Problem("c @ solve(A, b)", "A", "A: n n; b: n; c: n", None, "-outer(inv(A).T @ c, inv(A) @ b)"),
    Problem("trace(solve(A, B) @ C)", "A", "A: n n; B: n m; C: m n"),
    Problem("norm(solve(A, b) - c)**2", "b", "A: n n; b: n; c: n", None, "2 * inv(A).T @ (inv(A) @ b - c)"),
    # Gaussians
    Problem(GAUSSIAN, "mu", "S: n n; x: n; mu: n", "S positive definite", "inv(S) @ (x - mu)"),
    Problem(
        GAUSSIAN,
        "S",
        "S: n n; x: n; mu: n",
        "S positive definite",
        "(outer(inv(S) @ (x - mu), inv(S) @ (x - mu)) - inv(S)) / 2",
    ),
    Problem(
        "-0.5*m*logdet(S) - 0.5*sum(((X - mu) @ inv(S)) * (X - mu))",
        "S",
        "S: n n; X: m n; mu: n",
        "S positive definite",
        "(inv(S) @ (X - mu).T @ (X - mu) @ inv(S) - m * inv(S)) / 2",
    ),
    Problem(
        "exp(-0.5*(x - mu) @ inv(S) @ (x - mu)) / sqrt(det(2*pi*S))",
        "S",
        "S: n n; x: n; mu: n",
        "S positive definite",
    ),
    Problem(PROCESS, "s", "X: n m; y: n; s:", "s > 0"),
    Problem(PROCESS, "X", "X: n m; y: n; s:", "s > 0"),
    Problem(
        "trace(S @ P) - log(det(P))",
        "P",
        "S: n n; P: n n",
        "S positive definite; P positive definite",
        "S - inv(P)",
    ),
    # quadratic forms, projections
    Problem("x @ A @ x", "x", "x: n; A: n n", None, "(A + A.T) @ x"),
    Problem("x @ A @ x", "x", "x: n; A: n n", "A symmetric", "2 * A @ x"),
    Problem("log(x @ A @ x)", "x", "x: n; A: n n", "A positive definite", "2 * A @ x / (x @ A @ x)"),
    Problem("(x - A @ s) @ W @ (x - A @ s)", "s", "x: n; A: n m; s: m; W: n n", "W symmetric"),
    Problem(
        "(B @ x + b) @ C @ (D @ x + d)",
        "x",
        "x: n; B: k n; b: k; C: k m; D: m n; d: m",
        None,
        "B.T @ C @ (D @ x + d) + D.T @ C.T @ (B @ x + b)",
    ),
    Problem(
        "y @ X @ inv(X.T @ X) @ X.T @ y",
        "X",
        "X: n m; y: n",
        None,
        "2 * outer(y - X @ inv(X.T @ X) @ X.T @ y, inv(X.T @ X) @ X.T @ y)",
    ),
    # norms
    Problem("norm(x)", "x", "x: n", None, "x / sqrt(x @ x)"),
    Problem("norm(x, 1)", "x", "x: n", None, "sign(x)"),
    Problem("norm(X, 'fro')", "X", "X: n m", None, "X / sqrt(sum(X**2))"),
    Problem("norm(X, 'fro')**2", "X", "X: n m", None, "2 * X"),
    Problem("norm(X @ w - y)", "w", "X: n m; w: m; y: n"),
    # traces, einsum, outer
    Problem("trace(A @ X @ B @ X.T @ C)", "X", "A: n n; X: n m; B: m m; C: n n"),
    Problem("trace(matrix_power(X, 3))", "X", "X: n n", None, "3 * X.T @ X.T"),
    Problem("einsum('ij,jk,ki->', A, X, B)", "X", "A: n m; X: m k; B: k n", None, "A.T @ B.T"),
    Problem("sum(einsum('bi,ij,bj->b', X, W, X))", "W", "X: m n; W: n n", None, "X.T @ X"),
    Problem("einsum('ii->i', X) @ a", "X", "X: n n; a: n", None, "diag(a)"),
    Problem("einsum('i,ij,j', x, A, x)", "x", "x: n; A: n n", None, "(A + A.T) @ x"),
    Problem("trace(outer(x, y) @ A)", "x", "x: n; y: m; A: m n", None, "A.T @ y"),
    # symmetric variables: independent entries, at the symmetric point
    Problem("sum(W * (S + S.T))", "S", "W: n n; S: n n", "S symmetric", "W + W.T"),
    Problem("sum(W * (inv(S) + inv(S).T))", "S", "W: n n; S: n n", "S positive definite"),
    # order two
    Problem("logdet(X)", "X", "X: n n", None, None, 2),
    Problem("logdet(X)", "X", "X: n n", "X positive definite", None, 2),
    Problem("det(X)", "X", "X: n n", None, None, 2),
    Problem("trace(inv(X))", "X", "X: n n", None, None, 2),
    Problem(GAUSSIAN, "mu", "S: n n; x: n; mu: n", "S positive definite", "-inv(S)", 2),
    Problem(GAUSSIAN, ["mu", "S"], "S: n n; x: n; mu: n", "S positive definite", None, 2),
]
SIZES = ({"n": 4, "m": 2, "k": 3}, {"n": 3, "m": 2, "k": 5})


def random_values(problem: Problem, sizes: dict[str, int], seed: int) -> dict[str, np.ndarray]:
    """Values for which inverses exist: positive definite where a fact says it, else large on the diagonal."""
    source = np.random.default_rng(seed)
    values = {}
    for declared in problem.shapes.split(";"):
        name, _, axes = declared.partition(":")
        name, axes = name.strip(), axes.split()
        value = source.normal(size=tuple(sizes[axis] for axis in axes))
        facts = problem.facts or ""
        if f"{name} positive definite" in facts:
            value = value @ value.T + np.eye(len(value))
        elif len(axes) == 2 and axes[0] == axes[1]:
            value = value + value.T if f"{name} symmetric" in facts else value
            value = value + 5 * np.eye(len(value))
        elif f"{name} > 0" in facts:
            value = np.abs(value) + 0.3
        values[name] = value
    return values


def evaluated(text: str, values: dict[str, Any], module: Any, **more: Any) -> Any:
    """A text of this file, or one that the product gave, in NumPy's or JAX's own functions."""
    linalg = module.linalg
    known = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    known |= {name: getattr(linalg, name) for name in ("inv", "det", "solve", "norm", "matrix_power")}
    known |= {"logdet": lambda X: linalg.slogdet(X)[1]} | values | more
    value = None
    for line in text.split("\n"):
        name, _, expression = line.rpartition(" = ")
        value = known[name] = eval(expression, known)  # noqa: S307 - texts of this file and their derivatives
    return value


def identifier(problem: Problem) -> str:
    return f"{problem.text.splitlines()[-1]} by {problem.wrt} order {problem.order} {problem.facts or ''}"


@pytest.mark.parametrize("problem", PROBLEMS, ids=identifier)
def test_code_and_matrix_text_agree_with_jax(problem: Problem) -> None:
    jax = pytest.importorskip("jax", reason="JAX, the independent oracle, is in the extra `test`")
    jax.config.update("jax_enable_x64", True)
    found = derive(problem.text, problem.wrt, problem.shapes, problem.order, problem.facts)
    if problem.matrix is not None:
        assert found.matrix == problem.matrix
    function = found.lambdify()
    by = [problem.wrt] if isinstance(problem.wrt, str) else problem.wrt
    for seed, sizes in enumerate(SIZES):
        values = random_values(problem, sizes, seed)

        def value(*moved: Any, values: Any = values, sizes: Any = sizes) -> Any:
            given = values | dict(zip(by, moved, strict=True))
            return evaluated(problem.text, given, jax.numpy, **sizes)

        derived = jax.jacfwd(value)
        if problem.order == 2:
            derived = jax.jacfwd(derived, len(by) - 1)
        wanted = np.asarray(derived(*(values[name] for name in by)))
        results = [np.asarray(function(**values))]
        if found.matrix is not None:
            results.append(np.asarray(evaluated(found.matrix, values, np, **sizes)))
        for result in results:
            assert result.shape == wanted.shape
            assert np.max(np.abs(result - wanted)) <= 1e-8 * np.max(np.abs(wanted))


STEP_BY_STEP = [
    *[p for p in PROBLEMS if p.order == 1][::3],
    Problem("trace(inv(X) @ X)", "X", "X: n n", None, "zeros((n, n))"),
    Problem("x @ inv(A + X @ X.T) @ x", "X", "x: n; A: n n; X: n m", "A positive definite"),
]


@pytest.mark.parametrize("problem", STEP_BY_STEP, ids=identifier)
def test_every_step_holds(problem: Problem) -> None:
    found = derive(problem.text, problem.wrt, problem.shapes, problem.order, problem.facts)
    evidence = check_derivation(found.derivation)
    assert evidence.passed, evidence.failure


# ---- how it is said ---------------------------------------------------------------------------------------


def test_the_matrix_below_an_inverse_gets_a_name() -> None:
    found = derive("x @ inv(A + X @ X.T) @ x", "x", "x: n; A: n n; X: n m", facts="A positive definite")
    assert found.names == ("M", "P", "f")
    assert "M_ij = A_ij + " in str(found)
    assert "P = M⁻¹" in str(found)
    assert r"\mathbf{P} = \mathbf{M}^{-1}" in found.markdown("zh")


def test_one_matrix_has_one_inverse_and_one_determinant() -> None:
    parsed = parse(
        "logdet(A + B) + trace(inv(A + B)) + det(A + B) + x @ inv(A + B) @ x", "A: n n; B: n n; x: n"
    )
    assert parsed.introduced[:-1] == ("M", "d", "P")


def test_a_line_gives_its_name_to_the_inverse() -> None:
    parsed = parse("P = inv(X)\nsum(P)", "X: n n")
    assert parsed.scope.definitions["P"].operation == "inverse"
    assert parsed.introduced == ("f",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("trace(inv(inv(X)))", ("P", "f")),
        ("trace(inv(X.T))", ("P", "f")),
        ("det(X.T)", ("d",)),
        ("logdet(inv(X))", ("P", "d", "f")),
    ],
)
def test_an_inverse_of_an_inverse_and_of_a_transpose_need_no_new_name(
    text: str, names: tuple[str, ...]
) -> None:
    assert parse(text, "X: n n").introduced == names


def test_an_inverse_that_comes_up_again_stands_by_its_name_on_the_page_only() -> None:
    found = derive("trace(inv(X) @ A)", "X", "X: n n; A: n n")
    assert r"-\mathbf{P}^\top \mathbf{A}^\top \mathbf{P}^\top" in found.latex(what="result")
    assert found.matrix == "-inv(X).T @ A.T @ inv(X).T"


@pytest.mark.parametrize(
    ("text", "facts", "conditions"),
    [
        ("logdet(X)", None, ("d > 0",)),
        ("logdet(X)", "X positive definite", ()),
        ("log(abs(det(X)))", None, ("X is invertible",)),
        ("trace(inv(X))", None, ("X is invertible",)),
        ("trace(inv(X))", "X positive definite", ()),
        ("logdet(X @ X.T + eye(n))", None, ()),
    ],
)
def test_conditions_are_those_that_the_matrix_needs(
    text: str, facts: str | None, conditions: tuple[str, ...]
) -> None:
    assert derive(text, "X", "X: n n", facts=facts).conditions == conditions


def test_the_rules_say_what_they_do_in_both_languages() -> None:
    found = derive("det(X) + logdet(X) + trace(inv(X))", "X", "X: n n")
    assert "Derivative of a determinant" in found.text("en")
    assert "行列式的导数" in found.text("zh")
    assert "对数行列式的导数" in found.text("zh")
    assert "逆矩阵的导数" in found.text("zh")


def test_a_system_is_solved_and_no_inverse_is_made() -> None:
    found = derive(GAUSSIAN, "mu", "S: n n; x: n; mu: n", facts="S positive definite")
    assert "np.linalg.solve(S" in found.code()
    assert "np.linalg.inv" not in found.code()


# ---- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shapes", "words"),
    [
        ("inv(X)", "X: n m", "sizes n, m"),
        ("det(x)", "x: n", "1 axes"),
        ("logdet(A)", "A: b n n", "3 axes"),
        ("solve(A, b)", "A: n n; b: m", "joins the sizes n and m"),
        ("pinv(X)", "X: n n", "pinv is not read yet"),
        ("slogdet(X)", "X: n n", "slogdet gives two values"),
        ("eigvals(X)", "X: n n", "eigvals is not read yet"),
        ("svd(X)", "X: n n", "svd is not read yet"),
        ("kron(A, X)", "A: m n; X: k k", "kron is not read yet"),
        ("norm(X, 2)", "X: n m", "the norm 2 of a matrix"),
        ("norm(X, 'nuc')", "X: n m", "the norm 'nuc' of a matrix"),
        ("einsum('ij,jk', A)", "A: n m", "for 2 arrays, and 1"),
        ("einsum('ijk->i', A)", "A: n m", "an array with 2 axes"),
        ("einsum('ij,jk->ik', A, A)", "A: n m", "j stands for the sizes m and n"),
        ("einsum('ij->iz', A)", "A: n m", "z is no letter"),
        ("matrix_power(X, 99)", "X: n n", "too large"),
        ("'text' + x", "x:", "text in quotes"),
        ("X'*X", "X: n n", "' does not transpose here"),
    ],
)
def test_what_is_not_there_is_refused_in_words(text: str, shapes: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, shapes)
    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["inv(outer(x, x))", "logdet(outer(x, x))"])
def test_a_matrix_that_is_never_regular_has_no_derivative(text: str) -> None:
    with pytest.raises(Unsupported, match="no point was found"):
        derive(text, "x", "x: n")


# ---- what the form of a matrix tells -----------------------------------------------------------------------

N = Axis.named("n", "i j k")
M = Axis.named("m", "p q")
ROW, COLUMN, P, Q = N.index("i"), N.index("j"), M.index("p"), M.index("q")
X, A = Symbol("X", (N, M)), Symbol("A", (N, N))
S, V = Symbol("S", (M, M), POSITIVE_DEFINITE), Symbol("V", (N, N), POSITIVE_DEFINITE)
GRAM = total([P], product(X[ROW, P], X[COLUMN, P]))


def test_the_form_of_a_matrix_tells_its_structure() -> None:
    congruence = total([P, Q], product(X[ROW, P], S[P, Q], X[COLUMN, Q]))
    assert definiteness(GRAM, ROW, COLUMN) == definiteness(congruence, ROW, COLUMN) == 1
    assert definiteness(V[ROW, COLUMN], ROW, COLUMN) == 2
    assert definiteness(A[ROW, COLUMN], ROW, COLUMN) == 0
    assert structure_of(GRAM, ROW, COLUMN).structure == "symmetric"
    assert structure_of(V[ROW, COLUMN], ROW, COLUMN).structure == "positive_definite"
    assert structure_of(A[ROW, COLUMN], ROW, COLUMN).structure == ""


def test_sizes_are_those_for_which_the_inverse_exists() -> None:
    gram = Symbol("G", (N, N))
    inverse = Definition(
        Symbol("R", (N, N)), (ROW, COLUMN), Component(gram, (Affine.of(ROW), Affine.of(COLUMN))), "inverse"
    )
    scope = parse("trace(inv(X @ X.T))", "X: n m").scope
    assert all(sizes["n"] <= sizes["m"] for sizes in size_choices(scope))
    definitions = Definitions([Definition(gram, (ROW, COLUMN), GRAM), inverse])
    tall = {"X": Array((2, 1), [1.0, 2.0])}
    wide = {"X": Array((1, 2), [1.0, 2.0])}
    assert not regular(Point(definitions, {"n": 2, "m": 1}, tall, FLOAT))
    assert regular(Point(definitions, {"n": 1, "m": 2}, wide, FLOAT))
