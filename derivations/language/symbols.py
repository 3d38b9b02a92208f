"""What an author writes with: axes, indices, scalars, components, and whole arrays with their operators.

All are SymPy expressions, so that SymPy's functions take them. Scalars and components leave arithmetic to
SymPy, which keeps what was written as long as it does not evaluate. Whole arrays bring operators of their
own: a SymPy product knows neither `@` nor `.T`, and may put its factors in another order.
"""

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sympy import Expr, Float, Integer, Tuple, sympify
from sympy.core.decorators import call_highest_priority
from sympy.core.expr import AtomicExpr

from derivations import domains, terms
from derivations import indices as positions
from derivations.language.mistakes import AuthorError
from derivations.letters import latex_of_name
from derivations.words import Text

_serials = itertools.count(1)


def expression(value: Any) -> Any:
    """What an author wrote as a SymPy expression; Python's own values that cannot be one are refused."""
    if isinstance(value, bool):
        raise AuthorError(
            f"{value} stands where an expression was expected; `==` compares how expressions are built",
            "Write Eq(left, right).",
        )
    if isinstance(value, float | Float):
        raise AuthorError(
            f"{value} is a floating-point number, and 1/2*x begins with one",
            'Write Rational(1, 2)*x, x/2, or Rational("0.044715") for a decimal.',
        )
    if isinstance(value, str):
        raise AuthorError(f"{value!r} is text, and text is never read as mathematics", "Declare a symbol.")
    if isinstance(value, list | tuple):
        raise AuthorError("a list stands where an expression was expected", "Declare a vector or a matrix.")
    return sympify(value)


class _Leaf(AtomicExpr):  # type: ignore[misc]
    """An expression without parts, equal to another by its content."""

    is_commutative = True
    _content: tuple[Any, ...]

    def __new__(cls, *content: Any) -> "_Leaf":
        made: _Leaf = AtomicExpr.__new__(cls)
        made._content = content
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self._content

    def _hashable_content(self) -> tuple[Any, ...]:
        return self._content

    def _sympystr(self, printer: Any) -> str:
        return str(self._content[0])

    def _latex(self, printer: Any) -> str:
        return str(self._content[0])


class Axis(_Leaf):
    """A named axis; as an expression it is its size. `at_least` is the smallest size that has a meaning."""

    is_integer = True
    is_positive = True

    def __new__(cls, name: str, meaning: Text, *, at_least: int = 1) -> "Axis":
        made: Axis = super().__new__(cls, name)
        made.name = name
        made.meaning = meaning
        made.at_least = at_least
        made.letters = ""
        return made

    name: str
    meaning: Text
    at_least: int
    letters: str

    def indices(self, letters: str) -> Any:
        """Indices that run over this axis; one letter gives an index, several give a tuple.

        The letters are also those that the engine prefers when it needs more.
        """
        names = letters.split()
        known = self.letters.split()
        self.letters = " ".join([*known, *(name for name in names if name not in known)])
        made = tuple(Index(name, self) for name in names)
        return made[0] if len(made) == 1 else made

    @property
    def term(self) -> positions.Axis:
        return positions.Axis.named(self.name, self.letters)


class Index(_Leaf):
    """An index letter of an axis; `i + 1` and `2*i` may stand in the brackets of an array."""

    is_integer = True

    def __new__(cls, letter: str, axis: Axis) -> "Index":
        made: Index = super().__new__(cls, letter, axis.name)
        made.letter = letter
        made.axis = axis
        return made

    letter: str
    axis: Axis

    @property
    def term(self) -> positions.Index:
        return positions.Index(self.letter, self.axis.term)


class Quantity:
    """What scalars and whole arrays have in common: a name, axes, a meaning, a domain and a notation.

    `use` is set on the result of another formula: where its definition comes from. `default` is the value
    of a parameter in code whose caller gives none. Inputs are listed in order of declaration (`serial`).
    """

    name: str
    axes: tuple[Axis, ...]
    meaning: Text
    domain: domains.Domain
    notation: str
    use: Any
    default: Any
    serial: int

    @property
    def term(self) -> terms.Symbol:
        axes = tuple(axis.term for axis in self.axes)
        return terms.Symbol(self.name, axes, self.domain, self.notation)

    def _describe(
        self,
        axes: tuple[Axis, ...],
        meaning: Text,
        domain: domains.Domain,
        notation: str,
        use: Any,
        default: Any,
    ) -> None:
        self.axes = axes
        self.meaning = meaning
        self.domain = domain
        self.notation = notation
        self.use = use
        self.default = default
        self.serial = next(_serials)


class Scalar(_Leaf, Quantity):
    """A number by name."""

    is_real = True

    def __new__(cls, name: str) -> "Scalar":
        made: Scalar = super().__new__(cls, name)
        made.name = name
        return made


class Entry(_Leaf):
    """One component of an array: `z[i]`, `x[i + m]`, `p[0]`."""

    is_real = True

    def __new__(cls, array: "ArraySymbol", slots: tuple[Any, ...]) -> "Entry":
        made: Entry = super().__new__(cls, array.name, slots)
        made.array = array
        made.slots = slots
        return made

    array: "ArraySymbol"
    slots: tuple[Any, ...]

    def _sympystr(self, printer: Any) -> str:
        return f"{self.array.name}[{', '.join(printer._print(slot) for slot in self.slots)}]"

    def _latex(self, printer: Any) -> str:
        return f"{self.array.notation}_{{{','.join(printer._print(slot) for slot in self.slots)}}}"


def _binary(make: Callable[[Any, Any], Any], reverse: str) -> Any:
    @call_highest_priority(reverse)  # type: ignore[untyped-decorator]
    def operate(self: Any, other: Any) -> Any:
        return make(self, expression(other))

    return operate


def _reflected(make: Callable[[Any, Any], Any], straight: str) -> Any:
    @call_highest_priority(straight)  # type: ignore[untyped-decorator]
    def operate(self: Any, other: Any) -> Any:
        return make(expression(other), self)

    return operate


class Array(Expr):  # type: ignore[misc]
    """A whole vector, matrix or tensor; operators work entry by entry and broadcast as NumPy does."""

    is_commutative = True
    # above every expression of SymPy, so that 2*x, exp(x)*x and x*exp(x) all come here
    _op_priority = 1000.0

    __add__ = _binary(lambda a, b: ArraySum(a, b), "__radd__")
    __radd__ = _reflected(lambda a, b: ArraySum(a, b), "__add__")
    __sub__ = _binary(lambda a, b: ArraySum(a, _negative(b)), "__rsub__")
    __rsub__ = _reflected(lambda a, b: ArraySum(a, _negative(b)), "__sub__")
    __mul__ = _binary(lambda a, b: ArrayProduct(a, b), "__rmul__")
    __rmul__ = _reflected(lambda a, b: ArrayProduct(a, b), "__mul__")
    __truediv__ = _binary(lambda a, b: ArrayProduct(a, ArrayPower(b, Integer(-1))), "__rtruediv__")
    __rtruediv__ = _reflected(lambda a, b: ArrayProduct(a, ArrayPower(b, Integer(-1))), "__truediv__")
    __pow__ = _binary(lambda a, b: ArrayPower(a, b), "__rpow__")
    __rpow__ = _reflected(lambda a, b: ArrayPower(a, b), "__pow__")

    def __matmul__(self, other: Any) -> "MatrixProduct":
        return MatrixProduct(self, expression(other))

    def __rmatmul__(self, other: Any) -> "MatrixProduct":
        return MatrixProduct(expression(other), self)

    def __neg__(self) -> Any:
        return _negative(self)

    @property
    def T(self) -> "Transposed":
        return Transposed(self)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> "Reduced":
        return Reduced("sum", self, axis, keepdims)

    def mean(self, axis: int | None = None, keepdims: bool = False) -> "Reduced":
        return Reduced("mean", self, axis, keepdims)


def _negative(value: Any) -> Any:
    return ArrayProduct(Integer(-1), value)


class ArraySum(Array):
    """Summands in the order written."""


class ArrayProduct(Array):
    """Factors, entry by entry, in the order written."""


class ArrayPower(Array):
    """Every entry to a power."""


class MatrixProduct(Array):
    """`a @ b`."""


class Transposed(Array):
    """The axes in reverse order."""


class Reduced(Array):
    """Sum or mean over one axis by position, or over all."""

    def __new__(cls, how: str, array: Any, axis: int | None, keepdims: bool) -> "Reduced":
        made: Reduced = Expr.__new__(cls, array, Tuple(*([] if axis is None else [Integer(axis)])))
        made.how = how
        made.axis = axis
        made.keepdims = keepdims
        return made

    how: str
    axis: int | None
    keepdims: bool

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*self.args, self.how, self.keepdims)


class ArraySymbol(Array, Quantity):
    """A vector, matrix or tensor by name; `z[i]` is one of its components."""

    is_Atom = True

    def __new__(cls, name: str) -> "ArraySymbol":
        made: ArraySymbol = Expr.__new__(cls)
        made.name = name
        return made

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.name,)

    def _sympystr(self, printer: Any) -> str:
        return self.name

    def _latex(self, printer: Any) -> str:
        return rf"\mathbf{{{self.notation}}}"

    def __getitem__(self, slots: Any) -> Entry:
        given = slots if isinstance(slots, tuple) else (slots,)
        if len(given) != len(self.axes):
            raise AuthorError(
                f"{self.name} has {len(self.axes)} indices, and {len(given)} are given",
                f"Give one index for each of the axes {', '.join(a.name for a in self.axes)}.",
            )
        for slot, axis in zip(given, self.axes, strict=True):
            if isinstance(slot, Index) and slot.axis.name != axis.name:
                raise AuthorError(
                    f"index {slot.letter} runs over {slot.axis.name}, but {self.name} has the axis "
                    f"{axis.name} there",
                    f"Use an index made by {axis.name}.indices(...).",
                )
        return Entry(self, tuple(expression(slot) for slot in given))

    def __iter__(self) -> Any:
        raise TypeError(f"{self.name} has a symbolic size and cannot be walked through")


# ---- declarations ------------------------------------------------------------------------------------------


def interval(lower: Any = None, upper: Any = None, closed: bool = False) -> domains.Domain:
    """The domain between two rational ends; None is infinite, `closed`: the finite ends belong to it."""
    low, high = (None if end is None else Fraction(str(sympify(end))) for end in (lower, upper))
    left = r"(-\infty" if low is None else f"{'[' if closed else '('}{low}"
    right = r"\infty)" if high is None else f"{high}{']' if closed else ')'}"
    return domains.Domain(f"{left},{right}", f"{left},{right}", low, high, closed)


def _domain(name: str, domain: domains.Domain | str) -> domains.Domain:
    if isinstance(domain, domains.Domain):
        return domain
    if domain not in domains.DOMAINS:
        raise AuthorError(
            f"{name} has the domain {domain!r}, which does not exist",
            f"Write one of {', '.join(domains.DOMAINS)}, or interval(lower, upper).",
        )
    return domains.DOMAINS[domain]


def quantity(
    name: str,
    axes: tuple[Axis, ...],
    meaning: Text,
    domain: domains.Domain | str = "real",
    latex: str = "",
    use: Any = None,
    default: Any = None,
) -> Any:
    """A symbol of any order."""
    if not isinstance(meaning, Text):
        raise AuthorError(f"{name} has no meaning", 'End its declaration with Text(en="...", zh="...").')
    if not name.isidentifier():
        raise AuthorError(
            f"{name!r} is no name", "Use letters, digits and underscores; give latex= for the notation."
        )
    made = ArraySymbol(name) if axes else Scalar(name)
    made._describe(axes, meaning, _domain(name, domain), latex or latex_of_name(name), use, default)
    return made


def _declare(kind: str, order: int | None) -> Any:
    def declare(
        name: str, *rest: Any, domain: domains.Domain | str = "real", latex: str = "", default: Any = None
    ) -> Any:
        axes = tuple(part for part in rest if isinstance(part, Axis))
        words = [part for part in rest if not isinstance(part, Axis)]
        if len(words) != 1 or not isinstance(words[0], Text):
            raise AuthorError(f"{name} has no meaning", 'End its declaration with Text(en="...", zh="...").')
        if order is not None and len(axes) != order:
            raise AuthorError(
                f"{name} is declared as a {kind} and has {len(axes)} axes",
                f"A {kind} has {order}: give as many.",
            )
        return quantity(name, axes, words[0], domain, latex, default=default)

    declare.__name__ = kind
    declare.__doc__ = (
        f"A {kind} by name: name, axes, meaning; `domain=`, `latex=` and `default=` where wanted."
    )
    return declare


scalar = _declare("scalar", 0)
vector = _declare("vector", 1)
matrix = _declare("matrix", 2)
tensor = _declare("tensor", None)
