"""Planted errors are caught: in every displayed step, and in every rule of the engine.

Four kinds (a sign turned, something dropped, an index exchanged, a number changed) at every place of every
step of every formula.  What a check lets through must be proved equal to the right term, densely: all entries
at all sizes, on and off the facts, and where names are other functions than their definitions say.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from derivations.api import derivations_of
from derivations.arithmetic import add, negate, number, power, product, total
from derivations.catalogue import load, places
from derivations.goals import reach
from derivations.indices import Axis
from derivations.printers.text import term_text
from derivations.rules import RULES, Rule, Stuck, specimens
from derivations.sampling import random_point
from derivations.scope import Goal
from derivations.steps import Derivation, Rewrite, Step
from derivations.terms import Relation, Symbol, Term
from derivations.verify.equations import compare_equations
from derivations.verify.evidence import Sample, compare
from derivations.verify.mutation import KINDS, mutants
from derivations.verify.results import answers_something_else, check_result
from derivations.verify.steps import Ground, check_chains, check_step

FORMULAS = [name for _, name in places()]
DENSE = 8  # points of every choice of sizes and every seed


@cache
def derivations(name: str) -> tuple[Derivation, ...]:
    return derivations_of(load(name))


@cache
def ground(derivation_of: str, number: int) -> Ground:
    return Ground(derivations(derivation_of)[number])


def equal(right: Term, mutant: Term, here: Ground) -> bool:
    """Whether the mutant is no error: the same value wherever the two can be compared."""
    if isinstance(right, Relation):
        step = Step((), right, mutant)
        variable = here.derivation.goal.variables[0]
        return compare_equations(step, here.points(DENSE), "", here.unknown, variable).failure is None
    samples = (*here.points(DENSE), *here.shifted(), *here.off_facts)
    return compare(right, mutant, samples, "").verdict == "PASS"


# ---- every displayed step ------------------------------------------------------------------------------


def displayed(name: str) -> Iterator[tuple[Ground, str, Step]]:
    for number_, derivation in enumerate(derivations(name)):
        for chain in derivation.chains:
            for step in chain.steps:
                if step.matrix is None:
                    yield ground(name, number_), chain.id, step


@pytest.mark.parametrize("name", FORMULAS)
def test_no_planted_error_in_a_step_survives(name, record_property):
    survivors, left_out, tried = [], [], 0
    seen: set[tuple[str, Step]] = set()
    for here, chain, step in displayed(name):
        if (chain, step) in seen:
            continue
        seen.add((chain, step))
        for mutant in mutants(step.after):
            tried += 1
            if check_step(replace(step, after=mutant.term), here).failure is not None:
                continue
            line = f"{chain}, {mutant.kind}: {term_text(step.after)}  ->  {term_text(mutant.term)}"
            (left_out if equal(step.after, mutant.term, here) else survivors).append(line)
    record_property("mutants", tried)
    record_property("equal terms left out", "\n".join(left_out))
    assert not survivors, "\n".join(survivors)
    assert tried > 0


# ---- every rule ----------------------------------------------------------------------------------------


class Planted:
    """A mutation for the engine: this rule errs once, in this way, where the error is one."""

    def __init__(self, rule: str, kind: str, here: Ground) -> None:
        self.rule, self.kind, self.here = rule, kind, here
        self.planted: Rewrite | None = None

    def __call__(self, rule: Rule, before: Term, after: Term) -> Term:
        if rule.id != self.rule or self.planted is not None:
            return after
        for mutant in mutants(after, self.here.derivation.answer.indices):
            if mutant.kind == self.kind and not equal(after, mutant.term, self.here):
                self.planted = Rewrite(rule.id, after, mutant.term)
                return mutant.term
        return after


@cache
def uses() -> dict[str, list[tuple[str, int]]]:
    """Where each rule is applied, formulas with short derivations first."""
    found: dict[str, dict[tuple[str, int], None]] = {}
    for name in sorted(FORMULAS, key=lambda n: sum(len(d.steps) for d in derivations(n))):
        for number_, derivation in enumerate(derivations(name)):
            for step in derivation.steps:
                for part in step.parts:
                    found.setdefault(part.rule, {})[name, number_] = None
    return {rule: list(places) for rule, places in found.items()}


def noticed(found: tuple[Derivation, ...]) -> bool:
    for derivation in found:
        if answers_something_else(derivation):
            return True
        here = Ground(derivation)
        if check_chains(derivation, here).failure or check_result(derivation, here).failure:
            return True
    return False


def caught(rule: str, kind: str) -> bool | None:
    """Whether the error is noticed, in the first formula where one of this kind fits what the rule writes."""
    for name, number_ in uses()[rule]:
        planted = Planted(rule, kind, ground(name, number_))
        goal = derivations(name)[number_].goal
        try:
            found = reach(load(name).scope, (goal,), planted)
        except (Stuck, ValueError, LookupError):
            assert planted.planted is not None
            return True  # what the engine itself refuses never reaches a reader
        if planted.planted is not None:
            right, wrong = (term_text(t) for t in (planted.planted.before, planted.planted.after))
            assert noticed(found), f"{rule} wrote {wrong} for {right} in {name}"
            return True
    return None


@pytest.mark.parametrize("rule", sorted(uses()))
def test_a_rule_that_errs_is_caught(rule, record_property):
    fitting = {kind for kind in KINDS if caught(rule, kind)}
    record_property("kinds that fit nowhere", ", ".join(sorted(set(KINDS) - fitting)))
    assert fitting


# ---- rules that no formula of the catalogue uses ------------------------------------------------------

# Going back to matrix notation changes no term; test_matrix_form plants lost transposes and lost shapes.
NOTATION_ONLY = {"matrix"}
UNMET = sorted(set(RULES) - set(uses()) - NOTATION_ONLY)


def specimen_samples(lengths: tuple[int, ...], seeds: range) -> tuple[Sample, ...]:
    points = (random_point(specimens.scope, {"n": n}, seed) for n in lengths for seed in seeds)
    return tuple(Sample(point) for point in points)


@pytest.mark.parametrize("rule", [RULES[id] for id in UNMET], ids=lambda rule: rule.id)
def test_a_rule_that_no_formula_uses_is_planted_with_errors_in_its_example(rule, record_property):
    assert rule.example is not None
    before, after = rule.example()
    usual, dense = specimen_samples((2, 3), range(1, 3)), specimen_samples((2, 3, 4), range(3, 3 + DENSE))
    assert compare(before, after, usual, rule.id).verdict == "PASS"
    others = tuple(sorted(before.free, key=lambda i: (i.letter, i.serial)))
    tried, left_out, survivors = 0, [], []
    for mutant in mutants(after, others):
        tried += 1
        if compare(before, mutant.term, usual, rule.id).failure is not None:
            continue
        line = f"{mutant.kind}: {term_text(after)}  ->  {term_text(mutant.term)}"
        same = compare(after, mutant.term, dense, rule.id).verdict == "PASS"
        (left_out if same else survivors).append(line)
    record_property("equal to the right term", "; ".join(left_out))
    assert tried > len(left_out), f"{rule.id}: no error could be planted in its example"
    assert not survivors, "\n".join(survivors)


# ---- the planting itself -------------------------------------------------------------------------------

N = Axis.named("n", "i j k")
i, j = N.index("i"), N.index("j")
x, B = Symbol("x", (N,)), Symbol("B", (N, N))


def kinds(term: Term) -> set[str]:
    return {mutant.kind for mutant in mutants(term)}


def test_every_kind_is_planted():
    assert kinds(add(product(number(2), x[i]), negate(x[j]))) == set(KINDS)
    assert "swap" in kinds(B[i, j])
    assert "factor" in kinds(power(x[i], number(2)))


def test_planting_happens_inside_sums():
    term = total([i], product(B[i, j], x[i]))
    changed = {mutant.term for mutant in mutants(term)}
    assert total([i], product(B[i, j], x[j])) in changed
    assert total([i], product(B[j, i], x[i])) in changed
    assert total([i], x[i]) in changed


def test_an_index_of_the_result_may_slip_in_where_it_is_named():
    assert B[j, j] not in {mutant.term for mutant in mutants(x[i])}
    assert x[j] in {mutant.term for mutant in mutants(x[i], (j,))}


def test_a_mutant_brings_no_index_of_its_own_and_is_never_the_term():
    term = add(product(B[i, j], x[i]), x[j])
    assert all(mutant.term.free <= term.free and mutant.term != term for mutant in mutants(term))


def test_a_goal_with_another_variable_is_no_answer():
    right = derivations("softmax")[0]
    wrong = replace(right, goal=Goal("jacobian", right.goal.target, (Symbol("w"),)))
    assert answers_something_else(wrong) and not answers_something_else(right)
