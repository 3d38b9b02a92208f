"""Swish: the input times a sigmoid gate of itself."""

from sympy import Eq

from derivations.catalogue.activations.sigmoid import formula as sigmoid
from derivations.language import Derivative, Formula, Text, scalar

x = scalar("x", Text(en="input", zh="输入"))
beta = scalar("beta", Text(en="slope of the gate", zh="门的斜率"), default=1)
sigma = sigmoid(
    x=beta * x, meaning=Text(en="gate, sigmoid of the scaled input", zh="门：缩放后输入的 sigmoid 值")
)
f = scalar("f", Text(en="output", zh="输出"))

formula = Formula(
    name=Text(en="Swish", zh="Swish 函数"),
    summary=Text(en="...", zh="..."),
    define=[Eq(f, x * sigma)],
    ask=[Derivative(f, x), Derivative(f, beta)],
)
