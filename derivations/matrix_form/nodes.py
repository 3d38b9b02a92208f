"""The words of matrix notation: numbers, whole arrays, products, sums and reductions, as an immutable tree.

One tree serves every form of output (NumPy text, LaTeX) and the evaluation that checks them, so none of them
parses another.  Nodes hold axes but no indices: which index an axis stands for is known while a form is
recovered (`graph.py`) and forgotten afterwards.  Constructors that do arithmetic are in `build.py` and
`linear.py`.

How to print them.  `axes` has 0, 1 or 2 entries; `order` counts them.
- A minus is always a `Minus` around a whole term; a `Numeral` is never negative and never a bare fraction.
- `Times` is scalars and elementwise factors over `divisors` (elementwise as well); its factors have the axes
  of the node, or none.  `MatMul` is the matrix product of two or more factors, parentheses forgotten; a
  vector at its left end is a row, one at its right end a column, so two vectors are the inner product.
- `Spread` repeats something smaller.  In a `Plus` it is `c 1`, `v 1^T`, `1 v^T`; as a factor or divisor of a
  `Times` it scales rows (a vector on axis 0: `diag(v) M`) or columns (axis 1: `M diag(v)`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction

from derivations.indices import Axis, Size
from derivations.terms import Head, Symbol

Axes = tuple[Axis, ...]


class Node:
    """Base of all nodes."""

    @property
    def axes(self) -> Axes:
        """The axes of the value, first axis first; none for a scalar."""
        return ()

    @property
    def order(self) -> int:
        return len(self.axes)

    @property
    def children(self) -> tuple["Node", ...]:
        """Direct subtrees, in the order of the fields."""
        found: list[Node] = []
        for f in fields(self):  # type: ignore[arg-type]
            value = getattr(self, f.name)
            found += [v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, Node)]
        return tuple(found)

    def walk(self) -> Iterator["Node"]:
        """This node and everything below it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()


def _widest(nodes: tuple[Node, ...]) -> Axes:
    return max((node.axes for node in nodes), key=len, default=())


# ---- leaves -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Numeral(Node):
    """A nonnegative number: an integer, or a decimal as its author wrote it (then `text` is not empty)."""

    value: Fraction
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Named(Node):
    """A named irrational number: `pi` or `e`."""

    name: str


@dataclass(frozen=True)
class SizeNumber(Node):
    """The length of an axis, as a number."""

    size: Size


@dataclass(frozen=True)
class Whole(Node):
    """A scalar, vector or matrix by its name."""

    symbol: Symbol

    @property
    def axes(self) -> Axes:
        return self.symbol.axes


@dataclass(frozen=True)
class Item(Node):
    """A symbol at fixed positions, counted from 0; None keeps an axis: `x[0]`, `A[2, :]`."""

    symbol: Symbol
    positions: tuple[Size | None, ...]

    @property
    def axes(self) -> Axes:
        pairs = zip(self.symbol.axes, self.positions, strict=True)
        return tuple(axis for axis, position in pairs if position is None)


@dataclass(frozen=True)
class Eye(Node):
    """The identity matrix."""

    axis: Axis

    @property
    def axes(self) -> Axes:
        return (self.axis, self.axis)


@dataclass(frozen=True)
class Ones(Node):
    """The vector, or the matrix, of ones."""

    over: Axes

    @property
    def axes(self) -> Axes:
        return self.over


@dataclass(frozen=True)
class Zeros(Node):
    """The vector, or the matrix, of zeros; stands alone."""

    over: Axes

    @property
    def axes(self) -> Axes:
        return self.over


# ---- arithmetic -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Minus(Node):
    """The negative of a term; stands around a whole summand or a whole result, never around a factor."""

    of: Node

    @property
    def axes(self) -> Axes:
        return self.of.axes


@dataclass(frozen=True)
class Plus(Node):
    """A sum of terms, all with the same axes (a smaller one is wrapped in Spread)."""

    terms: tuple[Node, ...]

    @property
    def axes(self) -> Axes:
        return self.terms[0].axes


@dataclass(frozen=True)
class Times(Node):
    """Scalars (first) times elementwise factors, over divisors: scalars or elementwise.

    No factors means a numerator of 1.  Two factors that are not scalars are a Hadamard product.
    """

    factors: tuple[Node, ...]
    divisors: tuple[Node, ...] = ()

    @property
    def axes(self) -> Axes:
        return _widest(self.factors + self.divisors)

    @property
    def scalars(self) -> tuple[Node, ...]:
        """The factors of order 0."""
        return tuple(f for f in self.factors if not f.order)

    @property
    def arrays(self) -> tuple[Node, ...]:
        """The elementwise factors."""
        return tuple(f for f in self.factors if f.order)


@dataclass(frozen=True)
class PowerOf(Node):
    """Elementwise power; the exponent is a scalar, or has the axes of the base.  1/2 is a square root.

    Negative numeric exponents do not occur: they are divisors.
    """

    base: Node
    exponent: Node

    @property
    def axes(self) -> Axes:
        return _widest((self.base, self.exponent))


@dataclass(frozen=True)
class Apply(Node):
    """An elementwise function; arguments are scalars or have the axes of the node."""

    head: Head
    arguments: tuple[Node, ...]

    @property
    def axes(self) -> Axes:
        return _widest(self.arguments)


@dataclass(frozen=True)
class Compare(Node):
    """An elementwise comparison; `operator` is one of `<  <=  >  >=  ==  !=`."""

    operator: str
    left: Node
    right: Node

    @property
    def axes(self) -> Axes:
        return _widest((self.left, self.right))


@dataclass(frozen=True)
class Where(Node):
    """Elementwise: the value of the first condition that holds, else `otherwise`."""

    conditions: tuple[Compare, ...]
    values: tuple[Node, ...]
    otherwise: Node

    @property
    def axes(self) -> Axes:
        return _widest((*self.conditions, *self.values, self.otherwise))


@dataclass(frozen=True)
class Spread(Node):
    """`of` repeated to these axes.

    `position` says on which axis of a matrix a vector lies: 0, a column whose copies stand side by side, or
    1, a row whose copies stand below each other; None for a scalar.
    """

    of: Node
    over: Axes
    position: int | None = None

    @property
    def axes(self) -> Axes:
        return self.over


# ---- linear algebra ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Transpose(Node):
    of: Node

    @property
    def axes(self) -> Axes:
        return self.of.axes[::-1]


@dataclass(frozen=True)
class MatMul(Node):
    """A matrix product of two or more factors; vectors only at the ends (left: a row, right: a column)."""

    factors: tuple[Node, ...]

    @property
    def axes(self) -> Axes:
        first, last = self.factors[0], self.factors[-1]
        return first.axes[:-1] + last.axes[1:]


@dataclass(frozen=True)
class Outer(Node):
    """The matrix `left right^T` of two vectors."""

    left: Node
    right: Node

    @property
    def axes(self) -> Axes:
        return self.left.axes + self.right.axes


@dataclass(frozen=True)
class Diag(Node):
    """The diagonal matrix of a vector."""

    of: Node

    @property
    def axes(self) -> Axes:
        return self.of.axes * 2


@dataclass(frozen=True)
class DiagonalOf(Node):
    """The vector on the diagonal of a matrix."""

    of: Node

    @property
    def axes(self) -> Axes:
        return self.of.axes[:1]


@dataclass(frozen=True)
class Trace(Node):
    of: Node


@dataclass(frozen=True)
class Inverse(Node):
    of: Node

    @property
    def axes(self) -> Axes:
        return self.of.axes[::-1]


@dataclass(frozen=True)
class Determinant(Node):
    of: Node


# ---- reductions -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Total(Node):
    """The sum of all entries of a vector or matrix."""

    of: Node


@dataclass(frozen=True)
class SumOver(Node):
    """The sum of a matrix over one axis: 0 adds the rows up, 1 adds the columns up."""

    of: Node
    position: int

    @property
    def axes(self) -> Axes:
        return (self.of.axes[1 - self.position],)


@dataclass(frozen=True)
class Mean(Node):
    """The mean of all entries of a vector or matrix."""

    of: Node


@dataclass(frozen=True)
class MeanOver(Node):
    """The mean of a matrix over one axis, which disappears."""

    of: Node
    position: int

    @property
    def axes(self) -> Axes:
        return (self.of.axes[1 - self.position],)


# ---- statements -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Equation(Node):
    """`left == right` between whole arrays; only at the top of a form."""

    left: Node
    right: Node

    @property
    def axes(self) -> Axes:
        return self.left.axes
