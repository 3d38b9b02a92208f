"""ReLU: the positive part."""

from sympy import Eq

from derivations.language import Derivative, Formula, Text, maximum, scalar

x = scalar("x", Text(en="input", zh="输入"))
f = scalar("f", Text(en="output", zh="输出"), domain="nonnegative")

formula = Formula(
    name=Text(en="Rectified linear unit (ReLU)", zh="修正线性单元（ReLU）"),
    summary=Text(en="...", zh="..."),
    define=[Eq(f, maximum(0, x))],
    ask=[Derivative(f, x)],
)
