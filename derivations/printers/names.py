"""How a symbol looks: from its name to LaTeX, from LaTeX to a letter on a terminal, and in bold.

LaTeX is the master form because an author may write it beside the name (`\\hat{y}`); the terminal's form is
read off it, so that the two cannot say different things.
"""

import re
import unicodedata
from functools import cache

from derivations.terms import Symbol

_LOWER = (
    "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon "
    "phi chi psi omega"
)
_UPPER = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
GREEK = {
    **dict(zip(_LOWER.split(), "αβγδζηθικλμνξπρστυϕχψω", strict=True)),
    **dict(zip(_UPPER.split(), "ΓΔΘΛΞΠΣΥΦΨΩ", strict=True)),
    "epsilon": "ε",
    "varepsilon": "ε",
    "varphi": "φ",
    "ell": "ℓ",
    "nabla": "∇",
    "infty": "∞",
}
_FROM_LETTER = {letter: name for name, letter in reversed(GREEK.items())}
_SHORT = {"eps": "epsilon", "lam": "lambda"}
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "vec": "\u20d7"}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@cache
def latex_of_name(name: str) -> str:
    """LaTeX of a name that came without: Greek letters, accents and numbers as suffixes."""
    if name in GREEK:
        return f"\\{name}"
    if name in _SHORT:
        return f"\\{_SHORT[name]}"
    if len(name) > 1 and name[-1] in "_'":
        # the engine sets a mark behind a name that is taken
        return f"{latex_of_name(name[:-1])}'"
    composed = unicodedata.normalize("NFD", name)
    for accent, mark in _ACCENTS.items():
        if composed.endswith(mark):
            return f"\\{accent}{{{latex_of_name(composed[: -len(mark)])}}}"
    if len(name) == 1:
        return f"\\{_FROM_LETTER[name]}" if name in _FROM_LETTER else name
    for accent in _ACCENTS:
        stem = name.removesuffix(accent).removesuffix("_")
        if name.endswith(accent) and stem and (name[len(stem)] == "_" or _is_letter(stem)):
            return f"\\{accent}{{{latex_of_name(stem)}}}"
    found = re.fullmatch(r"(.+?)_?(\d+)", name) or re.fullmatch(r"(.+?)_(.+)", name)
    if found:
        # a subscript of a subscript cannot be read, so further parts stand beside the first
        parts = [part if part.isdigit() else latex_of_name(part) for part in found[2].split("_") if part]
        stem, own = split_subscript(latex_of_name(found[1]))
        below = ",".join([*([own] if own else []), *parts])
        return f"{stem}_{below}" if len(below) == 1 else f"{stem}_{{{below}}}"
    return "\\mathrm{{{}}}".format(name.replace("_", "\\_"))


def split_subscript(latex: str) -> tuple[str, str]:
    """The notation without the subscript at its end, and the subscript without its braces."""
    depth = 0
    for place, character in enumerate(latex):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "_" and depth == 0:
            below = latex[place + 1 :]
            bare = below[1:-1] if below.startswith("{") else below
            if "^" not in below:
                return latex[:place], bare
    return latex, ""


def _is_letter(name: str) -> bool:
    return len(name) == 1 or name in GREEK or _is_accented(name)


def _is_accented(name: str) -> bool:
    stems = [name.removesuffix(accent).removesuffix("_") for accent in _ACCENTS if name.endswith(accent)]
    return any(stem and _is_letter(stem) for stem in stems)


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
        inner, mark = text_of_latex(found[2]), _ACCENTS.get(found[1], "")
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
