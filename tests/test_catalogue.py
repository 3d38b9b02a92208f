"""Every formula of the catalogue is complete: words in both languages, references, all that is said of it.

What is asked of each formula is generated from the formula itself; the list of results and claims is kept
apart from the files, so that a result that disappears from one is missed here.
"""

import re
from collections.abc import Iterator

import pytest

from derivations.api import derivations_of
from derivations.catalogue import chapters, discover, places, source
from derivations.language import Formula
from derivations.words import LANGUAGES, Text

FORMULAS = {formula.id: formula for formula in discover()}

# Results that the engine derives (goals), checked chains, and claims, by formula.
PRESENT = {
    "sigmoid": (
        "derivative-sigma-x derivative-sigma-x-x",
        "range derivative_range symmetry tanh_relation",
        "saturation_right saturation_left s_shape",
    ),
    "tanh": (
        "derivative-t-x",
        "range derivative_range sigmoid_relation oddness",
        "open_derivative_range",
    ),
    "relu": (
        "derivative-f-x",
        "subdifferential absolute_value difference homogeneity",
        "derivative_at_zero derivative_off_zero constant_derivative constant_derivative_positive dead_output "
        "dead_derivative any_subgradient any_factor",
    ),
    "leaky_relu": (
        "derivative-f-x derivative-f-alpha",
        "as_maximum",
        "derivative_cases two_strict_cases maximum_any_slope maximum_small_slope",
    ),
    "gelu": (
        "derivative-f-x derivative-f-x-x",
        "identity limits minimum tanh_approximation",
        "definition derivative_in_unit_interval derivatives_at_opposite_inputs",
    ),
    "swish": (
        "derivative-f-x derivative-f-beta",
        "derivative_from_output limits_in_beta",
        "definition misspelt_name identity",
    ),
    "softmax": (
        "jacobian-p-z vjp-p-z",
        "sum_to_one range shift_invariance null_vector two_classes limit_plus limit_minus",
        "diagonal off_diagonal_unconditional off_diagonal both_cases closed_range quotient_rule_swapped "
        "lost_normalizer complement_of_delta limit_at_minus_infinity gradient_vanishes_both_ways "
        "own_row_vanishes plain_normalization symmetric_matrix",
    ),
    "mean_squared_error": (
        "gradient-M-y_hat hessian-M-y_hat",
        "minimizer_over_constants euler",
        "gradient_with_minus sign_lost",
    ),
    "least_squares_loss": (
        "gradient-J-theta hessian-J-theta stationary-J-theta",
        "positive_semidefinite pythagoras relation_to_mse expansion",
        "same_as_mse projection",
    ),
    "softmax_cross_entropy": (
        "gradient-L-z hessian-L-z",
        "log_sum_exp_form positive_semidefinite gradient_sums_to_zero",
        "definition any_weights weights_summed",
    ),
    "layer_norm": (
        "jacobian-y-x vjp-y-x-gamma-beta",
        "invariance null_vector scaling",
        "without_epsilon scalar_gain invariance_any_factor",
    ),
    "linear_layer_backward": (
        "jacobian-Y-W vjp-Y-X-W-b",
        "vectorized_jacobian pairing",
        "four_indices ones_as_upstream_gradient wrong_surviving_entry wrong_reason_for_delta "
        "number_of_entries derivative_is_the_input derivative_is_the_input_one_output transpose_to_multiply",
    ),
}

every_formula = pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)


def texts(formula: Formula) -> Iterator[tuple[str, Text]]:
    """Every sentence of a formula, with the place where it stands."""
    yield "name", formula.name
    yield "summary", formula.summary
    for row in (*formula.symbols, *formula.further):
        yield row.name, row.meaning
    for claim in formula.claims:
        yield claim.id, claim.statement
        if claim.correction is not None and claim.correction.text is not None:
            yield claim.id, claim.correction.text
    for chain in formula.chains:
        yield chain.id, chain.name
        for link in chain.steps:
            yield chain.id, link.reason
    for note in formula.notes:
        yield f"{note.chain}, {note.rule}", note.text
    for mistake in formula.mistakes:
        yield "mistake", mistake
    if formula.numbers is not None and formula.numbers.remark is not None:
        yield "example", formula.numbers.remark


def words_of(text: str) -> str:
    """The sentence with its formulas and code replaced by one Latin letter."""
    return re.sub(r"\$[^$]*\$|`[^`]*`", "x", text)


# ---- the catalogue as a whole ------------------------------------------------------------------------------


def test_ids_and_aliases_name_one_formula_each() -> None:
    named = [name for formula in FORMULAS.values() for name in (formula.id, *formula.aliases)]
    assert sorted(named) == sorted(set(named))
    assert not set(named) & {chapter for chapter, _ in chapters()}, "no formula is called like a chapter"


def test_formulas_are_found_in_chapter_order_then_by_id() -> None:
    order = [chapter for chapter, _ in chapters()]
    assert list(places()) == sorted(places(), key=lambda place: (order.index(place[0]), place[1]))
    assert all(source(*place).is_file() for place in places())


def test_every_chapter_has_a_title_in_each_language() -> None:
    assert all(not title.missing for _, title in chapters())


@pytest.mark.parametrize("id", PRESENT)
def test_every_result_and_claim_is_there(id: str) -> None:
    formula = FORMULAS[id]
    goals, chains, claims = (set(names.split()) for names in PRESENT[id])
    assert {goal.id for goal in formula.goals} == goals
    assert {chain.id for chain in formula.chains} == chains
    assert {claim.id for claim in formula.claims} == claims


# ---- one formula -------------------------------------------------------------------------------------------


@every_formula
def test_the_file_carries_the_id(formula: Formula) -> None:
    assert source(formula.chapter, formula.id).is_file()


@every_formula
def test_every_sentence_exists_in_each_language(formula: Formula) -> None:
    assert [place for place, text in texts(formula) if text.missing] == []


@every_formula
def test_every_symbol_is_described(formula: Formula) -> None:
    described = {row.name for row in formula.symbols}
    used = {s.name for s in formula.scope.inputs} | {d.symbol.name for d in formula.scope.definitions}
    assert used | set(formula.scope.sizes) <= described


@every_formula
def test_every_symbol_of_a_statement_is_described(formula: Formula) -> None:
    described = {row.name for row in (*formula.symbols, *formula.further)}
    for check in formula.checks:
        used = {s.name for s in check.scope.inputs} | {d.symbol.name for d in check.scope.definitions}
        # a name at other inputs, such as f(-x), is its own description
        used = {name for name in used if "_at_" not in name}
        assert used | set(check.scope.sizes) <= described, check.id


@every_formula
def test_a_formula_has_references_sources_and_mistakes(formula: Formula) -> None:
    assert formula.references and formula.sources and len(formula.mistakes) >= 3
    for reference in formula.references:
        assert reference.doi or reference.arxiv or reference.url, reference.text
        assert re.fullmatch(r"(10\.\d{4,9}/\S+)?", reference.doi)
        assert re.fullmatch(r"(\d{4}\.\d{4,5})?", reference.arxiv)


@every_formula
def test_a_stated_claim_refers_to_a_work_or_a_quotation(formula: Formula) -> None:
    keys = {reference.key for reference in formula.references if reference.key}
    for claim in formula.claims:
        assert not claim.reference or claim.reference in keys, claim.id


@every_formula
def test_a_quotation_is_short_and_corrected(formula: Formula) -> None:
    for claim in formula.claims:
        if claim.quote is not None:
            assert len(claim.quote.text) < 260, claim.id
            assert claim.correction is not None, claim.id
            assert claim.expected in ("refuted", "stated"), claim.id


@every_formula
def test_a_refuted_condition_stands_beside_the_true_one(formula: Formula) -> None:
    refuted = [claim for claim in formula.claims if claim.expected == "refuted"]
    assert all(claim.says is not None and (claim.correction or not claim.quote) for claim in refuted)


@every_formula
def test_related_formulas_exist(formula: Formula) -> None:
    assert set(formula.related) <= set(FORMULAS) - {formula.id}


@every_formula
def test_an_example_can_be_followed_by_hand(formula: Formula) -> None:
    assert formula.numbers is not None
    for symbol, value in formula.numbers.inputs:
        depth = 0
        while isinstance(value, tuple):
            assert len(value) <= 4
            value, depth = value[0], depth + 1
        assert depth == len(symbol.axes)


@every_formula
def test_every_remark_finds_its_step(formula: Formula) -> None:
    placed = {
        s.remark for d in derivations_of(formula) for chain in d.chains for s in chain.steps if s.remark
    }
    assert {note.text for note in formula.notes} <= placed


# ---- style -------------------------------------------------------------------------------------------------

BANNED = {
    "en": (
        "clearly",
        "obviously",
        "trivially",
        "simply",
        "note that",
        "it is easy to see",
        "it follows that",
        "after simplification",
    ),
    "zh": tuple("显然 易知 易得 不难看出 化简后 整理得 进行求导 上述 前述 您 ！".split()),
}


@every_formula
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_waves_its_hands(formula: Formula, language: str) -> None:
    found = [
        (place, word)
        for place, text in texts(formula)
        for word in BANNED[language]
        if word in text[language].lower()
    ]
    assert found == []


CJK = r"[\u4e00-\u9fff]"
FULL = "，。；：？（）“”、"


@every_formula
def test_chinese_sentences_keep_their_punctuation_and_spaces(formula: Formula) -> None:
    wrong = []
    for place, text in texts(formula):
        sentence = words_of(text.zh)
        if re.search(rf"{CJK}[,;:?()!]|[,;:?()!]{CJK}", sentence):
            wrong.append((place, "half-width punctuation", text.zh))
        if re.search(rf"{CJK}[A-Za-z0-9$]|[A-Za-z0-9$]{CJK}", sentence):
            wrong.append((place, "no space between Chinese and Latin", text.zh))
        if re.search(rf"[{FULL}] | [{FULL}]", sentence):
            wrong.append((place, "a space beside full-width punctuation", text.zh))
    assert wrong == []


@every_formula
def test_mathematics_is_closed_and_without_words(formula: Formula) -> None:
    for place, text in texts(formula):
        for language in LANGUAGES:
            assert text[language].count("$") % 2 == 0, (place, language)
            assert r"\text" not in text[language], (place, language)


@every_formula
def test_both_languages_show_the_same_formulas(formula: Formula) -> None:
    def formulas(text: str) -> list[str]:
        return sorted(re.findall(r"\$([^$]+)\$", text))

    different = [place for place, t in texts(formula) if formulas(t.en) != formulas(t.zh)]
    assert different == []
