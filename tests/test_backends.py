"""PyTorch and JAX: every module compiles, runs when it is copied alone, and agrees with the index form.

JAX is in the extra `test`, and finds every derivative a second time. PyTorch is in no extra: what the package
index gives for it on Linux brings several gigabytes of CUDA. Where it is not installed the summary says so.
"""

import ast
import importlib.util
import runpy
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kernel_cases import Case, arguments, cases

from derivations import api, codegen
from derivations.api import Derivation, derive
from derivations.catalogue import places
from derivations.codegen.backends import module
from derivations.codegen.backends.jax import SPELLING as JAX
from derivations.codegen.backends.numpy import SPELLING as NUMPY
from derivations.codegen.backends.torch import SPELLING as TORCH
from derivations.codegen.printer import _OPERATIONS as OPERATIONS_OF_THE_GRAPH
from derivations.codegen.special import HELPERS
from derivations.codegen.spelling import OPERATIONS
from derivations.errors import InputError
from derivations.functions import FUNCTIONS
from derivations.sampling import defined_point, size_choices

HAS = {name: importlib.util.find_spec(name) is not None for name in ("jax", "torch")}
NO_TORCH = "no PyTorch"
BOTH = [
    pytest.param("jax", marks=pytest.mark.skipif(not HAS["jax"], reason="JAX is in the extra `test`")),
    pytest.param("torch", marks=pytest.mark.skipif(not HAS["torch"], reason=NO_TORCH)),
]
KINDS = (np.float64, np.float32)
NEAR = {np.float64: 1e-10, np.float32: 2e-4}  # of the largest entry

# name: what `derive` is given
OWN: dict[str, tuple[str, str, str | None, str | None]] = {
    "least squares": ("sum((X @ w - y)**2)", "w", "X: m n; w: n; y: m", None),
    "a residual": ("X @ w - y", "X", "X: m n; w: n; y: m", None),
    "a softmax": ("softmax(z)", "z", "z: n", None),
    "cross entropy": ("-sum(t * log_softmax(z))", "z", "z: n; t: n", "sum(t) = 1"),
    "log-sum-exp": ("logsumexp(z)", "z", "z: n", None),
    "a layer": ("sigmoid(W @ x + b)", "W", "W: m n; x: n; b: m", None),
    "a log-determinant": ("logdet(A)", "A", "A: n n", "A positive definite"),
    "a system": ("inv(A) @ b", "A", "A: n n; b: n", "A positive definite"),
    "a quadratic form": ("x @ A @ x", "x", "A: n n; x: n", None),
    "a trace": ("trace(A @ B)", "A", "A: m n; B: n m", None),
    "a unit vector": ("x / norm(x)", "x", "x: n", None),
    "a layer norm": ("(x - mean(x)) / sqrt(var(x) + e)", "x", "x: n; e:", "e > 0"),
    "numbers": ("a * exp(-b * x) + log(x)", "x", None, "x > 0"),
    "ReLU": ("sum(relu(W @ x))", "x", "W: m n; x: n", None),
    "a hidden layer": ("sum(tanh(W @ x))", "x", "W: m n; x: n", None),
    "functions": ("tanh(x) * erf(x) + softplus(x)", "x", "x: n", None),
    "cases": ("where(x > 0, x**2, c * x)", "x", "x: n; c:", None),
    "numbers in cases": ("sum(where(x > 0, 1, -0.1) * x)", "x", "x: n", None),
    "a function of a size": ("sum(x) * log(x.shape[0])", "x", "x: n", None),
    "GELU": ("x * (1 + erf(x / sqrt(2))) / 2", "x", "x: n", None),
    "attention": ("softmax(Q @ K.T, 1) @ V", "Q", "Q: n d; K: m d; V: m k", None),
    "names like ours": ("sum(value * g * ctx * inputs)", "g", "value: n; g: n; ctx: n; inputs: n", None),
}
FORMULAS = [name for _, name in places()]
EVERY = pytest.mark.parametrize("name", [*FORMULAS, *OWN])


@cache
def found(name: str) -> Derivation:
    text, wrt, shapes, facts = OWN[name]
    return derive(text, wrt=wrt, shapes=shapes, facts=facts)


@cache
def text(backend: str, name: str) -> str:
    if name in OWN:
        return found(name).code(backend, "both")
    formula = api.formula(name)
    return codegen.formula_code(formula, api.derivations_of(formula), backend)


@cache
def functions(backend: str, name: str) -> dict[str, Callable[..., Any]]:
    """What the module defines."""
    names = [node.name for node in ast.parse(text(backend, name)).body if isinstance(node, ast.FunctionDef)]
    entries = tuple(codegen.KernelEntry(each, "", "", "", ()) for each in names)
    made = codegen.GeneratedModule(f"{backend}.py", text(backend, name).encode(), entries)
    return dict(codegen.loaded(made))


def value_of(backend: str, name: str) -> Callable[..., Any]:
    return functions(backend, name)["value" if name in OWN else codegen.identifier(name)]


def array(backend: str, value: Any) -> Any:
    if backend == "jax":
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)
        return jnp.asarray(value)
    import torch

    return torch.as_tensor(np.array(value))


def quick(backend: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, compiled where the library compiles: operation by operation JAX takes its time."""
    if backend == "torch":
        return function
    import jax

    compiled: Callable[..., Any] = jax.jit(function)
    return compiled


def example(name: str, kind: Any = np.float64) -> dict[str, np.ndarray]:
    """Arguments of the value by name, at a point where it exists."""
    if name in OWN:
        scope, target = found(name).given.scope, found(name).derivation.goal.target.name
    else:
        scope = api.formula(name).scope
        target = list(scope.definitions)[-1].symbol.name
    point = defined_point(scope, size_choices(scope)[0], 7, (target,))
    assert point is not None
    made = ast.parse(text("jax", name)).body
    (value,) = (
        node
        for node in made
        if isinstance(node, ast.FunctionDef) and node.decorator_list and node.name[0] != "_"
    )
    spelled = {codegen.identifier(symbol.name): symbol.name for symbol in scope.inputs}
    values = {}
    for argument in value.args.args:
        given = point.array(spelled[argument.arg])
        values[argument.arg] = np.array([float(v) for v in given.flat], dtype=kind).reshape(given.shape)
    return values


def close(answer: Any, expected: Any, kind: Any) -> None:
    answer = np.asarray(answer)
    assert answer.dtype == kind and answer.shape == expected.shape
    scale = max(1e-3, float(np.max(np.abs(expected), initial=0)))  # of zero only rounding is left
    np.testing.assert_allclose(answer, expected, rtol=0, atol=NEAR[kind] * scale)


# ---- the text ----------------------------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_module_compiles_and_imports_nothing_else(backend: str, name: str) -> None:
    source = text(backend, name)
    compile(source, "derived.py", "exec")
    modules = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert modules == {backend}
    assert 'if __name__ == "__main__":' in source


@pytest.mark.parametrize("spelling", [NUMPY, JAX, TORCH], ids=lambda spelling: spelling.language)
def test_a_language_has_a_word_for_every_operation(spelling: Any) -> None:
    assert set(spelling.operations) == set(OPERATIONS)
    lacking = [
        name
        for name, function in FUNCTIONS.items()
        if not (function.numpy or name in spelling.functions or name in spelling.helpers)
    ]
    assert not lacking
    assert {name for name in OPERATIONS_OF_THE_GRAPH if name in HELPERS} <= set(spelling.helpers)
    for helper in spelling.helpers.values():
        assert set(helper.needs) <= set(spelling.helpers)


def test_the_derivative_alone_needs_no_gradients() -> None:
    source = found("least squares").code("torch")
    assert "def derivative(" in source and "autograd" not in source and "__main__" not in source


# ---- they run ----------------------------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("backend", BOTH)
def test_the_check_that_goes_with_a_module_passes(
    backend: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "derived.py"
    file.write_text(text(backend, name), "utf-8")
    runpy.run_path(str(file), run_name="__main__")
    assert "the same gradients by" in capsys.readouterr().out


@pytest.mark.parametrize("backend", BOTH)
def test_a_wrong_gradient_fails_the_check_and_a_copied_module_runs_alone(
    backend: str, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    source = text(backend, "least squares")
    good.write_text(source, "utf-8")
    assert source.count("w_bar = 2 * ") == 1
    bad.write_text(source.replace("w_bar = 2 * ", "w_bar = 3 * "), "utf-8")
    codes = [
        subprocess.run(
            [sys.executable, "-I", str(file)], cwd=tmp_path, capture_output=True, check=False
        ).returncode
        for file in (good, bad)
    ]
    assert codes == [0, 1]


@pytest.mark.parametrize("case", cases(), ids=str)
@pytest.mark.parametrize("backend", BOTH)
@pytest.mark.parametrize("kind", KINDS)
def test_a_function_of_the_catalogue_agrees_with_the_index_form(backend: str, case: Case, kind: Any) -> None:
    function = quick(backend, functions(backend, case.formula)[case.entry.name])
    for seed in (1, 2):
        values = arguments(case, seed, kind)
        answer = function(*(array(backend, value) for value in values.values()))
        close(answer, np.array(case.expected(values), dtype=float), kind)


@pytest.mark.parametrize("case", cases(), ids=str)
@pytest.mark.parametrize("backend", BOTH)
def test_large_and_infinite_numbers_and_nan_come_out_as_in_numpy(backend: str, case: Case) -> None:
    function = quick(backend, functions(backend, case.formula)[case.entry.name])
    for special in (None, np.inf, -np.inf, np.nan):
        values = arguments(case, 1, np.float64, 1e4)
        if special is not None:
            values[next(iter(values))].flat[0] = special
        with np.errstate(all="ignore"):
            expected = case.function(*values.values())
        answer = function(*(array(backend, value) for value in values.values()))
        np.testing.assert_allclose(np.asarray(answer), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("backend", BOTH)
@pytest.mark.parametrize("kind", KINDS)
def test_a_formula_of_ones_own_agrees_with_the_index_form(backend: str, name: str, kind: Any) -> None:
    derivation = found(name).derivation
    target = derivation.scope.definitions[derivation.goal.target.name]
    made = functions(backend, name)
    for sizes in size_choices(derivation.scope):
        point = defined_point(derivation.scope, sizes, 3, (target.symbol.name,))
        assert point is not None
        spelled = {codegen.identifier(s.name): point.array(s.name) for s in derivation.scope.inputs}
        for function, term, indices in (
            (made["value"], target.left, target.indices),
            (made["derivative"], derivation.result, derivation.answer.indices),
        ):
            given = [
                array(backend, np.array([float(v) for v in a.flat], dtype=kind).reshape(a.shape))
                for a in (spelled[argument] for argument in parameters(backend, name, function.__name__))
            ]
            expected = point.table(term, indices)
            close(
                quick(backend, function)(*given),
                np.array(expected.flat, dtype=float).reshape(expected.shape),
                kind,
            )


def parameters(backend: str, name: str, function: str) -> list[str]:
    for node in ast.parse(text(backend, name)).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return [argument.arg for argument in node.args.args]
    raise AssertionError(f"no function {function}")


# ---- they differentiate ------------------------------------------------------------------------------------


def pullbacks(backend: str, name: str) -> list[str]:
    """The arguments that the value may be differentiated by."""
    lines = text("jax", name).splitlines()
    refused = {line.rpartition("# ")[2] for line in lines if line.lstrip().startswith("None,  # ")}
    return [argument for argument in example(name) if argument not in refused]


@EVERY
def test_derived_gradients_are_those_of_jax(name: str) -> None:
    """In single precision and with a batch; the check of each module looks at the plain case in double."""
    jax = pytest.importorskip("jax", reason="JAX is in the extra `test`")
    value = value_of("jax", name)
    values = example(name, np.float32)
    first = next(iter(values))
    values[first] = np.stack([values[first], values[first] * np.float32(1.25)])  # the others have no batch
    inputs = {argument: array("jax", given) for argument, given in values.items()}
    weights = np.cos(1.0 + np.arange(value(**inputs).size)).astype(np.float32)
    by = pullbacks("jax", name)

    def gradients(function: Callable[..., Any]) -> Any:
        def weighted(chosen: dict[str, Any]) -> Any:
            return (weights * function(**inputs | chosen).ravel()).sum()

        return jax.jit(jax.grad(weighted))({argument: inputs[argument] for argument in by})

    derived, expected = gradients(value), gradients(value.__wrapped__)
    assert by
    for argument in by:
        close(derived[argument], np.asarray(expected[argument]), np.float32)


@pytest.mark.parametrize("name", ["attention", "a softmax", "cross entropy", "log-sum-exp", "a layer"])
def test_derived_gradients_survive_scores_whose_exponential_overflows(name: str) -> None:
    jax = pytest.importorskip("jax", reason="JAX is in the extra `test`")
    plain = {
        "attention": lambda Q, K, V: jax.nn.softmax(Q @ K.T, 1) @ V,
        "a softmax": lambda z: jax.nn.softmax(z),
        "cross entropy": lambda t, z: -(t * jax.nn.log_softmax(z)).sum(),
        "log-sum-exp": lambda z: jax.nn.logsumexp(z),
        "a layer": lambda W, x, b: jax.nn.sigmoid(W @ x + b),
    }[name]
    values = example(name)
    if name == "attention":
        values["Q"][:, 0], values["K"][:, 0] = 1000, 1  # every score is larger by 1000
    else:
        values["z" if "z" in values else "b"] += 1000
    inputs = {argument: array("jax", given) for argument, given in values.items()}

    def gradients(function: Callable[..., Any]) -> Any:
        weights = np.cos(1.0 + np.arange(function(**inputs).size))
        return jax.jit(jax.grad(lambda given: (weights * function(**given).ravel()).sum()))(inputs)

    derived, expected = gradients(value_of("jax", name)), gradients(plain)
    for argument in inputs:
        close(derived[argument], np.asarray(expected[argument]), np.float64)


def test_jax_refuses_what_was_not_derived_and_maps_over_the_rest() -> None:
    jax = pytest.importorskip("jax", reason="JAX is in the extra `test`")
    value = value_of("jax", "mean_squared_error")
    inputs = tuple(array("jax", given) for given in example("mean_squared_error").values())
    assert pullbacks("jax", "mean_squared_error") != list(example("mean_squared_error"))
    with pytest.raises(TypeError, match="no gradient of mean_squared_error with respect to y was derived"):
        jax.grad(value, argnums=(0, 1))(*inputs)
    softmax = value_of("jax", "softmax")
    rows = array("jax", np.linspace(-1, 2, 6).reshape(2, 3))
    close(
        jax.vmap(jax.jacrev(softmax))(rows),
        np.asarray(functions("jax", "softmax")["softmax_jacobian"](rows)),
        np.float64,
    )


def test_a_default_is_no_variable_in_jax() -> None:
    jax = pytest.importorskip("jax", reason="JAX is in the extra `test`")
    value, values = value_of("jax", "layer_norm"), example("layer_norm")
    arrays = [array("jax", given) for argument, given in values.items() if argument != "eps"]
    gradient = jax.grad(lambda *given: (value(*given) ** 2).sum())(*arrays)
    expected = jax.grad(lambda *given: (value.__wrapped__(*given) ** 2).sum())(*arrays)
    close(gradient, np.asarray(expected), np.float64)


needs_torch = pytest.mark.skipif(not HAS["torch"], reason=NO_TORCH)


@EVERY
@needs_torch
@pytest.mark.parametrize("batch", [False, True])
def test_derived_gradients_are_those_of_differences_in_pytorch(name: str, batch: bool) -> None:
    import torch

    value = value_of("torch", name)
    values = example(name)
    by = pullbacks("torch", name)
    if batch:
        first = next(iter(values))
        values[first] = np.stack([values[first], values[first] * 1.25])
    inputs = [array("torch", given).requires_grad_(argument in by) for argument, given in values.items()]
    assert torch.autograd.gradcheck(value, inputs)
    assert torch.autograd.gradgradcheck(value, inputs)


@needs_torch
def test_pytorch_refuses_what_was_not_derived_and_maps_over_the_rest() -> None:
    import torch

    value = value_of("torch", "mean_squared_error")
    inputs = [array("torch", given).requires_grad_() for given in example("mean_squared_error").values()]
    with pytest.raises(RuntimeError, match="no gradient of mean_squared_error with respect to y was derived"):
        value(*inputs).backward()
    softmax = value_of("torch", "softmax")
    rows = array("torch", np.linspace(-1, 2, 6).reshape(2, 3))
    mapped = torch.func.vmap(torch.func.jacrev(softmax))(rows)
    close(mapped, np.asarray(functions("torch", "softmax")["softmax_jacobian"](rows)), np.float64)


@needs_torch
def test_half_precision_is_worked_in_single_precision() -> None:
    import torch

    value = value_of("torch", "layer_norm")
    x = torch.linspace(-3, 5, 8, dtype=torch.bfloat16, requires_grad=True)
    ones, zeros = torch.ones(8, dtype=torch.bfloat16), torch.zeros(8, dtype=torch.bfloat16)
    answer = value(x, ones, zeros)
    expected = torch.nn.functional.layer_norm(x.float(), (8,))
    assert answer.dtype == torch.bfloat16 and torch.equal(answer, expected.to(torch.bfloat16))
    answer.sum().backward()
    assert x.grad is not None and x.grad.dtype == torch.bfloat16


# ---- in Python ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BOTH)
def test_lambdify_gives_a_function_of_the_backend(backend: str) -> None:
    values = example("least squares")
    for what in ("value", "derivative"):
        answer = found("least squares").lambdify(backend, what)(
            **{n: array(backend, v) for n, v in values.items()}
        )
        expected = found("least squares").lambdify("numpy", what)(**values)
        np.testing.assert_allclose(np.asarray(answer), expected, rtol=1e-12)


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match="torch is not installed"):
        found("least squares").lambdify("torch")


def test_only_functions_without_a_value_make_a_module_too() -> None:
    assert "def " in module("jax", []) and "custom_vjp" not in module("jax", [])
