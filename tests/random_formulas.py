"""Random formulas in NumPy notation: small trees that can be written as text and calculated.

Text and value come from one tree, so what the parser makes of the text is compared with what NumPy and JAX
make of the tree.  Only what is positive is divided by, or stands under roots and logarithms.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Shape = tuple[str, ...]
Values = Mapping[str, Any]

# Every name that a formula may use, and those whose values are positive.
INPUTS: dict[str, Shape] = {
    "a": (),
    "c": (),
    "x": ("n",),
    "y": ("n",),
    "p": ("n",),
    "u": ("m",),
    "A": ("m", "n"),
    "B": ("n", "n"),
    "P": ("m", "n"),
    "W": ("n", "k"),
}
POSITIVE = frozenset({"c", "p", "P"})


# ---- formulas --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Node:
    """An operation over smaller formulas.  `detail` is a name, a number or an axis."""

    op: str
    shape: Shape
    children: tuple["Node", ...] = ()
    detail: str = ""

    @property
    def size(self) -> int:
        return 1 + sum(child.size for child in self.children)

    def all(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.all()


@dataclass(frozen=True)
class Operation:
    """How an operation is written, with {0} for its first argument, and how it is calculated."""

    text: str
    value: Callable[..., Any]


def _erf(v: Any, xp: Any) -> Any:
    if xp is np:
        from math import erf

        return np.vectorize(erf, otypes=[float])(v)
    from jax.scipy.special import erf as jax_erf

    return jax_erf(v)


def _softmax(v: Any, axis: int, xp: Any) -> Any:
    e = xp.exp(v)
    return e / xp.sum(e, axis=axis, keepdims=True)


def _entrywise(name: str, value: Callable[[Any, Any], Any]) -> Operation:
    return Operation(f"{name}({{0}})", lambda xp, detail, v: value(xp, v))


OPERATIONS: dict[str, Operation] = {
    "+": Operation("({0} + {1})", lambda xp, d, a, b: a + b),
    "-": Operation("({0} - {1})", lambda xp, d, a, b: a - b),
    "*": Operation("{0}*{1}", lambda xp, d, a, b: a * b),
    "/": Operation("{0}/({1})", lambda xp, d, a, b: a / b),
    "negative": Operation("(-{0})", lambda xp, d, a: -a),
    "power": Operation("({0})**{detail}", lambda xp, d, a: a ** float(d.strip("()"))),
    "@": Operation("(({0}) @ ({1}))", lambda xp, d, a, b: a @ b),
    "T": Operation("({0}).T", lambda xp, d, a: a.T),
    "column": Operation("({0})[:, None]", lambda xp, d, a: a[:, None]),
    "first": Operation("({0})[0]", lambda xp, d, a: a[0]),
    "sum": Operation("sum({0}{detail})", lambda xp, d, a: xp.sum(a, **_axis(d))),
    "mean": Operation("mean({0}{detail})", lambda xp, d, a: xp.mean(a, **_axis(d))),
    "var": Operation("var({0}{detail})", lambda xp, d, a: xp.var(a, **_axis(d))),
    "norm": Operation("norm({0}{detail})", lambda xp, d, a: xp.sqrt(xp.sum(a**2, **_axis(d)))),
    "logsumexp": Operation("logsumexp({0}{detail})", lambda xp, d, a: xp.log(xp.sum(xp.exp(a), **_axis(d)))),
    "softmax": Operation("softmax({0}{detail})", lambda xp, d, a: _softmax(a, _axis(d)["axis"], xp)),
    "log_softmax": Operation(
        "log_softmax({0}{detail})", lambda xp, d, a: xp.log(_softmax(a, _axis(d)["axis"], xp))
    ),
    "trace": Operation("trace({0})", lambda xp, d, a: xp.trace(a)),
    "diag": Operation("diag({0})", lambda xp, d, a: xp.diag(a)),
    "outer": Operation("outer({0}, {1})", lambda xp, d, a, b: xp.outer(a, b)),
    "maximum": Operation("maximum({0}, {1})", lambda xp, d, a, b: xp.maximum(a, b)),
    "minimum": Operation("minimum({0}, {1})", lambda xp, d, a, b: xp.minimum(a, b)),
    "where": Operation("where({0} > {1}, {2}, {3})", lambda xp, d, a, b, u, v: xp.where(a > b, u, v)),
    "exp": _entrywise("exp", lambda xp, v: xp.exp(v)),
    "log": _entrywise("log", lambda xp, v: xp.log(v)),
    "log1p": _entrywise("log1p", lambda xp, v: xp.log1p(v)),
    "sqrt": _entrywise("sqrt", lambda xp, v: xp.sqrt(v)),
    "tanh": _entrywise("tanh", lambda xp, v: xp.tanh(v)),
    "sigmoid": _entrywise("sigmoid", lambda xp, v: 1 / (1 + xp.exp(-v))),
    "softplus": _entrywise("softplus", lambda xp, v: xp.log(1 + xp.exp(v))),
    "relu": _entrywise("relu", lambda xp, v: xp.where(v > 0, v, 0)),
    "sin": _entrywise("sin", lambda xp, v: xp.sin(v)),
    "cos": _entrywise("cos", lambda xp, v: xp.cos(v)),
    "arctan": _entrywise("arctan", lambda xp, v: xp.arctan(v)),
    "abs": _entrywise("abs", lambda xp, v: xp.abs(v)),
    "erf": _entrywise("erf", lambda xp, v: _erf(v, xp)),
    "inv": Operation(
        "inv(({0}) @ ({0}).T + eye(n))", lambda xp, d, a: xp.linalg.inv(a @ a.T + xp.eye(a.shape[0]))
    ),
    "logdet": Operation(
        "logdet(({0}) @ ({0}).T + eye(n))",
        lambda xp, d, a: xp.linalg.slogdet(a @ a.T + xp.eye(a.shape[0]))[1],
    ),
    "det": Operation("det({0} + 2*eye(n))", lambda xp, d, a: xp.linalg.det(a + 2 * xp.eye(a.shape[0]))),
    # a formula in index notation, on a line of its own; {0}, {1} are names
    "along": Operation("sum({0}[i, j]*{1}[j], j)", lambda xp, d, a, b: a @ b),
    "pairs": Operation("sum(({0}[i] - {0}[j])**2*{1}[j], j)", lambda xp, d, a, b: _pairs(xp, a, b)),
    "down": Operation("sum({0}[i, j]*exp({1}[i]), i)", lambda xp, d, a, b: xp.exp(b) @ a),
    "gram": Operation("sum({0}[i, j]*{1}[k, j], j)", lambda xp, d, a, b: a @ b.T),
}
INDEXED = frozenset({"along", "pairs", "down", "gram"})


def _pairs(xp: Any, a: Any, b: Any) -> Any:
    return ((a[:, None] - a[None, :]) ** 2) @ b


def _axis(detail: str) -> dict[str, Any]:
    """The keywords of `, axis=0, keepdims=True`."""
    keywords: dict[str, Any] = {}
    for part in detail.split(", ")[1:]:
        name, value = part.split("=")
        keywords[name] = value == "True" if name == "keepdims" else int(value)
    return keywords


def written(node: Node) -> str:
    """The formula as text: what needs a line of its own has one."""
    lines: list[str] = []

    def line(text: str) -> str:
        name = f"t{len(lines)}"
        lines.append(f"{name} = {text}")
        return name

    def text(node: Node) -> str:
        if node.op in ("name", "number"):
            return node.detail
        inner = [text(child) for child in node.children]
        if node.op in INDEXED:
            inner = [t if c.op == "name" else line(t) for t, c in zip(inner, node.children, strict=True)]
            return line(OPERATIONS[node.op].text.format(*inner))
        return OPERATIONS[node.op].text.format(*inner, detail=node.detail)

    last = text(node)
    return "\n".join([*lines, last])


def calculated(node: Node, values: Values, xp: Any) -> Any:
    if node.op == "name":
        return values[node.detail]
    if node.op == "number":
        return float(node.detail)
    return OPERATIONS[node.op].value(
        xp, node.detail, *(calculated(child, values, xp) for child in node.children)
    )


# ---- random formulas -------------------------------------------------------------------------------------

_FREE = "tanh sigmoid sin cos arctan erf exp softplus relu abs".split()
_OVER: dict[Shape, tuple[tuple[Shape, str], ...]] = {
    (): ((("n",), ""), (("m", "n"), ""), (("m",), ", axis=0")),
    ("n",): ((("m", "n"), ", axis=0"), (("n", "k"), ", axis=1"), (("n", "n"), ", axis=1")),
    ("m",): ((("m", "n"), ", axis=1"),),
    ("k",): ((("n", "k"), ", axis=0"),),
}
_PRODUCTS: dict[Shape, tuple[tuple[Shape, Shape], ...]] = {
    (): ((("n",), ("n",)), (("m",), ("m",))),
    ("n",): ((("n", "n"), ("n",)), (("m",), ("m", "n")), (("n", "k"), ("k",))),
    ("m",): ((("m", "n"), ("n",)),),
    ("k",): ((("n",), ("n", "k")),),
    ("m", "n"): ((("m", "n"), ("n", "n")),),
    ("n", "n"): ((("n", "m"), ("m", "n")), (("n", "k"), ("k", "n"))),
    ("n", "k"): ((("n", "n"), ("n", "k")),),
    ("m", "k"): ((("m", "n"), ("n", "k")),),
    ("m", "m"): ((("m", "n"), ("n", "m")),),
}


class Writer:
    """Writes random formulas of a wanted shape; positive ones where something needs it."""

    def __init__(self, source: random.Random) -> None:
        self.source = source

    def leaf(self, shape: Shape, positive: bool) -> Node:
        names = [n for n, s in INPUTS.items() if s == shape and (n in POSITIVE or not positive)]
        if not names or (not shape and self.source.random() < 0.4):
            return self._made(shape, positive)
        return Node("name", shape, detail=self.source.choice(names))

    def _made(self, shape: Shape, positive: bool) -> Node:
        """The smallest formula of a shape that no input has."""
        if not shape:
            return Node("number", (), detail=self.source.choice(("2", "3", "0.5", "1")))
        if positive:
            return Node("exp", shape, (self.leaf(shape, False),))
        if len(shape) == 1:
            inner, axis = self.source.choice(_OVER[shape])
            return Node("sum", shape, (self.leaf(inner, False),), axis)
        if any(s == shape[::-1] for s in INPUTS.values()):
            return Node("T", shape, (self.leaf(shape[::-1], False),))
        left, right = self.source.choice(_PRODUCTS.get(shape, ((shape[:1], shape[1:]),)))
        op = "@" if len(left) == 2 else "outer"
        return Node(op, shape, (self.leaf(left, False), self.leaf(right, False)))

    def node(self, shape: Shape, depth: int, positive: bool = False) -> Node:
        if depth <= 0 or self.source.random() < 0.08:
            return self.leaf(shape, positive)
        choices = self._positive if positive else self._any
        for _ in range(20):
            found = self.source.choice(choices)(self, shape, depth - 1)
            if found is not None:
                return found
        return self.leaf(shape, positive)

    # Each of these gives a formula of the shape, or None where it has none.

    def _arithmetic(self, shape: Shape, depth: int) -> Node:
        op = self.source.choice("+-**")
        other = self.source.choice((shape, shape, (), shape[-1:]))
        pair = [self.node(shape, depth), self.node(other, depth)]
        self.source.shuffle(pair)
        return Node(op, shape, tuple(pair))

    def _column(self, shape: Shape, depth: int) -> Node | None:
        if len(shape) != 2:
            return None
        column = Node("column", (shape[0], "1"), (self.node(shape[:1], depth - 1),))
        return Node(self.source.choice("+-*"), shape, (self.node(shape, depth), column))

    def _quotient(self, shape: Shape, depth: int) -> Node:
        over = self.source.choice((shape, (), shape[-1:]))
        return Node("/", shape, (self.node(shape, depth), self.node(over, depth, positive=True)))

    def _function(self, shape: Shape, depth: int) -> Node:
        op = self.source.choice(_FREE)
        return Node(op, shape, (self.node(shape, depth),))

    def _of_positive(self, shape: Shape, depth: int) -> Node:
        op = self.source.choice(("log", "sqrt", "log1p"))
        return Node(op, shape, (self.node(shape, depth, positive=True),))

    def _power(self, shape: Shape, depth: int) -> Node:
        return Node("power", shape, (self.node(shape, depth),), self.source.choice("23"))

    def _root(self, shape: Shape, depth: int) -> Node:
        exponent = self.source.choice(("0.5", "(-1)", "(-0.5)", "1.5", "(-2)"))
        return Node("power", shape, (self.node(shape, depth, positive=True),), exponent)

    def _negative(self, shape: Shape, depth: int) -> Node:
        return Node("negative", shape, (self.node(shape, depth),))

    def _product(self, shape: Shape, depth: int) -> Node | None:
        pairs = _PRODUCTS.get(shape)
        if not pairs:
            return None
        left, right = self.source.choice(pairs)
        return Node("@", shape, (self.node(left, depth), self.node(right, depth)))

    def _transposed(self, shape: Shape, depth: int) -> Node | None:
        return Node("T", shape, (self.node(shape[::-1], depth),)) if len(shape) == 2 else None

    def _reduced(self, shape: Shape, depth: int) -> Node | None:
        if shape not in _OVER:
            return None
        inner, axis = self.source.choice(_OVER[shape])
        op = self.source.choice("sum sum mean var logsumexp".split())
        if op == "logsumexp" and len(inner) > 1 and not axis:
            op = "sum"
        return Node(op, shape, (self.node(inner, depth),), axis)

    def _norm(self, shape: Shape, depth: int) -> Node | None:
        if shape not in _OVER:
            return None
        inner, axis = self.source.choice(_OVER[shape])
        return Node("norm", shape, (self.node(inner, depth),), axis)

    def _centred(self, shape: Shape, depth: int) -> Node | None:
        """x - mean(x), along an axis that stays."""
        if not shape:
            return None
        axis = f", axis={len(shape) - 1}, keepdims=True"
        inside = self.node(shape, depth)
        op, how = self.source.choice((("-", "mean"), ("*", "sum"), ("*", "var"), ("-", "logsumexp")))
        return Node(op, shape, (inside, Node(how, (*shape[:-1], "1"), (inside,), axis)))

    def _softmax(self, shape: Shape, depth: int) -> Node | None:
        if not shape:
            return None
        axis = self.source.choice(range(len(shape)))
        op = self.source.choice(("softmax", "log_softmax"))
        return Node(op, shape, (self.node(shape, depth),), f", axis={axis}")

    def _special(self, shape: Shape, depth: int) -> Node | None:
        if shape == () and self.source.random() < 0.5:
            op = self.source.choice(("logdet", "det"))
            inner = ("n", self.source.choice("kn")) if op == "logdet" else ("n", "n")
            return Node(op, (), (self.node(inner, depth),))
        if shape == ("n", "n") and self.source.random() < 0.5:
            return Node("inv", shape, (self.node(("n", self.source.choice("kn")), depth),))
        if shape == ():
            return Node("trace", (), (self.node(("n", "n"), depth),))
        if shape == ("n",):
            if self.source.random() < 0.5:
                return Node("diag", shape, (self.node(("n", "n"), depth),))
            return Node("first", shape, (self.node(("m", "n"), depth),))
        if shape == ("n", "n"):
            return Node("diag", shape, (self.node(("n",), depth),))
        if len(shape) == 2:
            return Node("outer", shape, (self.node(shape[:1], depth), self.node(shape[1:], depth)))
        return None

    def _cases(self, shape: Shape, depth: int) -> Node:
        if self.source.random() < 0.5:
            op = self.source.choice(("maximum", "minimum"))
            return Node(op, shape, (self.node(shape, depth), self.node(shape, depth)))
        a, b = self.node(shape, depth - 1), self.leaf(shape, False)
        return Node("where", shape, (a, b, self.node(shape, depth), self.node(shape, depth)))

    def _indexed(self, shape: Shape, depth: int) -> Node | None:
        forms: dict[Shape, tuple[str, Shape, Shape]] = {
            ("m",): ("along", ("m", "n"), ("n",)),
            ("n",): self.source.choice((("pairs", ("n",), ("n",)), ("down", ("m", "n"), ("m",)))),
            ("m", "m"): ("gram", ("m", "n"), ("m", "n")),
        }
        if shape not in forms:
            return None
        op, left, right = forms[shape]
        return Node(op, shape, (self.node(left, depth), self.node(right, depth)))

    def _positive_function(self, shape: Shape, depth: int) -> Node:
        op = self.source.choice(("exp", "sigmoid", "softplus"))
        return Node(op, shape, (self.node(shape, depth),))

    def _positive_arithmetic(self, shape: Shape, depth: int) -> Node:
        pair = (self.node(shape, depth, positive=True), self.node(shape, depth, positive=True))
        return Node(self.source.choice("+*/"), shape, pair)

    def _one_and_a_square(self, shape: Shape, depth: int) -> Node:
        one = Node("number", (), detail="1")
        return Node("+", shape, (one, Node("power", shape, (self.node(shape, depth),), "2")))

    def _positive_reduced(self, shape: Shape, depth: int) -> Node | None:
        if shape not in _OVER:
            return None
        inner, axis = self.source.choice(_OVER[shape])
        return Node(self.source.choice(("sum", "mean")), shape, (self.node(inner, depth, True),), axis)

    _any = (
        _arithmetic,
        _arithmetic,
        _column,
        _quotient,
        _function,
        _function,
        _of_positive,
        _power,
        _root,
        _negative,
        _product,
        _product,
        _transposed,
        _reduced,
        _reduced,
        _norm,
        _centred,
        _softmax,
        _special,
        _cases,
        _indexed,
    )
    _positive = (_positive_function, _positive_arithmetic, _one_and_a_square, _positive_reduced)


@dataclass(frozen=True)
class Case:
    formula: Node
    wrt: str
    order: int

    @property
    def used(self) -> tuple[str, ...]:
        return tuple(sorted({node.detail for node in self.formula.all() if node.op == "name"}))

    @property
    def shapes(self) -> str:
        return "; ".join(f"{name}: {' '.join(INPUTS[name])}" for name in self.used)

    @property
    def facts(self) -> str | None:
        return "; ".join(f"{name} > 0" for name in self.used if name in POSITIVE) or None

    def __str__(self) -> str:
        arguments = (written(self.formula), self.wrt, self.shapes, self.order, self.facts)
        return f"derive{arguments!r}"


def case(seed: int, depth: int = 4) -> Case:
    """The formula of this seed, with a variable that it depends on."""
    source = random.Random(seed)
    writer = Writer(source)
    while True:
        shape = source.choice(((), (), (), ("n",), ("m",), ("m", "n")))
        formula = writer.node(shape, source.randint(1, depth))
        names = sorted({node.detail for node in formula.all() if node.op == "name"})
        if names and formula.size > 2:
            wrt = source.choice(names)
            second = not shape and source.random() < 0.2
            return Case(formula, wrt, 2 if second else 1)
