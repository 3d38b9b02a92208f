"""Sigmoid: any number to a probability."""

from sympy import Eq, Rational, exp, log, oo, tanh

from derivations.catalogue.sources import (
    BACK_PROPAGATION,
    COMMON_FORMULAS,
    FORMULA_SUMMARY,
    STUDY_NOTES,
)
from derivations.language import (
    Chain,
    Claim,
    D,
    Derivative,
    Example,
    Formula,
    Limit,
    Range,
    Reference,
    Step,
    Text,
    at,
    scalar,
    step,
)

x = scalar("x", Text(en="input", zh="输入"))
sigma = scalar("sigma", Text(en="output", zh="输出"), domain="unit", latex=r"\sigma")

formula = Formula(
    name=Text(en="Logistic sigmoid", zh="sigmoid 函数"),
    summary=Text(
        en="The sigmoid turns any real number into a number between zero and one: a probability, or how "
        "far a gate stands open. Far from zero it is flat, so a deep stack of sigmoids hardly passes "
        "gradients on.",
        zh="sigmoid 函数把任意实数变成 0 与 1 之间的数：可作概率，也可表示门开多大。离零点较远处它几乎是平"
        "的，层层堆叠时梯度很难传下去。",
    ),
    define=[Eq(sigma, 1 / (1 + exp(-x)))],
    ask=[Derivative(sigma, x), Derivative(sigma, x, x)],
    remarks={
        step(Derivative(sigma, x), "power"): Text(
            en="A reciprocal is a power with exponent $-1$; the square that appears is that of the output.",
            zh="倒数就是 $-1$ 次幂，求导后出现的平方正是输出的平方。",
        ),
        step(Derivative(sigma, x), "exp"): Text(
            en="The inner minus sign cancels the outer one: the function rises everywhere.",
            zh="内层的负号与外层的负号相消：函数处处上升。",
        ),
        step(Derivative(sigma, x), "eliminate"): Text(
            en=r"The definition says $e^{-x} = 1/\sigma - 1$, so the derivative needs the output alone: "
            "what the forward pass has stored is enough.",
            zh=r"由定义得 $e^{-x} = 1/\sigma - 1$，导数因而只用输出表示：前向传播存下的值已经够用。",
        ),
        step(Derivative(sigma, x, x), "lemma", 2): Text(
            en="The lemma is used twice, once for each factor.",
            zh="引理用了两次，每个因子一次。",
        ),
        step(Derivative(sigma, x, x), "factor"): Text(
            en=r"The sign changes where $\sigma = 1/2$: the curve bends upwards on the left of zero and "
            "downwards on the right.",
            zh=r"在 $\sigma = 1/2$ 处变号：曲线在零的左侧向上弯，在右侧向下弯。",
        ),
    },
    chains=[
        Chain(
            "range",
            Text(en="Range", zh="值域"),
            0,
            [
                Step("<", sigma, Text(en="numerator and denominator are positive", zh="分子与分母都为正")),
                Step(
                    "<",
                    1,
                    Text(en="$e^{-x} > 0$ makes the denominator exceed 1", zh="$e^{-x} > 0$，故分母大于 1"),
                ),
            ],
            concludes=[Range(sigma, 0, 1), Limit(sigma, x, oo, 1), Limit(sigma, x, -oo, 0)],
        ),
        Chain(
            "derivative_range",
            Text(en="Range of the derivative", zh="导数的值域"),
            D(sigma, x),
            [
                Step("=", sigma * (1 - sigma), Text(en="the derivative above", zh="上面求得的导数")),
                Step(
                    "=",
                    Rational(1, 4) - (sigma - Rational(1, 2)) ** 2,
                    Text(en="completing the square", zh="配方"),
                ),
                Step("<=", Rational(1, 4), Text(en="a square is not negative", zh="平方非负")),
            ],
            concludes=[
                Range(D(sigma, x), 0, Rational(1, 4), closed="right"),
                Eq(at(sigma, {x: 0}, r"\sigma(0)"), Rational(1, 2)),
            ],
        ),
        Chain(
            "symmetry",
            Text(en="Symmetry about the point $(0, 1/2)$", zh="关于点 $(0, 1/2)$ 的对称性"),
            at(sigma, {x: -x}, r"\sigma(-x)"),
            [
                Step(
                    "=",
                    exp(-x) / (1 + exp(-x)),
                    Text(en="numerator and denominator times $e^{-x}$", zh="分子与分母同乘 $e^{-x}$"),
                ),
                Step(
                    "=", 1 - sigma, Text(en="$e^{-x} = (1 + e^{-x}) - 1$", zh="$e^{-x} = (1 + e^{-x}) - 1$")
                ),
            ],
        ),
        Chain(
            "tanh_relation",
            Text(en="Relation to tanh", zh="与 tanh 的关系"),
            sigma,
            [
                Step(
                    "=",
                    exp(x / 2) / (exp(x / 2) + exp(-x / 2)),
                    Text(en="numerator and denominator times $e^{x/2}$", zh="分子与分母同乘 $e^{x/2}$"),
                ),
                Step(
                    "=",
                    Rational(1, 2) * (1 + (exp(x / 2) - exp(-x / 2)) / (exp(x / 2) + exp(-x / 2))),
                    Text(en="$2 a = (a + b) + (a - b)$", zh="$2 a = (a + b) + (a - b)$"),
                ),
                Step(
                    "=",
                    Rational(1, 2) * (1 + tanh(x / 2)),
                    Text(en="definition of tanh", zh="双曲正切函数的定义"),
                ),
            ],
        ),
    ],
    claims=[
        Claim(
            "saturation_right",
            Text(
                en="For very large inputs the derivative is almost zero.",
                zh="输入很大时，导数几乎为零。",
            ),
            says=Limit(D(sigma, x), x, oo, 0),
        ),
        Claim(
            "saturation_left",
            Text(
                en="For very small (very negative) inputs the derivative is almost zero.",
                zh="输入很小（负得很多）时，导数几乎为零。",
            ),
            says=Limit(D(sigma, x), x, -oo, 0),
        ),
        Claim(
            "s_shape",
            Text(
                en="The logistic function is S-shaped: it rises everywhere, bending up before zero and "
                "down after it.",
                zh="逻辑函数呈 S 形：处处上升，在零之前向上弯，在零之后向下弯。",
            ),
            says=x * D(sigma, x, x) <= 0,
        ),
    ],
    reading=Text(
        en="The derivative is largest, one quarter, where the sigmoid is one half, and it fades on "
        "both sides as the output approaches zero or one.",
        zh="sigmoid 的值为 1/2 时导数最大，等于 1/4；输出趋于 0 或 1 时，导数向两侧衰减到零。",
    ),
    stability=Text(
        en=r"The exponential of $-\lvert x \rvert$ never overflows, and neither tail of the "
        r"derivative is lost to $1 - \sigma$.",
        zh=r"只对 $-\lvert x \rvert$ 取指数，不会上溢；导数的两侧尾部也不会因 $1 - \sigma$ 相消而丢失。",
    ),
    mistakes=[
        Text(
            en=r"Writing $\sigma(x)(1 - x)$ for the derivative: the second factor is one minus the output, "
            "not one minus the input.",
            zh=r"把导数写成 $\sigma(x)(1 - x)$：第二个因子是 1 减输出，不是 1 减输入。",
        ),
        Text(
            en="Expecting the derivative to reach 1. Its maximum is $1/4$, so each layer shrinks gradients "
            "at least fourfold before the weights act.",
            zh="以为导数能达到 1。它的最大值是 $1/4$，在权重起作用之前，每一层至少把梯度缩小到四分之一。",
        ),
        Text(
            en="Computing $1/(1 + e^{-x})$ directly for $x = -1000$: the exponential overflows, although "
            "the value is harmless.",
            zh="在 $x = -1000$ 时直接计算 $1/(1 + e^{-x})$：指数会上溢，尽管函数值本身并无问题。",
        ),
        Text(
            en="Taking the word sigmoid for the name of one function. The logistic function is one of many "
            "S-shaped functions; tanh is another.",
            zh="以为 sigmoid 专指一个函数。逻辑函数只是 S 形函数中的一种，tanh 也是其中之一。",
        ),
    ],
    example=Example(
        {x: log(3)},
        remark=Text(
            en="With $e^{x} = 3$ the output is $3/4$, and the derivative $3/16$.",
            zh="取 $e^{x} = 3$，输出为 $3/4$，导数为 $3/16$。",
        ),
    ),
    references=[
        Reference(
            "D. R. Cox: The regression analysis of binary sequences. Journal of the Royal Statistical "
            "Society B 20 (1958), 215–232",
            doi="10.1111/j.2517-6161.1958.tb00292.x",
        ),
        BACK_PROPAGATION,
    ],
    sources=[FORMULA_SUMMARY, COMMON_FORMULAS, STUDY_NOTES],
    related=["tanh", "swish", "softmax"],
    aliases=["logistic", "logistic_function"],
)
