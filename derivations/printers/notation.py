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
    second_derivative: str
    mixed_derivative: str
    between_numbers: str
    relations: dict[str, str] = field(hash=False)
    constants: dict[str, str] = field(hash=False)
    cases: str = ""
    case: str = ""
    case_separator: str = ""
    also: str = ", "  # between conditions that hold together
    first: int = 0  # what the first position of an axis is called
    bounded_sum: str = ""
    exponential: str = ""  # for an argument that is too tall for an exponent, and for arrays
    # whole arrays
    hadamard: str = ""
    transpose: str = ""
    inverse: str = ""
    norm: str = ""
    identity: str = ""
    ones: str = ""
    call: str = ""
    gradient: str = ""
    second_gradient: str = ""
    jacobian: str = ""
    zero: str = ""


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
    second_derivative="∂²%s/∂%s²",
    mixed_derivative="∂²%s/∂%s∂%s",
    between_numbers=" · ",
    relations={"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠", "=": "=", "iff": "⟺"},
    constants={"pi": "π", "e": "e"},
    cases="{%s}",
    case="%s if %s",
    case_separator="; ",
    bounded_sum="Σ_{%s=%s}^{%s} %s",
    exponential="exp%s",
    hadamard=" ⊙ ",
    transpose="%sᵀ",
    inverse="%s⁻¹",
    norm="‖%s‖",
    identity="I_%s",
    ones="1_%s",
    call="%s%s",
    gradient="∇_%s %s",
    second_gradient="∇²_%s %s",
    jacobian="J",
    zero="0",
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
    second_derivative=r"\frac{\partial^2 %s}{\partial %s^2}",
    mixed_derivative=r"\frac{\partial^2 %s}{\partial %s \partial %s}",
    between_numbers=r" \cdot ",
    relations={
        "<": "<",
        "<=": r"\le",
        ">": ">",
        ">=": r"\ge",
        "==": "=",
        "!=": r"\ne",
        "=": "=",
        "iff": r"\iff",
    },
    constants={"pi": r"\pi", "e": "e"},
    cases=r"\begin{cases} %s \end{cases}",
    case="%s & %s",
    case_separator=r" \\ ",
    first=1,
    bounded_sum=r"\sum_{%s=%s}^{%s} %s",
    exponential=r"\exp%s",
    hadamard=r" \odot ",
    transpose=r"%s^\top",
    inverse="%s^{-1}",
    norm=r"\lVert %s \rVert",
    identity=r"\mathbf{I}_%s",
    ones=r"\mathbf{1}_%s",
    call=r"\operatorname{%s}%s",
    gradient=r"\nabla_{%s} %s",
    second_gradient=r"\nabla_{%s}^2 %s",
    jacobian=r"\mathbf{J}",
    zero=r"\mathbf{0}",
)
