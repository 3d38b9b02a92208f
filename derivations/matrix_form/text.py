"""Matrix notation as NumPy text, in the grammar that `derive` reads, without indices and without einsum.

The text is also the measure by which candidates are chosen: `cost` counts characters, and transposes more.
It forgets the order in which a chain of matrix products is evaluated; whoever generates code decides that.
"""

from fractions import Fraction
from functools import lru_cache

from derivations.matrix_form.nodes import (
    Apply,
    Compare,
    Determinant,
    Diag,
    DiagonalOf,
    Equation,
    Eye,
    Inverse,
    Item,
    MatMul,
    Mean,
    MeanOver,
    Minus,
    Named,
    Node,
    Numeral,
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
    Zeros,
)

_REMEMBERED = 8192  # texts: candidates share most of their parts
# How tightly the outermost operator of a text binds.  `*` and `@` are equal in Python; they are told apart
# here because `p * A @ x` means `(p * A) @ x`, and nobody should have to remember that.
SUM, PRODUCT, CHAIN, POWER, ATOM = range(1, 6)
_TRANSPOSE = 4  # characters that `.T` counts beyond its own
_COLUMN = -4  # `[:, None]` is long to type, and in formulas no more than a diagonal matrix
_REPEATED = 2  # a vector in a sum of matrices: correct broadcasting, and hard to read
HALF = Times((), (Numeral(Fraction(2)),))  # the exponent of a square root

_CALLS: dict[type[Node], str] = {
    Diag: "diag",
    DiagonalOf: "diag",
    Trace: "trace",
    Inverse: "inv",
    Determinant: "det",
    Total: "sum",
    Mean: "mean",
}


@lru_cache(maxsize=_REMEMBERED)
def numpy_text(node: Node) -> str:
    """The node as a NumPy expression."""
    return _text(node)[0]


@lru_cache(maxsize=_REMEMBERED)
def cost(node: Node) -> int:
    """What candidates are compared by: the length of the text, corrected for what is harder to read."""
    text = numpy_text(node)
    repeated = [
        term
        for inner in node.walk()
        if isinstance(inner, Plus) and inner.order == 2
        for term in inner.terms
        if _is_repeated_vector(term)
    ]
    return (
        len(text)
        + _TRANSPOSE * text.count(".T")
        + _COLUMN * text.count("[:, None]")
        + _REPEATED * len(repeated)
    )


def _is_repeated_vector(term: Node) -> bool:
    """Whether no factor of the term is a matrix, only vectors on one axis."""
    while isinstance(term, Minus):
        term = term.of
    parts = [f for f in (*term.factors, *term.divisors) if f.order] if isinstance(term, Times) else [term]
    return len({f.position if isinstance(f, Spread) else None for f in parts} - {None}) == 1 and all(
        isinstance(f, Spread) for f in parts
    )


def _within(node: Node, level: int) -> str:
    """The text, in brackets where it binds less tightly than `level`."""
    text, own = _text(node)
    return text if own >= level else f"({text})"


def _text(node: Node) -> tuple[str, int]:
    match node:
        case Numeral(value=value, text=text):
            return text or str(value), ATOM
        case Named(name=name):
            return ("exp(1)" if name == "e" else name), ATOM
        case SizeNumber(size=size):
            return str(size), _size_level(str(size))
        case Whole(symbol=symbol):
            return symbol.name, ATOM
        case Item(symbol=symbol, positions=positions):
            slots = [":" if p is None else str(p) for p in positions]
            while slots[-1] == ":":
                slots.pop()
            return f"{symbol.name}[{', '.join(slots)}]", ATOM
        case Eye(axis=axis):
            return f"eye({axis.size})", ATOM
        case Ones(over=over) | Zeros(over=over):
            sizes = [str(axis.size) for axis in over]
            shape = sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"
            return f"{'ones' if isinstance(node, Ones) else 'zeros'}({shape})", ATOM
        case Minus(of=of):
            return f"-{_within(of, PRODUCT)}", SUM
        case Plus(terms=terms):
            return _sum(terms), SUM
        case Times():
            return _quotient(node)
        case MatMul(factors=factors):
            return " @ ".join(_within(factor, POWER) for factor in factors), CHAIN
        case PowerOf(base=base, exponent=exponent) if exponent == HALF:
            return f"sqrt({numpy_text(base)})", ATOM
        case PowerOf(base=base, exponent=exponent):
            return f"{_within(base, ATOM)}**{_within(exponent, ATOM)}", POWER
        case Apply(head=head, arguments=arguments):
            return f"{head.name}({', '.join(numpy_text(a) for a in arguments)})", ATOM
        case Compare(operator=operator, left=left, right=right):
            return f"{numpy_text(left)} {operator} {numpy_text(right)}", 0
        case Where(conditions=conditions, values=values, otherwise=otherwise):
            nested = numpy_text(otherwise)
            for condition, chosen in reversed(tuple(zip(conditions, values, strict=True))):
                nested = f"where({numpy_text(condition)}, {numpy_text(chosen)}, {nested})"
            return nested, ATOM
        case Spread(of=of, position=0):
            return f"{_within(of, ATOM)}[:, None]", ATOM
        case Spread(of=of):
            return _text(of)
        case Transpose(of=of):
            return f"{_within(of, ATOM)}.T", ATOM
        case Outer(left=left, right=right):
            return f"outer({numpy_text(left)}, {numpy_text(right)})", ATOM
        case SumOver(of=of, position=position):
            return f"sum({numpy_text(of)}, axis={position})", ATOM
        case MeanOver(of=of, position=position):
            return f"mean({numpy_text(of)}, axis={position})", ATOM
        case Equation(left=left, right=right):
            return f"{numpy_text(left)} == {numpy_text(right)}", 0
    call = _CALLS.get(type(node))
    if call is None:
        raise TypeError(f"no text for {type(node).__name__}")
    return f"{call}({', '.join(map(numpy_text, node.children))})", ATOM


def _size_level(text: str) -> int:
    if " " in text:
        return SUM
    return PRODUCT if "*" in text else ATOM


def _sum(terms: tuple[Node, ...]) -> str:
    text = ""
    for term in terms:
        if isinstance(term, Minus):
            text += (" - " if text else "-") + _within(term.of, PRODUCT)
        else:
            text += (" + " if text else "") + _within(term, SUM)
    return text


def _quotient(node: Times) -> tuple[str, int]:
    arrays = list(node.arrays)
    scalars = list(node.scalars)
    below = [f" / {_within(d, POWER)}" for d in node.divisors]
    # a number in front is a coefficient; an inner product or a mean reads better after what it multiplies
    simple = [s for s in scalars if not _is_reduction(s)]
    factors = simple + arrays + [s for s in scalars if _is_reduction(s)]
    if scalars and len(arrays) == 1 and isinstance(arrays[0], Eye | Ones):
        # `2 / n * eye(n)`: the number is what the reader looks for
        number = _factors(scalars) if below else " * ".join(_within(s, POWER) for s in scalars)
        return f"{number}{''.join(below)} * {_text(arrays[0])[0]}", PRODUCT
    return _factors(factors) + "".join(below), PRODUCT


def _factors(factors: list[Node]) -> str:
    if not factors:
        return "1"
    if len(factors) == 1:
        return _within(factors[0], CHAIN)
    # `2 * X.T @ r`: a last chain after scalars needs no brackets, since a scalar may be multiplied first
    free = all(not f.order for f in factors[:-1]) and factors[-1].order and isinstance(factors[-1], MatMul)
    last = _within(factors[-1], CHAIN if free else POWER)
    return " * ".join([*(_within(f, POWER) for f in factors[:-1]), last])


def _is_reduction(node: Node) -> bool:
    """A sum of products; a determinant is a coefficient, whatever stands in it."""
    if isinstance(node, Determinant):
        return False
    return isinstance(node, MatMul | Total | Mean | Trace) or any(map(_is_reduction, node.children))
