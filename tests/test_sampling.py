"""Points for evidence: sizes that tell axes apart, values inside their domains, facts that hold or fail."""

import pytest

from derivations.arithmetic import ONE, ZERO, number, product, subtract, total
from derivations.domains import DOMAINS, NONNEGATIVE, POSITIVE_DEFINITE, SIMPLEX, SYMMETRIC, Domain
from derivations.functions import apply
from derivations.indices import Axis, Size
from derivations.numerics import EXACT, PRECISE
from derivations.sampling import UnsatisfiedFact, holds, random_point, size_choices
from derivations.scope import Definition, Definitions, Fact, Scope
from derivations.terms import Symbol

N, M, K = Axis.named("n"), Axis.named("m"), Axis.named("k")
i, j, p = N.index("i"), N.index("j"), M.index("p")
T = Symbol("T", (N, M), NONNEGATIVE)
W = Symbol("w", (N,))


def scope(*inputs: Symbol, facts=(), at_least=()) -> Scope:
    return Scope(tuple(inputs), Definitions(), tuple(facts), tuple(at_least))


# ---- sizes ---------------------------------------------------------------------------------------------


def test_sizes_differ_and_turn_and_are_one():
    first, second, *single = size_choices(scope(T, Symbol("x", (K,))))
    assert len(set(first.values())) == len(set(second.values())) == 3
    assert (first["n"] < first["m"]) != (second["n"] < second["m"])
    assert [name for choice in single for name, n in choice.items() if n == 1] == ["n", "m", "k"]


def test_a_formula_without_axes_has_one_choice():
    assert size_choices(scope(Symbol("c"))) == ({},)


def test_bounds_are_kept():
    choices = size_choices(scope(W, at_least=[("n", 2)]))
    assert all(choice["n"] >= 2 for choice in choices) and len(choices) == 2


def test_a_derived_size_stays_positive():
    out = Axis("n-k+1", Size.of("n") - "k" + 1)
    choices = size_choices(scope(Symbol("x", (N,)), Symbol("w", (K,)), Symbol("y", (out,))))
    assert all(choice["n"] >= choice["k"] for choice in choices)
    assert {"k": 1, "n": choices[-1]["n"]} in choices


# ---- values --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=lambda d: d.name)
def test_values_lie_in_their_domain(domain: Domain):
    symbol = Symbol("X", (N, N), domain)
    for seed in range(5):
        flat = random_point(scope(symbol), {"n": 3}, seed).inputs["X"].flat
        assert all(domain.lower is None or v >= domain.lower for v in flat)
        assert all(domain.upper is None or v <= domain.upper for v in flat)


def test_points_are_the_same_everywhere():
    one, two = (random_point(scope(W), {"n": 3}, 5).inputs["w"].flat for _ in range(2))
    assert one == two != random_point(scope(W), {"n": 3}, 6).inputs["w"].flat


def test_structure_is_kept():
    inputs = (
        Symbol("y", (N,), SIMPLEX),
        Symbol("S", (N, N), SYMMETRIC),
        Symbol("P", (N, N), POSITIVE_DEFINITE),
    )
    here = random_point(scope(*inputs), {"n": 3}, 1, EXACT)
    y, s, definite = (here.inputs[name] for name in "ySP")
    assert sum(y.flat) == 1
    assert all(s[a, b] == s[b, a] for a in range(3) for b in range(3))
    assert definite[0, 0] * definite[1, 1] > definite[0, 1] ** 2 and definite[0, 0] >= 1


# ---- facts ---------------------------------------------------------------------------------------------

ROWS = Fact(total([p], T[i, p]), ONE, True)
COLUMNS = Fact(total([i], T[i, p]), ONE, True)
CENTRED = Fact(total([i], W[i]), ZERO, True)


@pytest.mark.parametrize("fact", [ROWS, COLUMNS, CENTRED], ids=["rows", "columns", "centred"])
def test_a_fact_is_made_true_or_false(fact: Fact):
    here = scope(T, W, facts=[fact])
    sizes = {"n": 3, "m": 2}
    for seed in (1, 2):
        assert holds(fact, random_point(here, sizes, seed))
        assert not holds(fact, random_point(here, sizes, seed, satisfy_facts=False))


def test_scaling_keeps_signs():
    true = random_point(scope(T, facts=[ROWS]), {"n": 3, "m": 2}, 4)
    assert all(v > 0 for v in true.inputs["T"].flat)


def test_several_facts_hold_together():
    facts = (CENTRED, Fact(W[0], number(2), True))
    here = random_point(scope(W, facts=facts), {"n": 3}, 1, PRECISE)
    assert all(holds(fact, here) for fact in facts)


def test_a_fact_that_cannot_hold_is_named():
    impossible = Fact(total([i], product(W[i], W[i])), number(-1), True)
    with pytest.raises(UnsatisfiedFact, match="the fact about w"):
        random_point(scope(W, facts=[impossible]), {"n": 3}, 1)


def test_a_fact_without_a_value_does_not_hold_and_is_named():
    below_zero = apply("log", subtract(ZERO, ONE))
    undefined = Fact(product(W[i], below_zero), ZERO, True)
    here = scope(W, facts=[undefined])
    with pytest.raises(UnsatisfiedFact, match="the fact about w has no value"):
        random_point(here, {"n": 3}, 1)
    assert not holds(undefined, random_point(here, {"n": 3}, 1, satisfy_facts=False))


def test_a_fact_that_always_holds_is_no_assumption():
    empty = Fact(subtract(W[i], W[i]), ZERO, True)
    with pytest.raises(UnsatisfiedFact, match="no assumption"):
        random_point(scope(W, facts=[empty]), {"n": 3}, 1, satisfy_facts=False)


# ---- long fixed lengths --------------------------------------------------------------------------------


def test_a_long_fixed_length_is_shortened_and_a_short_one_is_not():
    long, short = Axis("5000", Size.of(5000)), Axis("20", Size.of(20))
    (choice,) = size_choices(scope(Symbol("x", (long,)), Symbol("X", (long, long))))
    assert long.size.evaluate(choice) == 3
    (kept,) = size_choices(scope(Symbol("x", (short,))))
    assert short.size.evaluate(kept) == 20


def test_shortened_lengths_stay_different_and_in_order():
    lengths = [Axis(str(n), Size.of(n)) for n in (40, 41, 3000)]
    (choice,) = size_choices(scope(Symbol("X", (lengths[2], lengths[0])), Symbol("w", (lengths[1],))))
    assert [axis.size.evaluate(choice) for axis in lengths] == [3, 4, 6]


def test_calculated_positions_keep_their_lengths():
    long = Axis("3000", Size.of(3000))
    x, last = Symbol("x", (long,)), Symbol("last")
    here = Scope((x,), Definitions([Definition(last, (), x[2999])]))
    assert size_choices(here) == ({},)
