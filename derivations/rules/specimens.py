"""Small terms that the rules' examples are written with: one axis, a few vectors, one matrix."""

from derivations.arithmetic import ZERO, total
from derivations.functions import apply
from derivations.terms import POSITIVE, Axis, Relation, Symbol, Term

AXIS = Axis.named("n", "i j k l")
i, j, k, m = (AXIS.index(letter) for letter in "ijkm")
Z = Symbol("z", (AXIS,))
A = Symbol("a", (AXIS,))
B = Symbol("b", (AXIS,))
P = Symbol("p", (AXIS,), POSITIVE)
MATRIX = Symbol("M", (AXIS, AXIS))
C = Symbol("c")
z, a, b, p, c, matrix = Z, A, B, P, C.scalar, MATRIX


def exp(term: Term) -> Term:
    return apply("exp", term)


sum_exp = total([k], exp(Z[k]))
z_positive = Relation(">", Z[i], ZERO)
