"""Small terms that the rules' examples are written with: vectors over one axis, a matrix, a few names.

`scope` holds the names: s = sum_k e**z_k and q_i = e**z_i / s with the adjoint z_bar for the cotangent g,
mu = mean of a, K = M + c I with its inverse and its determinant d, t = 1/(1 + e**-c), and the loss
J(x) = (1/2) sum_i (sum_k M_ik x_k - b_i)**2, whose gradient is the lemma and whose stationary point is x_hat.
"""

from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    add,
    delta,
    negate,
    power,
    product,
    total,
)
from derivations.domains import POSITIVE, UNIT
from derivations.functions import apply
from derivations.indices import Axis, Index
from derivations.scope import Definition, Definitions, Fact, Scope
from derivations.terms import Relation, SizeOf, Symbol, Term

AXIS = Axis.named("n", "i j k l")
i, j, k, m = (AXIS.index(letter) for letter in "ijkm")
Z = Symbol("z", (AXIS,))
A = Symbol("a", (AXIS,))
B = Symbol("b", (AXIS,))
P = Symbol("p", (AXIS,), POSITIVE)
Y = Symbol("y", (AXIS,), POSITIVE)
X = Symbol("x", (AXIS,))
G = Symbol("g", (AXIS,))
MATRIX = Symbol("M", (AXIS, AXIS))
C = Symbol("c")
S = Symbol("s", (), POSITIVE)
Q = Symbol("q", (AXIS,), POSITIVE)
MU = Symbol("mu")
T = Symbol("t", (), UNIT)
J = Symbol("J")
Z_BAR = Symbol("z_bar", (AXIS,), latex=r"\bar{z}")
X_HAT = Symbol("x_hat", (AXIS,), latex=r"\hat{x}")
K_INVERSE = Symbol("K_inv", (AXIS, AXIS), latex="K^{-1}")
H_INVERSE = Symbol("H_inv", (AXIS, AXIS), latex="H^{-1}")
M_INVERSE = Symbol("M_inv", (AXIS, AXIS), latex="M^{-1}")
DETERMINANT = Symbol("d")
z, a, b, p, y, x, g, c, matrix = Z, A, B, P, Y, X, G, C, MATRIX


def exp(term: Term) -> Term:
    return apply("exp", term)


sum_exp = total([k], exp(Z[k]))
z_positive = Relation(">", Z[i], ZERO)
residual = add(total([k], product(MATRIX[i, k], X[k])), negate(B[i]))
gradient = total([i], product(MATRIX[i, j], residual))  # of J, by x_j
hessian = total([i], product(MATRIX[i, j], MATRIX[i, k]))
shifted = add(MATRIX[j, k], product(C.scalar, delta(j, k)))  # K = M + c I
size = SizeOf(AXIS.size)

fact = Fact(total([i], Y[i]), ONE, assumed=True)
scope = Scope(
    (Z, A, B, P, Y, X, G, MATRIX, C),
    Definitions(
        [
            Definition(S, (), sum_exp),
            Definition(Q, (i,), product(exp(Z[i]), power(S.scalar, MINUS_ONE))),
            Definition(MU, (), product(power(size, MINUS_ONE), total([i], A[i]))),
            Definition(T, (), power(add(ONE, exp(negate(C.scalar))), MINUS_ONE)),
            Definition(
                Z_BAR,
                (j,),
                product(Q[j], add(G[j], negate(total([i], product(G[i], Q[i]))))),
            ),
            Definition(J, (), product(HALF, total([i], power(residual, TWO)))),
            Definition(K_INVERSE, (j, k), shifted, operation="inverse"),
            Definition(M_INVERSE, (j, k), MATRIX[j, k], operation="inverse"),
            Definition(DETERMINANT, (), shifted, operation="determinant"),
            Definition(H_INVERSE, (j, k), hessian, operation="inverse"),
            Definition(
                X_HAT,
                (j,),
                total([k], product(H_INVERSE[j, k], total([i], product(MATRIX[i, k], B[i])))),
            ),
        ]
    ),
    (fact,),
)


def at_solution(index: Index) -> Term:
    """The residual with the stationary point in the place of x."""
    return add(total([k], product(MATRIX[index, k], X_HAT[k])), negate(B[index]))
