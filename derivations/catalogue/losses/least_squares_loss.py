"""Least squares: half the squared distance between a linear model and its targets."""

from sympy import Eq

from derivations.language import (
    Axis,
    Formula,
    Gradient,
    Hessian,
    Stationary,
    Text,
    matrix,
    scalar,
    squared_norm,
    vector,
)

n = Axis("n", Text(en="number of examples", zh="样本数"))
d = Axis("d", Text(en="number of parameters", zh="参数个数"))
i = n.indices("i")
j, k = d.indices("j k")
X = matrix("X", n, d, Text(en="design matrix, rows are examples", zh="设计矩阵，每行一个样本"))
theta = vector("theta", d, Text(en="parameters", zh="参数"))
Y = vector("Y", n, Text(en="targets", zh="目标（标签）"))
J = scalar("J", Text(en="loss", zh="损失"), domain="nonnegative")

formula = Formula(
    name=Text(en="Least-squares loss", zh="最小二乘损失"),
    summary=Text(en="...", zh="..."),
    define=[Eq(J, squared_norm(X @ theta - Y) / 2)],
    ask=[Gradient(J, theta), Hessian(J, theta), Stationary(J, theta)],
)
