"""Algebra that a reader sees: cancel, factor out, join sums, multiply out where that leaves less to read.

And algebra that nobody needs to see: the order of factors, the place of a minus sign.  An author's sums
and products are left as they are.
"""

from fractions import Fraction

from derivations.arithmetic import (
    MINUS_ONE,
    ONE,
    ZERO,
    add,
    base_and_exponent,
    coefficient_and_rest,
    delta,
    factors,
    negate,
    nonzero,
    number,
    power,
    product,
    summands,
    total,
)
from derivations.canonical import signed_key
from derivations.rules import specimens as s
from derivations.rules.rule import Rule, Work, rule
from derivations.rules.sums import SUM_RULES
from derivations.steps import Condition
from derivations.terms import (
    Add,
    Bracket,
    Component,
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
    bind,
    substitute,
    subterms,
)

GROUP = "algebra"


def leaves(term: Term) -> int:
    """How much there is to read: everything that is no number, functions and sums counting as one more."""
    if isinstance(term, Number):
        return 0
    if not term.children:
        return 1
    own = 1 if isinstance(term, Function | Sum) else 0
    children = term.opened[1:] if isinstance(term, Sum) else term.children
    return own + sum(leaves(child) for child in children)


def reading_size(term: Term) -> tuple[int, int]:
    """Leaves first, nodes to break ties: without these, factoring and multiplying out would never end."""
    return leaves(term), sum(1 for _ in subterms(term))


@rule(
    "cancel",
    group=GROUP,
    en="Cancel",
    zh="约分",
    statement=r"\frac{a b}{a} = b",
    condition=(r"$a \ne 0$", r"$a \ne 0$"),
    example=lambda: (
        product(power(s.p[s.i], MINUS_ONE), s.p[s.i], s.b[s.i]),
        s.b[s.i],
    ),
)
def cancel(node: Term, work: Work) -> Term | None:
    """a b / a -> b"""
    if not isinstance(node, Product):
        return None
    parts = factors(node)
    for n, under in enumerate(parts):
        base, exponent = base_and_exponent(under)
        if not (isinstance(exponent, Number) and exponent.value < 0):
            continue
        sign, key = signed_key(base)
        for m, above in enumerate(parts):
            other, positive = base_and_exponent(above)
            if n == m or not (isinstance(positive, Number) and positive.value > 0):
                continue
            other_sign, other_key = signed_key(other)
            whole = positive.value.denominator == 1
            if other_key != key or (sign != other_sign and not whole):
                continue
            if not nonzero(base):
                work.require(Condition(relation=Relation("!=", base, ZERO)))
            flip = MINUS_ONE if sign != other_sign and positive.value % 2 else ONE
            joined = power(base, Number(exponent.value + positive.value))
            rest = [f for k, f in enumerate(parts) if k not in (n, m)]
            return product(flip, *rest[: min(n, m)], joined, *rest[min(n, m) :])
    return None


@rule(
    "join",
    group="sums",
    en="Join the sums",
    zh="合并求和",
    statement=r"\sum_i a_i f_i + \sum_i a_i g_i = \sum_i a_i (f_i + g_i)",
    example=lambda: (
        add(
            total([s.i], product(s.a[s.i], s.b[s.i])),
            negate(total([s.i], product(s.a[s.i], s.z[s.i]))),
        ),
        total([s.i], product(s.a[s.i], add(s.b[s.i], negate(s.z[s.i])))),
    ),
)
def join(node: Term, work: Work) -> Term | None:
    """sum_i a_i f_i + sum_i a_i g_i -> sum_i a_i (f_i + g_i)"""
    if not isinstance(node, Add) or node.authored:
        return None
    terms = summands(node)
    for n, first in enumerate(terms):
        for m in range(n + 1, len(terms)):
            joined = _joined(first, terms[m])
            if joined is not None:
                return add(*terms[:n], joined, *(t for k, t in enumerate(terms) if k > n and k != m))
    return None


def _joined(a: Term, b: Term) -> Term | None:
    (c, left), (d, right) = coefficient_and_rest(a), coefficient_and_rest(b)
    if not (isinstance(left, Sum) and isinstance(right, Sum) and left.axes == right.axes):
        return None
    if len(left.axes) != 1:
        return None
    (index,), body = left.freshly_opened()
    (other,), more = right.freshly_opened()
    more = substitute(more, {other: index})
    keys = {signed_key(f)[1] for f in factors(body) if index in f.free}
    if not any(signed_key(f)[1] in keys for f in factors(more) if index in f.free):
        return None
    together = factored(add(product(Number(c), body), product(Number(d), more)))
    return total([index], together) if isinstance(together, Product) else None


def factored(term: Term) -> Term:
    """The common factors of all summands in front; the term itself where there are none."""
    if not isinstance(term, Add) or term.authored:
        return term
    rows = [_bases(summand) for summand in summands(term)]
    common: list[Term] = []
    for key, (base, exponent) in rows[0][1].items():
        exponents = [row[1][key][1] if key in row[1] else None for row in rows]
        if any(e is None for e in exponents):
            continue
        if all(e == exponent for e in exponents):
            common.append(power(base, exponent))
        elif all(isinstance(e, Number) for e in exponents):
            values = [e.value for e in exponents if isinstance(e, Number)]
            if all(v > 0 for v in values):
                common.append(power(base, Number(min(values))))
            elif all(v < 0 for v in values):
                common.append(power(base, Number(max(values))))
    coefficients = [c for c, _ in rows]
    shared = min(abs(c) for c in coefficients)
    if any((c / shared).denominator != 1 for c in coefficients):
        shared = Fraction(1)
    if all(c < 0 for c in coefficients):
        shared = -shared
    if not common and shared in (1, -1):
        return term
    outside = product(Number(shared), *common)
    inside = add(*(_without(summand, shared, common) for summand in summands(term)))
    return product(outside, inside)


def _bases(summand: Term) -> tuple[Fraction, dict[str, tuple[Term, Term]]]:
    """The bases that stand once in a summand: of b and 1/b side by side neither can be taken out alone."""
    coefficient, rest = coefficient_and_rest(summand)
    found: dict[str, tuple[Term, Term]] = {}
    twice: set[str] = set()
    for factor in factors(rest):
        base, exponent = base_and_exponent(factor)
        sign, key = signed_key(base)
        if not isinstance(base, Number):
            twice |= {f"{sign}{key}"} & found.keys()
            found[f"{sign}{key}"] = (base, exponent)
    return coefficient, {key: one for key, one in found.items() if key not in twice}


def _without(summand: Term, shared: Fraction, common: list[Term]) -> Term:
    """The summand divided by the common factors, which it surely contains."""
    coefficient, rest = coefficient_and_rest(summand)
    left = {signed_key(base_and_exponent(f)[0]): base_and_exponent(f)[1] for f in common}
    built: list[Term] = [Number(coefficient / shared)]
    for factor in factors(rest):
        base, exponent = base_and_exponent(factor)
        taken = left.pop(signed_key(base), None)
        built.append(factor if taken is None else power(base, add(exponent, negate(taken))))
    return product(*built)


@rule(
    "factor",
    group=GROUP,
    en="Factor out",
    zh="提取公因子",
    statement=r"a b + a c = a (b + c)",
    example=lambda: (
        add(product(s.p[s.i], delta(s.i, s.j)), product(MINUS_ONE, s.p[s.i], s.p[s.j])),
        product(s.p[s.i], add(delta(s.i, s.j), negate(s.p[s.j]))),
    ),
)
def factor(node: Term, work: Work) -> Term | None:
    """a b + a c -> a (b + c)"""
    new = factored(node)
    return None if new is node else new


def _one_level(term: Term) -> Term:
    """a (b + c) d -> a b d + a c d, for the first bracket."""
    parts = factors(term)
    for n, part in enumerate(parts):
        if isinstance(part, Add) and len(parts) > 1:
            return add(*(product(*parts[:n], t, *parts[n + 1 :]) for t in summands(part)))
    return term


def _multiplied_out(term: Term) -> Term:
    if isinstance(term, Product):
        parts = factors(term)
        for n, part in enumerate(parts):
            if isinstance(part, Add):
                return add(
                    *(_multiplied_out(product(*parts[:n], t, *parts[n + 1 :])) for t in summands(part))
                )
            if isinstance(part, Power) and isinstance(part.base, Add) and part.exponent == number(2):
                others = parts[:n] + parts[n + 1 :]
                terms = summands(part.base)
                return add(*(_multiplied_out(product(*others, a, b)) for a in terms for b in terms))
    if isinstance(term, Power) and isinstance(term.base, Add) and term.exponent == number(2):
        terms = summands(term.base)
        return add(*(_multiplied_out(product(a, b)) for a in terms for b in terms))
    if isinstance(term, Add):
        return add(*(_multiplied_out(t) for t in summands(term)))
    return term


def split_sum(node: Sum, body: Term | None = None) -> Term:
    """The sum of every summand by itself, with what each of them can give away or absorb."""
    indices, opened = node.freshly_opened()
    new = _one_level(opened) if body is None else body
    quiet = Work.silent()
    return add(*(quiet.everywhere(total(indices, t), SUM_RULES) for t in summands(new)))


@rule(
    "expand",
    group=GROUP,
    en="Multiply out and cancel",
    zh="展开并消去",
    statement=r"a (b + c) - a c = a b",
    example=lambda: (
        add(product(s.a[s.i], add(s.b[s.i], s.z[s.i])), product(MINUS_ONE, s.a[s.i], s.z[s.i])),
        product(s.a[s.i], s.b[s.i]),
    ),
)
def expand(node: Term, work: Work) -> Term | None:
    """brackets multiplied out, also across a sum, where less is left to read"""
    candidates: list[Term] = []
    if isinstance(node, Sum):
        if isinstance(node.body, Add | Product):
            candidates = [split_sum(node)]
    elif isinstance(node, Product | Add) and not getattr(node, "authored", False):
        candidates = [_one_level(node), _multiplied_out(node)]
    for candidate in candidates:
        if leaves(candidate) < leaves(node) and reading_size(candidate) < reading_size(node):
            return candidate
    return _without_inner_brackets(node) if isinstance(node, Add) else None


def _without_inner_brackets(node: Add) -> Term | None:
    """a + 1 - (b + 1) -> a - b: only numbers are multiplied out, and some summands cancel.

    A bracket of the engine's own behind a sign is opened in any case: a - (b + c) -> a - b - c.
    """
    if node.authored:
        return None
    flat: list[Term] = []
    needless = False
    for summand in summands(node):
        coefficient, rest = coefficient_and_rest(summand)
        flat += [product(Number(coefficient), inner) for inner in summands(rest)]
        needless = needless or (isinstance(rest, Add) and not rest.authored and abs(coefficient) == 1)
    together = add(*flat)
    return together if needless or len(summands(together)) < len(flat) else None


# ---- what nobody needs to see ----------------------------------------------------------------------------

_RANK: tuple[tuple[type[Term], int], ...] = (
    (Number, 0),
    (SizeOf, 1),
    (Component, 3),
    (Function, 4),
    (Add, 5),
    (Piecewise, 5),
    (Delta, 6),
    (Bracket, 6),
    (Sum, 7),
    (Derivative, 8),
)


def _place(factor: Term, work: Work) -> tuple[int, int]:
    """Where a factor stands: by its kind; scalars of the caller before names, components by output index."""
    base, _ = base_and_exponent(factor)
    if isinstance(base, Component) and not factor.free:
        return 2, int(base.symbol.name in work.definitions)
    if isinstance(base, Component):
        shown = [work.output.index(i) for i in factor.free if i in work.output]
        return 3, min(shown, default=len(work.output))
    return next((rank for kind, rank in _RANK if isinstance(base, kind)), 4), 0


@rule(
    "order",
    group=GROUP,
    en="Order the factors",
    zh="整理因子次序",
    statement=r"b\,a = a\,b",
    example=lambda: (
        product(s.exp(s.z[s.i]), s.a[s.i]),
        product(s.a[s.i], s.exp(s.z[s.i])),
    ),
    bookkeeping=True,
    silent=True,
)
def order(node: Term, work: Work) -> Term | None:
    """numbers, sizes, scalars, components, functions, brackets, deltas, sums; equals keep their order"""
    if not isinstance(node, Product) or node.authored:
        return None
    parts = sorted(factors(node), key=lambda f: _place(f, work))
    new = Product(tuple(parts))
    return None if new == node else new


def _mixed(term: Term) -> bool:
    """A bracket with both signs.  Not `1 - t**2`: people leave a leading number where it is."""
    if not isinstance(term, Add):
        return False
    first, *others = summands(term)
    if isinstance(first, Number) and first.value > 0:
        return False
    return any(coefficient_and_rest(t)[0] < 0 for t in (first, *others))


def _turned(term: Term) -> Term:
    turned = [negate(t) for t in summands(term)]
    return add(*sorted(turned, key=lambda t: coefficient_and_rest(t)[0] < 0))


def _turned_inside(node: Term, authors_too: bool) -> Term | None:
    """-(a - b) c -> (b - a) c, for the first bracket of mixed sign, also under a sum."""
    if not isinstance(node, Product):
        return None
    coefficient, rest = coefficient_and_rest(node)
    if coefficient >= 0:
        return None
    parts = factors(rest)
    for n, part in enumerate(parts):
        if _may_turn(part, authors_too):
            return product(Number(-coefficient), *parts[:n], _turned(part), *parts[n + 1 :])
        if isinstance(part, Sum):
            indices, body = part.freshly_opened()
            inner = factors(body)
            for m, inside in enumerate(inner):
                if _may_turn(inside, authors_too):
                    turned = product(*inner[:m], _turned(inside), *inner[m + 1 :])
                    return product(Number(-coefficient), *parts[:n], bind(indices, turned), *parts[n + 1 :])
    return None


def _may_turn(term: Term, authors_too: bool) -> bool:
    return _mixed(term) and (authors_too or not getattr(term, "authored", False))


@rule(
    "signs",
    group=GROUP,
    en="Move the minus sign inside",
    zh="负号移入括号",
    statement=r"-(a - b) = b - a",
    example=lambda: (
        product(MINUS_ONE, s.p[s.i], add(s.a[s.i], negate(s.b[s.i]))),
        product(s.p[s.i], add(s.b[s.i], negate(s.a[s.i]))),
    ),
)
def signs(node: Term, work: Work) -> Term | None:
    """-(a - b) -> b - a; an author's difference is turned round only at the end, in a step of its own"""
    return _turned_inside(node, authors_too=True)


@rule(
    "turn",
    group=GROUP,
    en="Move the minus sign inside",
    zh="负号移入括号",
    statement=r"-(a - b) = b - a",
    example=lambda: (
        product(number(-2), add(s.a[s.i], negate(s.b[s.i]))),
        product(number(2), add(s.b[s.i], negate(s.a[s.i]))),
    ),
    bookkeeping=True,
    silent=True,
)
def turn(node: Term, work: Work) -> Term | None:
    """the same for a difference that the engine has made, as part of another step"""
    return _turned_inside(node, authors_too=False)


def outside_sums_of_terms(term: Term, work: Work, one: Rule) -> Term:
    """The rule at the top of a term, never on a summand among others."""
    if isinstance(term, Derivative | Add):
        return term
    after = work.apply(one, term)
    return term if after is None else after


@rule(
    "positive_first",
    group=GROUP,
    en="Positive summand first",
    zh="正项在前",
    statement=r"-a + b = b - a",
    example=lambda: (add(negate(s.a[s.i]), s.b[s.i]), add(s.b[s.i], negate(s.a[s.i]))),
    bookkeeping=True,
    silent=True,
)
def positive_first(node: Term, work: Work) -> Term | None:
    """-a + b -> b - a"""
    if not isinstance(node, Add) or node.authored:
        return None
    terms = summands(node)
    if coefficient_and_rest(terms[0])[0] >= 0:
        return None
    for n, term in enumerate(terms):
        if coefficient_and_rest(term)[0] > 0:
            return Add((term, *terms[:n], *terms[n + 1 :]))
    return None
