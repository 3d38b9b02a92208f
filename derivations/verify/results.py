"""A whole derivation: its steps, and its result against an independent derivative of the definition.

The result is compared with central differences at 50 digits taken through the definitions, which share
nothing with the rules, and where it is small also proved at fixed sizes by SymPy.
"""

import math
from fractions import Fraction

from derivations.arithmetic import derivative, product, total
from derivations.indices import Affine, Index
from derivations.numerics import PRECISE, Array, finite
from derivations.sampling import allowed, defined_point, size_choices
from derivations.steps import Derivation
from derivations.terms import Component, Derivative, Symbol, Term
from derivations.verify.equations import with_values
from derivations.verify.evidence import (
    FLOAT_TOLERANCE,
    PASS,
    PRECISE_TOLERANCE,
    Comparison,
    Evidence,
    Failure,
    Sample,
    at_points,
    close,
    digits,
    evidence,
)
from derivations.verify.steps import (
    SEEDS,
    Ground,
    check_chains,
    conditions_hold,
    cotangent_of,
    variable_of,
)
from derivations.verify.symbolic import proved


def check_derivation(derivation: Derivation, seeds: tuple[int, ...] = SEEDS) -> Evidence:
    """All steps and the result; the method says whether SymPy proved the result at small sizes too."""
    ground = Ground(derivation, seeds)
    wrong = answers_something_else(derivation)
    result = Comparison(0, wrong) if wrong else check_result(derivation, ground)
    if result.verdict != PASS:
        return evidence(result, "differences", seeds[0])
    method = "points+differences"
    if proved_when_small(derivation, ground):
        method += "+symbolic"
    return evidence(check_chains(derivation, ground), method, seeds[0])


def quick_check(derivation: Derivation, seeds: tuple[int, ...] = SEEDS) -> Evidence:
    """The result in one random direction at a point of each seed: what every call can afford."""
    sizes = size_choices(derivation.scope)[0]
    names = (derivation.goal.target.name,)
    found = (defined_point(derivation.scope, sizes, seed, names) for seed in seeds)
    samples = [Sample(point) for point in found if point is not None and conditions_hold(derivation, point)]
    if derivation.goal.kind == "stationary":
        unknown = Ground(derivation, seeds, small=True).unknown
        checked = at_points(_is_stationary(derivation, unknown, sample) for sample in samples)
        return evidence(checked, "differences", seeds[0])
    compared = at_points(_in_one_direction(derivation, s) for s in samples)
    if compared.failure is not None and any(name.isdigit() for name in sizes):
        # a number of the formula may be a length that was shortened: that says nothing about the result
        compared = Comparison(0)
    return evidence(compared, "direction", seeds[0])


def _moving(derivation: Derivation) -> tuple[Term, Symbol, tuple[Index, ...]]:
    """What is differentiated once more, by what, and the indices of the result that belong to it."""
    answer, goal = derivation.answer, derivation.goal
    if isinstance(answer.left, Derivative):
        by = tuple(slot.index for slot in answer.left.indices)
        return answer.left.body, answer.left.symbol, tuple(i for i in by if i is not None)
    cotangent = cotangent_of(derivation)
    assert cotangent is not None
    indices = tuple(axis.index(axis.name).fresh() for axis in goal.target.axes)
    slots = tuple(map(Affine.of, indices))
    paired = product(Component(cotangent, slots), Component(goal.target, slots))
    return total(indices, paired), goal.variables[0], answer.indices


def _in_one_direction(derivation: Derivation, sample: Sample) -> Comparison:
    result = derivation.result
    body, symbol, columns = _moving(derivation)
    rows = tuple(i for i in derivation.answer.indices if i not in columns)
    expected, found = [], []
    for point, tolerance in ((sample.point, FLOAT_TOLERANCE), (sample.precise, PRECISE_TOLERANCE)):
        shape = point.array(symbol.name).shape
        direction = Array(shape, [Fraction(2 * n * n % 7 + 1, 5) for n in range(math.prod(shape))])
        weights = [point.arithmetic.number(v) for v in direction.flat]
        whole, width = point.table(result, rows + columns).flat, len(weights)
        found = [
            sum(a * w for a, w in zip(whole[n : n + width], weights, strict=True))
            for n in range(0, len(whole), width)
        ]
        expected = point.along(body, rows, symbol, direction).flat
        if close(expected, found, tolerance):
            return Comparison(int(any(finite(v) for v in expected)))
    worst = max(range(len(found)), key=lambda n: abs(found[n] - expected[n]))
    return Comparison(0, Failure("the result", str(sample), digits(expected[worst]), digits(found[worst])))


# ---- the result --------------------------------------------------------------------------------------------


def answers_something_else(derivation: Derivation) -> Failure | None:
    """The answer must be that to the question: the target by the variable, and nothing else."""
    goal, answer = derivation.goal, derivation.answer
    if derivation.kind != "derived" or goal.kind == "stationary":
        return None
    if goal.kind == "vjp":
        by = variable_of(answer)
        right = by is None or by == goal.variables[0]
    else:
        asked = [v.name for v in goal.variables]
        taken: list[str] = []
        left: Term = answer.left
        while isinstance(left, Derivative):
            taken.insert(0, left.symbol.name)
            left = left.body
        if goal.kind == "hessian" and len(asked) == 1:
            asked *= 2
        right = isinstance(left, Component) and left.symbol == goal.target and taken == asked
    return None if right else Failure(f"the answer is not the {goal.kind} of {goal.target.name}")


def check_result(derivation: Derivation, ground: Ground) -> Comparison:
    """The last term against central differences at 50 digits, at a point of each seed and of other sizes."""
    seeds = len(ground.seeds)
    samples = ground.usual[: seeds + 1]
    if derivation.goal.kind == "hessian":
        samples = ground.usual[: seeds + 1 : seeds]
    if derivation.goal.kind == "stationary":
        return at_points(_is_stationary(derivation, ground.unknown, sample) for sample in samples)
    return at_points(
        compare_left(derivation.answer.left, derivation.result, sample, "the result") for sample in samples
    )


def compare_left(left: Term, result: Term, sample: Sample, where: str) -> Comparison:
    """What the chain starts from, by differences, against what it ends with.

    Of a second derivative only the outer one is a difference: both would take sixteen values for each pair.
    """
    plain = sample.point.using(PRECISE)
    plain.complex_step = isinstance(left, Derivative) and isinstance(left.body, Derivative)
    indices = tuple(sorted(left.free | result.free, key=lambda i: (i.letter, i.axis.name, i.serial)))
    expected, found = plain.table(left, indices).flat, sample.precise.table(result, indices).flat
    if close(expected, found, PRECISE_TOLERANCE):
        return Comparison(int(any(finite(v) for v in expected)))
    pairs = zip(expected, found, strict=True)
    a, b = next((a, b) for a, b in pairs if not close([a], [b], PRECISE_TOLERANCE))
    return Comparison(0, Failure(where, str(sample), digits(a), digits(b)))


def _is_stationary(derivation: Derivation, unknown: Symbol | None, sample: Sample) -> Comparison:
    """The solution makes the gradient vanish; where the Hessian is singular there is no solution to check."""
    goal = derivation.goal
    if unknown is None:
        return Comparison(0, Failure("the solution has no name"))
    point = with_values(sample.point, {})
    solution = point.array(unknown.name)
    if not all(finite(v) for v in solution.flat):
        return Comparison(0)
    variable = goal.variables[0]
    there = with_values(sample.point, {variable.name: solution})
    by = tuple(Index(f"{axis.name}{n}", axis) for n, axis in enumerate(variable.axes))
    gradient = there.table(derivative(goal.target.scalar, variable, by), by).flat
    if close(gradient, [0] * len(gradient), PRECISE_TOLERANCE):
        return Comparison(1)
    return Comparison(
        0, Failure("the gradient at the solution", str(sample), "0", digits(max(gradient, key=abs)))
    )


def proved_when_small(derivation: Derivation, ground: Ground) -> bool:
    """Whether SymPy proves the result with every size 2, or the smallest that may be."""
    if derivation.goal.kind == "stationary" or any(f.assumed for f in derivation.scope.facts):
        return False
    sizes = dict.fromkeys(derivation.scope.sizes, 2)
    if not allowed(ground.scope, sizes):
        sizes = ground.choices[0]
    return proved(derivation.answer.left, derivation.result, ground.scope, sizes)
