"""Softmax cross-entropy: how far predicted class probabilities are from a target distribution."""

from sympy import Eq, log

from derivations.catalogue.activations.softmax import formula as softmax
from derivations.language import Axis, Formula, Gradient, Hessian, Text, scalar, total, vector

C = Axis("C", Text(en="number of classes", zh="类别数"), at_least=2)
c, i = C.indices("c i")
z = vector("z", C, Text(en="logits", zh="未规范化的预测（logits）"))
y = vector("y", C, Text(en="target distribution", zh="目标分布"), domain="simplex")
p = softmax(z=z, over=C)
L = scalar("L", Text(en="loss of one example", zh="单个样本的损失"), domain="nonnegative")

formula = Formula(
    name=Text(en="Softmax cross-entropy loss", zh="softmax 交叉熵损失"),
    summary=Text(en="...", zh="..."),
    define=[Eq(L, -total(y[c] * log(p[c]), c))],
    ask=[Gradient(L, z), Hessian(L, z)],
    facts=[Eq(total(y[c], c), 1)],
)
