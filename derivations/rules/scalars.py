"""Scalar elimination: the one place where the engine lets SymPy do algebra.

A name such as s = 1/(1 + e**-x) can be solved for e**-x; a result that still holds e**-x can then be written
in s alone.  SymPy solves and factors; terms go in and terms come out.
"""

from fractions import Fraction
from typing import Any

import sympy

from derivations.arithmetic import (
    add,
    coefficient_and_rest,
    factors,
    negate,
    number,
    positive,
    power,
    product,
    summands,
)
from derivations.scope import Definition
from derivations.terms import Add, Component, Function, Number, Power, Product, Term, subterms


class _Alphabet:
    """SymPy symbols for everything that is no sum, product or power of rationals."""

    def __init__(self) -> None:
        self.symbols: dict[Term, Any] = {}

    def to_sympy(self, term: Term) -> Any:
        match term:
            case Number(value=value):
                return sympy.Rational(value.numerator, value.denominator)
            case Add(terms=terms):
                return sympy.Add(*map(self.to_sympy, terms))
            case Product(factors=parts):
                return sympy.Mul(*map(self.to_sympy, parts))
            case Power(base=base, exponent=Number(value=e)):
                return self.to_sympy(base) ** sympy.Rational(e.numerator, e.denominator)
        if term not in self.symbols:
            # an assumption that does not hold makes sqrt(t**2) a t, and a square solvable with one sign
            known = {"positive": True} if positive(term) else {}
            self.symbols[term] = sympy.Symbol(f"t{len(self.symbols)}", **known)
        return self.symbols[term]

    def from_sympy(self, expression: Any) -> Term:
        if expression.is_Rational:
            return number(Fraction(int(expression.p), int(expression.q)))
        if expression.is_Add:
            terms = [self.from_sympy(a) for a in sorted(expression.args, key=str)]
            return add(*sorted(terms, key=lambda t: (coefficient_and_rest(t)[0] < 0, not _is_number(t))))
        if expression.is_Mul:
            return product(*(self.from_sympy(a) for a in sorted(expression.args, key=str)))
        if expression.is_Pow:
            return power(self.from_sympy(expression.base), self.from_sympy(expression.exp))
        return next(term for term, symbol in self.symbols.items() if symbol == expression)


def _is_number(term: Term) -> bool:
    return isinstance(term, Number)


def _turned_bracket(term: Term) -> Term:
    """-(s - 1) -> (1 - s): SymPy's factor keeps the sign outside."""
    coefficient, rest = coefficient_and_rest(term)
    if coefficient >= 0:
        return term
    parts = factors(rest)
    for n, part in enumerate(parts):
        if isinstance(part, Add) and any(coefficient_and_rest(t)[0] < 0 for t in summands(part)):
            turned = sorted((negate(t) for t in summands(part)), key=lambda t: coefficient_and_rest(t)[0] < 0)
            return product(Number(-coefficient), *parts[:n], add(*turned), *parts[n + 1 :])
    return term


def in_terms_of(term: Term, definition: Definition) -> Term | None:
    """The term with the function that the definition is made of eliminated; None where that cannot be."""
    inside = [sub for sub in subterms(definition.body) if isinstance(sub, Function)]
    present = set(subterms(term))
    targets = [sub for sub in dict.fromkeys(inside) if sub in present]
    if len(targets) != 1:
        return None
    alphabet = _Alphabet()
    body = alphabet.to_sympy(definition.body)
    name = alphabet.to_sympy(Component(definition.symbol, ()))
    unknown = alphabet.to_sympy(targets[0])
    solutions = sympy.solve(body - name, unknown)
    if len(solutions) != 1:
        return None
    # not simplify: it chooses among forms by rules of thumb, and its first call loads SymPy's physical units
    inserted = sympy.factor(alphabet.to_sympy(term).subs(unknown, solutions[0]))
    return _turned_bracket(alphabet.from_sympy(inserted))
