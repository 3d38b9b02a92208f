"""The stability pass: a table of identities, and the few moves that need a new name.

Each rewrite is a pair of terms with equal values and unequal rounding; tests evaluate both sides at random
points, as they do with every step of a derivation.  The table is run to a fixpoint, from the inside out.
No rewrite knows a formula: `p - y` or GELU come out right because of what they are made of.
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
    number,
    plain,
    power,
    product,
    rewritten,
    subtract,
    summands,
    total,
)
from derivations.codegen.patterns import everywhere
from derivations.codegen.stable import is_bounded, is_vanishing, stable
from derivations.functions import apply
from derivations.scope import Definition, Definitions
from derivations.terms import (
    Add,
    Affine,
    Axis,
    Component,
    Constant,
    Function,
    Index,
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
class Stabilization:
    """An identity whose right side is safe where its left side is not."""

    name: str
    before: Term
    after: Term
    why: str
    positive: tuple[str, ...] = ()  # variables for which the identity needs values above 0


_N = Axis.named("n", "k")
_K = _N.index("k")
_u = Component(Symbol("u"), ())
_v = Component(Symbol("v"), ())
_x = Component(Symbol("x", (_N,)), (Affine.of(_K),))
_e = apply("exp", _u)
_minus_u = negate(_u)
_mean = divide(total((_K,), _x), SizeOf(_N.size))

TABLE = (
    Stabilization(
        "logistic",
        power(add(ONE, apply("exp", _minus_u)), MINUS_ONE),
        apply("sigmoid", _u),
        "exp(-u) overflows for u < -709, its sigmoid does not",
    ),
    Stabilization(
        "logistic with the exponential above",
        product(_e, power(add(ONE, _e), MINUS_ONE)),
        apply("sigmoid", _u),
        "exp(u) overflows above and below the line for u > 709: infinity over infinity",
    ),
    Stabilization(
        "sigmoid times what an exponential leaves",
        product(apply("exp", _minus_u), apply("sigmoid", _u)),
        apply("sigmoid", _minus_u),
        "exp(-u) overflows while sigmoid(u) vanishes; their product is at most 1",
    ),
    Stabilization(
        "hyperbolic tangent of exponentials",
        divide(subtract(_e, apply("exp", _minus_u)), add(_e, apply("exp", _minus_u))),
        apply("tanh", _u),
        "exp(u) overflows for |u| > 709, and near 0 the difference cancels",
    ),
    Stabilization(
        "complement of sigmoid",
        subtract(ONE, apply("sigmoid", _u)),
        apply("sigmoid", _minus_u),
        "1 - sigmoid(u) is 0 for u > 37; sigmoid(-u) keeps its digits down to u = 745",
    ),
    Stabilization(
        "sigmoid against one half",
        subtract(ONE, product(TWO, apply("sigmoid", _u))),
        apply("tanh", product(number(-1), HALF, _u)),
        "the difference cancels near u = 0",
    ),
    Stabilization(
        "slope of sigmoid",
        product(apply("sigmoid", _u), apply("sigmoid", _minus_u)),
        stable("sigmoid_slope", _u),
        "one exponential instead of two: e/(1 + e)**2 with e = exp(-|u|)",
    ),
    Stabilization(
        "slope of tanh",
        subtract(ONE, power(apply("tanh", _u), TWO)),
        stable("sech_squared", _u),
        "the difference loses all digits from |u| = 19 on; 4e/(1 + e)**2 with e = exp(-2|u|) loses none",
    ),
    Stabilization(
        "difference of squares",
        subtract(ONE, power(_u, TWO)),
        product(subtract(ONE, _u), add(ONE, _u)),
        "squaring rounds before 1 - u**2 cancels; 1 - u is exact there",
    ),
    Stabilization(
        "error function at its lower end",
        add(ONE, apply("erf", _u)),
        stable("erfc", _minus_u),
        "1 + erf(u) cancels for u < 0",
    ),
    Stabilization(
        "error function at its upper end",
        subtract(ONE, apply("erf", _u)),
        stable("erfc", _u),
        "1 - erf(u) cancels for u > 0",
    ),
    Stabilization(
        "normal distribution function",
        stable("erfc", product(_u, power(TWO, negate(HALF)))),
        product(TWO, stable("normal_cdf", _minus_u)),
        "rounding u/sqrt(2) costs u**2 units in the last place in the tail",
    ),
    Stabilization(
        "complement of the normal distribution function",
        subtract(ONE, stable("normal_cdf", _u)),
        stable("normal_cdf", _minus_u),
        "the difference cancels for u > 0",
    ),
    Stabilization(
        "bell curve",
        apply("exp", product(negate(HALF), power(_u, TWO))),
        stable("gaussian", _u),
        "rounding u**2 costs u**2 units in the last place of its exponential",
    ),
    Stabilization(
        "softplus",
        apply("log", add(ONE, _e)),
        apply("softplus", _u),
        "exp(u) overflows for u > 709, and for u < 0 its digits are lost beside 1",
    ),
    Stabilization(
        "logarithm of sigmoid",
        apply("log", apply("sigmoid", _u)),
        negate(apply("softplus", _minus_u)),
        "sigmoid(u) underflows for u < -745, where its logarithm is u",
    ),
    Stabilization(
        "logarithm near one",
        apply("log", add(ONE, _u)),
        apply("log1p", _u),
        "1 + u drops the digits of a small u",
        positive=("u",),
    ),
    Stabilization(
        "exponential near one",
        subtract(_e, ONE),
        apply("expm1", _u),
        "exp(u) - 1 cancels for small u",
    ),
    Stabilization(
        "quotient of exponentials",
        product(_e, power(apply("exp", _v), MINUS_ONE)),
        apply("exp", subtract(stable("finite_above", _u), _v)),
        "both may overflow where their quotient is at most 1",
    ),
    Stabilization(
        "logarithm of an exponential",
        apply("log", _e),
        _u,
        "exp(u) may overflow or vanish",
    ),
    Stabilization(
        "logarithm of a product with an exponential",
        apply("log", product(_e, _v)),
        add(_u, apply("log", _v)),
        "the logarithm undoes the exponential before it can overflow or vanish",
        positive=("v",),
    ),
    Stabilization(
        "logarithm of a reciprocal",
        apply("log", power(_u, MINUS_ONE)),
        negate(apply("log", _u)),
        "1/u rounds, and its logarithm near 1 shows it",
        positive=("u",),
    ),
    Stabilization(
        "two-pass variance",
        subtract(divide(total((_K,), power(_x, TWO)), SizeOf(_N.size)), power(_mean, TWO)),
        divide(total((_K,), power(subtract(_x, _mean), TWO)), SizeOf(_N.size)),
        "the mean of squares minus the square of the mean cancels when the mean is large",
    ),
)


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
        for rewrite in TABLE:
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
    taken = {d.symbol.name for d in calculation.names} | {s.name for s in symbols(calculation.result)}

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
        Symbol(_unused("m", taken), tuple(i.axis for i in outer)), outer, stable("finite_above", exponent), "maximum"
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
    """exp(shift) and the rest, where the body is a scaled sum with that factor."""
    parts = factors(body)
    for part in parts:
        if isinstance(part, Function) and part.head.name == "exp":
            inner = part.arguments[0]
            if isinstance(inner, Component) and inner.symbol.name in shifts:
                return part, product(*(p for p in parts if p is not part))
    return None


def _with_accurate_logarithms(calculation: Calculation) -> Calculation:
    """log of a sum of shifted exponentials: its largest summand is 1, so it is log1p of the others."""
    result: list[Definition] = []
    taken = {d.symbol.name for d in calculation.names} | {s.name for s in symbols(calculation.result)}
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

    for definition in calculation.names:
        result.append(replace(definition, body=change(definition.body)))
    answer = change(calculation.result)
    return Calculation(Definitions(result), answer)


# ---- lengths -----------------------------------------------------------------------------------------------


def _with_scaled_lengths(calculation: Calculation) -> Calculation:
    """sqrt(c*sum(u**2) + e) as hypot of a length taken in units of its largest entry, and of sqrt(e)."""
    result: list[Definition] = []
    taken = {d.symbol.name for d in calculation.names} | {s.name for s in symbols(calculation.result)}
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
        unit = Definition(Symbol(_unused("a", taken), tuple(i.axis for i in outer)), outer, entry, "largest_magnitude")
        result.append(unit)
        # nodes and not constructors: a square of the quotient must not become a quotient of squares
        relative = Power(divide(entry, unit.left), TWO)
        length = Product((unit.left, Power(product(scale, total(indices, relative)), HALF)))
        whole = length if rest.is_zero else stable("hypot", length, power(rest, HALF))
        return whole if term.exponent == HALF else power(whole, MINUS_ONE)

    for definition in calculation.names:
        result.append(replace(definition, body=change(definition.body)))
    answer = change(calculation.result)
    return Calculation(Definitions(result), answer)


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
    """A product of something that vanishes and something that grows with the same variable, safe at infinity."""
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
