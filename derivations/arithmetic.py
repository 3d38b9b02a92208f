"""Constructors that do the trivial arithmetic, and nothing that a reader would call a step.

Numbers and sizes are combined, zeros and ones dropped, equal bases and like terms merged.  What a reader
should see is not done here: `b/b` stays (rule "cancel"), `(b**2)**(1/2)` stays unless b is nonnegative.
An author's products and sums never pass through these functions, so they stay as they were written.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction

from derivations.canonical import signed_key
from derivations.indices import Affine, Axis, Index, Size
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
    Symbol,
    Term,
    bind,
    map_children,
    substitute,
    subterms,
)

Rewriter = Callable[[Term], Term]
ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))
TWO = Number(Fraction(2))
HALF = Number(Fraction(1, 2))
MINUS_ONE = Number(Fraction(-1))
LETTERS = tuple("i j k l m r q t u v a b c d h o w".split())


def number(value: int | Fraction) -> Number:
    return Number(Fraction(value))


# ---- what is known of a value ----------------------------------------------------------------------------


def nonnegative(term: Term) -> bool:
    """Whether the value is surely at least 0 (False: not known)."""
    match term:
        case Number(value=value):
            return value >= 0
        case SizeOf() | Delta() | Bracket() | Constant():
            return True
        case Component(symbol=symbol):
            return symbol.domain.nonnegative
        case Function(head=head):
            return head.range.nonnegative
        case Power(base=base, exponent=Number(value=e)):
            return nonnegative(base) or (e.denominator == 1 and e % 2 == 0)
        case Power(base=base):
            return positive(base)
        case Add() | Product() | Sum():
            return all(nonnegative(child) for child in term.children)
        case Piecewise(values=values, otherwise=otherwise):
            return all(nonnegative(value) for value in (*values, otherwise))
    return False


def positive(term: Term) -> bool:
    """Whether the value is surely above 0 (False: not known)."""
    match term:
        case Number(value=value):
            return value > 0
        case SizeOf() | Constant():
            return True
        case Component(symbol=symbol):
            return symbol.domain.positive
        case Function(head=head):
            return head.range.positive
        case Power(base=base):
            return positive(base)
        case Add(terms=terms):
            if all(nonnegative(t) for t in terms) and any(positive(t) for t in terms):
                return True
            return _one_minus_less(terms)
        case Product() | Sum():
            return all(positive(child) for child in term.children)
    return False


def _one_minus_less(terms: tuple[Term, ...]) -> bool:
    """1 - f for a function whose values lie below 1."""
    if len(terms) != 2 or terms[0] != ONE or not isinstance(terms[1], Product):
        return False
    # no product is built here: the body of a sum is looked at with its binder closed
    sign, *rest = factors(terms[1])
    if sign != MINUS_ONE or len(rest) != 1 or not isinstance(rest[0], Function):
        return False
    above = rest[0].head.range
    return above.upper is not None and above.upper <= 1 and not above.closed


def nonzero(term: Term) -> bool:
    """Whether the value is surely not 0 (False: not known)."""
    if isinstance(term, Number):
        return term.value != 0
    if isinstance(term, Product):
        return all(nonzero(factor) for factor in term.factors)
    if isinstance(term, Power):
        return nonzero(term.base)
    return positive(term)


# ---- products and powers ---------------------------------------------------------------------------------


def factors(term: Term) -> list[Term]:
    """The factors of a product, flattened; a term that is no product is its own factor."""
    if isinstance(term, Product):
        return [inner for factor in term.factors for inner in factors(factor)]
    return [term]


def base_and_exponent(term: Term) -> tuple[Term, Term]:
    return (term.base, term.exponent) if isinstance(term, Power) else (term, ONE)


def product(*terms: Term) -> Term:
    """The product, flat, with its number in front and equal bases merged where that needs no condition."""
    coefficient = Fraction(1)
    merged: dict[str, tuple[Term, Term]] = {}
    for factor in (inner for term in terms for inner in factors(term)):
        if isinstance(factor, Number):
            coefficient *= factor.value
            continue
        base, exponent = base_and_exponent(factor)
        sign, key = signed_key(base)
        while key in merged:
            found, old = merged[key]
            joined, flips = _joined(found, old, base, exponent, signed_key(found)[0] != sign)
            if joined is None:
                key += "'"
                continue
            coefficient = -coefficient if flips else coefficient
            merged[key] = (found, joined)
            break
        else:
            merged[key] = (base, exponent)
    if coefficient == 0:
        return ZERO
    built = [power(base, exponent) for base, exponent in merged.values()]
    built = [factor for factor in built if factor != ONE]
    if any(isinstance(factor, Number | Product) for factor in built):
        return product(Number(coefficient), *built)
    if coefficient != 1 or not built:
        built.insert(0, Number(coefficient))
    return built[0] if len(built) == 1 else Product(tuple(built))


def _joined(a: Term, p: Term, b: Term, q: Term, opposite: bool) -> tuple[Term | None, bool]:
    """Exponent of `a` in `a**p * b**q` where b is a or -a, and whether the sign flips; None: stay apart."""
    if isinstance(a, Delta | Bracket):
        return ONE, False
    if not (isinstance(p, Number) and isinstance(q, Number)):
        return (add(p, q), False) if positive(a) and not opposite else (None, False)
    same_side = (p.value > 0) == (q.value > 0)
    if not (same_side or isinstance(a, Number | SizeOf | Constant)):
        # b/b is a step of its own (rule "cancel"), also where b is known to be nonzero
        return None, False
    whole = q.value.denominator == 1
    if not whole and p.value.denominator != 1 and not nonnegative(a):
        # b**(1/2) * b**(1/2) is b wherever both roots exist, so no condition is lost
        return (add(p, q), False) if not opposite else (None, False)
    if opposite and not whole:
        return None, False
    return add(p, q), opposite and q.value % 2 == 1


def power(base: Term, exponent: Term) -> Term:
    """base ** exponent; powers of powers and of products only where that is right for every value."""
    if exponent == ZERO:
        return ONE
    if exponent == ONE or base == ONE:
        return base
    value = exponent.value if isinstance(exponent, Number) else None
    whole = value is not None and value.denominator == 1
    if isinstance(base, Number) and value is not None:
        exact = _number_power(base.value, value)
        if exact is not None:
            return exact
    if isinstance(base, Delta | Bracket) and value is not None and value > 0:
        return base
    if isinstance(base, Power) and (whole or nonnegative(base.base)):
        return power(base.base, product(base.exponent, exponent))
    if isinstance(base, Product):
        if whole:
            return product(*(power(factor, exponent) for factor in base.factors))
        if all(nonnegative(f) for f in base.factors):
            return _root_of_product(base, exponent)
    return Power(base, exponent)


def _root_of_product(base: Product, exponent: Term) -> Term:
    """Numbers, and what has an exact root, come out; the rest stays under one root: a deviation stays one."""
    outside: list[Term] = []
    inside: list[Term] = []
    for factor in factors(base):
        taken = power(factor, exponent)
        exact = not isinstance(taken, Power) or _is_whole(taken.exponent)
        exact = exact or isinstance(base_and_exponent(factor)[0], Number | Constant)
        (outside if exact else inside).append(taken if exact else factor)
    if not inside:
        return product(*outside)
    if not outside and len(inside) == len(base.factors):
        return Power(base, exponent)
    return product(*outside, power(product(*inside), exponent))


def _is_whole(exponent: Term) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def _number_power(base: Fraction, exponent: Fraction) -> Term | None:
    if exponent.denominator == 1:
        if base == 0 and exponent < 0:
            return None
        return Number(base ** int(exponent))
    if exponent.denominator == 2 and base > 0:
        roots = [round(part**0.5) for part in (base.numerator, base.denominator)]
        if roots[0] ** 2 == base.numerator and roots[1] ** 2 == base.denominator:
            return Number(Fraction(*roots) ** exponent.numerator)
    return None


def divide(numerator: Term, denominator: Term) -> Term:
    return product(numerator, power(denominator, MINUS_ONE))


def negate(term: Term) -> Term:
    return product(MINUS_ONE, term)


# ---- sums ------------------------------------------------------------------------------------------------


def coefficient_and_rest(term: Term) -> tuple[Fraction, Term]:
    """The rational factor of a term, and the term without it."""
    if isinstance(term, Number):
        return term.value, ONE
    if isinstance(term, Product):
        numbers = [f for f in factors(term) if isinstance(f, Number)]
        if numbers:
            value = Fraction(1)
            for factor in numbers:
                value *= factor.value
            return value, product(*(f for f in factors(term) if not isinstance(f, Number)))
    return Fraction(1), term


def summands(term: Term) -> list[Term]:
    """The summands of a sum of terms, flattened; another term is its own summand."""
    if isinstance(term, Add):
        return [inner for t in term.terms for inner in summands(t)]
    return [term]


def add(*terms: Term) -> Term:
    """The sum of terms, flat, in order of first appearance, like terms merged."""
    merged: dict[str, tuple[Fraction, Term]] = {}
    for term in (inner for t in terms for inner in summands(t)):
        coefficient, rest = coefficient_and_rest(term)
        if coefficient == 0:
            continue
        sign, key = signed_key(rest)
        if key in merged:
            old, first = merged[key]
            merged[key] = (old + coefficient * sign * signed_key(first)[0], first)
        else:
            merged[key] = (coefficient, rest)
    built = [product(Number(c), rest) for c, rest in merged.values() if c]
    if not built:
        return ZERO
    return built[0] if len(built) == 1 else Add(tuple(built))


def subtract(a: Term, b: Term) -> Term:
    return add(a, negate(b))


def total(indices: Iterable[Index], body: Term) -> Term:
    """The sum over free indices of the body; sums directly inside are joined to it."""
    indices = tuple(indices)
    if body.is_zero or not indices:
        return body
    if isinstance(body, Sum):
        more, inner = body.freshly_opened()
        return bind(indices + more, inner)
    return bind(indices, body)


def delta(left: Affine | Index | int, right: Affine | Index | int) -> Term:
    left, right = Affine.of(left), Affine.of(right)
    difference = left - right
    if not difference.parts and difference.offset.constant is not None:
        return ONE if difference.offset.constant == 0 else ZERO
    return Delta(left, right)


def bracket(position: Affine | Index | int, size: Size) -> Term:
    position = Affine.of(position)
    if position.index is not None and position.index.axis.size == size:
        return ONE
    if not position.parts and position.offset.constant is not None and size.constant is not None:
        return ONE if 0 <= position.offset.constant < size.constant else ZERO
    return Bracket(position, size)


def piecewise(conditions: Iterable[Relation], values: Iterable[Term], otherwise: Term) -> Term:
    conditions, values = tuple(conditions), tuple(values)
    if all(value == otherwise for value in values):
        return otherwise
    return Piecewise(conditions, values, otherwise)


def derivative(
    body: Term, symbol: Symbol, indices: Iterable[Affine | Index], held: tuple[str, ...] = ()
) -> Term:
    """The derivative not yet taken; that of a number is 0."""
    if isinstance(body, Number | Constant | SizeOf):
        return ZERO
    return Derivative(body, symbol, tuple(Affine.of(i) for i in indices), held)


def rebuilt(term: Term, children: Iterable[Term]) -> Term:
    """The node over new children with its trivial arithmetic done; an author's node keeps its form.

    For a Sum the children must be locally closed over its `opened` indices: use `rewritten` instead.
    """
    new = tuple(children)
    if all(a is b for a, b in zip(new, term.children, strict=True)):
        return term
    match term:
        case Product(authored=False):
            return product(*new)
        case Add(authored=False):
            return add(*new)
        case Product() if any(child.is_zero for child in new):
            return ZERO
        case Add() if any(child.is_zero for child in new):
            return add(*new)
        case Power():
            return power(*new)
        case Piecewise(conditions=conditions):
            n = len(conditions)
            return piecewise(new[:n], new[n:-1], new[-1])  # type: ignore[arg-type]
        case Derivative(symbol=symbol, indices=indices, held=held):
            return derivative(new[0], symbol, indices, held)
    return term.rebuild(new, term.slots)


def rewritten(term: Term, change: Rewriter) -> Term:
    """`change` applied to the direct subterms (binders opened), the node rebuilt with its arithmetic."""
    if isinstance(term, Sum):
        indices, body = term.opened
        new = change(body)
        return term if new is body else total(indices, new)
    return rebuilt(term, [change(child) for child in term.children])


def plain(term: Term) -> Term:
    """The same value built by the engine's constructors throughout: no trace of how an author wrote it."""
    cached = term.__dict__.get("_plain")
    if cached is None:
        cached = _plain(term)
        term.__dict__["_plain"] = cached
        cached.__dict__["_plain"] = cached
    return cached


def _plain(term: Term) -> Term:
    match term:
        case Sum():
            indices, body = term.freshly_opened()
            return total(indices, plain(body))
        case Product():
            return product(*(plain(factor) for factor in term.factors))
        case Add():
            return add(*(plain(summand) for summand in term.terms))
        case Number(value=value):
            return Number(value)
        case Delta(left=left, right=right):
            return delta(left, right)
    return rebuilt(term, [plain(child) for child in term.children])


def settled(term: Term) -> Term:
    """Every delta of equal indices, as the trace of a diagonal matrix makes them, is the 1 that it is."""
    if not any(isinstance(sub, Delta) and delta(sub.left, sub.right) != sub for sub in subterms(term)):
        return term
    if isinstance(term, Delta):
        return delta(term.left, term.right)
    if isinstance(term, Product):
        kept = [new for factor in term.factors if (new := settled(factor)) != ONE or factor == ONE]
        if any(factor.is_zero for factor in kept):
            return ZERO
        if len(kept) < 2:
            return kept[0] if kept else ONE
        return Product(tuple(kept), authored=term.authored)
    return map_children(term, settled)


# ---- letters ---------------------------------------------------------------------------------------------


def next_letter(axis: Axis, taken: Iterable[str], after: str = "") -> str:
    """A letter for an index of this axis that is not taken; those after `after` come first."""
    taken = set(taken)
    pool = [*axis.letters, *LETTERS] if not after else [*LETTERS, *axis.letters]
    if after in pool:
        start = pool.index(after) + 1
        pool = pool[start:] + pool[:start]
    for letter in pool:
        if letter not in taken:
            return letter
    return next(f"{letter}'" for letter in LETTERS if f"{letter}'" not in taken)


def with_distinct_letters(term: Term, taken: Iterable[str]) -> Term:
    """The same term, every binder's letters changed where a scope around it already uses them."""
    taken = frozenset(taken)
    if isinstance(term, Sum):
        indices, body = term.opened
        new: dict[Index, Index] = {}
        used = set(taken)
        for index in indices:
            letter = index.letter if index.letter not in used else next_letter(index.axis, used, index.letter)
            used.add(letter)
            new[index] = index if letter == index.letter else index.fresh(letter)
        changed = with_distinct_letters(substitute(body, new), used)
        return bind(tuple(new[i] for i in indices), changed)
    return map_children(term, lambda child: with_distinct_letters(child, taken))


def letters_in(term: Term) -> set[str]:
    """Letters of free indices and of every binder."""
    found = {i.letter for i in term.free}
    for sub in subterms(term):
        if isinstance(sub, Sum):
            found.update(sub.letters)
    return found
