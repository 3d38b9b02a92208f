"""Elementwise functions, one record each: all that the project knows about exp, tanh or erf stands here.

Rules read the derivative, printers the notation, the evaluator the value, evidence the domain and the kinks.
A new function is one more record.  ReLU and maximum are no records but piecewise terms, a root is a power:
rules for cases and powers then serve them, and nothing has to be said twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derivations.arithmetic import HALF, ONE, TWO, ZERO, add, divide, negate, power, product, subtract
from derivations.domains import NONNEGATIVE, POSITIVE, REAL, UNIT, Domain
from derivations.terms import Constant, Function, Head, Term, TermError
from derivations.words import Text


@dataclass(frozen=True)
class Kink:
    """A point where the function has no derivative, and the value that is used there all the same."""

    at: Fraction
    derivative: Fraction


@dataclass(frozen=True)
class Elementwise:
    """One function of one variable.

    `derivative` takes the value (the function's own term) and the argument, and answers in the shorter of the
    two.  `value` takes a namespace of numeric functions (`math`, `mpmath` or a complex one) and a number;
    `sympy` takes the module SymPy and an expression, so that importing this file does not import SymPy.
    In `latex`, `#1` is the argument as it is, `#(1)` the argument in brackets unless it is a single symbol.
    `numpy` is NumPy's own name, empty where it has none.  `complex_step` says that the function is analytic,
    so that a complex step gives its derivative.
    """

    head: Head
    name: Text
    derivative: Callable[[Term, Term], Term]
    value: Callable[[Any, Any], Any]
    sympy: Callable[[Any, Any], Any]
    latex: str
    numpy: str = ""
    rule: str = "chain"
    domain: Domain = REAL
    kinks: tuple[Kink, ...] = ()
    complex_step: bool = True

    @property
    def text(self) -> str:
        """The template of the text notation, which is what people type."""
        return f"{self.head.name}(#1)"


def apply(name: str, argument: Term) -> Function:
    """The function of this name at the argument."""
    return Function(record(name).head, (argument,))


def record(name: str) -> Elementwise:
    try:
        return FUNCTIONS[name]
    except KeyError:
        raise TermError(f"no function {name!r}; there are {', '.join(sorted(FUNCTIONS))}") from None


def in_sympy(name: str, argument: Any) -> Any:
    """The function as a SymPy expression."""
    import sympy

    return record(name).sympy(sympy, argument)


# ---- values that stay finite and exact where the obvious formula would not -------------------------------


def _sigmoid(m: Any, x: Any) -> Any:
    if x.real >= 0:
        return 1 / (1 + m.exp(-x))
    return m.exp(x) / (1 + m.exp(x))


def _softplus(m: Any, x: Any) -> Any:
    if x.real >= 0:
        return x + m.log1p(m.exp(-x))
    return m.log1p(m.exp(x))


def _sign(m: Any, x: Any) -> Any:
    # 0 * x keeps the kind of number: float, complex or mpmath's own
    return 0 * x + (x.real > 0) - (x.real < 0)


def _abs(m: Any, x: Any) -> Any:
    return x if x.real >= 0 else -x


# ---- the table -------------------------------------------------------------------------------------------

_SYMMETRIC_UNIT = Domain("symmetric_unit", "(-1,1)", Fraction(-1), Fraction(1))
_CLOSED_SYMMETRIC_UNIT = Domain("closed_symmetric_unit", "[-1,1]", Fraction(-1), Fraction(1), closed=True)
_ABOVE_MINUS_ONE = Domain("above_minus_one", r"(-1,\infty)", Fraction(-1))
_FROM_ONE = Domain("from_one", r"[1,\infty)", Fraction(1), closed=True)
# Ends that are multiples of pi are no fractions, so only the notation tells them.
_HALF_TURN = Domain("half_turn", r"[-\tfrac{\pi}{2},\tfrac{\pi}{2}]")
_OPEN_HALF_TURN = Domain("open_half_turn", r"(-\tfrac{\pi}{2},\tfrac{\pi}{2})")
_UPPER_HALF_TURN = Domain("upper_half_turn", r"[0,\pi]", Fraction(0), closed=True)

_AT_ZERO = (Kink(Fraction(0), Fraction(0)),)


def _one_minus_square(t: Term) -> Term:
    return subtract(ONE, power(t, TWO))


_TABLE = (
    Elementwise(
        Head("exp", POSITIVE),
        Text(en="exponential function", zh="指数函数"),
        lambda v, x: v,
        lambda m, x: m.exp(x),
        lambda s, x: s.exp(x),
        "e^{#1}",
        numpy="exp",
        rule="exp",
    ),
    Elementwise(
        Head("log"),
        Text(en="natural logarithm", zh="自然对数"),
        lambda v, x: divide(ONE, x),
        lambda m, x: m.log(x),
        lambda s, x: s.log(x),
        r"\log #(1)",
        numpy="log",
        rule="log",
        domain=POSITIVE,
    ),
    Elementwise(
        Head("sin", _CLOSED_SYMMETRIC_UNIT),
        Text(en="sine", zh="正弦函数"),
        lambda v, x: apply("cos", x),
        lambda m, x: m.sin(x),
        lambda s, x: s.sin(x),
        r"\sin #(1)",
        numpy="sin",
    ),
    Elementwise(
        Head("cos", _CLOSED_SYMMETRIC_UNIT),
        Text(en="cosine", zh="余弦函数"),
        lambda v, x: negate(apply("sin", x)),
        lambda m, x: m.cos(x),
        lambda s, x: s.cos(x),
        r"\cos #(1)",
        numpy="cos",
    ),
    Elementwise(
        Head("tan"),
        Text(en="tangent", zh="正切函数"),
        lambda v, x: add(ONE, power(v, TWO)),
        lambda m, x: m.tan(x),
        lambda s, x: s.tan(x),
        r"\tan #(1)",
        numpy="tan",
    ),
    Elementwise(
        Head("sinh"),
        Text(en="hyperbolic sine", zh="双曲正弦函数"),
        lambda v, x: apply("cosh", x),
        lambda m, x: m.sinh(x),
        lambda s, x: s.sinh(x),
        r"\sinh #(1)",
        numpy="sinh",
    ),
    Elementwise(
        Head("cosh", _FROM_ONE),
        Text(en="hyperbolic cosine", zh="双曲余弦函数"),
        lambda v, x: apply("sinh", x),
        lambda m, x: m.cosh(x),
        lambda s, x: s.cosh(x),
        r"\cosh #(1)",
        numpy="cosh",
    ),
    Elementwise(
        Head("tanh", _SYMMETRIC_UNIT),
        Text(en="hyperbolic tangent", zh="双曲正切函数"),
        lambda v, x: _one_minus_square(v),
        lambda m, x: m.tanh(x),
        lambda s, x: s.tanh(x),
        r"\tanh #(1)",
        numpy="tanh",
    ),
    Elementwise(
        Head("arcsin", _HALF_TURN),
        Text(en="inverse sine", zh="反正弦函数"),
        lambda v, x: power(_one_minus_square(x), negate(HALF)),
        lambda m, x: m.asin(x),
        lambda s, x: s.asin(x),
        r"\arcsin #(1)",
        numpy="arcsin",
        domain=_SYMMETRIC_UNIT,
    ),
    Elementwise(
        Head("arccos", _UPPER_HALF_TURN),
        Text(en="inverse cosine", zh="反余弦函数"),
        lambda v, x: negate(power(_one_minus_square(x), negate(HALF))),
        lambda m, x: m.acos(x),
        lambda s, x: s.acos(x),
        r"\arccos #(1)",
        numpy="arccos",
        domain=_SYMMETRIC_UNIT,
    ),
    Elementwise(
        Head("arctan", _OPEN_HALF_TURN),
        Text(en="inverse tangent", zh="反正切函数"),
        lambda v, x: divide(ONE, add(ONE, power(x, TWO))),
        lambda m, x: m.atan(x),
        lambda s, x: s.atan(x),
        r"\arctan #(1)",
        numpy="arctan",
    ),
    Elementwise(
        Head("abs", NONNEGATIVE),
        Text(en="absolute value", zh="绝对值"),
        lambda v, x: apply("sign", x),
        _abs,
        lambda s, x: s.Abs(x),
        r"\lvert #1 \rvert",
        numpy="abs",
        kinks=_AT_ZERO,
        complex_step=False,
    ),
    Elementwise(
        Head("sign", _CLOSED_SYMMETRIC_UNIT),
        Text(en="sign", zh="符号函数"),
        lambda v, x: ZERO,
        _sign,
        lambda s, x: s.sign(x),
        r"\operatorname{sign}(#1)",
        numpy="sign",
        kinks=_AT_ZERO,
        complex_step=False,
    ),
    Elementwise(
        Head("erf", _SYMMETRIC_UNIT),
        Text(en="error function", zh="误差函数"),
        lambda v, x: product(TWO, power(Constant("pi"), negate(HALF)), apply("exp", negate(power(x, TWO)))),
        lambda m, x: m.erf(x),
        lambda s, x: s.erf(x),
        r"\operatorname{erf}(#1)",
        rule="erf",
    ),
    Elementwise(
        Head("log1p"),
        Text(en="logarithm of one plus the argument", zh="一加自变量的对数"),
        lambda v, x: divide(ONE, add(ONE, x)),
        lambda m, x: m.log1p(x),
        lambda s, x: s.log(1 + x),
        r"\log(1 + #1)",
        numpy="log1p",
        domain=_ABOVE_MINUS_ONE,
    ),
    Elementwise(
        Head("expm1", _ABOVE_MINUS_ONE),
        Text(en="exponential minus one", zh="指数函数减一"),
        lambda v, x: apply("exp", x),
        lambda m, x: m.expm1(x),
        lambda s, x: s.exp(x) - 1,
        r"\left(e^{#1} - 1\right)",
        numpy="expm1",
    ),
    Elementwise(
        Head("sigmoid", UNIT),
        Text(en="sigmoid", zh="sigmoid 函数"),
        lambda v, x: product(v, subtract(ONE, v)),
        _sigmoid,
        lambda s, x: 1 / (1 + s.exp(-x)),
        r"\sigma(#1)",
    ),
    Elementwise(
        Head("softplus", POSITIVE),
        Text(en="softplus", zh="softplus 函数"),
        lambda v, x: apply("sigmoid", x),
        _softplus,
        lambda s, x: s.log(1 + s.exp(x)),
        r"\operatorname{softplus}(#1)",
    ),
)

FUNCTIONS: dict[str, Elementwise] = {elementwise.head.name: elementwise for elementwise in _TABLE}
