"""Inverses and determinants, which are names with an operation, and sums that symmetry makes equal.

The derivative of a determinant needs the inverse of its matrix by name; `with_inverses` gives it one before a
derivation begins, so that no rule has to make up a name on the way.
"""

from collections.abc import Iterable
from dataclasses import replace

from derivations.arithmetic import (
    MINUS_ONE,
    TWO,
    ZERO,
    add,
    delta,
    derivative,
    factors,
    next_letter,
    power,
    product,
    summands,
    total,
)
from derivations.canonical import signed_key
from derivations.domains import REAL
from derivations.functions import apply
from derivations.indices import Affine, Index
from derivations.rules import specimens as s
from derivations.rules.algebra import leaves
from derivations.rules.rule import Rule, Work, rule
from derivations.scope import Definition, Definitions, Scope
from derivations.steps import Condition
from derivations.structure import flat, matrix_of
from derivations.terms import (
    Add,
    Component,
    Derivative,
    Function,
    Product,
    Relation,
    SizeOf,
    Sum,
    Symbol,
    Term,
    map_children,
    substitute,
)
from derivations.words import Text

GROUP = "differentiation"

# ---- names ------------------------------------------------------------------------------------------------


def rows_and_columns(definition: Definition) -> tuple[Index, ...]:
    """The indices of the matrix: a determinant has them only in its body."""
    if definition.operation != "determinant":
        return definition.indices
    inner = definition.body.free - set(definition.indices)
    return (*definition.indices, *sorted(inner, key=lambda i: (i.letter, i.serial)))


def inverse_beside(determinant: Definition, known: Iterable[Definition]) -> Definition | None:
    """The inverse of the matrix whose determinant this is, if it has a name."""
    indices = rows_and_columns(determinant)
    axes = [index.axis for index in indices]
    key = signed_key(determinant.body)
    inverses = (d for d in known if d.operation == "inverse" and [i.axis for i in d.indices] == axes)
    return next((d for d in inverses if signed_key(d.at(map(Affine.of, indices))) == key), None)


def with_inverses(scope: Scope, variables: Iterable[Symbol]) -> Scope:
    """The scope with a name for the inverse of every matrix whose determinant changes with a variable."""
    definitions = scope.definitions
    for one in tuple(definitions):
        if one.operation != "determinant" or inverse_beside(one, definitions) is not None:
            continue
        if not any(definitions.name_depends(one.symbol, variable) for variable in variables):
            continue
        rows = rows_and_columns(one)
        taken = {x.name for x in scope.inputs} | {d.symbol.name for d in definitions} | set(scope.sizes)
        name = next(
            n for n in ("P", "Q", "R", *(f"P{k}" for k in range(1, len(taken) + 2))) if n not in taken
        )
        new: dict[Index, Index] = {}
        for index in rows:
            new[index] = Index(next_letter(index.axis, taken, ""), index.axis)
            taken.add(new[index].letter)
        matrix = matrix_of(one)
        domain = matrix.domain if matrix is not None and matrix.symmetric else REAL
        symbol = Symbol(name, tuple(index.axis for index in rows), domain)
        made = Definition(symbol, tuple(new.values()), substitute(one.body, dict(new)), "inverse")
        definitions = definitions.extended(made)
    return scope if definitions is scope.definitions else replace(scope, definitions=definitions)


def without_symmetry(scope: Scope, variable: Symbol) -> Scope:
    """The scope with nothing symmetric that changes with a symmetric variable; the points stay as they are.

    A derivative is one at the symmetric point by independent entries.  Where a second one follows, the first
    must not have used a symmetry that ends beside that point.
    """
    loose = {
        symbol.name
        for symbol in (*scope.inputs, *(d.symbol for d in scope.definitions))
        if symbol.symmetric and scope.definitions.name_depends(symbol, variable)
    }

    def free(symbol: Symbol) -> Symbol:
        return replace(symbol, domain=REAL) if symbol.name in loose else symbol

    def changed(term: Term) -> Term:
        if isinstance(term, Component):
            return Component(free(term.symbol), term.indices)
        return map_children(term, changed)

    definitions = (replace(d, symbol=free(d.symbol), body=changed(d.body)) for d in scope.definitions)
    return replace(scope, definitions=Definitions(definitions))


def require_invertible(work: Work, definition: Definition) -> None:
    """The condition of every rule about an inverse; a positive definite matrix has one."""
    matrix = matrix_of(definition)
    if matrix is None:
        work.require(Condition(text=Text(en="the matrix is invertible", zh="矩阵可逆")))
    elif matrix.domain.structure != "positive_definite":
        work.require(Condition(text=Text(en="{matrix} is invertible", zh="{matrix} 可逆"), about=matrix))


# ---- derivatives ------------------------------------------------------------------------------------------


def _determinant_in(term: Term, work: Work) -> Definition | None:
    if not isinstance(term, Component):
        return None
    definition = work.definitions.get(term.symbol.name)
    return definition if definition is not None and definition.operation == "determinant" else None


def _traced(node: Derivative, definition: Definition, slots: tuple[Affine, ...], work: Work) -> Term | None:
    """tr(M^-1 dM) = sum_kl P_lk dM_kl, None where the inverse has no name."""
    if definition.symbol.name in (node.symbol.name, *node.held):
        return None  # by the determinant itself, or with the determinant held, the matrix does not move
    inverse = inverse_beside(definition, work.definitions)
    if inverse is None:
        return None
    *batch, row, column = rows_and_columns(definition)
    new: dict[Index, Affine | Index | int] = dict(zip(batch, slots, strict=True))
    k, m = row.fresh(), column.fresh()
    inside = substitute(definition.body, {**new, row: k, column: m})
    entry = Component(inverse.symbol, (*slots, Affine.of(m), Affine.of(k)))
    changed = derivative(inside, node.symbol, node.indices, node.held)
    return total([k, m], product(entry, changed))


def _example(definition: Term) -> tuple[Term, Term]:
    inside = derivative(add(s.MATRIX[s.k, s.m], product(s.C.scalar, delta(s.k, s.m))), s.C, [])
    traced = total([s.k, s.m], product(s.K_INVERSE[s.m, s.k], inside))
    return derivative(definition, s.C, []), traced


@rule(
    "determinant",
    group=GROUP,
    en="Derivative of a determinant",
    zh="行列式的导数",
    statement=r"\frac{\partial \det M}{\partial x} = \det M \operatorname{tr}"
    r"\left(M^{-1} \frac{\partial M}{\partial x}\right)",
    condition=("$M$ is invertible", "$M$ 可逆"),
    example=lambda: (
        _example(s.DETERMINANT.scalar)[0],
        product(s.DETERMINANT.scalar, _example(s.DETERMINANT.scalar)[1]),
    ),
)
def determinant_rule(node: Term, work: Work) -> Term | None:
    """d det M -> det M sum_kl inv(M)_lk dM_kl"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Component)):
        return None
    definition = _determinant_in(node.body, work)
    if definition is None:
        return None
    traced = _traced(node, definition, node.body.indices, work)
    if traced is None:
        return None
    require_invertible(work, definition)
    return product(node.body, traced)


@rule(
    "log_determinant",
    group=GROUP,
    en="Derivative of a log-determinant",
    zh="对数行列式的导数",
    statement=r"\frac{\partial \log \det M}{\partial x} = \operatorname{tr}"
    r"\left(M^{-1} \frac{\partial M}{\partial x}\right)",
    condition=(
        r"$\det M > 0$; for $\log \lvert \det M \rvert$ only $\det M \ne 0$",
        r"$\det M > 0$；对 $\log \lvert \det M \rvert$ 只需 $\det M \ne 0$",
    ),
    example=lambda: _example(apply("log", apply("abs", s.DETERMINANT.scalar))),
)
def log_determinant_rule(node: Term, work: Work) -> Term | None:
    """d log det M -> sum_kl inv(M)_lk dM_kl"""
    if not (
        isinstance(node, Derivative) and isinstance(node.body, Function) and node.body.head.name == "log"
    ):
        return None
    (argument,) = node.body.arguments
    signed = isinstance(argument, Function) and argument.head.name == "abs"
    inner = argument.arguments[0] if isinstance(argument, Function) and signed else argument
    definition = _determinant_in(inner, work)
    if definition is None or not isinstance(inner, Component):
        return None
    traced = _traced(node, definition, inner.indices, work)
    if traced is None:
        return None
    if signed:
        require_invertible(work, definition)
    elif not inner.symbol.domain.positive:
        work.require(Condition(relation=Relation(">", inner, ZERO)))
    return traced


@rule(
    "log_abs",
    group=GROUP,
    en="Derivative of the log of an absolute value",
    zh="绝对值的对数的导数",
    statement=r"\frac{\partial \log \lvert f \rvert}{\partial x} = \frac{1}{f} \frac{\partial f}{\partial x}",
    condition=(r"$f \ne 0$", r"$f \ne 0$"),
    example=lambda: (
        derivative(apply("log", apply("abs", s.z[s.i])), s.Z, [s.j]),
        product(power(s.z[s.i], MINUS_ONE), derivative(s.z[s.i], s.Z, [s.j])),
    ),
)
def log_abs_rule(node: Term, work: Work) -> Term | None:
    """d log |f| -> df / f"""
    if not (
        isinstance(node, Derivative) and isinstance(node.body, Function) and node.body.head.name == "log"
    ):
        return None
    (argument,) = node.body.arguments
    if not (isinstance(argument, Function) and argument.head.name == "abs"):
        return None
    (inner,) = argument.arguments
    return product(power(inner, MINUS_ONE), derivative(inner, node.symbol, node.indices, node.held))


# ---- matrix algebra on components -------------------------------------------------------------------------


@rule(
    "inverse_cancels",
    group="algebra",
    en="Inverse times matrix",
    zh="逆矩阵与矩阵相消",
    statement=r"\sum_k (M^{-1})_{ik} M_{kj} = \delta_{ij}",
    condition=("$M$ is invertible", "$M$ 可逆"),
    example=lambda: (
        total([s.k], product(s.M_INVERSE[s.i, s.k], s.MATRIX[s.k, s.j], s.b[s.j])),
        product(delta(s.i, s.j), s.b[s.j]),
    ),
)
def inverse_cancels(node: Term, work: Work) -> Term | None:
    """sum_k inv(M)_ik M_kj -> delta_ij, also the other way round"""
    if not isinstance(node, Sum):
        return None
    indices, parts = flat(node)
    for first in parts:
        definition = work.definitions.get(first.symbol.name) if isinstance(first, Component) else None
        matrix = (
            matrix_of(definition) if definition is not None and definition.operation == "inverse" else None
        )
        if matrix is None or not isinstance(first, Component):
            continue
        for second in parts:
            if not (isinstance(second, Component) and second.symbol.name == matrix.name):
                continue
            found = _joined(first, second, indices, parts)
            if found is None:
                continue
            index, left, right = found
            assert definition is not None
            require_invertible(work, definition)
            work.about = first.symbol.name
            rest = [part for part in parts if part is not first and part is not second]
            return total([i for i in indices if i != index], product(*rest, delta(left, right)))
    return None


def _joined(
    inverse: Component, matrix: Component, indices: list[Index], parts: list[Term]
) -> tuple[Index, Affine, Affine] | None:
    """The summed index that joins the two and stands nowhere else, and the slots that are left."""
    for a in range(2):
        for b in range(2):
            index = inverse.indices[a].index
            if index is None or index not in indices or matrix.indices[b].index != index:
                continue
            if a == b and not (inverse.symbol.symmetric or matrix.symbol.symmetric):
                continue
            if sum(index in part.free for part in parts) != 2:
                continue
            left, right = inverse.indices[1 - a], matrix.indices[1 - b]
            if index not in left.indices and index not in right.indices:
                return index, left, right
    return None


@rule(
    "equal_sums",
    group="algebra",
    en="Merge equal sums",
    zh="合并相等的和式",
    statement=r"\sum_{i,j} x_i (a_i b_j + b_i a_j)\, x_j = 2 \sum_{i,j} x_i\, a_i b_j\, x_j",
    example=lambda: (
        total(
            [s.i, s.j],
            product(s.z[s.i], s.z[s.j], add(product(s.a[s.i], s.b[s.j]), product(s.b[s.i], s.a[s.j]))),
        ),
        product(TWO, total([s.i, s.j], product(s.z[s.i], s.z[s.j], s.a[s.i], s.b[s.j]))),
    ),
)
def equal_sums(node: Term, work: Work) -> Term | None:
    """summands that are the same but for the order of their indices -> one of them, several times"""
    if not isinstance(node, Sum | Add | Product) or getattr(node, "authored", False):
        return None
    spread = _spread(node)
    if not 1 < len(spread) <= _SPREAD:
        return None
    terms = [_independent(indices, parts) for indices, parts in spread]
    merged = add(*terms)
    if len(summands(merged)) < len(terms) and leaves(merged) < leaves(node):
        return merged
    return None


_SPREAD = 24  # summands of one term that are compared
Flat = tuple[list[Index], list[Term]]


def _spread(term: Term) -> list[Flat]:
    """The term as a sum of flat products under one sum each; an author's sum stays whole."""
    if isinstance(term, Add) and not term.authored:
        return [flat for t in summands(term) for flat in _spread(t)][: _SPREAD + 1]
    if isinstance(term, Sum):
        indices, body = term.freshly_opened()
        return [([*indices, *more], parts) for more, parts in _spread(body)]
    if isinstance(term, Product):
        found: list[Flat] = [([], [])]
        for factor in factors(term):
            # a factor that stands in several summands has its own indices in each
            found = [
                ([*indices, *more], [*parts, *inner])
                for indices, parts in found
                for more, inner in _spread(factor)
            ][: _SPREAD + 1]
        return found
    return [([], [term])]


def _independent(indices: list[Index], parts: list[Term]) -> Term:
    """The sum as a product of sums that share no index."""
    groups: list[tuple[set[Index], list[Term]]] = []
    for part in parts:
        own = set(part.free.intersection(indices))
        joined = [g for g in groups if own & g[0]]
        groups = [g for g in groups if g not in joined]
        used = own.union(*(g[0] for g in joined))
        groups.append((used, [*(t for g in joined for t in g[1]), part]))
    # what no part has counts how long its axis is
    idle = [i for i in indices if not any(i in used for used, _ in groups)]
    sizes = [SizeOf(i.axis.size) for i in idle]
    return product(*sizes, *(total([i for i in indices if i in used], product(*own)) for used, own in groups))


DERIVATIVES: tuple[Rule, ...] = (determinant_rule, log_determinant_rule, log_abs_rule)
