"""Leaky ReLU: a small slope where ReLU is flat."""

from sympy import Eq, Rational

from derivations.language import Derivative, Formula, Text, scalar, where

x = scalar("x", Text(en="input", zh="输入"))
alpha = scalar(
    "alpha",
    Text(en="slope for negative inputs", zh="负半轴上的斜率"),
    domain="unit",
    default=Rational("0.01"),
)
f = scalar("f", Text(en="output", zh="输出"))

formula = Formula(
    name=Text(en="Leaky ReLU", zh="带泄漏的修正线性单元"),
    summary=Text(en="...", zh="..."),
    define=[Eq(f, where(x >= 0, x, alpha * x))],
    ask=[Derivative(f, x), Derivative(f, alpha)],
)
