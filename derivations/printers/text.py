"""Terms and derivations as readable Unicode, for a terminal.

A stroke without spaces binds tighter than a product, one with spaces binds looser: `1/n Σ_i x_i` and
`x_i x_j / s²` are read as a person reads them.
"""

import re
import unicodedata

from derivations.printers.lines import index_line, matrix_line
from derivations.printers.matrix import MatrixLayout
from derivations.printers.names import text_of_latex
from derivations.printers.notation import TEXT
from derivations.printers.operations import operation_line
from derivations.printers.wording import chain_title, conditions_sentence, introductions, step_reason
from derivations.scope import Definition
from derivations.steps import Chain, Derivation
from derivations.terms import Term
from derivations.words import label

LAYOUT = MatrixLayout(TEXT)
REASON_COLUMN = 76  # reasons stand in one column where the lines are short enough


def term_text(term: Term) -> str:
    return LAYOUT.line(term)


def definition_text(definition: Definition) -> str:
    whole = operation_line(definition, LAYOUT)
    return whole or f"{term_text(definition.left)} = {term_text(definition.body)}"


def derivation_text(derivation: Derivation, language: str) -> str:
    """Every chain with its steps and the name of each rule, then the result and what it needs."""
    blocks = [_chain_text(derivation, chain, language) for chain in derivation.chains]
    return "\n\n".join([*blocks, result_text(derivation, language)]) + "\n"


def result_text(derivation: Derivation, language: str) -> str:
    """The last line of the derivation in index form and in matrix form, with its conditions."""
    answer = derivation.answer
    lines = [index_line(answer, LAYOUT)]
    if derivation.matrix is not None:
        lines.append(matrix_line(derivation, answer, derivation.matrix.tree, LAYOUT))
    lines += introductions(derivation, language, LAYOUT, str)
    if derivation.reason is not None:
        lines.append(label("result.reason", language, reason=derivation.reason[language]))
    lines.append(conditions_sentence(derivation, language, LAYOUT, str))
    return "\n  ".join([label("formula.results", language), *(plain(line) for line in lines if line)])


def plain(words: str) -> str:
    """A sentence whose formulas are LaTeX between dollars, as text."""
    return re.sub(r"\$(.*?)\$", lambda formula: text_of_latex(formula[1]), words)


def _chain_text(derivation: Derivation, chain: Chain, language: str) -> str:
    rows = [(f"  {term_text(chain.left)}", "")]
    for step in chain.steps:
        sign = TEXT.relations.get(step.relation, step.relation)
        line = f"    {sign} {term_text(step.after)}"
        if step.matrix is not None:
            line = f"  {matrix_line(derivation, chain, step.matrix.tree, LAYOUT)}"
        rows.append((line, step_reason(step, language)))
    column = min(REASON_COLUMN, max((width(line) for line, reason in rows if reason), default=0) + 3)
    lines = [f"{line}{_gap(line, column)}[{reason}]" if reason else line for line, reason in rows]
    return "\n".join([chain_title(derivation, chain, language, LAYOUT, str), *lines])


def width(text: str) -> int:
    """Columns on a terminal: a combining mark takes none, a Chinese character two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _gap(line: str, column: int) -> str:
    return " " * max(3, column - width(line))
