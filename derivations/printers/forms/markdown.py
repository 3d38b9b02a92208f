"""All steps as Markdown with LaTeX, for notes and pages."""

from derivations.printers.forms import Shown
from derivations.printers.latex import definition_latex
from derivations.printers.markdown import derivation_markdown, display
from derivations.printers.operations import listed_first
from derivations.steps import Derivation
from derivations.words import label


def printed(found: Shown, language: str) -> str:
    return definitions(found.derivation, language) + derivation_markdown(found.derivation, language)


def definitions(derivation: Derivation, language: str) -> str:
    """What the names stand for, above the steps that use them."""
    shown = [display(definition_latex(definition)) for definition in listed_first(derivation)]
    return "\n\n".join([f"**{label('formula.definition', language)}**", *shown, ""]) + "\n"
