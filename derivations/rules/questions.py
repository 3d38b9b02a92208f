"""Rules that belong to a question rather than to a term: the definition of a VJP, setting a gradient to zero,
solving the linear equation that results, and going back to matrix notation.
"""

from derivations.arithmetic import (
    ZERO,
    add,
    derivative,
    factors,
    negate,
    product,
    rewritten,
    summands,
    total,
)
from derivations.indices import Index
from derivations.rules import specimens as s
from derivations.rules.algebra import split_sum
from derivations.rules.rule import Work, rule
from derivations.terms import Add, Component, Derivative, Relation, Sum, Symbol, Term, substitute


@rule(
    "vjp",
    group="goals",
    en="Definition of the VJP",
    zh="向量–雅可比积的定义",
    statement=r"\bar{x}_j := \frac{\partial L}{\partial x_j} = \sum_i \bar{y}_i "
    r"\frac{\partial y_i}{\partial x_j}",
    example=lambda: (
        s.Z_BAR[s.j],
        total([s.i], product(s.g[s.i], derivative(s.Q[s.i], s.Z, [s.j]))),
    ),
)
def vjp(node: Term, work: Work) -> Term | None:
    """an adjoint -> the sum over everything that consumes its symbol"""
    if isinstance(node, Component) and node.symbol.name in work.adjoints:
        indices, body = work.adjoints[node.symbol.name]
        return substitute(body, dict(zip(indices, node.indices, strict=True)))
    return None


@rule(
    "stationary",
    group="goals",
    en="Set the gradient to zero",
    zh="令梯度为零",
    statement=r"\hat{\mathbf{x}} = \mathop{\mathrm{arg\,min}} J \;\Rightarrow\; "
    r"\nabla J(\hat{\mathbf{x}}) = \mathbf{0}",
    condition=(
        r"$J$ is differentiable and $\hat{\mathbf{x}}$ an interior point; if $J$ is convex, also sufficient",
        r"$J$ 可微，$\hat{\mathbf{x}}$ 为内点；若 $J$ 是凸函数，则也是充分条件",
    ),
    example=lambda: (
        Relation("==", derivative(s.J.scalar, s.X, [s.j]), ZERO),
        Relation("==", total([s.i], product(s.matrix[s.i, s.j], s.at_solution(s.i))), ZERO),
    ),
)
def stationary(node: Term, work: Work) -> Term | None:
    """dJ/dx = 0 -> the gradient, written at the stationary point, is 0"""
    if not (isinstance(node, Relation) and isinstance(node.left, Derivative)):
        return None
    if not isinstance(node.left.body, Component) or work.unknown is None:
        return None
    derivative = node.left
    known = work.prove(node.left.body.symbol, derivative.symbol, derivative.held)
    gradient = substitute(
        known.value,
        dict(zip(known.indices + known.by, node.left.body.indices + derivative.indices, strict=True)),
    )
    return Relation("==", renamed(gradient, derivative.symbol, work.unknown), ZERO)


def renamed(term: Term, old: Symbol, new: Symbol) -> Term:
    """The term with every component of one symbol replaced by the other's."""
    if isinstance(term, Component):
        return Component(new, term.indices) if term.symbol.name == old.name else term
    return rewritten(term, lambda child: renamed(child, old, new))


def holds(term: Term, symbol: Symbol) -> bool:
    """Whether a component of the symbol occurs."""
    if isinstance(term, Component):
        return term.symbol.name == symbol.name
    children = term.opened[1:] if isinstance(term, Sum) else term.children
    return any(holds(child, symbol) for child in children)


@rule(
    "collect_unknown",
    group="goals",
    en="Unknown on the left",
    zh="未知量移到左边",
    statement=r"\mathbf{A}^\top (\mathbf{A}\mathbf{x} - \mathbf{b}) = \mathbf{0} \iff "
    r"\mathbf{A}^\top \mathbf{A} \mathbf{x} = \mathbf{A}^\top \mathbf{b}",
    example=lambda: (
        Relation("==", total([s.i], product(s.matrix[s.i, s.j], s.at_solution(s.i))), ZERO),
        Relation(
            "==",
            total(
                [s.i], product(s.matrix[s.i, s.j], total([s.k], product(s.matrix[s.i, s.k], s.X_HAT[s.k])))
            ),
            total([s.i], product(s.matrix[s.i, s.j], s.b[s.i])),
        ),
    ),
)
def collect_unknown(node: Term, work: Work) -> Term | None:
    """a (b x - c) = 0 -> a b x = a c"""
    if not isinstance(node, Relation) or work.unknown is None:
        return None
    parts = _expanded(node.left, work.unknown)
    with_unknown = [t for t in parts if holds(t, work.unknown)]
    others = [t for t in parts if not holds(t, work.unknown)]
    if not others:
        return None
    return Relation("==", add(*with_unknown), add(node.right, *(negate(t) for t in others)))


def _expanded(term: Term, unknown: Symbol) -> list[Term]:
    """Summands, brackets multiplied out wherever they mix the unknown with something else."""
    found: list[Term] = []
    for summand in summands(term):
        parts = factors(summand)
        bracket = next((n for n, f in enumerate(parts) if isinstance(f, Add) and holds(f, unknown)), None)
        if isinstance(summand, Sum) and holds(summand, unknown):
            split = split_sum(summand)
            found += [split] if not isinstance(split, Add) else summands(split)
        elif len(parts) > 1 and bracket is not None:
            for inner in summands(parts[bracket]):
                whole = product(*parts[:bracket], inner, *parts[bracket + 1 :])
                found += _expanded(whole, unknown)
        else:
            found.append(summand)
    return found


@rule(
    "solve",
    group="goals",
    en="Solve the linear equation",
    zh="解线性方程",
    statement=r"\mathbf{A}\mathbf{x} = \mathbf{b} \iff \mathbf{x} = \mathbf{A}^{-1}\mathbf{b}",
    condition=("$\\mathbf{A}$ is invertible", "$\\mathbf{A}$ 可逆"),
    example=lambda: (
        Relation(
            "==",
            total(
                [s.i], product(s.matrix[s.i, s.j], total([s.k], product(s.matrix[s.i, s.k], s.X_HAT[s.k])))
            ),
            total([s.i], product(s.matrix[s.i, s.j], s.b[s.i])),
        ),
        Relation(
            "==",
            s.X_HAT[s.j],
            total(
                [s.k],
                product(s.H_INVERSE[s.j, s.k], total([s.i], product(s.matrix[s.i, s.k], s.b[s.i]))),
            ),
        ),
    ),
)
def solve(node: Term, work: Work) -> Term | None:
    """A x = b -> x = inv(A) b"""
    if not isinstance(node, Relation) or work.unknown is None or work.inverse is None:
        return None
    (row,) = sorted(node.right.free | node.left.free, key=lambda i: i.letter) or (None,)
    if not isinstance(row, Index):
        return None
    column = row.fresh()
    right = substitute(node.right, {row: column})
    return Relation("==", work.unknown[row], total([column], product(work.inverse[row, column], right)))


@rule(
    "matrix",
    group="matrix",
    en="Back to matrix form",
    zh="还原为矩阵形式",
    statement=r"\sum_k A_{ik} B_{kj} = (\mathbf{A}\mathbf{B})_{ij}, \quad "
    r"\sum_k A_{ki} B_{kj} = (\mathbf{A}^\top \mathbf{B})_{ij}",
)
def matrix(node: Term, work: Work) -> Term | None:
    """only the notation changes; `matrix_form` finds it and the evidence compares values and shapes"""
    return None
