"""Random terms for property tests: every node, over two axes and a few symbols, with values everywhere.

Only positive things are divided by or taken roots of, so that a term has a value at every point.
"""

from fractions import Fraction

from hypothesis import strategies as st

from derivations.arithmetic import MINUS_ONE, ONE
from derivations.domains import POSITIVE
from derivations.evaluate import Point
from derivations.functions import apply
from derivations.indices import Axis, Index
from derivations.numerics import FLOAT
from derivations.sampling import random_point
from derivations.scope import Definitions, Scope
from derivations.terms import (
    Add,
    Delta,
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
    substitute,
)

N = Axis.named("n", "i j k l")
M = Axis.named("m", "p q r")
x = Symbol("x", (N,))
y = Symbol("y", (N,))
u = Symbol("u", (N,), POSITIVE)
A = Symbol("A", (N, M))
B = Symbol("B", (N, N))
c = Symbol("c")
SCOPE = Scope((x, y, u, A, B, c), Definitions())
FREE = (N.index("i"), N.index("j"), M.index("p"))
SIZES = {"n": 3, "m": 2}
_NUMBERS = tuple(Number(Fraction(q)) for q in "-2 -1 -1/2 0 1/2 1 2 3".split())


def point(seed: int = 1, arithmetic=FLOAT) -> Point:
    return random_point(SCOPE, SIZES, seed, arithmetic)


@st.composite
def terms(draw, depth: int = 3, indices: tuple[Index, ...] = FREE) -> Term:
    """Any term whose free indices are among these."""
    if depth == 0 or draw(st.integers(0, 9)) < 2:
        return draw(leaves(indices))
    kind = draw(st.sampled_from(["product", "add", "sum", "power", "function", "cases", "positive"]))
    smaller = terms(depth - 1, indices)
    if kind == "product":
        return Product(tuple(draw(st.lists(smaller, min_size=2, max_size=3))))
    if kind == "add":
        return Add(tuple(draw(st.lists(smaller, min_size=2, max_size=3))))
    if kind == "sum":
        return draw(sums(depth, indices))
    if kind == "power":
        return Power(draw(smaller), draw(st.sampled_from([Number(Fraction(2)), Number(Fraction(3)), ONE])))
    if kind == "function":
        return apply(draw(st.sampled_from(["tanh", "sin", "sigmoid"])), draw(smaller))
    if kind == "cases":
        condition = Relation("<", draw(smaller), draw(smaller))
        return Piecewise((condition,), (draw(smaller),), draw(smaller))
    exponent = draw(st.sampled_from([MINUS_ONE, Number(Fraction(1, 2)), Number(Fraction(-3, 2))]))
    return Power(draw(positive(indices)), exponent)


@st.composite
def sums(draw, depth: int, indices: tuple[Index, ...]) -> Sum:
    bound = tuple(
        axis.index(letter).fresh()
        for axis, letter in draw(
            st.lists(
                st.sampled_from([(N, "k"), (N, "i"), (M, "q")]),
                min_size=1,
                max_size=2,
                unique_by=lambda pair: pair[1],
            )
        )
    )
    return bind(bound, draw(terms(depth - 1, indices + bound)))


@st.composite
def leaves(draw, indices: tuple[Index, ...]) -> Term:
    rows = [i for i in indices if i.axis == N]
    columns = [i for i in indices if i.axis == M]
    choices: list[st.SearchStrategy[Term]] = [
        st.sampled_from(_NUMBERS),
        st.just(c.scalar),
        st.just(SizeOf(N.size)),
    ]
    if rows:
        row = st.sampled_from(rows)
        choices += [row.map(lambda i: x[i]), row.map(lambda i: y[i]), row.map(lambda i: u[i])]
        choices += [st.tuples(row, row).map(lambda p: B[p]), st.tuples(row, row).map(_delta)]
        if columns:
            choices.append(st.tuples(row, st.sampled_from(columns)).map(lambda p: A[p]))
    return draw(st.one_of(choices))


def _delta(pair: tuple[Index, Index]) -> Term:
    return Delta(*(x[i].indices[0] for i in pair)) if pair[0] != pair[1] else ONE


@st.composite
def positive(draw, indices: tuple[Index, ...]) -> Term:
    rows = [i for i in indices if i.axis == N]
    bases: list[Term] = [u[i] for i in rows] + [apply("exp", x[i]) for i in rows] + [SizeOf(N.size)]
    base = draw(st.sampled_from(bases))
    return draw(st.sampled_from([base, Add((base, ONE)), Product((base, base))]))


@st.composite
def rewritings(draw, term: Term) -> Term:
    """The same term with operands in another order and bound indices with other letters and positions."""
    if isinstance(term, Sum):
        indices, body = term.freshly_opened()
        renamed = tuple(i.fresh(draw(st.sampled_from(["a", "b", i.letter]))) for i in indices)
        changed = draw(rewritings(substitute(body, dict(zip(indices, renamed, strict=True)))))
        order = draw(st.permutations(renamed))
        return bind(tuple(order), changed)
    children = tuple(draw(rewritings(child)) for child in term.children)
    if isinstance(term, Product):
        return Product(tuple(draw(st.permutations(children))))
    if isinstance(term, Add):
        return Add(tuple(draw(st.permutations(children))))
    return term.rebuild(children, term.slots)
