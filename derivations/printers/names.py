"""How a symbol looks: from its name to LaTeX, from LaTeX to a letter on a terminal, and in bold.

LaTeX is the master form because an author may write it beside the name (`\\hat{y}`); the terminal's form is
read off it, so that the two cannot say different things.
"""

import re
import unicodedata
from functools import cache

from derivations.terms import Symbol

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
    "phi chi psi omega"
).split()
_GREEK_LETTERS = "αβγδϵζηθικλμνξοπρστυϕχψω"
_CAPITALS = dict(zip("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split(), "ΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
GREEK = dict(zip(_GREEK_NAMES, _GREEK_LETTERS, strict=True)) | _CAPITALS
GREEK |= {"varepsilon": "ε", "varphi": "φ", "ell": "ℓ", "nabla": "∇", "infty": "∞"}
# \epsilon is drawn like ϵ by LaTeX, but a terminal's reader expects ε
GREEK["epsilon"] = "ε"
_FROM_LETTER = {letter: name for name, letter in reversed(GREEK.items())} | {"ε": "epsilon", "φ": "varphi", "ϕ": "phi"}
_SHORT = {"eps": "epsilon", "lam": "lambda", "var": r"\sigma^2"}
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "vec": "\u20d7"}
_SUPERSCRIPTS = str.maketrans("0123456789+-n()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ⁽⁾")


@cache
def latex_of_name(name: str) -> str:
    """LaTeX of a name that came without: Greek letters, accents as suffixes, a trailing number as a subscript."""
    if name in GREEK:
        return f"\\{name}"
    if name in _SHORT:
        short = _SHORT[name]
        return short if short.startswith("\\") else f"\\{short}"
    if len(name) == 1:
        return f"\\{_FROM_LETTER[name]}" if name in _FROM_LETTER else name
    for accent in _ACCENTS:
        stem = name.removesuffix(accent).removesuffix("_")
        if name.endswith(accent) and stem and (name[len(stem)] == "_" or _is_letter(stem)):
            return f"\\{accent}{{{latex_of_name(stem)}}}"
    found = re.fullmatch(r"(.+?)_?(\d+)|(.+?)_(.+)", name)
    if found:
        stem, below = (found[1], found[2]) if found[1] else (found[3], found[4])
        below = below if below.isdigit() else latex_of_name(below)
        return f"{latex_of_name(stem)}_{below}" if len(below) == 1 else f"{latex_of_name(stem)}_{{{below}}}"
    composed = unicodedata.normalize("NFD", name)
    for accent, mark in _ACCENTS.items():
        if composed.endswith(mark):
            return f"\\{accent}{{{latex_of_name(composed[: -len(mark)])}}}"
    return f"\\mathrm{{{name}}}"


def _is_letter(name: str) -> bool:
    return len(name) == 1 or name in GREEK or _is_accented(name)


def _is_accented(name: str) -> bool:
    return any(name.endswith(a) and _is_letter(name.removesuffix(a).removesuffix("_") or "..") for a in _ACCENTS)


def symbol_latex(symbol: Symbol) -> str:
    """The letter of one entry, without indices."""
    return symbol.latex or latex_of_name(symbol.name)


def whole_latex(symbol: Symbol) -> str:
    """The symbol as a whole: bold upright for vectors and matrices, with the accent outside the bold letter."""
    return bold(symbol_latex(symbol)) if symbol.axes else symbol_latex(symbol)


def bold(latex: str) -> str:
    accent = re.fullmatch(r"\\(hat|bar|tilde|dot|vec)\{(.*)\}", latex)
    if accent:
        return f"\\{accent[1]}{{{bold(accent[2])}}}"
    head = re.match(r"\\mathrm\{[^{}]*\}|\\[A-Za-z]+|.", latex)
    if head is None:
        return latex
    core, rest = head[0], latex[head.end() :]
    if core.startswith(r"\mathrm"):
        return f"\\mathbf{core.removeprefix(chr(92) + 'mathrm')}{rest}"
    return f"\\boldsymbol{{{core}}}{rest}" if core.startswith("\\") else f"\\mathbf{{{core}}}{rest}"


@cache
def text_of_latex(latex: str) -> str:
    """A piece of LaTeX as Unicode: accents become combining marks, commands the sign or word they stand for."""
    text = re.sub(r"\\(?:left|right|,|;|!)(?![A-Za-z])", "", latex)
    text = re.sub(r"\\[lr]vert\b ?", "|", text)
    accent_or_font = re.compile(r"\\(\w+)\{([^{}]*)\}")
    while (found := accent_or_font.search(text)) is not None:
        inner = text_of_latex(found[2])
        mark = _ACCENTS.get(found[1], "")
        inner = inner[0] + mark + inner[1:] if mark and inner and not unicodedata.combining(inner[-1]) else inner + mark
        text = text[: found.start()] + inner + text[found.end() :]
    text = re.sub(r"\\([A-Za-z]+) ?(?=[^A-Za-z]|$)", lambda m: GREEK.get(m[1], m[1] + " " * m[0].endswith(" ")), text)
    text = re.sub(r"\\([A-Za-z]+) ", lambda m: GREEK.get(m[1], m[1] + " "), text)
    text = re.sub(r"\^\{?([0-9]+)\}?", lambda m: m[1].translate(_SUPERSCRIPTS), text)
    text = re.sub(r"_\{(\w)\}", r"_\1", text)
    return unicodedata.normalize("NFC", text)


def superscript(text: str) -> str:
    """Digits raised, where Unicode has them; empty where it has not."""
    return text.translate(_SUPERSCRIPTS) if text.isdigit() else ""
