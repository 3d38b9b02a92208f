"""A syntax tree becomes an array of terms: one method per kind of node, nothing is evaluated or looked up.

Only the nodes named here are read; every other one is refused in words.  Each mistake carries the place where
it was typed, also those that whole arrays find (sizes that do not match).
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import NoReturn

from derivations.errors import InputError
from derivations.indices import Affine, Axis, Index, Size
from derivations.language.arrays import (
    combined,
    matrix_product,
    places,
    size_number,
    transposed,
    whole_symbol,
)
from derivations.language.mistakes import AuthorError
from derivations.language.reuse import Whole
from derivations.parse.calls import Call
from derivations.parse.letters import Letters
from derivations.parse.names import Names, statistic, summed_axes
from derivations.parse.notation import ALIASES, METHODS, PREFIXES, WORDS
from derivations.parse.refusals import NUMBERS_REFUSED, SYNTAX_REFUSED
from derivations.parse.shapes import LARGEST
from derivations.parse.source import CHAINS, Tree, continues, whole_number
from derivations.parse.written import decimal, exact, negative, quotient_of, sum_of
from derivations.terms import Constant, Number, Power, Term, TermError, substitute

EXPONENT = 1_000
_BITS = 4_000  # of a number that is written as an expression: more is no number to calculate with


@dataclass(frozen=True)
class Value:
    """What a line says: the array, and which kind of value it is if people have a name for that."""

    whole: Whole
    letters: tuple[Index, ...]
    kind: str = ""
    adds_up: tuple[int, ...] = ()


class Reading:
    """Reads one syntax tree over the names of a text."""

    def __init__(self, tree: Tree, names: Names) -> None:
        self.tree = tree
        self.names = names
        self.letters = Letters()
        self.kind = ""
        self.adds_up: tuple[int, ...] = ()

    def value(self) -> Value:
        whole = self.read(self.tree.root)
        letters = tuple(index for index in self.letters.own.values() if index in whole.term.free)
        return Value(whole, letters, self.kind, self.adds_up)

    # ---- mistakes ----

    def mistake(self, node: ast.AST, message: str, hint: str) -> InputError:
        return self.tree.mistake(node, message, hint)

    @contextmanager
    def mistakes_at(self, node: ast.AST) -> Iterator[None]:
        """What arrays find wrong in the block is wrong at this node."""
        try:
            yield
        except AuthorError as error:
            raise self.mistake(node, error.what, error.instead) from None
        except TermError as error:
            raise self.mistake(node, str(error), "Use indices of one axis.") from None

    # ---- nodes ----

    def read(self, node: ast.expr) -> Whole:
        method = _NODES.get(type(node))
        if method is None:
            name = type(node).__name__
            message, hint = SYNTAX_REFUSED.get(
                name, ("this is Python and no part of a formula", "Write one expression in NumPy notation.")
            )
            raise self.mistake(node, message, hint)
        return method(self, node)

    def _constant(self, node: ast.Constant) -> Whole:
        written = self.tree.written(node)
        if not isinstance(node.value, int | float) or not (written[:1].isdigit() or written[:1] == "."):
            message, hint = NUMBERS_REFUSED.get(
                written, ("text in quotes is not read", "Write names without quotes.")
            )
            raise self.mistake(node, message, hint)
        return Whole(Number(Fraction(written), decimal(written)))

    def _name(self, node: ast.Name) -> Whole:
        name = node.id
        symbol = self.names.get(name)
        if symbol is not None:
            return whole_symbol(symbol)
        if name == "pi":
            return Whole(Constant("pi"))
        if name in self.names.sizes:
            return Whole(size_number(Size.of(name)))
        if self.letters.get(name) is not None or name in self.letters.of(name).own:
            raise self.mistake(
                node,
                f"the index {name} stands where a number was expected",
                f"Write it in brackets: x[{name}].",
            )
        if name in WORDS or name in ALIASES:
            raise self.mistake(node, f"{name} is a function and has no argument here", f"Write {name}(...).")
        if self.names.implicit and name not in NUMBERS_REFUSED:
            return whole_symbol(self.names.declare(name))
        raise self._undeclared(node, name)

    def _undeclared(self, node: ast.AST, name: str) -> InputError:
        if name in NUMBERS_REFUSED:
            return self.mistake(node, *NUMBERS_REFUSED[name])
        known = [*self.names.inputs, *self.names.definitions]
        near = get_close_matches(name, known, 1, 0.6)
        hint = f"Write {near[0]}, or add" if near else "Add"
        return self.mistake(node, f"{name} is not declared", f'{hint} "{name}:" with its sizes to shapes.')

    # ---- arithmetic ----

    def _binary(self, node: ast.BinOp) -> Whole:
        for chain in CHAINS:
            if isinstance(node.op, chain):
                return self._chain(node)
        if isinstance(node.op, ast.Pow):
            return self._power(node)
        if isinstance(node.op, ast.MatMult):
            a, b = self.read(node.left), self.read(node.right)
            with self.mistakes_at(_operator(self.tree, node)):
                return matrix_product(a, b)
        raise self.mistake(node, "this operation is not read", "Write NumPy notation: + - * / ** @.")

    def _chain(self, node: ast.BinOp) -> Whole:
        """a + b - c or a * b / c, as one: a long sum is no deep tree."""
        steps: list[ast.BinOp] = [node]
        while continues(steps[-1], steps[-1].left):
            assert isinstance(steps[-1].left, ast.BinOp)
            steps.append(steps[-1].left)
        steps.reverse()
        parts = [self.read(steps[0].left), *(self.read(step.right) for step in steps)]
        inverse = [False, *(isinstance(step.op, ast.Sub | ast.Div) for step in steps)]
        for step, part in zip(steps, parts[1:], strict=True):
            if isinstance(step.op, ast.Div) and exact(part.term) == 0:
                raise self.mistake(step.right, "this divides by 0", "Write a denominator that is not 0.")
        parts = self._statistics_by_name(parts)
        additive = isinstance(node.op, ast.Add | ast.Sub)

        def build(*terms: Term) -> Term:
            pairs = list(zip(terms, inverse[: len(terms)], strict=True))
            return sum_of(pairs) if additive else quotient_of(pairs)

        try:
            whole = combined(parts, build)
        except AuthorError:
            self._first_mismatch(steps, parts, build)
        self.check_number(node, whole.term)
        return whole

    def _first_mismatch(
        self, steps: list[ast.BinOp], parts: list[Whole], build: Callable[..., Term]
    ) -> NoReturn:
        """The mistake at the first operator whose sides do not fit."""
        fits, fails = 1, len(parts)
        while fails - fits > 1:
            middle = (fits + fails) // 2
            try:
                combined(parts[:middle], build)
                fits = middle
            except AuthorError:
                fails = middle
        with self.mistakes_at(_operator(self.tree, steps[fails - 2])):
            combined(parts[:fails], build)
        raise AssertionError("a prefix that failed before does not fail again")

    def _statistics_by_name(self, parts: list[Whole]) -> list[Whole]:
        """Means and scales beside the array that they are made from get their names."""
        extents = [{index.axis for index in part.term.free} for part in parts]
        found = []
        for place, part in enumerate(parts):
            kind = statistic(part.term)
            others = set().union(*(e for n, e in enumerate(extents) if n != place))
            named = kind and not others.isdisjoint(summed_axes(part.term) - extents[place])
            found.append(self.names.introduce(part, kind) if named else part)
        return found

    def _unary(self, node: ast.UnaryOp) -> Whole:
        operand = self.read(node.operand)
        if isinstance(node.op, ast.UAdd):
            return operand
        if isinstance(node.op, ast.USub):
            return Whole(negative(operand.term), operand.axes)
        raise self.mistake(node, "this operation is not read", "Write NumPy notation: + - * / ** @.")

    def _power(self, node: ast.BinOp) -> Whole:
        base, exponent = self.read(node.left), self.read(node.right)
        value = exact(exponent.term)
        if value is not None:
            inner: Term = base.term
            size = abs(value)
            while isinstance(inner, Power) and (more := exact(inner.exponent)) is not None:
                size, inner = size * abs(more), inner.base
            if size > EXPONENT:
                raise self.mistake(
                    node.right,
                    f"the exponent is larger than {EXPONENT}",
                    f"Write an exponent up to {EXPONENT}, or a name for it.",
                )
            if value < 0 and exact(base.term) == 0:
                raise self.mistake(node.left, "this divides by 0", "Write a base that is not 0.")
            if value.denominator == 1:
                exponent = Whole(Number(value))
        with self.mistakes_at(_operator(self.tree, node)):
            whole = combined([base, exponent], Power)
        self.check_number(node, whole.term)
        return whole

    def check_number(self, node: ast.AST, term: Term) -> None:
        value = exact(term)
        if value is not None and max(abs(value.numerator), value.denominator).bit_length() > _BITS:
            raise self.mistake(node, "this number is too large", "Write a name for it.")

    # ---- brackets and attributes ----

    def _attribute(self, node: ast.Attribute) -> Whole:
        name = self.library(node)
        if name is not None:
            if name != "pi" and name not in NUMBERS_REFUSED and name not in WORDS:
                raise self.mistake(node, f"{name} is no number of a library", "Write pi, or a declared name.")
            return self._name(ast.copy_location(ast.Name(name), node))
        if node.attr in ("T", "mT"):
            return transposed(self.read(node.value))
        if node.attr == "shape":
            raise self.mistake(node, "shape is a list of sizes", "Write x.shape[0] for one of them.")
        raise self.no_attribute(node)

    def no_attribute(self, node: ast.Attribute) -> InputError:
        methods = ", ".join(f".{name}()" for name in sorted(METHODS))
        return self.mistake(node, f".{node.attr} is not read", f"Write one of .T, .shape[0], {methods}.")

    def library(self, node: ast.Attribute) -> str | None:
        """`exp` of np.exp and jnp.linalg.norm; None where the value is a name of the text."""
        value = node.value
        if isinstance(value, ast.Name) and value.id in PREFIXES and value.id not in self.names.inputs:
            return node.attr if value.id not in self.names.definitions else None
        if isinstance(value, ast.Attribute) and value.attr in PREFIXES and self.library(value) is not None:
            return node.attr
        return None

    def _subscript(self, node: ast.Subscript) -> Whole:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            return Whole(size_number(self.axis_of_shape(node).size))
        base = self.read(node.value).renewed()
        slots = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        given = sum(not (isinstance(s, ast.Constant) and s.value is None) for s in slots)
        written = self.tree.written(node.value)
        if given > len(base.axes):
            axes = f"{len(base.axes)} {'axis' if len(base.axes) == 1 else 'axes'}"
            if self.names.implicit:
                hint = f'Declare its sizes: shapes="{written}: n".'
            else:
                hint = "Give as many indices as it has axes." if base.axes else "Leave out the brackets."
            raise self.mistake(node, f"{written} has {axes}, and {given} indices are given", hint)
        left = list(base.axes)
        axes_now: list[Index | None] = []
        new: dict[Index, Affine | Index | int] = {}
        for slot in slots:
            if isinstance(slot, ast.Constant) and slot.value is None:
                axes_now.append(None)
            elif isinstance(slot, ast.Slice) and slot.lower is slot.upper is slot.step is None:
                axes_now.append(left.pop(0))
            else:
                axis = left.pop(0)
                position = self._position(slot, axis, written)
                if axis is not None:
                    new[axis] = position
        return Whole(substitute(base.term, new), (*axes_now, *left))

    def _position(self, slot: ast.expr, axis: Index | None, written: str) -> Affine:
        """One index or number in brackets."""
        if isinstance(slot, ast.Name) and self.names.get(slot.id) is None and slot.id not in self.names.sizes:
            return Affine.of(self._index(slot, slot.id, axis, written))
        number = whole_number(slot)
        if number is None:
            if isinstance(slot, ast.Name):
                raise self.mistake(
                    slot,
                    f"{slot.id} is a declared name, and positions by name are not read yet",
                    f"Use another letter as an index of {written}.",
                )
            what = "a slice" if isinstance(slot, ast.Slice) else "a calculated position"
            raise self.mistake(slot, f"{what} is not read yet", f"Write an index or a number: {written}[i].")
        return self._number_position(slot, number, axis, written)

    def _index(self, node: ast.AST, letter: str, axis: Index | None, written: str) -> Index:
        if axis is None:
            raise self.mistake(node, f"this axis of {written} has length 1", "Write 0 as its index.")
        index = self.letters.at(letter, axis.axis)
        if index.axis != axis.axis:
            raise self.mistake(
                node,
                f"the index {letter} runs over {index.axis.name}, and {written} has the size "
                f"{axis.axis.name} there",
                "Use another letter for one of the two axes.",
            )
        return index

    def _number_position(self, node: ast.AST, number: int, axis: Index | None, written: str) -> Affine:
        size = Size.of(1) if axis is None else axis.axis.size
        needed = number + 1 if number >= 0 else -number
        constant = size.constant
        if needed > (LARGEST if constant is None else constant):
            raise self.mistake(
                node,
                f"position {number} lies outside an axis of size {size}",
                f"Positions are counted from 0 to {size - 1}.",
            )
        if constant is None:
            if str(size) not in self.names.sizes:
                raise self.mistake(
                    node,
                    f"a position on an axis of size {size} is not read yet",
                    "Give the axis a size that is one name.",
                )
            self.names.at_least[str(size)] = max(needed, self.names.at_least.get(str(size), 1))
        return Affine.of(number) if number >= 0 else Affine((), size + number)

    def axis_of_shape(self, node: ast.Subscript) -> Axis:
        assert isinstance(node.value, ast.Attribute)
        array = self.read(node.value.value)
        number = whole_number(node.slice)
        if number is None:
            raise self.mistake(node.slice, "shape has no such entry", "Write x.shape[0].")
        with self.mistakes_at(node.slice):
            (place,) = places(array, number)
        index = array.axes[place]
        return Axis("1", Size.of(1)) if index is None else index.axis

    # ---- functions ----

    def _call(self, node: ast.Call) -> Whole:
        return Call(self, node).value()


_NODES: dict[type[ast.expr], Callable[..., Whole]] = {
    ast.Constant: Reading._constant,
    ast.Name: Reading._name,
    ast.BinOp: Reading._binary,
    ast.UnaryOp: Reading._unary,
    ast.Call: Reading._call,
    ast.Attribute: Reading._attribute,
    ast.Subscript: Reading._subscript,
}


def _operator(tree: Tree, node: ast.BinOp) -> ast.AST:
    """A node at the operator itself, which has no place of its own in Python's tree."""
    data = tree.text.encode()
    place = node.left.end_col_offset or 0
    while data[place : place + 1] not in (b"+", b"-", b"*", b"/", b"@"):
        place += 1
    at = ast.copy_location(ast.Name(""), node)
    at.col_offset = place
    return at
