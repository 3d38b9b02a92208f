"""The public names: complete, sorted, lazy, and hidden by nothing."""

import ast
import inspect
import subprocess
import sys
import types

import pytest
from conftest import ROOT

import derivations

PACKAGE = ROOT / "derivations"
STABLE = """
Derivation Error InputError InternalMistake Unsupported derive formula formulas gradients
""".split()


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_public_names_are_the_stable_ones_and_sorted() -> None:
    assert derivations.__all__ == sorted(derivations.__all__)
    assert derivations.__all__ == STABLE


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    seen = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "derivations.api"
        for alias in node.names
    ]
    assert sorted(seen) == derivations.__all__


@pytest.mark.parametrize("name", derivations.__all__)
def test_a_public_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(derivations, name)
    assert inspect.getdoc(value), f"{name} has no docstring"
    assert getattr(derivations, name) is value


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'differentiate'"):
        _ = derivations.differentiate


def test_no_public_name_is_hidden_by_a_module() -> None:
    names = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert names.isdisjoint(derivations.__all__)


def test_a_public_name_survives_the_import_of_every_module() -> None:
    modules = sorted(p.stem for p in PACKAGE.glob("*.py") if not p.stem.startswith("__"))
    wanted = [name for name in modules if name not in {"site_plugin"}]
    code = f"""
import derivations, importlib
for module in {wanted!r}:
    importlib.import_module("derivations." + module)
print(all(callable(getattr(derivations, name)) for name in derivations.__all__))"""
    assert run(code) == "True"


def test_no_formula_is_called_like_a_chapter() -> None:
    chapters = {path.name for path in (PACKAGE / "catalogue").iterdir() if path.is_dir()}
    formulas = {path.stem for path in (PACKAGE / "catalogue").glob("*/*.py")}
    assert chapters.isdisjoint(formulas)


@pytest.mark.parametrize(
    "statement", ["from derivations.kernels import softmax", "from derivations import kernels"]
)
def test_a_kernel_costs_an_import_of_numpy_and_not_of_sympy(statement: str) -> None:
    found = run(f"import sys\n{statement}\nprint('sympy' in sys.modules, 'click' in sys.modules)")
    assert found == "False False"


def test_a_kernel_is_a_function_under_its_own_name() -> None:
    assert run("from derivations.kernels import softmax\nprint(softmax([0.0, 0.0]))") == "[0.5 0.5]"


def test_the_version_is_text() -> None:
    assert isinstance(derivations.__version__, str)
    assert isinstance(derivations.kernels, types.ModuleType)
