"""GELU: the input times the probability that a standard normal variable stays below it."""

from sympy import Abs, Eq, Rational, erf, exp, oo, pi, sqrt, tanh

from derivations.catalogue.sources import FORMULA_SUMMARY
from derivations.language import (
    Chain,
    Claim,
    Correction,
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
phi = scalar(
    "phi",
    Text(en="standard normal density at the input", zh="输入处的标准正态密度"),
    domain="positive",
    latex=r"\varphi",
)
Phi = scalar(
    "Phi",
    Text(en="standard normal distribution function at the input", zh="输入处的标准正态分布函数值"),
    domain="unit",
)
f = scalar("f", Text(en="output", zh="输出"))

cubic = x + Rational("0.044715") * x**3
approximation = x / 2 * (1 + tanh(sqrt(2 / pi) * cubic))
lowest = Rational("-0.75179")
Phi_there = at(Phi, {x: -x}, r"\Phi(-x)")
phi_there = at(phi, {x: -x}, r"\varphi(-x)")

formula = Formula(
    name=Text(en="Gaussian error linear unit (GELU)", zh="高斯误差线性单元（GELU）"),
    summary=Text(
        en="GELU multiplies its input by the probability that a standard normal variable stays below it: a "
        "smooth gate where ReLU has a sharp one. It dips below zero on the left, so it is not monotone, "
        "and it needs erf or an approximation of it.",
        zh="GELU 把输入乘以“标准正态变量小于该输入”的概率：ReLU 的门是突变的，它的门是平滑的。它在左侧会低"
        "于零，因而不单调；计算时需要误差函数或其近似。",
    ),
    define=[
        Eq(phi, exp(-(x**2) / 2) / sqrt(2 * pi)),
        Eq(Phi, (1 + erf(x / sqrt(2))) / 2),
        Eq(f, x * Phi),
    ],
    ask=[Derivative(f, x), Derivative(f, x, x)],
    remarks={
        step(Derivative(Phi, x), "erf"): Text(
            en=r"The inner function $x/\sqrt{2}$ acts twice: it is squared in the exponent, and its "
            "derivative is a factor.",
            zh=r"内层函数 $x/\sqrt{2}$ 起两次作用：在指数中被平方，其导数又成为因子。",
        ),
        step(Derivative(Phi, x), "name"): Text(
            en="A density is the derivative of its distribution function.",
            zh="密度函数正是分布函数的导数。",
        ),
        step(Derivative(f, x), "product"): Text(
            en="The input plays two parts: it is the value that passes, and it sets how open the gate is.",
            zh="输入身兼两职：既是通过门的值，又决定门开多大。",
        ),
        step(Derivative(f, x), "lemma"): Text(
            en="The first term is the gate itself; the second is the effect of moving the gate.",
            zh="第一项是门本身，第二项是门的变化所带来的影响。",
        ),
        step(Derivative(phi, x), "exp"): Text(
            en="Only the exponent depends on the input.",
            zh="只有指数依赖输入。",
        ),
        step(Derivative(phi, x), "name"): Text(
            en="The bell curve rises to the left of zero and falls to the right of it.",
            zh="钟形曲线在零的左侧上升，在右侧下降。",
        ),
        step(Derivative(f, x, x), "lemma", 2): Text(
            en="Both lemmas are used once more.",
            zh="再次用到前面的两个结果。",
        ),
        step(Derivative(f, x, x), "factor"): Text(
            en=r"The slope is largest at $x = \sqrt{2}$ and smallest at $x = -\sqrt{2}$.",
            zh=r"斜率在 $x = \sqrt{2}$ 处最大，在 $x = -\sqrt{2}$ 处最小。",
        ),
    },
    chains=[
        Chain(
            "identity",
            Text(en="Values at opposite inputs", zh="相反输入处的值"),
            f - at(f, {x: -x}, "f(-x)"),
            [
                Step(
                    "=",
                    x * (Phi + Phi_there),
                    Text(en="the second gate is multiplied by $-x$", zh="第二个门乘的是 $-x$"),
                ),
                Step(
                    "=",
                    x,
                    Text(
                        en="the bell curve is symmetric, so the two probabilities sum to one",
                        zh="钟形曲线对称，两个概率之和为 1",
                    ),
                ),
            ],
        ),
        Chain(
            "limits",
            Text(en="Behavior far from zero", zh="远离零点时的性态"),
            f / x,
            [
                Step("=", Phi, Text(en=r"definition, for $x \ne 0$", zh=r"定义，$x \ne 0$")),
                Step("<", 1, Text(en="a probability, below one here", zh="概率，在此总小于 1")),
            ],
            concludes=[
                Limit(f, x, -oo, 0),
                Limit(f / x, x, oo, 1),
                Limit(D(f, x), x, oo, 1),
                Limit(D(f, x), x, -oo, 0),
            ],
        ),
        Chain(
            "minimum",
            Text(en="Minimum", zh="最小值"),
            Rational("-0.16998"),
            [
                Step(
                    "<",
                    at(f, {x: lowest}, "f(-0.75179)"),
                    Text(
                        en="the value at $x = -0.75179$, where the derivative changes its sign",
                        zh="$x = -0.75179$ 处的值，导数在该点附近变号",
                    ),
                ),
                Step(
                    "<",
                    Rational("-0.16997"),
                    Text(en="the same value, bounded from above", zh="同一个值的上界"),
                ),
            ],
            concludes=[
                f > Rational("-0.16998"),
                at(f, {x: Rational("-0.7519")}, "f(-0.7519)") > at(f, {x: lowest}, "f(-0.75179)"),
                at(f, {x: Rational("-0.7517")}, "f(-0.7517)") > at(f, {x: lowest}, "f(-0.75179)"),
            ],
        ),
        Chain(
            "tanh_approximation",
            Text(en="Approximation by tanh", zh="用 tanh 近似"),
            Abs(f - approximation),
            [
                Step(
                    "<",
                    Rational("0.0005"),
                    Text(
                        en=r"the largest difference is about 0.00047, near $x = \pm 2.7$",
                        zh=r"最大偏差约 0.00047，出现在 $x = \pm 2.7$ 附近",
                    ),
                ),
            ],
        ),
    ],
    claims=[
        Claim(
            "definition",
            Text(
                en="GELU is the input times the standard normal distribution function at the input.",
                zh="GELU 等于输入乘以该处标准正态分布函数的值。",
            ),
            expected="stated",
            reference="hendrycks-2016",
        ),
        Claim(
            "derivative_in_unit_interval",
            Text(en="The derivative of GELU lies in $(0, 1)$.", zh="GELU 的导数落在 $(0, 1)$ 内。"),
            says=Range(D(f, x), 0, 1),
            expected="refuted",
            correction=Correction(
                text=Text(
                    en=r"It runs from about $-0.129$ at $x = -\sqrt{2}$ to about $1.129$ at $x = \sqrt{2}$.",
                    zh=r"它从 $x = -\sqrt{2}$ 处的约 $-0.129$ 变到 $x = \sqrt{2}$ 处的约 $1.129$。",
                ),
            ),
        ),
        Claim(
            "derivatives_at_opposite_inputs",
            Text(
                en="The derivatives at $x$ and $-x$ sum to one; at zero, where the gate is half open, the "
                "derivative is $1/2$.",
                zh="$x$ 与 $-x$ 处的导数之和为 1；在零点门恰好开一半，导数为 $1/2$。",
            ),
            says=Eq(Phi + x * phi + Phi_there - x * phi_there, 1),
        ),
    ],
    reading=Text(
        en="Far to the right the derivative is one, far to the left it is zero; in between it "
        "overshoots both, so GELU is neither monotone nor a contraction.",
        zh="在右侧远处导数为 1，在左侧远处导数为 0；中间则两头都略有超出，所以 GELU 既不单调，"
        "也不是压缩映射。",
    ),
    stability=Text(
        en=r"$1 + \operatorname{erf}$ cancels for negative inputs, so $\Phi$ is computed from its "
        r"tail; where the tail has vanished, $0 \cdot \infty$ counts as $0$.",
        zh=r"输入为负时 $1 + \operatorname{erf}$ 会相消，所以 $\Phi$ 由尾部算出；尾部下溢为零之后，"
        r"$0 \cdot \infty$ 按 $0$ 计。",
    ),
    mistakes=[
        Text(
            en=r"Forgetting the product rule and using $\Phi(x)$ alone.",
            zh=r"忘记乘积法则，只写 $\Phi(x)$。",
        ),
        Text(
            en=r"Leaving out $1/\sqrt{2}$ from the inner derivative, or writing $e^{-x^2}$ for "
            "$e^{-x^2/2}$.",
            zh=r"漏掉内层导数 $1/\sqrt{2}$，或把 $e^{-x^2/2}$ 写成 $e^{-x^2}$。",
        ),
        Text(
            en="Believing that the derivative lies in $(0, 1)$: its range is about $[-0.129, 1.129]$.",
            zh="以为导数落在 $(0, 1)$ 内：其值域约为 $[-0.129, 1.129]$。",
        ),
        Text(
            en="Mixing the exact function with the derivative of its tanh approximation.",
            zh="函数用精确式，导数却用 tanh 近似式的导数。",
        ),
    ],
    example=Example(
        {x: 1},
        remark=Text(
            en="At $x = 1$ the gate lets about 84 percent through, and the derivative is above one.",
            zh="在 $x = 1$ 处，门大约让 84% 通过，导数则大于 1。",
        ),
    ),
    references=[
        Reference(
            "D. Hendrycks, K. Gimpel: Gaussian error linear units (GELUs) (2016)",
            arxiv="1606.08415",
            key="hendrycks-2016",
        ),
    ],
    sources=[FORMULA_SUMMARY],
    related=["relu", "swish"],
)
