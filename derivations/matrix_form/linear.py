"""Transposes, matrix products, diagonals and sums: constructors of linear algebra.

Where a matrix can be written in two ways, itself or its transpose, each constructor takes the shorter text;
identities, ones and diagonals disappear into what they do.
"""

from collections.abc import Iterable
from fractions import Fraction

from derivations.matrix_form.build import cheapest, minus, peel, spread, times
from derivations.matrix_form.nodes import (
    Apply,
    Compare,
    Diag,
    DiagonalOf,
    Eye,
    Inverse,
    MatMul,
    Minus,
    Node,
    Ones,
    Outer,
    Plus,
    PowerOf,
    SizeNumber,
    Spread,
    SumOver,
    Times,
    Total,
    Trace,
    Transpose,
    Where,
    Whole,
)
from derivations.matrix_form.text import cost, numpy_text

# ---- transposes --------------------------------------------------------------------------------------------


def transpose(node: Node) -> Node:
    """The transpose, pushed inwards or wrapped around, whichever is shorter."""
    if node.order < 2 or is_symmetric(node):
        return node
    match node:
        case Transpose(of=of):
            return of
        case Minus(of=of):
            return minus(transpose(of))
        case Times(factors=factors, divisors=divisors):
            return times([transpose(f) for f in factors], [transpose(d) for d in divisors])
        case MatMul(factors=factors):
            return matmul([transpose(f) for f in reversed(factors)])
        case Outer(left=left, right=right):
            return Outer(right, left)
        case Spread(of=of, over=over, position=position):
            return Spread(of, over[::-1], None if position is None else 1 - position)
        case Ones(over=over):
            return Ones(over[::-1])
    # in brackets, as it will stand beside something else: on a tie the transpose stays outside
    pushed = [(cost(inner) + 2 * isinstance(inner, Plus), inner) for inner in _pushed(node)]
    return min([(cost(Transpose(node)), Transpose(node)), *pushed], key=lambda pair: pair[0])[1]


def _pushed(node: Node) -> list[Node]:
    match node:
        case Plus(terms=terms):
            return [Plus(tuple(transpose(t) for t in terms))]
        case PowerOf(base=base, exponent=exponent):
            return [PowerOf(transpose(base), transpose(exponent))]
        case Apply(head=head, arguments=arguments):
            return [Apply(head, tuple(transpose(a) for a in arguments))]
        case Compare(operator=operator, left=left, right=right):
            return [Compare(operator, transpose(left), transpose(right))]
        case Where(conditions=conditions, values=values, otherwise=otherwise):
            turned = tuple(Compare(c.operator, transpose(c.left), transpose(c.right)) for c in conditions)
            return [Where(turned, tuple(transpose(v) for v in values), transpose(otherwise))]
        case Inverse(of=of):
            return [Inverse(transpose(of))]
    return []


def is_symmetric(node: Node) -> bool:
    """Whether the matrix surely equals its transpose (False: not known)."""
    match node:
        case Eye() | Diag() | Spread(position=None):
            return True
        case Whole(symbol=symbol):
            return symbol.symmetric
        case Minus(of=of) | Inverse(of=of):
            return is_symmetric(of)
        case Outer(left=left, right=right):
            return left == right
        case Ones(over=over):
            return over[0] == over[1]
        case MatMul(factors=factors):
            return node == MatMul(tuple(transpose(f) for f in reversed(factors)))
        case Plus() | Times() | PowerOf() | Apply():
            return all(is_symmetric(child) for child in node.children if child.order)
    return False


# ---- products of matrices ---------------------------------------------------------------------------------


def matmul(factors: Iterable[Node]) -> Node:
    """The matrix product; numbers and scalars come out, identities fall away, ones become sums."""
    coefficient = Fraction(1)
    scalars: list[Node] = []
    divisors: list[Node] = []
    flat: list[Node] = []
    for factor in factors:
        peeled = peel(factor)
        coefficient *= peeled.coefficient
        scalars += peeled.scalars
        divisors += peeled.divisors
        assert peeled.core is not None, "a scalar is no factor of a matrix product"
        core = peeled.core
        flat += core.factors if isinstance(core, MatMul) else [core]
    if len(flat) > 2 and flat[0].order == 2 and flat[-1].order == flat[-2].order == 1:
        # (A x) . y as y @ A @ x: no vector stands inside a chain
        flat.insert(0, flat.pop())
    kept = [f for f in flat if not isinstance(f, Eye)]
    if not kept:
        kept = flat[:1]
    product = kept[0] if len(kept) == 1 else _chain(kept)
    return times([*scalars, product], divisors, coefficient)


def _chain(factors: list[Node]) -> Node:
    first, last = factors[0], factors[-1]
    if first.order == 1 and last.order == 2:
        return matmul([transpose(f) if f.order == 2 else f for f in reversed(factors)])
    if isinstance(last, Ones) and last.order == 1:
        rest = matmul(factors[:-1])
        return total(rest) if rest.order == 1 else sum_over(rest, 1)
    if isinstance(first, Ones) and first.order == 1:
        rest = matmul(factors[1:])
        return total(rest)
    return MatMul(tuple(factors))


def outer(left: Node, right: Node) -> Node:
    """`left right^T`; reciprocals may read better as a division of rows or columns."""
    a, b = peel(left), peel(right)
    assert a.core is not None and b.core is not None, "an outer product is of vectors"
    scalars, divisors = [*a.scalars, *b.scalars], [*a.divisors, *b.divisors]
    coefficient = a.coefficient * b.coefficient
    over = a.core.axes + b.core.axes
    candidates = [times([*scalars, Outer(a.core, b.core)], divisors, coefficient)]
    if any(isinstance(core, Times) and core.divisors for core in (a.core, b.core)):
        parts = [spread(a.core, over, 0), spread(b.core, over, 1)]
        candidates.append(times([*scalars, *parts], divisors, coefficient))
    return cheapest(candidates)


def diag(vector: Node) -> Node:
    """The diagonal matrix of a vector; of ones, the identity."""
    peeled = peel(vector)
    assert peeled.core is not None, "a diagonal is of a vector"
    core = peeled.core
    return peeled.around(Eye(core.axes[0]) if isinstance(core, Ones) else Diag(core))


def diagonal_of(matrix: Node) -> Node:
    peeled = peel(matrix)
    assert peeled.core is not None, "a diagonal is of a matrix"
    match peeled.core:
        case Diag(of=of):
            return peeled.around(of)
        case Eye(axis=axis):
            return peeled.around(Ones((axis,)))
        case Outer(left=left, right=right):
            return peeled.around(times([left, right]))
    return peeled.around(DiagonalOf(peeled.core))


def inverse(matrix: Node) -> Node:
    """The inverse; of `c A` it is `A^-1 / c`, of a diagonal matrix the reciprocals."""
    peeled = peel(matrix)
    core = peeled.core
    assert core is not None, "an inverse is of a matrix"
    match core:
        case Eye():
            inner: Node = core
        case Inverse(of=of):
            inner = of
        case Diag(of=of):
            inner = diag(times([], [of]))
        case _:
            inner = Inverse(core)
    return times([*peeled.divisors, inner], peeled.scalars, 1 / peeled.coefficient)


def trace(matrix: Node) -> Node:
    peeled = peel(matrix)
    assert peeled.core is not None, "a trace is of a matrix"
    found = [peeled.core, transpose(peeled.core)]
    # a cycle has no first matrix: of equally short rotations take the one that is first in the alphabet
    found = [turned for core in found for turned in _rotations(core)]
    return peeled.around(Trace(min(found, key=lambda core: (cost(core), numpy_text(core)))))


def _rotations(core: Node) -> list[Node]:
    if not isinstance(core, MatMul):
        return [core]
    factors = core.factors
    return [MatMul(factors[n:] + factors[:n]) for n in range(len(factors))]


# ---- reductions -------------------------------------------------------------------------------------------


def total(node: Node) -> Node:
    """The sum of all entries."""
    peeled = peel(node)
    assert peeled.core is not None, "a scalar has no entries to add"
    core = peeled.core
    match core:
        case Ones(over=over):
            sizes = times([SizeNumber(axis.size) for axis in over])
            return peeled.around(sizes)
        case DiagonalOf(of=of):
            return peeled.around(trace(of))
        case SumOver(of=of):
            return peeled.around(Total(of))
    if core.order == 2:
        core = cheapest([core, transpose(core)])
    return peeled.around(Total(core))


def sum_over(node: Node, position: int) -> Node:
    """The sum of a matrix over one axis, of the matrix or of its transpose."""
    peeled = peel(node)
    assert peeled.core is not None and peeled.core.order == 2, "only a matrix is summed over one axis"
    candidates = [SumOver(peeled.core, position), SumOver(transpose(peeled.core), 1 - position)]
    return peeled.around(cheapest(candidates))
