"""The passes end in the normal form or say what is stuck; a displayed step is one wave or one pivot."""

import pytest

from derivations import catalogue
from derivations.api import derivations_of
from derivations.arithmetic import delta, derivative, product, total
from derivations.passes import check_normal
from derivations.rules import RULES, Stuck
from derivations.rules import specimens as s
from derivations.rules.derivative import LEMMA, LINEAR, NONLINEAR
from derivations.steps import Chain, Derivation, Step

# design: linearity, leaf, flatten, order, signs, numbers and index-free factors out of sums, split and
# distribute under a licence, folding an atomic name; flattening is the constructors' own
BOOKKEEPING = {
    "linear",
    "leaf",
    "order",
    "turn",
    "positive_first",
    "pull",
    "count",
    "split",
    "distribute",
    "common_delta",
    "common_factor",
    "join_cases",
    "fold",
}
NEVER_MERGED = {"fact", "cancel", "solve_delta", "solve", "stationary"}
WAVE = {rule.id for rule in (*LINEAR, *NONLINEAR, LEMMA)}

FORMULAS = [name for _, name in catalogue.places()]
found: dict[str, tuple[Derivation, ...]] = {}


def derivations(name: str) -> tuple[Derivation, ...]:
    if name not in found:
        found[name] = derivations_of(catalogue.load(name))
    return found[name]


def chains(name: str) -> list[Chain]:
    by_id = {chain.id: chain for d in derivations(name) for chain in d.chains}
    return list(by_id.values())


def steps(name: str) -> list[tuple[str, Step]]:
    return [(chain.id, step) for chain in chains(name) for step in chain.steps]


def test_the_list_of_bookkeeping_is_the_fixed_one() -> None:
    assert {rule.id for rule in RULES.values() if rule.bookkeeping} == BOOKKEEPING


@pytest.mark.parametrize("name", FORMULAS)
def test_each_displayed_step_is_one_wave_or_one_pivot_plus_bookkeeping(name: str) -> None:
    for chain, step in steps(name):
        where = f"{name}, {chain}: {step.rules} with {step.bookkeeping}"
        assert set(step.rules) <= WAVE or len(step.rules) == 1, where
        assert set(step.bookkeeping) <= BOOKKEEPING, where
        assert not NEVER_MERGED & set(step.bookkeeping), where


@pytest.mark.parametrize("name", FORMULAS)
def test_the_parts_of_a_step_name_exactly_its_rules(name: str) -> None:
    for chain, step in steps(name):
        if step.matrix is None:
            used = {part.rule for part in step.parts}
            assert used <= {*step.rules, *step.bookkeeping}, f"{name}, {chain}: {used}"


@pytest.mark.parametrize("name", FORMULAS)
def test_each_after_is_the_next_before(name: str) -> None:
    for chain in chains(name):
        reached = chain.left
        for step in chain.steps:
            assert step.before == reached, f"{name}, {chain.id}, {step.rules}"
            reached = step.after


@pytest.mark.parametrize("name", FORMULAS)
def test_no_lemma_has_more_than_six_steps(name: str) -> None:
    for derivation in derivations(name):
        for chain in derivation.chains:
            if chain.kind == "lemma":
                assert len(chain.steps) <= 6, f"{name}, {chain.id}: {[step.rules for step in chain.steps]}"


def shown(derivation: Derivation) -> int:
    """Steps of the adjoint and answer chains, plus one for each lemma."""
    return sum(1 if chain.kind == "lemma" else len(chain.steps) for chain in derivation.chains)


@pytest.mark.parametrize(
    ("name", "goal", "least", "most"),
    [("softmax", "jacobian-p-z", 5, 8), ("layer_norm", "vjp-y-x", 5, 16)],
)
def test_derivations_have_the_length_that_people_follow(name: str, goal: str, least: int, most: int) -> None:
    (derivation,) = [d for d in derivations(name) if d.goal.id == goal]
    assert least <= shown(derivation) <= most


def test_a_derivative_that_is_left_is_an_error_that_names_it() -> None:
    term = derivative(s.exp(s.z[s.i]), s.Z, [s.j])
    with pytest.raises(Stuck, match="a derivative is left") as caught:
        check_normal(product(s.a[s.i], term))
    assert caught.value.term == term


def test_a_delta_that_a_sum_can_absorb_is_an_error_that_names_the_sum() -> None:
    term = total([s.k], product(s.exp(s.z[s.k]), delta(s.k, s.j)))
    with pytest.raises(Stuck, match="a sum can still absorb a delta") as caught:
        check_normal(product(s.a[s.i], term))
    assert caught.value.term == term
