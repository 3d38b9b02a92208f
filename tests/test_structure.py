"""What the form of a matrix tells is true of its numbers: eigenvalues are asked at random points."""

import numpy as np
import pytest

from derivations.arithmetic import ONE, add, delta, negate, number, power, product, total
from derivations.domains import POSITIVE, POSITIVE_DEFINITE, SYMMETRIC
from derivations.indices import Axis
from derivations.sampling import random_point
from derivations.scope import Definitions, Scope
from derivations.structure import definiteness, structure_of, symmetric
from derivations.terms import Symbol, Term

N, M = Axis.named("n", "i j"), Axis.named("m", "p q")
i, j, p, q = N.index("i"), N.index("j"), M.index("p"), M.index("q")
X, A, B = Symbol("X", (N, M)), Symbol("A", (N, N), POSITIVE_DEFINITE), Symbol("B", (N, N), SYMMETRIC)
S, v, w = Symbol("S", (M, M), POSITIVE_DEFINITE), Symbol("v", (N,)), Symbol("w", (M,), POSITIVE)
a, b = Symbol("a", domain=POSITIVE).scalar, Symbol("b").scalar
INPUTS = (X, A, B, S, v, w, a.symbol, b.symbol)

GRAM = total([p], product(X[i, p], X[j, p]))
DEFINITE = {
    "known": A[i, j],
    "scaled": product(a, A[i, j]),
    "identity": delta(i, j),
    "ridge": add(GRAM, product(a, delta(i, j))),
    "sum": add(A[i, j], product(v[i], v[j])),
}
SEMIDEFINITE = {
    "gram": GRAM,
    "weighted": total([p], product(w[p], X[i, p], X[j, p])),
    "congruence": total([p, q], product(X[i, p], S[p, q], X[j, q])),
    "dyad": product(v[i], v[j]),
    "square": product(power(b, number(2)), A[i, j]),
}
UNKNOWN = {
    "symmetric": B[i, j],
    "difference": add(A[i, j], negate(GRAM)),
    "any sign": product(b, A[i, j]),
    "all ones": ONE,
}


def smallest_eigenvalue(body: Term, seed: int) -> float:
    point = random_point(Scope(INPUTS, Definitions()), {"n": 3, "m": 2}, seed)
    table = point.table(body, (i, j))
    return float(np.linalg.eigvalsh(np.array(table.flat, float).reshape(table.shape)).min())


@pytest.mark.parametrize("name", DEFINITE)
def test_what_is_called_positive_definite_has_positive_eigenvalues(name: str) -> None:
    assert definiteness(DEFINITE[name], i, j) == 2
    assert structure_of(DEFINITE[name], i, j) == POSITIVE_DEFINITE
    assert all(smallest_eigenvalue(DEFINITE[name], seed) > 0 for seed in (1, 2, 3))


@pytest.mark.parametrize("name", SEMIDEFINITE)
def test_what_is_called_semidefinite_has_no_negative_eigenvalue(name: str) -> None:
    assert definiteness(SEMIDEFINITE[name], i, j) == 1
    assert structure_of(SEMIDEFINITE[name], i, j) == SYMMETRIC
    assert all(smallest_eigenvalue(SEMIDEFINITE[name], seed) > -1e-9 for seed in (1, 2, 3))


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_may_have_negative_eigenvalues_is_not_called_definite(name: str) -> None:
    assert definiteness(UNKNOWN[name], i, j) == 0


def test_symmetry_is_seen_where_an_exchange_of_the_indices_changes_nothing() -> None:
    assert symmetric(add(B[i, j], product(v[i], v[j])), i, j)
    assert not symmetric(product(v[i], B[i, j]), i, j)
