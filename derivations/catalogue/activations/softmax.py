"""Softmax: logits to class probabilities."""

from sympy import Eq, exp

from derivations.language import Axis, Formula, Jacobian, Text, Vjp, scalar, total, vector

C = Axis("C", Text(en="number of classes", zh="类别数"))
i, k = C.indices("i k")
z = vector("z", C, Text(en="logits", zh="未规范化的预测（logits）"))
s = scalar("s", Text(en="normalizer", zh="归一化因子"), domain="positive")
p = vector("p", C, Text(en="class probabilities", zh="类别概率"), domain="unit")

formula = Formula(
    name=Text(en="Softmax", zh="softmax 函数"),
    summary=Text(en="...", zh="..."),
    define=[Eq(s, total(exp(z[k]), k)), Eq(p[i], exp(z[i]) / s)],
    ask=[Jacobian(p, z), Vjp(p, z)],
    facts=[Eq(total(p[i], i), 1)],
)
