"""Pictures: drawn from the kernels, for numbers from numbers only, and honest about jumps and infinities."""

import math
import re
from types import SimpleNamespace
from typing import Any

import pytest

from derivations.pictures import HEIGHT, MARGIN, WIDTH, curves, picture

SCALAR = {
    "kernels": [
        {"name": "half", "question": "value", "signature": "()->()"},
        {"name": "half_derivative_from_output", "question": "derivative", "signature": "()->()"},
        {"name": "half_derivative", "question": "derivative", "signature": "()->()"},
    ]
}
KERNELS: Any = SimpleNamespace(
    half=lambda x: x / 2,
    half_derivative=lambda x: 0.5,
    half_derivative_from_output=lambda y: math.nan,
)


def points(svg: str, name: str) -> list[tuple[float, float]]:
    path = re.search(rf'class="curve-{name}" d="([^"]*)"', svg)
    assert path
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path[1])]


def test_both_curves_lie_inside_the_drawing() -> None:
    svg = picture(SCALAR, KERNELS, "half")
    assert svg is not None
    for name in ("value", "derivative"):
        assert points(svg, name)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points(svg, name))
    # The value rises, so its curve ends higher (a smaller y) than it began.
    assert points(svg, "value")[-1][1] < points(svg, "value")[0][1]


@pytest.mark.parametrize("signature", ["(n)->()", "()->(n)", "(),(n)->()"])
def test_what_is_not_a_number_from_a_number_has_no_picture(signature: str) -> None:
    record = {"kernels": [{**row, "signature": signature} for row in SCALAR["kernels"]]}
    assert picture(record, KERNELS, "half") is None


def test_a_second_argument_needs_a_default() -> None:
    record = {"kernels": [{**row, "signature": "(),()->()"} for row in SCALAR["kernels"]]}
    with_default: Any = SimpleNamespace(half=lambda x, a=0.5: a * x, half_derivative=lambda x, a=0.5: a)
    without: Any = SimpleNamespace(half=lambda x, a: a * x, half_derivative=lambda x, a: a)
    assert picture(record, with_default, "half") is not None
    assert picture(record, without, "half") is None


def test_no_line_joins_the_sides_of_a_jump() -> None:
    grid = [k / 50 for k in range(-300, 301)]
    svg = curves([[(x, float(x > 0)) for x in grid], [(x, 0.0) for x in grid]], "step")
    path = re.search(r'class="curve-value" d="([^"]*)"', svg)
    assert path and path[1].count("M") == 2


def test_points_without_a_value_are_left_out() -> None:
    grid = [k / 10 for k in range(-60, 61)]
    svg = curves([[(x, math.nan if x < 0 else x) for x in grid], [(x, 1.0) for x in grid]], "root")
    assert all(x >= WIDTH / 2 - 0.1 for x, _ in points(svg, "value"))
    assert "nan" not in svg


def test_the_title_is_read_to_those_who_do_not_see() -> None:
    svg = curves([[(0.0, 1.0)], [(0.0, 1.0)]], 'a "b" < c')
    assert 'role="img" aria-label="a &quot;b&quot; &lt; c"' in svg
    assert MARGIN < HEIGHT
