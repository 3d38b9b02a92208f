"""What goes where in a printed product: above the stroke, below it, or behind the fraction.

Pure functions of terms, which know no notation: a terminal and LaTeX arrange alike and write differently.
The order of the factors is the term's own; only a large operator moves, out of a numerator and behind its
fraction.
"""

from fractions import Fraction
from typing import TypeGuard

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
    subterms,
)

OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def flattened(term: Product) -> list[Term]:
    """The factors; products inside products are read on, unless a minus sign stands at their front."""
    factors: list[Term] = []
    for place, factor in enumerate(term.factors):
        inner = flattened(factor) if isinstance(factor, Product) else [factor]
        leading = inner[0]
        signed = isinstance(leading, Number) and leading.value < 0 and isinstance(factor, Product)
        factors += inner if place == 0 or not signed else [factor]
    return factors


def inverted(term: Power) -> Term:
    """1 / term, for a negative number as exponent."""
    assert isinstance(term.exponent, Number)
    exponent = -term.exponent.value
    return term.base if exponent == 1 else Power(term.base, Number(exponent))


def is_constant(term: Term) -> bool:
    """Numbers, sizes, and roots and powers of them."""
    match term:
        case Number() | SizeOf() | Constant():
            return True
        case Power(base=base) | Product(factors=(base,)):
            return is_constant(base)
        case Product(factors=factors):
            return all(is_constant(factor) for factor in factors)
    return False


def arranged(factors: list[Term], authored: bool, inline: bool) -> tuple[list[Term], list[Term], list[Term]]:
    """Factors of the numerator, of the denominator, and behind the fraction."""
    numerator, below, last = _divided(factors)
    if not below:
        return [factor for _, factor in numerator], [], []
    coefficient = all(is_constant(factor) for factor in below)
    alone = len(numerator) == 1 and any(isinstance(sub, Sum) for factor in below for sub in subterms(factor))
    above: list[Term] = []
    behind: list[Term] = []
    for place, factor in numerator:
        if inline:
            stays = not isinstance(factor, Sum | Derivative | Piecewise)
        elif isinstance(factor, Sum):
            stays = alone
        elif isinstance(factor, Derivative | Piecewise):
            stays = False
        elif authored:
            stays = place < last and not (coefficient and isinstance(factor, Add) and is_tall(factor))
        elif coefficient:
            stays = is_constant(factor)
        elif isinstance(factor, Add):
            stays = not is_tall(factor)
        else:
            stays = not isinstance(factor, Delta | Bracket)
        (above if stays else behind).append(factor)
    return above, below, behind


def _divided(factors: list[Term]) -> tuple[list[tuple[int, Term]], list[Term], int]:
    """Factors above the stroke with their places, those below it, and the place of the last divisor."""
    above: list[tuple[int, Term]] = []
    below: list[Term] = []
    last = -1
    for place, factor in enumerate(factors):
        if is_reciprocal(factor):
            under = inverted(factor)
            whole = isinstance(under, Product) and not any(map(is_reciprocal, flattened(under)))
            below += flattened(under) if whole and isinstance(under, Product) else [under]
            last = place
        elif isinstance(factor, Number) and factor.value.denominator != 1 and not factor.text:
            below.insert(0, Number(Fraction(factor.value.denominator)))
            if factor.value.numerator != 1:
                above.append((place, Number(Fraction(factor.value.numerator))))
            last = max(last, place)
        else:
            above.append((place, factor))
    return above, below, last


def is_reciprocal(term: Term) -> TypeGuard[Power]:
    return isinstance(term, Power) and isinstance(term.exponent, Number) and term.exponent.value < 0


def is_tall(term: Term) -> bool:
    """Too large for a numerator: it holds a fraction, a large operator, or a delta."""
    return any(
        isinstance(sub, Sum | Derivative | Piecewise | Delta)
        or is_reciprocal(sub)
        or (isinstance(sub, Number) and sub.value.denominator != 1 and not sub.text)
        for sub in subterms(term)
    )


def is_small(body: Term) -> bool:
    """Fit to stand in the numerator of a derivative: one component, or a function or power of a few."""
    return isinstance(body, Component | Power | Function) and not any(
        isinstance(sub, Add | Sum | Derivative | Piecewise) or is_reciprocal(sub) for sub in subterms(body)
    )


def negation(condition: Relation) -> Relation:
    return Relation(OPPOSITE[condition.operator], condition.left, condition.right)
