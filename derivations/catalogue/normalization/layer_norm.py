"""Layer normalization: the features of one example get mean zero and variance about one."""

from sympy import Eq, Rational, sqrt

from derivations.catalogue.sources import COMMON_FORMULAS, FORMULA_SUMMARY
from derivations.language import (
    Axis,
    Chain,
    Claim,
    Correction,
    D,
    Example,
    Formula,
    Jacobian,
    Quote,
    Reference,
    Step,
    Text,
    Vjp,
    at,
    mean,
    scalar,
    step,
    total,
    vector,
)

H = Axis("H", Text(en="number of features", zh="特征数"))
i, j, k = H.indices("i j k")
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
    "var",
    Text(en="variance, divided by the number of features", zh="方差（除以特征数）"),
    domain="nonnegative",
    latex=r"\sigma^2",
)
s = scalar("s", Text(en="scale", zh="尺度"), domain="positive")
x_hat = vector("x_hat", H, Text(en="normalized features", zh="归一化后的特征"), latex=r"\hat{x}")
y = vector("y", H, Text(en="output", zh="输出"))

a = scalar("a", Text(en="any factor", zh="任意因子"))
c = scalar("c", Text(en="any shift of all features", zh="所有特征的共同平移量"))
variance = mean((x[k] - mu) ** 2, k)

formula = Formula(
    name=Text(en="Layer normalization", zh="层归一化"),
    summary=Text(
        en="Layer normalization gives the features of one example mean zero and variance about one, "
        "whatever the rest of the batch is; every Transformer block uses it or a relative of it. Every "
        "output depends on every input through the mean and the variance, and without the small constant a "
        "constant input has no output.",
        zh="层归一化使单个样本的各特征均值为零、方差约为一，与批量中的其他样本无关；每个 Transformer 块都用"
        "到它或它的变体。每个输出都通过均值与方差依赖所有输入；若没有小常数，各特征相等时便没有结果。",
    ),
    define=[
        Eq(mu, mean(x[i], i)),
        Eq(var, mean((x[i] - mu) ** 2, i)),
        Eq(s, sqrt(var + eps)),
        Eq(x_hat[i], (x[i] - mu) / s),
        Eq(y[i], gamma[i] * x_hat[i] + beta[i]),
    ],
    ask=[Jacobian(y, x), Vjp(y, x, gamma, beta)],
    remarks={
        step(Jacobian(mu, x), "sift"): Text(
            en="Each input has the same weight in the mean: the delta picks one term out of $H$.",
            zh="每个输入在均值中的权重相同：克罗内克函数从 $H$ 项中选出一项。",
        ),
        step(Jacobian(var, x), "power"): Text(
            en="The mean moves with the input too, so two terms appear.",
            zh="均值也随输入而变，因此出现两项。",
        ),
        step(Jacobian(var, x), "sift"): Text(
            en="The derivative of the mean does not depend on the summed index and leaves the sum.",
            zh="均值的导数与求和指标无关，可以移出求和号。",
        ),
        step(Jacobian(var, x), "open"): Text(
            en="Deviations from the mean sum to zero: to first order, the variance does not feel the "
            "shift of the mean.",
            zh="离差之和为零：在一阶意义上，方差感觉不到均值的移动。",
        ),
        step(Jacobian(s, x), "power"): Text(
            en=r"Differentiating a root divides by twice the root; $\epsilon$ is constant.",
            zh=r"对平方根求导，相当于除以它的两倍；$\epsilon$ 是常数。",
        ),
        step(Jacobian(s, x), "name"): Text(
            en="The deviation divided by the scale is the normalized input itself.",
            zh="离差除以尺度正是归一化后的输入。",
        ),
        step(Jacobian(x_hat, x), "quotient"): Text(
            en="The numerator moves directly and through the mean, the denominator through the scale.",
            zh="分子直接变化，也通过均值变化；分母则通过尺度变化。",
        ),
        step(Jacobian(x_hat, x), "name"): Text(
            en=r"One factor $(x_i - \mu)/s$ is again $\hat{x}_i$.",
            zh=r"其中一个因子 $(x_i - \mu)/s$ 又是 $\hat{x}_i$。",
        ),
        step(Jacobian(x_hat, x), "factor"): Text(
            en="The matrix is symmetric: a delta minus two parts of rank one.",
            zh="所得矩阵对称：单位矩阵减去两个秩一矩阵。",
        ),
        step(Jacobian(y, x), "lemma"): Text(
            en="The gain multiplies its own row, and the shift does not depend on the input.",
            zh="缩放参数乘在各自的行上，平移参数与输入无关。",
        ),
        step(Vjp(y, x_hat), "sift"): Text(
            en="From here on the gradient with respect to the normalized input has a name of its own.",
            zh="此后，关于归一化输入的梯度有了自己的记号。",
        ),
        step(Vjp(y, x), "vjp"): Text(
            en="The input reaches the loss through the normalized features only.",
            zh="输入只通过归一化后的特征影响损失。",
        ),
        step(Vjp(y, x), "sift"): Text(
            en="Two means are all that the features of one example share.",
            zh="同一样本的各特征之间，只共享两个均值。",
        ),
        step(Vjp(y, x), "matrix"): Text(
            en="A term without the free index becomes a multiple of the vector of ones.",
            zh="不含自由指标的项变成全 1 向量的倍数。",
        ),
        step(Vjp(y, gamma), "sift"): Text(
            en="Each gain sees its own feature only; over a batch the gradients are summed.",
            zh="每个缩放参数只作用于自己的特征；对批量则把梯度相加。",
        ),
        step(Vjp(y, beta), "sift"): Text(
            en="The shift is added, so the upstream gradient passes unchanged.",
            zh="平移参数是直接相加的，上游梯度原样通过。",
        ),
    },
    chains=[
        Chain(
            "invariance",
            Text(en="Invariance without the small constant", zh="无小常数时的不变性"),
            at(x_hat[i], {x: a * x + c, eps: 0}, r"\hat{x}(a \mathbf{x} + c, \epsilon = 0)"),
            [
                Step(
                    "=",
                    a * (x[i] - mu) / sqrt(a**2 * variance),
                    Text(
                        en="the mean moves along, and the deviations are scaled",
                        zh="均值随之移动，离差按比例缩放",
                    ),
                ),
                Step(
                    "=",
                    (x[i] - mu) / sqrt(variance),
                    Text(en="the root of $a^2$ is $a$", zh="$a^2$ 的平方根是 $a$"),
                ),
            ],
            given=[a > 0],
        ),
        Chain(
            "null_vector",
            Text(en="A common shift of the inputs receives no gradient", zh="输入的共同平移得不到梯度"),
            total(D(y[i], x[j]), j),
            [
                Step(
                    "=",
                    -(gamma[i] / s) * x_hat[i] * mean(x_hat[j], j),
                    Text(
                        en="in the Jacobian above the first two parts cancel",
                        zh="上面的雅可比矩阵中，前两部分相消",
                    ),
                ),
                Step("=", 0, Text(en="normalized features have mean zero", zh="归一化后的特征均值为零")),
            ],
        ),
        Chain(
            "scaling",
            Text(en="A scaling of the deviations receives almost no gradient", zh="离差的缩放几乎得不到梯度"),
            total(D(y[i], x[j]) * x_hat[j], j),
            [
                Step(
                    "=",
                    gamma[i] / s * x_hat[i] * (1 - mean(x_hat[j] ** 2, j)),
                    Text(en="the Jacobian above and mean zero", zh="上面的雅可比矩阵，且均值为零"),
                ),
                Step(
                    "=",
                    gamma[i] * x_hat[i] * eps / s**3,
                    Text(
                        en=r"the variance $\sigma^2 / s^2$ is a little below one",
                        zh=r"方差 $\sigma^2 / s^2$ 略小于 1",
                    ),
                ),
            ],
            concludes=[Eq(mean(x_hat[i], i), 0), mean(x_hat[i] ** 2, i) < 1],
        ),
    ],
    claims=[
        Claim(
            "without_epsilon",
            Text(
                en=r"The normalized value is $(a_i - \mu)/\sigma$ times the gain, without a small constant "
                "and without a shift.",
                zh=r"归一化的结果是 $(a_i - \mu)/\sigma$ 乘以缩放参数，既无小常数，也无平移参数。",
            ),
            expected="stated",
            quote=Quote(
                r"\overline{a}_i = \frac{a_i-\mu}{\sigma} g_i", FORMULA_SUMMARY, "模型优化/层归一化", "loose"
            ),
            correction=Correction(
                text=Text(
                    en=r"As in the paper on RMSNorm; but without $\epsilon$ an input of equal features "
                    "gives $0/0$.",
                    zh=r"RMSNorm 的论文也这样写；但若没有 $\epsilon$，各特征相等时得到 $0/0$。",
                ),
                equation=Eq(y[i], gamma[i] * ((x[i] - mu) / sqrt(var + eps)) + beta[i]),
            ),
        ),
        Claim(
            "scalar_gain",
            Text(
                en="One gain and one shift serve all features.",
                zh="所有特征共用一个缩放参数和一个平移参数。",
            ),
            says=Eq(y[i], gamma[0] * x_hat[i] + beta[0]),
            expected="refuted",
            quote=Quote(r"y_i &= \gamma \hat{x}_i + \beta", COMMON_FORMULAS, "Layer Normalization", "loose"),
            correction=Correction(
                text=Text(
                    en="Gain and shift are vectors, with one entry per feature.",
                    zh="缩放参数与平移参数都是向量，每个特征对应一个分量。",
                ),
                equation=Eq(y[i], gamma[i] * x_hat[i] + beta[i]),
            ),
        ),
        Claim(
            "invariance_any_factor",
            Text(
                en="Without the small constant the result does not change when all features are multiplied "
                "by any number.",
                zh="没有小常数时，所有特征同乘任意一个数，结果不变。",
            ),
            says=Eq(
                at(x_hat[i], {x: a * x, eps: 0}, r"\hat{x}(a \mathbf{x}, \epsilon = 0)"),
                at(x_hat[i], {eps: 0}, r"\hat{x}(\mathbf{x}, \epsilon = 0)"),
            ),
            expected="refuted",
            correction=Correction(
                text=Text(
                    en="The factor must be positive: a negative one changes every sign.",
                    zh="因子须为正：负因子使所有符号相反。",
                ),
            ),
        ),
    ],
    reading=Text(
        en=r"Remove from the gradient with respect to $\hat{\mathbf{x}}$ its component along "
        r"$\mathbf{1}$ and almost all of that along $\hat{\mathbf{x}}$, then divide by $s$: a shift "
        r"of the input gets no gradient, a scaling almost none.",
        zh=r"从关于 $\hat{\mathbf{x}}$ 的梯度中除去沿 $\mathbf{1}$ 的分量以及几乎全部沿 $\hat{\mathbf{x}}$ "
        r"的分量，再除以 $s$：输入的平移得不到梯度，缩放几乎得不到。",
    ),
    stability=Text(
        en="The variance is computed from the deviations, in two passes; the mean of squares minus "
        "the squared mean would lose all digits when the mean is large.",
        zh="方差由离差算出，扫描两遍；若用“平方的均值减去均值的平方”，均值很大时有效数字会全部丢失。",
    ),
    mistakes=[
        Text(
            en=r"Treating $\mu$ and $s$ as constants: the result is then the first term alone.",
            zh=r"把 $\mu$ 与 $s$ 当作常数：结果就只剩第一项。",
        ),
        Text(
            en=r"Averaging $\mathbf{g}$ instead of $\boldsymbol{\gamma} \odot \mathbf{g}$. The two agree "
            "only if all gains are 1.",
            zh=r"对 $\mathbf{g}$ 而不是 $\boldsymbol{\gamma} \odot \mathbf{g}$ 取均值。除非所有缩放参数都等"
            "于 1，二者并不相同。",
        ),
        Text(
            en="Dividing the variance by $H - 1$. The layer does not compute an unbiased estimate.",
            zh="方差除以 $H - 1$。该层计算的不是无偏估计。",
        ),
        Text(
            en=r"Forgetting to sum $\bar{\boldsymbol{\gamma}}$ and $\bar{\boldsymbol{\beta}}$ over the "
            "batch: all examples share the parameters.",
            zh=r"忘记把 $\bar{\boldsymbol{\gamma}}$ 与 $\bar{\boldsymbol{\beta}}$ 在批量上求和：所有样本共"
            "用同一组参数。",
        ),
    ],
    example=Example(
        {x: [0, 0, 0, 4], gamma: [1, 1, 1, 1], beta: [0, 0, 0, 0], eps: 1},
        cotangent=[1, 0, 0, 0],
        remark=Text(
            en=r"A large $\epsilon = 1$ gives round numbers; $32 \bar{\mathbf{x}}$ has whole entries.",
            zh=r"取较大的 $\epsilon = 1$ 以便得到整齐的数；$32 \bar{\mathbf{x}}$ 的元素都是整数。",
        ),
    ),
    references=[
        Reference("J. L. Ba, J. R. Kiros, G. E. Hinton: Layer normalization (2016)", arxiv="1607.06450"),
        Reference("B. Zhang, R. Sennrich: Root mean square layer normalization (2019)", arxiv="1910.07467"),
    ],
    sources=[FORMULA_SUMMARY, COMMON_FORMULAS],
)
