"""Text input: what is accepted means what NumPy means by it, what is not is refused with place and advice.

Each accepted text is evaluated at random points, with a different size for every axis, against a plain NumPy
computation written here.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derivations import derive
from derivations.errors import Error, InputError
from derivations.parse import parse
from derivations.parse.notation import WORDS
from derivations.parse.refusals import FUNCTIONS_REFUSED
from derivations.printers.text import term_text
from derivations.sampling import holds, random_point, size_choices


def erf(x: Any) -> Any:
    from math import erf as one

    return np.vectorize(one)(x)


def softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


# text, shapes, the same in NumPy; facts keep the points where the value exists
ACCEPTED: list[tuple[str, str | None, Callable[..., Any], str | None]] = [
    # numbers and scalars
    ("2*x + 0.5*y - 1", None, lambda x, y: 2 * x + 0.5 * y - 1, None),
    ("-x**2/3 + .25", None, lambda x: -(x**2) / 3 + 0.25, None),
    ("1e-3*x + 2.5E+2", None, lambda x: 1e-3 * x + 250, None),
    ("1/2*x + 7/2", None, lambda x: x / 2 + 3.5, None),
    ("x**-2 + x**0.5 + 2**x", None, lambda x: x**-2 + x**0.5 + 2**x, "x > 0"),
    ("a - (b - c) - d", None, lambda a, b, c, d: a - (b - c) - d, None),
    ("a/(b/c)/d*a", None, lambda a, b, c, d: a / (b / c) / d * a, None),
    ("-(a*b)*c - -a", None, lambda a, b, c: -(a * b) * c + a, None),
    ("+x", None, lambda x: x, None),
    ("2**3**2*x", None, lambda x: 512 * x, None),
    ("sin(pi*x) + np.pi", None, lambda x: np.sin(np.pi * x) + np.pi, None),
    ("α*β_1 + ŷ", None, lambda **k: k["α"] * k["β_1"] + k["ŷ"], None),
    ("x  # a comment\n", None, lambda x: x, None),
    ("(x +\n   y  # inside\n )", None, lambda x, y: x + y, None),
    # elementwise functions
    *(
        (f"{name}(x)", "x: n", function, facts)
        for name, function, facts in [
            ("exp", np.exp, None),
            ("log", np.log, "x > 0"),
            ("sqrt", np.sqrt, "x > 0"),
            ("square", np.square, None),
            ("sin", np.sin, None),
            ("cos", np.cos, None),
            ("tan", np.tan, None),
            ("sinh", np.sinh, None),
            ("cosh", np.cosh, None),
            ("tanh", np.tanh, None),
            ("arcsin", np.arcsin, "-1 < x < 1"),
            ("arccos", np.arccos, "-1 < x < 1"),
            ("arctan", np.arctan, None),
            ("abs", np.abs, None),
            ("sign", np.sign, None),
            ("erf", erf, None),
            ("log1p", np.log1p, "x > 0"),
            ("expm1", np.expm1, None),
            ("sigmoid", sigmoid, None),
            ("softplus", lambda x: np.log1p(np.exp(x)), None),
            ("relu", lambda x: np.maximum(x, 0), None),
        ]
    ),
    ("np.exp(x) + jnp.tanh(x) + torch.sigmoid(x)", "x: n",
     lambda x: np.exp(x) + np.tanh(x) + sigmoid(x), None),
    ("np.linalg.norm(x)*x", "x: n", lambda x: np.linalg.norm(x) * x, None),
    ("torch.nn.functional.softmax(x, dim=0)", "x: n", softmax, None),
    ("maximum(x, y) - minimum(x, 0.5)", "x: n; y: n",
     lambda x, y: np.maximum(x, y) - np.minimum(x, 0.5), None),
    ("where(x > y, x, 2*y)", "x: n; y: n", lambda x, y: np.where(x > y, x, 2 * y), None),
    ("where(x <= 0, -1, where(x > 1, x, 0))", "x: n",
     lambda x: np.where(x <= 0, -1, np.where(x > 1, x, 0)), None),
    # broadcasting
    ("X + w", "X: m n; w: n", lambda X, w: X + w, None),
    ("X*u[:, None] - b", "X: m n; u: m; b:", lambda X, u, b: X * u[:, None] - b, None),
    ("u[:, None]*w[None, :] + w", "u: m; w: n", lambda u, w: np.outer(u, w) + w, None),
    ("X/a", "X: m n; a: 1 n", lambda X, a: X / a, None),
    ("x*3 + 1", "x: 3", lambda x: x * 3 + 1, None),
    # products
    ("X @ w", "X: m n; w: n", lambda X, w: X @ w, None),
    ("u @ X", "X: m n; u: m", lambda X, u: u @ X, None),
    ("A @ B.T @ u", "A: m k; B: n k; u: n", lambda A, B, u: A @ B.T @ u, None),
    ("x @ x*x", "x: n", lambda x: x @ x * x, None),
    ("T @ w", "T: k m n; w: n", lambda T, w: T @ w, None),
    ("T @ X", "T: k m n; X: n p", lambda T, X: T @ X, None),
    ("S @ T", "S: k p m; T: k m n", lambda S, T: S @ T, None),
    ("dot(X, w) + X.dot(w)", "X: m n; w: n", lambda X, w: 2 * X @ w, None),
    ("matmul(X, w)", "X: m n; w: n", lambda X, w: X @ w, None),
    ("outer(u, w)", "u: m; w: n", np.outer, None),
    ("trace(A @ A) + A.trace()", "A: n n", lambda A: np.trace(A @ A) + np.trace(A), None),
    ("diag(w) @ diag(A)", "w: n; A: n n", lambda w, A: w * np.diag(A), None),
    ("A - 2*eye(n) + eye(A.shape[0])", "A: n n", lambda A: A - np.eye(len(A)), None),
    ("eye(3) @ x", "x: 3", lambda x: x, None),
    ("ones((m, n)) + X*zeros(n) + 2*ones(1)", "X: m n", lambda X: 3 + 0 * X, None),
    ("eye(2*n - n) @ A", "A: n n", lambda A: A, None),
    ("transpose(X) - X.T", "X: m n", lambda X: 0 * X.T, None),
    ("T.T", "T: k m n", lambda T: T.T, None),
    # linear algebra; the points of a positive definite matrix have an inverse
    ("inv(A) @ x + solve(A, x)", "A: n n; x: n",
     lambda A, x: 2 * np.linalg.solve(A, x), "A positive definite"),
    ("det(A) + A.det()*logdet(A)", "A: n n",
     lambda A: np.linalg.det(A) * (1 + np.linalg.slogdet(A)[1]), "A positive definite"),
    ("matrix_power(A, 3)", "A: n n", lambda A: A @ A @ A, None),
    ("einsum('ij,kj->ik', A, B)", "A: m n; B: p n", lambda A, B: A @ B.T, None),
    # reductions
    ("sum(X)/n + X.sum()", "X: m n", lambda X: X.sum() / X.shape[1] + X.sum(), None),
    ("sum(X, 0) + X.sum(axis=-2)", "X: m n", lambda X: 2 * X.sum(0), None),
    ("sum(T, (0, 2)) + sum(T, axis=[0, -1])", "T: k m n", lambda T: 2 * T.sum((0, 2)), None),
    ("X - sum(X, axis=1, keepdims=True)", "X: m n", lambda X: X - X.sum(1, keepdims=True), None),
    ("mean(X, 1) - X.mean(1) + mean(X)", "X: m n", lambda X: X.mean() + 0 * X[:, 0], None),
    ("(X - mean(X, 0))/std(X, 0)", "X: m n", lambda X: (X - X.mean(0)) / X.std(0), None),
    ("var(X, 1, keepdims=True)*X + X.var()", "X: m n", lambda X: X.var(1, keepdims=True) * X + X.var(), None),
    ("x.std() + norm(x)", "x: n", lambda x: x.std() + np.linalg.norm(x), None),
    ("norm(X, axis=0)", "X: m n", lambda X: np.linalg.norm(X, axis=0), None),
    ("logsumexp(X, axis=1) + logsumexp(X)", "X: m n",
     lambda X: np.log(np.exp(X).sum(1)) + np.log(np.exp(X).sum()), None),
    ("softmax(x)", "x: n", softmax, None),
    ("softmax(X, 0) + softmax(X, axis=-1)", "X: m n", lambda X: softmax(X, 0) + softmax(X, 1), None),
    ("log_softmax(X, axis=1)", "X: m n", lambda X: np.log(softmax(X, 1)), None),
    ("sum(x) + sum(b)", "x: n; b:", lambda x, b: x.sum() + b, None),
    ("X.shape[0]*x.shape[-1] + sum(x)", "X: m n; x: n", lambda X, x: X.shape[0] * len(x) + x.sum(), None),
    # index notation
    ("exp(z[i])/sum(exp(z[k]), k)", "z: n", softmax, None),
    ("x[i]*y[j]", "x: n; y: m", np.outer, None),
    ("x[j]*y[i]", "x: n; y: m", np.outer, None),
    ("sum(A[i, j]*x[j], j)", "A: m n; x: n", lambda A, x: A @ x, None),
    ("sum(A[i, k]*B[k, j], k)", "A: m n; B: n p", lambda A, B: A @ B, None),
    ("sum(A[i, j]*B[j, i], i, j)", "A: m n; B: n m", lambda A, B: np.trace(A @ B), None),
    ("sum(sum(A[i, j], i)*x[j], j)", "A: m n; x: n", lambda A, x: A.sum(0) @ x, None),
    ("sum(x[i], i)*x[i]", "x: n", lambda x: x.sum() * x, None),
    ("mean(x[i]**2, i) - mean(x)", "x: n", lambda x: (x**2).mean() - x.mean(), None),
    ("sum(A[i] @ x, i)", "A: m n; x: n", lambda A, x: (A @ x).sum(), None),
    ("(A @ x)[i] + y[i]", "A: m n; x: n; y: m", lambda A, x, y: A @ x + y, None),
    ("A[i, i]", "A: n n", np.diag, None),
    ("softmax(A[i, j], j)", "A: m n", lambda A: softmax(A, 1), None),
    ("logsumexp(A[i, j], i)", "A: m n", lambda A: np.log(np.exp(A).sum(0)), None),
    ("x[i] - mean(x)", "x: n", lambda x: x - x.mean(), None),
    ("x[0]*x + A[-1] + A[1, 0]", "x: n; A: m n", lambda x, A: x[0] * x + A[-1] + A[1, 0], None),
    ("sum(A[i, :]*x, 0)", "A: m n; x: n", lambda A, x: A @ x, None),
    # several lines
    ("r = X @ w - y\nr @ r", "X: m n; w: n; y: m", lambda X, w, y: ((X @ w - y) ** 2).sum(), None),
    ("a = x + 1; b = a*a; a + b", None, lambda x: x + 1 + (x + 1) ** 2, None),
    ("p = softmax(z)", "z: n", softmax, None),
    ("p = softmax(z)\np", "z: n", softmax, None),
    ("  m = mean(x)\n  s = sqrt(mean((x - m)**2) + e)\n  (x - m)/s", "x: n; e:",
     lambda x, e: (x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean() + e), "e > 0"),
    # names that look like functions or libraries
    ("F @ x + F.T @ x", "F: n n; x: n", lambda F, x: F @ x + F.T @ x, None),
    ("norm*norm(x)", "norm:; x: n", lambda norm, x: norm * np.linalg.norm(x), None),
    ("pi*x", "pi: n; x: n", lambda pi, x: pi * x, None),
]  # fmt: skip


def arrays_at(text: str, shapes: str | None, facts: str | None, seed: int) -> tuple[Any, dict[str, Any], Any]:
    parsed = parse(text, shapes, facts)
    choices = size_choices(parsed.scope)
    point = random_point(parsed.scope, choices[seed % len(choices)], seed)
    target = parsed.scope.definitions[parsed.target.name]
    found = point.table(target.left, target.indices)
    assert all(holds(fact, point) for fact in parsed.scope.facts)
    values = {s.name: point.array(s.name) for s in parsed.scope.inputs}
    given = {name: np.array(a.flat, float).reshape(a.shape) for name, a in values.items()}
    return parsed, given, np.array(found.flat, float).reshape(found.shape)


@pytest.mark.parametrize(("text", "shapes", "meaning", "facts"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_a_text_means_what_it_means_in_numpy(
    text: str, shapes: str | None, meaning: Callable[..., Any], facts: str | None
) -> None:
    for seed in (0, 1):
        _, given, found = arrays_at(text, shapes, facts, seed)
        positional = not any(len(name) > 1 and not name.isascii() for name in given)
        expected = np.asarray(meaning(*given.values()) if positional else meaning(**given))
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_every_function_of_the_notation_is_tried() -> None:
    tried = " ".join(row[0] for row in ACCEPTED)
    assert [name for name in WORDS if f"{name}(" not in tried] == []


# ---- names that people give -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shapes", "names", "lines"),
    [
        ("softmax(z)", "z: n", "s p", ["s = Σ_i e^{z_i}", "p_i = e^{z_i}/s"]),
        ("softmax(s*z)", "z: n; s:", "t p", ["t = Σ_i e^{s z_i}", "p_i = e^{s z_i}/t"]),
        ("softmax(p)", "p: n", "s q", ["s = Σ_i e^{p_i}", "q_i = e^{p_i}/s"]),
        ("softmax(X @ W, axis=1)", "X: m n; W: n k", "Z s P", ["Z_ij = Σ_l X_il W_lj"]),
        ("mean((x - mean(x))**2)", "x: n", "mu f", ["μ = 1/n Σ_i x_i", "f = 1/n Σ_i (x_i − μ)²"]),
        ("(x - mean(x))/std(x)", "x: n", "mu s f", ["f_i = (x_i − μ)/s"]),
        ("x/norm(x)", "x: n", "r f", ["r = √(Σ_i x_i²)", "f_i = x_i/r"]),
        ("tanh(A @ tanh(B @ x))", "A: k m; B: m n; x: n", "h a", ["h_i = tanh(Σ_j B_ij x_j)"]),
        ("x*sigmoid(b*x)", None, "h f", ["h = σ(b x)", "f = x h"]),
        (
            "relu(A @ x)",
            "A: m n; x: n",
            "z f",
            ["z_i = Σ_j A_ij x_j", "f_i = {z_i if z_i > 0; 0 if z_i ≤ 0}"],
        ),
        # what nobody names: a residual, a quadratic form, a function of a variable itself
        ("sum((X @ w - y)**2)", "X: m n; w: n; y: m", "f", ["f = Σ_i (Σ_j X_ij w_j − y_i)²"]),
        ("(a @ x)*x", "a: n; x: n", "f", ["f_i = (Σ_j a_j x_j) x_i"]),
        ("x*tanh(x)", None, "f", ["f = x tanh x"]),
        # what the writer named keeps that name, in other places too
        ("m = mean(x)\nx - mean(x)", "x: n", "f", ["m = 1/n Σ_i x_i", "f_i = x_i − m"]),
        ("p = softmax(z)\n-sum(y*log(p))", "z: n; y: n", "s f", ["f = −Σ_i y_i log p_i"]),
        ("h = tanh(x)", "x: n", "", ["h_i = tanh x_i"]),
    ],
)
def test_the_parser_names_what_people_name(
    text: str, shapes: str | None, names: str, lines: list[str]
) -> None:
    parsed = parse(text, shapes)
    shown = [f"{term_text(d.left)} = {term_text(d.body)}" for d in parsed.scope.definitions]
    assert parsed.introduced == tuple(names.split())
    assert [line for line in lines if line not in shown] == [], shown


@pytest.mark.parametrize("text", [row[0] for row in ACCEPTED])
def test_no_introduced_name_is_one_of_the_text(text: str) -> None:
    _, shapes, _, facts = next(row for row in ACCEPTED if row[0] == text)
    parsed = parse(text, shapes, facts)
    names = [s.name for s in parsed.scope.inputs] + [d.symbol.name for d in parsed.scope.definitions]
    assert len(names) == len(set(names))
    assert not set(parsed.introduced) & {s.name for s in parsed.scope.inputs}
    letters = {i.letter for d in parsed.scope.definitions for i in d.indices}
    assert not letters & {*names, *parsed.scope.sizes}


def test_a_decimal_is_exact_and_printed_as_written() -> None:
    assert term_text(parse("0.10*x").scope.definitions["f"].body) == "0.10 x"
    assert term_text(parse("1e-3*x").scope.definitions["f"].body) == "0.001 x"
    assert derive("0.1*x*3", "x").term == derive("0.3*x", "x").term


def test_what_was_written_keeps_its_order() -> None:
    assert term_text(parse("y - x*3 + 2*(a + b)").scope.definitions["f"].body) == "y − x · 3 + 2 (a + b)"


def test_latex_of_single_names() -> None:
    (symbol,) = parse("t**2", latex={"t": r"\tau"}).scope.inputs
    assert symbol.latex == r"\tau"


# ---- facts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "domains", "equations"),
    [
        ("x > 0", {"x": "positive"}, []),
        ("0 <= x", {"x": "nonnegative"}, []),
        ("0 < x < 1; A symmetric", {"x": "unit", "A": "symmetric"}, []),
        ("x >= 0\nx <= 1", {"x": "probability"}, []),
        ("A positive definite", {"A": "positive_definite"}, []),
        ("x positive; x <= 1/2", {"x": "[0,1/2]"}, []),
        ("sum(x) = 1; x > 0", {"x": "positive"}, ["Σ_i x_i = 1"]),
        ("1 == sum(x[i], i)", {}, ["Σ_i x_i = 1"]),
        ("sum(A, 1) = 1", {}, ["Σ_j A_ij = 1"]),
        ("", {}, []),
    ],
)
def test_facts_become_domains_and_equations(
    facts: str, domains: dict[str, str], equations: list[str]
) -> None:
    scope = parse("x @ A @ x", "x: n; A: n n", facts).scope
    assert {s.name: s.domain.name for s in scope.inputs if s.domain.name != "real"} == domains
    assert [f"{term_text(f.left)} = {term_text(f.right)}" for f in scope.facts] == equations
    assert all(fact.assumed for fact in scope.facts)


def test_a_fact_simplifies_and_becomes_a_condition() -> None:
    found = derive("-sum(t*log_softmax(z))", "z", "z: n; t: n", facts="sum(t) = 1")
    assert found.matrix == "exp(z) / sum(exp(z)) - t"
    assert found.conditions == ("Σ_i t_i = 1",)


# ---- mistakes ---------------------------------------------------------------------------------------------

# text, shapes, facts; line, column; words of the message; words of what to write instead
MISTAKES: list[tuple[Any, Any, Any, int, int, str, str]] = [
    # names
    ("sum(x) + q", "x: n", None, 1, 10, "q is not declared", 'Add "q:"'),
    ("sum(weigths)", "weights: n", None, 1, 5, "weigths is not declared", "Write weights"),
    ("m = mean(x)\nx - n", "x: k", None, 2, 5, "n is not declared", "shapes"),
    ("sofmax(x)", "x: n", None, 1, 1, "sofmax", "softmax"),
    ("np.linalg.nrm(x)", "x: n", None, 1, 1, "nrm", "norm"),
    ("frobnicate(x)", "x: n", None, 1, 1, "frobnicate", "abs, arccos"),
    ("x(2)", "x: n", None, 1, 1, "x is a variable and no function", "x*("),
    ("(x + 1)(x)", None, None, 1, 1, "called like a function", "*"),
    ("exp + 1", None, None, 1, 1, "exp is a function", "exp(...)"),
    ("x.__class__", "x: n", None, 1, 3, "__class__ is no name", "letter"),
    ("x.real", "x: n", None, 1, 1, ".real is not read", ".T"),
    ("x.fit(3)", "x: n", None, 1, 1, ".fit is not read", ".sum()"),
    ("x = 3*x\nx**2", "x: n", None, 1, 1, "x has a meaning already", "another name"),
    ("a = 1\na = 2\na", None, None, 2, 1, "a has a meaning already", "another name"),
    ("n = 3\nx*n", "x: n", None, 1, 1, "n has a meaning already", "another name"),
    ("x[i] = 3\nx", None, None, 1, 2, "no single name", "a = ..."),
    ("х + 1", None, None, 1, 1, "CYRILLIC SMALL LETTER HA", "Latin letter x"),
    ("Α*2", None, None, 1, 1, "GREEK CAPITAL LETTER ALPHA", "Latin letter A"),
    ("权 + 1", None, None, 1, 1, "no Latin or Greek letter", "Latin and Greek"),
    ("λ*ϵ", None, None, 1, 3, "variant", "plain letter"),
    ("_x + 1", None, None, 1, 1, "_x is no name", "letter"),
    # sizes
    ("X @ w", "X: m n; w: m", None, 1, 3, "@ joins the sizes n and m", "Transpose"),
    ("a + b*(X @ w - y)", "X: m n; w: n; y: n; a:; b:", None, 1, 14, "sizes m and n", "Transpose"),
    ("x + y + z", "x: n; y: n; z: m", None, 1, 7, "sizes n and m", "Transpose"),
    ("2 @ x", "x: n", None, 1, 3, "a number beside it", "*"),
    ("trace(X)", "X: m n", None, 1, 1, "(m, n), which is no square matrix", "axes"),
    ("outer(X, x)", "X: m n; x: n", None, 1, 1, "two vectors", "A[i, j]"),
    ("maximum(x, y)", "x: n; y: m", None, 1, 1, "sizes n and m", "Transpose"),
    ("where(x > y, 1, 0)", "x: n; y: m", None, 1, 7, "sizes n and m", "Transpose"),
    # axes
    ("sum(X, 2)", "X: m n", None, 1, 8, "axis=2 of an array with 2 axes", "0 to 1"),
    ("sum(X, axis=y)", "X: m n; y:", None, 1, 13, "y is no index", "axis"),
    ("sum(X, axis=0.5)", "X: m n", None, 1, 13, "0.5 is no axis", "axis=0"),
    ("softmax(X)", "X: m n", None, 1, 1, "needs its axis", "axis=1"),
    ("log_softmax(X)", "X: m n", None, 1, 1, "needs its axis", "axis=1"),
    ("sum(x, axis=0)", None, None, 1, 13, "axis=0 of an array with 0 axes", "number"),
    ("sum(X, 0, keepdims=1)", "X: m n", None, 1, 20, "True or False", "keepdims=True"),
    ("mean(x, ddof=1)", "x: n", None, 1, 9, "no option ddof", "mean(a, axis, keepdims)"),
    ("sum(X, 0, axis=1)", "X: m n", None, 1, 11, "given twice", "Leave out"),
    ("einsum(3, X)", "X: m n", None, 1, 8, "3 has no meaning here", "einsum('ij,jk->ik', A, B)"),
    ("matrix_power(A, 'k')", "A: n n", None, 1, 17, "'k' has no meaning here", "matrix_power(X, 3)"),
    ("exp(x, y)", "x: n; y: n", None, 1, 8, "exp takes 1", "exp(x)"),
    ("where(x > 0, 1)", "x: n", None, 1, 1, "where takes 3", "where(condition, a, b)"),
    ("x.shape", "x: n", None, 1, 1, "list of sizes", "x.shape[0]"),
    ("x.shape[1]*x", "x: n", None, 1, 9, "axis=1 of an array with 1 axes", "0 to 0"),
    ("eye(x)", "x: n", None, 1, 5, "x is no size", "x.shape[0]"),
    ("eye(10**9)", "x: n", None, 1, 5, "no size", "10000"),
    # indices
    ("x[i]", None, None, 1, 1, "x has 0 axes", 'shapes="x: n"'),
    ("x[i, j]", "x: n", None, 1, 1, "x has 1 axis, and 2 indices", "as many"),
    ("x[i]*y[i]", "x: n; y: m", None, 1, 8, "i runs over n, and y has the size m", "another letter"),
    ("sum(x[i])", "x: n", None, 1, 1, "over which index", "sum(..., i)"),
    ("sum(x, i)", "x: n", None, 1, 8, "i stands on no axis", "x[i]"),
    ("sum(x[i]*i, i)", "x: n", None, 1, 10, "the index i stands where a number", "x[i]"),
    ("x[i] + y", "x: n; y: n", None, 1, 1, "free index i and also axes", "all arrays, or on none"),
    ("x[i + 1]", "x: n", None, 1, 3, "calculated position is not read yet", "x[i]"),
    ("x[1:3]", "x: n", None, 1, 3, "a slice is not read yet", "x[i]"),
    ("x[y]", "x: n; y: n", None, 1, 3, "positions by name", "another letter"),
    ("x[5]", "x: 3", None, 1, 3, "position 5 lies outside", "0 to 2"),
    # Python and other notations
    ("lambda x: x", None, None, 1, 1, "lambda", "lam or λ"),
    ("[x, y]", None, None, 1, 1, "lists", "shapes"),
    ("x, y", None, None, 1, 1, "comma", "one expression"),
    ("[a*b for a in x]", "x: n", None, 1, 6, "loop", "sum(x[i]*y[i], i)"),
    ("sum(a for a in x)", "x: n", None, 1, 7, "loop", "sum(x[i]*y[i], i)"),
    ("'x'", None, None, 1, 1, "quotes", "without quotes"),
    ("exp(\"x\")", None, None, 1, 5, "quotes", "without quotes"),
    ("X'*X", "X: n n", None, 1, 2, "does not transpose", "X.T"),
    ("x^2", None, None, 1, 2, "no power", "**"),
    ("x²", None, None, 1, 2, "no power", "**"),
    ("x if x > 0 else 0", None, None, 1, 3, "if", "where(a > b, x, y)"),
    ("where(x > 0 and y > 0, 1, 0)", None, None, 1, 13, "and", "where inside where"),
    ("where(0 < x < 1, 1, 0)", None, None, 1, 7, "one comparison", "where("),
    ("(x > 0)*x", None, None, 1, 2, "a comparison is no number", "where(x > 0, 1, 0)"),
    ("x // 2", None, None, 1, 3, "whole numbers", "/"),
    ("2x + 1", None, None, 1, 2, "2 runs into x", "2*x"),
    ("a b", None, None, 1, 3, "no operator between a and b", "Write * or @"),
    ("x +", None, None, 1, 3, "+ has nothing behind it", "NumPy"),
    ("(x + )", None, None, 1, 4, "+ has nothing behind it", "NumPy"),
    ("* x", None, None, 1, 1, "* has nothing before it", "NumPy"),
    ("(x + 1", None, None, 1, 1, "never closed", ")"),
    ("x + 1)", None, None, 1, 6, "closes no bracket", "Leave out"),
    ("exp(x]", None, None, 1, 6, "( is closed by ]", ")"),
    ("x = y = 2", None, None, 1, 7, "second =", "=="),
    ("= 2", None, None, 1, 1, "needs a name", "a = x**2"),
    ("x + 1\ny", None, None, 1, 1, "only the last line", "a = ..."),
    ("x + y\n  + 3 ^ 2", None, None, 2, 7, "no power", "**"),
    ("\\frac{x}{y}", None, None, 1, 1, "LaTeX", "NumPy"),
    ("x · y", None, None, 1, 3, "·", "*"),
    ("import os", None, None, 1, 1, "import", "one expression"),
    ("True*x", None, None, 1, 1, "True is no number", "1"),
    ("nan*x", None, None, 1, 1, "nan is no number", "finite"),
    ("x + inf", None, None, 1, 5, "inf is no number", "finite"),
    ("np.nan + x", None, None, 1, 1, "nan is no number", "finite"),
    ("np.x + 1", None, None, 1, 1, "x is no number of a library", "pi"),
    ("np.exp + 1", None, None, 1, 1, "exp is a function", "exp(...)"),
    ("e**x", None, None, 1, 1, "e is not declared", "exp(1)"),
    ("1/0*x", None, None, 1, 3, "divides by 0", "not 0"),
    ("x**1001", None, None, 1, 4, "exponent is larger than 1000", "up to 1000"),
    ("3j*x", None, None, 1, 2, "3 runs into j", "3*j"),
    ("0x10*x", None, None, 1, 2, "0 runs into x10", "0*x10"),
    ("1e400*x", None, None, 1, 1, "outside the numbers", "300"),
    # shapes and facts
    ("x", "x n", None, 1, 3, "colon", '"x:"'),
    ("x", "x: n; x: m", None, 1, 7, "declared twice", "once"),
    ("x", "x: 0", None, 1, 4, "0 is no size", "1 to 10000"),
    ("x", "x: 2.5", None, 1, 4, "2.5 is no size", "whole numbers"),
    ("x", "n: ; x: n", None, 0, 0, "n is declared as a variable and is also a size", "another name"),
    ("x", {"a b": "n"}, None, 0, 0, "is no name", "letters"),
    ("x", {"x": 3}, None, 0, 0, "int", "string"),
    (3, None, None, 0, 0, "int", "string"),
    ("", None, None, 0, 0, "empty", "sum(x**2)"),
    ("x", "x: n", "y > 0", 1, 1, "y is not declared", 'Add "y:"'),
    ("A", "A: m n", "A symmetric", 1, 1, "no square matrix", "n n"),
    ("x", "x: n", "x round", 1, 3, "round", "symmetric"),
    ("x", "x: n", "x > 1; x < 0", 1, 8, "no number x", "Turn"),
    ("x", "x: n", "sum(x)", 1, 1, "no fact", "sum(t) = 1"),
    ("x", "x: n k", "n = 2*k", 1, 1, "between sizes", "2*k in place of n"),
    ("p = 2*x\np", "x: n", "sum(p) = 1", 1, 5, "p is calculated", "made from"),
    ("x", "x: n", "1 = 2", 1, 1, "nothing about a declared name", "sum(t) = 1"),
    ("x", "x: n", "x > y", 1, 5, "y is not declared", "y"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shapes", "facts", "line", "column", "what", "instead"),
    MISTAKES,
    ids=[str(m[:3]) for m in MISTAKES],
)
def test_a_mistake_is_told_with_its_place_and_what_to_write(
    text: str, shapes: Any, facts: str | None, line: int, column: int, what: str, instead: str
) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, shapes, facts)
    error = caught.value
    assert (error.line, error.column) == (line, column), str(error)
    assert what in error.problem
    assert instead in error.hint
    assert error.hint.endswith((".", ")", ":", "...", ",", ";")) and "\n" not in error.hint
    if line:
        shown = str(error).splitlines()
        assert shown[2].index("^") - 2 == column - 1


@pytest.mark.parametrize("name", sorted(FUNCTIONS_REFUSED))
def test_what_is_not_read_yet_is_refused_in_words(name: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(f"2*{name}(X)", "X: n n")
    assert (caught.value.line, caught.value.column) == (1, 3)
    assert caught.value.hint.endswith(".")


# ---- hostile input ----------------------------------------------------------------------------------------

HOSTILE = {
    "nested brackets": "(" * 10_000 + "x" + ")" * 10_000,
    "a megabyte of brackets": "(" * 1_000_000,
    "brackets within the limit of characters": "(" * 9_000 + "x" + ")" * 9_000,
    "nested calls": "exp(" * 4_000 + "x" + ")" * 4_000,
    "calls as deep as brackets may be": "exp(" * 201 + "x" + ")" * 201,
    "signs": "-" * 15_000 + "x",
    "powers of powers": "**".join(["x"] * 1_500),
    "a long chain of products": "@".join(["A"] * 1_500),
    "transposes": "x" + ".T" * 1_500,
    "indices of indices": "x" + "[0]" * 1_500,
    "many operations": "+".join(["x"] * 3_000),
    "a tower": "9**9**9*x",
    "a tower in steps": "x**(9**9**9)",
    "a tower of products": "(9**999)**999*x",
    "a power of a power": "((x**900)**900)**900",
    "long digits": "1" * 10_000 + "*x",
    "a large exponent": "1e999999999*x",
    "an attribute of Python": "x.__class__.__bases__[0]",
    "a name of Python": "__import__('os').system('true')",
    "a lambda": "(lambda: x)()",
    "not a number": "float('nan')*x",
    "a format": "f'{x}'",
    "a walrus": "(y := x)",
    "a comprehension": "[x for _ in x]",
    "stars": "sum(*x, **x)",
    "a keyword without name": "sum(x, **{})",
    "a null character": "x\x00",
    "a lone surrogate": "x\ud800",
    "a control character": "x\x1bx",
    "a byte order mark": "\ufeffx",
    "right to left": "x\u202ey",
    "a huge identity": "eye(10**9)",
    "a huge identity in digits": "eye(1000000000)",
    "a far position": "x[99999999]",
    "ellipsis": "x[...]",
    "semicolons": ";" * 1_000,
    "print": "print(x)",
    "decorator": "@x",
    "backquotes": "`x`",
    "await": "await x",
    "a tuple of nothing": "()",
    "nothing but a comment": "# x",
    "type hint": "x: int = 3",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_ends_in_an_input_error_soon(name: str) -> None:
    started = time.process_time()
    with pytest.raises(InputError):
        parse(HOSTILE[name], "x: n; A: n n")
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "shapes",
    [
        "x: " + "(" * 10_000,
        "x: " + "(n+1)*" * 1_000 + "1",
        "x: " + "9" * 5_000,
        "x: " + "n " * 9_000 + "0",
        ":" * 100,
    ],
)
def test_hostile_shapes_end_in_an_input_error_soon(shapes: str) -> None:
    started = time.process_time()
    with pytest.raises(InputError):
        parse("x", shapes)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    [
        "+".join(["x"] * 1_900),
        "*".join(["x"] * 1_900),
        "relu(" * 60 + "x" + ")" * 60,
        "maximum(" * 60 + "x" + ", 1)" * 60,
        "tanh(" * 60 + "x" + ")" * 60,
    ],
    ids=["sum", "product", "relu", "maximum", "tanh"],
)
def test_long_texts_within_the_limits_are_read_soon(text: str) -> None:
    started = time.process_time()
    parse(text, "x: n")
    assert time.process_time() - started < 2


def test_only_errors_of_the_package_leave_derive() -> None:
    for text in HOSTILE.values():
        with pytest.raises(Error):
            derive(text, "x", "x: n; A: n n")
