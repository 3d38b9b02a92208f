"""Planted errors: what a wrong rule would have written, so that tests can ask whether the evidence notices.

Four kinds, at every place of a term where they fit: a sign turned, a summand or factor dropped, an index
exchanged, a number changed.  A change that leaves the value is no error; that must be shown, not assumed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from derivations.indices import Affine, Index
from derivations.terms import (
    Add,
    Component,
    Delta,
    Derivative,
    Number,
    Power,
    Product,
    Sum,
    Term,
    TermError,
    bind,
)

KINDS = ("sign", "drop", "swap", "factor")
_MINUS_ONE = Number(Fraction(-1))
_TWO = Number(Fraction(2))


@dataclass(frozen=True)
class Mutant:
    kind: str
    term: Term


def mutants(term: Term, others: tuple[Index, ...] = ()) -> tuple[Mutant, ...]:
    """Every single change of the four kinds, each once; indices come from the term, or from `others`."""
    found: dict[Term, str] = {}
    scope = tuple(sorted(term.free.union(others), key=lambda i: (i.letter, i.axis.name, i.serial)))
    for kind, changed in _everywhere(term, lambda t: t, scope):
        if changed != term and changed.free.issubset(scope):
            found.setdefault(changed, kind)
    return tuple(Mutant(kind, changed) for changed, kind in found.items())


def _everywhere(
    term: Term, outside: Callable[[Term], Term], scope: tuple[Index, ...]
) -> Iterator[tuple[str, Term]]:
    for kind, change in _here(term, scope):
        yield kind, outside(change)
    if isinstance(term, Sum):
        indices, body = term.opened
        yield from _everywhere(body, lambda b: outside(bind(indices, b)), scope + indices)
        return
    children = term.children
    for n, child in enumerate(children):

        def inside(new: Term, n: int = n) -> Term:
            return outside(term.rebuild((*children[:n], new, *children[n + 1 :]), term.slots))

        yield from _everywhere(child, inside, scope)


def _here(term: Term, scope: tuple[Index, ...]) -> Iterator[tuple[str, Term]]:
    if isinstance(term, Add):
        for n, summand in enumerate(term.terms):
            rest = term.terms[:n] + term.terms[n + 1 :]
            yield "sign", Add((*term.terms[:n], Product((_MINUS_ONE, summand)), *term.terms[n + 1 :]))
            yield "factor", Add((*term.terms[:n], Product((_TWO, summand)), *term.terms[n + 1 :]))
            yield "drop", rest[0] if len(rest) == 1 else Add(rest)
    elif isinstance(term, Product):
        yield "sign", Product((_MINUS_ONE, *term.factors))
        for n in range(len(term.factors)):
            others = term.factors[:n] + term.factors[n + 1 :]
            yield "drop", others[0] if len(others) == 1 else Product(others)
    elif isinstance(term, Number):
        yield "factor", Number(term.value + 1)
        yield "sign", Number(-term.value)
    elif isinstance(term, Power) and isinstance(term.exponent, Number):
        yield "factor", Power(term.base, Number(term.exponent.value + 1))
    elif isinstance(term, Component | Delta | Derivative):
        yield from (("swap", t) for t in _other_indices(term, scope))
        if not isinstance(term, Derivative):
            yield "sign", Product((_MINUS_ONE, term))
            yield "factor", Product((_TWO, term))


def _other_indices(term: Term, scope: tuple[Index, ...]) -> Iterator[Term]:
    """One index slot with another index of its axis, and two slots of one axis exchanged."""
    slots = term.slots
    for n, slot in enumerate(slots):
        for old in slot.indices:
            for new in scope:
                if new != old and new.axis == old.axis:
                    changed = slot.replace(lambda part, o=old, i=new: Affine.of(i) if part == o else None)  # type: ignore[misc]
                    yield from _rebuilt(term, (*slots[:n], changed, *slots[n + 1 :]))
    if isinstance(term, Component) and not term.symbol.symmetric:
        for n in range(len(slots)):
            for m in range(n + 1, len(slots)):
                turned = list(slots)
                turned[n], turned[m] = turned[m], turned[n]
                yield from _rebuilt(term, tuple(turned))


def _rebuilt(term: Term, slots: tuple[Affine, ...]) -> Iterable[Term]:
    try:
        return (term.rebuild(term.children, slots),)
    except TermError:
        return ()
