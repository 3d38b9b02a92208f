"""Matrix forms say what the index terms say, in the notation that people use, with exactly the right shape.

Every case is computed three ways at several sizes, all sizes 1 among them: the index term, the tree, and the
text by NumPy itself (read with `ast`, so that a wrong bracket in the text cannot hide behind a right tree).
"""

import ast
import random
from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from matrix_cases import (
    CASES,
    SIGMOID,
    SIZES,
    T3,
    A,
    B,
    Case,
    K,
    M,
    N,
    X,
    a,
    b,
    i,
    j,
    over,
    p,
    q,
    r,
    root,
    squared,
    x,
    y,
)

from derivations.arithmetic import (
    add,
    delta,
    derivative,
    negate,
    number,
    product,
    total,
)
from derivations.domains import POSITIVE
from derivations.evaluate import Point
from derivations.functions import apply
from derivations.indices import Affine, Index, Size
from derivations.matrix_form import MatrixForm, NotMatrix, recover
from derivations.matrix_form.nodes import Minus, Node, Numeral, Ones, Spread, Times, Transpose
from derivations.numerics import EXACT, PRECISE, Array
from derivations.scope import Definitions
from derivations.terms import Bracket, Delta, Number, Product, Relation, Symbol, Term, symbols

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


def without(node: Node, gone: Node) -> Node:
    """The tree with one node replaced by what it is made of."""
    if node is gone:
        return node.children[0]
    changed = {
        f.name: tuple(without(v, gone) if isinstance(v, Node) else v for v in value)
        if isinstance(value, tuple)
        else without(value, gone)
        if isinstance(value, Node)
        else value
        for f in fields(node)  # type: ignore[arg-type]
        for value in (getattr(node, f.name),)
    }
    return type(node)(**changed)


@pytest.mark.parametrize("case", [c for c in CASES if ".T" in c.text], ids=lambda case: case.text)
def test_a_lost_transpose_does_not_pass(case: Case) -> None:
    form = recovered(case)
    for node in form.tree.walk():
        if isinstance(node, Transpose):
            lost = MatrixForm(without(form.tree, node), form.indices)
            with pytest.raises((AssertionError, ValueError)):
                check(case.term, case.indices, lost, case.definitions, case.sizes)


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
def inner_sums(draw: st.DrawFn, letters: tuple[Index, ...]) -> Term:
    """A sum over an index of its own, plain or in a function or under a root, as residuals and norms are."""
    own = Index("v", draw(st.sampled_from(letters)).axis)
    within = (own, draw(st.sampled_from(letters)))
    body = product(draw(factors_of(within)), draw(factors_of(within)))
    inner = total([own], body) if own in body.free else body
    match draw(st.integers(0, 4)):
        case 0:
            return apply("tanh", inner)
        case 1:
            return root(add(squared(inner), number(1)))
        case 2:
            return squared(add(inner, draw(factors_of(letters))))
    return inner


@st.composite
def products(draw: st.DrawFn) -> tuple[Term, tuple[Index, ...]]:
    """A product over up to five indices, at most two of them free, the others summed over."""
    axes = draw(st.lists(st.sampled_from(sorted(AXES)), min_size=1, max_size=5))
    letters = tuple(Index("ijklq"[place], AXES[name]) for place, name in enumerate(axes))
    kinds = st.one_of(factors_of(letters), sums_of_factors(letters), inner_sums(letters))
    parts = draw(st.lists(kinds, min_size=1, max_size=4))
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
