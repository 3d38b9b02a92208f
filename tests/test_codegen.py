"""From terms to array code: every kind of index, sum and size, against the value of the term."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from derivations import codegen
from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    add,
    bracket,
    delta,
    divide,
    negate,
    number,
    power,
    product,
    subtract,
    total,
)
from derivations.codegen import GeneratedModule, KernelEntry, function
from derivations.codegen.backends import module
from derivations.codegen.backends.numpy import SPELLING
from derivations.codegen.function import Kernel, WrittenKernel
from derivations.codegen.lowering import NoArrayForm
from derivations.codegen.printer import identifier
from derivations.codegen.stability import Calculation
from derivations.domains import POSITIVE
from derivations.evaluate import Point
from derivations.functions import apply
from derivations.indices import Affine, Axis, Index, Size
from derivations.numerics import FLOAT, Array
from derivations.scope import Definition, Definitions, Goal, Scope
from derivations.steps import Chain, Derivation, Step
from derivations.terms import Component, Constant, Piecewise, Relation, SizeOf, Symbol, Term

N, D, Q = Axis.named("n"), Axis.named("d"), Axis.named("q")
i, a = N.index("i"), N.index("a")
j, r, p = D.index("j"), D.index("r"), D.index("p")
k, s = Q.index("k"), Q.index("s")
SIZES = {"n": 4, "d": 3, "q": 2}

X, W, V = Symbol("X", (N, D)), Symbol("W", (D, Q)), Symbol("V", (N, N))
T = Symbol("T", (N, D, Q))
x, y, w, v = Symbol("x", (N,)), Symbol("y", (N,)), Symbol("w", (D,)), Symbol("v", (Q,))
c, e = Symbol("c"), Symbol("e", (), POSITIVE)


def at(symbol: Symbol, *slots: Index | int | Affine) -> Component:
    return Component(symbol, tuple(Affine.of(slot) for slot in slots))


def sum_over(indices: Iterable[Index], *factors: Term) -> Term:
    return total(tuple(indices), product(*factors))


SIZE_N, SIZE_D = SizeOf(N.size), SizeOf(D.size)
RESIDUAL = subtract(sum_over([j], at(X, i, j), at(w, j)), at(y, i))

# name: (term, indices of the result, a piece that the code must contain)
TERMS: dict[str, tuple[Term, tuple[Index, ...], str]] = {
    "an entry": (at(X, 1, 2), (), "X[..., 1, 2]"),
    "a row": (at(X, 0, j), (j,), "X[..., 0, :]"),
    "a column": (at(X, i, 2), (i,), "X[..., :, 2]"),
    "a transpose": (at(X, i, j), (j, i), "X.mT"),
    "a diagonal": (at(V, i, i), (i,), "np.diagonal"),
    "a trace": (sum_over([i], at(V, i, i)), (), "np.diagonal"),
    "axes turned round": (at(T, i, j, k), (k, i, j), "np.moveaxis"),
    "an outer product": (product(at(x, i), at(w, j)), (i, j), "[..., :, None]"),
    "a scalar beside a matrix": (product(at(c), at(X, i, j)), (i, j), ""),
    "rows scaled": (product(at(X, i, j), at(x, i)), (i, j), ""),
    "columns scaled": (divide(at(X, i, j), add(ONE, power(at(w, j), TWO))), (i, j), ""),
    "a product of matrices": (sum_over([j], at(X, i, j), at(W, j, k)), (i, k), "X @ W"),
    "the same turned round": (sum_over([j], at(X, i, j), at(W, j, k)), (k, i), " @ "),
    "a Gram matrix": (sum_over([i], at(X, i, j), at(X, i, r)), (j, r), "X.mT @ X"),
    "a matrix and a vector": (sum_over([j], at(X, i, j), at(w, j)), (i,), "X @ w"),
    "a vector and a matrix": (sum_over([i], at(x, i), at(X, i, j)), (j,), "X.mT @ x"),
    "an inner product": (sum_over([i], at(x, i), at(y, i)), (), "np.sum(x * y, axis=-1)"),
    "a quadratic form": (sum_over([i, a], at(x, i), at(V, i, a), at(y, a)), (), " @ "),
    "three matrices": (sum_over([i, j], at(V, a, i), at(X, i, j), at(W, j, k)), (a, k), " @ "),
    "weights between": (sum_over([i], at(X, i, j), at(x, i), at(X, i, r)), (j, r), " @ "),
    "a tensor and a vector": (sum_over([j], at(T, i, j, k), at(w, j)), (i, k), ""),
    "a tensor, two axes": (sum_over([i, k], at(T, i, j, k), at(x, i), at(v, k)), (j,), ""),
    "a sum of rows": (sum_over([i], at(X, i, j)), (j,), "np.sum(X, axis=-2)"),
    "a sum of everything": (sum_over([i, j], at(X, i, j)), (), "np.sum"),
    "an index that does not occur": (sum_over([i], at(w, j)), (j,), "w"),
    "a mean": (divide(sum_over([i], at(x, i)), SIZE_N), (), "np.mean(x, axis=-1)"),
    "a mean along rows": (divide(sum_over([j], at(X, i, j)), SIZE_D), (i,), "np.mean(X, axis=-1)"),
    "a mean of squares": (
        product(TWO, power(SIZE_N, MINUS_ONE), sum_over([i], power(at(x, i), TWO))),
        (),
        "",
    ),
    "deviations": (subtract(at(x, i), divide(sum_over([a], at(x, a)), SIZE_N)), (i,), "keepdims=True"),
    "a gradient": (sum_over([i], at(X, i, j), RESIDUAL), (j,), "X.mT @ "),
    "the identity": (product(at(c), delta(i, a)), (i, a), "np.eye"),
    "the identity in a corner": (product(at(X, i, j), delta(k, s)), (i, k, j, s), "np.eye"),
    "a delta that was not sifted": (sum_over([a], at(x, a), delta(i, a)), (i,), "np.eye"),
    "a constant matrix": (divide(delta(i, a), SIZE_N), (i, a), "np.eye"),
    "a row that repeats": (at(w, j), (i, j), ""),
    "a size": (product(SIZE_N, SIZE_D, at(c)), (), "n * d"),
    "a compound size": (product(SizeOf(N.size * 2 - D.size + 1), at(c)), (), ""),
    "a root of a size": (product(power(SIZE_D, negate(HALF)), at(c)), (), "d ** 0.5"),
    "a constant": (product(power(product(TWO, Constant("pi")), negate(HALF)), at(x, i)), (i,), "0.39894"),
    "a fraction": (product(number(Fraction(2, 3)), at(x, i)), (i,), "2 / 3 * x"),
    "a negative number": (product(number(-3), at(x, i)), (i,), "-(3 * x)"),
    "a difference of negatives": (subtract(negate(at(x, i)), product(TWO, at(y, i))), (i,), "-x - 2 * y"),
    "quotients": (divide(at(x, i), product(at(e), power(add(ONE, at(e)), TWO))), (i,), ""),
    "powers": (add(power(at(e), number(3)), power(at(e), number(Fraction(5, 3)))), (), "**"),
    "a variable power": (power(at(e), at(c)), (), "**"),
    "functions": (apply("log", add(TWO, apply("sin", at(x, i)))), (i,), "np.log"),
    "a function of a number": (product(apply("exp", number(2)), at(c)), (), "7.389"),
    "a function of a size": (product(apply("log", SIZE_N), at(c)), (), "float(np.log(n))"),
    "cases": (
        Piecewise((Relation("<", at(x, i), number(0)),), (product(at(c), at(x, i)),), at(x, i)),
        (i,),
        "np.where",
    ),
    "two cases": (
        Piecewise(
            (Relation("<", at(x, i), number(-1)), Relation(">", at(x, i), ONE)),
            (number(-1), ONE),
            at(x, i),
        ),
        (i,),
        "np.where",
    ),
    "cases of a sum": (
        Piecewise((Relation(">=", sum_over([j], at(X, i, j)), number(0)),), (at(x, i),), ONE),
        (i,),
        "np.isnan",
    ),
}
INPUTS = (X, W, V, T, x, y, w, v, c, e)


def kernel(
    term: Term,
    indices: tuple[Index, ...],
    names: Definitions | None = None,
    inputs: tuple[Symbol, ...] = INPUTS,
) -> Kernel:
    return Kernel("tried", "value", (), Calculation(names or Definitions(), term), indices, inputs)


def written(made: Kernel) -> WrittenKernel:
    return function.written(made, SPELLING)


def compiled(made: Kernel) -> Any:
    entry = KernelEntry("tried", "value", "", "", ())
    return codegen.loaded(GeneratedModule("tried.py", module("numpy", [made]).encode(), (entry,)))["tried"]


def inputs(batch: tuple[int, ...] = ()) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    made = {}
    for symbol in INPUTS:
        shape = (*batch, *(SIZES[str(axis.size)] for axis in symbol.axes))
        value = random.uniform(-1.5, 1.5, shape)
        made[symbol.name] = np.abs(value) + 0.1 if symbol.domain is POSITIVE else value
    return made


def expected(
    term: Term, indices: tuple[Index, ...], values: dict[str, np.ndarray], names: Definitions | None = None
) -> np.ndarray:
    arrays = {name: Array(v.shape, [Fraction(u) for u in v.ravel()]) for name, v in values.items()}
    table = Point(names or Definitions(), SIZES, arrays, FLOAT).table(term, indices)
    return np.array(table.flat).reshape(table.shape)


@pytest.mark.parametrize("name", TERMS)
def test_code_has_the_value_of_the_term(name: str) -> None:
    term, indices, piece = TERMS[name]
    made = kernel(term, indices)
    source = written(made).source
    assert piece in source, source
    assert "einsum" not in source
    values = inputs()
    # a size without an array is read from an axis that a result may repeat over
    answer = compiled(made)(*(values[argument] for argument in written(made).arguments))
    np.testing.assert_allclose(answer, expected(term, indices, values), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", TERMS)
def test_a_batch_stands_before_everything(name: str) -> None:
    term, indices, _ = TERMS[name]
    made = kernel(term, indices)
    values = inputs((2, 1))
    arguments = written(made).arguments
    answer = compiled(made)(*(values[argument] for argument in arguments))
    for place in range(2):
        single = {argument: value[place, 0] for argument, value in values.items()}
        np.testing.assert_allclose(
            answer[place, 0], expected(term, indices, single), rtol=1e-13, atol=1e-14, err_msg=name
        )
    assert answer.shape == (2, 1, *(SIZES[str(index.axis.size)] for index in indices))


# ---- names -------------------------------------------------------------------------------------------------

h = Symbol("h", (N,))
m = Symbol("m")
NAMES = Definitions(
    [
        Definition(m, (), divide(sum_over([i], at(x, i)), SIZE_N)),
        Definition(h, (i,), subtract(at(x, i), at(m))),
    ]
)


def test_a_name_is_computed_once_and_keeps_its_name() -> None:
    term = product(at(h, i), at(h, a))
    source = written(kernel(term, (i, a), NAMES)).source
    assert source.count("np.mean") == 1 and "    m = np.mean(x, axis=-1, keepdims=True)\n" in source
    assert "    h = x - m\n" in source
    answer = compiled(kernel(term, (i, a), NAMES))(inputs()["x"])
    np.testing.assert_allclose(answer, expected(term, (i, a), inputs(), NAMES), rtol=1e-13)


@pytest.mark.parametrize("name", ["a sum", "a weighted sum", "a matrix and a vector", "an outer product"])
def test_a_name_that_is_the_same_along_an_axis_counts_at_every_place_of_it(name: str) -> None:
    flat = Symbol("u", (N,))
    names = Definitions([Definition(flat, (i,), apply("sin", at(c)))])
    term, indices = {
        "a sum": (sum_over([i], at(flat, i)), ()),
        "a weighted sum": (sum_over([i], at(flat, i), at(x, i)), ()),
        "a matrix and a vector": (sum_over([a], at(V, i, a), at(flat, a)), (i,)),
        "an outer product": (product(at(flat, i), at(w, j)), (i, j)),
    }[name]
    made = kernel(term, indices, names)
    values = inputs()
    answer = compiled(made)(*(values[argument] for argument in written(made).arguments))
    np.testing.assert_allclose(answer, expected(term, indices, values, names), rtol=1e-13)


def test_equal_parts_are_one_part_in_any_order() -> None:
    term = add(apply("sin", product(at(c), at(e))), apply("cos", product(at(e), at(c))))
    source = written(kernel(term, ())).source
    assert source.count("c * e") + source.count("e * c") == 1


def test_a_name_of_the_formula_may_clash_with_a_size_or_with_the_function() -> None:
    names = Definitions([Definition(Symbol("n"), (), divide(sum_over([i], at(x, i)), SIZE_N))])
    term = product(SIZE_N, power(at(Symbol("n")), TWO))
    answer = compiled(kernel(term, (), names))(np.array([1.0, 2.0, 3.0, 6.0]))
    assert answer == 36


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("x", "x"),
        ("y_hat", "y_hat"),
        ("θ", "theta"),
        ("lambda", "lambda_"),
        ("np", "np_"),
        ("2x", "_2x"),
        ("x'", "x"),
    ],
)
def test_identifiers_are_ascii_and_free(name: str, spelled: str) -> None:
    assert identifier(name) == spelled


def test_an_inverse_and_a_determinant_are_calls_of_numpy() -> None:
    inverse = Definition(Symbol("P", (N, N)), (i, a), at(V, i, a), "inverse")
    determinant = Definition(Symbol("D"), (), at(V, i, a), "determinant")
    names = Definitions([inverse, determinant])
    b = N.index("b")
    for term, indices, piece in (
        (at(inverse.symbol, i, a), (i, a), "np.linalg.inv"),
        (at(determinant.symbol), (), "np.linalg.det"),
        (sum_over([b], at(inverse.symbol, i, b), at(x, b)), (i,), "np.linalg.solve(V, x"),
    ):
        made = kernel(term, indices, names)
        assert piece in written(made).source
        values = inputs()
        values["V"] = values["V"] + 3 * np.eye(4)
        answer = compiled(made)(*(values[argument] for argument in written(made).arguments))
        np.testing.assert_allclose(answer, expected(term, indices, values, names), rtol=1e-12)


def test_a_normal_equation_is_solved_from_the_array_itself() -> None:
    inverse = Definition(Symbol("P", (D, D)), (j, r), sum_over([i], at(X, i, j), at(X, i, r)), "inverse")
    term = sum_over([r], at(inverse.symbol, j, r), sum_over([i], at(X, i, r), at(y, i)))
    made = kernel(term, (j,), Definitions([inverse]))
    assert "_least_squares(X, y)" in written(made).source
    # nearly dependent columns: the product of X with its transpose has no digit of their difference
    array = np.array([[1.0, 1.0, 0.0], [1.0, 1.0 + 1e-9, 0.0], [0.0, 1e-9, 1.0], [0.0, 0.0, 1.0]])
    found = compiled(made)(array, array @ np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(found, [1.0, 2.0, 3.0], rtol=1e-5)
    dependent = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(compiled(made)(dependent, dependent @ np.ones(3)), [1.0, 1.0, 1.0], rtol=1e-12)


# ---- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "indices", "says"),
    [
        (at(x, Affine.of(i) + 1), (i,), "x is shifted"),
        (bracket(Affine.of(i) + 1, Size.of("n")), (i,), "Bracket"),
        (delta(Affine.of(i) + 1, a), (i, a), "shifted indices"),
    ],
)
def test_what_has_no_array_form_is_named(term: Term, indices: tuple[Index, ...], says: str) -> None:
    with pytest.raises(NoArrayForm, match=says):
        written(kernel(term, indices))


# ---- modules -----------------------------------------------------------------------------------------------


def derivation(kind: str = "gradient") -> Derivation:
    loss = Symbol("J")
    g = Symbol("G", (N,))
    definitions = Definitions([Definition(loss, (), product(HALF, sum_over([i], power(at(x, i), TWO))))])
    scope = Scope((x, g), definitions)
    left, result = at(loss), product(at(x, i), at(g, i))
    steps = (Step(("power",), left, result),)
    return Derivation(Goal(kind, loss, (x,)), scope, (Chain("answer", "answer", left, steps, (i,)),))


def test_code_of_a_derivation_has_the_functions_that_are_asked_for() -> None:
    both = codegen.code(derivation(), what="both")
    assert "def value(x):" in both and "def derivative(x, G):" in both
    assert "def value" not in codegen.code(derivation())
    assert "def derivative" not in codegen.code(derivation(), what="value")
    with pytest.raises(ValueError, match="no backend 'fortran'"):
        codegen.code(derivation(), backend="fortran")
    with pytest.raises(ValueError, match="what is 'all'"):
        codegen.code(derivation(), what="all")


def test_the_hash_is_of_what_the_formula_says_and_not_of_its_letters() -> None:
    def scope(letter: str, sign: int = 1) -> Scope:
        index = N.index(letter)
        term = total((index,), power(subtract(at(x, index), product(number(sign), at(y, index))), TWO))
        return Scope((x, y), Definitions([Definition(Symbol("J"), (), term)]))

    assert codegen.definition_hash(scope("i")) == codegen.definition_hash(scope("u"))
    assert codegen.definition_hash(scope("i")) != codegen.definition_hash(scope("i", -1))


def test_a_loaded_module_is_not_left_behind() -> None:
    import sys

    before = set(sys.modules)
    compiled(kernel(at(x, i), (i,)))
    assert set(sys.modules) == before
