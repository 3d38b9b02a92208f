"""The backward pass of a linear layer: one matrix product per argument."""

from sympy import Eq

from derivations.language import Axis, Formula, Jacobian, Text, Vjp, matrix, vector

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

formula = Formula(
    name=Text(en="Backward pass of a linear layer", zh="线性层的反向传播"),
    summary=Text(en="...", zh="..."),
    define=[Eq(Y, X @ W + b)],
    ask=[Jacobian(Y, W), Vjp(Y, X, W, b)],
)
