"""A value with its derived gradients, as a system of automatic differentiation takes them.

Such a system asks for a function and for its pullback: what a cotangent `g` of the value becomes for each
input.  A derived VJP is one; a derivative or Jacobian, summed with g over the axes of the value, is one too.
An input without either is refused when somebody differentiates by it: silence would be taken for a zero.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from derivations.arithmetic import product, total
from derivations.codegen.function import COTANGENT, VJP_SUMMARY, Kernel, WrittenKernel, written
from derivations.codegen.printer import identifier
from derivations.codegen.schedule import unused
from derivations.codegen.spelling import Spelling
from derivations.codegen.stability import Calculation
from derivations.indices import Affine
from derivations.numerics import Array
from derivations.sampling import defined_point, size_choices
from derivations.terms import Component, Symbol

_FIRST_DERIVATIVES = ("derivative", "gradient", "jacobian")
_LINE = 100
_SEED = 1


@dataclass(frozen=True)
class Differentiable:
    """A value, the pullback for each of its arguments that has one, and where a check may look."""

    value: WrittenKernel
    pullbacks: Mapping[str, WrittenKernel]  # by argument of the value
    example: Mapping[str, Array] | None  # exact values of the arguments at which the value exists

    @property
    def names(self) -> tuple[str, ...]:
        """Names for the arguments where the cotangent is called `g`."""
        return tuple(unused(name, {COTANGENT, "ctx"}) for name in self.value.arguments)

    @property
    def unpacked(self) -> str:
        """The names as what a tuple is assigned to."""
        return ", ".join(self.names) if len(self.names) > 1 else f"({self.names[0]},)"

    @property
    def refused(self) -> tuple[str, ...]:
        return tuple(name for name in self.value.arguments if name not in self.pullbacks)

    def call(self, argument: str) -> str:
        """The call of one pullback, with the arguments under their `names`."""
        pullback = self.pullbacks[argument]
        known = {symbol.name: name for symbol, name in zip(self.value.symbols, self.names, strict=True)}
        given = (known.get(symbol.name, COTANGENT) for symbol in pullback.symbols)
        return f"{pullback.name}({', '.join(given)})"

    def refusal(self, argument: str) -> str:
        return f"no gradient of {self.value.name} with respect to {argument} was derived"

    def inputs(self, template: str) -> list[str]:
        """The example, in one line for an argument or one for each row: `{name}` and its `{entries}`."""
        lines: list[str] = []
        for name, array in (self.example or {}).items():
            text = template.format(name=name, entries=entries(array))
            if len(text) > _LINE and array.shape:
                rows = (entries(row) for row in _rows(array))
                text = template.format(
                    name=name, entries="\n    ".join(["[", *(f"{r}," for r in rows)]) + "\n]"
                )
            lines += text.split("\n")
        return lines


def entries(array: Array) -> str:
    """Nested lists of numbers, to the last bit."""
    if not array.shape:
        return repr(float(array.flat[0]))
    return "[" + ", ".join(map(entries, _rows(array))) + "]"


def _rows(array: Array) -> list[Array]:
    """What stands along the first axis."""
    length, *rest = array.shape
    width = math.prod(rest)
    return [Array(tuple(rest), array.flat[n * width : (n + 1) * width]) for n in range(length)]


def differentiable(
    kernels: Sequence[Kernel], spelling: Spelling
) -> tuple[Differentiable | None, list[WrittenKernel]]:
    """The value with its pullbacks, if there is one, and everything else that was asked for or is called."""
    value = next((kernel for kernel in kernels if kernel.question == "value"), None)
    others = [written(kernel, spelling) for kernel in kernels if kernel is not value]
    if value is None:
        return None, others
    function = written(value, spelling)
    pullbacks: dict[str, WrittenKernel] = {}
    for symbol, argument in zip(function.symbols, function.arguments, strict=True):
        about = [
            kernel
            for kernel in kernels
            if kernel.target == value.target and kernel.variables == (symbol,) and not kernel.from_output
        ]
        derived = next((kernel for kernel in about if kernel.question == "vjp"), None)
        first = next((kernel for kernel in about if kernel.question in _FIRST_DERIVATIVES), None)
        if derived is not None:
            pullbacks[argument] = next(other for other in others if other.name == derived.name)
        elif first is not None:
            pullbacks[argument] = written(_pulled_back(first, value, function), spelling)
            others.append(pullbacks[argument])
    return Differentiable(function, pullbacks, _example(value, function)), others


def _pulled_back(kernel: Kernel, value: Kernel, function: WrittenKernel) -> Kernel:
    """The sum of cotangent times derivative over the axes of the value."""
    (variable,) = kernel.variables
    rows, columns = kernel.indices[: len(value.indices)], kernel.indices[len(value.indices) :]
    taken = {symbol.name for symbol in kernel.inputs} | {d.symbol.name for d in kernel.calculation.names}
    cotangent = Symbol(unused(COTANGENT, taken), tuple(index.axis for index in rows))
    paired = product(Component(cotangent, tuple(map(Affine.of, rows))), kernel.calculation.result)
    suffix = f"_{identifier(variable.name)}" if len(function.symbols) > 1 else ""
    target = identifier(value.target.name) if value.target is not None else value.name
    return replace(
        kernel,
        name=f"{value.name}_vjp{suffix}",
        question="vjp",
        calculation=Calculation(kernel.calculation.names, total(rows, paired)),
        indices=columns,
        inputs=tuple(symbol for symbol in kernel.inputs if symbol in function.symbols),
        cotangents=(cotangent,),
        summary=VJP_SUMMARY.format(variable=identifier(variable.name), target=target),
        called=f"{variable.name}_bar",
    )


def _example(value: Kernel, function: WrittenKernel) -> Mapping[str, Array] | None:
    """A point at which the value exists; none for fixed lengths too great to be written out."""
    if value.scope is None or value.target is None:
        return None
    sizes = size_choices(value.scope)[0]
    if any(name.isdigit() for name in sizes):
        return None
    point = defined_point(value.scope, sizes, _SEED, (value.target.name,))
    if point is None:
        return None
    named = zip(function.arguments, function.symbols, strict=True)
    return {argument: point.array(symbol.name) for argument, symbol in named}
