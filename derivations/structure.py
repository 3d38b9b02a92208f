"""What the form of a matrix tells about it: symmetric, positive definite.

`X X^T + A` with a positive definite A is one itself, so its inverse is symmetric and its determinant is
positive, and nobody has to say so.  What is not seen here is not known; nothing is ever guessed.
"""

from derivations.arithmetic import factors, nonnegative, plain, positive, summands
from derivations.canonical import signed_key
from derivations.domains import POSITIVE_DEFINITE, REAL, SYMMETRIC, Domain
from derivations.indices import Affine, Index
from derivations.scope import Definition
from derivations.terms import Component, Delta, Sum, Symbol, Term, substitute

_DEFINITE, _SEMIDEFINITE = 2, 1


def structure_of(body: Term, row: Index, column: Index) -> Domain:
    """The domain of the matrix with these entries, as far as the form of the body shows it."""
    if row.axis != column.axis:
        return REAL
    if definiteness(body, row, column) == _DEFINITE:
        return POSITIVE_DEFINITE
    return SYMMETRIC if symmetric(body, row, column) else REAL


def symmetric(body: Term, row: Index, column: Index) -> bool:
    """Whether the body has the same key with its two indices exchanged."""
    turned = substitute(body, {row: column, column: row})
    return signed_key(plain(turned)) == signed_key(plain(body))


def definiteness(body: Term, row: Index, column: Index) -> int:
    """2 for a positive definite matrix, 1 for one without negative eigenvalues, 0 where neither is seen."""
    found = [_definite(summand, row, column) for summand in summands(plain(body))]
    return 0 if 0 in found else max(found)


def _definite(term: Term, row: Index, column: Index) -> int:
    """The same for one summand: a scale times an identity, a matrix that is known, or `X S X^T`."""
    parts = factors(term)
    scale = [part for part in parts if part.free.isdisjoint((row, column))]
    arrays = [part for part in parts if not part.free.isdisjoint((row, column))]
    if not all(map(nonnegative, scale)):
        return 0
    best = _DEFINITE if all(map(positive, scale)) else _SEMIDEFINITE
    if len(arrays) == 1:
        (array,) = arrays
        if isinstance(array, Sum):
            return min(best, _congruence(array, row, column))
        if isinstance(array, Component) and array.symbol.domain.structure == POSITIVE_DEFINITE.structure:
            return best
    if any(isinstance(array, Delta) and array.free == {row, column} for array in arrays):
        # a diagonal matrix: what stands beside the delta are its entries
        if all(positive(part) for part in parts if not isinstance(part, Delta)):
            return _DEFINITE
        return _SEMIDEFINITE if all(map(nonnegative, arrays)) else 0
    if len(arrays) == 2 and any(_twins(a, b, row, column) for a, b in (arrays, arrays[::-1])):
        return _SEMIDEFINITE
    return 0


def _congruence(term: Sum, row: Index, column: Index) -> int:
    """`sum_kl X_ik S_kl X_jl`, also with weights or nothing in the middle: no negative eigenvalues."""
    indices, parts = flat(term)
    left = [part for part in parts if row in part.free]
    right = [part for part in parts if column in part.free]
    middle = [part for part in parts if part not in left and part not in right]
    if len(left) != 1 or len(right) != 1 or left == right:
        return 0
    if _twins(left[0], right[0], row, column) and all(map(nonnegative, middle)):
        return _SEMIDEFINITE
    if len(indices) == 2 and len(middle) == 1 and isinstance(middle[0], Component):
        first, second = indices if indices[0] in left[0].free else indices[::-1]
        turned = substitute(left[0], {row: column, first: second})
        known = middle[0].symbol.domain.structure == POSITIVE_DEFINITE.structure
        if known and middle[0].free == {first, second} and turned == right[0]:
            return _SEMIDEFINITE
    return 0


def flat(term: Sum) -> tuple[list[Index], list[Term]]:
    """All indices of a sum and of the sums that are its factors, and the factors under them."""
    opened, body = term.freshly_opened()
    indices, parts = list(opened), []
    for factor in factors(body):
        if isinstance(factor, Sum):
            more, inner = flat(factor)
            indices += more
            parts += inner
        else:
            parts.append(factor)
    return indices, parts


def _twins(a: Term, b: Term, row: Index, column: Index) -> bool:
    """Whether both are the same but for the row and the column that they stand for."""
    return column not in a.free and substitute(a, {row: column}) == b


# ---- inverses and determinants -----------------------------------------------------------------------------


def matrix_of(definition: Definition) -> Symbol | None:
    """The matrix by its name that an inverse or a determinant is taken of, None where it has no name."""
    body = definition.body
    if isinstance(body, Component) and all(slot.index is not None for slot in body.indices):
        return body.symbol
    return None


def inverse_of(matrix: Symbol, name: str, indices: tuple[Index, Index], latex: str = "") -> Definition:
    """`name = matrix^-1`; it is symmetric and positive definite where the matrix is."""
    row, column = indices
    known = matrix.domain if matrix.symmetric else REAL
    symbol = Symbol(name, (row.axis, column.axis), known, latex)
    return Definition(symbol, indices, Component(matrix, (Affine.of(row), Affine.of(column))), "inverse")
