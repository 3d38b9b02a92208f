"""Rows of a record: plain data in both languages, each chain once, no part that repeats its step."""

import json
from dataclasses import replace

import pytest

from derivations import catalogue
from derivations.answers import derivations_of
from derivations.arithmetic import ONE
from derivations.domains import DOMAINS
from derivations.goals import reach
from derivations.indices import Axis
from derivations.parse import parse
from derivations.rows import (
    condition_row,
    derivation_rows,
    domain_latex,
    introduced_rows,
    step_row,
    symbol_rows,
)
from derivations.scope import Goal
from derivations.steps import Condition, Derivation
from derivations.terms import Relation, Symbol
from derivations.verify.evidence import Evidence
from derivations.words import Text

N, D = Axis.named("n", "i"), Axis.named("d", "j")
PASS = Evidence("PASS", "points", 4, 1)
FORMULAS = [pytest.param(formula, id=formula.id) for formula in catalogue.discover()]


@pytest.mark.parametrize(
    ("symbol", "latex"),
    [
        (Symbol("a"), r"\mathbb{R}"),
        (Symbol("x", (N,)), r"\mathbb{R}^{n}"),
        (Symbol("X", (N, D)), r"\mathbb{R}^{n \times d}"),
        (Symbol("y", (N,), DOMAINS["simplex"]), rf"{DOMAINS['simplex'].latex}^{{n-1}}"),
    ],
    ids=lambda value: value.name if isinstance(value, Symbol) else "",
)
def test_a_domain_has_the_sizes_of_its_axes(symbol: Symbol, latex: str) -> None:
    assert domain_latex(symbol) == latex


def test_a_condition_is_a_relation_or_words() -> None:
    relation = Relation("!=", Symbol("s").scalar, ONE)
    assert condition_row(Condition(relation=relation)) == {"latex": r"s \ne 1"}
    words = Text(en="the rank is full", zh="满秩")
    assert condition_row(Condition(text=words)) == {"text": {"en": "the rank is full", "zh": "满秩"}}


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_row_is_plain_data(formula: catalogue.Formula) -> None:
    derivations = derivations_of(formula)
    rows = [*symbol_rows(formula, derivations), *derivation_rows([(d, PASS) for d in derivations])]
    assert json.loads(json.dumps(rows)) == rows


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_chain_is_printed_once_and_then_referred_to(formula: catalogue.Formula) -> None:
    derivations = derivations_of(formula)
    shown: dict[str, str] = {}
    for derivation, row in zip(derivations, derivation_rows([(d, PASS) for d in derivations]), strict=True):
        own = [chain["id"] for chain in row["chains"]]
        used = [reference["chain"] for reference in row["earlier"]]
        assert {chain.id for chain in derivation.chains} == {*own, *used}
        assert all(shown[reference["chain"]] == reference["derivation"] for reference in row["earlier"])
        assert shown.keys().isdisjoint(own[:-1])
        for id in own:
            shown.setdefault(id, row["id"])


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_step_of_one_part_does_not_repeat_it(formula: catalogue.Formula) -> None:
    for derivation in derivations_of(formula):
        for row in steps(derivation):
            assert len(row["parts"]) != 1


def steps(derivation: Derivation) -> list[dict]:
    return [step_row(derivation, chain, step) for chain in derivation.chains for step in chain.steps]


def test_names_that_the_engine_introduces_are_described_whatever_they_are() -> None:
    parsed = parse("logdet(A + x[:, None] * x) + x @ inv(A) @ x", "A: n n; x: n", "A positive definite")
    derivations = reach(parsed.scope, (Goal("gradient", parsed.target, (parsed.scope.inputs[1],)),))
    introduced = tuple(d.symbol.name for d in parsed.scope.definitions if d.symbol != parsed.target)
    rows = introduced_rows(replace(d, introduced=introduced) for d in derivations)
    assert {row["name"] for row in rows} == set(introduced)
    assert {"inverse", "determinant", "name"} & {row["role"] for row in rows}
    assert all(row["meaning"]["en"] and row["meaning"]["zh"] for row in rows)
