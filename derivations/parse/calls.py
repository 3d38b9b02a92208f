"""One call of a function in a text: which function, its arguments by name, and the axes that it goes over.

Options are read as NumPy reads them, and an index in the place of an axis means the axis that it stands on.
"""

import ast
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from derivations.indices import Axis, Index, Size
from derivations.language.arrays import combined, places
from derivations.language.reuse import Whole
from derivations.parse.letters import Letters
from derivations.parse.names import KINDS, is_long
from derivations.parse.notation import ALIASES, METHODS, OPTIONS, WORDS, Over, Word
from derivations.parse.refusals import FUNCTIONS_REFUSED
from derivations.parse.shapes import LARGEST
from derivations.parse.source import whole_number
from derivations.terms import Component, Function, Relation, substitute

if TYPE_CHECKING:
    from derivations.parse.reading import Reading

_COMPARISONS = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


# What is written as it is, and not calculated: text in quotes, or a number.
_WRITTEN: dict[str, tuple[type, ...]] = {"ord": (str, int), "subscripts": (str,), "exponent": (int,)}
_OF_SIZES: dict[type[ast.operator], Callable[[Size, Size], Size]] = {
    ast.Add: Size.__add__,
    ast.Sub: Size.__sub__,
    ast.Mult: Size.__mul__,
}


class Call:
    """A call while it is read."""

    def __init__(self, reading: "Reading", node: ast.Call) -> None:
        self.reading = reading
        self.node = node
        self.word, positional = self._word()
        self.given = self._arguments(positional)

    def value(self) -> Whole:
        reading, word = self.reading, self.word
        outer, letters = reading.letters, self._over_letters()
        if letters and not word.keeps_axes:
            reading.letters = Letters(outer, dict.fromkeys(letters))
        try:
            arrays = [
                self._argument(parameter)
                for parameter in (p.rstrip("?") for p in word.parameters.split())
                if parameter not in OPTIONS and parameter in self.given
            ]
            options: list[Over] = []
            if "axis" in word.parameters:
                arrays[0], over = self._over(arrays[0], letters)
                options.append(over)
        finally:
            reading.letters = outer
        if word.repeats:
            arrays = [reading.names.introduce(a, "score") if is_long(a.term) else a for a in arrays]
        with reading.mistakes_at(self.node):
            whole = word.meaning(reading.names, *arrays, *options)
        if letters and word.keeps_axes:
            whole = self._with_letters(whole, letters)
        # with letters the axes are not those of the value
        adds_up = options[0].places if word.adds_up and not letters else ()
        return self._named(whole, adds_up)

    def _with_letters(self, whole: Whole, letters: tuple[str, ...]) -> Whole:
        """The last axes as the indices that they were written with."""
        own = [self.reading.letters.get(letter) for letter in letters]
        last = whole.axes[-len(own) :]
        new = {a: b for a, b in zip(last, own, strict=True) if a is not None and b is not None}
        return Whole(substitute(whole.term, dict(new)), whole.axes[: -len(own)])

    def _named(self, whole: Whole, adds_up: tuple[int, ...]) -> Whole:
        """The value under the name that people give it, where it stands inside something else."""
        reading, word = self.reading, self.word
        if self.node is reading.tree.root:
            reading.kind = word.kind
            reading.adds_up = adds_up
            return whole
        argument = whole.term.arguments[0] if isinstance(whole.term, Function) else None
        of_a_variable = isinstance(argument, Component) and argument.symbol.name in reading.names.inputs
        if word.kind in KINDS and not of_a_variable:
            whole = reading.names.introduce(whole, word.kind)
            reading.names.adds_up(whole, adds_up)
        return whole

    # ---- which function, which arguments ----

    def _word(self) -> tuple[Word, list[ast.expr]]:
        """The function that is called, and its arguments with the object of a method in front."""
        reading, function = self.reading, self.node.func
        arguments = list(self.node.args)
        if isinstance(function, ast.Name):
            name = function.id
            if reading.names.get(name) is not None and name not in WORDS:
                raise reading.mistake(
                    self.node, f"{name} is a variable and no function", f"Write {name}*(...) for a product."
                )
        elif isinstance(function, ast.Attribute):
            name = function.attr
            if reading.library(function) is None:
                arguments.insert(0, function.value)
                if name not in METHODS and name not in FUNCTIONS_REFUSED:
                    raise reading.no_attribute(function)
        else:
            raise reading.mistake(self.node, "a value is called like a function", "Write * between the two.")
        name = ALIASES.get(name, name)
        if name in FUNCTIONS_REFUSED:
            raise reading.mistake(function, *FUNCTIONS_REFUSED[name])
        if name not in WORDS:
            near = get_close_matches(name, WORDS, 1, 0.5)
            hint = f"Write {near[0]}." if near else f"Known are {', '.join(sorted(WORDS))}."
            raise reading.mistake(function, f"no function is called {name}", hint)
        return WORDS[name], arguments

    def _arguments(self, positional: list[ast.expr]) -> dict[str, ast.expr]:
        """Arguments by parameter; every further index of a sum is joined to its axis."""
        word, mistake = self.word, self.reading.mistake
        names = [parameter.rstrip("?") for parameter in word.parameters.split()]
        example = word.example or f"Write {word.name}({', '.join(names)})."
        if len(positional) > 2 and "axis" in names and all(self._is_letter(a) for a in positional[1:]):
            letters = ast.copy_location(ast.Tuple(positional[1:], ast.Load()), positional[1])
            positional = [positional[0], letters]
        if len(positional) > len(names):
            raise mistake(positional[len(names)], f"{word.name} takes {len(names)} arguments", example)
        given = dict(zip(names, positional, strict=False))
        for keyword in self.node.keywords:
            name = OPTIONS.get(keyword.arg or "", keyword.arg or "")
            if name not in names:
                raise mistake(keyword, f"{word.name} has no option {keyword.arg}", example)
            if name in given:
                raise mistake(keyword, f"{keyword.arg} is given twice", f"Leave out one {keyword.arg}.")
            given[name] = keyword.value
        needed = [p for p in word.parameters.split() if not p.endswith("?") and p != "axis"]
        if any(name not in given for name in needed):
            found = f"{len(positional)} {'is' if len(positional) == 1 else 'are'} given"
            raise mistake(self.node, f"{word.name} takes {len(needed)} arguments, and {found}", example)
        return given

    def _argument(self, parameter: str) -> Any:
        """What a meaning takes for this parameter: an array, or the axes of sizes."""
        node = self.given[parameter]
        if parameter == "condition":
            return self._condition(node)
        if parameter in ("size", "sizes"):
            return self._axes(node)
        if parameter in _WRITTEN:
            value = self._written(node)
            if not isinstance(value, _WRITTEN[parameter]):
                raise self.reading.mistake(
                    node, f"{self.reading.tree.written(node)} has no meaning here", self.word.example
                )
            return value
        return self.reading.read(node)

    def _condition(self, node: ast.expr) -> Whole:
        if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in _COMPARISONS:
            raise self.reading.mistake(
                node, "where needs one comparison as its condition", "Write where(x > 0, a, b)."
            )
        operator = _COMPARISONS[type(node.ops[0])]
        sides = [self.reading.read(node.left), self.reading.read(node.comparators[0])]
        with self.reading.mistakes_at(node):
            return combined(sides, lambda left, right: Relation(operator, left, right))

    def _written(self, node: ast.expr) -> "str | int":
        """Text in quotes or a whole number: what kind of norm, which letters."""
        value = node.value if isinstance(node, ast.Constant) else None
        number = whole_number(node)
        if number is None and not isinstance(value, str):
            raise self.reading.mistake(
                node, f"{self.reading.tree.written(node)} is no option of {self.word.name}", self.word.example
            )
        return str(value) if number is None else number

    def _axes(self, node: ast.expr) -> tuple[Axis, ...]:
        """The axes of these sizes: one size, or several in brackets."""
        nodes = node.elts if isinstance(node, ast.Tuple | ast.List) and self.word.name != "eye" else [node]
        found = []
        for one in nodes:
            size = self._size(one)
            if size is None or not 1 <= (1 if size.constant is None else size.constant) <= LARGEST:
                raise self.reading.mistake(
                    one,
                    f"{self.reading.tree.written(one)} is no size",
                    f"Write a size of shapes, x.shape[0], or a number from 1 to {LARGEST}.",
                )
            found.append(Axis(str(size), size))
        return tuple(found)

    def _size(self, node: ast.expr) -> Size | None:
        """Sums, differences and products of the sizes of shapes and whole numbers."""
        number = whole_number(node)
        if number is not None:
            return Size.of(number)
        if isinstance(node, ast.Name) and node.id in self.reading.names.sizes:
            return Size.of(node.id)
        if isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "shape":
            return self.reading.axis_of_shape(node).size
        if isinstance(node, ast.BinOp) and type(node.op) in _OF_SIZES:
            left, right = self._size(node.left), self._size(node.right)
            return None if left is None or right is None else _OF_SIZES[type(node.op)](left, right)
        return None

    # ---- over which axes ----

    def _is_letter(self, node: ast.expr) -> bool:
        """Whether this can only be an index."""
        return isinstance(node, ast.Name) and self.reading.names.get(node.id) is None and node.id != "pi"

    def _over_letters(self) -> tuple[str, ...]:
        """The index letters in the place of an axis."""
        axis = self.given.get("axis")
        nodes = axis.elts if isinstance(axis, ast.Tuple | ast.List) else [axis] if axis is not None else []
        letters = [node.id for node in nodes if isinstance(node, ast.Name)]
        for node in nodes if letters else ():
            if not self._is_letter(node):
                raise self.reading.mistake(
                    node,
                    f"{self.reading.tree.written(node)} is no index to go over",
                    "Use a letter that is no declared name, or the number of an axis.",
                )
        return tuple(dict.fromkeys(letters))

    def _over(self, array: Whole, letters: tuple[str, ...]) -> tuple[Whole, Over]:
        """The array with the axes that letters stand for, and the axes that are meant."""
        own: list[Index] = []
        for letter in letters:
            index = self.reading.letters.get(letter)
            if index is None:
                raise self.reading.mistake(
                    self.given["axis"],
                    f"the index {letter} stands on no axis in the argument of {self.word.name}",
                    f"Write {letter} in brackets, as in x[{letter}].",
                )
            own.append(index)
        order = len(array.axes)
        if own:
            return Whole(array.term, (*array.axes, *own)), Over(tuple(range(order, order + len(own))))
        node = self.given.get("axis")
        wanted = None if node is None else self._axis(node)
        if wanted is None:
            self._check_axis_not_needed(array)
        with self.reading.mistakes_at(node or self.node):
            return array, Over(places(array, wanted), self._flag(self.given.get("keepdims")))

    def _check_axis_not_needed(self, array: Whole) -> None:
        name, mistake = self.word.name, self.reading.mistake
        if self.word.parameters.endswith("axis") and len(array.axes) > 1:
            raise mistake(
                self.node,
                f"{name} of an array with {len(array.axes)} axes needs its axis",
                f"Write {name}(..., axis={len(array.axes) - 1}) for the last one.",
            )
        if not array.axes and array.term.free:
            letter = min(index.letter for index in array.term.free)
            raise mistake(
                self.node,
                f"{name} of one entry does not say over which index it goes",
                f"Write {name}(..., {letter}).",
            )

    def _axis(self, node: ast.expr) -> int | Sequence[int] | None:
        if isinstance(node, ast.Constant) and node.value is None:
            return None
        nodes = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
        numbers = [number for number in map(whole_number, nodes) if number is not None]
        if len(numbers) < len(nodes) or not numbers:
            raise self.reading.mistake(
                node, f"{self.reading.tree.written(node)} is no axis", "Write axis=0 or axis=1."
            )
        return numbers

    def _flag(self, node: ast.expr | None) -> bool:
        if node is None:
            return False
        if not isinstance(node, ast.Constant) or not isinstance(node.value, bool):
            raise self.reading.mistake(node, "keepdims is either True or False", "Write keepdims=True.")
        return node.value
