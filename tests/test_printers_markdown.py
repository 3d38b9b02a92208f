"""A derivation as Markdown, in both languages: the same formulas, a step for each display, words between."""

import re
from dataclasses import replace

import pytest
from katex import problems
from test_printers_latex import small_derivation

from derivations.printers.markdown import derivation_markdown
from derivations.printers.notebook import repr_latex, repr_markdown
from derivations.steps import Derivation
from derivations.words import LANGUAGES, Text

REMARK = Text(en="Only its own entry moves.", zh="只有它自己的分量在变。")


def derivation_with_remark() -> Derivation:
    derivation = small_derivation()
    answer = derivation.answer
    first = replace(answer.steps[0], remark=REMARK)
    return derivation.with_chains((derivation.chains[0], replace(answer, steps=(first, *answer.steps[1:]))))


def displays(markdown: str) -> list[str]:
    return re.findall(r"^\$\$\n(.*?)\n\$\$$", markdown, re.MULTILINE | re.DOTALL)


def test_it_reads_like_a_page_of_the_book() -> None:
    assert derivation_markdown(derivation_with_remark(), "en").startswith(
        r"""## Lemma: derivative of $s$

**Step 1. Derivative of exp**.

$$
\frac{\partial s}{\partial z_j} = e^{z_j}
$$

## Jacobian

**Step 2. Insert the definition**. Only its own entry moves.

$$
\frac{\partial p_i}{\partial z_j} = \frac{\partial}{\partial z_j} \left(\frac{e^{z_i}}{s}\right)
$$

**Step 3. Quotient rule** (with: derivative of a component, linearity of the derivative).

$$
= p_i (\delta_{ij} - p_j)
$$

**Step 4. Back to matrix form**.

$$
\mathbf{J} = \operatorname{diag}(\mathbf{p}) - \mathbf{p} \mathbf{p}^\top
$$

## """
    )


def test_chinese_sentences_have_their_own_punctuation() -> None:
    markdown = derivation_markdown(derivation_with_remark(), "zh")
    assert "**第 2 步　代入定义**。只有它自己的分量在变。" in markdown
    assert "**第 3 步　商法则**（兼用：分量的导数、求导的线性性质）。" in markdown
    assert "成立条件：$s \\ne 0$。" in markdown


def test_formulas_are_the_same_in_both_languages() -> None:
    english, chinese = (displays(derivation_markdown(derivation_with_remark(), lang)) for lang in LANGUAGES)
    assert english == chinese
    assert len(english) == 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_katex_accepts_every_formula(language: str) -> None:
    markdown = derivation_markdown(derivation_with_remark(), language)
    sentences = re.findall(r"(?<!\$)\$([^$\n]+)\$(?!\$)", markdown)
    assert len(sentences) == 2
    assert problems(displays(markdown) + sentences) == []


def test_a_notebook_shows_steps_as_markdown_and_the_result_as_latex() -> None:
    derivation = small_derivation()
    assert repr_markdown(derivation).startswith("#### Lemma")
    latex = repr_latex(derivation)
    assert latex.startswith(r"$\displaystyle \begin{aligned}") and latex.endswith(r"\end{aligned}$")
    assert problems([latex.strip("$")]) == []
