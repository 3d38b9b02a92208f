"""Sizes, axes, and what stands in the index slots of a term: an index, or an affine expression of indices.

A size is a polynomial in names, never a number that was guessed; two different names are never made equal.
Bound indices are locally nameless (level and position), so that substitution in `terms.py` cannot capture.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_serials = itertools.count(1)


@dataclass(frozen=True)
class Size:
    """The length of an axis: an integer polynomial in size names (`n`, `k*m`, `n - k + 1`)."""

    monomials: tuple[tuple[tuple[str, ...], int], ...] = ()

    @staticmethod
    def of(value: "Size | int | str") -> "Size":
        if isinstance(value, Size):
            return value
        if isinstance(value, str):
            return Size((((value,), 1),))
        return Size((((), value),)) if value else Size()

    def __add__(self, other: "Size | int | str") -> "Size":
        collected = dict(self.monomials)
        for names, coefficient in Size.of(other).monomials:
            collected[names] = collected.get(names, 0) + coefficient
        return Size(tuple(sorted((names, c) for names, c in collected.items() if c)))

    def __mul__(self, other: "Size | int | str") -> "Size":
        total = Size()
        for names, c in self.monomials:
            for more, d in Size.of(other).monomials:
                total = total + Size(((tuple(sorted(names + more)), c * d),))
        return total

    def __sub__(self, other: "Size | int | str") -> "Size":
        return self + Size.of(other) * -1

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for names, _ in self.monomials for name in names}))

    @property
    def constant(self) -> int | None:
        """The value when no name occurs, else None."""
        if self.names:
            return None
        return sum(c for _, c in self.monomials)

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The length for these values of the names; a fixed length may be given a shorter one to check at."""
        if len(self.monomials) == 1 and not self.monomials[0][0]:
            length = self.monomials[0][1]
            return sizes.get(str(length), length)
        total = 0
        for names, coefficient in self.monomials:
            for name in names:
                coefficient *= sizes[name]
            total += coefficient
        return total

    def __str__(self) -> str:
        if not self.monomials:
            return "0"
        text = ""
        # named monomials first, so that n - k + 1 does not print as 1 - k + n
        for names, c in sorted(self.monomials, key=lambda m: (not m[0], m[1] < 0, m[0])):
            factors = ([str(abs(c))] if abs(c) != 1 or not names else []) + list(names)
            sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
            text += sign + "*".join(factors)
        return text


@dataclass(frozen=True)
class Axis:
    """A named axis.  `letters` are the index letters that its author prefers; identity ignores them."""

    name: str
    size: Size
    letters: tuple[str, ...] = field(default=(), compare=False)

    @staticmethod
    def named(name: str, letters: str = "") -> "Axis":
        return Axis(name, Size.of(name), tuple(letters.split()))

    def index(self, letter: str) -> "Index":
        return Index(letter, self)


@dataclass(frozen=True)
class Index:
    """A free index.  Equal letter, axis and serial mean the same index; opened binders get a fresh serial."""

    letter: str
    axis: Axis
    serial: int = 0

    def fresh(self, letter: str | None = None) -> "Index":
        return Index(letter or self.letter, self.axis, next(_serials))


@dataclass(frozen=True)
class Bound:
    """A bound index: how many binders lie between (level), and which of that binder's indices (position)."""

    level: int
    position: int


@dataclass(frozen=True)
class Affine:
    """What may stand in an index slot: integer multiples of indices, plus an offset."""

    parts: tuple[tuple[Index | Bound, int], ...]
    offset: Size = Size()

    @staticmethod
    def of(value: "Affine | Index | int") -> "Affine":
        if isinstance(value, Affine):
            return value
        if isinstance(value, Index):
            return Affine(((value, 1),))
        return Affine((), Size.of(value))

    @property
    def index(self) -> Index | None:
        """The index, where this is one index and nothing else."""
        if len(self.parts) == 1 and self.parts[0][1] == 1 and not self.offset.monomials:
            only = self.parts[0][0]
            return only if isinstance(only, Index) else None
        return None

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(i for i, _ in self.parts if isinstance(i, Index))

    def coefficient(self, index: Index) -> int:
        return dict(self.parts).get(index, 0)

    def __add__(self, other: "Affine | Index | int") -> "Affine":
        other = Affine.of(other)
        collected = dict(self.parts)
        for i, c in other.parts:
            collected[i] = collected.get(i, 0) + c
        return Affine(tuple((i, c) for i, c in collected.items() if c), self.offset + other.offset)

    def __mul__(self, factor: int) -> "Affine":
        return Affine(tuple((i, c * factor) for i, c in self.parts), self.offset * factor)

    def __sub__(self, other: "Affine | Index | int") -> "Affine":
        return self + Affine.of(other) * -1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Affine):
            return NotImplemented
        return self.offset == other.offset and dict(self.parts) == dict(other.parts)

    def __hash__(self) -> int:
        return hash((frozenset(self.parts), self.offset))

    def replace(self, change: Callable[[Index | Bound], "Affine | None"]) -> "Affine":
        """Each part that `change` answers for is replaced; the others stay."""
        answers = [(part, c, change(part)) for part, c in self.parts]
        if all(new is None for _, _, new in answers):
            return self
        total = Affine((), self.offset)
        for part, c, new in answers:
            total = total + (Affine(((part, c),)) if new is None else new * c)
        return total


AnyIndex = Index | Bound
