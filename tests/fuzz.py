"""Random formulas in NumPy notation, each derived and compared with what knows nothing of our rules.

`python -m tests.fuzz --cases 2000 --seed 1` prints how many agree, which operations came up, and the smallest
case that fails: its seed, its text, and what disagrees.
"""

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from derivations.api import Derivation, derive
from derivations.errors import Error
from derivations.evaluate import Point
from derivations.numerics import Array
from derivations.parse import parse
from derivations.steps import Derivation as Steps
from derivations.verify.steps import Ground, check_chains

sys.path.insert(0, str(Path(__file__).parent))  # as a command nobody else does this
from random_formulas import INPUTS, POSITIVE, Case, Node, Values, calculated, case, written

SIZES: tuple[dict[str, int], ...] = ({"m": 3, "n": 4, "k": 2}, {"m": 2, "n": 3, "k": 5})
_LARGE = 1e6  # values beyond this have lost the digits that are compared


# ---- what must hold --------------------------------------------------------------------------------------

RIGHT, REFUSED, WRONG, UNDEFINED = "right", "refused", "wrong", "undefined"


@dataclass(frozen=True)
class Outcome:
    verdict: str
    reason: str = ""


def values_of(case: Case, sizes: Mapping[str, int], seed: int) -> dict[str, np.ndarray]:
    source = np.random.default_rng(seed)
    values = {}
    for name in case.used:
        shape = tuple(sizes[s] for s in INPUTS[name])
        values[name] = source.uniform(0.4, 1.6, shape) if name in POSITIVE else source.normal(size=shape)
    return values


def differences(case: Case, values: Values, size: float = 1.0) -> np.ndarray:
    """Central differences of fourth order, once or twice."""

    def along(function: Callable[[np.ndarray], np.ndarray], at: np.ndarray, step: float) -> np.ndarray:
        columns = []
        for place in np.ndindex(at.shape):
            moved = []
            for far in (-2, -1, 1, 2):
                point = at.copy()
                point[place] += far * step
                moved.append(function(point))
            columns.append((moved[0] - 8 * moved[1] + 8 * moved[2] - moved[3]) / (12 * step))
        return np.stack(columns, -1).reshape((*np.shape(columns[0]), *at.shape))

    def value(point: np.ndarray) -> np.ndarray:
        return np.asarray(calculated(case.formula, {**values, case.wrt: point}, np))

    at = np.asarray(values[case.wrt], float)
    if case.order == 1:
        return along(value, at, 1e-3 * size)
    return along(lambda point: along(value, point, 5e-3 * size), at, 5e-3 * size)


def quietly(case: Case, values: Values, size: float = 1.0) -> np.ndarray:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return differences(case, values, size)


def autodiff(case: Case, values: Values) -> np.ndarray:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def value(point: Any) -> Any:
        return jnp.asarray(calculated(case.formula, {**values, case.wrt: point}, jnp))

    derived = jax.jacrev(value)
    if case.order == 2:
        derived = jax.jacfwd(derived)
    return np.asarray(derived(jnp.asarray(values[case.wrt], float)))


def outcome(case: Case, autodiff_too: bool = True) -> Outcome:
    """Derives the case and holds the result against its oracles."""
    arguments = (written(case.formula), case.wrt, case.shapes, case.order, case.facts)
    try:
        found = derive(*arguments)
    except Error as error:
        kind = type(error).__name__
        return Outcome(WRONG if kind == "InternalMistake" else REFUSED, f"{kind}: {error}")
    except Exception as error:  # whatever is no Error is a finding
        return Outcome(WRONG, f"{type(error).__name__}: {error}")
    try:
        compared = _compared(case, found, autodiff_too)
        wrong = compared if isinstance(compared, str) else _inconsistent(found)
    except Exception as error:
        return Outcome(WRONG, f"{type(error).__name__}: {error}")
    if wrong:
        return Outcome(WRONG, wrong)
    return Outcome(RIGHT if compared else UNDEFINED)


def _compared(case: Case, found: Derivation, autodiff_too: bool) -> str | int:
    """What disagrees, or at how many points everything agrees."""
    points = 0
    matrix = found.matrix
    read = parse(matrix, case.shapes, case.facts) if matrix else None
    for number, sizes in enumerate(SIZES):
        values = values_of(case, sizes, number)
        expected = quietly(case, values)
        if not np.all(np.isfinite(expected)) or np.max(np.abs(expected), initial=0) > _LARGE:
            continue
        result = _table(found.derivation, found.term, values, sizes)
        if not np.all(np.isfinite(result)):
            return f"the result {result} is no number where central differences give {expected}"
        exact = autodiff(case, values) if autodiff_too else expected
        tolerance = 1e-5 if case.order == 1 else 1e-3
        # closer differences too: the wide ones may reach over a kink
        coarse = (
            _apart(result, expected) > tolerance and _apart(result, quietly(case, values, 0.05)) > tolerance
        )
        if coarse and _apart(exact, expected) < 1e-5:
            return f"the result {result} and central differences {expected} at {values}"
        if autodiff_too and np.all(np.isfinite(exact)) and _apart(result, exact) > 1e-8:
            return f"the result {result} and JAX {exact} at {values}"
        if read is not None:
            body = read.scope.definitions[read.target.name]
            point = Point(read.scope.definitions, sizes, _arrays(values))
            table = point.table(body.left, body.indices)
            again = np.array(table.flat, float).reshape(table.shape)
            if again.shape != result.shape:
                return f"the matrix form {matrix} has the shape {again.shape}, not {result.shape}"
            if _apart(again, result) > 1e-8:
                return f"the matrix form {matrix} gives {again}, and the result is {result} at {values}"
        points += 1
    return points


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    if a.shape != b.shape:
        return np.inf
    return float(np.max(np.abs(a - b), initial=0) / max(1.0, np.max(np.abs(b), initial=0)))


def _arrays(values: Values) -> dict[str, Array]:
    return {name: Array(np.shape(v), [float(e) for e in np.ravel(v)]) for name, v in values.items()}


def _table(derivation: Steps, term: Any, values: Values, sizes: Mapping[str, int]) -> np.ndarray:
    point = Point(derivation.scope.definitions, sizes, _arrays(values))
    table = point.table(term, derivation.answer.indices)
    return np.array(table.flat, float).reshape(table.shape)


def _inconsistent(found: Derivation) -> str:
    """Steps that do not chain or do not hold."""
    for chain in found.chains:
        term = chain.left
        for step in chain.steps:
            if step.before != term:
                return f"chain {chain.id}: a step does not start where the last one ended"
            term = step.after
    failure = check_chains(found.derivation, Ground(found.derivation, seeds=(3,), small=True)).failure
    return str(failure) if failure is not None else ""


# ---- the smallest failing case ---------------------------------------------------------------------------


def smaller(node: Node) -> Iterator[Node]:
    """Formulas of the same shape with one part replaced by one of its own parts or by an input."""
    for inner in node.all():
        if inner is not node and inner.shape == node.shape:
            yield inner
    if node.op not in ("name", "number"):
        yield from (Node("name", node.shape, detail=n) for n, s in INPUTS.items() if s == node.shape)
    for place, child in enumerate(node.children):
        for less in smaller(child):
            yield replace(node, children=(*node.children[:place], less, *node.children[place + 1 :]))


def shrunk(case: Case, fails: Callable[[Case], bool], tries: int = 400) -> Case:
    """A smaller case that still fails."""
    for _ in range(tries):
        for formula in sorted(smaller(case.formula), key=lambda n: n.size):
            less = replace(case, formula=formula)
            if formula.size < case.formula.size and case.wrt in less.used:
                tries -= 1
                if tries < 0:
                    return case
                if fails(less):
                    case = less
                    break
        else:
            return case
    return case


# ---- the command -----------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--no-jax", action="store_true", help="central differences only")
    options = parser.parse_args(arguments)
    jax_too = not options.no_jax
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    failed: list[Case] = []
    for number in range(options.cases):
        one = case(options.seed * 1_000_003 + number, options.depth)
        kinds.update({node.op for node in one.formula.all()})
        found = outcome(one, jax_too)
        counts[found.verdict] += 1
        if found.verdict in (WRONG, REFUSED):
            print(f"{found.verdict}: {one}\n  {found.reason[:400]}", flush=True)
        if found.verdict == WRONG:
            failed.append(one)
    print(f"seed {options.seed}, {options.cases} cases:", dict(counts))
    print("operations:", ", ".join(f"{op} {100 * n // options.cases}%" for op, n in kinds.most_common()))
    if failed:
        small = min(
            (shrunk(f, lambda c: outcome(c, jax_too).verdict == WRONG) for f in failed[:3]), key=_size
        )
        print(f"smallest failing case: {small}\n  {outcome(small, jax_too).reason}")
    return 1 if failed else 0


def _size(case: Case) -> int:
    return case.formula.size


if __name__ == "__main__":
    sys.exit(main())
