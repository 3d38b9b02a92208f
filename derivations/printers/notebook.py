"""What a notebook shows for a derivation: its `_repr_markdown_` and `_repr_latex_`.

Markdown is what notebooks prefer, with steps and words; the LaTeX form is the result alone, for places that
typeset formulas only.  It is `aligned` between dollars: not every front end takes `align*` there.
"""

from derivations.printers.latex import derivation_latex
from derivations.printers.markdown import derivation_markdown
from derivations.steps import Derivation

HEADING_LEVEL = 4  # an answer inside somebody's page, so no heading of that page's size


def repr_markdown(derivation: Derivation, language: str = "en") -> str:
    return derivation_markdown(derivation, language, HEADING_LEVEL)


def repr_latex(derivation: Derivation, language: str = "en") -> str:
    return f"$\\displaystyle {derivation_latex(derivation, language, 'result').replace('align*', 'aligned')}$"
