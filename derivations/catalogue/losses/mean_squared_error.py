"""Mean squared error: the average of squared differences."""

from sympy import Eq

from derivations.language import Axis, Formula, Gradient, Hessian, Text, mean, scalar, vector

n = Axis("n", Text(en="number of examples", zh="样本数"))
i = n.indices("i")
y = vector("y", n, Text(en="targets", zh="目标（标签）"))
y_hat = vector("y_hat", n, Text(en="predictions", zh="预测值"), latex=r"\hat{y}")
M = scalar("M", Text(en="mean squared error", zh="均方误差"), domain="nonnegative")

formula = Formula(
    name=Text(en="Mean squared error (MSE)", zh="均方误差（MSE）"),
    summary=Text(en="...", zh="..."),
    define=[Eq(M, mean((y[i] - y_hat[i]) ** 2, i))],
    ask=[Gradient(M, y_hat), Hessian(M, y_hat)],
)
