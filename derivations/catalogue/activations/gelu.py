"""GELU: the input times the probability that a standard normal variable stays below it."""

from sympy import Eq, erf, exp, pi, sqrt

from derivations.language import Derivative, Formula, Text, scalar

x = scalar("x", Text(en="input", zh="输入"))
phi = scalar(
    "phi",
    Text(en="standard normal density at x", zh="x 处的标准正态密度"),
    domain="positive",
    latex=r"\varphi",
)
Phi = scalar(
    "Phi", Text(en="standard normal distribution function at x", zh="x 处的标准正态分布函数值"), domain="unit"
)
f = scalar("f", Text(en="output", zh="输出"))

formula = Formula(
    name=Text(en="Gaussian error linear unit (GELU)", zh="高斯误差线性单元（GELU）"),
    summary=Text(en="...", zh="..."),
    define=[
        Eq(phi, exp(-(x**2) / 2) / sqrt(2 * pi)),
        Eq(Phi, (1 + erf(x / sqrt(2))) / 2),
        Eq(f, x * Phi),
    ],
    ask=[Derivative(f, x), Derivative(f, x, x)],
)
