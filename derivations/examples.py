"""A numeric example that can be followed by hand: exact inputs, every name and every result in numbers.

Numbers come from mpmath at 50 digits, rounded to 6 significant ones; where the inputs are rational and the
formula is, they are printed as the fractions that they are.  The session beside them calls the kernels.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from derivations.codegen import KernelEntry, identifier
from derivations.evaluate import Point
from derivations.language import Formula, Numbers
from derivations.language.formula import Value
from derivations.numerics import EXACT, PRECISE, Array, finite
from derivations.printers.latex import matrix_left_latex, term_latex, whole_latex
from derivations.scope import Definitions
from derivations.steps import Derivation
from derivations.terms import Relation, Symbol, Term

DIGITS = 6
_MOST_AXES = 2  # what a page can show


def example_record(
    formula: Formula, derivations: Iterable[Derivation], kernels: Iterable[KernelEntry]
) -> dict[str, Any] | None:
    """Inputs and outputs as LaTeX, and the same as a session in Python; None where the author gives none."""
    numbers = formula.numbers
    if numbers is None:
        return None
    worked = Worked(formula, numbers, tuple(derivations))
    outputs = [f"{whole_latex(symbol)} = {_array_latex(value)}" for symbol, value in worked.names]
    outputs += [f"{_left_latex(derivation)} = {_array_latex(value)}" for derivation, value in worked.answers]
    remark = numbers.remark
    return {
        "inputs": [
            {"latex": f"{whole_latex(symbol)} = {_value_latex(value)}"} for symbol, value in worked.given
        ],
        "outputs": [{"latex": latex} for latex in outputs],
        "remark": {"en": remark.en, "zh": remark.zh} if remark is not None else None,
        "code": _session(worked, tuple(kernels)),
    }


def _left_latex(derivation: Derivation) -> str:
    answer = derivation.answer
    if isinstance(answer.result, Relation):
        return whole_latex(_unknown(derivation))
    return matrix_left_latex(derivation, answer) if answer.indices else term_latex(answer.left)


def _unknown(derivation: Derivation) -> Symbol:
    """What an equation has been solved for."""
    found = derivation.scope.symbol(derivation.introduced[-1])
    assert found is not None, "a stationary point introduces the name of its solution"
    return found


# ---- values ----------------------------------------------------------------------------------------------


class Worked:
    """A formula and the answers to its questions at the author's numbers, each value calculated once.

    `given` are the inputs and the cotangents, `names` the values of all definitions, and `answers` those of
    the derivations that the numbers suffice for and that a page can show.
    """

    def __init__(self, formula: Formula, numbers: Numbers, derivations: Sequence[Derivation]) -> None:
        self.numbers = numbers
        self.result = formula.result
        self.given: list[tuple[Symbol, Value]] = list(numbers.inputs)
        if numbers.cotangent is not None:
            inputs = {symbol.name for symbol, _ in numbers.inputs}
            further = {s.name: s for d in derivations for s in d.scope.inputs if s.name not in inputs}
            self.given += [(symbol, numbers.cotangent) for symbol in further.values()]
        self._arrays = {symbol.name: _array(value) for symbol, value in self.given}
        self._sizes = {
            str(axis.size): length
            for symbol, value in numbers.inputs
            for axis, length in zip(symbol.axes, _shape(value), strict=True)
        }
        point = self._point(formula.scope.definitions, formula.scope.inputs)
        self.names = [(d.symbol, point.array(d.symbol.name)) for d in formula.scope.definitions]
        self.answers = [(d, self._answer(d)) for d in derivations if self._suffices(d)]

    def _suffices(self, derivation: Derivation) -> bool:
        known = all(symbol.name in self._arrays for symbol in derivation.scope.inputs)
        return known and len(derivation.answer.indices) <= _MOST_AXES

    def _answer(self, derivation: Derivation) -> Array:
        point = self._point(derivation.scope.definitions, derivation.scope.inputs)
        value = _value(derivation, point)
        return value if all(map(finite, value.flat)) else _value(derivation, point.using(PRECISE))

    def _point(self, definitions: Definitions, inputs: Iterable[Symbol]) -> Point:
        """In fractions where everything is rational, else at 50 digits."""
        arrays = {symbol.name: self._arrays[symbol.name] for symbol in inputs}
        if all(isinstance(v, Fraction) for array in arrays.values() for v in array.flat):
            exact = Point(definitions, self._sizes, arrays, EXACT)
            if all(finite(v) for d in definitions for v in exact.array(d.symbol.name).flat):
                return exact
        return Point(definitions, self._sizes, arrays, PRECISE)

    def of_kernel(self, kernel: KernelEntry) -> Array | None:
        """What the kernel should answer; None for what the example leaves out."""
        if kernel.from_output:
            return None
        if kernel.question == "value":
            return next(value for symbol, value in self.names if symbol == self.result)
        for derivation, value in self.answers:
            variables = "_".join(dict.fromkeys(identifier(v.name) for v in derivation.goal.variables))
            if derivation.goal.question == kernel.question and variables == kernel.variable:
                return value
        return None


def _value(derivation: Derivation, point: Point) -> Array:
    if isinstance(derivation.result, Relation):
        return point.array(_unknown(derivation).name)
    return point.table(derivation.result, derivation.answer.indices)


def _array(value: Value) -> Array:
    return Array(_shape(value), [_number(term) for term in _leaves(value)])


def _shape(value: Value) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, tuple) else ()


def _leaves(value: Value) -> list[Term]:
    return [leaf for part in value for leaf in _leaves(part)] if isinstance(value, tuple) else [value]


def _number(term: Term) -> Any:
    """A fraction where the term is one, else a number of 50 digits."""
    exact = Point(Definitions(), {}, {}, EXACT).evaluate(term)
    return exact if isinstance(exact, Fraction) else Point(Definitions(), {}, {}, PRECISE).evaluate(term)


# ---- as LaTeX --------------------------------------------------------------------------------------------


def number_latex(value: Any) -> str:
    """An exact fraction as it is, anything else to 6 significant digits."""
    if isinstance(value, Fraction | int):
        return str(Fraction(value))
    text = PRECISE.functions.nstr(PRECISE.functions.mpf(value), DIGITS, strip_zeros=True)
    mantissa, _, exponent = text.removesuffix(".0").partition("e")
    mantissa = mantissa.removesuffix(".0")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _value_latex(value: Value) -> str:
    """The author's own numbers as they are written."""
    return _table([term_latex(term) for term in _leaves(value)], _shape(value))


def _array_latex(array: Array) -> str:
    return _table([number_latex(v) for v in array.flat], array.shape)


def _table(entries: list[str], shape: tuple[int, ...]) -> str:
    if not shape:
        return entries[0]
    width = shape[1] if len(shape) > 1 else 1
    rows = [" & ".join(entries[n : n + width]) for n in range(0, len(entries), width)]
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


# ---- as a session ----------------------------------------------------------------------------------------


def _session(worked: Worked, kernels: Iterable[KernelEntry]) -> str:
    """Calls of the kernels on these inputs and what they answer; the tests run it as a doctest.

    The answers are not the kernels' own: they are the exact values, rounded.
    """
    asked = [(kernel, answer) for kernel in kernels if (answer := worked.of_kernel(kernel)) is not None]
    lines = [">>> import numpy as np"]
    lines += [f">>> from derivations.kernels import {kernel.name}" for kernel, _ in asked]
    lines += [f">>> {identifier(symbol.name)} = {_python(value)}" for symbol, value in worked.numbers.inputs]
    if worked.numbers.cotangent is not None:
        lines.append(f">>> g = {_python(worked.numbers.cotangent)}")
    for kernel, answer in asked:
        call = f"{kernel.name}({', '.join(kernel.arguments)})"
        lines += [f">>> np.round({call}, {DIGITS})", _printed(answer)]
    return "\n".join(lines)


def _printed(array: Array) -> str:
    """What NumPy prints for the rounded value."""
    import numpy as np  # the engine does without NumPy; the kernels that are called here do not

    rounded = [float(round(float(v), DIGITS)) + 0.0 for v in array.flat]
    value = np.array(rounded).reshape(array.shape)
    return repr(value if array.shape else value[()])


def _python(value: Value) -> str:
    def nested(part: Value) -> str:
        if isinstance(part, tuple):
            return f"[{', '.join(map(nested, part))}]"
        return repr(float(_number(part)))

    return f"np.array({nested(value)})" if isinstance(value, tuple) else nested(value)
