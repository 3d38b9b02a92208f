"""Matrix forms say what the index terms say, in the notation that people use, with exactly the right shape.

Every case is computed three ways at several sizes, all sizes 1 among them: the index term, the tree, and the
text by NumPy itself (read with `ast`, so that a wrong bracket in the text cannot hide behind a right tree).
"""

import ast
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    add,
    delta,
    derivative,
    divide,
    negate,
    number,
    piecewise,
    power,
    product,
    subtract,
    total,
)
from derivations.evaluate import Point
from derivations.functions import apply
from derivations.matrix_form import MatrixForm, NotMatrix, recover
from derivations.matrix_form.nodes import Minus, Node, Numeral, Ones, Spread, Times
from derivations.numerics import EXACT, PRECISE, Array
from derivations.scope import Definition, Definitions
from derivations.terms import (
    POSITIVE,
    SYMMETRIC,
    Add,
    Affine,
    Axis,
    Bracket,
    Constant,
    Delta,
    Index,
    Number,
    Product,
    Relation,
    Size,
    SizeOf,
    Symbol,
    Term,
    symbols,
)

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
        "2 * (W @ V.T - X.T) @ V",
        product(TWO, total([r], product(V[r, a], subtract(total([b], product(V[r, b], W[i, b])), X[r, i])))),
        (i, a),
    ),
    Case("x * (u @ u) - X.T @ u", total([r], product(u[r], subtract(product(x[i], u[r]), X[r, i]))), (i,)),
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


# ---- three ways to compute --------------------------------------------------------------------------------


def point(term: Term, definitions: Definitions, sizes: Mapping[str, int], seed: int) -> Point:
    """Random values, positive for roots and logarithms; square matrices near a multiple of the identity."""
    rng = random.Random(seed)
    inputs: dict[str, Array] = {}
    bodies = [d.body for d in definitions]
    for symbol in (found for part in (term, *bodies) for found in symbols(part)):
        if symbol.name in definitions or symbol.name in inputs:
            continue
        shape = tuple(axis.size.evaluate(sizes) for axis in symbol.axes)
        count = int(np.prod(shape, dtype=int))
        values = np.array([float(Fraction(rng.randint(200, 1500), 1000)) for _ in range(count)]).reshape(
            shape
        )
        if len(shape) == 2 and shape[0] == shape[1] and symbol.axes[0] == symbol.axes[1]:
            values = values + 3 * np.eye(shape[0])
        if symbol.symmetric:
            values = values + values.T
        inputs[symbol.name] = Array(shape, [Fraction(float(value)) for value in values.flat])
    return Point(definitions, sizes, inputs)


def arrays(at: Point) -> dict[str, Any]:
    names = {*at.inputs, *(d.symbol.name for d in at.definitions)}
    found = {name: at.array(name) for name in sorted(names)}
    return {name: np.array(value.flat, dtype=float).reshape(value.shape) for name, value in found.items()}


FUNCTIONS: dict[str, Any] = {
    name: getattr(np, name)
    for name in "exp log tanh sqrt sum mean outer diag trace eye ones zeros where sin".split()
} | {"inv": np.linalg.inv, "det": np.linalg.det, "sigmoid": lambda v: 1 / (1 + np.exp(-v))}
OPERATORS: dict[type, Any] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.MatMult: np.matmul,
    ast.Gt: np.greater,
    ast.Eq: np.subtract,  # an equation holds where the difference of its sides is 0
}


def in_numpy(text: str, names: Mapping[str, Any]) -> Any:
    """The text computed by NumPy."""

    def value(node: ast.AST) -> Any:
        match node:
            case ast.Constant(value=constant):
                return None if constant is None else float(str(constant))
            case ast.Name(id=name):
                return names[name]
            case ast.UnaryOp(operand=operand):
                return np.negative(value(operand))
            case ast.BinOp(left=left, op=operator, right=right):
                return OPERATORS[type(operator)](value(left), value(right))
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                return OPERATORS[type(operator)](value(left), value(right))
            case ast.Attribute(value=of, attr="T"):
                return value(of).T
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
                given = [whole(a) if name in ("eye", "ones", "zeros") else value(a) for a in arguments]
                return FUNCTIONS[name](*given, **{str(k.arg): int(value(k.value)) for k in keywords})
            case ast.Subscript(value=of, slice=slots):
                return value(of)[where(slots)]
        raise AssertionError(f"not in the grammar of matrix notation: {ast.unparse(node)}")

    def whole(node: ast.expr) -> Any:
        return tuple(map(whole, node.elts)) if isinstance(node, ast.Tuple) else int(value(node))

    def where(node: ast.expr) -> Any:
        if isinstance(node, ast.Tuple):
            return tuple(map(where, node.elts))
        if isinstance(node, ast.Slice):
            return slice(None)
        found = value(node)
        return found if found is None else int(found)

    return value(ast.parse(text, mode="eval").body)


def check(term: Term, indices: tuple[Index, ...], form: MatrixForm, definitions: Definitions,
          choices: tuple[dict[str, int], ...] = SIZES) -> None:  # fmt: skip
    """The term, the tree and the text have the same value and the same shape."""
    for seed, sizes in enumerate(choices):
        at = point(term, definitions, sizes, seed)
        expected_shape = tuple(at.size(index) for index in indices)
        sides = [term.left, term.right] if isinstance(term, Relation) else [term]
        columns = [np.array(at.table(side, indices).flat, dtype=float) for side in sides]
        expected = (columns[0] - columns[1] if len(columns) == 2 else columns[0]).reshape(expected_shape)
        tree = form.evaluate(at)
        assert tree.shape == expected_shape, f"{form.numpy} at {sizes}"
        np.testing.assert_allclose(np.array(tree.flat, dtype=float).reshape(tree.shape), expected, 1e-9, 1e-9)
        precise = form.evaluate(at.using(PRECISE))
        np.testing.assert_allclose(np.array(precise.flat, dtype=float), expected.ravel(), 1e-9, 1e-9)
        text = np.asarray(in_numpy(form.numpy, {**arrays(at), **sizes, "pi": np.pi}))
        assert text.shape == expected_shape, f"{form.numpy} at {sizes}"
        np.testing.assert_allclose(text, expected, 1e-9, 1e-9)


def recovered(case: Case) -> MatrixForm:
    form = recover(case.term, case.indices, case.definitions, case.expand)
    assert isinstance(form, MatrixForm), form
    return form


# ---- the cases --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_the_form_is_the_one_that_people_write(case: Case) -> None:
    assert recovered(case).numpy == case.text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_the_form_has_the_value_and_the_exact_shape_of_the_term(case: Case) -> None:
    check(case.term, case.indices, recovered(case), case.definitions, case.sizes)


def test_a_decimal_stays_as_its_author_wrote_it() -> None:
    form = recover(Product((Number(Fraction(44715, 10**6), "0.044715"), x[i]), authored=True), (i,))
    assert isinstance(form, MatrixForm)
    assert form.numpy == "0.044715 * x"


def test_an_equation_does_not_expand_the_name_that_it_gives_a_value_to() -> None:
    form = recover(Relation("==", p[i], apply("sigmoid", x[i])), (i,), SIGMOID, expand=("p",))
    assert isinstance(form, MatrixForm)
    assert form.numpy == "p == sigmoid(x)"


def test_a_form_that_lost_its_ones_has_the_wrong_shape() -> None:
    full = MatrixForm(Times((Numeral(Fraction(2)), Ones((N,)))), (i,))
    lost = MatrixForm(Times((Numeral(Fraction(2)), Spread(Numeral(Fraction(1)), (N,)))), (i,))
    at = Point(Definitions(), SIZES[0], {})
    assert full.evaluate(at).shape == (4,)
    assert lost.evaluate(at).shape == ()


# Every index with every other one: all of degree three.
FOUR = tuple(Index(letter, N) for letter in "ijlq")
TANGLE = total(
    FOUR, product(*(Symbol(f"E{e.letter}{f.letter}", (N, N))[e, f] for e, f in combinations(FOUR, 2)))
)


def test_exact_fractions_have_no_roots_and_no_functions() -> None:
    at = Point(Definitions(), SIZES[0], {"x": Array((4,), [Fraction(k) for k in (1, 2, 3, 4)])}, EXACT)
    for case, expected in ((x[i], 1), (squared(x[i]), 1), (root(x[i]), None), (apply("exp", x[i]), None)):
        form = recover(case, (i,))
        assert isinstance(form, MatrixForm)
        value = form.evaluate(at).flat[0]
        assert value == expected if expected is not None else value != value


NO_FORM = (
    ("4 indices", product(X[r, i], delta(a, b)), (r, a, i, b)),
    ("3 indices", T3[i, j, q], (i, j, q)),
    ("3 indices", total([q], T3[i, j, q]), (i, j)),
    ("3 indices", add(A[i, j], B[j, q]), (i, j, q)),
    ("3 indices", T3[i, i, j], (i, j)),
    ("path", TANGLE, ()),
    ("shifted", total([j], product(x[j], y[Affine.of(i) + j])), (i,)),
    ("shifted", Delta(Affine.of(i), Affine.of(j) + 1), (i, j)),
    ("shifted", product(x[i], Bracket(Affine.of(i) - 1, Size.of("n"))), (i,)),
    ("derivative", derivative(y[i], x, (j,)), (i, j)),
)


@pytest.mark.parametrize(("word", "term", "indices"), NO_FORM, ids=[str(n) for n in range(len(NO_FORM))])
def test_where_there_is_no_matrix_form_the_reason_is_given(
    word: str, term: Term, indices: tuple[Index, ...]
) -> None:
    found = recover(term, indices)
    assert isinstance(found, NotMatrix)
    assert word in found.reason.en
    assert not found.reason.missing


# ---- random products --------------------------------------------------------------------------------------

AXES = {"m": M, "n": N, "k": K}
ELEMENTWISE = ("exp", "tanh", "sin", "sigmoid")


@st.composite
def factors_of(draw: st.DrawFn, letters: tuple[Index, ...]) -> Term:
    """A vector or a matrix on some of these indices: plain, negative, squared, inverted or in a function."""
    indices = draw(st.lists(st.sampled_from(letters), min_size=1, max_size=2))
    name = draw(st.sampled_from("abc")) + "".join(index.axis.name for index in indices)
    entry: Term = Symbol(name, tuple(index.axis for index in indices), POSITIVE)[tuple(indices)]
    match draw(st.integers(0, 7)):
        case 4:
            return negate(entry)
        case 5:
            return squared(entry)
        case 6:
            return over(entry)
        case 7:
            return apply(draw(st.sampled_from(ELEMENTWISE)), entry)
    return entry


@st.composite
def sums_of_factors(draw: st.DrawFn, letters: tuple[Index, ...]) -> Term:
    return add(*draw(st.lists(factors_of(letters), min_size=2, max_size=2)))


@st.composite
def products(draw: st.DrawFn) -> tuple[Term, tuple[Index, ...]]:
    """A product over up to five indices, at most two of them free, the others summed over."""
    axes = draw(st.lists(st.sampled_from(sorted(AXES)), min_size=1, max_size=5))
    letters = tuple(Index("ijklq"[place], AXES[name]) for place, name in enumerate(axes))
    parts = draw(st.lists(st.one_of(factors_of(letters), sums_of_factors(letters)), min_size=1, max_size=4))
    if draw(st.booleans()):
        first = draw(st.sampled_from(letters))
        others = [index for index in letters if index.axis == first.axis and index != first]
        if others:
            parts.append(delta(first, draw(st.sampled_from(others))))
    term = product(*parts, number(draw(st.sampled_from((1, -1, 2, -3)))))
    used = sorted(term.free, key=lambda index: index.letter)
    free = tuple(draw(st.permutations(used)))[: draw(st.integers(0, min(2, len(used))))]
    return total([index for index in used if index not in free], term), free


@settings(max_examples=250, deadline=None, print_blob=True)
@given(products())
def test_random_products_keep_value_and_shape(case: tuple[Term, tuple[Index, ...]]) -> None:
    term, indices = case
    found = recover(term, indices)
    if isinstance(found, NotMatrix):
        note(found.reason.en)
        return
    note(found.numpy)
    check(term, indices, found, Definitions(), (SIZES[0], SIZES[4]))
    normal(found.tree, found.numpy)


def normal(tree: Node, text: str) -> None:
    """What a reader does not want to see."""
    for ugly in (".T.T", "-1 *", "* -", "1 * ", "--", "+ -"):
        assert ugly not in text, text
    for node in tree.walk():
        if isinstance(node, Times):
            assert not any(isinstance(f, Minus | Times) for f in (*node.factors, *node.divisors)), text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_the_text_is_in_normal_form(case: Case) -> None:
    normal(recovered(case).tree, case.text)
