"""All steps as one `align*` environment, for a paper."""

from derivations.printers.forms import Shown
from derivations.printers.latex import derivation_latex


def printed(found: Shown, language: str) -> str:
    return derivation_latex(found.derivation, language)
