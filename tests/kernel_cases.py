"""Every kernel of the catalogue beside the term that it computes, and the values that are right.

Kernels are generated here, so that these tests hold the generator and not what a run of it has left behind.
Expected values are those of the derivation's own terms at 380 digits, where 1 - tanh(x)**2 underflows too.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np

from derivations import codegen
from derivations.api import derivations_of
from derivations.catalogue import load, places
from derivations.codegen import GeneratedModule, KernelEntry
from derivations.codegen.function import COTANGENT
from derivations.evaluate import Point
from derivations.indices import Index
from derivations.numerics import Arithmetic, Array
from derivations.scope import Definitions
from derivations.steps import Derivation
from derivations.terms import Relation, Symbol, Term, symbols

mp = mpmath.mp.clone()
mp.dps = 380
EXACTLY = Arithmetic(
    "380 digits",
    lambda q: mp.mpf(q.numerator) / q.denominator if isinstance(q, Fraction) else mp.mpf(q),
    mp,
    mp,
    mp.mpc(0, mp.mpf(10) ** -400),
    mp.mpf(10) ** -100,
    mp.mpf(10) ** -600,
)


@dataclass(frozen=True)
class Case:
    """One kernel: its entry, the function, and what it is the value of."""

    formula: str
    entry: KernelEntry
    function: Any
    definitions: Definitions
    term: Term
    indices: tuple[Index, ...]
    arguments: tuple[Symbol, ...]  # in the order of the signature
    defaults: Mapping[str, float]
    module: GeneratedModule

    def __str__(self) -> str:
        return self.entry.name

    @property
    def elementwise(self) -> bool:
        return not self.indices and all(not symbol.axes for symbol in self.arguments)

    def expected(self, values: Mapping[str, Any], moved: Callable[[Any], Any] | None = None) -> Any:
        """The exact value for arguments without batch, as an object array of numbers with 380 digits.

        With `moved`, every name that the result goes through is changed by it before it is used.
        """
        sizes: dict[str, int] = {}
        inputs: dict[str, Array] = {}
        for symbol in self.arguments:
            value = np.asarray(values[symbol.name])
            for axis, length in zip(symbol.axes, value.shape, strict=True):
                sizes.update(dict.fromkeys(axis.size.names, length))
            inputs[symbol.name] = Array(value.shape, [exact(v) for v in value.ravel()])
        used = _used(self.term, self.definitions)
        for definition in self.definitions if moved is not None else ():
            if definition.symbol.name in used and not definition.operation and definition.left != self.term:
                array = Point(self.definitions, sizes, inputs, EXACTLY).array(definition.symbol.name)
                inputs[definition.symbol.name] = Array(array.shape, [moved(v) for v in array.flat])
        table = Point(self.definitions, sizes, inputs, EXACTLY).table(self.term, self.indices)
        return np.array(table.flat, dtype=object).reshape(table.shape)


def _used(term: Term, definitions: Definitions) -> set[str]:
    """Names that a term reads, directly or through other names."""
    found: set[str] = set()
    waiting = [s.name for s in symbols(term)]
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in found:
            found.add(name)
            waiting += [s.name for s in symbols(definitions[name].body)]
    return found


def exact(value: Any) -> Fraction:
    """The number that a float is; an infinity as a number beyond every type."""
    value = float(value)
    return Fraction(value) if math.isfinite(value) else int(math.copysign(1, value)) * Fraction(10) ** 400


@cache
def modules() -> tuple[tuple[str, GeneratedModule], ...]:
    return tuple((name, codegen.kernels(load(name), _derived(name))) for _, name in places())


@cache
def _derived(name: str) -> tuple[Derivation, ...]:
    return derivations_of(load(name))


@cache
def cases() -> tuple[Case, ...]:
    return tuple(case for name, module in modules() for case in _cases(name, module))


def _cases(name: str, module: GeneratedModule) -> Iterator[Case]:
    formula = load(name)
    functions = codegen.loaded(module)
    answers = {_key(d): d for d in _derived(name)}
    for entry in module.entries:
        if entry.question == "value":
            last = list(formula.scope.definitions)[-1]
            definitions, term, indices = formula.scope.definitions, last.left, last.indices
            inputs = formula.scope.inputs
        else:
            derivation = answers[entry.question, entry.variable]
            definitions, indices = derivation.scope.definitions, derivation.answer.indices
            result = derivation.result
            term = result.right if isinstance(result, Relation) else result
            inputs = derivation.scope.inputs
            if entry.from_output:
                target = derivation.goal.target
                definitions = Definitions(d for d in definitions if d.symbol.name != target.name)
                inputs = (target, *(s for s in inputs if s not in formula.scope.inputs))
        spelled = {
            s.name if s in formula.scope.inputs or s in _targets(name) else COTANGENT: s for s in inputs
        }
        yield Case(
            name,
            entry,
            functions[entry.name],
            definitions,
            term,
            indices,
            tuple(spelled[argument] for argument in entry.arguments),
            {key: float(codegen.constant_value(value)) for key, value in formula.defaults.items()},
            module,
        )


def _key(derivation: Derivation) -> tuple[str, str]:
    variables = dict.fromkeys(v.name for v in derivation.goal.variables)
    return derivation.goal.question, "_".join(variables)


def _targets(name: str) -> set[Symbol]:
    return {d.goal.target for d in _derived(name)}


# ---- arguments ---------------------------------------------------------------------------------------------

SIZES = (3, 4, 2, 5)  # a different size for every axis: a lost transpose shows


def lengths(case: Case) -> dict[str, int]:
    names = dict.fromkeys(str(axis.size) for symbol in case.arguments for axis in symbol.axes)
    # an axis of examples is longer than one of parameters, so that least squares has one solution
    chosen = sorted(SIZES[: len(names)], reverse=True)
    return dict(zip(names, chosen, strict=True))


def shape(symbol: Symbol, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[str(axis.size)] for axis in symbol.axes)


def arguments(
    case: Case, seed: int, kind: Any, scale: float = 1.0, batches: tuple[tuple[int, ...], ...] = ()
) -> dict[str, np.ndarray]:
    """Random arguments of a type; `scale` is for inputs that may be any number."""
    random = np.random.default_rng(seed)
    sizes = lengths(case)
    made = {}
    for place, symbol in enumerate(case.arguments):
        batch = batches[place % len(batches)] if batches else ()
        value = random.standard_normal((*batch, *shape(symbol, sizes)))
        if symbol.domain.lower is not None or symbol.domain.upper is not None:
            value = _inside(symbol, value)
        elif symbol.name not in case.defaults:
            value = value * scale
        made[symbol.name] = np.asarray(value, dtype=kind)
    return made


def _inside(symbol: Symbol, value: np.ndarray) -> np.ndarray:
    lower, upper = symbol.domain.lower, symbol.domain.upper
    share = 1 / (1 + np.exp(-value))
    if lower is not None and upper is not None:
        return float(lower) + share * float(upper - lower)
    return float(lower) + share if lower is not None else float(upper or 0) - share


def positions(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return itertools.product(*(range(n) for n in shape))


def show(value: Any) -> str:
    return mpmath.nstr(value, 20) if isinstance(value, mp.mpf) else repr(value)
