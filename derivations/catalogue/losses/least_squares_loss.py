"""Least squares: half the squared distance between a linear model and its targets."""

from sympy import Eq

from derivations.catalogue.losses.mean_squared_error import formula as mean_squared_error
from derivations.catalogue.sources import FORMULA_SUMMARY, STATISTICAL_LEARNING, STUDY_NOTES
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
    Quote,
    Reference,
    Stationary,
    Step,
    Text,
    at,
    dot,
    matrix,
    scalar,
    squared_norm,
    step,
    total,
    vector,
)

n = Axis("n", Text(en="number of examples", zh="样本数"))
d = Axis("d", Text(en="number of parameters", zh="参数个数"))
i = n.indices("i")
j, k = d.indices("j k")
X = matrix("X", n, d, Text(en="design matrix, rows are examples", zh="设计矩阵，每行一个样本"))
theta = vector("theta", d, Text(en="parameters", zh="参数"))
Y = vector("Y", n, Text(en="targets", zh="目标（标签）"))
J = scalar("J", Text(en="loss", zh="损失"), domain="nonnegative")

v = vector("v", d, Text(en="any change of the parameters", zh="参数的任意改变量"))
M = mean_squared_error(y=Y, y_hat=X @ theta)

formula = Formula(
    name=Text(en="Least-squares loss", zh="最小二乘损失"),
    summary=Text(
        en="The least-squares loss is half the squared distance between the predictions of a linear model "
        "and the targets; its minimizer solves a linear system. The minimizer is unique only if the columns "
        "of the design matrix are linearly independent, and outliers weigh heavily.",
        zh="最小二乘损失是线性模型的预测与目标之间距离平方的一半；求最小值点只需解一个线性方程组。只有设计"
        "矩阵各列线性无关时最小值点才唯一，而且离群点的影响很大。",
    ),
    define=[Eq(J, squared_norm(X @ theta - Y) / 2)],
    ask=[Gradient(J, theta), Hessian(J, theta), Stationary(J, theta)],
    remarks={
        step(Gradient(J, theta), "power"): Text(
            en="The factor one half is there to cancel the exponent; the residual stays whole.",
            zh="系数二分之一正是为了与指数相消；残差始终作为整体保留。",
        ),
        step(Gradient(J, theta), "sift"): Text(
            en="A parameter acts through its own column of the design matrix.",
            zh="每个参数只通过设计矩阵中自己的那一列起作用。",
        ),
        step(Gradient(J, theta), "matrix"): Text(
            en="The summed index is the row index of both factors, hence the transpose.",
            zh="求和指标是两个因子的行指标，所以要转置。",
        ),
        step(Hessian(J, theta), "linear"): Text(
            en="The gradient is affine in the parameters, so the second derivative is constant.",
            zh="梯度是参数的仿射函数，二阶导数因而是常数。",
        ),
        step(Hessian(J, theta), "sift"): Text(
            en="Two columns of the design matrix meet, and the targets have dropped out.",
            zh="设计矩阵的两列在此相遇，目标已不再出现。",
        ),
        step(Hessian(J, theta), "matrix"): Text(
            en="This is the Gram matrix of the columns; it is positive definite exactly if they are linearly "
            "independent.",
            zh="这就是各列的 Gram 矩阵；当且仅当各列线性无关时，它正定。",
        ),
        step(Stationary(J, theta), "stationary"): Text(
            en="The loss is convex, so a zero of the gradient is a global minimum.",
            zh="损失是凸函数，梯度的零点就是全局最小值点。",
        ),
        step(Stationary(J, theta), "collect_unknown"): Text(
            en="This is the normal equation: the residual is orthogonal to every column. It has a solution "
            "whatever the rank.",
            zh="这就是正规方程：残差与每一列都正交。无论秩是多少，它总有解。",
        ),
        step(Stationary(J, theta), "solve"): Text(
            en="Without full column rank there is no inverse but infinitely many minimizers; "
            r"$\mathbf{X}^{+} \mathbf{Y}$, with the pseudoinverse $\mathbf{X}^{+}$, is the shortest.",
            zh="若列不满秩，逆矩阵不存在，最小值点有无穷多个；"
            r"其中 $\mathbf{X}^{+} \mathbf{Y}$（$\mathbf{X}^{+}$ 为伪逆）的范数最小。",
        ),
    },
    chains=[
        Chain(
            "positive_semidefinite",
            Text(en="The Hessian is positive semidefinite", zh="黑塞矩阵半正定"),
            total(v[j] * D(J, theta[j], theta[k]) * v[k], j, k),
            [
                Step(
                    "=",
                    total(v[j] * total(X[i, j] * X[i, k], i) * v[k], j, k),
                    Text(en="the Hessian above", zh="上面求得的黑塞矩阵"),
                ),
                Step("=", squared_norm(X @ v), Text(en="the sums are exchanged", zh="交换求和次序")),
                Step(">=", 0, Text(en="a sum of squares", zh="平方和")),
            ],
        ),
        Chain(
            "pythagoras",
            Text(en="Pythagoras at a stationary point", zh="驻点处的勾股定理"),
            squared_norm(Y),
            [
                Step(
                    "=",
                    squared_norm(X @ theta) + squared_norm(X @ theta - Y) - 2 * dot(X @ theta, X @ theta - Y),
                    Text(
                        en="the targets are the fitted values minus the residual; the square is multiplied "
                        "out",
                        zh="目标等于拟合值减去残差，把平方展开",
                    ),
                ),
                Step(
                    "=",
                    squared_norm(X @ theta)
                    + squared_norm(X @ theta - Y)
                    - 2 * total(theta[j] * D(J, theta[j]), j),
                    Text(
                        en="the mixed term contains the gradient; where that is zero, the fitted values and "
                        "the error are the legs of a right triangle",
                        zh="交叉项中含有梯度；梯度为零时，拟合值与误差是直角三角形的两条直角边",
                    ),
                ),
            ],
        ),
        Chain(
            "relation_to_mse",
            Text(en="Relation to the mean squared error", zh="与均方误差的关系"),
            M,
            [
                Step(
                    "=",
                    squared_norm(X @ theta - Y) / n,
                    Text(en="the square ignores the sign", zh="平方与符号无关"),
                ),
                Step("=", 2 / n * J, Text(en="definition of the loss", zh="损失的定义")),
            ],
        ),
        Chain(
            "expansion",
            Text(en="No point is lower than a stationary one", zh="没有比驻点更低的点"),
            at(J, {theta: theta + v}, r"J(\boldsymbol{\theta} + \mathbf{v})") - J,
            [
                Step(
                    "=",
                    dot(X @ v, X @ theta - Y) + squared_norm(X @ v) / 2,
                    Text(en="the square is multiplied out around the residual", zh="围绕残差展开平方"),
                ),
                Step(
                    ">=",
                    dot(X @ v, X @ theta - Y),
                    Text(
                        en="a square is not negative; at a stationary point the right side is zero",
                        zh="平方非负；在驻点处右边为零",
                    ),
                ),
            ],
        ),
    ],
    claims=[
        Claim(
            "same_as_mse",
            Text(
                en="The least-squares loss and the mean squared error are the same.",
                zh="最小二乘损失就是均方误差。",
            ),
            says=Eq(J, M),
            expected="refuted",
            quote=Quote(
                "最小二乘 least sqaure / Mean Squared Error (均方误差)", FORMULA_SUMMARY, "损失函数", "loose"
            ),
            correction=Correction(
                text=Text(
                    en="Two functions with the same minimizer and different values; the name is spelled "
                    "“least squares”.",
                    zh="两个不同的函数，最小值点相同，函数值不同；英文应拼作 least squares。",
                ),
                equation=Eq(squared_norm(X @ theta - Y) / n, 2 / n * J),
            ),
        ),
        Claim(
            "projection",
            Text(
                en="Geometrically, least squares projects the targets onto the column space: the derivative "
                r"in a direction $\mathbf{v}$ is the inner product of $\mathbf{X} \mathbf{v}$ and the "
                "residual. Where it is zero in all directions, the residual is orthogonal to that space.",
                zh=r"最小二乘的几何意义是把目标向量投影到列空间：沿方向 $\mathbf{v}$ 的导数等于 "
                r"$\mathbf{X} \mathbf{v}$ 与残差的内积。它在所有方向上为零时，残差便与列空间正交。",
            ),
            says=Eq(total(D(J, theta[j]) * v[j], j), dot(X @ v, X @ theta - Y)),
        ),
    ],
    reading=Text(
        en=r"The best fit is the point of the column space nearest to $\mathbf{Y}$, and nearest means"
        r" that the error is perpendicular to all columns.",
        zh=r"最佳拟合是列空间中离 $\mathbf{Y}$ 最近的点，而“最近”意味着误差垂直于所有列。",
    ),
    stability=Text(
        en=r"The stationary point comes from the singular value decomposition of $\mathbf{X}$ itself: the "
        "normal equation would square the condition number. Where columns are dependent, the result is the "
        "shortest of all minimizers.",
        zh=r"驻点由 $\mathbf{X}$ 本身的奇异值分解求得：若解正规方程，条件数会变成平方。各列线性相关时，结果"
        "是范数最小的最小值点。",
    ),
    mistakes=[
        Text(
            en=r"Quoting $(\mathbf{X}^\top \mathbf{X})^{-1} \mathbf{X}^\top \mathbf{Y}$ without the rank "
            "condition: a duplicated column makes the inverse undefined.",
            zh=r"不提秩条件就写 $(\mathbf{X}^\top \mathbf{X})^{-1} \mathbf{X}^\top \mathbf{Y}$：只要有两列"
            "相同，逆矩阵就不存在。",
        ),
        Text(
            en=r"Expecting $J = 0$ at the minimum. That happens only if $\mathbf{Y}$ lies in the column "
            "space.",
            zh=r"以为最小值一定是 $J = 0$。只有当 $\mathbf{Y}$ 属于列空间时才如此。",
        ),
        Text(
            en=r"Computing the inverse in code: the condition number of $\mathbf{X}^\top \mathbf{X}$ is "
            r"the square of that of $\mathbf{X}$.",
            zh=r"在代码中求逆：$\mathbf{X}^\top \mathbf{X}$ 的条件数是 $\mathbf{X}$ 的条件数的平方。",
        ),
        Text(
            en=r"Mixing $\tfrac{1}{2}\lVert\cdot\rVert^2$, $\lVert\cdot\rVert^2$ and the mean: same "
            "minimizer, different gradients.",
            zh=r"混用 $\tfrac{1}{2}\lVert\cdot\rVert^2$、$\lVert\cdot\rVert^2$ 与均值形式：最小值点相同，梯"
            "度却不同。",
        ),
    ],
    example=Example(
        {X: [[1, 0], [1, 1], [1, 2]], theta: [0, 0], Y: [1, 3, 2]},
        remark=Text(
            en=r"A line through three points; the first column of $\mathbf{X}$ is the intercept.",
            zh=r"用三个点拟合一条直线；$\mathbf{X}$ 的第一列对应截距。",
        ),
    ),
    references=[
        Reference(
            "G. H. Golub: Numerical methods for solving linear least squares problems. Numerische "
            "Mathematik 7 (1965), 206–216",
            doi="10.1007/BF01436075",
        ),
        STATISTICAL_LEARNING,
    ],
    sources=[FORMULA_SUMMARY, STUDY_NOTES],
    related=["mean_squared_error"],
)
