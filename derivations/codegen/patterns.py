"""Patterns over terms: find one side of an identity inside a term and put the other side in its place.

Every component of a pattern is a variable: `u` stands for any term, `x[k]` for any term in which the bound
index may occur.  Products and sums match in any order, part of a product or of a sum is enough, and a name is
looked through to its definition.  So the table of rewrites is plain terms, which evidence can evaluate.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from derivations.arithmetic import (
    MINUS_ONE,
    ONE,
    add,
    coefficient_and_rest,
    factors,
    number,
    power,
    product,
    rewritten,
    summands,
    total,
)
from derivations.canonical import same
from derivations.indices import Axis, Index
from derivations.scope import Definitions
from derivations.terms import Add, Component, Function, Number, Power, Product, SizeOf, Sum, Term, substitute

_MULTIPLICITY = 4  # whole powers up to this one are matched factor by factor


@dataclass(frozen=True)
class Match:
    """What the variables, bound indices and axes of a pattern stand for."""

    variables: Mapping[str, tuple[tuple[Index, ...], Term]]
    indices: Mapping[Index, Index]
    axes: Mapping[str, Axis]


EMPTY = Match({}, {}, {})


def rewritten_by(before: Term, after: Term, term: Term, names: Definitions) -> Term | None:
    """`term` with `before` replaced by `after` where it stands at the root; None where it does not."""
    if isinstance(before, Product):
        if not isinstance(term, Product | Power):
            return None
        for match, rest in _parts_of_product(before, term, EMPTY, names):
            return product(rest, instance(after, match))
        return None
    if isinstance(before, Add):
        return _part_of_sum(before, after, term, names) if isinstance(term, Add) else None
    if isinstance(before, Power) and isinstance(term, Power):
        times = _multiple(before.exponent, term.exponent)
        if times is not None:
            for match in matches(before.base, term.base, EMPTY, names):
                return power(instance(after, match), number(times))
        return None
    for match in matches(before, term, EMPTY, names):
        return instance(after, match)
    return None


def _multiple(pattern: Term, exponent: Term) -> int | None:
    if isinstance(pattern, Number) and isinstance(exponent, Number):
        ratio = exponent.value / pattern.value
        return int(ratio) if ratio.denominator == 1 and ratio > 0 else None
    return 1 if pattern == exponent else None


def _part_of_sum(before: Add, after: Term, term: Add, names: Definitions) -> Term | None:
    """Summands that are `before` times one common factor become `after` times that factor."""
    parts = summands(term)

    def choose(patterns: list[Term], taken: list[int], factor: Term | None, match: Match) -> Term | None:
        if not patterns:
            rest = [part for n, part in enumerate(parts) if n not in taken]
            assert factor is not None
            return add(*rest, product(factor, instance(after, match)))
        for n, part in enumerate(parts):
            if n in taken:
                continue
            for form in dict.fromkeys((part, _with_names_opened(part, names))):
                for found, common in _parts_of_product(patterns[0], form, match, names):
                    if factor is None or same_value(factor, common):
                        done = choose(patterns[1:], [*taken, n], common, found)
                        if done is not None:
                            return done
        return None

    # the summand with most structure first: it decides what the common factor is
    ordered = sorted(summands(before), key=lambda p: isinstance(p, Number))
    return choose(ordered, [], None, EMPTY)


def _with_names_opened(term: Term, names: Definitions) -> Term:
    """The product with names among its factors, and their powers, replaced by what they stand for."""

    def opened(factor: Term) -> Term:
        if isinstance(factor, Power):
            return power(opened(factor.base), factor.exponent)
        definition = names.get(factor.symbol.name) if isinstance(factor, Component) else None
        if definition is None or definition.operation or not isinstance(factor, Component):
            return factor
        return definition.at(factor.indices)

    return product(*(opened(factor) for factor in factors(term)))


def _sign_agrees(a: Term, b: Term) -> bool:
    return bool(add(a, product(number(-1), b)).is_zero)


def _parts_of_product(
    pattern: Term, term: Term, match: Match, names: Definitions
) -> Iterator[tuple[Match, Term]]:
    """Ways to find the factors of the pattern among those of the term, each with the factors left over."""
    wanted_number, wanted = coefficient_and_rest(pattern)
    given_number, given = coefficient_and_rest(term)
    ratio = given_number / wanted_number
    # sums first: the sizes that divide them are only then known
    patterns = [] if wanted == ONE else sorted(factors(wanted), key=lambda f: not isinstance(f, Sum))
    available = [] if given == ONE else [single for f in factors(given) for single in _singles(f)]
    for found, rest in _choose(patterns, available, match, names):
        yield found, product(Number(ratio), *rest)


def _singles(factor: Term) -> list[Term]:
    if isinstance(factor, Power) and isinstance(factor.exponent, Number):
        exponent = factor.exponent.value
        if exponent.denominator == 1 and 1 < abs(exponent) <= _MULTIPLICITY:
            one = power(factor.base, number(1 if exponent > 0 else -1))
            return [one] * abs(int(exponent))
    return [factor]


def _choose(
    patterns: list[Term], available: list[Term], match: Match, names: Definitions
) -> Iterator[tuple[Match, list[Term]]]:
    if not patterns:
        yield match, available
        return
    squared = _power_pattern(patterns[0])
    for n, factor in enumerate(available):
        rest = available[:n] + available[n + 1 :]
        if squared is not None:
            base, times = squared
            equal = [m for m, other in enumerate(available) if m > n and other == factor]
            if len(equal) < times - 1:
                continue
            rest = [other for m, other in enumerate(available) if m != n and m not in equal[: times - 1]]
            candidates = matches(base, factor, match, names)
        else:
            candidates = matches(patterns[0], factor, match, names)
        for found in candidates:
            yield from _choose(patterns[1:], rest, found, names)


def _power_pattern(pattern: Term) -> tuple[Term, int] | None:
    """Base and exponent, where the term's own power was taken apart into single factors."""
    if isinstance(pattern, Power) and isinstance(pattern.exponent, Number):
        exponent = pattern.exponent.value
        if exponent.denominator == 1 and 1 < abs(exponent) <= _MULTIPLICITY:
            return (pattern.base if exponent > 0 else power(pattern.base, MINUS_ONE)), abs(int(exponent))
    return None


def matches(pattern: Term, term: Term, match: Match, names: Definitions) -> Iterator[Match]:
    """Ways in which the whole term is an instance of the pattern."""
    if isinstance(pattern, Component):
        yield from _variable(pattern, term, match)
        return
    if isinstance(term, Component) and term.symbol.name in names:
        definition = names[term.symbol.name]
        if not definition.operation:
            yield from matches(pattern, definition.at(term.indices), match, names)
        return
    match pattern:
        case Number():
            if pattern == term:
                yield match
        case SizeOf(size=size):
            yield from _size(str(size), term, match)
        case Function(head=head, arguments=arguments):
            if isinstance(term, Function) and term.head.name == head.name:
                yield from _in_turn(arguments, term.arguments, match, names)
        case Power(base=base, exponent=exponent):
            if isinstance(term, Power) and (term.exponent == exponent or not isinstance(exponent, Number)):
                yield from _in_turn((base, exponent), (term.base, term.exponent), match, names)
        case Product():
            yield from _whole_product(pattern, term, match, names)
        case Add(terms=terms):
            if isinstance(term, Add) and len(summands(term)) == len(terms):
                yield from _any_order(list(terms), summands(term), match, names)
        case Sum(axes=(axis,)):
            if isinstance(term, Sum) and len(term.axes) == 1:
                (bound,), body = pattern.opened
                (index,), inner = term.freshly_opened()
                known = match.axes.get(axis.name, index.axis)
                if known == index.axis:
                    deeper = Match(
                        match.variables, {**match.indices, bound: index}, {**match.axes, axis.name: known}
                    )
                    yield from matches(body, inner, deeper, names)


def _variable(pattern: Component, term: Term, match: Match) -> Iterator[Match]:
    places = tuple(match.indices[slot.index] for slot in pattern.indices if slot.index is not None)
    name = pattern.symbol.name
    if name in match.variables:
        known, body = match.variables[name]
        if same_value(substitute(body, dict(zip(known, places, strict=True))), term):
            yield match
        return
    hidden = set(match.indices.values()) - set(places)
    if hidden.isdisjoint(term.free):
        yield Match({**match.variables, name: (places, term)}, match.indices, match.axes)


def same_value(a: Term, b: Term) -> bool:
    return a == b or (same(a, b) and _sign_agrees(a, b))


def _size(name: str, term: Term, match: Match) -> Iterator[Match]:
    if isinstance(term, SizeOf):
        axis = match.axes.get(name)
        if axis is not None and axis.size == term.size:
            yield match


def _in_turn(
    patterns: tuple[Term, ...], terms: tuple[Term, ...], match: Match, names: Definitions
) -> Iterator[Match]:
    if not patterns:
        yield match
        return
    for found in matches(patterns[0], terms[0], match, names):
        yield from _in_turn(patterns[1:], terms[1:], found, names)


def _any_order(patterns: list[Term], terms: list[Term], match: Match, names: Definitions) -> Iterator[Match]:
    if not patterns:
        yield match
        return
    for n, term in enumerate(terms):
        for found in matches(patterns[0], term, match, names):
            yield from _any_order(patterns[1:], terms[:n] + terms[n + 1 :], found, names)


def _whole_product(pattern: Product, term: Term, match: Match, names: Definitions) -> Iterator[Match]:
    """All factors are used; one factor of the pattern may be a variable, which takes what is left."""
    coefficient, rest = coefficient_and_rest(pattern)
    variable = next((f for f in factors(rest) if isinstance(f, Component)), None)
    others = product(Number(coefficient), *(f for f in factors(rest) if f is not variable))
    for found, left in _parts_of_product(others, term, match, names):
        if variable is None:
            if left == ONE:
                yield found
        elif left != ONE:
            yield from _variable(variable, left, found)


def instance(after: Term, match: Match) -> Term:
    """The pattern with everything put in for its variables."""
    if isinstance(after, Component):
        places, body = match.variables[after.symbol.name]
        slots = [
            match.indices.get(slot.index, slot.index) for slot in after.indices if slot.index is not None
        ]
        return substitute(body, dict(zip(places, slots, strict=True)))
    if isinstance(after, SizeOf):
        return SizeOf(match.axes[str(after.size)].size)
    if isinstance(after, Sum):
        bound, body = after.opened
        fresh = tuple(Index(i.letter, match.axes[i.axis.name]).fresh() for i in bound)
        deeper = Match(match.variables, {**match.indices, **dict(zip(bound, fresh, strict=True))}, match.axes)
        return total(fresh, instance(body, deeper))
    return rewritten(after, lambda child: instance(child, match))


def everywhere(before: Term, after: Term, term: Term, names: Definitions) -> Term:
    """The rewrite at every place of the term, innermost first, each place once."""
    inner = rewritten(term, lambda child: everywhere(before, after, child, names))
    changed = rewritten_by(before, after, inner, names)
    return inner if changed is None else changed
