"""Names: insert what a name stands for, and write the name where its definition has come up again.

A definition is a multiset of bases with exponents; a product that holds it k times (k whole) holds the name
k times, also when a sum stands between the parts.  Results in the author's names come from here.
"""

from collections.abc import Iterator
from fractions import Fraction

from derivations.arithmetic import (
    MINUS_ONE,
    ONE,
    ZERO,
    add,
    base_and_exponent,
    coefficient_and_rest,
    derivative,
    factors,
    negate,
    nonzero,
    number,
    plain,
    power,
    product,
    summands,
    total,
)
from derivations.canonical import signed_key
from derivations.indices import Index
from derivations.rules import specimens as s
from derivations.rules.algebra import leaves, reading_size, split_sum
from derivations.rules.matching import Binding, first_match, matches
from derivations.rules.rule import Work, rule
from derivations.scope import Definition
from derivations.steps import Rewrite
from derivations.terms import (
    Add,
    Component,
    Derivative,
    Function,
    Number,
    Power,
    Product,
    Relation,
    Sum,
    Symbol,
    Term,
    map_children,
    substitute,
    subterms,
)

GROUP = "names"
_MULTIPLES = 8  # how often one product is searched for one name


@rule(
    "define",
    group=GROUP,
    en="Insert the definition",
    zh="代入定义",
    statement=r"a := b \;\Rightarrow\; F(a) = F(b)",
    example=lambda: (
        derivative(s.Q[s.i], s.Z, [s.j]),
        derivative(product(s.exp(s.z[s.i]), power(s.S.scalar, MINUS_ONE)), s.Z, [s.j]),
    ),
)
def define(node: Term, work: Work) -> Term | None:
    """the derivative of a name -> the derivative of what it stands for"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Component)):
        return None
    definition = work.definitions.get(node.body.symbol.name)
    if definition is None or definition.operation or definition.symbol.name == node.symbol.name:
        return None
    work.about = definition.symbol.name
    return derivative(definition.at(node.body.indices), node.symbol, node.indices, node.held)


@rule(
    "open",
    group=GROUP,
    en="Insert the definition",
    zh="代入定义",
    statement=r"a := b \;\Rightarrow\; F(a) = F(b)",
    example=lambda: (total([s.i], add(s.a[s.i], negate(s.MU.scalar))), ZERO),
)
def open_and_cancel(node: Term, work: Work) -> Term | None:
    """names inside a sum opened where that leaves less to read: sum(x - mean) = 0 needs no fact"""
    if not isinstance(node, Sum):
        return None
    body = node.opened[1]
    bracketed = (
        body if isinstance(body, Add) else next((f for f in factors(body) if isinstance(f, Add)), None)
    )
    if bracketed is None:
        return None
    for definition in work.definitions:
        if definition.operation or not isinstance(definition.body, Product | Sum):
            continue
        if not any(_is_name(sub, definition.symbol) for sub in subterms(bracketed)):
            continue
        split = split_sum(node)
        candidate = add(*(_opened(t, definition) for t in summands(split)))
        if leaves(candidate) < leaves(node) and reading_size(candidate) < reading_size(node):
            work.log.append(Rewrite("split", node, split))
            work.about = definition.symbol.name
            return candidate
    return None


def _is_name(term: Term, symbol: Symbol) -> bool:
    return isinstance(term, Component) and term.symbol.name == symbol.name


def _opened(term: Term, definition: Definition) -> Term:
    if isinstance(term, Component) and _is_name(term, definition.symbol):
        return plain(definition.at(term.indices))
    return plain(map_children(term, lambda child: _opened(child, definition)))


@rule(
    "name",
    group=GROUP,
    en="Use the name",
    zh="换回记号",
    statement=r"a := b \;\Rightarrow\; F(b) = F(a)",
    example=lambda: (
        product(s.exp(s.z[s.i]), s.exp(s.z[s.j]), power(s.S.scalar, number(-2))),
        product(s.Q[s.i], s.Q[s.j]),
    ),
)
def name(node: Term, work: Work) -> Term | None:
    """what a definition says -> its name, the latest definition first"""
    for definition in reversed(tuple(work.definitions)):
        if definition.symbol.name not in work.unnamed and is_worth_a_name(definition):
            folded = fold(node, definition)
            if folded is not None:
                work.about = definition.symbol.name
                return folded
    return None


@rule(
    "fold",
    group=GROUP,
    en="Use the name",
    zh="换回记号",
    statement=r"a := b \;\Rightarrow\; F(b) = F(a)",
    example=lambda: (
        power(add(ONE, s.exp(negate(s.C.scalar))), number(-2)),
        power(s.T.scalar, number(2)),
    ),
    bookkeeping=True,
)
def fold_atomic(node: Term, work: Work) -> Term | None:
    """the same at once, where the definition is one function call or one power"""
    for definition in reversed(tuple(work.definitions)):
        if not definition.operation and isinstance(plain(definition.body), Function | Power):
            folded = fold(node, definition)
            if folded is not None:
                work.about = definition.symbol.name
                return folded
    return None


def absorbs_part_only(definition: Definition, term: Term) -> bool:
    """Whether a function that the definition multiplies still stands in the term beside the name.

    `3 x**2 e**x + f` for f = x**3 e**x says less than `x**2 e**x (3 + x)`.
    """
    parts = [base_and_exponent(f)[0] for f in factors(plain(definition.body))]
    functions = [part for part in parts if isinstance(part, Function)]
    if len(parts) == 1 or any(isinstance(sub, Sum) for sub in subterms(definition.body)):
        return False
    variables = frozenset(definition.indices)
    return any(
        first_match(function, sub, variables) is not None
        for function in functions
        for sub in subterms(term)
        if isinstance(sub, Function)
    )


def is_worth_a_name(definition: Definition) -> bool:
    """Not an operation, and not a mere product of components: `x s` is as short as a letter and says more."""
    if definition.operation:
        return False
    return not all(isinstance(base_and_exponent(f)[0], Component | Number) for f in factors(definition.body))


def fold(node: Term, definition: Definition) -> Term | None:
    if isinstance(node, Number | Derivative | Component | Relation):
        return None
    current = node
    for _ in range(_MULTIPLES):
        folded = _fold_here(current, definition)
        if folded is None:
            folded = _fold_across_a_sum(current, definition)
        if folded is None or folded == current:
            break
        current = folded
    return None if current is node else current


def _fold_across_a_sum(node: Term, definition: Definition) -> Term | None:
    """A definition divided by a summation sign: s**-1 outside, e**z_j inside."""
    if not isinstance(node, Product):
        return None
    parts = factors(node)
    for n, part in enumerate(parts):
        if not isinstance(part, Sum):
            continue
        indices, body = part.freshly_opened()
        outside = [f for k, f in enumerate(parts) if k != n and not isinstance(f, Number)]
        numbers = [f for f in parts if isinstance(f, Number)]
        together = product(*outside, body)
        folded = _fold_here(together, definition)
        if folded is not None and leaves(folded) < leaves(together):
            return product(*numbers, total(indices, folded))
    return None


def _fold_here(node: Term, definition: Definition) -> Term | None:
    c, mono = coefficient_and_rest(plain(definition.body))
    if c == 0:
        # a name for zero stands in no product
        return None
    pattern = [base_and_exponent(f) for f in factors(mono)]
    d, rest = coefficient_and_rest(node)
    parts = factors(rest)
    variables = frozenset(definition.indices)
    for found in _assignments(pattern, parts, variables, {}, (), ()):
        binding, flips, ratios = found
        k = _multiple([r for _, r in ratios])
        if k == 0 or any(i not in binding for i in definition.indices):
            continue
        if k.denominator != 1:
            continue
        sign = -1 if sum(flips) * k % 2 else 1
        instance = Component(definition.symbol, tuple(binding[i] for i in definition.indices))
        folded = _rebuilt(parts, pattern, ratios, k, power(instance, Number(k)))
        new = product(Number(d * sign / c ** int(k)), *folded)
        if leaves(new) < leaves(node):
            return new
    return None


def _multiple(ratios: list[Fraction]) -> Fraction:
    if len(ratios) == 1:
        return ratios[0]
    if any((r > 0) != (ratios[0] > 0) for r in ratios):
        return Fraction(0)
    return Fraction(int(min(ratios, key=abs)))


Assigned = tuple[Binding, tuple[int, ...], tuple[tuple[int, Fraction], ...]]


def _assignments(
    pattern: list[tuple[Term, Term]],
    parts: list[Term],
    variables: frozenset[Index],
    binding: Binding,
    flips: tuple[int, ...],
    ratios: tuple[tuple[int, Fraction], ...],
) -> Iterator[Assigned]:
    """Which factor each base of the definition is, with the ratio of exponents and whether the sign turns."""
    if not pattern:
        yield binding, flips, ratios
        return
    base, exponent = pattern[0]
    fixed = frozenset(v for v in variables if v not in binding)
    for n, part in enumerate(parts):
        if any(n == used for used, _ in ratios):
            continue
        other, power_of = base_and_exponent(part)
        ratio = _ratio(power_of, exponent)
        if ratio is None or ratio == 0:
            continue
        for turned in (0, 1) if isinstance(base, Add) else (0,):
            candidate = negate(other) if turned else other
            if isinstance(candidate, Product) and turned:
                candidate = add(*(negate(t) for t in summands(other)))
            bound = substitute(base, binding)
            for more in matches(bound, candidate, fixed):
                yield from _assignments(
                    pattern[1:],
                    parts,
                    variables,
                    {**binding, **more},
                    (*flips, turned * int(_odd(exponent))),
                    (*ratios, (n, ratio)),
                )


def _odd(exponent: Term) -> bool:
    return isinstance(exponent, Number) and exponent.value % 2 == 1


def _ratio(a: Term, b: Term) -> Fraction | None:
    if isinstance(a, Number) and isinstance(b, Number):
        return a.value / b.value
    return Fraction(1) if signed_key(a) == signed_key(b) else None


def _rebuilt(
    parts: list[Term],
    pattern: list[tuple[Term, Term]],
    ratios: tuple[tuple[int, Fraction], ...],
    k: Fraction,
    instance: Term,
) -> list[Term]:
    """The factors with k copies of the definition taken out and the name where the first one stood."""
    taken = {n: pattern[place][1] for place, (n, _) in enumerate(ratios)}
    first = min(taken)
    built: list[Term] = []
    for n, part in enumerate(parts):
        if n == first:
            built.append(instance)
        if n not in taken:
            built.append(part)
            continue
        base, exponent = base_and_exponent(part)
        left = add(exponent, negate(product(Number(k), taken[n])))
        if not left.is_zero:
            built.append(power(base, left))
    return built


@rule(
    "eliminate",
    group=GROUP,
    en="Solve the definition",
    zh="由定义解出",
    statement=r"s = \frac{1}{1 + u} \;\Rightarrow\; u = \frac{1 - s}{s}",
    example=lambda: (
        product(power(s.T.scalar, number(2)), s.exp(negate(s.C.scalar))),
        product(s.T.scalar, add(ONE, negate(s.T.scalar))),
    ),
)
def eliminate(node: Term, work: Work) -> Term | None:
    """in a scalar, the function a name is made of -> what the definition says it is, where that is shorter"""
    if node.free or isinstance(node, Relation):
        return None
    from derivations.rules import scalars  # SymPy is slow to import and only needed here

    for definition in work.definitions:
        if definition.indices or definition.operation or not _made_of_one_function(definition.body):
            continue
        shorter = scalars.in_terms_of(node, definition)
        if shorter is None or not _divided_by(shorter) <= _divided_by(node):
            continue  # x s = f gives s = f / x, which has no value at x = 0
        if reading_size(shorter) < reading_size(node):
            work.about = definition.symbol.name
            return shorter
    return None


def _made_of_one_function(body: Term) -> bool:
    """Numbers and function calls alone: tanh(x)/x solved for tanh(x) would bring powers of x along."""
    if isinstance(body, Add | Product | Power):
        return all(_made_of_one_function(child) for child in body.children)
    return isinstance(body, Function | Number)


def _divided_by(term: Term) -> set[str]:
    """What must not be 0 for the term to have a value, as far as that is not sure."""
    return {
        signed_key(sub.base)[1]
        for sub in subterms(term)
        if isinstance(sub, Power)
        and not nonzero(sub.base)
        and isinstance(sub.exponent, Number)
        and sub.exponent.value < 0
    }
