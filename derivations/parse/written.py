"""Terms in the order and with the brackets in which they were typed.

Nothing is multiplied out or reordered; only what has no other notation is joined: a sign with its number, a
fraction of two whole numbers, 1/x as a power.
"""

from fractions import Fraction

from derivations.arithmetic import MINUS_ONE, ONE
from derivations.language.arrays import authored_product, authored_sum
from derivations.terms import Add, Number, Power, Product, Term

_PRINTED_DIGITS = 12  # a decimal with an exponent that needs more is printed as a fraction


def negative(term: Term) -> Term:
    """Minus as people write it: one sign in front of a product."""
    if isinstance(term, Number):
        text = "" if not term.text else term.text[1:] if term.text.startswith("-") else f"-{term.text}"
        return Number(-term.value, text)
    if isinstance(term, Product) and term.authored:
        first, *rest = term.factors
        if first == MINUS_ONE:
            return rest[0] if len(rest) == 1 else authored_product(*rest)
        return authored_product(
            *([negative(first)] if isinstance(first, Number) else [MINUS_ONE, first]), *rest
        )
    return authored_product(MINUS_ONE, term)


def difference(a: Term, b: Term) -> Term:
    return authored_sum(a, negative(b))


def quotient(a: Term, b: Term) -> Term:
    return authored_product(a, Power(b, MINUS_ONE))


def decimal(written: str) -> str:
    """How a decimal is printed again; a whole number needs no text of its own."""
    mantissa, _, exponent = written.lower().partition("e")
    if exponent:
        value = Fraction(written)
        digits = max(0, -int(exponent)) + len(mantissa.partition(".")[2])
        if digits > _PRINTED_DIGITS or value.denominator == 1:
            return ""
        whole, part = divmod(value.numerator * 10**digits // value.denominator, 10**digits)
        return f"{whole}.{part:0{digits}d}".rstrip("0")
    whole, _, part = written.partition(".")
    return f"{whole or '0'}.{part}" if part else ""


def sum_of(pairs: list[tuple[Term, bool]]) -> Term:
    return authored_sum(*(negative(term) if minus else term for term, minus in pairs))


def quotient_of(pairs: list[tuple[Term, bool]]) -> Term:
    """Factors in order; whole numbers over whole numbers are one number, and 1/x is a power."""
    (first, _), *rest = pairs
    while isinstance(first, Number) and rest and rest[0][1] and isinstance(rest[0][0], Number):
        first = Number(first.value / rest.pop(0)[0].value)  # type: ignore[attr-defined]
    factors = [first, *(Power(term, MINUS_ONE) if under else term for term, under in rest)]
    if first == ONE and rest and rest[0][1]:
        factors.pop(0)
    return factors[0] if len(factors) == 1 else authored_product(*factors)


def exact(term: Term) -> Fraction | None:
    """The value of a term that is made of numbers by + - * / and whole powers, else None."""
    if "_exact" not in term.__dict__:
        term.__dict__["_exact"] = _exact(term)
    found: Fraction | None = term.__dict__["_exact"]
    return found


def _exact(term: Term) -> Fraction | None:
    if isinstance(term, Number):
        return term.value
    if not isinstance(term, Add | Product | Power):
        return None
    values = [exact(child) for child in term.children]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if isinstance(term, Power):
        base, exponent = known
        if exponent.denominator != 1 or (base == 0 and exponent < 0):
            return None
        return base ** int(exponent)
    result = known[0]
    for value in known[1:]:
        result = result + value if isinstance(term, Add) else result * value
    return result
