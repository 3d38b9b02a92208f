"""What SymPy has no word for, or a word that loses what was written: axis sums, cases, products of arrays.

`Max`, `Min`, `And` and `Or` sort their arguments, `Sum` puts a factor 1 in front, and none of them knows an
axis whose size is a symbol. Each function here makes one small node that keeps its arguments as they came.
"""

from typing import Any

from sympy import Expr, Tuple
from sympy.core.relational import Relational

from derivations.language.mistakes import AuthorError
from derivations.language.symbols import (
    ArraySymbol,
    Entry,
    Index,
    MatrixProduct,
    Reduced,
    Scalar,
    Transposed,
    expression,
)


class Node(Expr):  # type: ignore[misc]
    """A scalar expression of the language."""

    is_commutative = True


class Total(Node):
    """The sum of a body over indices."""


class Mean(Node):
    """The mean of a body over indices."""


class Cases(Node):
    """`a` where the condition holds, else `b`."""


class Extreme(Node):
    """The larger (or the smaller) of two; on a tie the first counts, also for the derivative."""

    def __new__(cls, larger: bool, a: Any, b: Any) -> "Extreme":
        made: Extreme = Expr.__new__(cls, a, b)
        made.larger = larger
        return made

    larger: bool

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*self.args, self.larger)


class SameIndex(Node):
    """Kronecker's delta."""


class Contraction(Node):
    """A number made of whole arrays: `how` is "dot", "squared_norm", "norm" or "trace"."""

    def __new__(cls, how: str, *arrays: Any) -> "Contraction":
        made: Contraction = Expr.__new__(cls, *arrays)
        made.how = how
        return made

    how: str

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*self.args, self.how)


class Placeholder(Node):
    """A derivative that a statement speaks of; it is computed where the statement is checked."""


class Substituted(Node):
    """An expression at other inputs, under a notation of its own or written out."""

    def __new__(cls, notation: str, value: Any, *inputs: Any) -> "Substituted":
        made: Substituted = Expr.__new__(cls, value, *inputs)
        made.notation = notation
        return made

    notation: str

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*self.args, self.notation)


def _over(make: Any, word: str) -> Any:
    def reduce(value: Any, *over: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        body = expression(value)
        if over and axis is not None:
            raise AuthorError(f"{word} has both indices and axis=", "Give one of the two.")
        if not over:
            return Reduced(word, body, axis, keepdims)
        for index in over:
            if not isinstance(index, Index):
                raise AuthorError(
                    f"{word} runs over {index!r}, which is no index", "Make one by axis.indices(...)."
                )
        return make(body, *over)

    reduce.__doc__ = (
        f"The {word} over indices, `{word}(x[i], i)`, over one axis of an array, `axis=0`, or over all of it."
    )
    return reduce


total = _over(Total, "sum")
mean = _over(Mean, "mean")


def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` where the condition holds, else `b`; several cases are written as `where` inside `where`."""
    if isinstance(condition, bool) or not isinstance(condition, Relational):
        raise AuthorError(
            f"where needs one comparison, and {condition!r} is none",
            "Write where(x > 0, a, b), or Eq(a, b) as the condition; for several, write where inside where.",
        )
    return Cases(condition, expression(a), expression(b))


def maximum(a: Any, b: Any) -> Any:
    """The larger of two; on a tie the first, so that maximum(0, x) has the derivative 0 at 0."""
    return Extreme(True, expression(a), expression(b))


def minimum(a: Any, b: Any) -> Any:
    """The smaller of two; on a tie the first."""
    return Extreme(False, expression(a), expression(b))


def delta(left: Any, right: Any) -> Any:
    """1 where the two index expressions agree, else 0."""
    return SameIndex(expression(left), expression(right))


def transpose(array: Any) -> Any:
    """The axes in reverse order; for what a SymPy function returns, which has no `.T`."""
    return Transposed(expression(array))


def matmul(a: Any, b: Any) -> Any:
    """`a @ b`, also where neither side is an array node."""
    return MatrixProduct(expression(a), expression(b))


def dot(a: Any, b: Any) -> Any:
    """The sum of the products of entries."""
    return Contraction("dot", expression(a), expression(b))


def squared_norm(array: Any) -> Any:
    """The sum of the squares of all entries."""
    return Contraction("squared_norm", expression(array))


def norm(array: Any) -> Any:
    """The square root of the sum of the squares of all entries."""
    return Contraction("norm", expression(array))


def trace(array: Any) -> Any:
    """The sum of the diagonal."""
    return Contraction("trace", expression(array))


def D(value: Any, *variables: Any) -> Any:
    """In a statement: the derivative of `value` by a component, or by several, one after another."""
    for variable in variables:
        if not isinstance(variable, Scalar | Entry):
            raise AuthorError(
                f"D differentiates with respect to {variable!r}, which is no component",
                "Write D(p[i], z[j]), or the scalar itself.",
            )
    made = expression(value)
    for variable in variables:
        made = Placeholder(made, variable)
    return made


def at(value: Any, inputs: dict[Any, Any], notation: str = "") -> Any:
    """`value` with other inputs, every name in it followed to its definition: `at(f, {x: -x}, "f(-x)")`.

    With a notation the value, which must then be a name, is shown as that; without one it is written out.
    """
    for symbol in inputs:
        if not isinstance(symbol, Scalar | ArraySymbol):
            raise AuthorError(f"{symbol!r} is no input", "Write at(value, {input: expression}).")
    if notation and not isinstance(value, Scalar | Entry):
        raise AuthorError(f"{notation} is the notation of an expression", "Give a notation to names only.")
    pairs = [Tuple(symbol, expression(new)) for symbol, new in inputs.items()]
    return Substituted(notation, expression(value), *pairs)
