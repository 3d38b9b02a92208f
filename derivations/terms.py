"""Index terms: the one expression type of the engine.

A term is an immutable tree over components such as `x[i]`, with sizes that stay symbols.  Bound indices are
locally nameless (level and position), so substitution cannot capture; the letter that a reader sees is kept
beside the tree and takes no part in equality.  Nodes hold no arithmetic: constructors are in `arithmetic.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from functools import cached_property
from typing import Any

from derivations.domains import REAL, Domain
from derivations.indices import Affine, AnyIndex, Axis, Bound, Index, Size


@dataclass(frozen=True)
class Symbol:
    """An array by name: an input, a constant or a named intermediate.  `axes` fixes order and sizes."""

    name: str
    axes: tuple[Axis, ...] = ()
    domain: Domain = REAL
    latex: str = field(default="", compare=False)

    @property
    def symmetric(self) -> bool:
        return self.domain.structure in ("symmetric", "positive_definite")

    def __getitem__(self, slots: Any) -> "Component":
        return Component(self, tuple(Affine.of(s) for s in (slots if isinstance(slots, tuple) else (slots,))))

    @property
    def scalar(self) -> "Component":
        return Component(self, ())


@dataclass(frozen=True)
class Head:
    """Name and range of an elementwise function; everything else about it stands in `functions.py`."""

    name: str
    range: Domain = field(default=REAL, compare=False)


class TermError(ValueError):
    """A term that cannot exist: an index on the wrong axis, a wrong number of indices."""


class Term:
    """Base of all nodes: equality and hash by content, letters and provenance left out."""

    @cached_property
    def _content(self) -> tuple[Any, ...]:
        return tuple(getattr(self, f.name) for f in fields(self) if f.compare)  # type: ignore[arg-type]

    @cached_property
    def _hash(self) -> int:
        return hash((type(self).__name__, self._content))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Term):
            return NotImplemented
        return type(self) is type(other) and self._hash == other._hash and self._content == other._content

    @property
    def children(self) -> tuple["Term", ...]:
        """Direct subterms; the body of a binder still holds its bound indices."""
        return ()

    @property
    def slots(self) -> tuple[Affine, ...]:
        """Index expressions that stand in this node itself."""
        return ()

    def rebuild(self, children: tuple["Term", ...], slots: tuple[Affine, ...]) -> "Term":
        """The same node over other children and slots, with no arithmetic done."""
        return self

    @cached_property
    def free(self) -> frozenset[Index]:
        """The free indices."""
        own = {i for slot in self.slots for i in slot.indices}
        return frozenset(own.union(*(child.free for child in self.children)))

    @cached_property
    def _dangling(self) -> int:
        """How many enclosing binders this term still needs (0: locally closed)."""
        own = [b.level + 1 for slot in self.slots for b, _ in slot.parts if isinstance(b, Bound)]
        inner = [child._dangling - (1 if isinstance(self, Sum) else 0) for child in self.children]
        return max([0, *own, *inner])

    @property
    def is_zero(self) -> bool:
        return isinstance(self, Number) and self.value == 0


@dataclass(frozen=True, eq=False)
class Number(Term):
    """An exact rational.  `text` keeps a decimal as its author wrote it."""

    value: Fraction
    text: str = field(default="", compare=False)


@dataclass(frozen=True, eq=False)
class Constant(Term):
    """A named irrational number."""

    name: str  # "pi", "e"


@dataclass(frozen=True, eq=False)
class SizeOf(Term):
    """The length of an axis, as a number."""

    size: Size


@dataclass(frozen=True, eq=False)
class Component(Term):
    """One entry of a symbol."""

    symbol: Symbol
    indices: tuple[Affine, ...]

    def __post_init__(self) -> None:
        if len(self.indices) != len(self.symbol.axes):
            raise TermError(
                f"{self.symbol.name} has {len(self.symbol.axes)} indices, {len(self.indices)} given"
            )
        for slot, axis in zip(self.indices, self.symbol.axes, strict=True):
            if slot.index is not None and slot.index.axis != axis:
                raise TermError(
                    f"index {slot.index.letter} runs over {slot.index.axis.name}, but {self.symbol.name} "
                    f"has the axis {axis.name} there"
                )

    @property
    def slots(self) -> tuple[Affine, ...]:
        return self.indices

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Component(self.symbol, slots)


@dataclass(frozen=True, eq=False)
class Delta(Term):
    """Kronecker's delta: 1 where the two index expressions agree, else 0."""

    left: Affine
    right: Affine

    def __post_init__(self) -> None:
        i, j = self.left.index, self.right.index
        if i is not None and j is not None and i.axis != j.axis:
            raise TermError(f"a delta cannot join the axes {i.axis.name} and {j.axis.name}")

    @property
    def slots(self) -> tuple[Affine, ...]:
        return (self.left, self.right)

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Delta(*slots)


@dataclass(frozen=True, eq=False)
class Bracket(Term):
    """Iverson bracket `[0 <= position < size]`, positions counted from 0."""

    position: Affine
    size: Size

    @property
    def slots(self) -> tuple[Affine, ...]:
        return (self.position,)

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Bracket(slots[0], self.size)


@dataclass(frozen=True, eq=False)
class Sum(Term):
    """A sum over one or more bound indices.  Make it with `arithmetic.total`, read it with `opened`."""

    axes: tuple[Axis, ...]
    body: Term
    letters: tuple[str, ...] = field(default=(), compare=False)

    @property
    def children(self) -> tuple[Term, ...]:
        return (self.body,)

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Sum(self.axes, children[0], self.letters)

    @cached_property
    def opened(self) -> tuple[tuple[Index, ...], Term]:
        """Indices for the bound ones and the body written with them, the same at every call.

        For reading and for changes inside the binder.  Where a body leaves its binder use `freshly_opened`:
        a term may hold the same sum twice, and the two must not share their indices.
        """
        return self.freshly_opened()

    def freshly_opened(self) -> tuple[tuple[Index, ...], Term]:
        indices = tuple(
            Index(letter, axis).fresh() for letter, axis in zip(self.letters, self.axes, strict=True)
        )
        return indices, _open(self.body, indices, 0)


@dataclass(frozen=True, eq=False)
class Product(Term):
    """An n-ary product.  `authored` products keep their order and are never merged or reordered."""

    factors: tuple[Term, ...]
    authored: bool = field(default=False, compare=False)

    @property
    def children(self) -> tuple[Term, ...]:
        return self.factors

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Product(children, self.authored)


@dataclass(frozen=True, eq=False)
class Add(Term):
    """An n-ary sum of terms; subtraction is a summand with the number -1.  `authored` as for Product."""

    terms: tuple[Term, ...]
    authored: bool = field(default=False, compare=False)

    @property
    def children(self) -> tuple[Term, ...]:
        return self.terms

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Add(children, self.authored)


@dataclass(frozen=True, eq=False)
class Power(Term):
    """base ** exponent; division is the exponent -1, a square root the exponent 1/2."""

    base: Term
    exponent: Term

    @property
    def children(self) -> tuple[Term, ...]:
        return (self.base, self.exponent)

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Power(*children)


@dataclass(frozen=True, eq=False)
class Function(Term):
    """An elementwise function of one or more arguments."""

    head: Head
    arguments: tuple[Term, ...]

    @property
    def children(self) -> tuple[Term, ...]:
        return self.arguments

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Function(self.head, children)


@dataclass(frozen=True, eq=False)
class Relation(Term):
    """A condition between two terms; `operator` is one of `<  <=  >  >=  ==  !=`."""

    operator: str
    left: Term
    right: Term

    @property
    def children(self) -> tuple[Term, ...]:
        return (self.left, self.right)

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Relation(self.operator, *children)


@dataclass(frozen=True, eq=False)
class Piecewise(Term):
    """The value of the first condition that holds, else `otherwise`."""

    conditions: tuple[Relation, ...]
    values: tuple[Term, ...]
    otherwise: Term

    @property
    def children(self) -> tuple[Term, ...]:
        return (*self.conditions, *self.values, self.otherwise)

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        n = len(self.conditions)
        conditions: Any = children[:n]
        return Piecewise(conditions, children[n:-1], children[-1])


@dataclass(frozen=True, eq=False)
class Derivative(Term):
    """A derivative not yet taken, of `body` with respect to one entry of `symbol`.

    It is total: it follows every name defined after `symbol`, except those in `held`.
    """

    body: Term
    symbol: Symbol
    indices: tuple[Affine, ...]
    held: tuple[str, ...] = ()

    @property
    def children(self) -> tuple[Term, ...]:
        return (self.body,)

    @property
    def slots(self) -> tuple[Affine, ...]:
        return self.indices

    def rebuild(self, children: tuple[Term, ...], slots: tuple[Affine, ...]) -> Term:
        return Derivative(children[0], self.symbol, slots, self.held)


# ---- binders and substitution ----------------------------------------------------------------------------


def _change(term: Term, change: Callable[[AnyIndex, int], Affine | None], wanted: Callable[[Term, int], bool],
            depth: int) -> Term:  # fmt: skip
    if not wanted(term, depth):
        return term
    inner = depth + 1 if isinstance(term, Sum) else depth
    children = tuple(_change(child, change, wanted, inner) for child in term.children)
    slots = tuple(slot.replace(lambda part: change(part, depth)) for slot in term.slots)
    if all(a is b for a, b in zip(children, term.children, strict=True)) and slots == term.slots:
        return term
    return term.rebuild(children, slots)


def _open(body: Term, indices: tuple[Index, ...], depth: int) -> Term:
    def change(part: AnyIndex, depth: int) -> Affine | None:
        if isinstance(part, Bound) and part.level == depth:
            return Affine.of(indices[part.position])
        return None

    return _change(body, change, lambda t, d: t._dangling > d, depth)


def bind(indices: tuple[Index, ...], body: Term) -> Sum:
    """The sum of `body` over these free indices, exactly as given (see `arithmetic.total`)."""
    place = {index: position for position, index in enumerate(indices)}

    def change(part: AnyIndex, depth: int) -> Affine | None:
        if isinstance(part, Index) and part in place:
            return Affine(((Bound(depth, place[part]), 1),))
        return None

    closed = _change(body, change, lambda t, d: not place.keys().isdisjoint(t.free), 0)
    return Sum(tuple(i.axis for i in indices), closed, tuple(i.letter for i in indices))


def substitute(term: Term, replacement: Mapping[Index, Affine | Index | int]) -> Term:
    """Free indices replaced, all at once.  Capture cannot happen: bound indices are not indices."""
    new = {old: Affine.of(value) for old, value in replacement.items()}

    def change(part: AnyIndex, depth: int) -> Affine | None:
        return new.get(part) if isinstance(part, Index) else None

    return _change(term, change, lambda t, d: not new.keys().isdisjoint(t.free), 0)


def map_children(term: Term, change: Callable[[Term], Term]) -> Term:
    """`change` applied to every direct subterm, binders opened and closed again; no arithmetic is done."""
    if isinstance(term, Sum):
        indices, body = term.opened
        new = change(body)
        return term if new is body else bind(indices, new)
    children = tuple(change(child) for child in term.children)
    if all(a is b for a, b in zip(children, term.children, strict=True)):
        return term
    return term.rebuild(children, term.slots)


def subterms(term: Term) -> Iterator[Term]:
    """The term and everything below it, outermost first, binders opened."""
    yield term
    for child in (term.opened[1],) if isinstance(term, Sum) else term.children:
        yield from subterms(child)


def symbols(term: Term) -> tuple[Symbol, ...]:
    """Symbols whose components occur, in order of first appearance."""
    found: dict[Symbol, None] = {}
    for sub in subterms(term):
        if isinstance(sub, Component):
            found.setdefault(sub.symbol)
    return tuple(found)


def has_derivative(term: Term) -> bool:
    return any(isinstance(sub, Derivative) for sub in subterms(term))
