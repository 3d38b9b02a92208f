"""Softmax: logits to class probabilities."""

from sympy import Eq, Ne, exp, log, oo

from derivations.catalogue.activations.sigmoid import formula as sigmoid
from derivations.catalogue.sources import (
    ACCURATE_SOFTMAX,
    COMMON_FORMULAS,
    FORMULA_SUMMARY,
    SOFTMAX_BY_BRIDLE,
    SOME_DERIVATIONS,
    STUDY_NOTES,
)
from derivations.language import (
    Axis,
    Chain,
    Claim,
    Correction,
    D,
    Example,
    Formula,
    Jacobian,
    Limit,
    Quote,
    Range,
    Step,
    Text,
    Vjp,
    at,
    delta,
    scalar,
    step,
    total,
    vector,
)

C = Axis("C", Text(en="number of classes, at least two", zh="类别数，不少于 2"), at_least=2)
i, k, j = C.indices("i k j")
z = vector("z", C, Text(en="logits (unnormalized scores)", zh="未规范化的预测（logits），简称得分"))
s = scalar("s", Text(en="normalizer", zh="归一化因子"), domain="positive")
p = vector("p", C, Text(en="class probabilities", zh="类别概率"), domain="unit")

c = scalar("c", Text(en="any number", zh="任意实数"))
gate = sigmoid(
    x=z[0] - z[1],
    name="sigma",
    meaning=Text(en="sigmoid of the difference of two logits", zh="两个得分之差的 sigmoid 值"),
)
exponentials = total(exp(z[k]), k)

formula = Formula(
    name=Text(en="Softmax", zh="softmax 函数"),
    summary=Text(
        en="Softmax turns $C$ real scores into $C$ positive numbers that sum to one; it is the usual last "
        "step of a classifier and the weighting inside attention. Every output depends on every score, and "
        "only differences of scores matter, so equal shifts cannot be told apart.",
        zh="softmax 把 $C$ 个实数得分变成 $C$ 个和为 1 的正数，常作分类器的最后一步，也是注意力中的加权方式。"
        "每个输出都依赖所有得分，而且只与得分之差有关：同时加上一个常数，结果不变。",
    ),
    define=[Eq(s, total(exp(z[k]), k)), Eq(p[i], exp(z[i]) / s)],
    ask=[Jacobian(p, z), Vjp(p, z)],
    facts=[Eq(total(p[i], i), 1)],
    remarks={
        step(Jacobian(s, z), "exp"): Text(
            en="The bound index is kept apart from that of the variable, which says which logit we move; "
            "only that one changes, hence the delta.",
            zh="求和指标与变量的指标必须区分：后者表示改变哪一个得分；只有这一个在变，因而出现克罗内克函数。",
        ),
        step(Jacobian(s, z), "sift"): Text(
            en="The delta keeps the single term that belongs to the logit we move.",
            zh="克罗内克函数只留下所改变的那个得分对应的一项。",
        ),
        step(Jacobian(p, z), "quotient"): Text(
            en="A logit acts twice: on its own numerator, and on the normalizer that all outputs share.",
            zh="一个得分有两重作用：影响它自己的分子，也影响所有输出共用的分母。",
        ),
        step(Jacobian(p, z), "exp"): Text(
            en="The first effect is local, hence the delta.",
            zh="第一重作用是局部的，因而带克罗内克函数。",
        ),
        step(Jacobian(p, z), "lemma"): Text(
            en="The second effect reaches every pair of indices.",
            zh="第二重作用涉及所有的指标对。",
        ),
        step(Jacobian(p, z), "name"): Text(
            en="Both exponentials are absorbed by the outputs, which the forward pass has already computed.",
            zh="两处指数都被输出吸收，而这些输出在前向传播中已经算好。",
        ),
        step(Jacobian(p, z), "factor"): Text(
            en="Both terms carry $p_i$: an output near zero hardly reacts to any logit.",
            zh="两项都含 $p_i$：接近零的输出对任何得分都几乎没有反应。",
        ),
        step(Jacobian(p, z), "matrix"): Text(
            en="A factor times a delta is a diagonal matrix; one factor for the row times one for the "
            "column is an outer product.",
            zh="带克罗内克函数的因子是对角矩阵；一个只含行指标的因子乘一个只含列指标的因子是外积。",
        ),
        step(Vjp(p, z), "vjp"): Text(
            en="Each output passes its share of the loss back to the logit, and the shares add up.",
            zh="每个输出都把自己那一份损失变化传回这个得分，各份相加。",
        ),
        step(Vjp(p, z), "lemma"): Text(
            en="The Jacobian above is inserted as a whole.",
            zh="整体代入上面的雅可比矩阵。",
        ),
        step(Vjp(p, z), "sift"): Text(
            en="We expand only because one summand carries the delta that the sum can absorb; the sum that "
            "remains is one number for the whole vector.",
            zh="之所以展开，只是因为其中一项含有可被求和吸收的克罗内克函数；剩下的和对整个向量而言只是一个"
            "数。",
        ),
        step(Vjp(p, z), "factor"): Text(
            en="The bracket compares the upstream gradient with its mean under $p$.",
            zh="括号里是上游梯度与它在分布 $p$ 下的均值之差。",
        ),
        step(Vjp(p, z), "matrix"): Text(
            en=r"The $C \times C$ matrix is never formed: the cost is $O(C)$ instead of $O(C^2)$.",
            zh=r"无须构造 $C \times C$ 矩阵：代价由 $O(C^2)$ 降为 $O(C)$。",
        ),
    },
    chains=[
        Chain(
            "sum_to_one",
            Text(en="The outputs sum to one", zh="输出之和为 1"),
            total(p[i], i),
            [
                Step(
                    "=",
                    total(exp(z[i]), i) / s,
                    Text(en="the normalizer is the same for all", zh="归一化因子对所有输出都相同"),
                ),
                Step("=", 1, Text(en="definition of the normalizer", zh="归一化因子的定义")),
            ],
            concludes=[p[i] > 0],
        ),
        Chain(
            "range",
            Text(en="Range of an output", zh="单个输出的值域"),
            0,
            [
                Step("<", p[i], Text(en="exponentials are positive", zh="指数函数的值为正")),
                Step(
                    "<",
                    1,
                    Text(
                        en="the normalizer has at least one more positive summand",
                        zh="归一化因子至少还含另一个正项",
                    ),
                ),
            ],
            concludes=[Range(p[i], 0, 1)],
        ),
        Chain(
            "shift_invariance",
            Text(en="Shift invariance", zh="平移不变性"),
            at(p[i], {z: z + c}, r"p(\mathbf{z} + c)"),
            [
                Step(
                    "=",
                    exp(c) * exp(z[i]) / (exp(c) * exponentials),
                    Text(
                        en="$e^{a + c} = e^{c} e^{a}$ in every term",
                        zh="每一项都有 $e^{a + c} = e^{c} e^{a}$",
                    ),
                ),
                Step("=", p[i], Text(en="the common factor cancels", zh="约去公因子")),
            ],
        ),
        Chain(
            "null_vector",
            Text(en="The rows of the Jacobian sum to zero", zh="雅可比矩阵每行之和为零"),
            total(D(p[i], z[j]), j),
            [
                Step(
                    "=",
                    total(p[i] * (delta(i, j) - p[j]), j),
                    Text(en="the Jacobian above", zh="上面求得的雅可比矩阵"),
                ),
                Step("=", p[i] - p[i] * total(p[j], j), Text(en="sifting", zh="筛选性质")),
                Step(
                    "=",
                    0,
                    Text(
                        en="the outputs sum to one; by symmetry each column sums to zero as well",
                        zh="输出之和为 1；矩阵对称，每列之和因而也为零",
                    ),
                ),
            ],
        ),
        Chain(
            "two_classes",
            Text(en="Two classes: the sigmoid", zh="两类的情形：sigmoid 函数"),
            p[0],
            [
                Step(
                    "=",
                    exp(z[0]) / (exp(z[0]) + exp(z[1])),
                    Text(en="definition for two classes", zh="两类时的定义"),
                ),
                Step(
                    "=",
                    gate,
                    Text(
                        en="numerator and denominator divided by $e^{z_1}$", zh="分子与分母同除以 $e^{z_1}$"
                    ),
                ),
            ],
            given=[Eq(C, 2)],
        ),
        Chain(
            "limit_plus",
            Text(en="One logit grows without bound", zh="一个得分趋于正无穷"),
            p[i],
            [
                Step(
                    "=",
                    1 / (1 + total((1 - delta(k, i)) * exp(z[k] - z[i]), k)),
                    Text(
                        en="numerator and denominator divided by $e^{z_i}$", zh="分子与分母同除以 $e^{z_i}$"
                    ),
                ),
            ],
            concludes=[
                Limit(p[i], z[i], oo, 1),
                Limit(p[j] * (1 - delta(i, j)), z[i], oo, 0),
                Limit(D(p[j], z[k]), z[i], oo, 0),
            ],
        ),
        Chain(
            "limit_minus",
            Text(en="One logit falls without bound", zh="一个得分趋于负无穷"),
            p[j],
            [
                Step(
                    "=",
                    exp(z[j]) / (exp(z[i]) + total((1 - delta(k, i)) * exp(z[k]), k)),
                    Text(
                        en="one summand of the normalizer is written apart", zh="把归一化因子中的一项单独写出"
                    ),
                ),
            ],
            concludes=[
                Limit(p[i], z[i], -oo, 0),
                Limit(
                    p[j] * (1 - delta(i, j)),
                    z[i],
                    -oo,
                    (1 - delta(i, j)) * exp(z[j]) / total((1 - delta(k, i)) * exp(z[k]), k),
                ),
            ],
        ),
    ],
    claims=[
        Claim(
            "diagonal",
            Text(
                en="On the diagonal the derivative is $p_i (1 - p_i)$.",
                zh="对角线上的导数为 $p_i (1 - p_i)$。",
            ),
            says=Eq(D(p[i], z[i]), p[i] * (1 - p[i])),
        ),
        Claim(
            "off_diagonal_unconditional",
            Text(
                en="The derivative of $p_i$ with respect to $z_j$ is $-p_i p_j$.",
                zh="$p_i$ 关于 $z_j$ 的导数为 $-p_i p_j$。",
            ),
            says=Eq(D(p[i], z[j]), -p[i] * p[j]),
            expected="refuted",
            quote=Quote(
                r"\frac{\partial softmax(z_i)}{\partial z_j} = -softmax(z_i)softmax(z_j)",
                FORMULA_SUMMARY,
                "激活函数/softmax",
                "loose",
            ),
            correction=Correction(
                text=Text(
                    en=r"This holds for $i \ne j$ only, and the argument is the whole vector: "
                    r"$\operatorname{softmax}(\mathbf{z})_i$. For all pairs of indices:",
                    zh=r"只在 $i \ne j$ 时成立，而且自变量是整个向量，应写作 "
                    r"$\operatorname{softmax}(\mathbf{z})_i$。对所有指标对：",
                ),
                equation=Eq(D(p[i], z[j]), p[i] * (delta(i, j) - p[j])),
            ),
        ),
        Claim(
            "off_diagonal",
            Text(
                en=r"For $i \ne j$ the derivative of $p_i$ with respect to $z_j$ is $-p_i p_j$.",
                zh=r"当 $i \ne j$ 时，$p_i$ 关于 $z_j$ 的导数为 $-p_i p_j$。",
            ),
            says=Eq(D(p[i], z[j]), -p[i] * p[j]),
            given=[Ne(i, j)],
        ),
        Claim(
            "both_cases",
            Text(
                en="The derivative is $p_i (1 - p_j)$ if $i = j$, and $-p_i p_j$ otherwise.",
                zh="当 $i = j$ 时导数为 $p_i (1 - p_j)$，否则为 $-p_i p_j$。",
            ),
            says=Eq(D(p[i], z[j]), delta(i, j) * p[i] * (1 - p[j]) - (1 - delta(i, j)) * p[i] * p[j]),
        ),
        Claim(
            "closed_range",
            Text(
                en="The outputs lie in $[0, 1]$, ends included.",
                zh="输出的取值范围是 $[0, 1]$，包含两端。",
            ),
            expected="stated",
            quote=Quote(
                r"转换为范围在 \([0, 1]\) 和为1的概率分布", FORMULA_SUMMARY, "激活函数/softmax", "loose"
            ),
            correction=Correction(
                text=Text(
                    en="With two classes or more and finite logits, $0 < p_i < 1$: the ends are reached by "
                    "rounding only.",
                    zh="类别数不少于 2 且得分有限时，$0 < p_i < 1$：只有舍入误差才会取到端点。",
                ),
            ),
        ),
        Claim(
            "quotient_rule_swapped",
            Text(
                en="The quotient rule begins with the numerator times the derivative of the denominator.",
                zh="商法则的第一项是分子乘以分母的导数。",
            ),
            says=Eq(
                D(p[i], z[j]),
                (exp(z[i]) * D(exponentials, z[j]) - D(exp(z[i]), z[j]) * exponentials) / exponentials**2,
            ),
            expected="refuted",
            quote=Quote(
                r"\frac{\partial p_i}{\partial z_j} = \frac{e^{z_i} \cdot \frac{\partial}{\partial "
                r"z_j}(\sum_k e^{z_k}) - \frac{\partial}{\partial z_j}(e^{z_i}) \cdot \sum_k "
                r"e^{z_k}}{(\sum_k e^{z_k})^2}",
                SOME_DERIVATIONS,
                "Softmax函数的反向传播",
                "wrong",
            ),
            correction=Correction(
                text=Text(
                    en="The two terms have changed places, which turns every sign.",
                    zh="两项写反了，所有符号因此相反。",
                ),
                equation=Eq(
                    D(p[i], z[j]),
                    (D(exp(z[i]), z[j]) * exponentials - exp(z[i]) * D(exponentials, z[j])) / exponentials**2,
                ),
            ),
        ),
        Claim(
            "lost_normalizer",
            Text(
                en=r"The numerator becomes $e^{z_i} \delta_{ij} - e^{z_i} e^{z_j}$.",
                zh=r"分子变为 $e^{z_i} \delta_{ij} - e^{z_i} e^{z_j}$。",
            ),
            says=Eq(D(p[i], z[j]), (exp(z[i]) * delta(i, j) - exp(z[i]) * exp(z[j])) / exponentials**2),
            expected="refuted",
            quote=Quote(
                r"\frac{\partial p_i}{\partial z_j} = \frac{e^{z_i} \cdot \delta_{ij} - e^{z_i} \cdot "
                r"e^{z_j}}{(\sum_k e^{z_k})^2}",
                SOME_DERIVATIONS,
                "Softmax函数的反向传播",
                "wrong",
            ),
            correction=Correction(
                text=Text(
                    en=r"The first term needs the factor $\sum_k e^{z_k}$; besides, every sign differs from "
                    r"the line before, without a word.",
                    zh=r"第一项缺少因子 $\sum_k e^{z_k}$；而且与上一行相比，所有符号都变了，却未作说明。",
                ),
                equation=Eq(
                    D(p[i], z[j]),
                    (exp(z[i]) * delta(i, j) * exponentials - exp(z[i]) * exp(z[j])) / exponentials**2,
                ),
            ),
        ),
        Claim(
            "complement_of_delta",
            Text(
                en=r"The derivative is $p_i (1 - \delta_{ij}) - p_i p_j$.",
                zh=r"导数为 $p_i (1 - \delta_{ij}) - p_i p_j$。",
            ),
            says=Eq(D(p[i], z[j]), p[i] * (1 - delta(i, j)) - p[i] * p[j]),
            expected="refuted",
            quote=Quote(
                r"\frac{\partial p_i}{\partial z_j} = p_i \cdot (1 - \delta_{ij}) - p_i \cdot p_j",
                SOME_DERIVATIONS,
                "Softmax函数的反向传播",
                "wrong",
            ),
            correction=Correction(
                text=Text(
                    en=r"$1 - \delta_{ij}$ should be $\delta_{ij}$.",
                    zh=r"$1 - \delta_{ij}$ 应为 $\delta_{ij}$。",
                ),
                equation=Eq(D(p[i], z[j]), p[i] * delta(i, j) - p[i] * p[j]),
            ),
        ),
        Claim(
            "limit_at_minus_infinity",
            Text(
                en=r"As $z_i \to -\infty$, $p_i \to 1$.",
                zh=r"当 $z_i \to -\infty$ 时，$p_i \to 1$。",
            ),
            says=Limit(p[i], z[i], -oo, 1),
            expected="refuted",
            quote=Quote(
                r"when $z_i \to \pm\infty$, $e^{z_i} \to +\infty$, $\sigma(z_i) \to 1$ and "
                r"$\sigma(z_j) \to 0 (i \ne j)$",
                COMMON_FORMULAS,
                "Softmax",
                "wrong",
            ),
            correction=Correction(
                text=Text(
                    en=r"Only $z_i \to +\infty$ behaves so. For $z_i \to -\infty$, $e^{z_i} \to 0$ and "
                    r"$p_i \to 0$, and the others share the whole mass.",
                    zh=r"只有 $z_i \to +\infty$ 时如此。当 $z_i \to -\infty$ 时，$e^{z_i} \to 0$，"
                    r"$p_i \to 0$，其余各类分得全部概率。",
                ),
            ),
        ),
        Claim(
            "gradient_vanishes_both_ways",
            Text(
                en=r"As $z_i \to -\infty$, every entry of the Jacobian tends to zero.",
                zh=r"当 $z_i \to -\infty$ 时，雅可比矩阵的所有元素都趋于零。",
            ),
            says=Limit(D(p[j], z[k]), z[i], -oo, 0),
            expected="refuted",
            quote=Quote(
                r"\sigma(z_i)(1 - \sigma(z_i)) \to 0 \text{ when } i = j \newline"
                "\n"
                r"-\sigma(z_i)\sigma(z_j) \to 0 \text{ when } i \ne j",
                COMMON_FORMULAS,
                "Softmax",
                "conditional",
            ),
            correction=Correction(
                text=Text(
                    en=r"For $z_i \to +\infty$ the whole Jacobian vanishes; for $z_i \to -\infty$ only row "
                    r"$i$ and column $i$ do.",
                    zh=r"当 $z_i \to +\infty$ 时整个雅可比矩阵趋于零；当 $z_i \to -\infty$ 时只有第 $i$ 行"
                    r"与第 $i$ 列趋于零。",
                ),
            ),
        ),
        Claim(
            "own_row_vanishes",
            Text(
                en=r"As $z_i \to -\infty$, row $i$ of the Jacobian tends to zero.",
                zh=r"当 $z_i \to -\infty$ 时，雅可比矩阵的第 $i$ 行趋于零。",
            ),
            says=Limit(D(p[i], z[j]), z[i], -oo, 0),
        ),
        Claim(
            "plain_normalization",
            Text(
                en="Softmax divides each score by the sum of the scores.",
                zh="softmax 就是用每个得分除以得分之和。",
            ),
            says=Eq(p[i], z[i] / total(z[k], k)),
            expected="refuted",
            quote=Quote("鸡:0.9/(0.9+0.03+0.3)=0.73", STUDY_NOTES, "softmax 回归", "wrong"),
            correction=Correction(
                text=Text(
                    en="The exponentials are missing. For the scores $0.9$, $0.03$, $0.3$ softmax gives "
                    "about $0.508$, $0.213$, $0.279$.",
                    zh="缺少指数函数。得分为 $0.9$、$0.03$、$0.3$ 时，softmax 给出约 $0.508$、$0.213$、"
                    "$0.279$。",
                ),
                equation=Eq(p[i], exp(z[i]) / exponentials),
            ),
        ),
        Claim(
            "symmetric_matrix",
            Text(
                en="The derivative is a matrix, and it is symmetric.",
                zh="导数是矩阵，而且是对称矩阵。",
            ),
            says=Eq(D(p[i], z[j]), D(p[j], z[i])),
        ),
    ],
    reading=Text(
        en=r"Subtract from the upstream gradient its mean under $\mathbf{p}$, then weight by "
        r"$\mathbf{p}$: an output that is nearly zero neither moves nor passes gradient on.",
        zh=r"从上游梯度中减去它在 $\mathbf{p}$ 下的均值，再用 $\mathbf{p}$ 加权：接近零的输出既不变化，"
        r"也不传递梯度。",
    ),
    stability=Text(
        en="Subtracting the largest logit changes nothing in exact arithmetic and keeps every exponent at or "
        "below zero: nothing overflows, and the normalizer is at least one.",
        zh="减去最大的得分在精确运算中不改变结果，却使所有指数不大于零：不会上溢，归一化因子也不小于 1。",
    ),
    mistakes=[
        Text(
            en=r"Writing $-p_i p_j$ for all $i, j$. This holds only for $i \ne j$; on the diagonal it is "
            r"$p_i (1 - p_i)$.",
            zh=r"对所有 $i, j$ 都写 $-p_i p_j$。它只在 $i \ne j$ 时成立；对角线上是 $p_i (1 - p_i)$。",
        ),
        Text(
            en="Swapping the two terms of the quotient rule, which flips every sign.",
            zh="把商法则的两项写反，结果所有符号都反了。",
        ),
        Text(
            en="Using $j$ both for the logit and for the sum, so that a sum silently swallows the free "
            "index.",
            zh="用同一个 $j$ 既表示得分又作求和指标，自由指标就会被求和悄悄吞掉。",
        ),
        Text(
            en=r"Using $\mathbf{p} \odot (1 - \mathbf{p}) \odot \mathbf{g}$ in code: this keeps only the "
            r"diagonal.",
            zh=r"在代码中写 $\mathbf{p} \odot (1 - \mathbf{p}) \odot \mathbf{g}$：这只保留了对角线。",
        ),
    ],
    example=Example(
        {z: [log(1), log(2), log(3)]},
        cotangent=[1, 0, 0],
        remark=Text(
            en=r"Logits that are logarithms of whole numbers give fractions: the outputs are $1/6$, $1/3$, "
            r"$1/2$, and $36 \mathbf{J}$ has whole entries.",
            zh=r"取整数的对数作为得分，概率便是分数 $1/6$、$1/3$、$1/2$，而 $36 \mathbf{J}$ 的元素都是整数。",
        ),
    ),
    references=[SOFTMAX_BY_BRIDLE, ACCURATE_SOFTMAX],
    sources=[FORMULA_SUMMARY, COMMON_FORMULAS, SOME_DERIVATIONS, STUDY_NOTES],
    related=["sigmoid", "softmax_cross_entropy"],
)
