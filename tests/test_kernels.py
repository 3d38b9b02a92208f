"""Kernels hold what they promise: value, type, shape, batch, limits, silence, and that they stand alone.

Every test runs over every kernel of the catalogue; none is named here, so a new formula is tested too.
"""

import ast
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from kernel_cases import Case, arguments, cases, lengths, modules, mp, positions, shape, show

from derivations import kernels
from derivations.codegen import GeneratedModule
from derivations.codegen.function import reached

ALL = pytest.mark.parametrize("case", cases(), ids=str)
ELEMENTWISE = pytest.mark.parametrize("case", [c for c in cases() if c.elementwise], ids=str)
ARRAYS = pytest.mark.parametrize("case", [c for c in cases() if not c.elementwise], ids=str)
KINDS = (np.float16, np.float32, np.float64)

# Units in the last place, against the exact value.  Tails and ends of the range count like everything else.
ULPS = 8
# For sums: so many times what one rounding of each argument and of each name on the way changes.
CONDITIONING = 24


def quietly(case: Case, values: dict[str, Any]) -> Any:
    """The kernel's answer; a warning is an error, and so is a flag that somebody turned into an exception."""
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        return case.function(*values.values())


def in_ulps(found: Any, expected: Any, kind: Any) -> float:
    limits = np.finfo(kind)
    with np.errstate(all="ignore"):
        rounded = kind(float(expected))
        if not np.isfinite(found) or not np.isfinite(rounded):
            # beside the end of the range a value may round either way
            near = float(limits.max) * (1 - ULPS * float(limits.eps))
            beyond = np.isfinite(found) or abs(float(expected)) < near
            return 0.0 if found == rounded else float("inf") if beyond else 0.0
        return float(distance(found, expected) / float(np.spacing(max(abs(rounded), limits.tiny) / 2) * 2))


def distance(found: Any, expected: Any) -> Any:
    """To 380 digits: a fraction would have to write out exponents such as that of exp(-1e300)."""
    return abs(mp.mpf(float(found)) - expected)


def failure(case: Case, values: dict[str, Any], found: Any, expected: Any, error: Any) -> str:
    given = ", ".join(f"{name} = {value!r}" for name, value in values.items())
    return f"{case}({given})\n found    {found!r}\n expected {show(expected)}\n error    {error:.3g}"


# ---- values ------------------------------------------------------------------------------------------------


def grid(kind: Any) -> np.ndarray:
    limits = np.finfo(kind)
    small = np.logspace(-8, 0, 17)
    big = [1e300, 1e200, 1e38, 1e30, 6e4, float(limits.max)]
    ends = [0.0, float(limits.tiny), float(limits.smallest_subnormal), 1e-40, 1e-310, 37.9, 38.2, 5.5]
    every = np.concatenate([np.linspace(0, 45, 46), np.linspace(50, 750, 29), small, big, ends])
    every = every[every <= float(limits.max)]
    return np.unique(np.concatenate([every, -every]).astype(kind))


@ELEMENTWISE
@pytest.mark.parametrize("kind", KINDS)
def test_a_function_of_one_number_is_right_to_the_last_digits_everywhere(case: Case, kind: Any) -> None:
    first, *others = case.arguments
    points = grid(kind)
    lower, upper = first.domain.lower, first.domain.upper
    if lower is not None and upper is not None:
        points = (float(lower) + np.linspace(0, 1, 65) * float(upper - lower)).astype(kind)
    # a default of 0.01 is another number in every type
    values: dict[str, Any] = {first.name: points, **{s.name: kind(case.defaults[s.name]) for s in others}}
    answers = quietly(case, values)
    assert answers.dtype == kind
    for point, found in zip(points, answers, strict=True):
        at = {**values, first.name: point}
        expected = case.expected(at)[()]
        error = in_ulps(found, expected, kind)
        # where a factor is below the normal range it has lost digits that the other factor magnifies
        lost = float(distance(found, expected)) if np.isfinite(found) else 0.0
        smallest = float(np.finfo(np.promote_types(kind, np.float32)).smallest_subnormal)
        forgiven = 4 * smallest * max(1, min(abs(float(point)), 1e4) ** 2)
        assert error <= ULPS or lost <= forgiven, failure(case, at, found, expected, error)


@ARRAYS
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [1.0, 100.0, 1e4])
def test_an_array_is_right_up_to_what_rounding_its_arguments_would_change(
    case: Case, kind: Any, scale: float
) -> None:
    for seed in (1, 2):
        check_array(case, arguments(case, seed, kind, scale), kind)


@ARRAYS
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_an_array_of_extreme_numbers_is_right_or_beyond_the_range(case: Case, kind: Any) -> None:
    for scale in (1e30, 1e-40) if kind == np.float32 else (1e300, 1e-310):
        for seed in (3, 4):
            check_array(case, arguments(case, seed, kind, scale), kind)


def check_array(case: Case, values: dict[str, np.ndarray], kind: Any) -> None:
    found = quietly(case, values)
    expected = case.expected(values)
    assert found.dtype == kind
    assert found.shape == expected.shape
    errors = {place: in_ulps(found[place], expected[place], kind) for place in positions(expected.shape)}
    if max(errors.values(), default=0) <= ULPS:
        return
    worked = np.promote_types(kind, np.float32)
    spread = sum(
        np.abs(case.expected(near, moved) - expected) for near, moved in rounded_otherwise(values, worked)
    )
    for place, error in errors.items():
        if error <= ULPS:
            continue
        says = failure(case, values, found[place], expected[place], error)
        if np.isfinite(found[place]):
            assert distance(found[place], expected[place]) <= CONDITIONING * spread[place], says
        else:
            # the value itself or a part of it is beyond the range; anything less has no excuse
            assert abs(expected[place]) > np.sqrt(float(np.finfo(kind).max)), says


def rounded_otherwise(values: dict[str, np.ndarray], kind: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """The arguments, and what does the same to each name, moved by one unit in the last place up or down."""
    unit = float(np.finfo(kind).eps)
    for seed in (7, 8, 9):
        random = np.random.default_rng(seed)
        near = {}
        for name, value in values.items():
            wide = np.asarray(value, dtype=kind)
            with np.errstate(all="ignore"):
                there = np.nextafter(
                    wide, np.where(random.random(wide.shape) < 0.5, -np.inf, np.inf).astype(kind)
                )
            near[name] = np.where(np.isfinite(there), there, wide)
        yield near, lambda v, random=random: v * (1 + float(random.choice([-unit, unit])))


# ---- ends of the line --------------------------------------------------------------------------------------


@ELEMENTWISE
def test_at_infinity_stands_the_limit(case: Case) -> None:
    first, *others = case.arguments
    if case.entry.from_output:
        return  # outputs are finite
    values = {symbol.name: case.defaults[symbol.name] for symbol in others}
    for end in (np.inf, -np.inf):
        expected = float(case.expected({**values, first.name: np.float64(end)})[()])
        found = quietly(case, {first.name: end, **values})
        assert found == expected, failure(case, {first.name: end}, found, expected, found - expected)


@ALL
def test_nan_comes_through(case: Case) -> None:
    for symbol in case.arguments:
        if symbol.axes or not case.elementwise:
            values = arguments(case, 5, np.float64)
            values[symbol.name] = np.full_like(values[symbol.name], np.nan)
        else:
            values = {s.name: np.float64(0.5) for s in case.arguments}
            values[symbol.name] = np.float64(np.nan)
        answer = np.asarray(case.function(*values.values()))
        depends = symbol.name in reached(case.term, case.definitions)
        # an entry need not depend on every argument: the other branch of a leaky unit, a constant Hessian
        if depends:
            assert np.isnan(answer).any() or branch_hides(case, symbol.name), (
                f"{case} forgets NaN in {symbol.name}"
            )


def branch_hides(case: Case, name: str) -> bool:
    """Whether another value of the argument gives the same answers, so that it does not count here."""
    values = {s.name: np.float64(0.5) for s in case.arguments}
    other = {**values, name: np.float64(0.25)}
    return case.elementwise and case.function(*values.values()) == case.function(*other.values())


# ---- types, shapes, batches --------------------------------------------------------------------------------


@ALL
@pytest.mark.parametrize("kind", [*KINDS, np.int64, np.int8, np.bool_])
def test_the_type_that_goes_in_comes_out_and_whole_numbers_become_float64(case: Case, kind: Any) -> None:
    values = {name: np.ones_like(v, dtype=kind) for name, v in arguments(case, 1, np.float64).items()}
    answer = case.function(*values.values())
    assert answer.dtype == (kind if kind in KINDS else np.float64)


@ALL
def test_python_numbers_and_lists_are_accepted(case: Case) -> None:
    values = {name: value.tolist() for name, value in arguments(case, 1, np.float64).items()}
    assert np.asarray(case.function(*values.values())).dtype == np.float64


@ALL
def test_a_default_does_not_widen_the_type(case: Case) -> None:
    values = arguments(case, 1, np.float32)
    given = [value for name, value in values.items() if name not in case.defaults]
    assert case.function(*given).dtype == np.float32


@ALL
def test_parameters_can_be_given_by_name(case: Case) -> None:
    values = arguments(case, 1, np.float64)
    by_name = dict(zip(case.entry.arguments, values.values(), strict=True))
    np.testing.assert_array_equal(case.function(**by_name), case.function(*values.values()))


@ALL
@pytest.mark.parametrize("batches", [((2,),), ((2, 3),), ((2, 1), (3,)), ((), (4,)), ((0,),)])
def test_leading_axes_are_a_batch_and_broadcast(case: Case, batches: tuple[tuple[int, ...], ...]) -> None:
    values = arguments(case, 2, np.float64, batches=batches)
    batch = np.broadcast_shapes(*(batches[n % len(batches)] for n in range(len(values))))
    answer = case.function(*values.values())
    core = tuple(lengths(case)[str(index.axis.size)] for index in case.indices)
    assert answer.shape == (*batch, *core)
    sizes = lengths(case)
    for place in positions(batch):
        single = []
        for symbol, value in zip(case.arguments, values.values(), strict=True):
            own = shape(symbol, sizes)
            single.append(np.broadcast_to(value, (*batch, *own))[place])
        np.testing.assert_allclose(answer[place], case.function(*single), rtol=1e-12, atol=1e-14)


@ALL
def test_the_signature_says_the_shapes(case: Case) -> None:
    inputs, _, output = case.entry.signature.partition("->")
    cores = ["(" + ",".join(str(axis.size) for axis in symbol.axes) + ")" for symbol in case.arguments]
    assert inputs == ",".join(cores)
    assert output == "(" + ",".join(str(index.axis.size) for index in case.indices) + ")"
    assert case.function.__doc__.splitlines()[0].rstrip('"') == f"{case.entry.name}: {case.entry.signature}"


@ALL
def test_inputs_are_not_written_to_and_the_answer_shares_no_memory_with_them(case: Case) -> None:
    values = arguments(case, 3, np.float64)
    before = {name: value.copy() for name, value in values.items()}
    for value in values.values():
        value.flags.writeable = False
    answer = case.function(*values.values())
    for name, value in values.items():
        np.testing.assert_array_equal(value, before[name])
        assert not np.shares_memory(np.asarray(answer), value), f"{case} gives back its argument {name}"


@ARRAYS
def test_axes_that_do_not_fit_are_refused_by_name(case: Case) -> None:
    values = arguments(case, 1, np.float64)
    places = [(s, n) for s in case.arguments for n, _ in enumerate(s.axes)]
    sizes = [str(s.axes[n].size) for s, n in places]
    for (symbol, axis), size in zip(places, sizes, strict=True):
        if sizes.count(size) > 1:
            wrong = np.concatenate([values[symbol.name], values[symbol.name]], axis=axis)
            with pytest.raises(ValueError, match=f"the size {size} is"):
                case.function(*{**values, symbol.name: wrong}.values())


@ARRAYS
def test_too_few_axes_and_complex_numbers_are_refused(case: Case) -> None:
    values = arguments(case, 1, np.float64)
    first = next(s for s in case.arguments if s.axes)
    with pytest.raises(ValueError, match="needs at least"):
        case.function(*{**values, first.name: np.float64(1)}.values())
    with pytest.raises(TypeError, match="complex"):
        case.function(*{**values, first.name: values[first.name] + 1j}.values())


# ---- files -------------------------------------------------------------------------------------------------

FILES = pytest.mark.parametrize("module", [m for _, m in modules()], ids=[name for name, _ in modules()])


@FILES
def test_a_file_imports_numpy_only_and_multiplies_at_most_two_at_a_time(module: GeneratedModule) -> None:
    tree = ast.parse(module.source)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in found] == ["import numpy as np"]
    text = module.source.decode()
    assert text.isascii() and "einsum" not in text and "Licence: MIT" in text and "sha256" in text
    assert max(map(len, text.splitlines())) <= 120
    assert text.endswith("\n") and "\r" not in text


@FILES
def test_names_of_a_file_say_formula_question_and_variable(module: GeneratedModule) -> None:
    formula = Path(module.path).stem
    for entry in module.entries:
        name = formula if entry.question == "value" else f"{formula}_{entry.question}"
        parts = entry.name.removesuffix("_from_output")
        assert parts in (name, f"{name}_{entry.variable}")
    assert len({entry.name for entry in module.entries}) == len(module.entries)


def test_a_file_copied_alone_into_an_empty_folder_runs(tmp_path: Path) -> None:
    calls = ["import numpy as np, sys"]
    for case in cases():
        path = tmp_path / Path(case.module.path).name
        path.write_bytes(case.module.source)
        given = ", ".join(f"np.ones({shape(s, lengths(case))})" for s in case.arguments)
        calls.append(f"import {path.stem} as m; m.{case.entry.name}({given})")
    calls.append("assert not {m for m in sys.modules if m.split('.')[0] in ('derivations', 'sympy')}")
    code = "import sys; sys.path[:0] = ['.']\n" + "\n".join(calls)
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_importing_a_kernel_costs_numpy_and_nothing_more() -> None:
    name = kernels.index()[0]["name"]
    code = (
        f"import sys\nfrom derivations.kernels import {name}\n"
        "print(sorted(m for m in sys.modules if m in ('sympy', 'mpmath', 'jinja2', 'click')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_index_lists_every_kernel_and_each_can_be_imported_by_name() -> None:
    rows = {row["name"]: row for row in kernels.index()}
    assert set(rows) == {case.entry.name for case in cases()}
    for case in cases():
        row = rows[case.entry.name]
        assert row["formula"] == case.formula and row["signature"] == case.entry.signature
        assert getattr(kernels, case.entry.name).__module__ == row["module"]
    assert set(rows) <= set(dir(kernels))


def test_a_name_that_is_no_kernel_is_refused() -> None:
    with pytest.raises(AttributeError, match="no kernel 'nothing'"):
        kernels.nothing  # noqa: B018
