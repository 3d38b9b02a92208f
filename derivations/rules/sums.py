"""Sums and deltas: what a sum over an index can absorb, give away, or be split into.

A sum is split, and a bracket inside it multiplied out, only with a licence: some summand carries a delta of
that very sum.  Otherwise residuals and variances stay whole.
"""

from derivations.arithmetic import (
    ONE,
    add,
    bracket,
    coefficient_and_rest,
    delta,
    factors,
    number,
    piecewise,
    product,
    summands,
    total,
)
from derivations.domains import REAL
from derivations.functions import FUNCTIONS
from derivations.indices import Affine, Index
from derivations.rules import specimens as s
from derivations.rules.rule import Work, rule
from derivations.terms import (
    Add,
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
    substitute,
    subterms,
)

GROUP = "sums"


def delta_of(term: Term, indices: tuple[Index, ...]) -> bool:
    return isinstance(term, Delta) and any(i in indices for slot in term.slots for i in slot.indices)


def carries_delta(term: Term, indices: tuple[Index, ...]) -> bool:
    """Whether a delta of these indices is a factor, also of a summand or inside a further sum."""
    return any(delta_of(factor, indices) or _holds_delta(factor, indices) for factor in factors(term))


def _holds_delta(factor: Term, indices: tuple[Index, ...]) -> bool:
    if isinstance(factor, Sum):
        return carries_delta(factor.opened[1], indices)
    return isinstance(factor, Add) and any(carries_delta(term, indices) for term in summands(factor))


def solved(d: Delta, index: Index) -> Affine | None:
    """What the index must be where the delta is 1, if it stands there with coefficient 1 or -1."""
    difference = d.left - d.right
    coefficient = difference.coefficient(index)
    if coefficient not in (1, -1):
        return None
    return (difference - Affine.of(index) * coefficient) * -coefficient


@rule(
    "pull",
    group=GROUP,
    en="Pull out of the sum",
    zh="因子移出求和号",
    statement=r"\sum_i c\, f(i) = c \sum_i f(i)",
    condition=("$c$ does not contain $i$", "$c$ 不含 $i$"),
    example=lambda: (
        total([s.i], product(s.a[s.i], s.p[s.i], s.p[s.j])),
        product(s.p[s.j], total([s.i], product(s.a[s.i], s.p[s.i]))),
    ),
    bookkeeping=True,
)
def pull(node: Term, work: Work) -> Term | None:
    """sum_i c f_i -> c sum_i f_i"""
    if not isinstance(node, Sum):
        return None
    indices, body = node.freshly_opened()
    parts = factors(body)
    outside = [factor for factor in parts if factor.free.isdisjoint(indices)]
    if not outside or len(outside) == len(parts):
        return None
    return product(*outside, total(indices, product(*(f for f in parts if f not in outside))))


@rule(
    "count",
    group=GROUP,
    en="Sum of a constant",
    zh="常数求和",
    statement=r"\sum_{i=1}^{n} c = n c",
    example=lambda: (total([s.i], s.C.scalar), product(SizeOf(s.AXIS.size), s.C.scalar)),
    bookkeeping=True,
)
def count(node: Term, work: Work) -> Term | None:
    """sum_i c -> n c"""
    if not isinstance(node, Sum):
        return None
    indices, body = node.freshly_opened()
    idle = [index for index in indices if index not in body.free]
    if not idle:
        return None
    return product(
        *(SizeOf(index.axis.size) for index in idle), total([i for i in indices if i not in idle], body)
    )


@rule(
    "split",
    group=GROUP,
    en="Split the sum",
    zh="拆分求和",
    statement=r"\sum_i (f_i + g_i) = \sum_i f_i + \sum_i g_i",
    example=lambda: (
        total([s.i], add(product(s.a[s.i], delta(s.i, s.j)), s.b[s.i])),
        add(total([s.i], product(s.a[s.i], delta(s.i, s.j))), total([s.i], s.b[s.i])),
    ),
    bookkeeping=True,
)
def split(node: Term, work: Work) -> Term | None:
    """sum_i (f_i + g_i) -> sum_i f_i + sum_i g_i, where a summand carries a delta of this sum"""
    if not isinstance(node, Sum):
        return None
    indices, body = node.freshly_opened()
    if not (isinstance(body, Add) and any(carries_delta(t, indices) for t in summands(body))):
        return None
    return add(*(total(indices, summand) for summand in summands(body)))


@rule(
    "distribute",
    group="algebra",
    en="Distribute",
    zh="分配律",
    statement=r"a (b + c) = a b + a c",
    example=lambda: (
        total([s.i], product(s.a[s.i], add(delta(s.i, s.j), s.b[s.i]))),
        total([s.i], add(product(s.a[s.i], delta(s.i, s.j)), product(s.a[s.i], s.b[s.i]))),
    ),
    bookkeeping=True,
)
def distribute(node: Term, work: Work) -> Term | None:
    """sum_i a_i (b_i + c_i) -> sum_i (a_i b_i + a_i c_i), where a summand carries a delta of this sum

    A sum inside that carries one is joined to this one for the same reason.
    """
    if not isinstance(node, Sum):
        return None
    indices, body = node.freshly_opened()
    parts = factors(body)
    for n, factor in enumerate(parts):
        if len(parts) == 1 or not _holds_delta(factor, indices):
            continue
        if isinstance(factor, Sum):
            more, inner = factor.freshly_opened()
            return total((*indices, *more), product(*parts[:n], inner, *parts[n + 1 :]))
        if isinstance(factor, Add):
            return total(
                indices,
                add(*(product(*parts[:n], term, *parts[n + 1 :]) for term in summands(factor))),
            )
    return None


@rule(
    "sift",
    group=GROUP,
    en="Sifting",
    zh="克罗内克函数的筛选性质",
    statement=r"\sum_k \delta_{kj} f(k) = f(j), \quad f(j)\, \delta_{ij} = f(i)\, \delta_{ij}",
    condition=("$k$ and $j$ run over the same axis", "$k$ 与 $j$ 属于同一个轴"),
    example=lambda: (total([s.k], product(s.exp(s.z[s.k]), delta(s.k, s.j))), s.exp(s.z[s.j])),
)
def sift(node: Term, work: Work) -> Term | None:
    """sum_k delta_kj f_k -> f_j; next to a delta that stays, its first index is written throughout"""
    if isinstance(node, Delta):
        same = delta(node.left, node.right)
        return None if same == node else same
    if isinstance(node, Product):
        return _one_index_next_to_a_delta(node)
    if not isinstance(node, Sum):
        return None
    indices, body = node.freshly_opened()
    parts = factors(body)
    for n, factor in enumerate(parts):
        if not isinstance(factor, Delta):
            continue
        for index in reversed(indices):
            value = solved(factor, index)
            if value is None or bracket(value, index.axis.size) != ONE:
                continue
            rest = substitute(product(*parts[:n], *parts[n + 1 :]), {index: value})
            return total([i for i in indices if i != index], rest)
    return None


def _one_index_next_to_a_delta(node: Product) -> Term | None:
    parts = factors(node)
    for n, factor in enumerate(parts):
        if isinstance(factor, Delta) and factor.left.index is not None and factor.right.index is not None:
            rest = product(*parts[:n], *parts[n + 1 :])
            if factor.right.index in rest.free and not isinstance(rest, Derivative):
                changed = factors(substitute(rest, {factor.right.index: factor.left}))
                return product(*changed, factor)
    return None


@rule(
    "solve_delta",
    group=GROUP,
    en="Solve a shifted delta",
    zh="求解带平移的克罗内克函数",
    statement=r"\sum_{m=0}^{M-1} f(m)\, \delta_{i+m,j} = [0 \le j-i \le M-1]\, f(j-i)",
    condition=("$m$ runs over $0, \\dots, M-1$", "$m$ 取 $0, \\dots, M-1$"),
    example=lambda: (
        total([s.k], product(s.a[s.k], delta(Affine.of(s.k) + s.i, s.j))),
        product(s.a[Affine.of(s.j) - s.i], bracket(Affine.of(s.j) - s.i, s.AXIS.size)),
    ),
)
def solve_delta(node: Term, work: Work) -> Term | None:
    """sum_m f_m delta_{i+m,j} -> f_{j-i} [0 <= j-i < M]"""
    if not isinstance(node, Sum):
        return None
    indices, body = node.freshly_opened()
    parts = factors(body)
    for n, factor in enumerate(parts):
        if not isinstance(factor, Delta):
            continue
        for index in reversed(indices):
            value = solved(factor, index)
            if value is None:
                continue
            rest = substitute(product(*parts[:n], *parts[n + 1 :]), {index: value})
            return total([i for i in indices if i != index], product(rest, bracket(value, index.axis.size)))
    return None


@rule(
    "common_delta",
    group=GROUP,
    en="Take a delta out of the cases",
    zh="从分段函数中提出克罗内克函数",
    statement=r"\begin{cases} a\,\delta_{ij} & c \\ 0 & \neg c \end{cases} = "
    r"\delta_{ij} \begin{cases} a & c \\ 0 & \neg c \end{cases}",
    example=lambda: (
        piecewise([s.z_positive], [product(s.a[s.i], delta(s.i, s.j))], number(0)),
        product(piecewise([s.z_positive], [s.a[s.i]], number(0)), delta(s.i, s.j)),
    ),
    bookkeeping=True,
)
def common_delta(node: Term, work: Work) -> Term | None:
    """cases with a delta in every branch that is not 0 -> the delta times the cases"""
    if not isinstance(node, Piecewise):
        return None
    branches = [*node.values, node.otherwise]
    filled = [factors(branch) for branch in branches if not branch.is_zero]
    common = [f for f in filled[0] if isinstance(f, Delta) and all(f in parts for parts in filled)]
    if not common:
        return None
    bare = [
        branch if branch.is_zero else product(*(f for f in factors(branch) if f not in common))
        for branch in branches
    ]
    return product(piecewise(node.conditions, bare[:-1], bare[-1]), *common)


@rule(
    "common_factor",
    group=GROUP,
    en="Take a factor out of the cases",
    zh="从分段函数中提出因子",
    statement=r"\begin{cases} a_j\, b & c_i \\ a_j\, d & \neg c_i \end{cases} = "
    r"a_j \begin{cases} b & c_i \\ d & \neg c_i \end{cases}",
    condition=("$a_j$ has an index that the condition has not", "$a_j$ 带有条件中没有的指标"),
    example=lambda: (
        piecewise([s.z_positive], [product(s.p[s.j], s.a[s.i])], s.p[s.j]),
        product(s.p[s.j], piecewise([s.z_positive], [s.a[s.i]], ONE)),
    ),
    bookkeeping=True,
)
def common_factor(node: Term, work: Work) -> Term | None:
    """cases with a factor of other indices in every branch that is not 0 -> the factor times the cases"""
    if not isinstance(node, Piecewise):
        return None
    deciding = frozenset[Index]().union(*(condition.free for condition in node.conditions))
    branches = [*node.values, node.otherwise]
    filled = [factors(branch) for branch in branches if not branch.is_zero]
    common = [
        f
        for f in dict.fromkeys(filled[0])
        if not f.free <= deciding and _has_a_value(f) and all(f in parts for parts in filled)
    ]
    if not common:
        return None
    numbers = {coefficient_and_rest(branch)[0] for branch in branches if not branch.is_zero}
    if len(numbers) == 1:
        common = [number(*numbers), *(f for f in common if not isinstance(f, Number))]
    bare = [b if b.is_zero else _divided(b, common) for b in branches]
    return product(*common, piecewise(node.conditions, bare[:-1], bare[-1]))


def _divided(branch: Term, common: list[Term]) -> Term:
    """The branch without these of its factors."""
    coefficient = coefficient_and_rest(branch)[0]
    for factor in common:
        coefficient = coefficient / factor.value if isinstance(factor, Number) else coefficient
    left = [f for f in factors(branch) if f not in common and not isinstance(f, Number)]
    return product(number(coefficient), *left)


@rule(
    "join_cases",
    group=GROUP,
    en="Multiply the cases",
    zh="分段函数逐段相乘",
    statement=r"\begin{cases} a & c \\ b & \neg c \end{cases} \cdot "
    r"\begin{cases} d & c \\ e & \neg c \end{cases} = \begin{cases} a d & c \\ b e & \neg c \end{cases}",
    example=lambda: (
        product(
            piecewise([s.z_positive], [s.z[s.i]], number(0)), piecewise([s.z_positive], [ONE], number(0))
        ),
        piecewise([s.z_positive], [s.z[s.i]], number(0)),
    ),
    bookkeeping=True,
)
def join_cases(node: Term, work: Work) -> Term | None:
    """two factors with cases under the same conditions -> one, where it is no longer than the longer one"""
    if not isinstance(node, Product):
        return None
    parts = factors(node)
    for n, first in enumerate(parts):
        for m in range(n + 1, len(parts)):
            second = parts[m]
            if not (isinstance(first, Piecewise) and isinstance(second, Piecewise)):
                continue
            if first.conditions != second.conditions:
                continue
            values = [product(a, b) for a, b in zip(first.values, second.values, strict=True)]
            joined = piecewise(first.conditions, values, product(first.otherwise, second.otherwise))
            if joined in (first, second):
                return product(*parts[:n], joined, *parts[n + 1 : m], *parts[m + 1 :])
    return None


_EVERYWHERE = (Add, Component, Delta, Number, Piecewise, Product, Relation, SizeOf, Sum)


def _has_a_value(term: Term) -> bool:
    """Whether the factor exists wherever its components do, also where its branch is not taken."""
    return all(
        isinstance(sub, _EVERYWHERE)
        or (isinstance(sub, Function) and FUNCTIONS[sub.head.name].domain == REAL)
        or (
            isinstance(sub, Power)
            and isinstance(sub.exponent, Number)
            and _is_whole_and_positive(sub.exponent)
        )
        for sub in subterms(term)
    )


def _is_whole_and_positive(exponent: Number) -> bool:
    return exponent.value > 0 and exponent.value.denominator == 1


SUM_RULES = (pull, sift, solve_delta, split, distribute, common_delta, common_factor, join_cases, count)
