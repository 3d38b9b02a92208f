"""Index terms beside the matrix notation that people would write for them, for the tests of matrix forms.

A table and nothing else: what is done with it stands in `test_matrix_form.py`.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    add,
    delta,
    divide,
    negate,
    number,
    piecewise,
    power,
    product,
    subtract,
    total,
)
from derivations.domains import POSITIVE, SYMMETRIC
from derivations.functions import apply
from derivations.indices import Affine, Axis, Index, Size
from derivations.scope import Definition, Definitions
from derivations.terms import Add, Constant, Number, Product, Relation, SizeOf, Symbol, Term

# ---- the arrays of the cases ------------------------------------------------------------------------------

M, N, K = (Axis.named(name) for name in "mnk")
SIZES: tuple[dict[str, int], ...] = (
    {"m": 3, "n": 4, "k": 2},
    {"m": 2, "n": 3, "k": 5},
    {"m": 1, "n": 3, "k": 2},
    {"m": 4, "n": 1, "k": 3},
    {"m": 1, "n": 1, "k": 1},
)
TALL = ({"m": 4, "n": 2, "k": 3}, {"m": 3, "n": 3, "k": 2}, {"m": 2, "n": 1, "k": 1})  # X.T @ X is invertible
r, s, t = (Index(letter, M) for letter in "rst")
i, j, q = (Index(letter, N) for letter in "ijq")
a, b = (Index(letter, K) for letter in "ab")
X, X2 = Symbol("X", (M, N)), Symbol("X2", (M, N))
W, G = Symbol("W", (N, K)), Symbol("G", (M, K))
F, V = Symbol("F", (M, K)), Symbol("V", (M, K))
A, B, C = (Symbol(name, (N, N)) for name in "ABC")
S = Symbol("S", (N, N), SYMMETRIC)
x, y, z, g = (Symbol(name, (N,)) for name in "xyzg")
p = Symbol("p", (N,), POSITIVE)
u, v = Symbol("u", (M,)), Symbol("v", (M,))
T3 = Symbol("T3", (N, N, N))
c, lam = Symbol("c", (), POSITIVE).scalar, Symbol("lam", (), POSITIVE).scalar
m, n = SizeOf(Size.of("m")), SizeOf(Size.of("n"))


def over(term: Term) -> Term:
    return power(term, MINUS_ONE)


def squared(term: Term) -> Term:
    return power(term, TWO)


def root(term: Term) -> Term:
    return power(term, HALF)


def minus(first: Term, *others: Term) -> Term:
    return add(first, *(negate(o) for o in others))


def authored(*terms: Term) -> Term:
    return Add(terms, authored=True)


residual = subtract(total([j], product(X[r, j], x[j])), u[r])
score = total([j], product(A[i, j], x[j]))
P = Symbol("P", (N, N))
INVERSE = Definitions([Definition(P, (i, j), total([r], product(X[r, i], X[r, j])), "inverse")])
Q = Symbol("Q", (N, N))
SYMMETRIC_INVERSE = Definitions([Definition(Q, (i, j), add(S[i, j], product(lam, delta(i, j))), "inverse")])
R = Symbol("R", (N, N))
PLAIN_INVERSE = Definitions([Definition(R, (i, j), A[i, j], "inverse")])
D = Symbol("D")
DETERMINANT = Definitions([Definition(D, (), A[i, j], "determinant")])
SIGMOID = Definitions([Definition(p, (i,), apply("sigmoid", x[i]))])
PROBABILITIES = Definitions([Definition(p, (i,), divide(apply("exp", x[i]), total([j], apply("exp", x[j]))))])


@dataclass(frozen=True)
class Case:
    text: str
    term: Term
    indices: tuple[Index, ...]
    definitions: Definitions = field(default_factory=Definitions)
    expand: tuple[str, ...] = ()
    sizes: tuple[dict[str, int], ...] = SIZES


# Of the first twelve formulas.
FORMULAS = (
    Case("diag(p) - outer(p, p)", product(p[i], subtract(delta(i, j), p[j])), (i, j)),
    Case("p * (g - p @ g)", product(p[j], minus(g[j], total([i], product(p[i], g[i])))), (j,)),
    Case("p * (g - p @ g)", product(p[j], minus(g[j], total([i], product(g[i], p[i])))), (j,), PROBABILITIES),
    Case("X.T @ (X @ x - u)", total([r], product(X[r, i], residual)), (i,)),
    Case("X.T @ X", total([r], product(X[r, i], X[r, j])), (i, j)),
    Case("inv(X.T @ X) @ X.T @ u", total([q, r], product(P[i, q], X[r, q], u[r])), (i,), INVERSE, sizes=TALL),
    Case(
        "X.T @ X @ x == X.T @ u",
        Relation("==", total([r, j], product(X[r, i], X[r, j], x[j])), total([r], product(X[r, i], u[r]))),
        (i,),
    ),
    Case("2 * (y - x) / n", product(TWO, over(n), subtract(y[i], x[i])), (i,)),
    Case("2 / n * eye(n)", product(TWO, over(n), delta(i, j)), (i, j)),
    Case(
        "g[:, None] * (eye(n) - 1 / n - outer(x, x) / n) / c",
        product(g[i], over(c), minus(delta(i, j), over(n), product(over(n), x[i], x[j]))),
        (i, j),
    ),
    Case(
        "(z - mean(z) - x * mean(z * x)) / c",
        product(
            over(c),
            minus(
                z[j],
                product(over(n), total([i], z[i])),
                product(over(n), x[j], total([i], product(z[i], x[i]))),
            ),
        ),
        (j,),
    ),
    Case("X.T @ G", total([r], product(X[r, i], G[r, a])), (i, a)),
    Case("G @ W.T", total([a], product(G[r, a], W[i, a])), (r, i)),
    Case("sum(G, axis=0)", total([r], G[r, a]), (a,)),
    Case("p - y", subtract(p[i], y[i]), (i,)),
    Case("p * (1 - p)", product(p[i], subtract(ONE, p[i])), (i,), SIGMOID),
    Case("sigmoid(x) * (1 - sigmoid(x))", product(p[i], subtract(ONE, p[i])), (i,), SIGMOID, ("p",)),
    Case("1 - tanh(c)**2", subtract(ONE, squared(apply("tanh", c))), ()),
    Case(
        "where(x > 0, 1, 0.1)",
        piecewise([Relation(">", x[i], ZERO)], [ONE], Number(Fraction(1, 10), "0.1")),
        (i,),
    ),
)

# Of the grammar: paths, cycles and trees of matrices with vectors and elementwise functions.
GRAMMAR = (
    Case("A @ x", total([j], product(A[i, j], x[j])), (i,)),
    Case("A.T @ x", total([j], product(x[j], A[j, i])), (i,)),
    Case("S @ x", total([j], product(x[j], S[j, i])), (i,)),
    Case("x @ A @ y", total([i, j], product(x[i], A[i, j], y[j])), ()),
    Case("x @ x", total([i], squared(x[i])), ()),
    Case("x @ y**2", total([i], product(x[i], squared(y[i]))), ()),
    Case("sqrt(x @ x)", root(total([i], squared(x[i]))), ()),
    Case("x / sqrt(x @ x)", product(x[i], over(root(total([j], squared(x[j]))))), (i,)),
    Case("A @ B @ x", total([j, q], product(A[i, j], B[j, q], x[q])), (i,)),
    Case("B.T @ A.T", total([q], product(A[j, q], B[q, i])), (i, j)),
    Case("X.T @ X @ A", total([r, q], product(X[r, i], X[r, q], A[q, j])), (i, j)),
    Case("(X.T * u) @ X", total([r], product(X[r, i], u[r], X[r, j])), (i, j)),
    Case("(A * x) @ B", total([q], product(A[i, q], B[q, j], x[q])), (i, j)),
    Case("trace(A @ B)", total([i, j], product(A[i, j], B[j, i])), ()),
    Case("trace(A @ B @ C)", total([i, j, q], product(A[i, j], B[j, q], C[q, i])), ()),
    Case("trace(A)", total([i], A[i, i]), ()),
    Case("sum(A * B)", total([i, j], product(A[i, j], B[i, j])), ()),
    Case("sum(X**2)", total([r, i], squared(X[r, i])), ()),
    Case("sum((X @ x - u)**2)", total([r], squared(residual)), ()),
    Case("mean((X @ x - u)**2)", product(over(m), total([r], squared(residual))), ()),
    Case("mean(x)", product(over(n), total([i], x[i])), ()),
    Case("mean(X, axis=0)", product(over(m), total([r], X[r, i])), (i,)),
    Case("mean(X)", product(over(m), over(n), total([r, i], X[r, i])), ()),
    Case("2 * mean(x * y)", product(TWO, over(n), total([i], product(x[i], y[i]))), ()),
    Case("n * c", total([i], c), ()),
    Case("y * (A @ x)", product(y[i], total([j], product(A[i, j], x[j]))), (i,)),
    Case("exp(A @ x)", apply("exp", score), (i,)),
    Case(
        "(1 - tanh(A @ x)**2)[:, None] * A",
        product(minus(ONE, squared(apply("tanh", score))), A[i, q]),
        (i, q),
    ),
    Case("A / (A @ x)[:, None]", product(A[i, q], over(score)), (i, q)),
    Case("A * x", product(A[i, j], x[j]), (i, j)),
    Case("x[:, None] * A", product(A[i, j], x[i]), (i, j)),
    Case("A / x", product(A[i, j], over(x[j])), (i, j)),
    Case("A / x[:, None]", product(A[i, j], over(x[i])), (i, j)),
    Case("A.T / x", product(A[j, i], over(x[j])), (i, j)),
    Case("A / sum(A, axis=1)[:, None]", product(A[i, j], over(total([q], A[i, q]))), (i, j)),
    Case("x[:, None] / y", product(x[i], over(y[j])), (i, j)),
    Case("outer(u, x)", product(u[r], x[i]), (r, i)),
    Case("outer(x, u)", product(u[r], x[i]), (i, r)),
    Case("-2 * outer(A @ x, x)", product(number(-2), score, x[q]), (i, q)),
    Case("diag(x * y)", product(delta(i, j), x[i], y[j]), (i, j)),
    Case("diag(diag(A))", product(delta(i, j), A[i, j]), (i, j)),
    Case("x", total([j], product(delta(i, j), x[j])), (i,)),
    Case("ones(n)", total([j], delta(i, j)), (i,)),
    Case("n", total([i, j], delta(i, j)), ()),
    Case("A.T", A[j, i], (i, j)),
    Case("A + A.T", add(A[i, j], A[j, i]), (i, j)),
    Case("X + u[:, None] - x", add(X[r, i], u[r], negate(x[i])), (r, i)),
    Case("exp(x)[:, None] - y", subtract(apply("exp", x[i]), y[j]), (i, j)),
    Case("sum(A, axis=1) * x - A @ x", total([j], product(A[i, j], subtract(x[i], x[j]))), (i,)),
    Case(
        "2 * (X @ W - G) @ W.T",
        product(TWO, total([a], product(subtract(total([j], product(X[r, j], W[j, a])), G[r, a]), W[i, a]))),
        (r, i),
    ),
    Case("-X.T @ u", negate(total([r], product(X[r, i], u[r]))), (i,)),
    Case(
        "X.T @ u / m + lam * x",
        add(product(over(m), total([r], product(X[r, i], u[r]))), product(lam, x[i])),
        (i,),
    ),
    Case("X.T @ (1 / u)", total([r], product(X[r, i], over(u[r]))), (i,)),
    Case("X.T @ (u * v)", total([r], product(X[r, i], u[r], v[r])), (i,)),
    Case("z * (x @ y)", product(z[i], total([j], product(x[j], y[j]))), (i,)),
    Case(
        "(x @ y) * eye(n) + outer(y, x)",
        add(product(delta(i, j), total([q], product(x[q], y[q]))), product(y[i], x[j])),
        (i, j),
    ),
    Case("A.T @ (A + B).T", total([q], product(add(A[j, q], B[j, q]), A[q, i])), (i, j)),
    Case(
        "sum(X**2, axis=1)[:, None] - 2 * X @ X2.T + sum(X2**2, axis=1)",
        total([i], squared(subtract(X[r, i], X2[s, i]))),
        (r, s),
    ),
    Case(
        "F * (G - sum(F * G, axis=1)[:, None])",
        product(F[r, a], subtract(G[r, a], total([b], product(F[r, b], G[r, b])))),
        (r, a),
    ),
    Case(
        "2 * (V @ W.T - X).T @ V",
        product(TWO, total([r], product(V[r, a], subtract(total([b], product(V[r, b], W[i, b])), X[r, i])))),
        (i, a),
    ),
    Case("x * (u @ u) - X.T @ u", total([r], product(u[r], subtract(product(x[i], u[r]), X[r, i]))), (i,)),
    Case(
        "F * mean(F * G, axis=0)",
        product(over(m), F[r, a], total([s], product(F[s, a], G[s, a]))),
        (r, a),
    ),
    Case("inv(A).T", R[j, i], (i, j), PLAIN_INVERSE),
    Case("inv(S + lam * eye(n)) @ x", total([j], product(Q[j, i], x[j])), (i,), SYMMETRIC_INVERSE),
    Case("-log(det(A))", negate(apply("log", D.scalar)), (), DETERMINANT),
    Case("exp(x) / sum(exp(x)) - y", subtract(p[i], y[i]), (i,), PROBABILITIES, ("p",)),
    Case("x[0]", x[Affine.of(0)], ()),
    Case("A[0]", A[Affine.of(0), i], (i,)),
    Case("x[n - 1]", x[Affine((), Size.of("n") - 1)], ()),
    Case("A[:, 0]", A[i, Affine.of(0)], (i,)),
    Case("T3[0]", T3[Affine.of(0), i, j], (i, j)),
    Case("x**c", power(x[i], c), (i,)),
    Case("sum(x**c)**(1 / c)", power(total([i], power(x[i], c)), over(c)), ()),
    Case("2 * pi * x", product(TWO, Constant("pi"), x[i]), (i,)),
    Case("x / 3", product(number(Fraction(1, 3)), x[i]), (i,)),
    Case("0.5 * x", Product((Number(Fraction(1, 2), "0.5"), x[i]), authored=True), (i,)),
    Case("(n - 1) * x", product(SizeOf(Size.of("n") - 1), x[i]), (i,)),
    Case("1 / c", over(c), ()),
    Case("5", number(5), ()),
    Case("-1", MINUS_ONE, ()),
    Case("1 / 3", number(Fraction(1, 3)), ()),
)

# What misses an index is repeated explicitly, because the shape of a result is part of it.
REPEATED = (
    Case("c * ones(n)", c, (i,)),
    Case("ones((m, n))", ONE, (r, i)),
    Case("-ones(n)", MINUS_ONE, (i,)),
    Case("zeros((m, n))", ZERO, (r, i)),
    Case("outer(u, ones(n))", u[r], (r, i)),
    Case("outer(ones(m), x)", x[i], (r, i)),
    Case("2 * outer(sum(X, axis=1), ones(n))", product(TWO, total([j], X[r, j])), (r, i)),
    Case("ones(n) / n", over(n), (i,)),
)

# An author's order is kept; the engine's is not shown with a minus in front.
ORDERED = (
    Case("-x + y", authored(Product((MINUS_ONE, x[i])), y[i]), (i,)),
    Case("y - x", add(negate(x[i]), y[i]), (i,)),
    Case("-x - y", add(negate(x[i]), negate(y[i])), (i,)),
    Case("-(x + y)", negate(add(x[i], y[i])), (i,)),
    Case("y - x", negate(subtract(x[i], y[i])), (i,)),
)
CASES = FORMULAS + GRAMMAR + REPEATED + ORDERED
