"""Graphs as text: what Python spells is written here, what a language of arrays calls it comes from a table.

Sizes come from the shapes of arguments, plain numbers stay Python numbers, which take the type of the array
that they meet.
"""

import keyword
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from derivations.codegen.graph import Graph, Node
from derivations.codegen.lowering import NoArrayForm, constant_value
from derivations.codegen.schedule import TRIVIAL, proposal, scheduled, unused
from derivations.codegen.spelling import Spelling
from derivations.functions import FUNCTIONS
from derivations.indices import Size
from derivations.terms import Add, Function, Number, Power, Product, SizeOf, Term

_LINE = 92  # characters of an assignment without its indentation
_ATOM, _POWER, _FACTOR, _SUM, _COMPARISON = 5, 4, 3, 2, 1

# names for values that the formula does not name
SPELLINGS = {
    "exp": "e",
    "log": "log",
    "add": "d",
    "multiply": "product",
    "divide": "ratio",
    "maximum": "m",
    "sum": "total",
    "mean": "mean",
    "finite_above": "u",
    "normal_cdf": "cdf",
    "gaussian": "bell",
    "sigmoid": "s",
    "tanh": "t",
}


@dataclass(frozen=True)
class Text:
    """A piece of code and how tightly it binds."""

    code: str
    level: int = _ATOM

    def within(self, level: int) -> str:
        return self.code if self.level >= level else f"({self.code})"


class Printer:
    """The expressions of one function."""

    def __init__(
        self, spelling: Spelling, sizes: Mapping[str, str], like: str, inputs: Mapping[str, str] | None = None
    ) -> None:
        self.spelling = spelling
        self.sizes = sizes  # name of a size -> name of the variable that holds it
        self.used_sizes: set[str] = set()
        self.like = like  # an argument of the type that the function works in
        self.inputs = inputs or {}  # name of an input -> name of the argument
        self.helpers: set[str] = set()
        self.names: dict[Node, str] = {}

    def body(self, result: Node, graph: Graph, taken: set[str], name: str) -> tuple[list[str], str]:
        """Assignments, and the name of the result; `name` is for a result that the formula does not name."""
        hints = {node: identifier(hint) for node, hint in graph.hints.items()}
        plan = scheduled(result, hints, taken, SPELLINGS)
        lines: list[str] = []
        for given, node in plan.lines:
            self._assign(given, node, lines, taken)
        if result.operation == "input":
            return lines, self.text(result).code
        last = unused(hints.get(result, name), taken)
        self._assign(last, result, lines, taken)
        return lines, last

    def _assign(self, name: str, node: Node, lines: list[str], taken: set[str]) -> None:
        """One assignment, and others before it where it would be too long."""
        while len(line := f"{name} = {self.text(node).code}") > _LINE:
            longest = max(
                self._unnamed_below(node),
                key=lambda part: len(self.text(part).code) <= _LINE - 20 and len(self.text(part).code),
                default=None,
            )
            if longest is None:
                break
            given = unused(proposal(longest, SPELLINGS), taken)
            lines.append(f"{given} = {self.text(longest).code}")
            self.names[longest] = given
        lines.append(line)
        self.names[node] = name

    def _unnamed_below(self, node: Node) -> list[Node]:
        """Operations that are written inside the expression of this node."""
        below: list[Node] = []
        for argument in node.arguments:
            if argument not in self.names and not argument.plain:
                below += [argument] if argument.operation not in TRIVIAL else []
                below += self._unnamed_below(argument)
        return below

    def text(self, node: Node) -> Text:
        if node in self.names:
            return Text(self.names[node])
        write = _OPERATIONS.get(node.operation)
        if write is None:
            raise NoArrayForm(f"no spelling here for the operation {node.operation}")
        return write(self, node)

    @property
    def kind(self) -> str:
        return f"{self.like}.dtype"

    def spelled(self, operation: str, *arguments: Text, **more: str) -> str:
        """The operation in the words of the language."""
        return self.spelling.operations[operation].format(
            *(argument.code for argument in arguments),
            atoms=[argument.within(_ATOM) for argument in arguments],
            kind=self.kind,
            like=self.like,
            **more,
        )

    def helper(self, name: str, *arguments: str) -> Text:
        if name not in self.spelling.helpers:
            raise NoArrayForm(f"{self.spelling.language} has nothing here that computes {name}")
        self.helpers.add(name)
        return Text(f"_{name}({', '.join(arguments)})")

    def array(self, node: Node) -> Text:
        """The text of an argument, a number as an array where the language wants one."""
        text = self.text(node)
        if node.plain and self.spelling.number:
            return Text(self.spelling.number.format(text.code, kind=self.kind, like=self.like))
        return text

    # ---- numbers

    def size(self, size: Size) -> Text:
        if size.constant is not None:
            return Text(str(size.constant))
        self.used_sizes.update(size.names)
        text = re.sub(r"[A-Za-z_]\w*", lambda name: self.sizes[name[0]], str(size))
        return Text(text, _ATOM if len(size.monomials) == 1 and size.names == (str(size),) else _SUM)

    def number(self, term: Term) -> Text:
        if not _has_size(term):
            return _constant(term)
        match term:
            case SizeOf(size=size):
                return self.size(size)
            case Product(factors=parts):
                above = [p for p in parts if not _is_reciprocal(p)]
                below = [_reciprocal(p) for p in parts if _is_reciprocal(p)]
                numerator = _joined([self.number(p) for p in above], " * ", _FACTOR) if above else Text("1")
                for part in below:
                    numerator = Text(
                        f"{numerator.within(_FACTOR)} / {self.number(part).within(_POWER)}", _FACTOR
                    )
                return numerator
            case Power(base=base, exponent=exponent) if _is_reciprocal(term):
                return Text(f"1 / {self.number(_reciprocal(term)).within(_POWER)}", _FACTOR)
            case Power(base=base, exponent=exponent):
                return Text(
                    f"{self.number(base).within(_ATOM)} ** {self.number(exponent).within(_ATOM)}", _POWER
                )
            case Add(terms=parts):
                return _joined([self.number(p) for p in parts], " + ", _SUM)
            case Function(head=head, arguments=(argument,)) if FUNCTIONS[head.name].numpy:
                return Text(self.spelled("of_size", self.number(argument), name=FUNCTIONS[head.name].numpy))
        raise NoArrayForm(f"no number for {type(term).__name__}")


def _is_reciprocal(term: Term) -> bool:
    return isinstance(term, Power) and isinstance(term.exponent, Number) and term.exponent.value < 0


def _reciprocal(term: Term) -> Term:
    assert isinstance(term, Power) and isinstance(term.exponent, Number)
    exponent = -term.exponent.value
    return term.base if exponent == 1 else Power(term.base, Number(exponent))


def _has_size(term: Term) -> bool:
    return isinstance(term, SizeOf) or any(_has_size(child) for child in term.children)


def _constant(term: Term) -> Text:
    """A number to the last bit; a fraction stays one where a float would hide it."""
    if isinstance(term, Number):
        value = term.value
        if value.denominator == 1:
            return Text(str(value), _ATOM if value >= 0 else _SUM)
        if value.denominator & (value.denominator - 1) and value.denominator < 1000 and value > 0:
            return Text(f"{value.numerator} / {value.denominator}", _FACTOR)
    value = constant_value(term)
    return Text(repr(float(value)), _ATOM if value >= 0 else _SUM)


def _joined(parts: list[Text], sign: str, level: int) -> Text:
    if len(parts) == 1:
        return parts[0]
    # the first operand may bind as loosely as the operator, the others must not
    rest = [p.within(level + 1) for p in parts[1:]]
    return Text(sign.join([parts[0].within(level), *rest]), level)


# ---- operations --------------------------------------------------------------------------------------------


def _apply(printer: Printer, node: Node) -> Text:
    name, spelling = node.data[0], printer.spelling
    if name in spelling.operations:
        return Text(printer.spelled(name, printer.text(node.arguments[0])))
    arguments = [printer.array(a).code for a in node.arguments]
    if name in spelling.functions:
        return Text(f"{spelling.functions[name]}({', '.join(arguments)})")
    if name in spelling.helpers:
        return printer.helper(name, *arguments)
    if name in FUNCTIONS and not FUNCTIONS[name].numpy:
        raise NoArrayForm(f"{spelling.language} has no function {name}, and no helper computes it")
    called = FUNCTIONS[name].numpy if name in FUNCTIONS else name
    return Text(f"{spelling.prefix}.{called}({', '.join(arguments)})")


def _add(printer: Printer, node: Node) -> Text:
    code = ""
    for minus, argument in zip(node.data, node.arguments, strict=True):
        piece = printer.text(argument).within(_FACTOR if minus or code else _SUM)
        code += (" - " if minus else " + ") + piece if code else ("-" if minus else "") + piece
    return Text(code, _SUM)


def _multiply(printer: Printer, node: Node) -> Text:
    return _joined([printer.text(a) for a in node.arguments], " * ", _FACTOR)


def _divide(printer: Printer, node: Node) -> Text:
    return _joined([printer.text(a) for a in node.arguments], " / ", _FACTOR)


def _reduction(printer: Printer, node: Node) -> Text:
    axis, kept = node.data
    keep = f", {printer.spelling.keep}" if kept else ""
    return Text(printer.spelled(node.operation, printer.text(node.arguments[0]), axis=str(axis), keep=keep))


def _reducing_helper(printer: Printer, node: Node) -> Text:
    _, kept = node.data
    array = printer.text(node.arguments[0]).code
    return printer.helper(node.operation, array, *(["keepdims=True"] if kept else []))


def _where(printer: Printer, node: Node) -> Text:
    condition, *values = node.arguments
    # one array decides the type; of numbers alone the language would choose one
    write = printer.array if all(value.plain for value in values) else printer.text
    return Text(printer.spelled("where", printer.text(condition), *map(write, values)))


def _called(printer: Printer, node: Node) -> Text:
    return Text(printer.spelled(node.operation, *map(printer.text, node.arguments)))


def _expand(printer: Printer, node: Node) -> Text:
    axes = ", ".join(":" if kept else "None" for kept in node.data[0])
    return Text(f"{printer.text(node.arguments[0]).within(_ATOM)}[..., {axes}]")


def _permute(printer: Printer, node: Node) -> Text:
    (order,) = node.data
    array = printer.text(node.arguments[0])
    if order == (1, 0):
        return Text(f"{array.within(_ATOM)}.mT")
    count = len(order)
    source = ", ".join(str(place - count) for place in order)
    target = ", ".join(str(place - count) for place in range(count))
    return Text(printer.spelled("moveaxis", array, source=f"({source})", target=f"({target})"))


def _take(printer: Printer, node: Node) -> Text:
    places = ", ".join(":" if place is None else printer.size(place).code for place in node.data[0])
    return Text(f"{printer.text(node.arguments[0]).within(_ATOM)}[..., {places}]")


def _matvec(printer: Printer, node: Node) -> Text:
    matrix, vector = (printer.text(a) for a in node.arguments)
    return Text(f"({matrix.within(_FACTOR)} @ {vector.within(_ATOM)}[..., None])[..., 0]")


_OPERATIONS: dict[str, Callable[[Printer, Node], Text]] = {
    "input": lambda p, n: Text(p.inputs.get(n.data[0]) or identifier(n.data[0])),
    "number": lambda p, n: p.number(n.data[0]),
    "identity": lambda p, n: Text(p.spelled("identity", size=p.size(n.data[0]).code)),
    "full": _called,
    "apply": _apply,
    "add": _add,
    "multiply": _multiply,
    "divide": _divide,
    "negate": lambda p, n: Text(f"-{p.text(n.arguments[0]).within(_POWER)}", _SUM),
    "power": lambda p, n: Text(
        f"{p.text(n.arguments[0]).within(_ATOM)} ** {p.text(n.arguments[1]).within(_ATOM)}", _POWER
    ),
    "where": _where,
    "where_nan": _called,
    "compare": lambda p, n: Text(
        f"{p.text(n.arguments[0]).within(_SUM)} {n.data[0]} {p.text(n.arguments[1]).within(_SUM)}",
        _COMPARISON,
    ),
    "sum": _reduction,
    "mean": _reduction,
    "maximum": _reduction,
    "log_of_shifted_sum": _reducing_helper,
    "largest_magnitude": _reducing_helper,
    "expand": _expand,
    "permute": _permute,
    "take": _take,
    "diagonal": _called,
    "matmul": lambda p, n: _joined([p.text(a) for a in n.arguments], " @ ", _FACTOR),
    "matvec": _matvec,
    "inverse": _called,
    "determinant": _called,
    "solve": _called,
    "least_squares": lambda p, n: p.helper(n.operation, *(p.text(a).code for a in n.arguments)),
    "log_determinant": lambda p, n: p.helper(n.operation, p.text(n.arguments[0]).code),
}


# ---- names -------------------------------------------------------------------------------------------------

TAKEN = frozenset({"np", "jax", "jnp", "torch", "kind"})  # by modules, and by what every function calculates
_RESERVED = TAKEN | {*keyword.kwlist}


def identifier(name: str) -> str:
    """An ASCII name for a symbol: letters of other alphabets by their own names."""
    pieces = []
    for letter in name:
        if letter.isascii() and (letter.isalnum() or letter == "_"):
            pieces.append(letter)
        elif not letter.isascii():
            pieces.append(unicodedata.name(letter, "x").split(" WITH ")[0].split()[-1].lower())
    made = "".join(pieces) or "x"
    made = f"_{made}" if made[0].isdigit() else made
    return f"{made}_" if made in _RESERVED else made


__all__ = ["TAKEN", "Printer", "identifier"]
