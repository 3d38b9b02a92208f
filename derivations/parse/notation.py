"""The functions of the notation, one record each: parameters as NumPy has them, and the meaning as arrays.

A new function is one more row.  What entry-by-entry functions are is said in `derivations.functions`, what
whole arrays do in `language.arrays`; here stands only how people write them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from derivations.arithmetic import HALF, ONE, TWO, ZERO
from derivations.functions import FUNCTIONS, apply
from derivations.language.arrays import (
    authored_product,
    combined,
    constant,
    diagonal,
    diagonal_matrix,
    identity,
    matrix_product,
    mean_over,
    total_over,
    trace,
    transposed,
)
from derivations.language.mistakes import AuthorError
from derivations.language.reuse import Whole
from derivations.parse.linear_algebra import (
    determinant,
    einsum,
    inverse,
    log_determinant,
    matrix_power,
    norm,
    solve,
)
from derivations.parse.names import Names
from derivations.parse.written import difference, quotient
from derivations.terms import Number, Piecewise, Power, Relation, Term

PREFIXES = frozenset("np numpy jnp jax torch linalg nn functional F special scipy".split())
METHODS = frozenset("sum mean var std dot trace transpose det logdet inverse".split())
# NumPy's word first, the words of other libraries for the same behind it.
OPTIONS = {"axis": "axis", "dim": "axis", "keepdims": "keepdims", "keepdim": "keepdims"}


@dataclass(frozen=True)
class Word:
    """`parameters` as in NumPy's signature: "axis?" may be left out, "axis" may not where there are several
    axes; "condition" takes a comparison, "size" and "sizes" take sizes, "ord", "subscripts" and "exponent"
    text in quotes or a number, every other word an array.

    `meaning` takes the names of the text, the arrays in order, and over which axes.  `kind` is what people
    call the value where it stands inside something else; `repeats` says that the meaning writes its arrays
    twice; `adds_up` that the values over the axes add up to 1.
    """

    name: str
    parameters: str
    meaning: Callable[..., Whole]
    kind: str = ""
    repeats: bool = False
    adds_up: bool = False
    example: str = ""

    @property
    def keeps_axes(self) -> bool:
        """Whether the value has the axes that the function goes over: a softmax, and no sum."""
        return "axis" in self.parameters.split()


@dataclass(frozen=True)
class Over:
    """Which axes of the array a function goes over, and whether they stay with length 1."""

    places: tuple[int, ...] = ()
    keepdims: bool = False


# ---- terms entry by entry ---------------------------------------------------------------------------------


def _extreme(larger: bool, a: Term, b: Term) -> Term:
    """The better of the two; on a tie the first counts, also for the derivative."""
    if isinstance(a, Number):
        return Piecewise((Relation(">" if larger else "<", b, a),), (b,), a)
    return Piecewise((Relation(">=" if larger else "<=", a, b),), (a,), b)


def _relu(x: Term) -> Term:
    return Piecewise((Relation(">", x, ZERO),), (x,), ZERO)


def _entrywise(build: Callable[..., Term]) -> Callable[..., Whole]:
    return lambda names, *arrays: combined(arrays, build)


# ---- arrays -----------------------------------------------------------------------------------------------


def _reduction(reduce: Callable[..., Whole]) -> Callable[..., Whole]:
    return lambda names, array, over: reduce(array, over.places, over.keepdims)


def _variance(names: Names, array: Whole, over: Over) -> Whole:
    centre = names.introduce(mean_over(array, over.places, keepdims=True), "mean")
    squares = combined([array, centre], lambda x, m: Power(difference(x, m), TWO))
    return mean_over(squares, over.places, over.keepdims)


def _root(whole: Whole) -> Whole:
    return combined([whole], lambda x: Power(x, HALF))


def _norm(names: Names, array: Whole, *options: Any) -> Whole:
    *kind, over = options
    return norm(names, array, kind[0] if kind else None, over.places, over.keepdims)


def _exponentials(array: Whole) -> Whole:
    return combined([array], partial(apply, "exp"))


def _logsumexp(names: Names, array: Whole, over: Over) -> Whole:
    return combined([total_over(_exponentials(array), over.places, over.keepdims)], partial(apply, "log"))


def _softmax(names: Names, array: Whole, over: Over) -> Whole:
    scores = _exponentials(array)
    normalizer = names.introduce(total_over(scores, over.places, keepdims=True), "normalizer")
    return combined([scores, normalizer], quotient)


def _log_softmax(names: Names, array: Whole, over: Over) -> Whole:
    probabilities = names.introduce(_softmax(names, array, over), "probability")
    names.adds_up(probabilities, over.places)
    return combined([probabilities], partial(apply, "log"))


def _dot(names: Names, a: Whole, b: Whole) -> Whole:
    if not a.axes or not b.axes:
        return combined([a, b], authored_product)
    if len(b.axes) > 2:
        raise AuthorError(f"dot of an array with {len(b.axes)} axes", "Write @ for a product over a batch.")
    return matrix_product(a, b)


def _outer(names: Names, a: Whole, b: Whole) -> Whole:
    if len(a.axes) != 1 or len(b.axes) != 1:
        raise AuthorError("outer needs two vectors", "Write A[i, j]*B[k, l] for arrays with more axes.")
    return combined([Whole(a.term, (*a.axes, None)), Whole(b.term, (None, *b.axes))], authored_product)


def _diag(names: Names, array: Whole) -> Whole:
    if len(array.axes) not in (1, 2):
        raise AuthorError(
            f"diag of an array with {len(array.axes)} axes", "Give a vector, or a square matrix."
        )
    return diagonal_matrix(array) if len(array.axes) == 1 else diagonal(array)


WORDS: Mapping[str, Word] = {
    word.name: word
    for word in (
        *(Word(name, "x", _entrywise(partial(apply, name))) for name in FUNCTIONS),
        Word("tanh", "x", _entrywise(partial(apply, "tanh")), kind="activation"),
        Word("sigmoid", "x", _entrywise(partial(apply, "sigmoid")), kind="activation"),
        Word("sqrt", "x", _entrywise(lambda x: Power(x, HALF))),
        Word("square", "x", _entrywise(lambda x: Power(x, TWO))),
        Word("relu", "x", _entrywise(_relu), repeats=True),
        Word("maximum", "a b", _entrywise(partial(_extreme, True)), repeats=True),
        Word("minimum", "a b", _entrywise(partial(_extreme, False)), repeats=True),
        Word("where", "condition a b", _entrywise(lambda r, a, b: Piecewise((r,), (a,), b))),
        Word("sum", "a axis? keepdims?", _reduction(total_over)),
        Word("mean", "a axis? keepdims?", _reduction(mean_over)),
        Word("var", "a axis? keepdims?", _variance, repeats=True),
        Word("std", "a axis? keepdims?", lambda n, a, over: _root(_variance(n, a, over)), repeats=True),
        Word("norm", "a ord? axis? keepdims?", _norm, example="Write norm(x), norm(x, 1) or norm(X, 'fro')."),
        Word("logsumexp", "a axis? keepdims?", _logsumexp),
        Word("softmax", "a axis", _softmax, kind="probability", repeats=True, adds_up=True),
        Word("log_softmax", "a axis", _log_softmax, repeats=True),
        Word("dot", "a b", _dot),
        Word("matmul", "a b", lambda names, a, b: matrix_product(a, b)),
        Word("outer", "a b", _outer),
        Word("trace", "a", lambda names, a: trace(a)),
        Word("inv", "a", inverse),
        Word("solve", "a b", solve),
        Word("det", "a", determinant),
        Word("logdet", "a", log_determinant),
        Word("matrix_power", "a exponent", matrix_power, example="Write matrix_power(X, 3)."),
        Word("einsum", "subscripts a b? c? d?", einsum, example="Write einsum('ij,jk->ik', A, B)."),
        Word("diag", "a", _diag),
        Word("transpose", "a", lambda names, a: transposed(a)),
        Word("eye", "size", lambda names, axes: identity(*axes)),
        Word("ones", "sizes", lambda names, axes: constant(ONE, axes)),
        Word("zeros", "sizes", lambda names, axes: constant(ZERO, axes)),
    )
}
ALIASES = {
    "absolute": "abs",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "sgn": "sign",
    "expit": "sigmoid",
    "average": "mean",
    "identity": "eye",
    "inverse": "inv",
}
