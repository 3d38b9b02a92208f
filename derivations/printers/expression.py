"""A term as a SymPy expression, for reading and for what SymPy can do with it.

Sizes are positive integers, indices integers that count from 0, names of the derivation stay names.  SymPy
may reorder what it prints; the steps of a derivation are printed from terms and not from here.
"""

from typing import Any

from derivations.functions import in_sympy
from derivations.indices import Affine, Index, Size
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
)

_RELATIONS = {"<": "Lt", "<=": "Le", ">": "Gt", ">=": "Ge", "==": "Eq", "!=": "Ne"}


def sympy_expression(term: Term) -> Any:
    import sympy

    return _expression(term, sympy)


def _expression(term: Term, s: Any) -> Any:
    match term:
        case Number(value=value):
            return s.Rational(value.numerator, value.denominator)
        case Constant(name=name):
            return s.pi if name == "pi" else s.E
        case SizeOf(size=size):
            return _size(size, s)
        case Component(symbol=symbol, indices=slots) if slots:
            return s.IndexedBase(symbol.name)[tuple(_position(slot, s) for slot in slots)]
        case Component(symbol=symbol):
            return s.Symbol(symbol.name, real=True)
        case Delta(left=left, right=right):
            return s.KroneckerDelta(_position(left, s), _position(right, s))
        case Bracket(position=position, size=size):
            place = _position(position, s)
            return s.Piecewise((1, s.And(s.Ge(place, 0), s.Lt(place, _size(size, s)))), (0, True))
        case Sum():
            indices, body = term.opened
            limits = [(_index(i, s), 0, _size(i.axis.size, s) - 1) for i in indices]
            return s.Sum(_expression(body, s), *limits)
        case Add(terms=terms):
            return s.Add(*(_expression(t, s) for t in terms))
        case Product(factors=factors):
            return s.Mul(*(_expression(f, s) for f in factors))
        case Power(base=base, exponent=exponent):
            return s.Pow(_expression(base, s), _expression(exponent, s))
        case Function(head=head, arguments=(argument,)):
            return in_sympy(head.name, _expression(argument, s))
        case Relation(operator=operator, left=left, right=right):
            return getattr(s, _RELATIONS[operator])(_expression(left, s), _expression(right, s))
        case Piecewise(conditions=conditions, values=values, otherwise=otherwise):
            cases = [
                (_expression(value, s), _expression(condition, s))
                for condition, value in zip(conditions, values, strict=True)
            ]
            return s.Piecewise(*cases, (_expression(otherwise, s), True))
        case Derivative():
            raise ValueError("a derivative that is not taken yet has no expression")
    raise TypeError(f"no SymPy expression for {type(term).__name__}")


def _index(index: Index, s: Any) -> Any:
    return s.Symbol(index.letter, integer=True)


def _size(size: Size, s: Any) -> Any:
    total = s.Integer(0)
    for names, coefficient in size.monomials:
        total += coefficient * s.Mul(*(s.Symbol(name, integer=True, positive=True) for name in names))
    return total


def _position(slot: Affine, s: Any) -> Any:
    moved = s.Add(*(slot.coefficient(index) * _index(index, s) for index in slot.indices))
    return moved + _size(slot.offset, s)
