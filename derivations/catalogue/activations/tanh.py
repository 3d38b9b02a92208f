"""Hyperbolic tangent: any number to the interval from -1 to 1."""

from sympy import Eq, exp

from derivations.language import Derivative, Formula, Text, interval, scalar

x = scalar("x", Text(en="input", zh="输入"))
t = scalar("t", Text(en="output", zh="输出"), domain=interval(-1, 1))

formula = Formula(
    name=Text(en="Hyperbolic tangent", zh="双曲正切函数"),
    summary=Text(en="...", zh="..."),
    define=[Eq(t, (exp(x) - exp(-x)) / (exp(x) + exp(-x)))],
    ask=[Derivative(t, x)],
)
