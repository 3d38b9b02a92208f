"""Expressions to differentiate, and the same question put to SymPy where SymPy can say it.

Data for run.py: texts as a person types them. The SymPy spelling is the best that its notation allows, matrix
symbols for matrices and indexed sums where a function is applied to entries; two questions stand here in
both, since the answers differ.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sympy
from sympy import Expr, IndexedBase, MatrixSymbol, OneMatrix, Sum, Symbol, Trace, symbols

C, m, n, p = symbols("C m n p", integer=True, positive=True)
i, j, k, h = symbols("i j k h", integer=True)
a, b, e, u = symbols("a b e u")
A, B, W, X = (
    MatrixSymbol("A", n, n),
    MatrixSymbol("B", n, p),
    MatrixSymbol("W", m, n),
    MatrixSymbol("X", m, n),
)
P, S = MatrixSymbol("P", p, m), MatrixSymbol("S", m, m)
bias, w, x, y = (MatrixSymbol(name, size, 1) for name, size in (("c", m), ("w", n), ("x", n), ("y", m)))
qs, ps, xs, ys, zs = (IndexedBase(name) for name in "qpxyz")

SIZES = {C: 4, m: 2, n: 3, p: 5}  # all different: a lost transpose then shows in the shape


@dataclass(frozen=True)
class InSympy:
    """SymPy's derivative: `answer` asks for it, `free` are the indices of the value, then of the variable."""

    answer: Callable[[], Expr]
    free: tuple[Symbol, ...] = ()


@dataclass(frozen=True)
class Case:
    """One question; without `sympy`, SymPy has no notation for it that it can differentiate."""

    text: str
    wrt: str
    shapes: str = ""
    order: int = 1
    sympy: InSympy | None = None


def exponentials() -> Expr:
    return Sum(sympy.exp(zs[k]), (k, 0, C - 1))


def mean() -> Expr:
    return Sum(xs[k], (k, 0, n - 1)) / n


def variance() -> Expr:
    return Sum((xs[h] - mean()) ** 2, (h, 0, n - 1)) / n


def squares() -> Expr:
    residual = X * w - y
    return residual.T * residual


def squared_tanh() -> Expr:
    activation = (W * x + bias).applyfunc(sympy.tanh)
    return Trace(activation.T * activation)


def cross_entropy() -> Expr:
    return -Sum(ys[i] * sympy.log(sympy.exp(zs[i]) / exponentials()), (i, 0, C - 1))


def divergence() -> Expr:
    return Sum(ps[i] * sympy.log(ps[i] / qs[i]), (i, 0, n - 1))


def softmax_of_matrices() -> Expr:
    z = MatrixSymbol("z", C, 1)
    entries = z.applyfunc(sympy.exp)
    return entries / (OneMatrix(1, C) * entries)[0]


def log_sum_of_matrices() -> Expr:
    z = MatrixSymbol("z", C, 1)
    return sympy.log((OneMatrix(1, C) * z.applyfunc(sympy.exp))[0])


DATA = "X: m n; w: n; y: m"
CASES = (
    Case("u**2 * sin(u)", "u", sympy=InSympy(lambda: (u**2 * sympy.sin(u)).diff(u))),
    Case("1 / (1 + exp(-u))", "u", sympy=InSympy(lambda: (1 / (1 + sympy.exp(-u))).diff(u))),
    Case("u / (1 + exp(-b*u))", "u", "u:; b:", sympy=InSympy(lambda: (u / (1 + sympy.exp(-b * u))).diff(u))),
    Case(
        "u * (1 + erf(u / sqrt(2))) / 2",
        "u",
        order=2,
        sympy=InSympy(lambda: (u * (1 + sympy.erf(u / sympy.sqrt(2))) / 2).diff(u, 2)),
    ),
    Case("log(1 + exp(u))", "u", order=2, sympy=InSympy(lambda: sympy.log(1 + sympy.exp(u)).diff(u, 2))),
    Case("maximum(u, 0)", "u", sympy=InSympy(lambda: sympy.Max(u, 0).diff(u))),
    Case(
        "where(u > 0, u, a*u)",
        "u",
        "u:; a:",
        sympy=InSympy(lambda: sympy.Piecewise((u, u > 0), (a * u, True)).diff(u)),
    ),
    Case(
        "exp(z) / sum(exp(z))",
        "z",
        "z: C",
        sympy=InSympy(lambda: softmax_of_matrices().diff(MatrixSymbol("z", C, 1))),
    ),
    Case(
        "exp(z[i]) / sum(exp(z[k]), k)",
        "z",
        "z: C",
        sympy=InSympy(lambda: (sympy.exp(zs[i]) / exponentials()).diff(zs[j]), (i, j)),
    ),
    Case(
        "log(sum(exp(z)))",
        "z",
        "z: C",
        sympy=InSympy(lambda: log_sum_of_matrices().diff(MatrixSymbol("z", C, 1))),
    ),
    Case(
        "log(sum(exp(z[k]), k))",
        "z",
        "z: C",
        2,
        InSympy(lambda: sympy.log(exponentials()).diff(zs[i]).diff(zs[j]), (i, j)),
    ),
    Case(
        "-sum(y * log_softmax(z))",
        "z",
        "y: C; z: C",
        sympy=InSympy(lambda: cross_entropy().diff(zs[j]), (j,)),
    ),
    Case("softmax(z)", "z", "z: C"),
    Case("sum((X @ w - y)**2)", "w", DATA, sympy=InSympy(lambda: squares().diff(w))),
    Case("sum((X @ w - y)**2)", "w", DATA, 2, InSympy(lambda: squares().diff(w).diff(w))),
    Case("sum((X @ w - y)**2)", "X", DATA, sympy=InSympy(lambda: Trace(squares()).diff(X))),
    Case("sum((X @ w - y)**2) / (2*m)", "w", DATA, sympy=InSympy(lambda: (squares() / (2 * m)).diff(w))),
    Case("sum((X @ w - y)**2) + a * sum(w**2)", "w", f"{DATA}; a:"),
    Case("sum(log(1 + exp(-y * (X @ w))))", "w", DATA),
    Case("sum(log(1 + exp(-y * (X @ w))))", "w", DATA, 2),
    Case("x.T @ A @ x", "x", "x: n; A: n n", sympy=InSympy(lambda: (x.T * A * x).diff(x))),
    Case("x.T @ A @ x", "A", "x: n; A: n n", sympy=InSympy(lambda: (x.T * A * x).diff(A))),
    Case("x.T @ A @ x", "x", "x: n; A: n n", 2, InSympy(lambda: (x.T * A * x).diff(x).diff(x))),
    Case("trace(P @ X @ B)", "X", "P: p m; X: m n; B: n p", sympy=InSympy(lambda: Trace(P * X * B).diff(X))),
    Case("trace(X.T @ S @ X)", "X", "X: m n; S: m m", sympy=InSympy(lambda: Trace(X.T * S * X).diff(X))),
    Case("sqrt(sum(x**2))", "x", "x: n", sympy=InSympy(lambda: sympy.sqrt((x.T * x)[0]).diff(x))),
    Case("x / sqrt(sum(x**2))", "x", "x: n"),
    Case("norm(x)", "x", "x: n", 2),
    Case("mean((x - mean(x))**2)", "x", "x: n", sympy=InSympy(lambda: variance().diff(xs[j]), (j,))),
    Case(
        "(x - mean(x)) / sqrt(var(x) + e)",
        "x",
        "x: n; e:",
        sympy=InSympy(lambda: ((xs[i] - mean()) / sympy.sqrt(variance() + e)).diff(xs[j]), (i, j)),
    ),
    Case("sum(p * log(p / q))", "q", "p: n; q: n", sympy=InSympy(lambda: divergence().diff(qs[j]), (j,))),
    Case("sum(tanh(W @ x + c)**2)", "W", "W: m n; x: n; c: m", sympy=InSympy(lambda: squared_tanh().diff(W))),
    Case("logdet(A)", "A", "A: n n", sympy=InSympy(lambda: sympy.log(sympy.Determinant(A)).diff(A))),
    Case("det(A)", "A", "A: n n", sympy=InSympy(lambda: sympy.Determinant(A).diff(A))),
    Case("x @ inv(A) @ x", "A", "A: n n; x: n", sympy=InSympy(lambda: (x.T * A.inv() * x).diff(A))),
    Case("V @ tanh(W @ x)", "W", "V: p m; W: m n; x: n"),
    Case("softmax(Q @ K.T, axis=1) @ V", "V", "Q: n d; K: m d; V: m p"),
    Case("softmax(Q @ K.T, axis=1) @ V", "Q", "Q: n d; K: m d; V: m p"),
)
