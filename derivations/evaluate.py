"""The value of a term at a point, in floats, at 50 digits or in exact fractions, without NumPy.

A subterm is evaluated once per point, as a table over its free indices, and steps of one derivation share
most of their subterms.  Derivatives not yet taken are evaluated too: by a complex step where everything on
the way is analytic, else by central differences, so that a step in progress can be checked like any other.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derivations.arithmetic import factors
from derivations.functions import record
from derivations.indices import Affine, Index
from derivations.numerics import COMPARISONS, FLOAT, Arithmetic, Array, eliminated
from derivations.scope import Definition, Definitions
from derivations.terms import (
    Add,
    Bracket,
    Component,
    Constant,
    Delta,
    Derivative,
    Function,
    Number,
    Piecewise,
    Power,
    Product,
    Relation,
    SizeOf,
    Sum,
    Symbol,
    Term,
)

Table = tuple[tuple[Index, ...], list[Any]]
_UNDEFINED = (ValueError, ZeroDivisionError, OverflowError)


class EvaluationError(ValueError):
    """A term that has no value here: a symbol without one, an index that nothing binds."""


# ---- points ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offset:
    """What is added to a name: a constant for each entry, and weights for the squares of what it is made of.

    Squares and positive weights, so that a positive name stays positive.
    """

    constants: list[Fraction]
    weights: list[Fraction]


class Point:
    """Sizes and values of inputs; names are evaluated on demand and kept.

    `offsets` make names other functions of what they are made of: what follows from their definitions fails,
    which tells a step of calculus from a step that leans on a definition.
    """

    def __init__(
        self,
        definitions: Definitions,
        sizes: Mapping[str, int],
        inputs: Mapping[str, Array],
        arithmetic: Arithmetic = FLOAT,
        offsets: Mapping[str, Offset] | None = None,
    ) -> None:
        self.definitions = definitions
        self.sizes = dict(sizes)
        self.inputs = dict(inputs)
        self.arithmetic = arithmetic
        self.offsets = dict(offsets or {})
        self.functions = arithmetic.functions
        self.complex_step = True  # set to False, derivatives are central differences: a second opinion
        self._arrays: dict[str, Array] = {}
        self._tables: dict[Term, Table] = {}
        self._moved: dict[tuple[Any, ...], _Moved] = {}

    def using(self, arithmetic: Arithmetic) -> "Point":
        """The same point in other numbers."""
        return Point(self.definitions, self.sizes, self.inputs, arithmetic, self.offsets)

    def array(self, name: str) -> Array:
        """The value of an input or a name."""
        found = self._arrays.get(name)
        if found is None:
            found = self._arrays[name] = self._array(name)
        return found

    def _array(self, name: str) -> Array:
        number = self.arithmetic.number
        if name in self.inputs:
            given = self.inputs[name]
            return Array(given.shape, [number(v) for v in given.flat])
        definition = self.definitions.get(name)
        if definition is None:
            raise EvaluationError(f"{name} has no value here: it is neither an input nor a name")
        value = self.defined(definition)
        offset = self.offsets.get(name)
        if offset is None:
            return value
        made_of = (self.array(n) for n in sorted(names_in(definition.body)))
        squares = [v * v for array in made_of for v in array.flat]
        shift = sum(w * v for w, v in zip(itertools.cycle(map(number, offset.weights)), squares))
        return Array(
            value.shape, [v + number(c) + shift for v, c in zip(value.flat, offset.constants, strict=True)]
        )

    def defined(self, definition: Definition) -> Array:
        """What the definition says, without offset."""
        if not definition.operation:
            return self.table(definition.body, definition.indices)
        matrices = self.matrices(definition)
        rows, columns = matrices.shape[-2:]
        if rows != columns:
            raise EvaluationError(f"{definition.symbol.name}: {definition.operation} of {rows} by {columns}")
        flat: list[Any] = []
        for start in range(0, len(matrices.flat), rows * rows):
            part = matrices.flat[start : start + rows * rows]
            determinant, inverse = eliminated(part, rows, self.arithmetic)
            flat += inverse if definition.operation == "inverse" else [determinant]
        outer = matrices.shape[:-2]
        return Array(matrices.shape if definition.operation == "inverse" else outer, flat)

    def matrices(self, definition: Definition) -> Array:
        """What an inverse or a determinant is taken of: rows and columns are the last two axes."""
        body, indices = definition.body, definition.indices
        if len(indices) == len(definition.symbol.axes) and definition.operation == "determinant":
            indices = (*indices, *sorted(body.free - set(indices), key=lambda i: (i.letter, i.serial)))
        return self.table(body, indices)

    def size(self, index: Index) -> int:
        return index.axis.size.evaluate(self.sizes)

    def table(self, term: Term, indices: Sequence[Index]) -> Array:
        """Values over these indices, which must be all that are free in the term."""
        missing = term.free.difference(indices)
        if missing:
            raise EvaluationError(f"the index {min(i.letter for i in missing)} is free in the term")
        sizes = tuple(self.size(i) for i in indices)
        return Array(sizes, self._aligned(self.over_free(term), tuple(indices), sizes))

    def evaluate(self, term: Term, environment: Mapping[Index, int] | None = None) -> Any:
        """The value at one position, counted from 0."""
        indices = tuple(environment or ())
        return self.table(term, indices)[tuple((environment or {}).values())]

    # ---- tables over free indices

    def over_free(self, term: Term) -> Table:
        found = self._tables.get(term)
        if found is None:
            found = self._tables[term] = self._compute(term)
        return found

    def _compute(self, term: Term) -> Table:
        match term:
            case Number(value=value):
                return (), [self.arithmetic.number(value)]
            case Constant(name=name):
                return (), [+getattr(self.functions, name, self.arithmetic.nan)]
            case SizeOf(size=size):
                return (), [self.arithmetic.number(Fraction(size.evaluate(self.sizes)))]
            case Component():
                return self._component(term)
            case Delta(left=left, right=right):
                difference = left - right
                return self._by_position((difference,), lambda p: 1 if p[0] == 0 else 0)
            case Bracket(position=position, size=size):
                length = size.evaluate(self.sizes)
                return self._by_position((position,), lambda p: 1 if 0 <= p[0] < length else 0)
            case Product():
                return self._product(term)
            case Add(terms=terms):
                indices, columns = self._together(terms)
                return indices, [sum(row) for row in zip(*columns, strict=True)]
            case Power(base=base, exponent=exponent):
                return self._power(base, exponent)
            case Function(head=head, arguments=(argument,)):
                indices, flat = self.over_free(argument)
                return indices, self.applied(head.name, flat)
            case Sum():
                return self._sum(term)
            case Relation(operator=operator, left=left, right=right):
                indices, (a, b) = self._together((left, right))
                holds = COMPARISONS[operator]
                return indices, [holds(x.real, y.real) for x, y in zip(a, b, strict=True)]
            case Piecewise():
                return self._piecewise(term)
            case Derivative():
                return self._derivative(term)
        raise EvaluationError(f"no value for {type(term).__name__}")

    def _together(self, terms: Iterable[Term]) -> tuple[tuple[Index, ...], list[list[Any]]]:
        tables = [self.over_free(t) for t in terms]
        indices = tuple(dict.fromkeys(i for own, _ in tables for i in own))
        sizes = tuple(self.size(i) for i in indices)
        return indices, [self._aligned(table, indices, sizes) for table in tables]

    @staticmethod
    def _aligned(table: Table, indices: tuple[Index, ...], sizes: tuple[int, ...]) -> list[Any]:
        own, flat = table
        if own == indices:
            return flat
        places = tuple(indices.index(i) for i in own)
        return [flat[p] for p in _gather(sizes, places)]

    def _by_position(self, slots: tuple[Affine, ...], value: Callable[[list[int]], Any]) -> Table:
        indices = tuple(dict.fromkeys(i for slot in slots for i in slot.indices))
        offsets = [slot.offset.evaluate(self.sizes) for slot in slots]
        weights = [[slot.coefficient(i) for i in indices] for slot in slots]
        flat = []
        for at in itertools.product(*(range(self.size(i)) for i in indices)):
            flat.append(
                value([o + sum(map(int.__mul__, w, at)) for o, w in zip(offsets, weights, strict=True)])
            )
        return indices, flat

    def _component(self, term: Component) -> Table:
        array = self.array(term.symbol.name)
        plain = tuple(slot.index for slot in term.indices)
        if None not in plain and len(set(plain)) == len(plain):
            return plain, array.flat  # type: ignore[return-value]
        return self._by_position(term.indices, lambda p: self._entry(array, p))

    def _entry(self, array: Array, position: Sequence[int]) -> Any:
        if all(0 <= p < n for p, n in zip(position, array.shape, strict=True)):
            return array[tuple(position)]
        return self.arithmetic.nan

    def _product(self, term: Product) -> Table:
        parts = factors(term)
        indices, columns = self._together(parts)
        masks = [c for p, c in zip(parts, columns, strict=True) if isinstance(p, Delta | Bracket)]
        others = [c for p, c in zip(parts, columns, strict=True) if not isinstance(p, Delta | Bracket)]
        flat = others[0] if others else [1] * len(columns[0])
        for column in others[1:]:
            flat = [a * b for a, b in zip(flat, column, strict=True)]
        for mask in masks:
            # chosen and not multiplied: beside a bracket that is 0 stands an entry outside its array
            flat = [v if m else 0 for v, m in zip(flat, mask, strict=True)]
        return indices, flat

    def _sum(self, term: Sum) -> Table:
        bound, body = term.opened
        own, flat = self.over_free(body)
        repeats = 1
        for index in bound:
            if index not in own:
                repeats *= self.size(index)
        kept = tuple(i for i in own if i not in bound)
        inner = tuple(i for i in own if i in bound)
        length = math.prod(self.size(i) for i in inner)
        order = kept + inner
        flat = self._aligned((own, flat), order, tuple(self.size(i) for i in order))
        rows = math.prod(self.size(i) for i in kept)
        summed = [sum(flat[n * length : (n + 1) * length]) for n in range(rows)]
        return kept, summed if repeats == 1 else [v * repeats for v in summed]

    def _piecewise(self, term: Piecewise) -> Table:
        n = len(term.conditions)
        indices, columns = self._together(term.children)
        conditions, values, otherwise = columns[:n], columns[n:-1], columns[-1]
        flat = []
        for row in range(len(otherwise)):
            chosen = next((k for k in range(n) if conditions[k][row]), None)
            flat.append(otherwise[row] if chosen is None else values[chosen][row])
        return indices, flat

    def applied(self, name: str, flat: list[Any]) -> list[Any]:
        """An elementwise function of each number; NaN outside its domain and where it has no value."""
        function = record(name)
        value, functions, nan = function.value, self.functions, self.arithmetic.nan
        number = self.arithmetic.number
        lower, upper = (
            None if end is None else number(end) for end in (function.domain.lower, function.domain.upper)
        )

        def guarded(x: Any) -> Any:
            if (lower is not None and not x.real > lower) or (upper is not None and not x.real < upper):
                return nan
            try:
                return value(functions, x)
            except (*_UNDEFINED, AttributeError):
                return nan

        if lower is None and upper is None:
            try:
                return [value(functions, x) for x in flat]
            except (*_UNDEFINED, AttributeError):
                return [guarded(x) for x in flat]
        return [guarded(x) for x in flat]

    def _power(self, base: Term, exponent: Term) -> Table:
        if isinstance(exponent, Number):
            indices, flat = self.over_free(base)
            value = exponent.value
            if value.denominator == 1:
                return indices, self._each(flat, lambda b, e=int(value): b**e)
            root = self.arithmetic.number(value)
            return indices, self._each(flat, lambda b: self._real_power(b, root))
        indices, (bases, exponents) = self._together((base, exponent))
        pairs = list(zip(bases, exponents, strict=True))
        return indices, self._each(pairs, lambda p: self.power(*p))

    def _real_power(self, base: Any, exponent: Any) -> Any:
        if self.arithmetic.exact:
            return self.arithmetic.nan
        if base.real > 0:
            return base**exponent
        return base * 0 if base == 0 and exponent.real > 0 else self.arithmetic.nan

    def power(self, base: Any, exponent: Any) -> Any:
        """The real power; NaN where there is none, an error at a pole."""
        if exponent.imag == 0 and exponent.real == int(exponent.real):
            return base ** int(exponent.real)
        return self._real_power(base, exponent)

    def _each(self, values: list[Any], operation: Callable[..., Any]) -> list[Any]:
        try:
            return [operation(v) for v in values]
        except (*_UNDEFINED, TypeError):
            return [self._or_nan(operation, v) for v in values]

    def _or_nan(self, operation: Callable[..., Any], value: Any) -> Any:
        try:
            return operation(value)
        except (*_UNDEFINED, TypeError):
            return self.arithmetic.nan

    # ---- derivatives not yet taken

    def _derivative(self, term: Derivative) -> Table:
        body, symbol, held = term.body, term.symbol, term.held
        own = self.over_free(body)[0]
        columns: dict[int, list[Any]] = {}
        shape = self.array(symbol.name).shape

        def column(position: list[int]) -> list[Any]:
            place = 0
            for p, n in zip(position, shape, strict=True):
                if not 0 <= p < n:
                    return [self.arithmetic.nan] * math.prod(self.size(i) for i in own)
                place = place * n + p
            if place not in columns:
                columns[place] = self._slope(body, own, symbol, held, place)
            return columns[place]

        indices, found = self._by_position(term.indices, column)
        union = tuple(dict.fromkeys((*own, *indices)))
        sizes = tuple(self.size(i) for i in union)
        rows = _gather(sizes, tuple(union.index(i) for i in own))
        places = _gather(sizes, tuple(union.index(i) for i in indices))
        return union, [found[p][r] for p, r in zip(places, rows, strict=True)]

    def _slope(
        self, body: Term, own: tuple[Index, ...], symbol: Symbol, held: tuple[str, ...], place: int
    ) -> list[Any]:
        if self.changed(symbol, held).isdisjoint(names_in(body)):
            return [0] * math.prod(self.size(i) for i in own)

        def values(step: Any) -> Array:
            return self.moved(symbol, held, ((place, step),)).table(body, own)

        if not self._analytic(body, symbol, held):
            return self._differences(values).flat
        step = self.arithmetic.imaginary
        return [_slope(v, step) for v in values(step).flat]

    def _differences(self, values: Callable[[Any], Array]) -> Array:
        h = self.arithmetic.shift
        far_left, left, right, far_right = (values(n * h) for n in (-2, -1, 1, 2))
        rows = zip(far_left.flat, left.flat, right.flat, far_right.flat, strict=True)
        return Array(left.shape, [(a - 8 * b + 8 * c - d) / (12 * h) for a, b, c, d in rows])

    def moved(self, symbol: Symbol, held: tuple[str, ...], steps: tuple[tuple[int, Any], ...]) -> "Point":
        """This point with entries of an input or a name changed, and with them what comes after."""
        key = (symbol.name, held, steps)
        if key not in self._moved:
            self._moved[key] = _Moved(self, symbol, held, steps)
        return self._moved[key]

    def along(self, body: Term, indices: Sequence[Index], symbol: Symbol, direction: Array) -> Array:
        """The derivative of the body in one direction of the symbol: one evaluation, whatever its size."""

        def values(step: Any) -> Array:
            steps = tuple((n, step * self.arithmetic.number(d)) for n, d in enumerate(direction.flat))
            return self.moved(symbol, (), steps).table(body, indices)

        if not self._analytic(body, symbol, ()):
            return self._differences(values)
        step = self.arithmetic.imaginary
        found = values(step)
        return Array(found.shape, [_slope(v, step) for v in found.flat])

    def changed(self, symbol: Symbol, held: tuple[str, ...]) -> frozenset[str]:
        """Names whose value changes with the symbol."""
        later = (d.symbol for d in self.definitions)
        return frozenset(
            {symbol.name} | {s.name for s in later if self.definitions.name_depends(s, symbol, held)}
        )

    def _analytic(self, body: Term, symbol: Symbol, held: tuple[str, ...]) -> bool:
        """Whether a complex step gives the derivative: analytic functions only, no derivative inside."""
        if self.arithmetic.exact or not self.complex_step or (isinstance(self, _Moved) and self.complex):
            return False
        changed = self.changed(symbol, held)
        seen: set[str] = set()

        def analytic(term: Term) -> bool:
            names = names_in(term)
            if changed.isdisjoint(names):
                return True
            if isinstance(term, Derivative):
                return False
            if isinstance(term, Function) and not record(term.head.name).complex_step:
                return False
            if (
                isinstance(term, Component)
                and term.symbol.name != symbol.name
                and term.symbol.name not in seen
            ):
                seen.add(term.symbol.name)
                return analytic(self.definitions[term.symbol.name].body)
            return all(analytic(child) for child in term.children)

        return analytic(body)


class _Moved(Point):
    """A point with one entry changed; what does not depend on it is read from where it came from."""

    def __init__(
        self, origin: Point, symbol: Symbol, held: tuple[str, ...], steps: tuple[tuple[int, Any], ...]
    ) -> None:
        super().__init__(origin.definitions, origin.sizes, origin.inputs, origin.arithmetic, origin.offsets)
        self.origin = origin
        self.different = origin.changed(symbol, held)
        new = origin.array(symbol.name)
        for place, step in steps:
            new = new.replaced(place, new.flat[place] + step)
        self._arrays[symbol.name] = new
        self.complex = any(step.imag != 0 for _, step in steps)
        self.complex_step = origin.complex_step
        if self.complex:
            self.functions = origin.arithmetic.complex_functions

    def array(self, name: str) -> Array:
        return super().array(name) if name in self.different else self.origin.array(name)

    def over_free(self, term: Term) -> Table:
        if self.different.isdisjoint(names_in(term)):
            return self.origin.over_free(term)
        return super().over_free(term)


# ---- helpers ---------------------------------------------------------------------------------------------


def _slope(value: Any, step: Any) -> Any:
    """The derivative from a complex step; none where the value itself does not exist."""
    return value.imag / step.imag + 0 * value.real


def names_in(term: Term) -> frozenset[str]:
    """Names of all symbols whose value the term reads; kept with the term, which never changes."""
    found = term.__dict__.get("_names_in")
    if found is None:
        own = (term.symbol.name,) if isinstance(term, Component) else ()
        found = frozenset(own).union(*(names_in(child) for child in term.children))
        term.__dict__["_names_in"] = found
    return found


@lru_cache(maxsize=4096)
def _gather(sizes: tuple[int, ...], places: tuple[int, ...]) -> tuple[int, ...]:
    """Where to read a table over some of the axes, for each position of the table over all of them."""
    strides = [0] * len(sizes)
    step = 1
    for place in reversed(places):
        strides[place] += step
        step *= sizes[place]
    rows = [0]
    for size, stride in zip(sizes, strides, strict=True):
        rows = [row + n * stride for row in rows for n in range(size)]
    return tuple(rows)
