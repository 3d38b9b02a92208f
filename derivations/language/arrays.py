"""Whole arrays: entry-by-entry operations that broadcast, sums over axes, products, diagonals.

An array is a term with the indices that play its axes (`Whole`).  What an author writes in SymPy and what
anybody writes as text both come here, so that broadcasting and its mistakes exist once.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from derivations.arithmetic import MINUS_ONE, ONE, delta, next_letter, number
from derivations.indices import Affine, Axis, Index, Size
from derivations.language.mistakes import AuthorError
from derivations.language.reuse import Whole
from derivations.terms import Add, Component, Power, Product, SizeOf, Symbol, Term, bind, substitute

# ---- as written -------------------------------------------------------------------------------------------


def authored_sum(*parts: Term) -> Term:
    """Summands as written; (a + b) + c is a + b + c."""
    first, *rest = parts
    head = first.terms if isinstance(first, Add) and first.authored else (first,)
    return Add((*head, *rest), authored=True)


def authored_product(*parts: Term) -> Term:
    """Factors as written; (a b) c is a b c, while a (b c) keeps its brackets."""
    first, *rest = parts
    head = first.factors if isinstance(first, Product) and first.authored else (first,)
    return Product((*head, *rest), authored=True)


def size_number(size: Size) -> Term:
    """The size as a number; one without a name is an ordinary number."""
    constant = size.constant
    return SizeOf(size) if constant is None else number(constant)


def whole_symbol(symbol: Symbol) -> Whole:
    """The array of this name; an axis of the literal size 1 broadcasts."""
    used: list[str] = []
    axes: list[Index | None] = []
    for axis in symbol.axes:
        if axis.size.constant == 1:
            axes.append(None)
            continue
        letter = next_letter(axis, used)
        used.append(letter)
        axes.append(Index(letter, axis).fresh())
    slots = tuple(Affine.of(0 if index is None else index) for index in axes)
    return Whole(Component(symbol, slots), tuple(axes))


# ---- entry by entry ---------------------------------------------------------------------------------------


def combined(parts: Iterable[Whole], build: Callable[..., Term]) -> Whole:
    """Entry by entry over arrays that broadcast: axes are matched from the last one."""
    renewed = [part.renewed() for part in parts]
    order = max((len(part.axes) for part in renewed), default=0)
    joined: list[Index | None] = [None] * order
    aligned = []
    for part in renewed:
        replacement: dict[Index, Affine | Index | int] = {}
        for place, index in enumerate(part.axes, order - len(part.axes)):
            known = joined[place]
            if index is None:
                continue
            if known is None:
                joined[place] = index
            elif known.axis != index.axis:
                raise AuthorError(
                    f"sizes {known.axis.name} and {index.axis.name} do not match entry by entry",
                    "Transpose one of the two, or use @.",
                )
            else:
                replacement[index] = known
        aligned.append(substitute(part.term, replacement))
    return Whole(build(*aligned), tuple(joined))


# ---- over axes --------------------------------------------------------------------------------------------


def places(whole: Whole, axis: int | Sequence[int] | None) -> tuple[int, ...]:
    """Which axes are meant, counted from 0: one by position (from the end if negative), several, or all."""
    order = len(whole.axes)
    if axis is None:
        return tuple(range(order))
    wanted = (axis,) if isinstance(axis, int) else tuple(axis)
    for one in wanted:
        if not -order <= one < order:
            raise AuthorError(
                f"axis={one} of an array with {order} axes",
                f"Axes are counted from 0 to {order - 1}." if order else "A number has no axis to name.",
            )
    return tuple(sorted({one % order for one in wanted}))


def split_off(
    whole: Whole, over: Collection[int], keepdims: bool
) -> tuple[tuple[Index, ...], tuple[Index | None, ...]]:
    """The indices of the axes that go, and the axes that stay."""
    gone = tuple(index for place, index in enumerate(whole.axes) if place in over and index is not None)
    kept = tuple(
        None if place in over else index
        for place, index in enumerate(whole.axes)
        if keepdims or place not in over
    )
    return gone, kept


def total_over(whole: Whole, over: Collection[int], keepdims: bool = False) -> Whole:
    """The sum over these axes."""
    whole = whole.renewed()
    gone, kept = split_off(whole, over, keepdims)
    return Whole(bind(gone, whole.term) if gone else whole.term, kept)


def mean_over(whole: Whole, over: Collection[int], keepdims: bool = False) -> Whole:
    """The mean over these axes."""
    whole = whole.renewed()
    gone, kept = split_off(whole, over, keepdims)
    return Whole(mean_of(gone, whole.term) if gone else whole.term, kept)


def mean_of(indices: tuple[Index, ...], body: Term) -> Term:
    sizes: list[Term] = [Power(size_number(index.axis.size), MINUS_ONE) for index in indices]
    return authored_product(*sizes, bind(indices, body))


# ---- products and diagonals -------------------------------------------------------------------------------


def transposed(whole: Whole) -> Whole:
    """The axes in reverse order."""
    return Whole(whole.term, whole.axes[::-1])


def matrix_product(a: Whole, b: Whole) -> Whole:
    """`a @ b` as NumPy has it: leading axes are a batch and broadcast."""
    if not a.axes or not b.axes:
        raise AuthorError("@ has a number beside it", "Multiply numbers by *.")
    a, b = a.renewed(), b.renewed()
    left, right = a.axes[-1], b.axes[max(0, len(b.axes) - 2)]
    if (left and left.axis) != (right and right.axis):
        names = [index.axis.name if index else "1" for index in (left, right)]
        raise AuthorError(
            f"@ joins the sizes {names[0]} and {names[1]}", "Transpose one of the two, or check its axes."
        )
    # the axis that both share goes last, so that rows and columns broadcast against each other
    rows, columns = a.axes, b.axes
    if len(columns) > 1:
        columns = (*columns[:-2], columns[-1], columns[-2])
    if len(rows) > 1 and len(columns) > 1:
        rows = (*rows[:-1], None, rows[-1])
        columns = (*columns[:-2], None, *columns[-2:])
    paired = combined([Whole(a.term, rows), Whole(b.term, columns)], authored_product)
    return total_over(paired, [len(paired.axes) - 1])


def trace(whole: Whole) -> Whole:
    """The sum of the diagonal of a square matrix."""
    return total_over(diagonal(whole, "trace"), [0])


def diagonal(whole: Whole, word: str = "diag") -> Whole:
    """The diagonal of a square matrix."""
    whole = whole.renewed()
    first, second = whole.axes if len(whole.axes) == 2 else (None, None)
    if first is None or second is None or first.axis != second.axis:
        sizes = ", ".join(index.axis.name if index else "1" for index in whole.axes)
        raise AuthorError(
            f"{word} of an array with the axes ({sizes}), which is no square matrix", "Check its axes."
        )
    return Whole(substitute(whole.term, {second: first}), (first,))


def diagonal_matrix(whole: Whole) -> Whole:
    """The matrix with this vector on its diagonal and 0 elsewhere."""
    whole = whole.renewed()
    (row,) = whole.axes
    if row is None:
        return Whole(whole.term, (None, None))
    column = row.fresh(next_letter(row.axis, {row.letter}, row.letter))
    return Whole(authored_product(whole.term, delta(row, column)), (row, column))


def identity(axis: Axis) -> Whole:
    """The identity matrix over an axis."""
    if axis.size.constant == 1:
        return Whole(ONE, (None, None))
    row, column = Index("i", axis).fresh(), Index("j", axis).fresh()
    return Whole(delta(row, column), (row, column))


def constant(value: Term, axes: Iterable[Axis]) -> Whole:
    """The same number at every entry."""
    indices = (None if axis.size.constant == 1 else Index("i", axis).fresh() for axis in axes)
    return Whole(value, tuple(indices))
