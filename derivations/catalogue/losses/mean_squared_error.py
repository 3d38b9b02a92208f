"""Mean squared error: the average of squared differences."""

from sympy import Eq

from derivations.catalogue.sources import (
    COMMON_FORMULAS,
    FORMULA_SUMMARY,
    SOME_DERIVATIONS,
    STATISTICAL_LEARNING,
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
    mean,
    scalar,
    step,
    total,
    vector,
)

n = Axis("n", Text(en="number of examples", zh="样本数"))
i, j, k = n.indices("i j k")
y = vector("y", n, Text(en="targets", zh="目标（标签）"))
y_hat = vector("y_hat", n, Text(en="predictions", zh="预测值"), latex=r"\hat{y}")
M = scalar("M", Text(en="mean squared error", zh="均方误差"), domain="nonnegative")

c = scalar("c", Text(en="one prediction for all examples", zh="对所有样本的同一个预测"))

formula = Formula(
    name=Text(en="Mean squared error (MSE)", zh="均方误差（MSE）"),
    summary=Text(
        en="The mean squared error averages the squared differences between targets and predictions; it is "
        "the usual loss of regression. A single large error dominates it, and for class probabilities "
        "cross-entropy gives the better gradients.",
        zh="均方误差是目标与预测之差的平方的平均值，是回归中常用的损失。个别很大的误差会左右整个结果；预"
        "测类别概率时，交叉熵的梯度更合适。",
    ),
    define=[Eq(M, mean((y[i] - y_hat[i]) ** 2, i))],
    ask=[Gradient(M, y_hat), Hessian(M, y_hat)],
    remarks={
        step(Gradient(M, y_hat), "power"): Text(
            en="A large residual pulls harder, in proportion to the error; the minus sign comes from the "
            "prediction, which is subtracted.",
            zh="残差越大，拉力越大，与误差成正比；负号来自被减去的预测值。",
        ),
        step(Gradient(M, y_hat), "sift"): Text(
            en="A prediction is responsible for its own residual only.",
            zh="每个预测只对自己的残差负责。",
        ),
        step(Gradient(M, y_hat), "signs"): Text(
            en="The minus sign turns the difference round: descent moves the prediction towards its target.",
            zh="负号使差的两项互换：梯度下降把预测拉向目标。",
        ),
        step(Gradient(M, y_hat), "matrix"): Text(
            en="Each prediction is pulled by its own error, shared among all examples.",
            zh="每个预测受自己的误差牵引，并由全部样本均摊。",
        ),
        step(Hessian(M, y_hat), "linear"): Text(
            en="The second derivative is constant and diagonal: the examples do not interact, and the loss "
            "is convex in the predictions.",
            zh="二阶导数是常数且为对角形：样本之间互不影响，损失关于预测是凸的。",
        ),
    },
    chains=[
        Chain(
            "minimizer_over_constants",
            Text(en="The best constant prediction", zh="最佳的常数预测"),
            mean((y[i] - c) ** 2, i),
            [
                Step(
                    "=",
                    mean(((y[i] - mean(y[j], j)) + (mean(y[j], j) - c)) ** 2, i),
                    Text(en="the mean of the targets is subtracted and added", zh="减去再加上目标的均值"),
                ),
                Step(
                    "=",
                    mean((y[i] - mean(y[j], j)) ** 2, i) + (mean(y[j], j) - c) ** 2,
                    Text(
                        en="the mixed term vanishes, since deviations from the mean sum to zero",
                        zh="离差之和为零，交叉项消失",
                    ),
                ),
                Step(
                    ">=",
                    mean((y[i] - mean(y[j], j)) ** 2, i),
                    Text(
                        en="a square is not negative, and it is zero at the mean alone",
                        zh="平方非负，且只在均值处为零",
                    ),
                ),
            ],
        ),
        Chain(
            "euler",
            Text(en="Euler's identity", zh="欧拉恒等式"),
            total((y_hat[j] - y[j]) * D(M, y_hat[j]), j),
            [
                Step(
                    "=",
                    2 / n * total((y_hat[j] - y[j]) ** 2, j),
                    Text(en="the gradient above, times the residual", zh="上面求得的梯度乘以残差"),
                ),
                Step(
                    "=",
                    2 * M,
                    Text(
                        en="the loss is a homogeneous quadratic in the residual", zh="损失是残差的齐二次函数"
                    ),
                ),
            ],
        ),
    ],
    claims=[
        Claim(
            "gradient_with_minus",
            Text(
                en=r"The derivative with respect to one prediction is $-\frac{2}{n} (y_j - \hat{y}_j)$.",
                zh=r"关于单个预测值的导数为 $-\frac{2}{n} (y_j - \hat{y}_j)$。",
            ),
            says=Eq(D(M, y_hat[j]), -(2 / n) * (y[j] - y_hat[j])),
        ),
        Claim(
            "sign_lost",
            Text(
                en=r"The derivative with respect to one prediction is $\frac{2}{n} (y_j - \hat{y}_j)$.",
                zh=r"关于单个预测值的导数为 $\frac{2}{n} (y_j - \hat{y}_j)$。",
            ),
            says=Eq(D(M, y_hat[j]), 2 / n * (y[j] - y_hat[j])),
            expected="refuted",
            correction=Correction(
                text=Text(
                    en="The sign is lost: descent would push each prediction away from its target.",
                    zh="丢了负号：这样做梯度下降，会把每个预测推离目标。",
                ),
                equation=Eq(D(M, y_hat[j]), 2 / n * (y_hat[j] - y[j])),
            ),
        ),
    ],
    reading=Text(
        en="Gradient descent pulls each prediction towards its target, with a force proportional to "
        "the error and shared among the $n$ examples.",
        zh="梯度下降把每个预测拉向自己的目标，拉力与误差成正比，并由 $n$ 个样本均摊。",
    ),
    stability=Text(
        en="The difference is taken before the square, so nothing cancels; in double precision squares "
        "overflow only for errors beyond about $10^{154}$.",
        zh="先作差再平方，不会发生相消；双精度下，误差超过约 $10^{154}$ 时平方才会上溢。",
    ),
    mistakes=[
        Text(
            en="Losing the minus sign: the gradient with respect to the prediction is proportional to "
            r"$\hat{y} - y$, not to $y - \hat{y}$.",
            zh=r"丢掉负号：关于预测的梯度与 $\hat{y} - y$ 成正比，而不是 $y - \hat{y}$。",
        ),
        Text(
            en="Leaving the sum over $i$ in the result. The delta has removed it.",
            zh="结果中仍保留对 $i$ 的求和。它已被克罗内克函数消去。",
        ),
        Text(
            en=r"Dividing by $n$ when the mean runs over all $n \times q$ outputs: the factor is then "
            "$2/(nq)$.",
            zh=r"平均是对全部 $n \times q$ 个输出取的，却只除以 $n$：此时系数应为 $2/(nq)$。",
        ),
        Text(
            en="Comparing learning rates between the sum, the mean and the half-mean convention.",
            zh="在求和、平均与半平均几种约定之间直接比较学习率。",
        ),
    ],
    example=Example(
        {y: [1, 2, 4], y_hat: [1, 3, 2]},
        remark=Text(en="Three predictions, one of them exact.", zh="三个预测，其中一个完全正确。"),
    ),
    references=[STATISTICAL_LEARNING],
    sources=[FORMULA_SUMMARY, COMMON_FORMULAS, SOME_DERIVATIONS],
    related=["least_squares_loss"],
    aliases=["mse"],
)
