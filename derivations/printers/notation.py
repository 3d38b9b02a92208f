"""The two tables of notation: what a fraction, a sum, a derivative look like on a terminal and in LaTeX.

`layout.py` walks a term and knows precedence; everything that it writes stands here as data, so that a third
form of output is a third table and not a third walk.
"""

from dataclasses import dataclass, field


Brackets = tuple[str, str]


@dataclass(frozen=True)
class Notation:
    """Templates hold `%s` where parts go, in reading order.

    `stacked` says that a fraction is built upwards: it needs no brackets inside and is tall outside.
    """

    stacked: bool
    minus: str
    brackets: Brackets
    tall_brackets: Brackets
    fraction: str  # of two operands that need no further brackets
    wide_fraction: str  # of a product over something, where nothing follows
    slash: str  # inside exponents
    power: str
    root: str
    root_of_letter: str
    sum: str
    subscript: str
    single_subscript: str
    delta: str
    bracket: str  # Iverson's
    derivative: str
    operator: str  # a derivative whose body stands behind it
    partial: str
    second: str  # the derivative of a derivative by the same scalar
    between_numbers: str
    relations: dict[str, str] = field(hash=False)
    constants: dict[str, str] = field(hash=False)
    cases: str = ""
    case: str = ""
    case_separator: str = ""
    also: str = ", "  # between conditions that hold together


TEXT = Notation(
    stacked=False,
    minus="−",
    brackets=("(", ")"),
    tall_brackets=("(", ")"),
    fraction="%s/%s",
    wide_fraction="%s / %s",
    slash="%s/%s",
    power="%s^{%s}",
    root="√(%s)",
    root_of_letter="√%s",
    sum="Σ_%s %s",
    subscript="_{%s}",
    single_subscript="_%s",
    delta="δ",
    bracket="[0 ≤ %s < %s]",
    derivative="∂%s/∂%s",
    operator="∂/∂%s %s",
    partial="∂",
    second="∂²%s/∂%s²",
    between_numbers=" · ",
    relations={"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"},
    constants={"pi": "π", "e": "e"},
    cases="{%s}",
    case="%s if %s",
    case_separator="; ",
)

LATEX = Notation(
    stacked=True,
    minus="-",
    brackets=("(", ")"),
    tall_brackets=(r"\left(", r"\right)"),
    fraction=r"\frac{%s}{%s}",
    wide_fraction=r"\frac{%s}{%s}",
    slash="%s/%s",
    power="%s^{%s}",
    root=r"\sqrt{%s}",
    root_of_letter=r"\sqrt{%s}",
    sum=r"\sum_%s %s",
    subscript="_{%s}",
    single_subscript="_%s",
    delta=r"\delta",
    bracket=r"[0 \le %s < %s]",
    derivative=r"\frac{\partial %s}{\partial %s}",
    operator=r"\frac{\partial}{\partial %s} %s",
    partial=r"\partial",
    second=r"\frac{\partial^2 %s}{\partial %s^2}",
    between_numbers=r" \cdot ",
    relations={"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"},
    constants={"pi": r"\pi", "e": "e"},
    cases=r"\begin{cases} %s \end{cases}",
    case="%s & %s",
    case_separator=r" \\ ",
)
