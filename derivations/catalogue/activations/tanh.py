"""Hyperbolic tangent: any number to the interval from -1 to 1."""

from sympy import Eq, exp, log, oo

from derivations.catalogue.activations.sigmoid import formula as sigmoid
from derivations.catalogue.sources import COMMON_FORMULAS, FORMULA_SUMMARY
from derivations.language import (
    Chain,
    Claim,
    Correction,
    D,
    Derivative,
    Example,
    Formula,
    Limit,
    Quote,
    Range,
    Reference,
    Step,
    Text,
    at,
    interval,
    scalar,
    step,
)

x = scalar("x", Text(en="input", zh="输入"))
t = scalar("t", Text(en="output, tanh of the input", zh="输出，即输入的双曲正切值"), domain=interval(-1, 1))
sigma = sigmoid(x=2 * x, meaning=Text(en="sigmoid of twice the input", zh="两倍输入处的 sigmoid 值"))

formula = Formula(
    name=Text(en="Hyperbolic tangent", zh="双曲正切函数"),
    summary=Text(
        en="The hyperbolic tangent is an S-shaped function centered at zero: outputs lie between $-1$ and "
        "$1$, with mean near zero for centered inputs. Like the sigmoid it saturates, and gradients vanish "
        "where the input is large.",
        zh="双曲正切函数是以零为中心的 S 形函数：输出在 $-1$ 与 $1$ 之间，输入居中时输出的均值接近零。它与 "
        "sigmoid 函数一样会饱和，输入很大时梯度消失。",
    ),
    define=[Eq(t, (exp(x) - exp(-x)) / (exp(x) + exp(-x)))],
    ask=[Derivative(t, x)],
    remarks={
        step(Derivative(t, x), "quotient"): Text(
            en="The denominator is positive for every input, so the quotient rule holds everywhere.",
            zh="分母对任何输入都为正，商法则因而处处适用。",
        ),
        step(Derivative(t, x), "exp"): Text(
            en="Differentiation exchanges the difference and the sum: each is the derivative of the other.",
            zh="求导使差与和互换：二者互为导数。",
        ),
        step(Derivative(t, x), "cancel"): Text(
            en="The first quotient is one, since numerator and denominator agree.",
            zh="第一个商的分子与分母相同，等于 1。",
        ),
        step(Derivative(t, x), "name"): Text(
            en="The second quotient is the square of the output: the backward pass needs no exponential.",
            zh="第二个商是输出的平方：反向传播无须再算指数。",
        ),
    },
    chains=[
        Chain(
            "range",
            Text(en="Range", zh="值域"),
            -1,
            [
                Step(
                    "<",
                    t,
                    Text(
                        en="$t + 1 = 2 e^{x} / (e^{x} + e^{-x})$ is positive",
                        zh="$t + 1 = 2 e^{x} / (e^{x} + e^{-x})$ 为正",
                    ),
                ),
                Step(
                    "<",
                    1,
                    Text(
                        en="$1 - t = 2 e^{-x} / (e^{x} + e^{-x})$ is positive",
                        zh="$1 - t = 2 e^{-x} / (e^{x} + e^{-x})$ 为正",
                    ),
                ),
            ],
            concludes=[Range(t, -1, 1), Limit(t, x, oo, 1), Limit(t, x, -oo, -1)],
        ),
        Chain(
            "derivative_range",
            Text(en="Range of the derivative", zh="导数的值域"),
            0,
            [
                Step(
                    "<",
                    1 - t**2,
                    Text(
                        en="the output lies strictly between $-1$ and $1$", zh="输出严格介于 $-1$ 与 $1$ 之间"
                    ),
                ),
                Step("=", D(t, x), Text(en="the derivative above", zh="上面求得的导数")),
                Step(
                    "<=",
                    1,
                    Text(
                        en="a square is not negative, and it is zero at $x = 0$",
                        zh="平方非负，且在 $x = 0$ 处为零",
                    ),
                ),
            ],
            concludes=[Range(D(t, x), 0, 1, closed="right"), Eq(at(t, {x: 0}, "t(0)"), 0)],
        ),
        Chain(
            "sigmoid_relation",
            Text(en="Relation to the sigmoid", zh="与 sigmoid 函数的关系"),
            t,
            [
                Step(
                    "=",
                    (1 - exp(-2 * x)) / (1 + exp(-2 * x)),
                    Text(en="numerator and denominator times $e^{-x}$", zh="分子与分母同乘 $e^{-x}$"),
                ),
                Step(
                    "=",
                    2 / (1 + exp(-2 * x)) - 1,
                    Text(en="$1 - a = 2 - (1 + a)$", zh="$1 - a = 2 - (1 + a)$"),
                ),
                Step(
                    "=",
                    2 * sigma - 1,
                    Text(en="definition of the sigmoid at $2 x$", zh="$2 x$ 处 sigmoid 函数的定义"),
                ),
            ],
        ),
        Chain(
            "oddness",
            Text(en="Odd symmetry", zh="奇函数"),
            at(t, {x: -x}, "t(-x)"),
            [
                Step("=", (exp(-x) - exp(x)) / (exp(-x) + exp(x)), Text(en="$-(-x) = x$", zh="$-(-x) = x$")),
                Step(
                    "=", -t, Text(en="the difference changes its sign, the sum does not", zh="差变号，和不变")
                ),
            ],
        ),
    ],
    claims=[
        Claim(
            "open_derivative_range",
            Text(
                en="The derivative takes values in the open interval $(0, 1)$.",
                zh="导数的取值范围是开区间 $(0, 1)$。",
            ),
            says=Range(D(t, x), 0, 1),
            expected="refuted",
            quote=Quote("取值(0,1)", FORMULA_SUMMARY, "激活函数/tanh", "wrong"),
            correction=Correction(
                text=Text(
                    en="The range is $(0, 1]$: the maximum 1 is attained at $x = 0$.",
                    zh="取值范围是 $(0, 1]$：最大值 1 在 $x = 0$ 处取到。",
                ),
            ),
        ),
    ],
    reading=Text(
        en="The derivative is one at zero and falls to zero as the output approaches $-1$ or $1$: a "
        "saturated unit no longer learns.",
        zh="导数在零点为 1，输出趋于 $-1$ 或 $1$ 时降为零：饱和的单元不再学习。",
    ),
    stability=Text(
        en="The quotient of exponentials is replaced by the library's tanh, and $1 - t^2$ by a form "
        "that keeps its digits far from zero.",
        zh="指数之商改用库函数 tanh 计算；远离零点处，$1 - t^2$ 改用不会相消的形式。",
    ),
    mistakes=[
        Text(
            en="Giving the range of the derivative as $(0, 1)$. At $x = 0$ it equals 1.",
            zh="把导数的取值范围写成 $(0, 1)$。在 $x = 0$ 处它等于 1。",
        ),
        Text(
            en="Writing $1 - x^2$ for the derivative. The square is that of the output.",
            zh="把导数写成 $1 - x^2$。平方的是输出，不是输入。",
        ),
        Text(
            en=r"Evaluating the quotient of exponentials in code: beyond $\lvert x \rvert \approx 710$ it "
            r"is $\infty / \infty$.",
            zh=r"在代码中直接计算指数之商：超出 $\lvert x \rvert \approx 710$ 后得到 $\infty / \infty$。",
        ),
        Text(
            en=r"Confusing it with the sigmoid: $\tanh(x) = 2 \sigma(2x) - 1$ is scaled in both directions "
            "and shifted.",
            zh=r"与 sigmoid 函数混淆：$\tanh(x) = 2 \sigma(2x) - 1$，横向与纵向都有伸缩，还有平移。",
        ),
    ],
    example=Example(
        {x: log(2)},
        remark=Text(
            en="With $e^{x} = 2$ the output is $3/5$, and the derivative $16/25$.",
            zh="取 $e^{x} = 2$，输出为 $3/5$，导数为 $16/25$。",
        ),
    ),
    references=[
        Reference(
            "Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller: Efficient BackProp. In: Neural Networks: Tricks "
            "of the Trade, Springer (2012), 9–48",
            doi="10.1007/978-3-642-35289-8_3",
        ),
    ],
    sources=[FORMULA_SUMMARY, COMMON_FORMULAS],
    related=["sigmoid"],
    aliases=["hyperbolic_tangent"],
)
