"""A numeric example that can be followed by hand: exact inputs, every name and every result in numbers.

Numbers come from mpmath at 50 digits, rounded to 6 significant ones; where the inputs are rational and the
formula is, they are printed as the fractions that they are.  The session beside them calls the kernels.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from derivations.codegen import KernelEntry
from derivations.codegen.numpy import identifier
from derivations.evaluate import EvaluationError, Point
from derivations.language import Formula, Numbers
from derivations.numerics import EXACT, PRECISE, Array, finite
from derivations.printers.latex import matrix_left_latex, term_latex, whole_latex
from derivations.scope import Definitions
from derivations.steps import Derivation
from derivations.terms import Relation, Symbol

DIGITS = 6


def example_record(
    formula: Formula, derivations: Iterable[Derivation], kernels: Iterable[KernelEntry]
) -> dict[str, Any] | None:
    """Inputs and outputs as LaTeX, and the same as a session in Python; None where the author gives none."""
    numbers = formula.numbers
    if numbers is None:
        return None
    derivations, kernels = list(derivations), list(kernels)
    inputs = {symbol.name: _array(symbol, value) for symbol, value in numbers.inputs}
    sizes = _sizes(numbers.inputs)
    rows = [{"latex": f"{whole_latex(s)} = {_term_array(v)}"} for s, v in numbers.inputs]
    outputs = []
    everything = dict(inputs)
    point = _point(formula.scope.definitions, sizes, inputs)
    for definition in formula.scope.definitions:
        outputs.append(
            {"latex": f"{whole_latex(definition.symbol)} = {_latex(point.array(definition.symbol.name))}"}
        )
    for derivation in derivations:
        given = dict(inputs)
        for symbol in derivation.scope.inputs:
            if symbol.name not in given and numbers.cotangent is not None:
                given[symbol.name] = _array(symbol, numbers.cotangent)
                if symbol.name not in everything:
                    everything[symbol.name] = given[symbol.name]
                    rows.append({"latex": f"{whole_latex(symbol)} = {_term_array(numbers.cotangent)}"})
        if any(symbol.name not in given for symbol in derivation.scope.inputs):
            continue
        latex = _result(derivation, _point(derivation.scope.definitions, sizes, given))
        if latex is not None:
            outputs.append({"latex": latex})
    return {
        "inputs": rows,
        "outputs": outputs,
        "remark": _remark(numbers),
        "code": session(formula, numbers, derivations, kernels, everything),
    }


def _remark(numbers: Numbers) -> dict[str, str] | None:
    remark = numbers.remark
    return {"en": remark.en, "zh": remark.zh} if remark is not None else None


def _result(derivation: Derivation, point: Point) -> str | None:
    answer = derivation.answer
    if len(answer.indices) > 2:
        return None
    value = _latex(_value(derivation, point))
    if isinstance(derivation.result, Relation):
        return f"{whole_latex(_unknown(derivation))} = {value}"
    left = matrix_left_latex(derivation, answer) if answer.indices else term_latex(answer.left)
    return f"{left} = {value}"


def _value(derivation: Derivation, point: Point) -> Array:
    if isinstance(derivation.result, Relation):
        return point.array(_unknown(derivation).name)
    return point.table(derivation.result, derivation.answer.indices)


def _unknown(derivation: Derivation) -> Symbol:
    """What an equation has been solved for."""
    found = derivation.scope.symbol(derivation.introduced[-1])
    assert found is not None, "a stationary point introduces the name of its solution"
    return found


# ---- values ----------------------------------------------------------------------------------------------


def _point(definitions: Definitions, sizes: Mapping[str, int], inputs: Mapping[str, Any]) -> Point:
    """In fractions where everything is rational, else at 50 digits."""
    flat = [v for array in inputs.values() for v in array.flat]
    if all(isinstance(v, Fraction) for v in flat):
        exact = Point(definitions, sizes, inputs, EXACT)
        try:
            values = [v for d in definitions for v in exact.array(d.symbol.name).flat]
        except (EvaluationError, TypeError, AttributeError, ValueError):
            values = [float("nan")]
        if all(finite(v) and isinstance(v, Fraction | int) for v in values):
            return exact
    return Point(definitions, sizes, inputs, PRECISE)


def _array(symbol: Symbol, value: Any) -> Array:
    shape: list[int] = []
    inner = value
    for _ in symbol.axes:
        shape.append(len(inner))
        inner = inner[0]
    return Array(tuple(shape), [_number(v) for v in _leaves(value)])


def _leaves(value: Any) -> list[Any]:
    return [v for part in value for v in _leaves(part)] if isinstance(value, tuple) else [value]


def _number(term: Any) -> Any:
    exact = Point(Definitions(), {}, {}, EXACT)
    try:
        value = exact.evaluate(term)
    except (EvaluationError, TypeError, AttributeError, ValueError):
        value = None
    if isinstance(value, Fraction):
        return value
    return Point(Definitions(), {}, {}, PRECISE).evaluate(term)


def _sizes(inputs: Iterable[tuple[Symbol, Any]]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for symbol, value in inputs:
        inner = value
        for axis in symbol.axes:
            sizes[str(axis.size)] = len(inner)
            inner = inner[0]
    return sizes


def number_latex(value: Any) -> str:
    """An exact fraction as it is, anything else to 6 significant digits."""
    if isinstance(value, Fraction | int):
        value = Fraction(value)
        if value.denominator == 1:
            return str(value.numerator)
        return f"{value.numerator}/{value.denominator}"
    text = PRECISE.functions.nstr(PRECISE.functions.mpf(value), DIGITS, strip_zeros=True)
    mantissa, _, exponent = text.removesuffix(".0").partition("e")
    mantissa = mantissa.removesuffix(".0")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _latex(array: Array) -> str:
    return _table([number_latex(v) for v in array.flat], array.shape)


def _term_array(value: Any) -> str:
    shape: list[int] = []
    inner = value
    while isinstance(inner, tuple):
        shape.append(len(inner))
        inner = inner[0]
    return _table([term_latex(v) for v in _leaves(value)], tuple(shape))


def _table(entries: list[str], shape: tuple[int, ...]) -> str:
    if not shape:
        return entries[0]
    width = shape[1] if len(shape) > 1 else 1
    rows = [" & ".join(entries[n : n + width]) for n in range(0, len(entries), width)]
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


# ---- the session -----------------------------------------------------------------------------------------


def session(
    formula: Formula,
    numbers: Numbers,
    derivations: Iterable[Derivation],
    kernels: Iterable[KernelEntry],
    given: Mapping[str, Array],
) -> str:
    """Calls of the kernels on these inputs and what they answer; the tests run it as a doctest.

    The answers are not the kernels' own: they are the exact values, rounded.
    """
    asked = [(kernel, _answer(kernel, formula, derivations, given)) for kernel in kernels]
    asked = [(kernel, answer) for kernel, answer in asked if answer is not None]
    lines = [">>> import numpy as np"]
    lines += [f">>> from derivations.kernels import {kernel.name}" for kernel, _ in asked]
    for symbol, value in numbers.inputs:
        lines.append(f">>> {identifier(symbol.name)} = {_python(value)}")
    if numbers.cotangent is not None:
        lines.append(f">>> g = {_python(numbers.cotangent)}")
    for kernel, answer in asked:
        lines += [f">>> np.round({kernel.name}({', '.join(kernel.arguments)}), {DIGITS})", str(answer)]
    return "\n".join(lines)


def _answer(
    kernel: KernelEntry, formula: Formula, derivations: Iterable[Derivation], given: Mapping[str, Array]
) -> str | None:
    """What NumPy prints for the rounded value; None for what the example leaves out."""
    if kernel.from_output:
        return None
    sizes = {
        str(axis.size): n
        for symbol in formula.scope.inputs
        for axis, n in zip(symbol.axes, given[symbol.name].shape, strict=True)
    }
    if kernel.question == "value":
        return _printed(_point(formula.scope.definitions, sizes, given).array(formula.result.name))
    for derivation in derivations:
        variables = "_".join(dict.fromkeys(identifier(v.name) for v in derivation.goal.variables))
        if derivation.goal.question != kernel.question or variables != kernel.variable:
            continue
        known = all(symbol.name in given for symbol in derivation.scope.inputs)
        if not known or len(derivation.answer.indices) > 2:
            return None
        point = _point(derivation.scope.definitions, sizes, given)
        return _printed(_value(derivation, point))
    return None


def _printed(array: Array) -> str:
    import numpy as np  # the engine does without NumPy; the kernels that are called here do not

    rounded = [float(round(float(v), DIGITS)) + 0.0 for v in array.flat]
    value = np.array(rounded).reshape(array.shape)
    return repr(value if array.shape else value[()])


def _python(value: Any) -> str:
    def nested(part: Any) -> str:
        if isinstance(part, tuple):
            return f"[{', '.join(map(nested, part))}]"
        return repr(float(_number(part)))

    return f"np.array({nested(value)})" if isinstance(value, tuple) else nested(value)
