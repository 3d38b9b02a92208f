"""All steps as plain text, for a terminal."""

from derivations.printers.forms import Shown
from derivations.printers.text import derivation_text, term_text
from derivations.words import label


def printed(found: Shown, language: str) -> str:
    """The names, then all steps."""
    derivation = found.derivation
    names = [f"  {term_text(d.left)} = {term_text(d.body)}" for d in derivation.scope.definitions]
    lines = [label("formula.definition", language), *names, "", derivation_text(derivation, language)]
    return "\n".join(lines)
