"""Steps between equations: both must have the same solutions, which is not the same as equal sides.

Moving and scaling terms leaves left minus right proportional, whatever is put in for the unknown; solving is
right if what the last line says the unknown is makes the line before it true, and something else does not.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from derivations.evaluate import Point, names_in
from derivations.numerics import PRECISE, Array, finite
from derivations.steps import Step
from derivations.terms import Component, Relation, Symbol, Term
from derivations.verify.evidence import PRECISE_TOLERANCE, Comparison, Failure, Sample, close, digits


def compare_equations(
    step: Step, samples: Iterable[Sample], where: str, unknown: Symbol | None, variable: Symbol | None
) -> Comparison:
    """Whether both equations have the same solutions.

    `unknown` is what they are solved for; where one of them is still written in the variable of the question,
    both get the same values.
    """
    before, after = step.before, step.after
    if not (isinstance(before, Relation) and isinstance(after, Relation)):
        return Comparison(0, Failure(f"{where}: an equation cannot become a term"))
    if before.operator != after.operator:
        return Comparison(0, Failure(f"{where}: the relation changes"))
    solved = unknown is not None and is_solved_for(after, unknown)
    points = 0
    for sample in samples:
        at_zero = _at_solution(before, after, sample.point, unknown) if solved and unknown else None
        verdict = (
            at_zero if at_zero is not None else _proportional(before, after, sample.point, unknown, variable)
        )
        if verdict is None:
            continue
        if isinstance(verdict, tuple):
            return Comparison(points, Failure(where, str(sample), *verdict))
        points += 1
    return Comparison(points)


def is_solved_for(relation: Term, unknown: Symbol) -> bool:
    """`unknown = something without it`."""
    return (
        isinstance(relation, Relation)
        and isinstance(relation.left, Component)
        and relation.left.symbol.name == unknown.name
        and unknown.name not in names_in(relation.right)
    )


def residual(relation: Relation, point: Point) -> list[Any]:
    indices = tuple(sorted(relation.free, key=lambda i: (i.letter, i.axis.name, i.serial)))
    left, right = point.table(relation.left, indices), point.table(relation.right, indices)
    return [a - b for a, b in zip(left.flat, right.flat, strict=True)]


def with_values(point: Point, values: dict[str, Array]) -> Point:
    """The point with 50 digits and other inputs."""
    return Point(point.definitions, point.sizes, {**point.inputs, **values}, PRECISE, point.offsets)


def _trials(point: Point, unknown: Symbol | None, variable: Symbol | None) -> list[Point]:
    """The same point with three values of the unknown: one alone makes any two numbers proportional."""
    start = point.inputs.get(variable.name) if variable else None
    if unknown is not None and unknown.name in point.inputs:
        start = point.inputs[unknown.name]
    if start is None:
        return [with_values(point, {})]
    trials = []
    for a, b, c in ((0, 1, 0), (0, 2, 1), (1, 0, Fraction(-3, 7))):
        array = Array(start.shape, [a * v * v + b * v + c for v in start.flat])
        names = [s.name for s in (unknown, variable) if s is not None]
        trials.append(with_values(point, dict.fromkeys(names, array)))
    return trials


def _proportional(
    before: Relation, after: Relation, point: Point, unknown: Symbol | None, variable: Symbol | None
) -> tuple[str, str] | bool | None:
    first: list[Any] = []
    second: list[Any] = []
    for trial in _trials(point, unknown, variable):
        first += residual(before, trial)
        second += residual(after, trial)
    if len(first) != len(second):
        return "as many equations as before", f"{len(second)} instead of {len(first)}"
    if not all(finite(v) for v in (*first, *second)):
        return None
    largest = max(range(len(second)), key=lambda n: abs(second[n]), default=None)
    if largest is None or second[largest] == 0:
        return "an equation that can be false", "one that is true for all values"
    ratio = first[largest] / second[largest]
    if ratio == 0 or not close(first, [ratio * v for v in second], PRECISE_TOLERANCE):
        worst = max(range(len(first)), key=lambda n: abs(first[n] - ratio * second[n]))
        return digits(first[worst]), digits(ratio * second[worst])
    return True


def _at_solution(
    before: Relation, after: Relation, point: Point, unknown: Symbol
) -> tuple[str, str] | bool | None:
    """The line before, with what the line after says the unknown is."""
    assert isinstance(after.left, Component)
    exact = with_values(point, {})
    indices = tuple(slot.index for slot in after.left.indices)
    if any(i is None for i in indices):
        return None
    solution = exact.table(after.right, tuple(i for i in indices if i is not None))
    if not all(finite(v) for v in solution.flat):
        return None
    there = residual(before, with_values(point, {unknown.name: solution}))
    if not close(there, [0] * len(there), PRECISE_TOLERANCE):
        worst = max(there, key=abs)
        return "0", digits(worst)
    elsewhere = Array(solution.shape, [v + n + 1 for n, v in enumerate(solution.flat)])
    other = residual(before, with_values(point, {unknown.name: elsewhere}))
    if close(other, [0] * len(other), PRECISE_TOLERANCE):
        return "one solution", "more than one"
    return True
