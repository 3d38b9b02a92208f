"""A derivation as Markdown: headings, one display per step, the rule and the author's remark above it.

The first display of a chain carries the left side and the others begin with the relation, so whoever copies
one line reads which way it goes.  No line of a formula is shared with words.
"""

from derivations.printers.latex import LAYOUT, term_latex
from derivations.printers.lines import index_line, matrix_line
from derivations.printers.notation import LATEX
from derivations.printers.wording import (
    carrying_rules,
    chain_title,
    conditions_sentence,
    in_sentence,
    introductions,
    listed,
    merged_rules,
    rule_name,
)
from derivations.steps import Chain, Derivation, Step
from derivations.terms import Relation
from derivations.words import label


def derivation_markdown(derivation: Derivation, language: str, level: int = 2) -> str:
    """All chains under headings of this level, then the result; ends with a newline."""
    parts: list[str] = []
    number = 0
    for chain in derivation.chains:
        parts.append(_heading(level, chain_title(derivation, chain, language, LAYOUT, inline)))
        if isinstance(chain.left, Relation):
            parts.append(display(term_latex(chain.left)))
        for place, step in enumerate(chain.steps):
            number += 1
            parts += [step_sentence(step, number, language), display(_line(derivation, chain, place))]
    parts += [_heading(level, label("formula.results", language)), *_result(derivation, language)]
    return "\n\n".join(parts) + "\n"


def inline(formula: str) -> str:
    return f"${formula}$"


def display(formula: str) -> str:
    return f"$$\n{formula}\n$$"


def step_sentence(step: Step, number: int, language: str) -> str:
    """`**Step 3. Quotient rule** (with: ...). The remark.`"""
    key, others = "step.numbered", [in_sentence(rule_name(rule, language)) for rule in merged_rules(step)]
    if others:
        key = "step.numbered_with"
    merged = listed(others, language) if others else ""
    words = label(key, language, number=number, rule=carrying_rules(step, language), others=merged)
    if step.remark is None:
        return words
    return label("step.remarked", language, step=words, remark=step.remark[language])


def _heading(level: int, title: str) -> str:
    return f"{'#' * level} {title}"


def _line(derivation: Derivation, chain: Chain, place: int) -> str:
    step = chain.steps[place]
    if step.matrix is not None:
        return matrix_line(derivation, chain, step.matrix.tree, LAYOUT)
    if isinstance(step.after, Relation):
        return term_latex(step.after)
    left = f"{term_latex(chain.left)} " if place == 0 else ""
    return f"{left}{LATEX.relations[step.relation]} {term_latex(step.after)}"


def _result(derivation: Derivation, language: str) -> list[str]:
    answer = derivation.answer
    parts = [display(index_line(answer, LAYOUT))]
    if derivation.matrix is not None:
        parts.append(display(matrix_line(derivation, answer, derivation.matrix.tree, LAYOUT)))
    parts += introductions(derivation, language, LAYOUT, inline)
    if derivation.reason is not None:
        parts.append(label("result.reason", language, reason=derivation.reason[language]))
    conditions = conditions_sentence(derivation, language, LAYOUT, inline)
    return [*parts, conditions] if conditions else parts
