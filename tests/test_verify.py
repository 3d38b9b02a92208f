"""Evidence notices what it is there for: each check is shown errors that it must catch, and what is right.

The errors here are the ones that hide: behind a fact, under a derivative, in a shape, at one size, at 0.
"""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from derivations import codegen
from derivations.api import derivations_of
from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    add,
    delta,
    derivative,
    divide,
    negate,
    number,
    power,
    product,
    subtract,
    total,
)
from derivations.catalogue import load, places
from derivations.domains import NONNEGATIVE, POSITIVE
from derivations.functions import apply
from derivations.indices import Axis
from derivations.matrix_form import MatrixForm, recover
from derivations.scope import (
    Claim,
    Definition,
    Definitions,
    Fact,
    Goal,
    Interval,
    Limit,
    Link,
    Links,
    Range,
    Scope,
)
from derivations.steps import Chain, Derivation, Rewrite, Step
from derivations.terms import Relation, SizeOf, Symbol, Term
from derivations.verify import (
    FAIL,
    PASS,
    UNKNOWN,
    Evidence,
    Failure,
    Ground,
    check_chain,
    check_claim,
    check_derivation,
    check_kernel,
    check_matrix,
    check_step,
    quick_check,
)
from derivations.verify.evidence import Comparison, at_points, close, digits, together
from derivations.verify.steps import unfinished
from derivations.verify.symbolic import proved
from derivations.words import Text

FORMULAS = [name for _, name in places()]
N = Axis.named("n", "i j k")
M = Axis.named("m", "p q")
i, j, k = (N.index(letter) for letter in "ijk")
p = M.index("p")
x, y, w = Symbol("x", (N,)), Symbol("y", (N,), NONNEGATIVE), Symbol("w", (N,))
A, B = Symbol("A", (N, M)), Symbol("B", (N, N))
c = Symbol("c")


@cache
def derivations(name: str) -> tuple[Derivation, ...]:
    return derivations_of(load(name))


# ---- what is right passes ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMULAS)
def test_every_derivation_of_the_catalogue_passes(name):
    for derivation in derivations(name):
        for found in (check_derivation(derivation), quick_check(derivation)):
            assert found.verdict == PASS, found.failure
            assert found.points >= 2 or derivation.goal.kind == "stationary"


@pytest.mark.parametrize("name", FORMULAS)
def test_every_claim_of_the_catalogue_is_decided_as_its_author_expects(name):
    for claim in load(name).checks:
        outcome = check_claim(claim)
        assert outcome.agrees(claim.expected), (claim.id, outcome)
        assert (outcome.counterexample is not None) == (outcome.verdict == "refuted")


def test_evidence_is_the_same_in_every_run():
    one, two = (check_derivation(derivations("softmax")[0]).record() for _ in range(2))
    assert one == two and list(one) == ["verdict", "method", "points", "seed", "tolerance"]


# ---- one step ------------------------------------------------------------------------------------------

TARGET = Symbol("L")


def ground(*definitions: Definition, facts: tuple[Fact, ...] = (), inputs=(x, y, w, A, B, c)) -> Ground:
    target = Definition(TARGET, (), total([i], x[i]))
    scope = Scope(inputs, Definitions((*definitions, target)), facts)
    return Ground(Derivation(Goal("gradient", TARGET, (x,)), scope, ()))


def verdict(before: Term, after: Term, here: Ground, rule: str = "expand", about: str = "") -> str:
    step = Step((rule,), before, after, (Rewrite(rule, before, after, about),))
    return check_step(step, here).verdict


SUMS_TO_ONE = Fact(total([i], y[i]), ONE, True)
MEAN = Definition(Symbol("mu"), (), product(power(SizeOf(N.size), MINUS_ONE), total([i], x[i])))
mu = MEAN.symbol


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (total([i], product(x[i], delta(i, j))), x[j]),
        (derivative(power(x[i], TWO), x, [j]), product(TWO, x[i], delta(i, j))),
        (total([i], c.scalar), product(SizeOf(N.size), c.scalar)),
    ],
    ids=["sift", "power", "count"],
)
def test_a_right_step_passes_and_a_planted_error_fails(before, after):
    assert verdict(before, after, ground()) == PASS
    assert verdict(before, add(after, number(Fraction(1, 10**6))), ground()) == FAIL
    assert verdict(before, negate(after), ground()) == FAIL


def test_a_lost_transpose_fails():
    product_of_both = total([i], product(B[i, j], x[i]))
    assert verdict(product_of_both, total([i], product(B[j, i], x[i])), ground()) == FAIL


def test_what_only_holds_for_one_entry_fails():
    assert verdict(total([i], x[i]), product(SizeOf(N.size), x[j]), ground()) == FAIL
    assert verdict(SizeOf(N.size), ONE, ground()) == FAIL


def test_a_fact_used_silently_fails():
    before = product(c.scalar, total([i], y[i]))
    here = ground(facts=(SUMS_TO_ONE,))
    assert verdict(before, c.scalar, here, "expand") == FAIL
    assert verdict(before, c.scalar, here, "fact", "0") == PASS


def test_a_fact_named_and_not_needed_fails():
    here = ground(facts=(SUMS_TO_ONE,))
    found = check_step(
        Step(("fact",), x[i], x[i], (Rewrite("fact", x[i], x[i], "0"),)),
        here,
    )
    assert found.failure is not None and "holds without it" in found.failure.where


def test_an_error_inside_a_term_that_a_fact_makes_vanish_fails():
    """c (sum y - 1) is 0 wherever the fact holds: only points off the facts see the factor."""
    vanishing = subtract(total([i], y[i]), ONE)
    before, after = product(c.scalar, vanishing), product(TWO, c.scalar, vanishing)
    assert verdict(before, after, ground()) == FAIL
    assert verdict(before, after, ground(facts=(SUMS_TO_ONE,))) == FAIL


def test_an_error_inside_a_term_that_a_definition_makes_vanish_fails():
    """sum (x - mu) is 0 by the definition of mu: only names that are other functions show the sign."""
    vanishing = total([i], subtract(x[i], mu.scalar))
    here = ground(MEAN)
    assert verdict(product(c.scalar, vanishing), negate(product(c.scalar, vanishing)), here) == FAIL
    assert verdict(vanishing, ZERO, here, "expand") == FAIL
    assert verdict(vanishing, ZERO, here, "open", "mu") == PASS


def test_a_definition_must_be_right_where_a_derivative_hides_it():
    name = Definition(Symbol("s"), (), add(total([i], power(x[i], TWO)), c.scalar))
    before = derivative(name.symbol.scalar, x, [j])
    wrong = derivative(total([i], power(x[i], TWO)), x, [j])
    assert verdict(before, derivative(name.body, x, [j]), ground(name), "define", "s") == PASS
    assert verdict(before, wrong, ground(name), "define", "s") == FAIL


def test_a_rule_that_nobody_knows_fails():
    assert verdict(x[i], x[i], ground(), "wishful_thinking") == FAIL


def test_two_errors_that_cancel_inside_a_step_fail():
    parts = (
        Rewrite("expand", x[i], negate(x[i])),
        Rewrite("expand", w[i], negate(w[i])),
    )
    step = Step(("expand",), product(x[i], w[i]), product(x[i], w[i]), parts)
    assert check_step(step, ground()).verdict == FAIL


def test_a_division_by_nothing_is_not_a_value():
    here = ground()
    undefined = divide(c.scalar, subtract(x[i], x[i])) if x[i] else ZERO
    assert verdict(undefined, undefined, here) == UNKNOWN
    assert verdict(power(ZERO, MINUS_ONE), ONE, here) == FAIL


def test_the_tolerance_is_relative_and_fifty_digits_decide():
    big = product(number(10**12), x[i])
    assert verdict(big, add(big, number(10**5)), ground()) == FAIL
    assert verdict(subtract(add(big, ONE), big), ONE, ground()) == PASS
    tiny = product(number(Fraction(1, 10**15)), x[i])
    assert verdict(add(ONE, tiny), ONE, ground()) == PASS  # beyond what floats see; steps are exact algebra


# ---- equations -----------------------------------------------------------------------------------------


def stationary() -> Derivation:
    return derivations("least_squares_loss")[2]


def broken(derivation: Derivation, number_: int, after: Term) -> Derivation:
    chain = derivation.answer
    steps = list(chain.steps)
    steps[number_] = replace(steps[number_], after=after)
    return derivation.with_chains((*derivation.chains[:-1], replace(chain, steps=tuple(steps))))


def test_an_equation_may_be_scaled_and_moved_but_not_changed():
    derivation = stationary()
    here = Ground(derivation)
    step = derivation.answer.steps[0]
    assert isinstance(step.after, Relation)
    left, right = step.after.left, step.after.right
    scaled = Relation("==", product(number(3), left), right)
    moved = Relation("==", ZERO, negate(left))
    for other, expected in (
        (scaled, PASS),
        (moved, PASS),
        (Relation("==", add(left, ONE), right), FAIL),
        (Relation("==", ZERO, ZERO), FAIL),
        (Relation("<=", left, right), FAIL),
    ):
        assert check_step(replace(step, after=other), here).verdict == expected, other


def test_a_wrong_solution_fails():
    derivation = stationary()
    solved = next(s for s in derivation.answer.steps if "solve" in s.rules)
    assert isinstance(solved.after, Relation)
    wrong = Relation("==", solved.after.left, product(TWO, solved.after.right))
    assert check_step(solved, Ground(derivation)).verdict == PASS
    assert check_step(replace(solved, after=wrong), Ground(derivation)).verdict == FAIL


# ---- chains and results --------------------------------------------------------------------------------


def test_a_gap_in_a_chain_fails():
    derivation = derivations("softmax")[0]
    chain = derivation.chains[0]
    assert check_chain(chain, Ground(derivation)).verdict == PASS
    gap = replace(chain, steps=(chain.steps[0], *chain.steps[2:]))
    found = check_chain(gap, Ground(derivation))
    assert found.failure is not None and "does not start where" in found.failure.where


def test_a_result_is_finished():
    assert unfinished(derivative(x[i], x, [j])) == "a derivative is left"
    assert unfinished(total([i], product(x[i], delta(i, j)))) == "a sum can still absorb a delta"
    assert unfinished(product(x[i], delta(i, j))) is None


def test_half_a_chain_is_no_answer():
    derivation = derivations("softmax")[0]
    half = replace(derivation.answer, steps=derivation.answer.steps[:2])
    found = check_chain(half, Ground(derivation))
    assert found.failure is not None and "a derivative is left" in found.failure.where


def test_an_index_from_nowhere_fails():
    derivation = derivations("softmax")[0]
    stray = Chain("stray", "answer", x[i], (), (j,))
    found = check_chain(stray, Ground(derivation))
    assert found.failure is not None and "the indices i" in found.failure.where


@pytest.mark.parametrize("name", FORMULAS)
def test_a_wrong_result_fails_the_long_and_the_quick_check(name):
    """The last term made wrong without its steps: the independent derivative must notice."""
    for derivation in derivations(name):
        result = derivation.result
        wrong = (
            Relation("==", result.left, product(TWO, result.right))
            if isinstance(result, Relation)
            else add(product(TWO, result), ONE)
        )
        chain = derivation.answer
        last = replace(chain.steps[-1], after=wrong, before=wrong, matrix=None)
        bad = derivation.with_chains(
            (*derivation.chains[:-1], replace(chain, steps=(*chain.steps[:-1], last)))
        )
        if derivation.goal.kind == "stationary":
            unknown = derivation.introduced[-1]
            names = [
                replace(d, body=product(TWO, d.body)) if d.symbol.name == unknown else d
                for d in derivation.scope.definitions
            ]
            bad = replace(bad, scope=replace(bad.scope, definitions=Definitions(names)))
        assert check_derivation(bad).verdict == FAIL
        assert quick_check(bad).verdict == FAIL


def test_the_answer_to_another_question_fails():
    derivation = derivations("softmax")[0]
    asked = replace(derivation, goal=replace(derivation.goal, target=Symbol("q")))
    found = check_derivation(asked)
    assert found.verdict == FAIL and found.failure is not None
    assert "is not the jacobian of q" in str(found.failure)


def test_sympy_proves_at_small_sizes_and_only_what_is_true():
    scope = load("softmax").scope
    z, probabilities = scope.inputs[0], scope.definitions["p"].symbol
    a, b = (z.axes[0].index(letter) for letter in "ab")
    left = derivative(probabilities[a], z, [b])
    right = product(probabilities[a], subtract(delta(a, b), probabilities[b]))
    size = z.axes[0].size.names[0]
    assert proved(left, right, scope, {size: 2})
    assert not proved(left, negate(right), scope, {size: 2})


# ---- matrix notation -----------------------------------------------------------------------------------


def form(term: Term, indices) -> MatrixForm:
    found = recover(term, indices)
    assert isinstance(found, MatrixForm)
    return found


def test_a_transposed_matrix_fails_and_the_right_one_passes():
    here = ground()
    right, turned = total([j], product(B[i, j], x[j])), total([j], product(B[j, i], x[j]))
    assert check_matrix(form(right, (i,)), right, here.usual).verdict == PASS
    assert check_matrix(form(turned, (i,)), right, here.usual).verdict == FAIL


def test_a_wrong_shape_fails_though_every_value_is_right():
    here = ground()
    constant = form(product(c.scalar, ONE), ())
    wide = replace(constant, indices=(i,))
    found = check_matrix(wide, c.scalar, here.usual)
    assert found.verdict == FAIL and found.failure is not None and "shape" in found.failure.where


def test_a_matrix_step_may_change_the_notation_only():
    right = total([j], product(B[i, j], x[j]))
    step = Step(("matrix",), right, right, matrix=form(right, (i,)))
    assert check_step(step, ground()).verdict == PASS
    assert check_step(replace(step, before=product(TWO, right)), ground()).verdict == FAIL


# ---- claims --------------------------------------------------------------------------------------------

z = Symbol("z")
sigma = Symbol("sigma")
SIGMOID = Definition(sigma, (), divide(ONE, add(ONE, apply("exp", negate(z.scalar)))))
SCALARS = Scope((z,), Definitions([SIGMOID]))
slope = derivative(sigma.scalar, z, ())
VECTORS = Scope((x, w), Definitions())
QUARTER = number(Fraction(1, 4))


def decided(statement, scope: Scope = SCALARS, given=()):
    return check_claim(Claim("claim", statement, scope, tuple(given)))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Relation("==", slope, product(sigma.scalar, subtract(ONE, sigma.scalar))), "proved"),
        (Relation("<", slope, HALF), "checked"),
        (Relation("<=", slope, QUARTER), "checked"),
        (Relation("<", slope, QUARTER), "refuted"),
        (Relation("<", sigma.scalar, ONE), "checked"),
        (Relation("!=", sigma.scalar, ZERO), "checked"),
        (Range(sigma.scalar, Interval(ZERO, ONE)), "checked"),
        (Range(sigma.scalar, Interval(ZERO, ONE, lower_closed=True)), UNKNOWN),
        (Range(sigma.scalar, Interval(ZERO, TWO)), UNKNOWN),
        (Range(sigma.scalar, Interval(ZERO, HALF)), "refuted"),
        (Range(slope, Interval(ZERO, QUARTER, upper_closed=True)), "checked"),
        (Range(slope, Interval(ZERO, QUARTER)), "refuted"),
        (Range(apply("exp", z.scalar), Interval(ZERO, None)), "checked"),
        (Range(sigma.scalar, Interval(ZERO, None)), UNKNOWN),
        (Limit(sigma.scalar, z.scalar, "+oo", ONE), "checked"),
        (Limit(sigma.scalar, z.scalar, "-oo", ONE), "refuted"),
        (Limit(product(z.scalar, sigma.scalar), z.scalar, "+oo", "+oo"), "checked"),
        (Limit(product(z.scalar, sigma.scalar), z.scalar, "-oo", ZERO), "checked"),
        (Limit(divide(apply("expm1", z.scalar), z.scalar), z.scalar, ZERO, ONE), "checked"),
        (Limit(apply("sin", z.scalar), z.scalar, "+oo", ZERO), UNKNOWN),
    ],
)
def test_a_claim_is_decided(statement, expected):
    assert decided(statement).verdict == expected


def test_a_bound_says_whether_it_is_reached():
    """A weaker bound passes the same points; that one is never touched."""
    assert decided(Relation("<=", slope, QUARTER)).evidence.method == "points+equality"
    assert decided(Relation("<=", slope, HALF)).evidence.method == "points"


def test_the_simplest_counterexample_is_found():
    outcome = decided(Relation("<", slope, QUARTER))
    found = outcome.counterexample
    assert found is not None
    assert (found.at, found.latex, found.found, found.claimed) == ("z = 0", "z = 0", "0.25", "< 0.25")


def test_a_counterexample_names_its_entries_and_sizes():
    outcome = decided(Relation("==", total([i], x[i]), total([i], product(x[i], x[i]))), VECTORS)
    assert outcome.counterexample is not None and outcome.counterexample.at == "x = (-1)"
    counted = decided(Relation("==", total([i], ONE), ONE), VECTORS)
    assert counted.counterexample is not None and counted.counterexample.at == "n = 2"
    assert counted.counterexample.found == "2"


def test_a_condition_chooses_the_points():
    above = Relation(">", sigma.scalar, HALF)
    assert decided(above).verdict == "refuted"
    assert decided(above, given=[Relation(">", z.scalar, ZERO)]).verdict == "checked"
    assert decided(above, given=[Relation("==", z.scalar, ZERO)]).verdict == "refuted"


def test_an_equation_between_inputs_is_made_true():
    centred = Relation("==", total([i], x[i]), ZERO)
    spread = Relation("==", total([i], product(x[i], subtract(x[i], ONE))), total([i], power(x[i], TWO)))
    assert decided(spread, VECTORS).verdict == "refuted"
    assert decided(spread, VECTORS, [centred]).verdict in ("checked", "proved")


def test_every_link_of_a_chain_is_checked():
    def reason() -> Text:
        return Text(en="why", zh="理由")

    square = power(z.scalar, TWO)
    links = (Link("<=", add(ONE, square), reason()), Link("<=", apply("exp", square), reason()))
    assert decided(Links(ONE, links)).verdict == "checked"
    turned = (links[0], Link("<=", subtract(ONE, square), reason()))
    assert decided(Links(ONE, turned)).verdict == "refuted"


def test_equal_and_close_are_told_apart_far_out():
    """tanh(100) rounds to 1 with 50 digits; the claim that it stays below 1 is right all the same."""
    assert decided(Relation("<", apply("tanh", product(number(20), z.scalar)), ONE)).verdict == "checked"


def test_a_claim_about_nothing_is_unknown():
    nowhere = decided(Relation(">", sigma.scalar, HALF), given=[Relation("<", apply("abs", z.scalar), ZERO)])
    assert nowhere.verdict == UNKNOWN and not nowhere.agrees("checked")


# ---- kernels -------------------------------------------------------------------------------------------


def kernel(name: str, which: int = 0):
    formula = load(name)
    module = codegen.kernels(formula, derivations(name))
    entry = module.entries[which]
    return formula, entry, codegen.loaded(module)[entry.name]


def examined(function, name: str = "softmax", which: int = 0) -> Evidence:
    formula, entry, _ = kernel(name, which)
    return check_kernel(function, entry, formula, derivations(name))


def naive(z):
    e = np.exp(z)
    return e / np.sum(e, axis=-1, keepdims=True)


def shifted(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def careful(z):
    """Right in every respect, and by hand."""
    z = np.asarray(z)
    kind = z.dtype if z.dtype.kind == "f" else np.dtype(np.float64)
    with np.errstate(all="ignore"):
        return shifted(np.minimum(z.astype(np.promote_types(kind, np.float32)), 1e300)).astype(kind)


def test_the_generated_kernel_passes_and_so_does_a_good_one_by_hand():
    for which in range(3):
        formula, entry, function = kernel("softmax", which)
        found = check_kernel(function, entry, formula, derivations("softmax"))
        assert found.verdict == PASS, found.failure


WRONG = {
    "overflow": (naive, "RuntimeWarning"),
    "a wrong axis": (lambda z: careful(z.T).T if np.ndim(z) > 1 else careful(z), "batch"),
    "a wrong value": (lambda z: careful(z) * (1 + 1e-9), "value"),
    "a wrong type": (lambda z: careful(z).astype(np.float64), "type"),
    "a wrong shape": (lambda z: careful(z)[..., None], "shape"),
    "an argument overwritten": (lambda z: _overwritten(z), "ValueError"),
    "NaN lost": (lambda z: np.nan_to_num(careful(z)), "NaN"),
}


def _overwritten(z):
    z -= np.max(z, axis=-1, keepdims=True)
    return careful(z)


@pytest.mark.parametrize("error", WRONG)
def test_a_wrong_kernel_fails(error):
    function, named = WRONG[error]
    found = examined(function)
    assert found.verdict == FAIL and found.failure is not None
    assert named in str(found.failure)


def test_a_kernel_that_loses_digits_for_one_number_fails():
    def cancelling(x):
        x = np.asarray(x)
        kind = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
        s = 1 / (1 + np.exp(-np.clip(x.astype(np.promote_types(kind, np.float32)), -80, 80)))
        return (s * (1 - s)).astype(kind)

    entries = codegen.kernels(load("sigmoid"), derivations("sigmoid")).entries
    which = next(n for n, e in enumerate(entries) if e.question == "derivative" and not e.from_output)
    found = examined(cancelling, "sigmoid", which)
    assert found.verdict == FAIL and found.failure is not None and "value" in found.failure.where


# ---- verdicts ------------------------------------------------------------------------------------------


def test_a_check_that_compared_nothing_is_unknown():
    assert Comparison(0).verdict == UNKNOWN
    assert together([Comparison(3), Comparison(0)]).verdict == UNKNOWN
    assert at_points([Comparison(3), Comparison(0)]).points == 3
    assert together([]).verdict == at_points([]).verdict == UNKNOWN
    wrong = Failure("here", "x = 1", "1", "2")
    assert together([Comparison(3), Comparison(2, wrong)]).failure is wrong
    assert str(wrong) == "here, at x = 1, expected 1, found 2"


def test_nan_agrees_with_nan_alone():
    nan = float("nan")
    assert close([nan], [nan], 1e-9)
    assert not close([nan], [1.0], 1e-9) and not close([1.0], [nan], 1e-9)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (Fraction(1, 3), "0.333333"), (-0.25, "-0.25"), (1e-40, "0"), (123456789, "1.23457e+8")],
)
def test_printed_numbers_have_six_digits(value, text):
    from derivations.numerics import PRECISE

    assert digits(PRECISE.number(Fraction(value))) == text
    assert POSITIVE.positive
