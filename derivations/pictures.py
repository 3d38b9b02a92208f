"""A curve of a scalar function and of its derivative, as a small SVG that is drawn from the kernels.

The picture shows the code that readers can take, and not a second definition. Colours are classes that the
style sheet gives, so that it follows the dark and the light theme; it is static and needs no script. Points
are rounded to a tenth of a unit of the drawing, below which nobody sees a difference and CPUs begin to
disagree.
"""

import inspect
import math
import warnings
from collections.abc import Callable, Mapping
from html import escape
from types import ModuleType
from typing import Any

WIDTH, HEIGHT, MARGIN = 640, 300, 34
REACH = 6.0
POINTS = 481
# Where a curve would have to be steeper than this it jumps: no line joins the two sides.
STEEPEST = 10.0


def picture(record: Mapping[str, Any], kernels: ModuleType, title: str) -> str | None:
    """The SVG, or None where the formula is not one number from one number."""
    value = _kernel(record, kernels, "value")
    derivative = _kernel(record, kernels, "derivative")
    if value is None or derivative is None:
        return None
    return curves([_samples(value), _samples(derivative)], title)


def _kernel(record: Mapping[str, Any], kernels: ModuleType, question: str) -> Callable[..., Any] | None:
    """The kernel that answers `question` from one number, its other arguments having defaults."""
    for row in record["kernels"]:
        inputs, _, output = row["signature"].partition("->")
        scalar = output.strip() == "()" and set(inputs.replace(" ", "").split(",")) == {"()"}
        if row["question"] == question and scalar and not row["name"].endswith("_from_output"):
            function: Callable[..., Any] = getattr(kernels, row["name"])
            required = [
                parameter
                for parameter in inspect.signature(function).parameters.values()
                if parameter.default is inspect.Parameter.empty
            ]
            return function if len(required) == 1 else None
    return None


def _samples(function: Callable[..., Any]) -> list[tuple[float, float]]:
    grid = [REACH * (2 * k / (POINTS - 1) - 1) for k in range(POINTS)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return [(x, float(function(x))) for x in grid]


def curves(series: list[list[tuple[float, float]]], title: str) -> str:
    """The first series is drawn full, the second dashed, over one pair of axes that hold both."""
    values = [y for points in series for _, y in points if math.isfinite(y)]
    low, high = min(0.0, *values), max(0.0, *values)
    # A function that grows without bound would press everything else against the axis.
    low, high = max(low, -3.0), min(high, 4.0)
    pad = 0.06 * (high - low)
    low, high = low - pad, high + pad

    def across(x: float) -> float:
        return MARGIN + (x + REACH) / (2 * REACH) * (WIDTH - 2 * MARGIN)

    def up(y: float) -> float:
        return HEIGHT - MARGIN - (y - low) / (high - low) * (HEIGHT - 2 * MARGIN)

    step = _step(high - low)
    lines = []
    for k in range(math.ceil(low / step), math.floor(high / step) + 1):
        lines.append(_line("grid" if k else "axis", MARGIN, up(k * step), WIDTH - MARGIN, up(k * step)))
        lines.append(_label(MARGIN - 8, up(k * step) + 4, f"{k * step:g}", "end"))
    for x in range(-int(REACH), int(REACH) + 1, 2):
        lines.append(_line("grid" if x else "axis", across(x), MARGIN, across(x), HEIGHT - MARGIN))
        lines.append(_label(across(x), HEIGHT - MARGIN + 17, f"{x:g}", "middle"))
    for name, points in zip(("value", "derivative"), series, strict=False):
        lines.append(f'<path class="curve-{name}" d="{_path(points, across, up, low, high)}"/>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        + "".join(lines)
        + "</svg>"
    )


def _step(height: float) -> float:
    return next(step for step in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0) if height / step <= 6 or step == 5.0)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text.replace("-", "−")}</text>'


def _path(
    points: list[tuple[float, float]],
    across: Callable[[float], float],
    up: Callable[[float], float],
    low: float,
    high: float,
) -> str:
    parts: list[str] = []
    last: tuple[float, float] | None = None
    for x, y in points:
        if not low <= y <= high:
            last = None
            continue
        starts = last is None or abs(y - last[1]) > STEEPEST * (x - last[0])
        parts.append(f"{'M' if starts else 'L'}{across(x):.1f} {up(y):.1f}")
        last = (x, y)
    return "".join(parts)
