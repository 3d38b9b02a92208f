"""The stability pass: the table of rewrites to its fixpoint, and the few moves that need a new name.

Those are the shift of a sum of exponentials, the logarithm of such a sum, the unit of a length, and what a
product is at infinity.  None of them knows a formula: softmax or GELU come out right because of what they are
made of, and a formula of anybody else does so too.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from derivations.arithmetic import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    add,
    divide,
    factors,
    negate,
    nonnegative,
    plain,
    power,
    product,
    rewritten,
    subtract,
    summands,
    total,
)
from derivations.codegen.patterns import everywhere
from derivations.codegen.rewrites import REWRITES
from derivations.codegen.stable import is_bounded, is_vanishing, stable
from derivations.functions import apply
from derivations.indices import Index
from derivations.scope import Definition, Definitions
from derivations.terms import (
    Add,
    Component,
    Constant,
    Function,
    Number,
    Power,
    Product,
    SizeOf,
    Sum,
    Symbol,
    Term,
    subterms,
    symbols,
)

_ROUNDS = 12  # more rounds than any chain of rewrites in the table is long


@dataclass(frozen=True)
class Calculation:
    """What is to be computed: names in order, and the term that uses them."""

    names: Definitions
    result: Term

    def mapped(self, change: Callable[[Term, Definitions], Term]) -> "Calculation":
        """The change applied to every body in order, each seeing the names before it already changed."""
        names = Definitions()
        for definition in self.names:
            names = names.extended(replace(definition, body=change(definition.body, names)))
        return Calculation(names, change(self.result, names))

    def grown(self, change: Callable[[Term], Term], added: list[Definition]) -> "Calculation":
        """The change applied to every body in order; what it puts into `added` stands before that body."""
        for definition in self.names:
            added.append(replace(definition, body=change(definition.body)))
        result = change(self.result)
        return Calculation(Definitions(added), result)

    @property
    def taken(self) -> set[str]:
        """Names in use."""
        return {d.symbol.name for d in self.names} | {s.name for s in symbols(self.result)}


def stabilized(calculation: Calculation) -> Calculation:
    """The same values from safer expressions."""
    calculation = calculation.mapped(lambda term, names: plain(term))
    calculation = _with_elementwise_names_opened(calculation)
    calculation = calculation.mapped(lambda term, names: guarded_logarithms(term))
    calculation = _with_shifted_exponentials(calculation)
    calculation = calculation.mapped(shortest)
    calculation = _with_accurate_logarithms(calculation)
    calculation = _with_scaled_lengths(calculation)
    return calculation.mapped(lambda term, names: guarded(term))


def by_table(term: Term, names: Definitions) -> Term:
    """The table to its fixpoint."""
    for _ in range(_ROUNDS):
        before = term
        for rewrite in REWRITES:
            term = everywhere(rewrite.before, rewrite.after, term, names)
        if term == before:
            break
    return term


def shortest(term: Term, names: Definitions) -> Term:
    """The table on the term as it stands or multiplied out, whichever ends shorter.

    A derivative in the names of its formula, such as `f + sigmoid(x)*(1 - f)` with f = x*sigmoid(x), cancels
    in a way that shows only when it is multiplied out.
    """
    straight = by_table(term, names)
    below = list(subterms(term))
    if any(isinstance(sub, Sum) for sub in below) or not any(isinstance(sub, Function) for sub in below):
        return straight
    opened = by_table(_multiplied_out(term), names)
    return opened if _weight(opened) < _weight(straight) else straight


def _weight(term: Term) -> int:
    return sum(1 for _ in subterms(term))


def _multiplied_out(term: Term) -> Term:
    term = rewritten(term, _multiplied_out)
    if not isinstance(term, Product):
        return term
    sums = [f for f in factors(term) if isinstance(f, Add)]
    if not sums:
        return term
    rest = product(*(f for f in factors(term) if f is not sums[0]))
    return add(*(_multiplied_out(product(rest, part)) for part in summands(sums[0])))


# ---- names that are functions of single entries ------------------------------------------------------------


def _with_elementwise_names_opened(calculation: Calculation) -> Calculation:
    """Names that apply functions to single entries disappear into what uses them.

    The table then sees `1 - sigmoid(x)` and not `1 - s`; what is shared is found again in the graph.
    """
    elementwise: dict[str, Definition] = {}
    kept: list[Definition] = []

    def opened(term: Term) -> Term:
        if isinstance(term, Component) and term.symbol.name in elementwise:
            return elementwise[term.symbol.name].at(term.indices)
        return rewritten(term, opened)

    names = {d.symbol.name for d in calculation.names}
    for definition in calculation.names:
        body = opened(definition.body)
        changed = replace(definition, body=body)
        below = list(subterms(body))
        whole = definition.operation or any(isinstance(sub, Sum) for sub in below)
        function = any(isinstance(sub, Function) for sub in below)
        if function and not whole and all(symbol.name not in names for symbol in symbols(body)):
            elementwise[definition.symbol.name] = changed
        else:
            kept.append(changed)
    return Calculation(Definitions(kept), opened(calculation.result))


# ---- sums of exponentials ----------------------------------------------------------------------------------


def _with_shifted_exponentials(calculation: Calculation) -> Calculation:
    """Each sum of exponentials, divided by the exponential of its largest exponent, which becomes a factor.

    That factor meets the exponential above or the logarithm around it, and the table does the rest.
    """
    result: list[Definition] = []
    scaled: dict[str, Term] = {}  # name of a scaled sum -> exp(shift), in the indices of the name
    places: dict[str, Definition] = {}
    taken = calculation.taken

    def change(term: Term) -> Term:
        term = rewritten(term, change)
        if isinstance(term, Component) and term.symbol.name in scaled:
            definition = places[term.symbol.name]
            moved = replace(definition, body=scaled[term.symbol.name])
            return product(moved.at(term.indices), term)
        found = _exponents(term)
        if found is None:
            return term
        indices, exponent, weight = found
        shift = _largest(exponent, indices, taken)
        result.append(shift)
        raised = apply("exp", subtract(stable("finite_above", exponent), shift.left))
        return product(apply("exp", shift.left), total(indices, product(weight, raised)))

    for definition in calculation.names:
        body = change(definition.body)
        own = _own_shift(body, {d.symbol.name for d in result if d.operation == "maximum"})
        if own is not None:
            factor, body = own
            scaled[definition.symbol.name] = factor
        places[definition.symbol.name] = definition
        result.append(replace(definition, body=body))
    answer = change(calculation.result)
    return Calculation(Definitions(result), answer)


def _exponents(term: Term) -> tuple[tuple[Index, ...], Term, Term] | None:
    """Indices, exponent and weight of a sum of exponentials."""
    if not isinstance(term, Sum):
        return None
    indices, body = term.freshly_opened()
    inside = [f for f in factors(body) if isinstance(f, Function) and f.head.name == "exp"]
    if len(inside) != 1 or not set(indices) <= inside[0].free:
        return None
    exponent = inside[0].arguments[0]
    return indices, exponent, product(*(f for f in factors(body) if f is not inside[0]))


def _largest(exponent: Term, indices: tuple[Index, ...], taken: set[str]) -> Definition:
    outer = _in_order(exponent.free - set(indices))
    return Definition(
        Symbol(_unused("m", taken), tuple(i.axis for i in outer)),
        outer,
        stable("finite_above", exponent),
        "maximum",
    )


def _in_order(indices: Iterable[Index]) -> tuple[Index, ...]:
    return tuple(sorted(indices, key=lambda i: (i.letter, i.axis.name, i.serial)))


def _unused(name: str, taken: set[str]) -> str:
    """The name, or the first of its numbered relatives that is free; it is then taken."""
    numbered = (f"{name}{count}" for count in itertools.count(1))
    found = next(n for n in itertools.chain([name], numbered) if n not in taken)
    taken.add(found)
    return found


def _own_shift(body: Term, shifts: set[str]) -> tuple[Term, Term] | None:
    """exp(shift) and the rest, where the body is a scaled sum with that factor, or is divided by one.

    An adjoint is divided by it, and the exponential that it meets stands only in the adjoint after it; where
    both stand in one body the table joins them.
    """
    parts = factors(body)
    for part in parts:
        rest = [p for p in parts if p is not part]
        divides = isinstance(part, Power) and isinstance(part.exponent, Number)
        raised = part.base if divides and isinstance(part, Power) else part
        if _is_exponential(raised) and not (divides and any(map(_is_exponential, rest))):
            (inner,) = raised.children
            if isinstance(inner, Component) and inner.symbol.name in shifts:
                return part, product(*rest)
    return None


def _is_exponential(term: Term) -> bool:
    return isinstance(term, Function) and term.head.name == "exp"


def _with_accurate_logarithms(calculation: Calculation) -> Calculation:
    """log of a sum of shifted exponentials: its largest summand is 1, so it is log1p of the others."""
    result: list[Definition] = []
    taken = calculation.taken
    bodies = {d.symbol.name: d for d in calculation.names}
    shifts = {name for name, d in bodies.items() if d.operation == "maximum"}

    def change(term: Term) -> Term:
        term = rewritten(term, change)
        if not (isinstance(term, Function) and term.head.name == "log"):
            return term
        inner = term.arguments[0]
        if isinstance(inner, Component) and inner.symbol.name in bodies:
            inner = bodies[inner.symbol.name].at(inner.indices)
        found = _exponents(inner)
        if found is None or found[2] != ONE or shifts.isdisjoint(s.name for s in symbols(found[1])):
            return term
        outer = _in_order(inner.free)
        name = _unused("log_s", taken)
        logarithm = Definition(
            Symbol(name, tuple(i.axis for i in outer)), outer, found[1], "log_of_shifted_sum"
        )
        result.append(logarithm)
        return logarithm.left

    return calculation.grown(change, result)


# ---- lengths -----------------------------------------------------------------------------------------------


def _with_scaled_lengths(calculation: Calculation) -> Calculation:
    """sqrt(c*sum(u**2) + e) as hypot of a length taken in units of its largest entry, and of sqrt(e)."""
    result: list[Definition] = []
    taken = calculation.taken
    bodies = {d.symbol.name: d for d in calculation.names}

    def through(term: Term) -> Term:
        if isinstance(term, Component) and term.symbol.name in bodies:
            return bodies[term.symbol.name].at(term.indices)
        return term

    def change(term: Term) -> Term:
        term = rewritten(term, change)
        if not (isinstance(term, Power) and term.exponent in (HALF, negate(HALF))):
            return term
        parts = [through(part) for part in summands(term.base)]
        found = [(n, squares) for n, part in enumerate(parts) if (squares := _squares(part)) is not None]
        if len(found) != 1:
            return term
        place, (indices, entry, scale) = found[0]
        rest = add(*(part for n, part in enumerate(summands(term.base)) if n != place))
        if not nonnegative(rest) or not nonnegative(scale):
            return term
        outer = _in_order(entry.free - set(indices))
        axes = tuple(i.axis for i in outer)
        unit = Definition(Symbol(_unused("unit", taken), axes), outer, entry, "largest_magnitude")
        # nodes and not constructors: a square of the quotient must not become a quotient of squares
        relative = Power(divide(entry, unit.left), TWO)
        root = Power(product(scale, total(indices, relative)), HALF)
        length = Definition(Symbol(_unused("length", taken), axes), outer, Product((unit.left, root)))
        result.extend((unit, length))
        whole = length.left if rest.is_zero else stable("hypot", length.left, power(rest, HALF))
        return whole if term.exponent == HALF else power(whole, MINUS_ONE)

    return calculation.grown(change, result)


def _squares(term: Term) -> tuple[tuple[Index, ...], Term, Term] | None:
    """Indices, entry and scale, where the term is a scaled sum of squares."""
    sums = [f for f in factors(term) if isinstance(f, Sum)]
    if len(sums) != 1:
        return None
    indices, body = sums[0].freshly_opened()
    if not (isinstance(body, Power) and body.exponent == TWO):
        return None
    return indices, body.base, product(*(f for f in factors(term) if f is not sums[0]))


# ---- infinity ----------------------------------------------------------------------------------------------


def guarded_logarithms(term: Term) -> Term:
    """`y log p` with the value 0 at y = 0, whatever p is."""
    term = rewritten(term, guarded_logarithms)
    if not isinstance(term, Product):
        return term
    logarithms = [f for f in term.factors if isinstance(f, Function) and f.head.name == "log"]
    weights = [f for f in term.factors if isinstance(f, Component)]
    if len(logarithms) != 1 or not weights:
        return term
    rest = [f for f in term.factors if f is not logarithms[0] and f is not weights[0]]
    return product(*rest, stable("zero_wins", weights[0], logarithms[0]))


def guarded(term: Term) -> Term:
    """What vanishes times what grows with the same variable: a product that is safe at infinity."""
    term = rewritten(term, guarded)
    if not isinstance(term, Product):
        return term
    for vanishing in (f for f in term.factors if is_vanishing(f)):
        others = [f for f in term.factors if f is not vanishing]
        growing = [f for f in others if _grows_with(f, vanishing)]
        if growing:
            rest = [f for f in others if f not in growing]
            return product(*rest, stable("zero_wins", vanishing, product(*growing)))
    return term


def _grows_with(factor: Term, vanishing: Term) -> bool:
    if is_bounded(factor) or isinstance(factor, Number | Constant | SizeOf):
        return False
    return not {s.name for s in symbols(factor)}.isdisjoint(s.name for s in symbols(vanishing))
