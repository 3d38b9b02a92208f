"""How a symbol looks: by entries, whole and in bold, and on a terminal.

LaTeX is the master form because an author may write it beside the name (`\\hat{y}`); the terminal's form is
read off it, so that the two cannot say different things.
"""

import re
import unicodedata
from functools import cache

from derivations.letters import ACCENTS, GREEK, latex_of_name
from derivations.terms import Symbol

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def symbol_latex(symbol: Symbol) -> str:
    """The letter of one entry, without indices."""
    return symbol.latex or latex_of_name(symbol.name)


def whole_latex(symbol: Symbol) -> str:
    """The whole symbol: bold upright for vectors and matrices, with the accent outside."""
    return bold(symbol_latex(symbol)) if symbol.axes else symbol_latex(symbol)


def bold(latex: str) -> str:
    """The first letter in bold; accents stay around it, subscripts and marks behind it."""
    head = re.match(r"\\(hat|bar|tilde|dot|vec)(?=\{)", latex)
    if head:
        end = _closing_brace(latex, head.end())
        return f"{head[0]}{{{bold(latex[head.end() + 1 : end])}}}{latex[end + 1 :]}"
    if latex.startswith(r"\mathrm"):
        return latex.replace(r"\mathrm", r"\mathbf", 1)
    core = re.match(r"\\[A-Za-z]+|.", latex)
    letter = core[0] if core else ""
    font = r"\boldsymbol" if letter.startswith("\\") else r"\mathbf"
    return f"{font}{{{letter}}}{latex[len(letter) :]}"


def _closing_brace(latex: str, opening: int) -> int:
    depth = 0
    for place in range(opening, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[place], 0)
        if depth == 0:
            return place
    return len(latex)


@cache
def text_of_latex(latex: str) -> str:
    """LaTeX as Unicode: accents become combining marks, commands the sign or word they stand for."""
    text = re.sub(r"\\(?:left|right|,|;|!)(?![A-Za-z])", "", latex)
    text = re.sub(r"\\lvert ?| ?\\rvert", "|", text)
    innermost = re.compile(r"\\([A-Za-z]+)\{([^{}]*)\}")
    while (found := innermost.search(text)) is not None:
        inner, mark = text_of_latex(found[2]), ACCENTS.get(found[1], "")
        # a mark stands behind the letter it belongs to, and further marks behind the first
        place = len(inner) - len(inner.lstrip(inner[:1])) if mark else 0
        while mark and place < len(inner) and unicodedata.combining(inner[place]):
            place += 1
        text = text[: found.start()] + inner[:place] + mark + inner[place:] + text[found.end() :]
    # a command that is a letter swallows the space that ends it, a word keeps it
    text = re.sub(r"\\([A-Za-z]+)( ?)", lambda m: GREEK.get(m[1], m[1] + m[2]), text)
    text = re.sub(r"\^\{?(-?[0-9]+)\}?", lambda m: m[1].translate(_SUPERSCRIPTS), text)
    text = re.sub(r"_\{(\w)\}", r"_\1", text)
    return unicodedata.normalize("NFC", text.replace("-", "−"))


def superscript(text: str) -> str:
    """Digits raised, where Unicode has them; empty where it has not."""
    return text.translate(_SUPERSCRIPTS) if text.isdigit() else ""
