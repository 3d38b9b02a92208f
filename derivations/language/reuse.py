"""A formula inside another one: its definitions on the caller's symbols, axes and names.

Done on index terms and not on SymPy expressions: substitution there captures bound indices, and cannot turn
the vector of a formula into the rows of a caller's matrix.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from derivations.indices import Affine, Axis, Bound, Index, Size
from derivations.scope import Definition, Definitions, Fact
from derivations.terms import (
    Bracket,
    Component,
    Derivative,
    Number,
    Product,
    SizeOf,
    Sum,
    Symbol,
    Term,
    bind,
    substitute,
)


class Whole(NamedTuple):
    """A term with the indices that play its axes, in order; None is an axis of length 1 that broadcasts."""

    term: Term
    axes: tuple[Index | None, ...] = ()

    def renewed(self) -> "Whole":
        """The same with fresh indices, so that two uses of one array do not share them."""
        new = {index: index.fresh() for index in self.axes if index is not None}
        axes = tuple(None if index is None else new[index] for index in self.axes)
        return Whole(substitute(self.term, new), axes)

    def at(self, slots: Iterable[Affine | Index | int]) -> Term:
        """The entry for these index expressions."""
        pairs = zip(self.axes, slots, strict=True)
        return substitute(self.term, {index: slot for index, slot in pairs if index is not None})


# What stands for a component, given its carried index expressions; None leaves it as it is.
Replacement = Callable[[Symbol, tuple[Affine, ...]], Term | None]


@dataclass(frozen=True)
class Carrier:
    """A change of axes and of symbols, applied to whole terms."""

    replacement: Replacement
    axes: Mapping[str, Axis]

    def axis(self, axis: Axis) -> Axis:
        return self.axes.get(axis.name, axis)

    def size(self, size: Size) -> Size:
        changed = Size()
        for names, coefficient in size.monomials:
            part = Size.of(coefficient)
            for name in names:
                part = part * (self.axes[name].size if name in self.axes else Size.of(name))
            changed = changed + part
        return changed

    def letter(self, index: Index) -> str:
        """The letter that the caller's axis has in the place of this one, where it declares letters."""
        old, new = index.axis.letters, self.axis(index.axis).letters
        if not new or index.letter in new:
            return index.letter
        place = old.index(index.letter) if index.letter in old else len(old)
        return new[min(place, len(new) - 1)]

    def index(self, index: Index) -> Index:
        return Index(self.letter(index), self.axis(index.axis), index.serial)

    def slot(self, slot: Affine, opened: Mapping[Index, Index]) -> Affine:
        def change(part: Index | Bound) -> Affine | None:
            return Affine.of(opened.get(part) or self.index(part)) if isinstance(part, Index) else None

        changed = slot.replace(change)
        return Affine(changed.parts, self.size(changed.offset))

    def term(self, term: Term, opened: Mapping[Index, Index] | None = None) -> Term:
        opened = opened or {}
        slots = tuple(self.slot(slot, opened) for slot in term.slots)
        if isinstance(term, Sum):
            indices, body = term.freshly_opened()
            new = {index: self.index(index).fresh() for index in indices}
            return bind(tuple(new.values()), self.term(body, {**opened, **new}))
        if isinstance(term, Component):
            found = self.replacement(term.symbol, slots)
            return Component(self.symbol(term.symbol), slots) if found is None else found
        if isinstance(term, SizeOf):
            return SizeOf(self.size(term.size))
        if isinstance(term, Bracket):
            return Bracket(slots[0], self.size(term.size))
        if isinstance(term, Derivative):
            return Derivative(self.term(term.body, opened), self.symbol(term.symbol), slots, term.held)
        children = tuple(self.term(child, opened) for child in term.children)
        if isinstance(term, Product) and term.authored:
            # what replaces a symbol may be a product: -(beta x) is read as -beta x, but not -(-x) as --x
            return Product(tuple(f for child in children for f in _authored_factors(child)), authored=True)
        return term.rebuild(children, slots)

    def symbol(self, symbol: Symbol) -> Symbol:
        axes = tuple(self.axis(axis) for axis in symbol.axes)
        return symbol if axes == symbol.axes else replace(symbol, axes=axes)


def _authored_factors(term: Term) -> tuple[Term, ...]:
    joins = isinstance(term, Product) and term.authored and not isinstance(term.factors[0], Number)
    return term.factors if joins else (term,)  # type: ignore[attr-defined]


def followed(term: Term, definitions: Definitions, inputs: Mapping[str, Whole]) -> Term:
    """The term at other inputs: names that depend on them are replaced by their definitions."""
    changed = tuple(inputs)

    def replacement(symbol: Symbol, slots: tuple[Affine, ...]) -> Term | None:
        if symbol.name in inputs:
            return inputs[symbol.name].renewed().at(slots)
        definition = definitions.get(symbol.name)
        if definition is None:
            return None
        if not any(definitions.name_depends(symbol, Symbol(name)) for name in changed):
            return None
        return Carrier(replacement, {}).term(definition.at(slots))

    return Carrier(replacement, {}).term(term)


@dataclass(frozen=True)
class Use:
    """A call `softmax(z=scores, over=K)`: the formula, its arguments as wholes, and where its axes go.

    `batch` are the axes of the arguments that the formula does not know; every name gets them. `core` are the
    positions of the formula's own axes in an argument, which may stand anywhere in it.
    """

    formula: Any
    arguments: Mapping[str, Whole]
    axes: Mapping[str, Axis]
    batch: tuple[Axis, ...]
    core: tuple[int, ...]
    quantities: tuple[Any, ...]  # the caller's symbols that occur in the arguments
    output: str

    def layout(self, own: tuple[Axis, ...], core_of_input: tuple[Axis, ...]) -> tuple[int, ...]:
        """For each axis of the caller's array: its number among (batch, own axes)."""
        count = len(self.batch)
        if own != core_of_input:
            return tuple(range(count + len(own)))
        places = {position: count + number for number, position in enumerate(self.core)}
        rest = iter(range(count))
        return tuple(
            places[position] if position in places else next(rest) for position in range(count + len(own))
        )

    def definitions(self, names: Mapping[str, Symbol]) -> tuple[tuple[Definition, ...], tuple[Fact, ...]]:
        """What the caller's scope gains; `names` are the caller's symbols for the names of the formula."""
        scope = self.formula.scope
        names_only = Carrier(lambda symbol, slots: None, self.axes)
        taken = {names_only.letter(index) for d in scope.definitions for index in d.indices}
        batch = []
        for axis in self.batch:
            letter = next(candidate for candidate in _letters(axis) if candidate not in taken)
            taken.add(letter)
            batch.append(Index(letter, axis))
        slots_of_batch = tuple(Affine.of(index) for index in batch)
        core_of_input = next((s.axes for s in scope.inputs if len(s.axes) == len(self.core)), ())

        def arranged(own: tuple[Affine, ...], axes: tuple[Axis, ...]) -> tuple[Affine, ...]:
            everything = (*slots_of_batch, *own)
            return tuple(everything[n] for n in self.layout(axes, core_of_input))

        def replacement(symbol: Symbol, slots: tuple[Affine, ...]) -> Term | None:
            if symbol.name in self.arguments:
                whole = self.arguments[symbol.name].renewed()
                everything = arranged(slots, symbol.axes) if len(whole.axes) > len(slots) else slots
                return whole.at(everything)
            if symbol.name in names:
                return Component(names[symbol.name], arranged(slots, symbol.axes))
            return None

        carrier = Carrier(replacement, self.axes)
        definitions = tuple(
            Definition(
                names[d.symbol.name],
                tuple(
                    i
                    for slot in arranged(
                        tuple(Affine.of(carrier.index(index)) for index in d.indices), d.symbol.axes
                    )
                    for i in slot.indices
                ),
                carrier.term(d.body),
                d.operation,
                d.uses or self.formula.id,
            )
            for d in scope.definitions
        )
        facts = tuple(
            Fact(carrier.term(fact.left), carrier.term(fact.right), fact.assumed) for fact in scope.facts
        )
        return definitions, facts

    def axes_of(self, symbol: Symbol) -> tuple[Axis, ...]:
        """The axes that a name of the formula has in the caller's scope."""
        scope = self.formula.scope
        core_of_input = next((s.axes for s in scope.inputs if len(s.axes) == len(self.core)), ())
        everything = (*self.batch, *(self.axes.get(axis.name, axis) for axis in symbol.axes))
        return tuple(everything[n] for n in self.layout(symbol.axes, core_of_input))


def _letters(axis: Axis) -> tuple[str, ...]:
    return (*axis.letters, *"nmijklrqtuvabcdhow")
