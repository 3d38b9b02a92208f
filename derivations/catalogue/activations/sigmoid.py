"""Sigmoid: any number to a probability."""

from sympy import Eq, exp

from derivations.language import Derivative, Formula, Text, scalar

x = scalar("x", Text(en="input", zh="输入"))
sigma = scalar("sigma", Text(en="output", zh="输出"), domain="unit", latex=r"\sigma")

formula = Formula(
    name=Text(en="Logistic sigmoid", zh="sigmoid 函数"),
    summary=Text(en="...", zh="..."),
    define=[Eq(sigma, 1 / (1 + exp(-x)))],
    ask=[Derivative(sigma, x), Derivative(sigma, x, x)],
)
