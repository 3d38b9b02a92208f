"""How long things take, as ratios of two times taken in one run: `make bench`.

A time in milliseconds tells about the machine, and on a busy one not even that; a ratio tells about the code.
So each time stands beside another one of the same run, and nothing here is asserted: the tests say what is
right, this says what it costs.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy
from cases import CASES, SIZES, Case

from derivations import Derivation, derive
from derivations.kernels import (
    layer_norm,
    layer_norm_vjp_x,
    least_squares_loss_gradient_theta,
    sigmoid,
    softmax,
    softmax_cross_entropy_gradient_z,
    softmax_vjp,
    tanh_derivative,
)

ROWS, COLUMNS = 512, 256
REPEATS = 5
STEP, TOLERANCE = 1e-5, 1e-4  # of central differences, in floats


def timed(call: Callable[[], Any]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def side_by_side(*calls: Callable[[], Any]) -> list[float]:
    """The median time of each call; they take turns, so that a busy moment of the machine meets them all."""
    for call in calls:
        call()  # fills caches, and does not count
    rounds = [[timed(call) for call in calls] for _ in range(REPEATS)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def heading(title: str, columns: str) -> None:
    print(f"\n{title}\n{columns}\n{'-' * len(columns)}")


# ---- derive, and SymPy on the same questions ---------------------------------------------------------------


def asked(case: Case) -> Derivation:
    return derive(case.text, case.wrt, case.shapes or None, case.order)


def derivations() -> None:
    """Each derivation is timed once, as a person meets it: no second call that would find all at hand."""
    asked(CASES[0])  # imports
    heading(
        "derive() with its quick check, and SymPy's diff() on the same question",
        f"{'derive':>9} {'SymPy':>9} {'ratio':>7}  {'SymPy is':<8}  question",
    )
    times = []
    outcomes: dict[str, int] = {}
    for case in CASES:
        found: list[Derivation] = []
        ours = timed(lambda case=case, found=found: found.append(asked(case)))
        times.append(ours)
        theirs, outcome = in_sympy(case, found[0])
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        ratio = f"{ours / theirs:7.1f}" if theirs else f"{'':>7}"
        taken = f"{theirs * 1000:6.0f} ms" if theirs else f"{'':>9}"
        order = "²" if case.order == 2 else ""
        print(f"{ours * 1000:6.0f} ms {taken} {ratio}  {outcome:<8}  ∂{order} by {case.wrt}: {case.text}")
    print(f"derive: median {statistics.median(times) * 1000:.0f} ms, worst {max(times) * 1000:.0f} ms")
    print(f"SymPy: {', '.join(f'{count} {outcome}' for outcome, count in sorted(outcomes.items()))}")


def in_sympy(case: Case, found: Derivation) -> tuple[float | None, str]:
    """Seconds and outcome: right, wrong, refused (an error, or an answer without a value), or mute."""
    if case.sympy is None:
        return None, "mute"
    start = time.perf_counter()
    try:
        answer = case.sympy.answer()
    except Exception:  # whatever SymPy raises is a refusal
        return time.perf_counter() - start, "refused"
    taken = time.perf_counter() - start
    values = inputs(found)
    try:
        value = evaluated(answer, case.sympy.free, values)
    except Exception:  # no value can be had from the answer
        return taken, "refused"
    wanted = differences(case, found, values)
    return taken, "right" if agrees(value, wanted) else "wrong"


def inputs(found: Derivation) -> dict[str, np.ndarray]:
    """Positive numbers, and square matrices with a heavy diagonal, so that logarithms and inverses exist."""
    source = np.random.default_rng(1)
    sizes = {str(name): length for name, length in SIZES.items()}
    values = {}
    for symbol in found.given.scope.inputs:
        shape = [axis.size.evaluate(sizes) for axis in symbol.axes]
        square = len(shape) == 2 and shape[0] == shape[1]
        values[symbol.name] = source.uniform(0.5, 1.5, shape)
        if square:
            values[symbol.name] += 3 * np.eye(shape[0])
    return values


def differences(case: Case, found: Derivation, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """What is right: central differences of the value, at order 2 of the first derivative."""
    if case.order == 1:
        function = found.lambdify(what="value")
    else:
        function = derive(case.text, case.wrt, case.shapes or None).lambdify()
    slopes = []
    for place in np.ndindex(values[case.wrt].shape):
        moved = []
        for step in (STEP, -STEP):
            changed = values[case.wrt].copy()
            changed[place] += step
            moved.append(np.asarray(function(**{**values, case.wrt: changed})))
        slopes.append((moved[0] - moved[1]) / (2 * STEP))
    return np.stack(slopes, axis=-1)


def evaluated(answer: Any, free: tuple[sympy.Symbol, ...], values: Mapping[str, np.ndarray]) -> np.ndarray:
    """The value of SymPy's answer at these inputs; an error where it has none."""
    answer = answer.subs(SIZES).doit()
    if free:
        table = [answer]
        for index in free:
            length = max(array.shape[0] for array in values.values() if array.shape)
            table = [entry.subs(index, position).doit() for entry in table for position in range(length)]
        numbers = {
            sympy.IndexedBase(name)[place]: array[place]
            for name, array in values.items()
            for place in np.ndindex(array.shape)
            if array.shape
        }
        return np.array([float(entry.subs(numbers).subs(scalars(values))) for entry in table])
    for name, array in values.items():
        if array.shape:
            symbol = sympy.MatrixSymbol(name, array.shape[0], array.shape[1] if array.ndim == 2 else 1)
            answer = answer.subs(symbol, sympy.ImmutableMatrix(array.reshape(symbol.shape)))
    answer = answer.subs(scalars(values)).doit()
    explicit = answer.as_explicit() if hasattr(answer, "as_explicit") else answer
    return np.array(explicit.tolist() if hasattr(explicit, "tolist") else explicit, float)


def scalars(values: Mapping[str, np.ndarray]) -> dict[sympy.Symbol, float]:
    return {sympy.Symbol(name): float(array) for name, array in values.items() if not array.shape}


def agrees(value: np.ndarray, wanted: np.ndarray) -> bool:
    """Equal entries in the order of the axes; SymPy writes a column where others write a vector."""
    return value.size == wanted.size and np.allclose(value.ravel(), wanted.ravel(), TOLERANCE, TOLERANCE)


# ---- processes ---------------------------------------------------------------------------------------------


def processes() -> None:
    question = ["sum((X @ w - y)**2)", "--wrt", "w", "--shapes", "X: m n; w: n; y: m"]
    commands = {
        "derive, from a cold shell": ["derive", *question],
        "regenerate one formula, softmax": ["regenerate", "softmax", "--check"],
        "the code of a formula": ["code", "softmax"],
    }
    heading("processes, against one that imports SymPy and ends", f"{'time':>9} {'ratio':>7}  what")
    for name, arguments in commands.items():
        ours, unit = side_by_side(
            lambda arguments=arguments: ran("-m", "derivations", *arguments),
            lambda: ran("-c", "import sympy"),
        )
        print(f"{ours * 1000:6.0f} ms {ours / unit:7.1f}  {name}")


def ran(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


# ---- kernels -----------------------------------------------------------------------------------------------


def plain_softmax(z: np.ndarray) -> np.ndarray:
    exponentials = np.exp(z)
    return exponentials / exponentials.sum(-1, keepdims=True)


def plain_softmax_vjp(z: np.ndarray, g: np.ndarray) -> np.ndarray:
    probabilities = plain_softmax(z)
    return probabilities * (g - (probabilities * g).sum(-1, keepdims=True))


def plain_layer_norm(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) + beta


def plain_layer_norm_vjp(x: np.ndarray, gamma: np.ndarray, g: np.ndarray) -> np.ndarray:
    deviation = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    normal = (x - x.mean(-1, keepdims=True)) / deviation
    weighted = gamma * g
    along = (weighted * normal).mean(-1, keepdims=True)
    return (weighted - weighted.mean(-1, keepdims=True) - normal * along) / deviation


def kernels() -> None:
    """The plain spelling overflows, warns and loses digits where the kernel does not: that is paid for."""
    source = np.random.default_rng(2)
    x, g = source.normal(size=(2, ROWS, COLUMNS))
    gamma, beta, theta = source.normal(size=(3, COLUMNS))
    y = source.normal(size=ROWS)
    t = plain_softmax(g)
    heading(
        f"kernels on {ROWS} × {COLUMNS} float64, against plain NumPy",
        f"{'kernel':>9} {'plain':>9} {'ratio':>7}  which",
    )
    pairs: tuple[tuple[Callable[..., Any], Callable[..., Any], tuple[np.ndarray, ...]], ...] = (
        (sigmoid, lambda x: 1 / (1 + np.exp(-x)), (x,)),
        (tanh_derivative, lambda x: 1 - np.tanh(x) ** 2, (x,)),
        (softmax, plain_softmax, (x,)),
        (softmax_vjp, plain_softmax_vjp, (x, g)),
        (
            softmax_cross_entropy_gradient_z,
            lambda z, y: plain_softmax(z) * y.sum(-1, keepdims=True) - y,
            (x, t),
        ),
        (layer_norm, plain_layer_norm, (x, gamma, beta)),
        (layer_norm_vjp_x, plain_layer_norm_vjp, (x, gamma, g)),
        (least_squares_loss_gradient_theta, lambda X, theta, Y: X.T @ (X @ theta - Y), (x, theta, y)),
    )
    for kernel, plain, arguments in pairs:
        ours, theirs = side_by_side(
            lambda kernel=kernel, arguments=arguments: kernel(*arguments),
            lambda plain=plain, arguments=arguments: plain(*arguments),
        )
        print(f"{ours * 1e6:6.0f} µs {theirs * 1e6:6.0f} µs {ours / theirs:7.2f}  {kernel.__name__}")


PARTS = {"derivations": derivations, "processes": processes, "kernels": kernels}

if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in PARTS]
    if unknown:
        sys.exit(f"no part is called {unknown[0]}; there are {', '.join(PARTS)}")
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
