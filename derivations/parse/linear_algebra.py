"""Inverses, determinants, norms with their kind, and einsum, as people write them.

An inverse or a determinant is a name with an operation, and the matrix below it has a name too when it is
longer than a letter: `inv(A + X @ X.T)` is `M = A + X X^T` and `P = M^-1`, the names that people give.
"""

from functools import partial

from derivations.arithmetic import HALF, MINUS_ONE, ONE, TWO
from derivations.domains import NONNEGATIVE, POSITIVE, REAL, Domain
from derivations.functions import apply
from derivations.indices import Affine, Index
from derivations.language.arrays import (
    authored_product,
    combined,
    identity,
    matrix_product,
    total_over,
)
from derivations.language.mistakes import AuthorError
from derivations.language.reuse import Whole
from derivations.parse.names import Names
from derivations.parse.written import negative
from derivations.scope import Definition
from derivations.structure import definiteness, inverse_of, matrix_of
from derivations.terms import Component, Power, Symbol, bind, substitute

# ---- matrices by their names -------------------------------------------------------------------------------


def _square(whole: Whole, word: str) -> tuple[Index, Index] | None:
    """The two axes of a square matrix; None for one of one row and one column."""
    if len(whole.axes) != 2:
        raise AuthorError(
            f"{word} of an array with {len(whole.axes)} axes",
            "Write / for numbers." if not whole.axes else "Give a square matrix.",
        )
    row, column = whole.axes
    if row is None and column is None:
        return None
    if row is None or column is None or row.axis != column.axis:
        sizes = ", ".join(index.axis.name if index else "1" for index in whole.axes)
        raise AuthorError(f"{word} of a matrix with the sizes {sizes}", "Give a square matrix.")
    if whole.term.free - {row, column}:
        letter = min(index.letter for index in whole.term.free - {row, column})
        raise AuthorError(
            f"{word} of one matrix for each {letter} is not read",
            f"Give one matrix, without the index {letter}.",
        )
    return row, column


def _named(names: Names, whole: Whole, word: str) -> tuple[Symbol, bool] | None:
    """The matrix as a symbol, and whether its transpose is meant; None for one row and one column."""
    axes = _square(whole, word)
    if axes is None:
        return None
    slots = tuple(map(Affine.of, axes))
    for place in range(2):
        term = whole.term
        if isinstance(term, Component) and len(term.indices) == 2 and set(term.indices) == set(slots):
            turned = term.indices != slots and not term.symbol.symmetric
            return term.symbol, turned
        if place == 0:
            whole = names.introduce(whole, "matrix")
    raise AssertionError("an introduced matrix is a component of its name")


def _operation(names: Names, matrix: Symbol, operation: str) -> Definition | None:
    """The inverse or determinant of this matrix that has a name already."""
    found = (d for d in names.definitions.values() if d.operation == operation and matrix_of(d) == matrix)
    return next(found, None)


def inverse(names: Names, whole: Whole, word: str = "inv") -> Whole:
    """The inverse by its name; that of an inverse is the matrix itself."""
    named = _named(names, whole, word)
    if named is None:
        return Whole(Power(whole.term, MINUS_ONE), whole.axes)
    matrix, turned = named
    row, column = (Index(letter, matrix.axes[0]).fresh() for letter in "ij")
    own = names.definitions.get(matrix.name)
    if own is not None and own.operation == "inverse":
        result = own.body.symbol  # type: ignore[attr-defined]
    else:
        known = _operation(names, matrix, "inverse")
        if known is None:
            name = names.unused("inverse", 2)
            known = inverse_of(matrix, name, (row, column), names.latex.get(name, ""))
            names.adopt(known)
        result = known.symbol
    entry = Component(result, (Affine.of(row), Affine.of(column)))
    return Whole(entry, (column, row) if turned else (row, column))


def solve(names: Names, matrix: Whole, right: Whole) -> Whole:
    """`solve(A, b)` is `inv(A) @ b`."""
    return matrix_product(inverse(names, matrix, "solve"), right)


def determinant(names: Names, whole: Whole) -> Whole:
    """The determinant by its name; that of an inverse is one over the determinant of the matrix."""
    named = _named(names, whole, "det")
    if named is None:
        return Whole(whole.term)
    matrix, _ = named
    own = names.definitions.get(matrix.name)
    if own is not None and own.operation == "inverse":
        below = determinant(names, _whole(own.body.symbol))  # type: ignore[attr-defined]
        return Whole(Power(below.term, MINUS_ONE))
    known = _operation(names, matrix, "determinant")
    if known is None:
        name = names.unused("determinant", 0)
        symbol = Symbol(name, (), _determinant_domain(names, matrix), names.latex.get(name, ""))
        known = Definition(symbol, (), _whole(matrix).term, "determinant")
        names.adopt(known)
    return Whole(known.symbol.scalar)


def _whole(matrix: Symbol) -> Whole:
    row, column = Index("i", matrix.axes[0]).fresh(), Index("j", matrix.axes[1]).fresh()
    return Whole(Component(matrix, (Affine.of(row), Affine.of(column))), (row, column))


def _determinant_domain(names: Names, matrix: Symbol) -> Domain:
    if matrix.domain.structure == "positive_definite":
        return POSITIVE
    definition = names.definitions.get(matrix.name)
    if (
        definition is not None
        and not definition.operation
        and definiteness(definition.body, *definition.indices)
    ):
        return NONNEGATIVE
    return REAL


def log_determinant(names: Names, whole: Whole) -> Whole:
    """The logarithm of the determinant; of an inverse, minus that of the matrix."""
    term = determinant(names, whole).term
    if isinstance(term, Power) and term.exponent == MINUS_ONE:
        return Whole(negative(apply("log", term.base)))
    return Whole(apply("log", term))


def matrix_power(names: Names, whole: Whole, exponent: int) -> Whole:
    """`X @ X @ X`; a negative power is one of the inverse."""
    axes = _square(whole, "matrix_power")
    if axes is None:
        raise AuthorError("matrix_power of a matrix with one entry", "Write ** for a power.")
    if abs(exponent) > _POWERS:
        raise AuthorError(f"the power {exponent} is too large", f"Write a power up to {_POWERS}.")
    if exponent == 0:
        return identity(axes[0].axis)
    base = inverse(names, whole, "matrix_power") if exponent < 0 else whole
    found = base
    for _ in range(abs(exponent) - 1):
        found = matrix_product(found, base)
    return found


_POWERS = 12

# ---- norms -------------------------------------------------------------------------------------------------


def norm(
    names: Names, array: Whole, kind: "str | int | None", over: "tuple[int, ...]", keepdims: bool
) -> Whole:
    """NumPy's norms that are sums over entries: 2 and 1 of vectors, "fro" of matrices, all by default."""
    if kind is not None and kind not in _NORMS.get(len(over), ()):
        what = {1: "a vector", 2: "a matrix"}.get(len(over), f"an array with {len(over)} axes")
        known = " or ".join(map(repr, _NORMS.get(len(over), ()))) or "none"
        raise AuthorError(f"the norm {kind!r} of {what} is not read", f"Known here: {known}.")
    if kind == 1:
        return total_over(combined([array], partial(apply, "abs")), over, keepdims)
    squares = total_over(combined([array], lambda x: Power(x, TWO)), over, keepdims)
    return combined([squares], lambda x: Power(x, HALF))


_NORMS: dict[int, tuple[str | int, ...]] = {1: (1, 2), 2: ("fro",)}

# ---- einsum ------------------------------------------------------------------------------------------------


def einsum(names: Names, subscripts: str, *arrays: Whole) -> Whole:
    """Letters for axes; those that the result does not have are summed over."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    parts = left.split(",")
    if not all(part.isalpha() or not part for part in parts) or not (right.isalpha() or not right):
        raise AuthorError(f"{subscripts!r} are no subscripts", "Write letters: 'ij,jk->ik'.")
    if len(parts) != len(arrays):
        raise AuthorError(
            f"{subscripts!r} is for {len(parts)} arrays, and {len(arrays)} are given",
            "Give one group of letters for each array.",
        )
    letters = left.replace(",", "")
    if not arrow:
        right = "".join(sorted(letter for letter in letters if letters.count(letter) == 1))
    indices: dict[str, Index | None] = {}
    terms = []
    for part, array in zip(parts, arrays, strict=True):
        array = array.renewed()
        if len(part) != len(array.axes):
            axes = f"{len(array.axes)} {'axis' if len(array.axes) == 1 else 'axes'}"
            raise AuthorError(f"{part!r} is for an array with {axes}", "Give one letter for each axis.")
        new: dict[Index, Affine | Index | int] = {}
        for letter, axis in zip(part, array.axes, strict=True):
            known = indices.setdefault(letter, axis)
            if known is None or axis is None:
                if known is not axis:
                    raise AuthorError(f"{letter} stands for an axis of length 1 and for another", _LETTERS)
            elif known.axis != axis.axis:
                raise AuthorError(
                    f"{letter} stands for the sizes {known.axis.name} and {axis.axis.name}", _LETTERS
                )
            else:
                new[axis] = known
        terms.append(substitute(array.term, new))
    strange = [letter for letter in right if letter not in indices or right.count(letter) > 1]
    if strange:
        raise AuthorError(
            f"{strange[0]} is no letter for an axis of the result", "Use each letter once behind ->."
        )
    gone = tuple(index for letter, index in indices.items() if letter not in right and index is not None)
    term = authored_product(*terms) if len(terms) > 1 else terms[0] if terms else ONE
    return Whole(bind(gone, term) if gone else term, tuple(indices[letter] for letter in right))


_LETTERS = "Use another letter for one of the two axes."
