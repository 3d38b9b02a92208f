"""A hundred random formulas agree with central differences, a few with JAX too; mistakes are noticed."""

from dataclasses import replace

import fuzz
import numpy as np
import pytest
from fuzz import REFUSED, RIGHT, UNDEFINED, outcome, shrunk
from random_formulas import OPERATIONS, Case, Node, Operation, case, written

SEEDS = range(1, 101)
X = Node("name", ("n",), detail="x")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_formula_is_derived_right(seed: int) -> None:
    one = case(seed, depth=3)
    found = outcome(one, autodiff_too=False)
    assert found.verdict in (RIGHT, UNDEFINED), f"{one}\n{found.verdict}: {found.reason}"


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_jax_agrees(seed: int) -> None:
    pytest.importorskip("jax", reason="JAX, the independent oracle, is in the extra `test`")
    found = outcome(case(seed, depth=3))
    assert found.verdict in (RIGHT, UNDEFINED), found.reason


def test_a_seed_gives_one_formula_and_deriving_it_twice_one_text() -> None:
    one = case(7)
    assert one == case(7)
    arguments = (written(one.formula), one.wrt, one.shapes, one.order, one.facts)
    assert str(fuzz.derive(*arguments)) == str(fuzz.derive(*arguments))


def test_central_differences_know_a_derivative_that_everybody_knows() -> None:
    cube = Case(Node("sum", (), (Node("power", ("n",), (X,), "3"),)), "x", 1)
    values = {"x": np.array([0.5, -1.0, 2.0])}
    assert np.allclose(fuzz.differences(cube, values), 3 * values["x"] ** 2)
    assert np.allclose(fuzz.differences(replace(cube, order=2), values), np.diag(6 * values["x"]), atol=1e-6)


def test_a_wrong_derivative_is_noticed_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    # the same as a wrong rule for the sine: the text says sin, and another function is calculated
    wrong = Operation("sin({0})", lambda xp, detail, v: xp.sin(v) + v)
    monkeypatch.setitem(OPERATIONS, "sin", wrong)
    sine = Node("sin", ("n",), (Node("@", ("n",), (Node("name", ("n", "n"), detail="B"), X)),))
    one = Case(Node("sum", (), (Node("+", ("n",), (sine, Node("exp", ("n",), (X,)))),)), "x", 1)

    def fails(less: Case) -> bool:
        return outcome(less, autodiff_too=False).verdict == fuzz.WRONG

    assert fails(one)
    assert written(shrunk(one, fails).formula) == "sum(sin(x))"


def test_what_is_refused_is_told_apart_from_what_is_wrong() -> None:
    square = Case(Node("trace", (), (Node("name", ("m", "n"), detail="A"),)), "A", 1)
    assert outcome(square, autodiff_too=False).verdict == REFUSED
