"""The names of one text: those that its writer declared or assigned, and those that the parser introduces.

A mean, a scale, probabilities or activations inside a longer expression get the names that people give them,
so that results come out in these.  An introduced name is never one that occurs in the text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    factors,
    next_letter,
    nonnegative,
    positive,
    settled,
    with_distinct_letters,
)
from derivations.domains import NONNEGATIVE, POSITIVE, REAL, UNIT, Domain
from derivations.indices import Affine, Axis, Index
from derivations.language.arrays import authored_product
from derivations.language.reuse import Whole
from derivations.scope import Definition, Definitions, Fact, Scope
from derivations.structure import structure_of
from derivations.terms import (
    Component,
    Function,
    Number,
    Piecewise,
    Power,
    Product,
    Relation,
    Sum,
    Symbol,
    Term,
    bind,
    substitute,
    subterms,
)


@dataclass(frozen=True)
class Kind:
    """What people call a value of this kind: as a number or a vector, and as a matrix."""

    vector: str
    matrix: str
    domain: Domain | None = None  # None: what the definition tells


_SHORT = 8  # parts of an argument that may be written twice without a name
KINDS: dict[str, Kind] = {
    "mean": Kind("mu nu m", "mu nu M"),
    "deviation": Kind("s sigma tau", "s sigma tau"),
    "normalizer": Kind("s t c", "s t c", POSITIVE),
    "norm": Kind("r d s", "r d s"),
    "probability": Kind("p q r", "P Q R", UNIT),
    "activation": Kind("h a u", "H A U"),
    "variance": Kind("v w", "v w"),
    "score": Kind("z u v", "Z U V"),
    "matrix": Kind("M N L", "M N L"),
    "inverse": Kind("P Q R", "P Q R"),
    "determinant": Kind("d t c", "d t c"),
    "value": Kind("f g h", "F G H"),
}


@dataclass
class Names:
    """Symbols, definitions and facts as they come up while a text is read.

    `written` is every name that occurs in the text; with `implicit`, one without a declaration is a number.
    """

    written: frozenset[str]
    sizes: frozenset[str] = frozenset()
    implicit: bool = False
    inputs: dict[str, Symbol] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    introduced: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    at_least: dict[str, int] = field(default_factory=dict)
    latex: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(
        declared: Mapping[str, tuple[Axis, ...]] | None, written: Iterable[str], latex: Mapping[str, str]
    ) -> "Names":
        if declared is None:
            return Names(frozenset(written), implicit=True, latex=latex)
        sizes = {name for axes in declared.values() for axis in axes for name in axis.size.names}
        names = Names(frozenset(written), frozenset(sizes), latex=latex)
        for name, axes in declared.items():
            names.declare(name, axes)
        return names

    def declare(self, name: str, axes: tuple[Axis, ...] = ()) -> Symbol:
        self.inputs[name] = Symbol(name, axes, latex=self.latex.get(name, ""))
        return self.inputs[name]

    def get(self, name: str) -> Symbol | None:
        definition = self.definitions.get(name)
        return definition.symbol if definition is not None else self.inputs.get(name)

    # ---- definitions ----

    def define(self, name: str, whole: Whole, domain: Domain | None = None) -> Whole:
        """The name stands for the array from now on; every free index becomes an axis in front."""
        whole = Whole(settled(whole.term), whole.axes)
        indices = own_indices(whole)
        axes = tuple(index.axis for index in indices)
        symbol = Symbol(name, axes, domain or known_of(whole.term, indices), self.latex.get(name, ""))
        self.definitions[name] = Definition(symbol, indices, whole.term)
        return Whole(Component(symbol, tuple(map(Affine.of, indices))), whole.axes)

    def adopt(self, definition: Definition) -> None:
        """A definition that is made, with an operation, under a name that the text does not have."""
        self.definitions[definition.symbol.name] = definition
        self.introduced.append(definition.symbol.name)

    def renamed(self, old: Symbol, name: str) -> Symbol | None:
        """An inverse or determinant under the name that its line gives, where nothing uses the other yet."""
        definition = self.definitions[old.name]
        last = next(reversed(self.definitions))
        if not definition.operation or last != old.name or old.name not in self.introduced:
            return None
        del self.definitions[old.name]
        self.introduced.remove(old.name)
        symbol = replace(old, name=name, latex=self.latex.get(name, ""))
        self.definitions[name] = replace(definition, symbol=symbol)
        return symbol

    def introduce(self, whole: Whole, kind: str) -> Whole:
        """The array by a name: one that it has already, or a new one of this kind."""
        if isinstance(whole.term, Component):
            return whole
        indices = own_indices(whole)
        axes = tuple(index.axis for index in indices)
        for definition in self.definitions.values():
            if definition.symbol.axes == axes and definition.at(map(Affine.of, indices)) == whole.term:
                return Whole(Component(definition.symbol, tuple(map(Affine.of, indices))), whole.axes)
        name = self.unused(kind, len(indices))
        self.introduced.append(name)
        return self.define(name, whole, KINDS[kind].domain)

    def unused(self, kind: str, order: int) -> str:
        """A name of this kind that neither the text nor its declarations use."""
        words = (KINDS[kind].matrix if order > 1 else KINDS[kind].vector).split()
        taken = self.written | self.sizes | self.inputs.keys() | self.definitions.keys()
        more = (f"{words[0]}{number}" for number in range(1, len(taken) + 2))
        return next(name for name in (*words, *more) if name not in taken)

    def adds_up(self, probabilities: Whole, over: tuple[int, ...]) -> None:
        """What follows from a softmax: its values over these axes add up to 1."""
        gone = tuple(i for place, i in enumerate(probabilities.axes) if place in over and i is not None)
        if gone:
            self.facts.append(Fact(bind(gone, probabilities.term), ONE, assumed=False))

    def offer_shares(self) -> tuple[str, ...]:
        """Names for what a sum of exponentials gives when it is differentiated: the share of each summand.

        A log-sum-exp does not contain its softmax, and its derivatives do.  A derivation that has no use for
        the name drops it.
        """
        before = len(self.introduced)
        for definition in tuple(self.definitions.values()):
            inside = [] if definition.operation else list(subterms(definition.body))[1:]
            for sub in inside:
                if isinstance(sub, Sum) and _adds_exponentials(sub):
                    indices, body = sub.freshly_opened()
                    share = authored_product(body, Power(sub, MINUS_ONE))
                    whole = self.introduce(Whole(share, indices), "probability")
                    self.adds_up(whole, tuple(range(len(indices))))
        offered = tuple(self.introduced[before:])
        del self.introduced[before:]
        return offered

    # ---- the end ----

    def scope(self) -> Scope:
        """Everything with its final letters: no scope repeats one, and none is a name."""
        taken = self.inputs.keys() | self.definitions.keys() | self.sizes
        return Scope(
            tuple(self.inputs.values()),
            Definitions(_lettered(definition, taken) for definition in self.definitions.values()),
            tuple(_lettered_fact(fact, taken) for fact in self.facts),
            tuple(sorted(self.at_least.items())),
        )


def _adds_exponentials(term: Sum) -> bool:
    """A sum of exponentials, each of another argument; with weights only where these are surely positive."""
    indices, body = term.opened
    exponentials = [f for f in factors(body) if isinstance(f, Function) and f.head.name == "exp"]
    return positive(body) and any(not f.free.isdisjoint(indices) for f in exponentials)


def domain_of(term: Term) -> Domain:
    """What the form of a definition tells about its values."""
    if positive(term):
        return POSITIVE
    # a root that exists is not negative, whatever stands under it
    root = isinstance(term, Power) and isinstance(term.exponent, Number) and term.exponent.value == HALF.value
    return NONNEGATIVE if root or nonnegative(term) else REAL


def known_of(term: Term, indices: tuple[Index, ...]) -> Domain:
    """What the form tells about the entries, and about the matrix as a whole."""
    domain = domain_of(term)
    if len(indices) != 2:
        return domain
    found = structure_of(term, *indices)
    if not found.structure or domain == REAL:
        return found if found.structure else domain
    return replace(domain, name=found.name, latex=found.latex, structure=found.structure)


def own_indices(whole: Whole) -> tuple[Index, ...]:
    """All free indices of an array: written ones in order of appearance, then its axes."""
    axes = [index for index in whole.axes if index is not None]
    seen: dict[Index, None] = {}
    for sub in subterms(whole.term):
        for slot in sub.slots:
            seen.update(dict.fromkeys(i for i in slot.indices if i in whole.term.free and i not in axes))
    return (*seen, *axes)


def _renamed(indices: Iterable[Index], taken: set[str]) -> dict[Index, Affine | Index | int]:
    new: dict[Index, Affine | Index | int] = {}
    for index in indices:
        letter = index.letter if index.letter not in taken else next_letter(index.axis, taken)
        taken.add(letter)
        new[index] = Index(letter, index.axis)
    return new


def _lettered(definition: Definition, names: Iterable[str]) -> Definition:
    taken = set(names)
    new = _renamed(definition.indices, taken)
    if definition.operation == "determinant":
        inner = sorted(definition.body.free - set(definition.indices), key=lambda i: (i.letter, i.serial))
        definition = replace(definition, body=substitute(definition.body, _renamed(inner, taken)))
    body = with_distinct_letters(substitute(definition.body, new), taken)
    return replace(definition, indices=tuple(new.values()), body=body)  # type: ignore[arg-type]


def _lettered_fact(fact: Fact, names: Iterable[str]) -> Fact:
    taken = set(names)
    both = Relation("==", fact.left, fact.right)
    both = with_distinct_letters(substitute(both, _renamed(own_indices(Whole(both)), taken)), taken)  # type: ignore[assignment]
    return Fact(both.left, both.right, fact.assumed)


# ---- what people name -------------------------------------------------------------------------------------


def statistic(term: Term) -> str:
    """Which statistic a term is by its form: a mean, the root of one, a norm; empty if none."""
    if isinstance(term, Power) and isinstance(term.exponent, Number) and term.exponent.value.denominator == 2:
        inside = list(subterms(term.base))
        if any(map(_is_mean, inside)):
            return "deviation"
        return "norm" if any(isinstance(sub, Sum) for sub in inside) else ""
    if not _is_mean(term):
        return ""
    body = term.children[-1].children[0]
    return "variance" if isinstance(body, Power) and body.exponent == TWO else "mean"


def _is_mean(term: Term) -> bool:
    if not (isinstance(term, Product) and term.authored and isinstance(term.factors[-1], Sum)):
        return False
    return all(isinstance(f, Power) and f.exponent == MINUS_ONE for f in term.factors[:-1])


def summed_axes(term: Term) -> set[Axis]:
    return {axis for sub in subterms(term) if isinstance(sub, Sum) for axis in sub.axes}


def is_long(term: Term) -> bool:
    """Whether an argument is too long to be written twice."""
    parts = list(subterms(term))
    return len(parts) > _SHORT or any(isinstance(sub, Sum | Piecewise) for sub in parts)
