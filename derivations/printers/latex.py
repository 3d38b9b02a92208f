"""Terms, matrix forms, definitions and derivations as LaTeX that KaTeX parses with every check on.

The LaTeX is the same in every language; only the comments behind the steps name the rules in words.
"""

from derivations.indices import Size
from derivations.matrix_form.nodes import Node
from derivations.printers.lines import matrix_left
from derivations.printers.matrix import MatrixLayout
from derivations.printers.notation import LATEX
from derivations.printers.operations import operation_line
from derivations.printers.wording import chain_title, step_reason
from derivations.scope import Definition
from derivations.steps import Chain, Derivation
from derivations.terms import Relation, Symbol, Term

LAYOUT = MatrixLayout(LATEX)
_WITH_BOUNDS = MatrixLayout(LATEX, bounds=True)


def term_latex(term: Term) -> str:
    return LAYOUT.line(term)


def matrix_latex(form: Node) -> str:
    return LAYOUT.matrix_line(form)


def whole_latex(symbol: Symbol) -> str:
    """A vector or matrix by its bold letter, a scalar by its own."""
    return LAYOUT.whole(symbol)


def size_latex(size: Size) -> str:
    """The length of an axis: `n - k + 1`."""
    return LAYOUT.size(size).text


def definition_latex(definition: Definition) -> str:
    """`s = \\sum_{k=1}^{C} e^{z_k}`: the sums with their bounds, which the steps leave out."""
    whole = operation_line(definition, LAYOUT)
    if whole is not None:
        return whole
    left = _WITH_BOUNDS.piece(definition.left).text
    body = _WITH_BOUNDS.piece(definition.body)
    if definition.operation == "inverse":
        indices = "".join(LAYOUT.slot(i) for i in definition.left.indices)
        return rf"{left} = \left[ \left( {body.text} \right)^{{-1}} \right]_{{{indices}}}"
    if definition.operation == "determinant":
        return rf"{left} = \det {LAYOUT.bracketed(body).text}"
    return f"{left} = {body.text}"


def matrix_left_latex(derivation: Derivation, chain: Chain) -> str:
    """The left side that belongs to the matrix form of a chain; empty where the form is an equation."""
    return matrix_left(derivation, chain, LAYOUT)


def derivation_latex(derivation: Derivation, language: str, what: str = "derivation") -> str:
    """One `align*` environment: all chains, or the result alone (index form, and matrix form where it is)."""
    if what not in ("derivation", "result"):
        raise ValueError(f'what to print is "derivation" or "result", not {what!r}')
    if what == "result":
        answer = derivation.answer
        rows = [_equation(answer.left, answer.result)]
        if derivation.matrix is not None:
            rows.append(_matrix_row(derivation, answer, derivation.matrix.tree))
        return _aligned([(row, "") for row in rows])
    rows_with_reasons: list[tuple[str, str]] = []
    for chain in derivation.chains:
        rows_with_reasons += _chain_rows(derivation, chain, language)
    return _aligned(rows_with_reasons)


def _chain_rows(derivation: Derivation, chain: Chain, language: str) -> list[tuple[str, str]]:
    """Rows and the comments behind them; the first row carries the left side, an equation its own."""
    title = chain_title(derivation, chain, language, LAYOUT, str)
    rows = []
    before = f"{term_latex(chain.left)} "
    if isinstance(chain.left, Relation):
        rows.append((_relation(chain.left), title))
    for step in chain.steps:
        reason = step_reason(step, language)
        if not rows:
            reason = f"{title}: {reason}"
        if step.matrix is not None:
            row = _matrix_row(derivation, chain, step.matrix.tree)
        elif isinstance(step.after, Relation):
            row = _relation(step.after)
        else:
            row = f"{before}&{LATEX.relations[step.relation]} {term_latex(step.after)}"
        rows.append((row, reason))
        before = ""
    return rows


def _equation(left: Term, right: Term) -> str:
    if isinstance(right, Relation):
        return _relation(right)
    return f"{term_latex(left)} &= {term_latex(right)}"


def _relation(relation: Relation) -> str:
    left, right, operator = relation.left, relation.right, relation.operator
    return f"{term_latex(left)} &{LATEX.relations[operator]} {term_latex(right)}"


def _matrix_row(derivation: Derivation, chain: Chain, form: Node) -> str:
    left = matrix_left_latex(derivation, chain)
    text = matrix_latex(form)
    return f"{left} &= {text}" if left else text.replace(" = ", " &= ", 1)


def _aligned(rows: list[tuple[str, str]]) -> str:
    lines = []
    for place, (row, reason) in enumerate(rows):
        end = r" \\" if place < len(rows) - 1 else ""
        lines.append(row + end + (f" % {reason}" if reason else ""))
    return "\n".join([r"\begin{align*}", *lines, r"\end{align*}"])
