"""Leaky ReLU: a small slope where ReLU is flat."""

from sympy import Eq, Ne, Rational

from derivations.catalogue.sources import COMMON_FORMULAS
from derivations.language import (
    Chain,
    Claim,
    Correction,
    D,
    Derivative,
    Example,
    Formula,
    Quote,
    Reference,
    Step,
    Text,
    maximum,
    scalar,
    step,
    where,
)

x = scalar("x", Text(en="input", zh="输入"))
alpha = scalar(
    "alpha",
    Text(en="slope for negative inputs", zh="负半轴上的斜率"),
    domain="unit",
    default=Rational("0.01"),
)
f = scalar("f", Text(en="output", zh="输出"))
a = scalar("a", Text(en="any slope", zh="任意斜率"))

formula = Formula(
    name=Text(en="Leaky ReLU", zh="带泄漏的修正线性单元（Leaky ReLU）"),
    summary=Text(
        en="Leaky ReLU keeps a small slope on the negative side, so that a unit with negative input still "
        "receives a gradient. It has no derivative at zero, and with slope 1 it would be the identity.",
        zh="带泄漏的修正线性单元在负半轴保留一个小斜率，输入为负的单元仍能得到梯度。它在零点不可导；斜率取 "
        "1 时便退化为恒等函数。",
    ),
    define=[Eq(f, where(x >= 0, x, alpha * x))],
    ask=[Derivative(f, x), Derivative(f, alpha)],
    remarks={
        step(Derivative(f, x), "cases"): Text(
            en=r"The branches have the slopes $1$ and $\alpha$; at $x = 0$ they meet at an angle, and the "
            r"value there, that of the branch which contains zero, is a convention.",
            zh=r"两段的斜率分别为 $1$ 与 $\alpha$；它们在 $x = 0$ 处以折角相接，此处取包含零点的那一段的值，"
            r"只是约定。",
        ),
        step(Derivative(f, alpha), "cases"): Text(
            en="Only negative inputs see the slope, so only they teach a learnable one.",
            zh="只有负的输入用到斜率；若斜率可学习，也只有它们提供梯度。",
        ),
    },
    chains=[
        Chain(
            "as_maximum",
            Text(en="As a maximum", zh="写成最大值"),
            f,
            [
                Step(
                    "=",
                    maximum(x, alpha * x),
                    Text(
                        en=r"with $0 < \alpha < 1$ the line of slope $\alpha$ lies above the other exactly "
                        r"for $x < 0$",
                        zh=r"当 $0 < \alpha < 1$ 时，斜率为 $\alpha$ 的直线恰在 $x < 0$ 处位于上方",
                    ),
                ),
            ],
        ),
    ],
    claims=[
        Claim(
            "derivative_cases",
            Text(
                en=r"For $x \ne 0$ the derivative is 1 on the right and $\alpha$ on the left.",
                zh=r"当 $x \ne 0$ 时，导数在右侧为 1，在左侧为 $\alpha$。",
            ),
            says=Eq(D(f, x), where(x > 0, 1, alpha)),
            given=[Ne(x, 0)],
        ),
        Claim(
            "two_strict_cases",
            Text(
                en="The two cases $x > 0$ and $x < 0$ define the function.",
                zh="由 $x > 0$ 与 $x < 0$ 两种情形即可定义该函数。",
            ),
            expected="stated",
            quote=Quote(
                r"x, x > 0 \newline"
                "\n"
                r"\alpha x, x < 0",
                COMMON_FORMULAS,
                "Activation functions/Leaky ReLU",
                "loose",
            ),
            correction=Correction(
                text=Text(
                    en="The case $x = 0$ is missing; the value there is 0 by continuity, and there is no "
                    "derivative.",
                    zh="漏掉了 $x = 0$ 的情形；由连续性，此处的值为 0，且不可导。",
                ),
                equation=Eq(f, where(x >= 0, x, alpha * x)),
            ),
        ),
        Claim(
            "maximum_any_slope",
            Text(
                en="For every slope $a$ the function is the maximum of $x$ and $a x$.",
                zh="对任何斜率 $a$，该函数都等于 $x$ 与 $a x$ 的最大值。",
            ),
            says=Eq(where(x >= 0, x, a * x), maximum(x, a * x)),
            expected="refuted",
            correction=Correction(
                text=Text(en="The slope must not exceed 1.", zh="斜率不能超过 1。"),
            ),
        ),
        Claim(
            "maximum_small_slope",
            Text(
                en=r"For every slope $a \le 1$ the function is the maximum of $x$ and $a x$.",
                zh=r"当斜率 $a \le 1$ 时，该函数等于 $x$ 与 $a x$ 的最大值。",
            ),
            says=Eq(where(x >= 0, x, a * x), maximum(x, a * x)),
            given=[a <= 1],
        ),
    ],
    reading=Text(
        en=r"Both sides pass the gradient on, the negative one weakened by the slope $\alpha$, so no "
        r"unit falls silent for good.",
        zh=r"两侧都传递梯度，负半轴按斜率 $\alpha$ 减弱，因此没有单元会永远沉默。",
    ),
    stability=Text(
        en="Nothing overflows unless the result itself is out of range; NaN is passed on.",
        zh="只有结果本身超出范围时才会上溢；NaN 照样传递。",
    ),
    mistakes=[
        Text(
            en="Leaving out $x = 0$ in the definition: code that follows the two strict cases returns "
            "nothing there.",
            zh="定义中漏掉 $x = 0$：按两个严格不等式写出的代码在此没有返回值。",
        ),
        Text(
            en=r"Computing $\max(x, \alpha x)$ with a slope above 1: the branches change places.",
            zh=r"斜率大于 1 时仍用 $\max(x, \alpha x)$ 计算：两段会互换。",
        ),
        Text(
            en="Sharing one slope in the formula but learning one per channel in code: the gradient must "
            "then be summed per channel.",
            zh="公式中共用一个斜率，代码中却按通道学习：此时梯度应在各通道内分别求和。",
        ),
    ],
    example=Example(
        {x: -2, alpha: Rational("0.01")},
        remark=Text(
            en="A negative input passes on one percent of itself and of its gradient.",
            zh="输入为负时，它自身与梯度都只通过百分之一。",
        ),
    ),
    references=[
        Reference(
            "A. L. Maas, A. Y. Hannun, A. Y. Ng: Rectifier nonlinearities improve neural network acoustic "
            "models. ICML Workshop on Deep Learning for Audio, Speech and Language Processing (2013)",
            url="https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
        ),
        Reference(
            "K. He, X. Zhang, S. Ren, J. Sun: Delving deep into rectifiers: surpassing human-level "
            "performance on ImageNet classification (2015)",
            arxiv="1502.01852",
        ),
    ],
    sources=[COMMON_FORMULAS],
    related=["relu"],
)
