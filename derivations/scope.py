"""What the engine knows when it works: inputs, named intermediates, facts, and the goal.

The author's language and the text parser both end here, and nothing to the right of this module knows which
of them it was.  An inverse or a determinant is a name with an operation, not a node: its body is the matrix
it is taken of, so dependence, evaluation and kernels treat it like every other name.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from derivations.indices import Affine, Index
from derivations.terms import Component, Relation, Symbol, Term, substitute, subterms
from derivations.words import Text


@dataclass(frozen=True)
class Definition:
    """`symbol[indices] = body`, or the operation ("inverse", "determinant") applied to that array.

    `uses` is the id of the formula that this name is taken from, if any.
    """

    symbol: Symbol
    indices: tuple[Index, ...]
    body: Term
    operation: str = ""
    uses: str = ""

    def at(self, slots: Iterable[Affine]) -> Term:
        """The body for these index expressions."""
        return substitute(self.body, dict(zip(self.indices, slots, strict=True)))

    @property
    def left(self) -> Component:
        return Component(self.symbol, tuple(Affine.of(i) for i in self.indices))


class Definitions:
    """The named intermediates of a formula, in order of definition."""

    def __init__(self, definitions: Iterable[Definition] = ()) -> None:
        self._by_name: dict[str, Definition] = {d.symbol.name: d for d in definitions}
        self._memory: dict[tuple[str, str, tuple[str, ...]], bool] = {}

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Definition:
        return self._by_name[name]

    def get(self, name: str) -> Definition | None:
        return self._by_name.get(name)

    def extended(self, *more: Definition) -> "Definitions":
        return Definitions((*self, *more))

    def depends(self, term: Term, symbol: Symbol, held: tuple[str, ...] = ()) -> bool:
        """Whether the value of the term changes with the symbol, through every name not in `held`."""
        return any(
            isinstance(sub, Component) and self.name_depends(sub.symbol, symbol, held)
            for sub in subterms(term)
        )

    def name_depends(self, name: Symbol, symbol: Symbol, held: tuple[str, ...] = ()) -> bool:
        """The same for a whole symbol; every symbol depends on itself, also when it is held."""
        if name.name == symbol.name:
            return True
        if name.name not in self._by_name or name.name in held:
            return False
        key = (name.name, symbol.name, held)
        if key not in self._memory:
            self._memory[key] = self.depends(self._by_name[name.name].body, symbol, held)
        return self._memory[key]


@dataclass(frozen=True)
class Fact:
    """`left = right` for all values of its free indices.

    `assumed` facts restrict the inputs and become a condition of every result that uses them; the others
    follow from the definitions.
    """

    left: Term
    right: Term
    assumed: bool


@dataclass(frozen=True)
class Goal:
    """An entry of `ask`: a question about `target`, with the variables it is asked for.

    `kind` is one of "derivative", "gradient", "jacobian", "hessian", "vjp", "stationary".
    """

    kind: str
    target: Symbol
    variables: tuple[Symbol, ...]

    @property
    def question(self) -> str:
        """The kind, by the name under which people know it."""
        twice = self.kind == "derivative" and len(self.variables) == 2
        return "second_derivative" if twice else self.kind

    @property
    def id(self) -> str:
        return "-".join((self.kind, self.target.name, *(v.name for v in self.variables)))


_CHAINS = {"vjp": "bar", "stationary": "solve"}


def chain_id(kind: str, target: str, *variables: str, held: tuple[str, ...] = ()) -> str:
    """The id of the chain that answers a question: remarks find their steps by it, and pages link to it.

    First derivatives of every kind share one, since a lemma, a gradient and a Jacobian are the same chain.
    """
    if kind == "hessian" or (kind == "derivative" and len(variables) > 1):
        return "-".join(("d2", target, *variables, variables[-1])[:4])
    return "-".join((_CHAINS.get(kind, "d"), target, *variables, *held))


@dataclass(frozen=True)
class Scope:
    """Inputs (constants included), names in order, facts, and bounds on sizes that the formula needs."""

    inputs: tuple[Symbol, ...]
    definitions: Definitions
    facts: tuple[Fact, ...] = ()
    at_least: tuple[tuple[str, int], ...] = ()  # smallest meaningful value of a size, where above 1

    def symbol(self, name: str) -> Symbol | None:
        definition = self.definitions.get(name)
        if definition is not None:
            return definition.symbol
        return next((s for s in self.inputs if s.name == name), None)

    @property
    def sizes(self) -> tuple[str, ...]:
        """Size names in order of first appearance."""
        found: dict[str, None] = {}
        for symbol in (*self.inputs, *(d.symbol for d in self.definitions)):
            for axis in symbol.axes:
                found.update(dict.fromkeys(axis.size.names))
        return tuple(found)


# ---- what people say about a formula ---------------------------------------------------------------------
#
# Free indices and inputs of a statement stand for all their values; a derivative in it is a Derivative node.


@dataclass(frozen=True)
class Interval:
    """A set of real numbers between two ends; None is infinite."""

    lower: Term | None
    upper: Term | None
    lower_closed: bool = False
    upper_closed: bool = False


@dataclass(frozen=True)
class Range:
    """The values of `value` fill this interval: none outside, closed ends reached, open ends approached."""

    value: Term
    interval: Interval


@dataclass(frozen=True)
class Limit:
    """`value` tends to `limit` as `variable` tends to `to`; the strings "+oo" and "-oo" are infinite.

    `limit` may contain the other inputs.
    """

    value: Term
    variable: Component
    to: Term | str
    limit: Term | str


@dataclass(frozen=True)
class Link:
    """One link of a chain: the relation to what stands before it, the term, and why it holds."""

    relation: str
    term: Term
    reason: Text


@dataclass(frozen=True)
class Links:
    """A chain of an author: `start relation term relation term ...`, every link checked by itself.

    `conclusions` are what the chain makes plain beyond its links, a range or limits; they are checked too.
    """

    start: Term
    links: tuple[Link, ...]
    conclusions: tuple[Range | Limit | Relation, ...] = ()


Statement = Relation | Range | Limit | Links


@dataclass(frozen=True)
class Claim:
    """A statement over a scope that can be computed.

    A condition `input = value` in `given` sets that input (an entry of it), `size = number` that size, and
    every other condition says which points count.  `expected` is "proved" (by keys, or else checked),
    "checked" or "refuted"; evidence decides, and another outcome is an error of the author.
    """

    id: str
    statement: Statement
    scope: Scope
    given: tuple[Relation, ...] = ()
    expected: str = "checked"
