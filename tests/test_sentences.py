"""Sentences of the pages: joined as each language does, with numbers and formulas as people write them."""

from typing import Any

import pytest
import site_sample

from derivations import sentences
from derivations.sentences import Sentences, index_form
from derivations.words import LANGUAGES, Text

RULES = {
    "quotient": Text(en="Quotient rule", zh="商法则"),
    "vjp": Text(en="VJP of a sum", zh="和的向量–雅可比积"),
    "lemma": Text(en="Use a lemma", zh="引用引理"),
}
EN, ZH = (Sentences(language, RULES) for language in LANGUAGES)
EVIDENCE = {"verdict": "PASS", "method": "points", "points": 4, "seed": 1, "tolerance": "1e-10"}


def test_a_list_is_joined_as_its_language_does() -> None:
    assert EN.joined("listing", "abc") == "a, b, c"
    assert ZH.joined("listing", "abc") == "a、b、c"
    assert ZH.joined("clauses", ["a"]) == "a"


def test_the_merged_rules_stand_in_brackets_and_in_lower_case() -> None:
    step = {"rule": "quotient", "with": ["lemma", "vjp"]}
    assert EN.rule(step, "../") == (
        "**[Quotient rule](../rules/index.md#quotient)**"
        " (with: [use a lemma](../rules/index.md#lemma), [VJP of a sum](../rules/index.md#vjp))"
    )
    assert ZH.rule(step, "../") == (
        "**[商法则](../rules/index.md#quotient)**"
        "（兼用：[引用引理](../rules/index.md#lemma)、[和的向量–雅可比积](../rules/index.md#vjp)）"
    )
    assert "(" not in EN.rule({"rule": "lemma", "with": []}, "").replace("](", "")


def test_evidence_says_what_was_compared_and_how_closely() -> None:
    assert EN.evidence(EVIDENCE) == (
        "Checked: both sides at random points, 4 points, tolerance $10^{-10}$, seed 1."
    )
    assert ZH.evidence(EVIDENCE) == "检验通过：在随机点上比较两边，4 个点，容差 $10^{-10}$，随机种子 1。"
    assert "SymPy" in EN.evidence({**EVIDENCE, "method": "points+symbolic"})
    assert "1 point," in EN.evidence({**EVIDENCE, "points": 1})
    assert "point," not in EN.evidence({**EVIDENCE, "points": 0})


def test_what_did_not_pass_is_not_called_checked() -> None:
    assert EN.evidence({**EVIDENCE, "verdict": "FAIL"}).startswith("Failed:")
    assert ZH.evidence({**EVIDENCE, "verdict": "UNKNOWN"}).startswith("未能判定：")


@pytest.mark.parametrize(
    ("tolerance", "shown"),
    [
        ("2e-6", r"tolerance $2 \cdot 10^{-6}$"),
        ("64 ulp", "within 64 units in the last place"),
        ("conditioned", "as close as the rounding of the inputs allows"),
    ],
)
def test_a_tolerance_is_a_number_units_or_a_way_to_measure(tolerance: str, shown: str) -> None:
    assert EN.tolerance(tolerance) == shown


def test_a_counterexample_is_told_with_what_was_claimed() -> None:
    found = {"at": "x = 0", "latex": "x = 0", "found": "1", "claimed": "< 1"}
    assert EN.counterexample(found) == r"For $x = 0$ the value is $1$, which is not $\lt  1$."
    assert ZH.counterexample({**found, "claimed": None}) == "当 $x = 0$ 时，值为 $1$。"


def test_a_lemma_counts_as_one_however_long_it_is() -> None:
    derivation = site_sample.record()["derivations"][0]
    assert EN.step_count(derivation) == "5 steps, 1 lemma"
    assert ZH.step_count(derivation) == "5 步，1 条引理"


def test_lemmas_shown_earlier_are_linked() -> None:
    record = site_sample.record()
    assert "](#jacobian-p-z-lemma-s-z)" in EN.earlier(record, record["derivations"][1])
    assert EN.earlier(record, record["derivations"][0]) == ""


def test_a_source_without_an_address_is_named_without_a_link() -> None:
    source = {"key": "n", "title": "笔记", "author": "", "address": ""}
    assert ZH.source(source, "第一节") == "《笔记》，第一节"
    assert EN.source({**source, "author": "Li", "address": "https://x.org"}) == "[“笔记”](https://x.org), Li"


def chain(left: str, *links: tuple[str, str]) -> dict[str, Any]:
    steps = [{"relation": relation, "latex": latex} for relation, latex in links]
    return {
        "kind": "checked_chain",
        "chains": [{"kind": "answer", "steps": steps}],
        "result": {"left": left, "index": links[-1][1]},
    }


@pytest.mark.parametrize(
    ("told", "of"),
    [
        ("a = c", chain("a", ("=", "b"), ("=", "c"))),
        (r"a \le c", chain("a", ("=", "b"), ("<=", "c"))),
        ("0 < p < 1", chain("0", ("<", "p"), ("<", "1"))),
        (r"a \le b = d", chain("a", ("<=", "b"), ("=", "c"), ("=", "d"))),
        ("a < b < d", chain("a", ("<", "b"), ("=", "c"), ("<", "d"))),
    ],
)
def test_a_chain_is_told_from_end_to_end(told: str, of: dict[str, Any]) -> None:
    assert index_form(of) == told


def test_latex_is_made_safe_for_tables_and_tags() -> None:
    assert sentences.tex(r"|x| < y") == r"\vert x\vert  \lt  y"


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("1e-10", "$10^{-10}$"),
        ("-2.5e+06", r"$-2.5 \cdot 10^{6}$"),
        ("0.01", "$0.01$"),
        ("<= 1e-7", r"$\le 10^{-7}$"),
        (r"\infty", r"$\infty$"),
    ],
)
def test_a_value_is_written_as_people_write_it(text: str, tex: str) -> None:
    assert sentences.value(text) == tex


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("取值(0,1)", "取值(0,1)"),
        ("p_i [0, 1]", r"p\_i \[0, 1\]"),
        (r"Y = X \cdot W", "$$\nY = X \\cdot W\n$$"),
        (r"a \newline b", "$$\n\\begin{array}{rl} a \\\\ b \\end{array}\n$$"),
        (r"当 $ s = r $ 时", "当 $s = r$ 时"),
    ],
)
def test_a_quotation_is_shown_letter_by_letter_and_its_formulas_typeset(text: str, shown: str) -> None:
    assert sentences.quoted(text) == shown
