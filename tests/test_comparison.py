"""A person's own function beside the derived result: right ones agree, wrong ones are told what is wrong."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derivations.api import Derivation, derive
from derivations.errors import InputError


def gradient() -> Derivation:
    return derive("sum((X @ w - y)**2)", wrt="w", shapes="X: m n; w: n; y: m")


def right(X: Any, w: Any, y: Any) -> Any:
    return 2 * X.T @ (X @ w - y)


@pytest.mark.parametrize(
    "function",
    [
        right,
        lambda a, b, c: right(a, b, c),
        lambda y, X, w: right(X, w, y),
        lambda *, w, y, X: right(X, w, y),
        lambda *given: right(*given),
        lambda **given: right(**given),
        lambda a, b, /, c: right(a, b, c),
        lambda X, w, y, factor=2: factor * X.T @ (X @ w - y),
        lambda X, w, y: right(X, w, y).astype(np.float32),
        lambda X, w, y: right(X, w, y).tolist(),
    ],
)
def test_a_right_function_agrees_however_it_takes_its_arguments(function: Callable[..., Any]) -> None:
    result = gradient().check(function)
    assert result and result.agrees and result.difference is None
    assert result.points >= 6 and len({tuple(sizes.values()) for sizes in result.sizes}) >= 3
    assert str(result).startswith(f"agrees at {result.points} random points (m = ")


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda X, w, y: X.T @ (X @ w - y), "every entry is 0.5 times what it must be"),
        (lambda X, w, y: -right(X, w, y), "every entry is -1 times"),
        (
            lambda X, w, y: right(X, w, y)[:, None],
            r"the shape is \(2, 1\) and must be \(2,\); its entries agree",
        ),
        (lambda X, w, y: X, r"the shape is \(3, 2\) and must be \(2,\)$"),
        (lambda X, w, y: 2 * X @ (X @ w - y), "the function raises ValueError: matmul"),
        (lambda X, w, y: None, "the function gives NoneType"),
        (lambda X, w, y: "words", "the function gives str"),
        (lambda X, w, y: right(X, w, y) * np.nan, "entry 0 is nan and must be"),
        (lambda X, w: w, "entry . is .* and must be"),
    ],
)
def test_a_wrong_function_is_told_where_and_how(function: Callable[..., Any], says: str) -> None:
    result = gradient().check(function)
    difference = result.difference
    assert not result and difference is not None
    text = str(result)
    assert re.search(says, text, re.MULTILINE), text
    assert text.startswith("differs at m = 3, n = 2: ") and "expected = [" in text and "X = [" in text
    assert difference.sizes == {"m": 3, "n": 2} and set(difference.inputs) == {"X", "w", "y"}
    assert difference.expected.shape == (2,)


def test_a_difference_is_measured_by_the_largest_entry() -> None:
    def off(X: Any, w: Any, y: Any) -> Any:
        answer = right(X, w, y)
        answer[-1] += 0.25 * np.max(np.abs(answer))
        return answer

    difference = gradient().check(off).difference
    assert difference is not None and difference.entry == (1,)
    assert difference.error == pytest.approx(0.25)
    assert gradient().check(off, tolerance=0.3).agrees


def test_a_transpose_is_seen_by_its_shape_or_by_its_entries() -> None:
    tall = derive("A @ x", wrt="x", shapes="A: m n; x: n").check(lambda A, x: A.T)
    assert "the shape is (2, 3) and must be (3, 2); its transpose agrees" in str(tall)
    square = derive("A @ x", wrt="x", shapes="A: n n; x: n").check(lambda A, x: A.T)
    assert "its transpose agrees" in str(square)


def test_an_error_at_one_size_alone_is_found() -> None:
    def broken(z: Any) -> Any:
        p = np.exp(z) / np.sum(np.exp(z))
        return np.diag(p) - np.outer(p, p) + (len(z) == 1)

    result = derive("softmax(z)", wrt="z", shapes="z: n").check(broken)
    assert not result and result.difference is not None and result.difference.sizes == {"n": 1}


def test_points_satisfy_the_facts() -> None:
    found = derive("-sum(t * log_softmax(z))", wrt="z", shapes="z: n; t: n", facts="sum(t) = 1")
    assert found.check(lambda z, t: np.exp(z) / np.sum(np.exp(z)) - t)
    scalar = derive("a * log(x)", wrt="x", facts="x > 0")
    assert scalar.check(lambda a, x: a / x) and not scalar.check(lambda a, x: 1 / x)
    assert str(scalar.check(lambda a, x: a / x)).startswith("agrees at ")


def test_inputs_of_a_report_are_those_that_were_given() -> None:
    def careless(X: Any, w: Any, y: Any) -> Any:
        y *= 0
        return X.T @ y

    difference = gradient().check(careless).difference
    assert difference is not None and np.all(difference.inputs["y"] != 0)


def test_a_function_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be called with X, w, y") as refused:
        gradient().check(lambda one, two: one)
    assert "(X, w, y)" in refused.value.hint
