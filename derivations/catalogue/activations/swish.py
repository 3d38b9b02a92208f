"""Swish: the input times a sigmoid gate of itself."""

from sympy import Eq, log, oo

from derivations.catalogue.activations.sigmoid import formula as sigmoid
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
    Quote,
    Reference,
    Step,
    Text,
    at,
    maximum,
    scalar,
    step,
)

x = scalar("x", Text(en="input", zh="输入"))
beta = scalar(
    "beta",
    Text(en="slope of the gate, learnable or fixed at 1", zh="门的斜率，可学习，也可固定为 1"),
    default=1,
)
sigma = sigmoid(
    x=beta * x,
    meaning=Text(en="gate: the sigmoid of the scaled input", zh="门：缩放后输入的 sigmoid 值"),
)
f = scalar("f", Text(en="output", zh="输出"))

formula = Formula(
    name=Text(en="Swish", zh="Swish 函数"),
    summary=Text(
        en="Swish lets its input pass through a gate that the input itself opens; with slope one it is "
        "called SiLU. It is smooth, but not monotone: a positive slope makes it dip below zero on the left "
        "before it fades out.",
        zh="Swish 让输入通过一扇由它自己打开的门；斜率为 1 时称为 SiLU。它光滑但不单调：斜率为正时，函数在"
        "左侧先低于零，再逐渐趋于零。",
    ),
    define=[Eq(f, x * sigma)],
    ask=[Derivative(f, x), Derivative(f, beta)],
    remarks={
        step(Derivative(sigma, x), "eliminate"): Text(
            en=r"As for the sigmoid itself, with the factor $\beta$ from the inner derivative.",
            zh=r"与 sigmoid 函数本身相同，只多出内层导数的因子 $\beta$。",
        ),
        step(Derivative(f, x), "product"): Text(
            en="The input is both what passes and what moves the gate.",
            zh="输入既是通过门的值，又推动着门。",
        ),
        step(Derivative(f, x), "factor"): Text(
            en=r"For $\beta > 0$ the gate is open far to the right and the derivative tends to one; far to "
            "the left it tends to zero.",
            zh=r"设 $\beta > 0$：右侧远处门全开，导数趋于 1；左侧远处门关闭，导数趋于 0。",
        ),
        step(Derivative(sigma, beta), "eliminate"): Text(
            en="Now the input is the inner derivative.",
            zh="此时内层导数是输入。",
        ),
        step(Derivative(f, beta), "lemma"): Text(
            en="The slope acts through the gate only, and the input enters twice: as value and as inner "
            "derivative.",
            zh="斜率只通过门起作用；输入出现两次：一次作为值，一次作为内层导数。",
        ),
    },
    chains=[
        Chain(
            "derivative_from_output",
            Text(en="Derivative from the output", zh="用输出表示的导数"),
            D(f, x),
            [
                Step(
                    "=",
                    sigma + beta * x * sigma * (1 - sigma),
                    Text(en="product rule and derivative of the gate", zh="乘积法则与门的导数"),
                ),
                Step(
                    "=",
                    beta * f + sigma * (1 - beta * f),
                    Text(en=r"$x \sigma$ is the output", zh=r"$x \sigma$ 就是输出"),
                ),
            ],
        ),
        Chain(
            "limits_in_beta",
            Text(en="Limits in the slope", zh="斜率趋于极限时"),
            f,
            [Step("=", x * sigma, Text(en=r"only the gate depends on $\beta$", zh=r"只有门依赖 $\beta$"))],
            concludes=[Limit(f, beta, 0, x / 2), Limit(f, beta, oo, maximum(0, x))],
        ),
    ],
    claims=[
        Claim(
            "definition",
            Text(
                en=r"Swish is $x \sigma(\beta x)$ with a learnable parameter $\beta$.",
                zh=r"Swish 为 $x \sigma(\beta x)$，其中 $\beta$ 是可学习的参数。",
            ),
            expected="stated",
            reference="ramachandran-2017",
        ),
        Claim(
            "misspelt_name",
            Text(en="The function is called Swiss.", zh="该函数名为 Swiss。"),
            expected="stated",
            quote=Quote("Swiss", FORMULA_SUMMARY, "激活函数", "typo"),
            correction=Correction(text=Text(en="Swish", zh="Swish")),
        ),
        Claim(
            "identity",
            Text(
                en="The values at $x$ and $-x$ differ by $x$, as for GELU and ReLU.",
                zh="$x$ 与 $-x$ 处的值相差 $x$，GELU 与 ReLU 也是如此。",
            ),
            says=Eq(f - at(f, {x: -x}, "f(-x)"), x),
        ),
    ],
    reading=Text(
        en="The gate itself passes most of the gradient; the second term is the effect of moving the"
        " gate, and it fades where the gate is fully open or closed.",
        zh="梯度主要由门本身传递；第二项是门的变化带来的影响，门全开或全闭时趋于零。",
    ),
    stability=Text(
        en="The sigmoid is computed without overflow on either side, and an infinite input times a "
        "closed gate counts as $0$.",
        zh="sigmoid 在两侧都不会上溢；无穷大的输入乘以关闭的门按 $0$ 计。",
    ),
    mistakes=[
        Text(
            en=r"Dropping $\beta$ from the derivative: it is the inner derivative of the gate.",
            zh=r"导数中漏掉 $\beta$：它是门的内层导数。",
        ),
        Text(
            en=r"Using SiLU and Swish as two names for one thing. SiLU is the case $\beta = 1$.",
            zh=r"把 SiLU 与 Swish 当作同一个函数的两个名字。SiLU 只是 $\beta = 1$ 的情形。",
        ),
        Text(
            en="Forgetting that the minimum is negative: outputs cannot be read as probabilities or rates.",
            zh="忘记最小值为负：输出不能当作概率或速率。",
        ),
    ],
    example=Example(
        {x: log(3), beta: 1},
        remark=Text(
            en="With $e^{x} = 3$ the gate stands at $3/4$.",
            zh="取 $e^{x} = 3$，门的开度为 $3/4$。",
        ),
    ),
    references=[
        Reference(
            "P. Ramachandran, B. Zoph, Q. V. Le: Searching for activation functions (2017)",
            arxiv="1710.05941",
            key="ramachandran-2017",
        ),
        Reference(
            "S. Elfwing, E. Uchibe, K. Doya: Sigmoid-weighted linear units for neural network function "
            "approximation in reinforcement learning (2017)",
            arxiv="1702.03118",
        ),
    ],
    sources=[FORMULA_SUMMARY],
    related=["sigmoid", "relu", "gelu"],
    aliases=["silu"],
)
