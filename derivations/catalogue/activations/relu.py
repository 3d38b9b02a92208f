"""ReLU: the positive part."""

from sympy import Abs, Eq, Ne, Rational

from derivations.catalogue.sources import COMMON_FORMULAS, SOME_DERIVATIONS, STUDY_NOTES
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
    at,
    maximum,
    scalar,
    step,
    where,
)

x = scalar("x", Text(en="input", zh="输入"))
f = scalar("f", Text(en="output", zh="输出"), domain="nonnegative")
c = scalar("c", Text(en="any number", zh="任意实数"))
h = scalar("h", Text(en="step away from zero", zh="离开零点的步长"))

formula = Formula(
    name=Text(en="Rectified linear unit (ReLU)", zh="修正线性单元（ReLU）"),
    summary=Text(
        en="ReLU passes positive inputs unchanged and replaces negative ones by zero; on the positive side "
        "its gradient is exactly one. It has no derivative at zero, and a unit whose input is always "
        "negative receives no gradient at all.",
        zh="ReLU 让正的输入原样通过，把负的输入换成零；在正的一侧梯度恰为 1。它在零点不可导；输入总为负的单"
        "元完全得不到梯度。",
    ),
    define=[Eq(f, maximum(0, x))],
    ask=[Derivative(f, x)],
    remarks={
        step(Derivative(f, x), "cases"): Text(
            en="Each branch is differentiated on its own; at $x = 0$ the branches meet at an angle, and "
            "the value 0 given there is a convention.",
            zh="各段分别求导；两段在 $x = 0$ 处以折角相接，此处取 0 只是约定。",
        ),
    },
    chains=[
        Chain(
            "subdifferential",
            Text(en="Subdifferential at zero", zh="零点处的次微分"),
            c * x,
            [
                Step(
                    "<=",
                    c * f,
                    Text(
                        en=r"$x \le \max(0, x)$, and $c$ is not negative",
                        zh=r"$x \le \max(0, x)$，且 $c$ 非负",
                    ),
                ),
                Step(
                    "<=",
                    f,
                    Text(
                        en="$c$ is at most 1, and the output is not negative", zh="$c$ 不超过 1，且输出非负"
                    ),
                ),
            ],
            given=[c >= 0, c <= 1],
        ),
        Chain(
            "absolute_value",
            Text(en="In terms of the absolute value", zh="用绝对值表示"),
            f,
            [
                Step(
                    "=",
                    Rational(1, 2) * (x + Abs(x)),
                    Text(
                        en=r"$x + \lvert x \rvert$ is $2x$ for positive and 0 for negative inputs",
                        zh=r"输入为正时 $x + \lvert x \rvert$ 等于 $2x$，为负时等于 0",
                    ),
                ),
            ],
        ),
        Chain(
            "difference",
            Text(en="Positive part minus negative part", zh="正部减负部"),
            f - at(f, {x: -x}, "f(-x)"),
            [
                Step(
                    "=",
                    Rational(1, 2) * (x + Abs(x)) - Rational(1, 2) * (-x + Abs(x)),
                    Text(en="the absolute value ignores the sign", zh="绝对值与符号无关"),
                ),
                Step("=", x, Text(en="the absolute values cancel", zh="绝对值相消")),
            ],
        ),
        Chain(
            "homogeneity",
            Text(en="Positive homogeneity", zh="正齐次性"),
            at(f, {x: c * x}, "f(c x)"),
            [
                Step(
                    "=",
                    c * f,
                    Text(
                        en=r"a factor $c \ge 0$ does not change the sign of the input",
                        zh=r"因子 $c \ge 0$ 不改变输入的符号",
                    ),
                )
            ],
            given=[c >= 0],
        ),
    ],
    claims=[
        Claim(
            "derivative_at_zero",
            Text(
                en="ReLU has the derivative 0 at $x = 0$: every difference quotient there is 0.",
                zh="ReLU 在 $x = 0$ 处的导数为 0：此处的差商都等于 0。",
            ),
            says=Eq((at(f, {x: h}, "f(h)") - at(f, {x: 0}, "f(0)")) / h, 0),
            given=[Ne(h, 0)],
            expected="refuted",
            quote=Quote(
                r"\frac{\partial f(x)}{\partial x} = \begin{cases} 0 \text{ , if } x \leq 0; \newline 1 "
                r"\text{ , if } x > 0 \end{cases}",
                SOME_DERIVATIONS,
                "Relu函数的反向传播",
                "loose",
            ),
            correction=Correction(
                text=Text(
                    en="ReLU is not differentiable at 0. Every number in $[0, 1]$ is a subgradient there; "
                    "0 is the usual choice. Backpropagation multiplies this local derivative by the "
                    "upstream gradient.",
                    zh="ReLU 在 0 处不可导。$[0, 1]$ 中的每个数都是此处的次梯度，通常取 0。反向传播时，这个"
                    "局部导数还要乘以上游梯度。",
                ),
            ),
        ),
        Claim(
            "derivative_off_zero",
            Text(
                en=r"For $x \ne 0$ the derivative is 1 on the right and 0 on the left.",
                zh=r"当 $x \ne 0$ 时，导数在右侧为 1，在左侧为 0。",
            ),
            says=Eq(D(f, x), where(x > 0, 1, 0)),
            given=[Ne(x, 0)],
        ),
        Claim(
            "constant_derivative",
            Text(en="The derivative of ReLU is always 1.", zh="ReLU 的导数恒为 1。"),
            says=Eq(D(f, x), 1),
            given=[Ne(x, 0)],
            expected="refuted",
            quote=Quote("而 ReLU 的导数恒为 1", STUDY_NOTES, "稳定性/梯度消失", "conditional"),
            correction=Correction(
                text=Text(
                    en="This holds for $x > 0$ only, as the note itself adds; for $x < 0$ the derivative "
                    "is 0.",
                    zh="只在 $x > 0$ 时成立，原文随后也有说明；$x < 0$ 时导数为 0。",
                ),
            ),
        ),
        Claim(
            "constant_derivative_positive",
            Text(en="For $x > 0$ the derivative of ReLU is 1.", zh="当 $x > 0$ 时，ReLU 的导数为 1。"),
            says=Eq(D(f, x), 1),
            given=[x > 0],
        ),
        Claim(
            "dead_output",
            Text(en="For $x < 0$ the output is 0.", zh="当 $x < 0$ 时，输出为 0。"),
            says=Eq(f, 0),
            given=[x < 0],
        ),
        Claim(
            "dead_derivative",
            Text(en="For $x < 0$ the derivative is 0.", zh="当 $x < 0$ 时，导数为 0。"),
            says=Eq(D(f, x), 0),
            given=[x < 0],
        ),
        Claim(
            "any_subgradient",
            Text(
                en=r"Every number $c$ is a subgradient at zero: $c x \le \max(0, x)$ for all $x$.",
                zh=r"任何数 $c$ 都是零点处的次梯度：对所有 $x$ 都有 $c x \le \max(0, x)$。",
            ),
            says=c * x <= f,
            expected="refuted",
            correction=Correction(
                text=Text(en="Exactly the numbers in $[0, 1]$ are.", zh="恰好是 $[0, 1]$ 中的数。"),
            ),
        ),
        Claim(
            "any_factor",
            Text(
                en=r"$\max(0, c x) = c \max(0, x)$ for every number $c$.",
                zh=r"对任何数 $c$ 都有 $\max(0, c x) = c \max(0, x)$。",
            ),
            says=Eq(at(f, {x: c * x}, "f(c x)"), c * f),
            expected="refuted",
            correction=Correction(
                text=Text(en="The factor must not be negative.", zh="因子须非负。"),
            ),
        ),
    ],
    reading=Text(
        en="A positive input passes its gradient on unchanged, a negative one stops it; at zero the "
        "value $0$ is a convention.",
        zh="输入为正时梯度原样通过，为负时被截断；在零点取 $0$ 只是约定。",
    ),
    stability=Text(
        en="Nothing can overflow or cancel; NaN is passed on.",
        zh="不会上溢，也不会相消；NaN 照样传递。",
    ),
    mistakes=[
        Text(
            en="Treating the value at zero as a theorem. Libraries return 0 there; any number in $[0, 1]$ "
            "would do.",
            zh="把零点处的值当作定理。各种库在此返回 0；取 $[0, 1]$ 中的任何数都可以。",
        ),
        Text(
            en=r"Testing the input of the backward pass with $\ge$ in one place and $>$ in another: exact "
            r"zeros are common after an earlier ReLU.",
            zh=r"反向传播中一处用 $\ge$、另一处用 $>$ 判断：前一层 ReLU 之后，恰为零的输入很常见。",
        ),
        Text(
            en="Forgetting the upstream gradient: the local derivative 0 or 1 only decides whether it "
            "passes.",
            zh="忘记乘上游梯度：局部导数 0 或 1 只决定它能否通过。",
        ),
        Text(
            en="Calling dead units harmless. Their output is zero, but so is the gradient of their "
            "weights, and they stay dead.",
            zh="以为失效的单元无关紧要。它们的输出为零，权重的梯度也为零，于是再也不能恢复。",
        ),
    ],
    example=Example(
        {x: -2},
        remark=Text(
            en="A negative input gives neither an output nor a gradient.",
            zh="输入为负时，既没有输出，也没有梯度。",
        ),
    ),
    references=[
        Reference(
            "V. Nair, G. E. Hinton: Rectified linear units improve restricted Boltzmann machines. ICML "
            "(2010), 807–814",
            url="https://mlanthology.org/icml/2010/nair2010icml-rectified/",
        ),
        Reference(
            "X. Glorot, A. Bordes, Y. Bengio: Deep sparse rectifier neural networks. AISTATS, PMLR 15 "
            "(2011), 315–323",
            url="https://proceedings.mlr.press/v15/glorot11a.html",
        ),
    ],
    sources=[COMMON_FORMULAS, SOME_DERIVATIONS, STUDY_NOTES],
    related=["leaky_relu", "gelu", "swish"],
)
