"""From the name of a symbol to its letter in LaTeX: Greek letters, accents, subscripts.

Authors, people who type a formula and the engine itself all give names, and most give no notation with them.
What a name looks like is therefore decided here, to the left of all of them, and nowhere a second time.
"""

import re
import unicodedata
from functools import cache

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
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "vec": "\u20d7"}


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
    for accent, mark in ACCENTS.items():
        if composed.endswith(mark):
            return f"\\{accent}{{{latex_of_name(composed[: -len(mark)])}}}"
    if len(name) == 1:
        return f"\\{_FROM_LETTER[name]}" if name in _FROM_LETTER else name
    for accent in ACCENTS:
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
    stems = [name.removesuffix(accent).removesuffix("_") for accent in ACCENTS if name.endswith(accent)]
    return any(stem and _is_letter(stem) for stem in stems)
