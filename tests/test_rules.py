"""Every rule does what its example says, and before and after are equal numbers."""

import pytest

from derivations.arithmetic import add, power, product
from derivations.canonical import same
from derivations.evaluate import Point
from derivations.numerics import PRECISE
from derivations.rules import RULES, Lemma, Rule, Stuck, Work
from derivations.rules import specimens as s
from derivations.rules.derivative import LINEAR, NONLINEAR
from derivations.rules.sums import SUM_RULES
from derivations.sampling import random_point
from derivations.terms import Number, Relation, Symbol, Term
from derivations.words import labels

# The matrix form changes the notation and not the term; test_matrix_form compares values and shapes.
NOTATION_ONLY = {"matrix"}
SIZES = {"n": 3}


def _prove(name: Symbol, variable: Symbol, held: tuple[str, ...]) -> Lemma:
    assert (name.name, variable.name) == ("J", "x"), "the specimens know one lemma"
    return Lemma(name, (), (s.j,), s.gradient)


def specimen_work(rule: Rule) -> Work:
    work = Work(s.scope, _prove)
    work.adjoints["z_bar"] = (
        (s.j,),
        RULES["vjp"].example()[1] if rule.example is not None else s.z[s.j],
    )
    work.unknown, work.inverse = s.X_HAT, s.H_INVERSE
    return work


def applied(rule: Rule, term: Term, work: Work) -> Term:
    """The rule at the outermost node that it answers for."""
    after = work.apply(rule, term)
    if after is not None:
        return after
    return work.everywhere(term, (rule,))


examples = pytest.mark.parametrize(
    "rule", [r for r in RULES.values() if r.example is not None], ids=lambda r: r.id
)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_a_rule_has_an_example_and_words(rule: Rule) -> None:
    assert rule.id in NOTATION_ONLY or rule.example is not None
    assert not rule.name.missing
    assert rule.condition is None or not rule.condition.missing
    assert f"rule_group.{rule.group}" in labels()
    assert rule.rewrite.__doc__, "the docstring says before -> after"


@examples
def test_a_rule_has_the_form_of_its_example(rule: Rule) -> None:
    before, after = rule.example()
    found = applied(rule, before, specimen_work(rule))
    assert same(found, after), f"{rule.id}: expected {after}, found {found}"


def values(term: Term, point: Point) -> list[object]:
    indices = tuple(sorted(term.free, key=lambda i: i.letter))
    sides = (term.left, term.right) if isinstance(term, Relation) else (term,)
    flat: list[object] = []
    for side in sides:
        flat += point.table(side, indices).flat
    return flat


@examples
@pytest.mark.parametrize("seed", [1, 2])
def test_before_and_after_are_equal_numbers(rule: Rule, seed: int) -> None:
    before, after = rule.example()
    point = random_point(s.scope, SIZES, seed).using(PRECISE)
    if isinstance(before, Relation):
        for relation in (before, after):
            sides = values(relation, point)
            half = len(sides) // 2
            if rule.id == "stationary" and relation is before:
                continue  # holds at the stationary point, and x is anywhere
            for left, right in zip(sides[:half], sides[half:], strict=True):
                assert abs(left - right) < 1e-25, f"{rule.id}, seed {seed}: {left} is not {right}"
        return
    indices = tuple(sorted(before.free | after.free, key=lambda i: i.letter))
    expected, found = point.table(before, indices).flat, point.table(after, indices).flat
    for left, right in zip(expected, found, strict=True):
        assert abs(left - right) < 1e-15 * (1 + abs(left)), f"{rule.id}, seed {seed}: {left} is not {right}"


def test_a_rule_that_answers_nothing_new_is_not_recorded() -> None:
    work = Work.silent()
    assert work.apply(RULES["factor"], add(s.a[s.i], s.b[s.i])) is None
    assert not work.log


def test_products_and_sums_of_an_author_are_never_reordered() -> None:
    from derivations.terms import Product

    authored = Product((s.exp(s.z[s.i]), s.a[s.i]), authored=True)
    assert Work.silent().everywhere(authored, (RULES["order"],)) == authored


def test_two_rules_cannot_share_an_id() -> None:
    from derivations.rules import rule

    with pytest.raises(ValueError, match="two rules have the id 'leaf'"):
        rule("leaf", group="names", en="x", zh="x", statement="x")(lambda node, work: None)


def test_cancelling_what_may_be_zero_records_the_condition() -> None:
    work = Work.silent()
    term = product(power(s.a[s.i], Number(-1)), s.a[s.i], s.b[s.i])  # type: ignore[arg-type]
    assert work.apply(RULES["cancel"], term) == s.b[s.i]
    assert [c.relation.operator for c in work.conditions if c.relation is not None] == ["!="]


def test_every_rule_is_used_by_a_pass_or_a_goal() -> None:
    from derivations import goals, passes
    from derivations.rules import questions

    tried = {r.id for r in (*LINEAR, *NONLINEAR, *SUM_RULES)}
    for module in (passes, goals, questions):
        tried |= {value.id for value in vars(module).values() if isinstance(value, Rule)}
    assert set(RULES) <= tried


def test_stuck_names_its_term() -> None:
    with pytest.raises(Stuck) as caught:
        raise Stuck("no rule", s.a[s.i])
    assert caught.value.term == s.a[s.i]
