"""Layer normalization: the features of one example get mean zero and variance about one."""

from sympy import Eq, Rational, sqrt

from derivations.language import Axis, Formula, Jacobian, Text, Vjp, mean, scalar, vector

H = Axis("H", Text(en="number of features", zh="特征数"))
i, k = H.indices("i k")
x = vector("x", H, Text(en="features of one example", zh="单个样本的特征"))
gamma = vector("gamma", H, Text(en="gain, one per feature", zh="缩放参数，每个特征一个"))
beta = vector("beta", H, Text(en="shift, one per feature", zh="平移参数，每个特征一个"))
eps = scalar(
    "eps",
    Text(en="small constant", zh="小常数"),
    domain="positive",
    latex=r"\epsilon",
    default=Rational("0.00001"),
)
mu = scalar("mu", Text(en="mean", zh="均值"))
var = scalar(
    "var", Text(en="variance (divided by H)", zh="方差（除以 H）"), domain="nonnegative", latex=r"\sigma^2"
)
s = scalar("s", Text(en="scale", zh="尺度"), domain="positive")
x_hat = vector("x_hat", H, Text(en="normalized features", zh="归一化后的特征"), latex=r"\hat{x}")
y = vector("y", H, Text(en="output", zh="输出"))

formula = Formula(
    name=Text(en="Layer normalization", zh="层归一化"),
    summary=Text(en="...", zh="..."),
    define=[
        Eq(mu, mean(x[i], i)),
        Eq(var, mean((x[i] - mu) ** 2, i)),
        Eq(s, sqrt(var + eps)),
        Eq(x_hat[i], (x[i] - mu) / s),
        Eq(y[i], gamma[i] * x_hat[i] + beta[i]),
    ],
    ask=[Jacobian(y, x), Vjp(y, x, gamma, beta)],
)
