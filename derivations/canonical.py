"""Canonical keys: equal keys mean equal values (different keys prove nothing).

A key forgets the order of factors and summands, the letters and the order of bound indices, and the sign:
`t` and `-t` share one, so that `(a - b)**2` and `(b - a)**2` meet.  Nested sums are keyed as one sum over a
flat product.  Like terms, folding and the fixpoints of the passes all compare by these keys.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from derivations.domains import REAL
from derivations.indices import Affine, Index
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
    Term,
    map_children,
)

Labels = Mapping[Index, str]
_NONE: Labels = {}
_MANY = 2  # orders beyond which indices are told apart before they are tried
_PERMUTED = 5  # bound indices of one axis that are tried in every order; more keep the order they have


def signed_key(term: Term) -> tuple[int, str]:
    """`(sign, key)`; `t` and `-t` have the same key and opposite signs (0 has sign 1)."""
    return _signed_key(term, _NONE)


def same(a: Term, b: Term) -> bool:
    """Whether the keys say that both are equal."""
    return signed_key(a) == signed_key(b)


def index_blind_key(term: Term) -> str:
    """The key with every free index replaced by the name of its axis."""
    return _signed_key(term, {i: f"*{i.axis.name}" for i in term.free})[1]


def _signed_key(term: Term, labels: Labels) -> tuple[int, str]:
    if term.free.isdisjoint(labels):
        cached = term.__dict__.get("_signed_key")
        if cached is None:
            cached = _compute(term, _NONE)
            term.__dict__["_signed_key"] = cached
        return cached
    return _compute(term, labels)


def _slot(slot: Affine, labels: Labels) -> str:
    parts = []
    for part, coefficient in slot.parts:
        assert isinstance(part, Index), "keys are taken of locally closed terms"
        label = labels.get(part) or f"{part.letter}:{part.axis.name}#{part.serial}"
        parts.append(label if coefficient == 1 else f"{coefficient}{label}")
    if slot.offset.monomials or not parts:
        parts.append(str(slot.offset))
    return "+".join(sorted(parts))


def _compute(term: Term, labels: Labels) -> tuple[int, str]:
    match term:
        case Number(value=value):
            return (-1 if value < 0 else 1), str(abs(value))
        case Constant(name=name):
            return 1, f"'{name}"
        case SizeOf(size=size):
            return 1, f"size({size})"
        case Component(symbol=symbol, indices=indices):
            slots = [_slot(slot, labels) for slot in indices]
            if symbol.symmetric:
                slots.sort()
            return 1, f"{symbol.name}[{','.join(slots)}]"
        case Delta(left=left, right=right):
            return 1, "delta({},{})".format(*sorted((_slot(left, labels), _slot(right, labels))))
        case Bracket(position=position, size=size):
            return 1, f"[{_slot(position, labels)}<{size}]"
        case Add():
            return _sum_of_terms(term, labels)
        case Product() | Sum() | Power():
            return _flat_product(term, labels)
        case Function(head=head, arguments=arguments):
            return 1, f"{head.name}({','.join(_with_sign(a, labels) for a in arguments)})"
        case Relation(operator=operator, left=left, right=right):
            return 1, f"{_with_sign(left, labels)}{operator}{_with_sign(right, labels)}"
        case Piecewise():
            return 1, f"cases({';'.join(_with_sign(child, labels) for child in term.children)})"
        case Derivative(body=body, symbol=symbol, indices=indices, held=held):
            sign, key = _signed_key(_as_any(body), labels)
            slots = [_slot(slot, labels) for slot in indices]
            return sign, f"d({key})/d{symbol.name}[{','.join(slots)}]{','.join(held)}"
    raise TypeError(f"no key for {type(term).__name__}")


def _as_any(term: Term) -> Term:
    """The term over arrays that need not be symmetric.

    What is symmetric where a derivative is taken may not be so beside that point: `S_ij` and `S_ji` are equal
    there and have different derivatives by an entry of S.
    """
    if isinstance(term, Component) and term.symbol.symmetric:
        return Component(replace(term.symbol, domain=REAL), term.indices)
    return map_children(term, _as_any)


def _with_sign(term: Term, labels: Labels) -> str:
    sign, key = _signed_key(term, labels)
    return key if sign > 0 else f"-{key}"


def _sum_of_terms(term: Add, labels: Labels) -> tuple[int, str]:
    keys: list[tuple[int, str]] = []

    def collect(summand: Term, sign: int) -> None:
        if isinstance(summand, Add):
            for inner in summand.terms:
                collect(inner, sign)
        else:
            own, key = _signed_key(summand, labels)
            keys.append((sign * own, key))

    collect(term, 1)
    straight = "+".join(sorted(f"{'-' if sign < 0 else ''}{key}" for sign, key in keys))
    turned = "+".join(sorted(f"{'-' if sign > 0 else ''}{key}" for sign, key in keys))
    return (1, f"({straight})") if straight <= turned else (-1, f"({turned})")


def _flat_product(term: Term, labels: Labels) -> tuple[int, str]:
    indices: list[Index] = []
    factors: list[tuple[Term, Fraction | Term]] = []

    def collect(factor: Term, exponent: Fraction) -> None:
        if isinstance(factor, Product) and exponent.denominator == 1:
            for inner in factor.factors:
                collect(inner, exponent)
        elif isinstance(factor, Sum) and exponent == 1:
            opened, body = factor.opened
            if not set(opened).isdisjoint(indices):
                opened, body = factor.freshly_opened()
            indices.extend(opened)
            collect(body, exponent)
        elif isinstance(factor, Power) and isinstance(factor.exponent, Number) and exponent.denominator == 1:
            collect(factor.base, exponent * factor.exponent.value)
        elif isinstance(factor, Power) and exponent == 1:
            factors.append((factor.base, factor.exponent))
        else:
            factors.append((factor, exponent))

    collect(term, Fraction(1))
    best: tuple[int, str] | None = None
    for order in _orders(indices, factors, labels):
        depth = len(labels)
        inner = {**labels, **{index: f"?{depth + n}:{index.axis.name}" for n, index in enumerate(order)}}
        found = _merged(factors, inner)
        if best is None or found[1] < best[1]:
            best = found
    assert best is not None
    if not indices:
        return best
    axes = ",".join(sorted(index.axis.name for index in indices))
    return best[0], f"sum{{{axes}}}({best[1]})"


Factors = list[tuple[Term, Fraction | Term]]


def _orders(indices: list[Index], factors: Factors, labels: Labels) -> list[tuple[Index, ...]]:
    """The orders of bound indices of which the least key is taken.

    Where these were many, indices are told apart first by the factors that hold them; only those that look
    alike are tried in every order.
    """
    by_axis: dict[str, list[Index]] = {}
    for index in indices:
        by_axis.setdefault(index.axis.name, []).append(index)
    groups = [group for _, group in sorted(by_axis.items())]
    if math.prod(math.factorial(len(group)) for group in groups) > _MANY:
        groups = [alike for group in groups for alike in _alike(group, indices, factors, labels)]
    choices = [
        list(itertools.permutations(group)) if len(group) <= _PERMUTED else [tuple(group)] for group in groups
    ]
    return [tuple(itertools.chain(*parts)) for parts in itertools.product(*choices)]


def _alike(group: list[Index], indices: list[Index], factors: Factors, labels: Labels) -> list[list[Index]]:
    """The indices of one axis in groups: the keys of their factors, read without telling the others apart."""
    blind = {**labels, **{index: f"*{index.axis.name}" for index in indices}}
    found: dict[str, list[Index]] = {}
    for index in group:
        own = {**blind, index: "?"}
        keys = []
        for base, exponent in factors:
            if isinstance(exponent, Fraction) and index in base.free:
                keys.append(f"{_signed_key(base, own)[1]}^{exponent}")
            elif isinstance(exponent, Term) and index in base.free | exponent.free:
                keys.append(f"{_signed_key(base, own)[1]}^({_with_sign(exponent, own)})")
        found.setdefault(" ".join(sorted(keys)), []).append(index)
    return [alike for _, alike in sorted(found.items())]


def _merged(factors: list[tuple[Term, Fraction | Term]], labels: Labels) -> tuple[int, str]:
    sign = 1
    coefficient = Fraction(1)
    exponents: dict[str, Fraction] = {}
    others: list[str] = []
    for base, exponent in factors:
        base_sign, key = _signed_key(base, labels)
        if isinstance(exponent, Term):
            others.append(f"{'-' if base_sign < 0 else ''}{key}^({_with_sign(exponent, labels)})")
            continue
        if isinstance(base, Number) and exponent.denominator == 1 and base.value:
            coefficient *= base.value ** int(exponent)
            continue
        if base_sign < 0:
            if exponent.denominator == 1:
                sign = -sign if exponent % 2 else sign
            else:
                key = f"-{key}"
        exponents[key] = exponents.get(key, Fraction(0)) + exponent
    if coefficient < 0:
        sign, coefficient = -sign, -coefficient
    parts = [key if e == 1 else f"{key}^{e}" for key, e in exponents.items() if e] + others
    if coefficient != 1 or not parts:
        parts.append(str(coefficient))
    return sign, parts[0] if len(parts) == 1 else f"<{'*'.join(sorted(parts))}>"
