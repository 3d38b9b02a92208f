"""The derivations of a formula carry their matrix form and their remarks."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Eq, Rational

from derivations.answers import derivations_of, with_matrix_form
from derivations.api import derive, formula, formulas, gradients, printed
from derivations.arithmetic import TWO, product
from derivations.catalogue import discover, load
from derivations.errors import InputError, InternalMistake, Unsupported
from derivations.goals import reach
from derivations.language import (
    AuthorError,
    Axis,
    Formula,
    Gradient,
    Text,
    scalar,
    squared_norm,
    step,
    vector,
)
from derivations.matrix_form import recover
from derivations.parse import parse
from derivations.printers.expression import sympy_expression
from derivations.scope import Goal
from derivations.terms import Relation


def words(text: str) -> Text:
    return Text(en=text, zh=text)


@pytest.mark.parametrize("id", [formula.id for formula in discover()])
def test_the_matrix_form_is_a_step_of_its_own_at_the_end(id: str) -> None:
    formula = load(id)
    for derivation in derivations_of(formula):
        last = derivation.answer.steps[-1]
        if last.matrix is None:
            assert derivation.reason is not None or not derivation.answer.indices
        else:
            assert last.rules == ("matrix",) and not last.parts and last.before == last.after
            assert derivation.reason is None
        others = [s for chain in derivation.chains for s in chain.steps if s is not last]
        assert all(s.matrix is None for s in others if not isinstance(s.after, Relation))


def test_the_matrix_forms_are_those_that_people_write() -> None:
    found = {
        (formula.id, derivation.goal.id): derivation.matrix.numpy
        for formula in map(load, ("softmax", "least_squares_loss", "linear_layer_backward"))
        for derivation in derivations_of(formula)
        if derivation.matrix is not None
    }
    assert found["softmax", "jacobian-p-z"] == "diag(p) - outer(p, p)"
    assert found["least_squares_loss", "gradient-J-theta"] == "X.T @ (X @ theta - Y)"
    assert found["linear_layer_backward", "vjp-Y-W"] == "X.T @ G"


def distance(**more: object) -> Formula:
    n = Axis("n", words("length"))
    x, a = vector("x", n, words("point")), vector("a", n, words("centre"))
    d = scalar("d", words("half the squared distance"))
    remarks = more.pop("remarks", lambda question: {})
    question = Gradient(d, x)
    return Formula(
        name=words("distance"),
        summary=words("half the squared distance"),
        define=[Eq(d, squared_norm(x - a) * Rational(1, 2), evaluate=False)],
        ask=[question],
        remarks=remarks(question),  # type: ignore[operator]
    )


def test_a_remark_stands_at_its_step() -> None:
    formula = distance(remarks=lambda question: {step(question, "matrix"): words("one vector")})
    (derivation,) = derivations_of(formula)
    assert [s.rules for s in derivation.steps if s.remark is not None] == [("matrix",)]


@pytest.mark.parametrize("place", [("quotient", 1), ("matrix", 2)])
def test_a_remark_that_finds_no_step_is_named(place: tuple[str, int]) -> None:
    formula = distance(remarks=lambda question: {step(question, *place): words("lost")})
    with pytest.raises(AuthorError, match=f"{place[0]}, occurrence {place[1]}, chain d-d-x finds no step"):
        derivations_of(formula)


def test_a_matrix_form_that_disagrees_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    formula = load("least_squares_loss")
    gradient = reach(formula.scope, formula.goals)[0]
    twice = recover(product(TWO, gradient.result), gradient.answer.indices)
    monkeypatch.setattr("derivations.answers.recover", lambda *arguments, **options: twice)
    with pytest.raises(InternalMistake, match="does not agree"):
        with_matrix_form(gradient)


# ---- a formula of one's own -------------------------------------------------------------------------------

SHAPES = "X: m n; w: n; y: m; b:"


def test_a_gradient_in_all_its_forms() -> None:
    found = derive("sum((X @ w + b - y)**2)", wrt="w", shapes=SHAPES)
    assert found.matrix == "2 * X.T @ (X @ w + b - y)"
    assert found.shape == ("n",)
    assert found.names == ("f",)
    assert found.evidence.passed
    assert found.steps[-1].rules == ("matrix",)
    assert [chain.kind for chain in found.chains] == ["answer"]
    assert str(found) == found.text("en")
    for form in (found.text("zh"), found.markdown("zh"), found.latex("zh"), found._repr_markdown_()):
        assert form
    assert found.latex(what="result").count("align*") == 2
    assert "Sum(" in str(found.result)
    assert json.loads(printed(found, "json"))["matrix"] == found.matrix


@pytest.mark.parametrize(
    ("text", "wrt", "shapes", "order", "kind", "shape", "matrix"),
    [
        ("x**3", "x", None, 1, "derivative", (), "3 * x**2"),
        ("x**3", "x", None, 2, "derivative", (), "6 * x"),
        ("x*y**2", ["x", "y"], None, 2, "derivative", (), "2 * y"),
        ("x @ A @ x", "x", "x: n; A: n n", 2, "hessian", ("n", "n"), "A + A.T"),
        ("tanh(A @ x)", "x", "x: n; A: m n", 1, "jacobian", ("m", "n"),
         "(1 - tanh(A @ x)**2)[:, None] * A"),
        ("A @ x", "A", "x: n; A: m n", 1, "jacobian", ("m", "m", "n"), None),
        ("sum(x)", "x", {"x": "3"}, 1, "gradient", (3,), "ones(3)"),
        ("3*y", "x", "x: n; y: n", 1, "jacobian", ("n", "n"), "zeros((n, n))"),
        ("a*x", "x", "x: n; a: n", 1, "jacobian", ("n", "n"), "diag(a)"),
    ],
)  # fmt: skip
def test_the_question_follows_from_the_axes(
    text: str, wrt: Any, shapes: Any, order: int, kind: str, shape: tuple[Any, ...], matrix: str | None
) -> None:
    found = derive(text, wrt, shapes, order)
    assert found.derivation.goal.kind == kind
    assert found.shape == shape
    assert found.matrix == matrix
    assert matrix is not None or found.derivation.reason is not None


@pytest.mark.parametrize(
    ("text", "shapes", "parts"),
    [
        ("relu(x)*erf(x)", "x: n", ("Piecewise", "KroneckerDelta", "erf")),
        ("mean((x - mean(x))**2)", "x: n", ("2*(-mu + x[j])/n",)),
        ("x[0]*x", "x: n", ("KroneckerDelta(0, j)",)),
    ],
)
def test_the_result_in_sympy(text: str, shapes: str | None, parts: tuple[str, ...]) -> None:
    parsed = parse(text, shapes)
    goal = Goal("jacobian", parsed.target, parsed.scope.inputs)
    (found,) = reach(parsed.scope, (goal,))
    assert [part for part in parts if part not in str(sympy_expression(found.result))] == []


def test_a_result_that_sympy_refuses_is_refused_in_words() -> None:
    found = derive("s*where(x > arccos(9), s, x)", "s")
    with pytest.raises(Unsupported, match="no SymPy expression"):
        assert found.result


def test_several_gradients_share_their_lemmas() -> None:
    text = "p = softmax(X @ W + b, axis=1)\n-sum(Y*log(p))/X.shape[0]"
    found = gradients(text, ["W", "b"], "X: m n; W: n k; b: k; Y: m k", facts="sum(Y, 1) = 1")
    assert list(found) == ["W", "b"]
    assert found["b"].shape == ("k",)
    assert "sum(" in str(found["b"].matrix)


def test_a_name_that_was_offered_and_not_used_is_not_shown() -> None:
    used = derive("log(sum(exp(z))) * a", "z", "z: C; a:")
    assert used.names == ("f", "p") and "p_i" in str(used)
    unused = derive("log(sum(exp(z))) * a", "a", "z: C; a:")
    assert unused.names == ("f",) and "p_i" not in str(unused)


def test_the_result_as_a_function() -> None:
    found = derive("sum((X @ w + b - y)**2)", "w", SHAPES)
    rng = np.random.default_rng(1)
    X, w, y, b = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4), 0.5
    slope = found.lambdify()
    np.testing.assert_allclose(slope(X=X, w=w, y=y, b=b), 2 * X.T @ (X @ w + b - y))
    np.testing.assert_allclose(found.lambdify(what="value")(X=X, w=w, y=y, b=b), ((X @ w + b - y) ** 2).sum())
    with pytest.raises(ValueError, match="is missing"):
        slope(X=X, w=w, b=b)
    with pytest.raises(ValueError, match="z is no name of this formula"):
        slope(X=X, w=w, y=y, b=b, z=1)
    with pytest.raises(ValueError, match=r"y has the shape \(3,\), and \(m\) is declared, where m = 4"):
        slope(X=X, w=w, y=w, b=b)
    with pytest.raises(ValueError, match="b has the shape"):
        slope(X=X, w=w, y=y, b=[b])


def test_greek_names_in_code() -> None:
    assert derive("λ*x**2", "x").lambdify()(λ=3.0, x=2.0) == 12.0


@pytest.mark.parametrize(
    ("call", "what", "instead"),
    [
        (lambda: derive("x**2", "z"), "wrt is 'z'", "x"),
        (lambda: derive("weight**2", "weigth"), "wrt is 'weigth'", "wrt='weight'"),
        (lambda: derive("a = x**2\na + x", "a"), "calculated in the text", "x"),
        (lambda: derive("x**2", ["x", "x"]), "2 names at order 1", "gradients"),
        (lambda: derive("x**2", []), "0 names", 'wrt="x"'),
        (lambda: derive("x**2", "x", order=3), "order is 3", "order=2"),
        (
            lambda: derive("sum(t)*x", "x", "t: n; x:", facts="sum(t) = 1; sum(t) = 2"),
            "together",
            "Leave out",
        ),
        (lambda: formula("sofmax"), "no formula 'sofmax'", "softmax"),
        (lambda: printed(derive("x", "x"), "word"), "form of output", "steps"),
        (lambda: derive("x", "x").lambdify(what="both"), "what is 'both'", "derivative"),
    ],
)
def test_a_wrong_call_is_told_what_to_write(call: Callable[[], Any], what: str, instead: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert what in caught.value.problem
    assert instead in caught.value.hint


def test_a_value_that_exists_nowhere_is_refused() -> None:
    with pytest.raises(Unsupported, match="no point was found"):
        derive("log(-exp(x))", "x")


def test_a_value_that_exists_seldom_is_checked_there() -> None:
    assert derive("-sum(log(b - A @ x))", "x", "A: m n; x: n; b: m").evidence.passed
    assert derive("sum(arcsin(A))", "A", "A: m n").evidence.passed


def test_a_wrong_result_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(*arguments: Any, **hooks: Any) -> Any:
        (found,) = reach(*arguments, **hooks)
        (answer,) = found.chains
        last = answer.steps[-1]
        wrong = replace(last, after=product(TWO, last.after))
        return (found.with_chains((replace(answer, steps=(*answer.steps[:-1], wrong)),)),)

    monkeypatch.setattr("derivations.api.reach", doubled)
    with pytest.raises(InternalMistake, match="disagrees"):
        derive("x**2", "x")


def test_whatever_else_goes_wrong_is_our_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any, **hooks: Any) -> Any:
        raise KeyError("lost")

    monkeypatch.setattr("derivations.api.reach", broken)
    with pytest.raises(InternalMistake, match="please report"):
        derive("x**2", "x")


def test_formulas_of_the_catalogue() -> None:
    assert formula("softmax").id == "softmax"
    assert [f.id for f in formulas()] == [f.id for f in discover()]
