"""The backward pass of a linear layer: one matrix product per argument."""

from sympy import Eq

from derivations.catalogue.sources import BACK_PROPAGATION, SOME_DERIVATIONS
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
    delta,
    matrix,
    step,
    total,
    vector,
)

n = Axis("n", Text(en="number of examples", zh="样本数"))
d = Axis("d", Text(en="number of inputs", zh="输入数"))
q = Axis("q", Text(en="number of outputs", zh="输出数"))
i, a = n.indices("i a")
p, r = d.indices("p r")
j, s = q.indices("j s")
X = matrix("X", n, d, Text(en="inputs, rows are examples", zh="输入，每行一个样本"))
W = matrix("W", d, q, Text(en="weights", zh="权重"))
b = vector("b", q, Text(en="bias, added to every row", zh="偏置，加到每一行"))
Y = matrix("Y", n, q, Text(en="outputs", zh="输出"))

# a square layer, for statements that mix the indices of inputs and outputs
m = Axis("m", Text(en="number of inputs and of outputs of a square layer", zh="方阵情形下的输入数与输出数"))
e, f, u, w = m.indices("e f u w")
A = matrix("A", n, m, Text(en="inputs of a square layer", zh="方阵情形下的输入"))
V = matrix("V", m, m, Text(en="weights of a square layer", zh="方阵情形下的权重"))
square = total(A[i, e] * V[e, f], e)

formula = Formula(
    name=Text(en="Backward pass of a linear layer", zh="线性层的反向传播"),
    summary=Text(
        en="The derivative of a matrix with respect to a matrix has four indices; backpropagation never "
        "stores it, since contracted with the upstream gradient it becomes one matrix product per "
        "argument. Shapes alone do not decide the order of the product: for square matrices several wrong "
        "orders fit.",
        zh="矩阵对矩阵的导数有四个指标；反向传播从不存储它，因为与上游梯度缩并之后，对每个自变量只剩一次矩"
        "阵乘法。不能只凭形状决定乘积次序：对方阵而言，好几种错误次序的形状也都吻合。",
    ),
    define=[Eq(Y, X @ W + b)],
    ask=[Jacobian(Y, W), Vjp(Y, X, W, b)],
    remarks={
        step(Jacobian(Y, W), "linear"): Text(
            en="The inputs and the bias do not depend on the weights; two weights are the same variable "
            "only if both indices agree.",
            zh="输入与偏置都不依赖权重；两个权重只有在两个指标都相同时才是同一个变量。",
        ),
        step(Jacobian(Y, W), "sift"): Text(
            en="The sum absorbs the delta of the inputs; that of the outputs stays, because neither of its "
            "indices is summed.",
            zh="求和吸收了输入指标的克罗内克函数；输出指标的那个两端都未被求和，所以保留。",
        ),
        step(Vjp(Y, W), "vjp"): Text(
            en="As for an input, any entry of the output may carry a change of one weight to the loss.",
            zh="与输入一样，输出的每个元素都可能把一个权重的变化传给损失。",
        ),
        step(Vjp(Y, W), "linear"): Text(
            en="This is the derivative with four indices, found above.",
            zh="这就是前面求得的四指标导数。",
        ),
        step(Vjp(Y, W), "sift"): Text(
            en="Now the output index is summed as well: a weight feeds its own output only.",
            zh="此时输出指标也被求和：每个权重只影响自己的那个输出。",
        ),
        step(Vjp(Y, W), "matrix"): Text(
            en=r"The summed index is the row index of both factors; a product needs it inside, hence the "
            r"transpose of $\mathbf{X}$.",
            zh=r"求和指标是两个因子的行指标；矩阵乘法要求它位于内侧，所以 $\mathbf{X}$ 要转置。",
        ),
        step(Vjp(Y, X), "vjp"): Text(
            en="Any entry of the output may carry a change of one input to the loss, so we sum over both "
            "output indices.",
            zh="输出的每个元素都可能把一个输入的变化传给损失，所以对两个输出指标都求和。",
        ),
        step(Vjp(Y, X), "linear"): Text(
            en="The roles are exchanged: now the weights are constant.",
            zh="角色互换：现在权重是常数。",
        ),
        step(Vjp(Y, X), "sift"): Text(
            en="An example influences its own row only; the sum runs over the outputs through which the "
            "input acts.",
            zh="每个样本只影响自己的那一行；求和遍历输入所影响的各个输出。",
        ),
        step(Vjp(Y, X), "matrix"): Text(
            en=r"The summed index is the column index of both factors, so this time $\mathbf{W}$ is "
            r"transposed.",
            zh=r"求和指标是两个因子的列指标，所以这次是 $\mathbf{W}$ 转置。",
        ),
        step(Vjp(Y, b), "linear"): Text(
            en="The delta has no row index: every example sees the same bias.",
            zh="克罗内克函数不含行指标：所有样本用的是同一个偏置。",
        ),
        step(Vjp(Y, b), "sift"): Text(
            en="Broadcasting forward becomes summing backward.",
            zh="前向的广播在反向变成求和。",
        ),
        step(Vjp(Y, b), "matrix"): Text(
            en="A sum over rows is a product with a vector of ones.",
            zh="对各行求和就是与全 1 向量相乘。",
        ),
    },
    chains=[
        Chain(
            "vectorized_jacobian",
            Text(en="As a matrix: a Kronecker product", zh="写成矩阵：克罗内克积"),
            D(Y[i, j], W[r, s]),
            [
                Step(
                    "=",
                    X[i, r] * delta(j, s),
                    Text(
                        en=r"the derivative above; counted row by row, it is the entry of "
                        r"$\mathbf{X} \otimes \mathbf{I}_q$ in row $(i, j)$ and column $(r, s)$",
                        zh=r"上面求得的导数；按行编号时，它是 $\mathbf{X} \otimes \mathbf{I}_q$ 第 "
                        r"$(i, j)$ 行、第 $(r, s)$ 列的元素",
                    ),
                ),
            ],
            concludes=[Eq(total(X[i, r] * delta(j, s) * W[r, s], r, s), Y[i, j] - b[j])],
        ),
        Chain(
            "pairing",
            Text(en="Both gradients see the same product", zh="两个梯度给出同一个内积"),
            total(D(Y[i, j], W[r, s]) * W[r, s], r, s),
            [
                Step(
                    "=",
                    total(X[i, r] * W[r, j], r),
                    Text(en="the product is linear in the weights", zh="乘积关于权重是线性的"),
                ),
                Step(
                    "=",
                    total(D(Y[i, j], X[a, r]) * X[a, r], a, r),
                    Text(en="it is linear in the inputs as well", zh="关于输入也是线性的"),
                ),
            ],
        ),
    ],
    claims=[
        Claim(
            "four_indices",
            Text(
                en=r"The derivative of $Y_{ij}$ with respect to $W_{rs}$ is $X_{ir} \delta_{sj}$.",
                zh=r"$Y_{ij}$ 关于 $W_{rs}$ 的导数为 $X_{ir} \delta_{sj}$。",
            ),
            says=Eq(D(Y[i, j], W[r, s]), X[i, r] * delta(s, j)),
        ),
        Claim(
            "ones_as_upstream_gradient",
            Text(
                en="If the upstream gradient is 1 everywhere, every column of the gradient with respect to "
                r"the weights holds the column sums of $\mathbf{X}$.",
                zh=r"上游梯度处处为 1 时，权重梯度的每一列都由 $\mathbf{X}$ 的各列之和组成。",
            ),
            says=Eq(total(D(Y[i, j], W[r, s]), i, j), total(X[i, r], i)),
        ),
        Claim(
            "wrong_surviving_entry",
            Text(
                en=r"After the sum the entry $W_{sj}$ is left: the derivative is "
                r"$X_{ir} \, \partial W_{sj} / \partial W_{rs}$.",
                zh=r"求和后留下 $W_{sj}$：导数为 $X_{ir} \, \partial W_{sj} / \partial W_{rs}$。",
            ),
            says=Eq(D(square, V[u, w]), A[i, u] * D(V[w, f], V[u, w])),
            expected="refuted",
            quote=Quote(
                r"\frac{\partial Y_{ij}}{\partial W_{rs}} = X_{ir} \cdot \frac{\partial W_{sj}}{\partial "
                r"W_{rs}}",
                SOME_DERIVATIONS,
                "线性层的反向传播",
                "wrong",
            ),
            correction=Correction(
                text=Text(
                    en=r"The term with $p = r$ survives, so the entry is $W_{rj}$. The note's $W_{sj}$ takes "
                    r"the index of an output for that of an input, which only a square layer such as "
                    r"$\mathbf{A} \mathbf{V}$ allows.",
                    zh=r"留下的是 $p = r$ 的一项，应为 $W_{rj}$。原文的 $W_{sj}$ 把输出的指标当作输入的指标，"
                    r"只有 $\mathbf{A} \mathbf{V}$ 这样的方阵情形才有意义。",
                ),
                equation=Eq(D(Y[i, j], W[r, s]), X[i, r] * D(W[r, j], W[r, s])),
            ),
        ),
        Claim(
            "wrong_reason_for_delta",
            Text(
                en=r"Since $\partial W_{sj} / \partial W_{rs}$ is 1 only for $s = r$ and $j = s$, the "
                r"derivative is $X_{ir} \delta_{sj}$.",
                zh=r"由于 $\partial W_{sj} / \partial W_{rs}$ 只有当 $s = r$ 且 $j = s$ 时才为 1，所以导数"
                r"为 $X_{ir} \delta_{sj}$。",
            ),
            says=Eq(A[i, u] * delta(w, u) * delta(f, w), A[i, u] * delta(w, f)),
            expected="refuted",
            quote=Quote(
                r"由于 $ \frac{\partial W_{sj}}{\partial W_{rs}} $ 只有当 $ s = r $ 且 $ j = s $ 时才为1,否"
                r"则为0",
                SOME_DERIVATIONS,
                "线性层的反向传播",
                "wrong",
            ),
            correction=Correction(
                text=Text(
                    en=r"That condition describes $\delta_{sr} \delta_{js}$. The conclusion is right, for "
                    r"another reason: $\partial W_{rj} / \partial W_{rs} = \delta_{js}$.",
                    zh=r"这一条件描述的是 $\delta_{sr} \delta_{js}$。结论正确，理由却应是 "
                    r"$\partial W_{rj} / \partial W_{rs} = \delta_{js}$。",
                ),
                equation=Eq(D(W[r, j], W[r, s]), delta(j, s)),
            ),
        ),
        Claim(
            "number_of_entries",
            Text(
                en="The derivative is a tensor with as many entries as examples times inputs times outputs.",
                zh="该导数是一个张量，元素个数等于样本数、输入数与输出数之积。",
            ),
            says=Eq(n * d * q**2, n * d * q),
            expected="refuted",
            quote=Quote(
                r"$ \frac{\partial Y}{\partial W} $ 的每个元素 $ \frac{\partial Y_{ij}}{\partial W_{rs}} $ "
                r"都是一个 $ m \times n \times k $ 的张量",
                SOME_DERIVATIONS,
                "线性层的反向传播",
                "wrong",
            ),
            correction=Correction(
                text=Text(
                    en="Each element is a number; the whole has four axes, two of the output and two of "
                    "the weights.",
                    zh="每个元素都是一个数；整体有四个轴，输出与权重各占两个。",
                ),
            ),
        ),
        Claim(
            "derivative_is_the_input",
            Text(
                en=r"The derivative of the output with respect to the weights is the matrix $\mathbf{X}$.",
                zh=r"输出关于权重的导数就是矩阵 $\mathbf{X}$。",
            ),
            says=Eq(D(Y[i, j], W[r, s]), X[i, r]),
            expected="refuted",
            quote=Quote(
                r"\frac{\partial Y}{\partial W} = X",
                SOME_DERIVATIONS,
                "线性层的反向传播",
                "wrong",
            ),
            correction=Correction(
                text=Text(
                    en=r"As a matrix, counted row by row, it is $\mathbf{X} \otimes \mathbf{I}_q$: "
                    r"$\mathbf{X}$ is only the block that repeats.",
                    zh=r"按行展开成矩阵时是 $\mathbf{X} \otimes \mathbf{I}_q$：$\mathbf{X}$ 只是反复出现的"
                    r"块。",
                ),
                equation=Eq(D(Y[i, j], W[r, s]), X[i, r] * delta(j, s)),
            ),
        ),
        Claim(
            "derivative_is_the_input_one_output",
            Text(
                en=r"With a single output the derivative with respect to the weights is $\mathbf{X}$.",
                zh=r"只有一个输出时，关于权重的导数就是 $\mathbf{X}$。",
            ),
            says=Eq(D(Y[i, j], W[r, s]), X[i, r]),
            given=[Eq(q, 1)],
        ),
        Claim(
            "transpose_to_multiply",
            Text(
                en="To multiply by the upstream gradient, transpose the derivative.",
                zh="要与上游梯度相乘，就把导数转置。",
            ),
            expected="stated",
            quote=Quote(
                r"这时候我们需要对 $ \frac{\partial Y}{\partial W} $ 转置",
                SOME_DERIVATIONS,
                "线性层的反向传播",
                "loose",
            ),
            correction=Correction(
                text=Text(
                    en=r"The transpose comes from contracting the four-index derivative with $\mathbf{G}$; "
                    r"it gives $\mathbf{X}^\top \mathbf{G}$ in this order, and "
                    r"$\mathbf{G} \mathbf{W}^\top$ for the inputs.",
                    zh=r"转置来自四指标导数与 $\mathbf{G}$ 的缩并：结果依次为 "
                    r"$\mathbf{X}^\top \mathbf{G}$，以及关于输入的 $\mathbf{G} \mathbf{W}^\top$。",
                ),
            ),
        ),
    ],
    reading=Text(
        en="Each gradient is the upstream gradient times the other factor, transposed, and placed on"
        " the side that makes the shapes fit.",
        zh="每个梯度都是上游梯度乘以另一个因子的转置，并放在使形状相容的一侧。",
    ),
    stability=Text(
        en="Matrix products and sums only; the derivative with four indices is never formed, except "
        "by the function that is asked for it.",
        zh="只有矩阵乘法与求和；除非专门调用，四个指标的导数从不构造出来。",
    ),
    mistakes=[
        Text(
            en=r"Writing $\partial \mathbf{Y} / \partial \mathbf{W} = \mathbf{X}$. The derivative has four "
            r"indices; as a matrix (row-major) it is $\mathbf{X} \otimes \mathbf{I}_q$.",
            zh=r"写成 $\partial \mathbf{Y} / \partial \mathbf{W} = \mathbf{X}$。该导数有四个指标；按行展开"
            r"成矩阵时是 $\mathbf{X} \otimes \mathbf{I}_q$。",
        ),
        Text(
            en=r"Keeping the wrong index after sifting: $\sum_p X_{ip} \delta_{pr} \delta_{js}$ gives "
            r"$X_{ir} \delta_{js}$, where $j$ and $s$ are untouched.",
            zh=r"筛选后留错指标：$\sum_p X_{ip} \delta_{pr} \delta_{js}$ 得到 $X_{ir} \delta_{js}$，其中 "
            r"$j$ 与 $s$ 未受影响。",
        ),
        Text(
            en="Choosing the order of the product by shapes alone: for square matrices several wrong "
            "orders fit.",
            zh="仅凭形状决定乘积次序：对方阵而言，好几种错误次序的形状也都吻合。",
        ),
        Text(
            en=r"Averaging the bias gradient over the batch. It is a sum; the mean, if any, is already in "
            r"$\mathbf{G}$.",
            zh=r"对偏置的梯度在批量上取平均。它应当求和；若损失含平均，则系数已在 $\mathbf{G}$ 中。",
        ),
    ],
    example=Example(
        {
            X: [[1, 0, 2], [0, 3, 1]],
            W: [[1, -1], [2, 0], [0, 1]],
            b: [0, 0],
        },
        cotangent=[[1, 2], [0, -1]],
        remark=Text(
            en="The sizes $n = 2$, $d = 3$, $q = 2$ are chosen so that a product with a lost transpose does "
            "not fit.",
            zh="取 $n = 2$，$d = 3$，$q = 2$：漏写转置的乘积，形状不相容。",
        ),
    ),
    references=[
        BACK_PROPAGATION,
        Reference(
            "M. B. Giles: Collected matrix derivative results for forward and reverse mode algorithmic "
            "differentiation. In: Advances in Automatic Differentiation, Springer (2008), 35–44",
            doi="10.1007/978-3-540-68942-3_4",
        ),
    ],
    sources=[SOME_DERIVATIONS],
    aliases=["linear_layer_vjp"],
)
