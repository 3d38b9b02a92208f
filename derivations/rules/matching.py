"""Pattern matching: where a definition or a fact stands inside a term.

The pattern's free indices that are listed as variables may stand for any index expression; everything else
must agree.  Sums of terms and products match in any order, bound indices one to one.
"""

import itertools
from collections.abc import Iterator, Mapping

from derivations.arithmetic import coefficient_and_rest, factors, plain, summands
from derivations.canonical import signed_key
from derivations.indices import Affine, Index
from derivations.terms import Add, Bracket, Component, Delta, Function, Power, Product, Sum, Term

Binding = Mapping[Index, Affine]
_OPERANDS = 7  # sums of terms and products with more operands are only matched in the order they stand


def matches(pattern: Term, term: Term, variables: frozenset[Index]) -> Iterator[Binding]:
    """Every binding of the variables for which the pattern is the term."""
    yield from _match(plain(pattern), plain(term), {}, _Context(variables, {}))


def first_match(pattern: Term, term: Term, variables: frozenset[Index]) -> Binding | None:
    return next(matches(pattern, term, variables), None)


class _Context:
    """The variables, and which bound index of the pattern stands for which of the term."""

    def __init__(self, variables: frozenset[Index], bound: Mapping[Index, Index]) -> None:
        self.variables = variables
        self.bound = bound

    def inside(self, pairs: Mapping[Index, Index]) -> "_Context":
        return _Context(self.variables, {**self.bound, **pairs})


def _slot(pattern: Affine, term: Affine, binding: Binding, context: _Context) -> Binding | None:
    index = pattern.index
    if index is None or index not in context.variables:
        renamed = pattern.replace(
            lambda part: Affine.of(context.bound[part]) if part in context.bound else None  # type: ignore[index]
        )
        for part, _ in pattern.parts:
            if part in context.variables:
                if part not in binding:
                    return None
                renamed = renamed.replace(
                    lambda p, part=part: binding[part] if p == part else None  # type: ignore[misc]
                )
        return binding if renamed == term else None
    if index in binding:
        return binding if binding[index] == term else None
    plain_index = term.index
    if plain_index is not None and plain_index.axis != index.axis:
        return None
    if any(i in context.bound.values() for i in term.indices):
        return None  # a variable cannot stand for an index that is bound inside the term
    return {**binding, index: term}


def _slots(
    pattern: tuple[Affine, ...], term: tuple[Affine, ...], binding: Binding, context: _Context
) -> Binding | None:
    found: Binding | None = binding
    for p, t in zip(pattern, term, strict=True):
        if found is None:
            return None
        found = _slot(p, t, found, context)
    return found


def _in_order(
    patterns: tuple[Term, ...], terms: tuple[Term, ...], binding: Binding, context: _Context
) -> Iterator[Binding]:
    if len(patterns) != len(terms):
        return
    if not patterns:
        yield binding
        return
    for found in _match(patterns[0], terms[0], binding, context):
        yield from _in_order(patterns[1:], terms[1:], found, context)


def _in_any_order(
    patterns: list[Term], terms: list[Term], binding: Binding, context: _Context
) -> Iterator[Binding]:
    if len(patterns) != len(terms):
        return
    if len(patterns) > _OPERANDS:
        yield from _in_order(tuple(patterns), tuple(terms), binding, context)
        return
    if not patterns:
        yield binding
        return
    for n, term in enumerate(terms):
        for found in _match(patterns[0], term, binding, context):
            yield from _in_any_order(patterns[1:], terms[:n] + terms[n + 1 :], found, context)


def _match(pattern: Term, term: Term, binding: Binding, context: _Context) -> Iterator[Binding]:
    if not pattern.free & (context.variables | context.bound.keys()):
        if signed_key(pattern) == signed_key(term):
            yield binding
        return
    if type(pattern) is not type(term):
        return
    match pattern, term:
        case Component(symbol=a), Component(symbol=b) if a.name == b.name:
            orders = [term.indices]
            if b.symmetric and len(term.indices) == 2:
                orders.append(term.indices[::-1])
            for order in orders:
                found = _slots(pattern.indices, order, binding, context)
                if found is not None:
                    yield found
        case Delta(), Delta():
            for order in ((term.left, term.right), (term.right, term.left)):
                found = _slots((pattern.left, pattern.right), order, binding, context)
                if found is not None:
                    yield found
        case Bracket(size=a), Bracket(size=b) if a == b:
            found = _slot(pattern.position, term.position, binding, context)
            if found is not None:
                yield found
        case Product(), Product():
            (c, p), (d, t) = coefficient_and_rest(pattern), coefficient_and_rest(term)
            if c == d:
                yield from _in_any_order(factors(p), factors(t), binding, context)
        case Add(), Add():
            yield from _in_any_order(summands(pattern), summands(term), binding, context)
        case Sum(axes=a), Sum(axes=b) if sorted(x.name for x in a) == sorted(x.name for x in b):
            own, body = pattern.opened
            other, inner = term.freshly_opened()
            for partners in itertools.permutations(other):
                if all(i.axis == j.axis for i, j in zip(own, partners, strict=True)):
                    pairs = dict(zip(own, partners, strict=True))
                    yield from _match(body, inner, binding, context.inside(pairs))
        case Power(), Power():
            yield from _in_order(pattern.children, term.children, binding, context)
        case Function(head=a), Function(head=b) if a == b:
            yield from _in_order(pattern.children, term.children, binding, context)
