"""Softmax cross-entropy: how far predicted class probabilities are from a target distribution."""

from sympy import Eq, exp, log

from derivations.catalogue.activations.softmax import formula as softmax
from derivations.catalogue.sources import (
    ACCURATE_SOFTMAX,
    FORMULA_SUMMARY,
    MATHEMATICS_REVISITED,
    SOFTMAX_BY_BRIDLE,
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
    Gradient,
    Hessian,
    Step,
    Text,
    scalar,
    step,
    total,
    vector,
)

C = Axis("C", Text(en="number of classes, at least two", zh="类别数，不少于 2"), at_least=2)
c, i, j, k = C.indices("c i j k")
z = vector("z", C, Text(en="logits (unnormalized scores)", zh="未规范化的预测（logits），简称得分"))
y = vector("y", C, Text(en="target distribution", zh="目标分布"), domain="simplex")
p = softmax(z=z, over=C)
L = scalar("L", Text(en="loss of one example", zh="单个样本的损失"), domain="nonnegative")

u = vector("u", C, Text(en="weights that need not sum to one", zh="和不必为 1 的权重"))
v = vector("v", C, Text(en="any direction", zh="任意方向"))
weighted = -total(u[c] * log(p[c]), c)

formula = Formula(
    name=Text(en="Softmax cross-entropy loss", zh="softmax 交叉熵损失"),
    summary=Text(
        en="The loss compares the class probabilities of softmax with a target distribution; its gradient, "
        "prediction minus target, is the simplest one could hope for. That form needs targets that sum to "
        "one, and code must take the logarithm without computing softmax first.",
        zh="该损失把 softmax 给出的类别概率与目标分布作比较；它的梯度就是预测减目标，简单得不能再简单。这一"
        "形式要求目标之和为 1；在代码中不能先算 softmax 再取对数。",
    ),
    define=[Eq(L, -total(y[c] * log(p[c]), c))],
    ask=[Gradient(L, z), Hessian(L, z)],
    facts=[Eq(total(y[c], c), 1)],
    remarks={
        step(Gradient(L, z), "log"): Text(
            en="The target is data and stays outside; the factor $1/p_c$ punishes a small probability on a "
            "likely class, and looks dangerous until it cancels.",
            zh="目标是数据，留在导数之外；目标类别的概率越小，因子 $1/p_c$ 越大，约去之前看上去很危险。",
        ),
        step(Gradient(L, z), "lemma"): Text(
            en="This is the softmax Jacobian, used as a lemma.",
            zh="这就是 softmax 的雅可比矩阵，作为引理使用。",
        ),
        step(Gradient(L, z), "cancel"): Text(
            en="The cancellation is valid because $p_c > 0$; it is the reason why softmax and log belong "
            "in one function.",
            zh="因为 $p_c > 0$，可以约分；正因如此，softmax 与对数应写在同一个函数里。",
        ),
        step(Gradient(L, z), "sift"): Text(
            en="The sum that is left is the total mass of the target.",
            zh="剩下的和是目标的总量。",
        ),
        step(Gradient(L, z), "fact"): Text(
            en=r"Here, and only here, $\sum_c y_c = 1$ is used. If the targets summed to $t$, the answer "
            r"would be $t p_j - y_j$.",
            zh=r"只有这一步用到 $\sum_c y_c = 1$。若目标之和为 $t$，答案应为 $t p_j - y_j$。",
        ),
        step(Gradient(L, z), "matrix"): Text(
            en="Gradient descent lowers a logit whose probability is too large and raises one whose "
            "probability is too small.",
            zh="梯度下降会压低概率偏大的得分，抬高概率偏小的得分。",
        ),
        step(Hessian(L, z), "lemma", 2): Text(
            en="The target drops out: the curvature depends on the prediction alone.",
            zh="目标不再出现：曲率只取决于预测。",
        ),
    },
    chains=[
        Chain(
            "log_sum_exp_form",
            Text(en="The form for code", zh="适合计算的形式"),
            L,
            [
                Step(
                    "=",
                    -total(y[c] * (z[c] - log(total(exp(z[k]), k))), c),
                    Text(
                        en="the logarithm undoes the exponential before it can overflow",
                        zh="对数先抵消指数，避免上溢",
                    ),
                ),
                Step(
                    "=",
                    log(total(exp(z[k]), k)) * total(y[c], c) - total(y[c] * z[c], c),
                    Text(en="the logarithm is the same for all classes", zh="该对数对所有类别都相同"),
                ),
                Step(
                    "=",
                    log(total(exp(z[k]), k)) - total(y[c] * z[c], c),
                    Text(en="the targets sum to one", zh="目标之和为 1"),
                ),
            ],
        ),
        Chain(
            "positive_semidefinite",
            Text(en="The loss is convex in the logits", zh="损失关于得分是凸的"),
            total(v[i] * D(L, z[i], z[j]) * v[j], i, j),
            [
                Step(
                    "=",
                    total(p[i] * v[i] ** 2, i) - total(p[i] * v[i], i) ** 2,
                    Text(en="the Hessian above, with the delta sifted", zh="代入上面的黑塞矩阵并筛选"),
                ),
                Step(
                    "=",
                    total(p[i] * (v[i] - total(p[k] * v[k], k)) ** 2, i),
                    Text(
                        en="a variance under $p$, since the outputs sum to one",
                        zh="因输出之和为 1，这是分布 $p$ 下的方差",
                    ),
                ),
                Step(">=", 0, Text(en="weights and squares are not negative", zh="权重与平方都非负")),
            ],
        ),
        Chain(
            "gradient_sums_to_zero",
            Text(en="The gradient sums to zero", zh="梯度之和为零"),
            total(D(L, z[j]), j),
            [
                Step("=", total(p[j] - y[j], j), Text(en="the gradient above", zh="上面求得的梯度")),
                Step("=", 0, Text(en="prediction and target both sum to one", zh="预测与目标之和都为 1")),
            ],
        ),
    ],
    claims=[
        Claim(
            "definition",
            Text(
                en="The loss is the cross-entropy of the target distribution and the softmax of the logits.",
                zh="该损失是目标分布与得分的 softmax 之间的交叉熵。",
            ),
            expected="stated",
            reference="bridle-1990",
        ),
        Claim(
            "any_weights",
            Text(
                en=r"For any weights $u_c$ the gradient of $-\sum_c u_c \log p_c$ is $p_j - u_j$.",
                zh=r"对任何权重 $u_c$，$-\sum_c u_c \log p_c$ 的梯度都是 $p_j - u_j$。",
            ),
            says=Eq(D(weighted, z[j]), p[j] - u[j]),
            expected="refuted",
            correction=Correction(
                text=Text(
                    en="The first term carries the sum of the weights.",
                    zh="第一项应乘以权重之和。",
                ),
                equation=Eq(D(weighted, z[j]), p[j] * total(u[c], c) - u[j]),
            ),
        ),
        Claim(
            "weights_summed",
            Text(
                en=r"For any weights $u_c$ the gradient of $-\sum_c u_c \log p_c$ is "
                r"$p_j \sum_c u_c - u_j$.",
                zh=r"对任何权重 $u_c$，$-\sum_c u_c \log p_c$ 的梯度都是 $p_j \sum_c u_c - u_j$。",
            ),
            says=Eq(D(weighted, z[j]), p[j] * total(u[c], c) - u[j]),
        ),
    ],
    reading=Text(
        en="The gradient is prediction minus target: descent lowers the score of a class that is too"
        " probable and raises that of one that is not probable enough, in proportion to the error.",
        zh="梯度等于预测减目标：概率偏大的类别，梯度下降会降低其得分；概率偏小的则升高；幅度与误差成正比。",
    ),
    stability=Text(
        en="The loss is computed as a log-sum-exp after subtracting the largest logit; no "
        "probability stands in a denominator or in a logarithm.",
        zh="先减去最大的得分，再按 log-sum-exp 计算损失；全程不对概率取倒数或取对数。",
    ),
    mistakes=[
        Text(
            en=r"Leaving out the condition. With label weights, masks or unnormalized soft labels, "
            r"$\sum_c y_c \ne 1$ and $\mathbf{p} - \mathbf{y}$ is wrong.",
            zh=r"漏掉条件。使用标签权重、掩码或未规范化的软标签时，$\sum_c y_c \ne 1$，"
            r"$\mathbf{p} - \mathbf{y}$ 便不成立。",
        ),
        Text(
            en=r"Forgetting $1/n$ when the loss is a mean over $n$ examples: the gradient is then "
            r"$(\mathbf{P} - \mathbf{Y})/n$.",
            zh=r"损失对 $n$ 个样本取平均时忘记 $1/n$：此时梯度为 $(\mathbf{P} - \mathbf{Y})/n$。",
        ),
        Text(
            en=r"Computing softmax first and its logarithm afterwards: for a difference of 800 in the "
            r"logits this gives $\log 0$.",
            zh=r"先算 softmax 再取对数：得分相差 800 时会得到 $\log 0$。",
        ),
        Text(
            en="Applying softmax before a library loss that already contains it.",
            zh="库函数的损失已包含 softmax，却又先做了一次 softmax。",
        ),
    ],
    example=Example(
        {z: [log(1), log(2), log(3)], y: [0, 1, 0]},
        remark=Text(
            en="The logits are those of the softmax page, the target is the second class.",
            zh="沿用 softmax 一页中的得分，目标为第二类。",
        ),
    ),
    references=[SOFTMAX_BY_BRIDLE, ACCURATE_SOFTMAX],
    sources=[FORMULA_SUMMARY, MATHEMATICS_REVISITED, STUDY_NOTES],
    related=["softmax"],
)
