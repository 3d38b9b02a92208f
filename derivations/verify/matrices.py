"""Matrix notation against the index form: the same values in exactly the same shape, at all choices of sizes.

Values alone would not do: broadcasting makes (n, 1) and (n,) agree, and a square matrix hides a transpose.
"""

from collections.abc import Iterable
from fractions import Fraction

from derivations.evaluate import Point
from derivations.matrix_form import MatrixForm
from derivations.numerics import Array, finite
from derivations.terms import Relation, Symbol, Term
from derivations.verify.equations import with_values
from derivations.verify.evidence import (
    FLOAT_TOLERANCE,
    PRECISE_TOLERANCE,
    Comparison,
    Failure,
    Sample,
    close,
    digits,
)


def check_matrix(
    form: MatrixForm, term: Term, samples: Iterable[Sample], unknown: Symbol | None = None
) -> Comparison:
    """The form against the term that it writes; the axes of both stand in the order of `form.indices`."""
    where = f"the matrix form {form.numpy}"
    points = 0
    for sample in samples:
        counted, failure = _at(form, term, sample, where, unknown)
        if failure is not None:
            return Comparison(points, failure)
        points += counted
    return Comparison(points)


def _at(
    form: MatrixForm, term: Term, sample: Sample, where: str, unknown: Symbol | None
) -> tuple[int, Failure | None]:
    if isinstance(term, Relation):
        return _equation_at(form, term, _with_unknown(sample.point, unknown), where)
    for point, tolerance in ((sample.point, FLOAT_TOLERANCE), (sample.precise, PRECISE_TOLERANCE)):
        expected, found = point.table(term, form.indices), form.evaluate(point)
        if found.shape != expected.shape:
            return 0, Failure(f"{where}: shape", str(sample), str(expected.shape), str(found.shape))
        if close(expected.flat, found.flat, tolerance):
            return int(any(finite(v) for v in expected.flat)), None
    return 0, _difference(expected, found, where, str(sample))


def _equation_at(
    form: MatrixForm, relation: Relation, point: Point, where: str
) -> tuple[int, Failure | None]:
    """Left minus right, where the unknown is anything: at the solution every equation would look right."""
    left, right = point.table(relation.left, form.indices), point.table(relation.right, form.indices)
    expected = Array(left.shape, [a - b for a, b in zip(left.flat, right.flat, strict=True)])
    found = form.evaluate(point)
    if found.shape != expected.shape:
        return 0, Failure(f"{where}: shape", "", str(expected.shape), str(found.shape))
    if close(expected.flat, found.flat, PRECISE_TOLERANCE):
        return int(any(finite(v) for v in expected.flat)), None
    return 0, _difference(expected, found, where, "a random unknown")


def _with_unknown(point: Point, unknown: Symbol | None) -> Point:
    if unknown is None:
        return with_values(point, {})
    shape = tuple(axis.size.evaluate(point.sizes) for axis in unknown.axes)
    length = 1
    for n in shape:
        length *= n
    values = Array(shape, [Fraction((3 * n * n + 2) % 11 - 4, 3) for n in range(length)])
    return with_values(point, {unknown.name: values})


def _difference(expected: Array, found: Array, where: str, at: str) -> Failure:
    pairs = zip(expected.flat, found.flat, strict=True)
    a, b = next((a, b) for a, b in pairs if not close([a], [b], PRECISE_TOLERANCE))
    return Failure(where, at, digits(a), digits(b))
