"""Terms and derivations as readable Unicode, for a terminal.

A stroke without spaces binds tighter than a product, one with spaces binds looser: `1/n Σ_i x_i` and
`x_i x_j / s²` are read as a person reads them.
"""

import unicodedata

from derivations.matrix_form.nodes import Node
from derivations.printers.left_sides import matrix_left
from derivations.printers.matrix import MatrixLayout
from derivations.printers.notation import TEXT
from derivations.printers.wording import chain_title, condition_words, listed, step_reason
from derivations.steps import Chain, Derivation
from derivations.terms import Term
from derivations.words import label

LAYOUT = MatrixLayout(TEXT)
REASON_COLUMN = 76  # reasons stand in one column where the lines are short enough


def term_text(term: Term) -> str:
    return LAYOUT.line(term)


def matrix_text(form: Node) -> str:
    return LAYOUT.matrix(form).text


def derivation_text(derivation: Derivation, language: str) -> str:
    """Every chain with its steps and the name of each rule, then the result and what it needs."""
    blocks = [_chain_text(derivation, chain, language) for chain in derivation.chains]
    answer = derivation.answer
    result = [label("formula.results", language), f"  {term_text(answer.left)} = {term_text(answer.result)}"]
    if derivation.matrix is not None:
        result.append(f"  {_matrix_line(derivation, answer, derivation.matrix)}")
    if derivation.reason is not None:
        result.append(f"  {label('result.reason', language, reason=derivation.reason[language])}")
    if derivation.conditions:
        words = [condition_words(condition, language, LAYOUT) for condition in derivation.conditions]
        text = listed(words, language, "mark.conditions")
        result.append(f"  {label('result.conditions', language, conditions=text)}")
    return "\n\n".join([*blocks, "\n".join(result)]) + "\n"


def _matrix_line(derivation: Derivation, chain: Chain, form: Node) -> str:
    left = matrix_left(derivation, chain, LAYOUT)
    return f"{left} = {matrix_text(form)}" if left else matrix_text(form)


def _chain_text(derivation: Derivation, chain: Chain, language: str) -> str:
    rows = [(f"  {term_text(chain.left)}", "")]
    for step in chain.steps:
        if step.matrix is not None:
            rows.append((f"  {_matrix_line(derivation, chain, step.matrix)}", step_reason(step, language)))
            continue
        sign = TEXT.relations.get(step.relation, step.relation)
        rows.append((f"    {sign} {term_text(step.after)}", step_reason(step, language)))
    column = min(REASON_COLUMN, max((width(line) for line, reason in rows if reason), default=0) + 3)
    lines = [f"{line}{_gap(line, column)}[{reason}]" if reason else line for line, reason in rows]
    return "\n".join([chain_title(chain, language), *lines])


def _gap(line: str, column: int) -> str:
    return " " * max(3, column - width(line))


def width(text: str) -> int:
    """Columns on a terminal: a combining mark takes none, a Chinese character two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
