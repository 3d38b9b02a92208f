"""How a derivative is taken: each rule answers for one `Derivative` node and goes one level in.

The linear ones are bookkeeping.  The order of the two lists at the end is the order in which they are tried;
lemmas come last, so that they are all quoted in one step.
"""

from derivations.arithmetic import (
    MINUS_ONE,
    ONE,
    ZERO,
    add,
    base_and_exponent,
    delta,
    derivative,
    factors,
    negate,
    number,
    piecewise,
    positive,
    power,
    product,
    total,
)
from derivations.canonical import signed_key
from derivations.functions import FUNCTIONS, apply
from derivations.rules import specimens as s
from derivations.rules.linear_algebra import (
    determinant_rule,
    log_abs_rule,
    log_determinant_rule,
    require_invertible,
)
from derivations.rules.rule import Rule, Work, lemma_of, rule
from derivations.steps import Condition
from derivations.terms import (
    Add,
    Component,
    Derivative,
    Function,
    Number,
    Piecewise,
    Power,
    Product,
    Relation,
    Sum,
    Term,
    substitute,
)

GROUP = "differentiation"


def _again(node: Derivative, body: Term) -> Term:
    return derivative(body, node.symbol, node.indices, node.held)


@rule(
    "leaf",
    group=GROUP,
    en="Derivative of a component",
    zh="分量的导数",
    statement=r"\frac{\partial x_i}{\partial x_j} = \delta_{ij}, \quad "
    r"\frac{\partial W_{pj}}{\partial W_{rs}} = \delta_{pr} \delta_{js}",
    example=lambda: (derivative(s.z[s.i], s.Z, [s.j]), delta(s.i, s.j)),
    bookkeeping=True,
)
def leaf(node: Term, work: Work) -> Term | None:
    """d x_i / d x_j -> delta_ij"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Component)):
        return None
    if node.body.symbol.name != node.symbol.name:
        return None
    return product(*(delta(i, j) for i, j in zip(node.body.indices, node.indices, strict=True)))


@rule(
    "linear",
    group=GROUP,
    en="Linearity of the derivative",
    zh="求导的线性性质",
    statement=r"\frac{\partial}{\partial x} \sum_i c_i f_i = \sum_i c_i \frac{\partial f_i}{\partial x}, "
    r"\quad \frac{\partial c}{\partial x} = 0",
    condition=("$c_i$ and $c$ do not depend on $x$", "$c_i$、$c$ 与 $x$ 无关"),
    example=lambda: (
        derivative(total([s.k], product(s.a[s.k], s.exp(s.z[s.k]))), s.Z, [s.j]),
        total([s.k], derivative(product(s.a[s.k], s.exp(s.z[s.k])), s.Z, [s.j])),
    ),
    bookkeeping=True,
)
def linear(node: Term, work: Work) -> Term | None:
    """d (c f + g) -> c df + dg, through sums; d c -> 0"""
    if not isinstance(node, Derivative):
        return None
    body = node.body
    if not work.depends(body, node):
        return ZERO
    match body:
        case Add():
            return add(*(_again(node, term) for term in body.terms))
        case Sum():
            indices, inner = body.freshly_opened()
            return total(indices, _again(node, inner))
        case Product():
            parts = factors(body)
            moving = [factor for factor in parts if work.depends(factor, node)]
            if len(moving) == 1:
                return product(*(_again(node, f) if f is moving[0] else f for f in parts))
    return None


@rule(
    "quotient",
    group=GROUP,
    en="Quotient rule",
    zh="商法则",
    statement=r"\left(\frac{f}{g}\right)' = \frac{f'}{g} - \frac{f g'}{g^2}",
    condition=(r"$g \ne 0$", r"$g \ne 0$"),
    example=lambda: (
        derivative(product(s.exp(s.z[s.i]), power(s.sum_exp, MINUS_ONE)), s.Z, [s.j]),
        add(
            product(derivative(s.exp(s.z[s.i]), s.Z, [s.j]), power(s.sum_exp, MINUS_ONE)),
            product(
                MINUS_ONE,
                s.exp(s.z[s.i]),
                power(s.sum_exp, number(-2)),
                derivative(s.sum_exp, s.Z, [s.j]),
            ),
        ),
    ),
)
def quotient(node: Term, work: Work) -> Term | None:
    """d (c f / g) -> c df / g - c f dg / g**2"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Product)):
        return None
    parts = factors(node.body)
    moving = [factor for factor in parts if work.depends(factor, node)]
    under = [f for f in moving if base_and_exponent(f)[1] == MINUS_ONE]
    above = [f for f in moving if f not in under]
    if len(under) != 1 or not above:
        return None
    constant = [f for f in parts if f not in moving]
    f, g = product(*above), base_and_exponent(under[0])[0]
    return add(
        product(*constant, _again(node, f), power(g, MINUS_ONE)),
        product(MINUS_ONE, *constant, f, power(g, number(-2)), _again(node, g)),
    )


@rule(
    "product",
    group=GROUP,
    en="Product rule",
    zh="乘积法则",
    statement=r"(fg)' = f' g + f g'",
    example=lambda: (
        derivative(product(s.z[s.i], s.exp(s.z[s.i])), s.Z, [s.j]),
        add(
            product(derivative(s.z[s.i], s.Z, [s.j]), s.exp(s.z[s.i])),
            product(s.z[s.i], derivative(s.exp(s.z[s.i]), s.Z, [s.j])),
        ),
    ),
)
def product_rule(node: Term, work: Work) -> Term | None:
    """d (f g) -> df g + f dg"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Product)):
        return None
    parts = factors(node.body)
    moving = [n for n, factor in enumerate(parts) if work.depends(factor, node)]
    if len(moving) < 2:
        return None
    return add(*(product(*parts[:n], _again(node, parts[n]), *parts[n + 1 :]) for n in moving))


@rule(
    "power",
    group=GROUP,
    en="Power and chain rule",
    zh="幂函数求导与链式法则",
    statement=r"\frac{\partial f^{n}}{\partial x} = n f^{n-1} \frac{\partial f}{\partial x}",
    condition=(
        "$f > 0$ unless $n$ is an integer; $f \\ne 0$ where $n < 1$",
        "$n$ 不是整数时须 $f > 0$；$n < 1$ 时须 $f \\ne 0$",
    ),
    example=lambda: (
        derivative(power(s.z[s.i], number(2)), s.Z, [s.j]),
        product(number(2), s.z[s.i], derivative(s.z[s.i], s.Z, [s.j])),
    ),
)
def power_rule(node: Term, work: Work) -> Term | None:
    """d f**n -> n f**(n-1) df"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Power)):
        return None
    base, exponent = node.body.base, node.body.exponent
    if work.depends(exponent, node):
        return None
    if not (isinstance(exponent, Number) and exponent.value.denominator == 1) and not positive(base):
        work.require(Condition(relation=Relation(">", base, ZERO)))
    return product(exponent, power(base, add(exponent, MINUS_ONE)), _again(node, base))


@rule(
    "exponential",
    group=GROUP,
    en="Derivative of a general power",
    zh="幂指函数的导数",
    statement=r"\frac{\partial f^{g}}{\partial x} = f^{g} \left(\frac{\partial g}{\partial x} \log f "
    r"+ \frac{g}{f} \frac{\partial f}{\partial x}\right)",
    condition=("$f > 0$", "$f > 0$"),
    example=lambda: (
        derivative(power(number(2), s.z[s.i]), s.Z, [s.j]),
        product(power(number(2), s.z[s.i]), derivative(s.z[s.i], s.Z, [s.j]), apply("log", number(2))),
    ),
)
def exponential_rule(node: Term, work: Work) -> Term | None:
    """d f**g -> f**g (dg log f + g df / f)"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Power)):
        return None
    base, exponent = node.body.base, node.body.exponent
    if not work.depends(exponent, node):
        return None
    if not positive(base):
        work.require(Condition(relation=Relation(">", base, ZERO)))
    inner = product(_again(node, exponent), apply("log", base))
    if work.depends(base, node):
        inner = add(inner, product(exponent, _again(node, base), power(base, MINUS_ONE)))
    return product(node.body, inner)


def _function_rule(node: Term, work: Work, id: str) -> Term | None:
    if not (isinstance(node, Derivative) and isinstance(node.body, Function)):
        return None
    record = FUNCTIONS[node.body.head.name]
    if record.rule != id:
        return None
    (argument,) = node.body.arguments
    if record.kinks:
        work.require(Condition(relation=Relation("!=", argument, ZERO)))
    return product(record.derivative(node.body, argument), _again(node, argument))


@rule(
    "exp",
    group=GROUP,
    en="Derivative of exp",
    zh="指数函数的导数",
    statement=r"\frac{\partial e^{f}}{\partial x} = e^{f} \frac{\partial f}{\partial x}",
    example=lambda: (
        derivative(s.exp(s.z[s.i]), s.Z, [s.j]),
        product(s.exp(s.z[s.i]), derivative(s.z[s.i], s.Z, [s.j])),
    ),
)
def exp_rule(node: Term, work: Work) -> Term | None:
    """d e**f -> e**f df"""
    return _function_rule(node, work, "exp")


@rule(
    "log",
    group=GROUP,
    en="Derivative of log",
    zh="对数函数的导数",
    statement=r"\frac{\partial \log f}{\partial x} = \frac{1}{f} \frac{\partial f}{\partial x}",
    condition=("$f > 0$", "$f > 0$"),
    example=lambda: (
        derivative(apply("log", s.sum_exp), s.Z, [s.j]),
        product(power(s.sum_exp, MINUS_ONE), derivative(s.sum_exp, s.Z, [s.j])),
    ),
)
def log_rule(node: Term, work: Work) -> Term | None:
    """d log f -> df / f"""
    return _function_rule(node, work, "log")


@rule(
    "erf",
    group=GROUP,
    en="Derivative of erf",
    zh="误差函数的导数",
    statement=r"\operatorname{erf}'(x) = \frac{2}{\sqrt{\pi}} e^{-x^2}",
    example=lambda: (
        derivative(apply("erf", s.z[s.i]), s.Z, [s.j]),
        product(
            FUNCTIONS["erf"].derivative(apply("erf", s.z[s.i]), s.z[s.i]),
            derivative(s.z[s.i], s.Z, [s.j]),
        ),
    ),
)
def erf_rule(node: Term, work: Work) -> Term | None:
    """d erf f -> 2/sqrt(pi) e**(-f**2) df"""
    return _function_rule(node, work, "erf")


@rule(
    "chain",
    group=GROUP,
    en="Chain rule",
    zh="链式法则",
    statement=r"\frac{\partial f(g(x))}{\partial x} = f'(g(x)) \frac{\partial g}{\partial x}",
    condition=("$f$ is differentiable at $g(x)$", "$f$ 在 $g(x)$ 处可导"),
    example=lambda: (
        derivative(apply("tanh", s.z[s.i]), s.Z, [s.j]),
        product(
            add(ONE, negate(power(apply("tanh", s.z[s.i]), number(2)))),
            derivative(s.z[s.i], s.Z, [s.j]),
        ),
    ),
)
def chain_rule(node: Term, work: Work) -> Term | None:
    """d f(g) -> f'(g) dg, for the functions whose derivative has no name of its own"""
    return _function_rule(node, work, "chain")


@rule(
    "cases",
    group=GROUP,
    en="Branch by branch",
    zh="逐段求导",
    statement=r"\frac{\partial}{\partial x} \begin{cases} f & c \\ g & \neg c \end{cases} = "
    r"\begin{cases} \partial f / \partial x & c \\ \partial g / \partial x & \neg c \end{cases}",
    condition=("away from the points where the condition switches", "在条件切换的点之外"),
    example=lambda: (
        derivative(piecewise([Relation(">", s.z[s.i], ZERO)], [s.z[s.i]], ZERO), s.Z, [s.j]),
        piecewise([Relation(">", s.z[s.i], ZERO)], [derivative(s.z[s.i], s.Z, [s.j])], ZERO),
    ),
)
def cases_rule(node: Term, work: Work) -> Term | None:
    """d (f where c else g) -> df where c else dg"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Piecewise)):
        return None
    body = node.body
    for condition in body.conditions:
        # the sides of minimum(u, u) are equal everywhere, and so is what it switches between
        if work.depends(condition, node) and signed_key(condition.left) != signed_key(condition.right):
            work.require(Condition(relation=Relation("!=", condition.left, condition.right)))
    return piecewise(
        body.conditions, [_again(node, value) for value in body.values], _again(node, body.otherwise)
    )


@rule(
    "inverse",
    group=GROUP,
    en="Derivative of an inverse",
    zh="逆矩阵的导数",
    statement=r"\frac{\partial (M^{-1})_{ij}}{\partial x} = -\sum_{k,l} (M^{-1})_{ik} "
    r"\frac{\partial M_{kl}}{\partial x} (M^{-1})_{lj}",
    condition=("$M$ is invertible", "$M$ 可逆"),
    example=lambda: (
        derivative(s.K_INVERSE[s.i, s.j], s.C, []),
        negate(
            total(
                [s.k, s.m],
                product(
                    s.K_INVERSE[s.i, s.k],
                    derivative(add(s.MATRIX[s.k, s.m], product(s.C.scalar, delta(s.k, s.m))), s.C, []),
                    s.K_INVERSE[s.m, s.j],
                ),
            )
        ),
    ),
)
def inverse_rule(node: Term, work: Work) -> Term | None:
    """d inv(M)_ij -> -inv(M)_ik dM_kl inv(M)_lj"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Component)):
        return None
    definition = work.definitions.get(node.body.symbol.name)
    if definition is None or definition.operation != "inverse":
        return None
    k, m = (index.fresh() for index in definition.indices)
    row, column = node.body.indices
    inside = substitute(definition.body, dict(zip(definition.indices, (k, m), strict=True)))
    require_invertible(work, definition)
    name = definition.symbol
    return negate(total([k, m], product(name[row, k], _again(node, inside), name[m, column])))


@rule(
    "lemma",
    group="names",
    en="Use a lemma",
    zh="引用引理",
    statement=r"D = E \;\Rightarrow\; F(D) = F(E)",
    example=lambda: (derivative(s.J.scalar, s.X, [s.j]), s.gradient),
    condition=(
        "$D = E$ was shown earlier on the page or on a linked page",
        "$D = E$ 已在本页或所链接的页面中证明",
    ),
)
def lemma(node: Term, work: Work) -> Term | None:
    """the derivative of a name, as its own chain has found it"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Component)):
        return None
    definition = work.definitions.get(node.body.symbol.name)
    if definition is None or node.body.symbol.name == node.symbol.name:
        return None
    known = lemma_of(work, definition, node)
    work.about = definition.symbol.name
    return substitute(
        known.value,
        dict(zip(known.indices + known.by, node.body.indices + node.indices, strict=True)),
    )


LINEAR: tuple[Rule, ...] = (leaf, linear)
NONLINEAR: tuple[Rule, ...] = (
    quotient,
    product_rule,
    power_rule,
    exponential_rule,
    exp_rule,
    log_determinant_rule,
    log_abs_rule,
    log_rule,
    erf_rule,
    chain_rule,
    cases_rule,
    inverse_rule,
    determinant_rule,
)
LEMMA = lemma
