"""All steps as plain text, for a terminal."""

from derivations.printers.forms import Shown
from derivations.printers.operations import listed_first
from derivations.printers.text import definition_text, derivation_text
from derivations.words import label


def printed(found: Shown, language: str) -> str:
    """The names, then all steps."""
    derivation = found.derivation
    names = [f"  {definition_text(definition)}" for definition in listed_first(derivation)]
    lines = [label("formula.definition", language), *names, "", derivation_text(derivation, language)]
    return "\n".join(lines)
