"""Habits that are easy to lose: one version, tests for each module, a reason in each file."""

import ast
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from conftest import ROOT

import derivations

PACKAGE = ROOT / "derivations"
FILES = {path.stem for path in PACKAGE.glob("*.py")}
FOLDERS = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
MODULES = sorted(FILES | FOLDERS)
HAND_WRITTEN = [
    path
    for folder in ("derivations", "templates", "site", "tests", ".ci", ".github", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file()
    and {"__pycache__", "node_modules", "records", ".mypy_cache"}.isdisjoint(path.parts)
    and path.suffix not in {".png", ".svg", ".ico", ".woff2"}
] + [path for path in sorted(ROOT.iterdir()) if path.is_file()]
PYTHON = [path for path in HAND_WRITTEN if path.suffix == ".py"]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_version_is_the_same_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert version("derivations") == derivations.__version__
    assert re.search(r"^version: (\S+)$", citation, re.MULTILINE)[1] == derivations.__version__
    assert re.search(r"^## (\S+)", changes, re.MULTILINE)[1] == derivations.__version__


def test_the_packed_version_is_read_from_the_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert settings["project"]["dynamic"] == ["version"]
    assert settings["tool"]["hatch"]["version"]["path"] == "derivations/__init__.py"


def test_constraints_name_an_exact_version_for_every_requirement() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*settings["dependencies"], *(r for e in settings["optional-dependencies"].values() for r in e)]
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    assert {re.split(r"[<>=]", line)[0].lower() for line in wanted} - pinned == set()
    assert all("==" in line for line in lines if line and not line.startswith("#"))


def test_node_packages_are_named_without_a_place_to_fetch_them_from() -> None:
    lock = json.loads((ROOT / "site" / "package-lock.json").read_text("utf-8"))
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_tests(module: str) -> None:
    name = "exports" if module == "__init__" else module.strip("_")
    tests = [*(ROOT / "tests").glob(f"test_{name}.py"), *(ROOT / "tests").glob(f"test_{name}_*.py")]
    assert tests, f"tests/test_{name}.py is missing"


@pytest.mark.parametrize("path", PYTHON, ids=relative)
def test_a_python_file_says_why_it_exists(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not tree.body or ast.get_docstring(tree), "no docstring"


@pytest.mark.parametrize("path", PYTHON, ids=relative)
def test_no_name_is_defined_twice_in_one_place(path: Path) -> None:
    assert list(repeated(ast.parse(path.read_text("utf-8")))) == []


def repeated(tree: ast.Module) -> Iterator[str]:
    """Functions and classes that a later one of the same name silently replaces."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef):
            names = [
                child.name
                for child in node.body
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                # Overloads, setters and single-dispatch cases repeat a name on purpose and are decorated.
                and not child.decorator_list
            ]
            yield from (name for name, times in Counter(names).items() if times > 1)


def test_a_planted_repetition_is_caught() -> None:
    assert list(repeated(ast.parse("def test_a(): 1\ndef test_a(): 2"))) == ["test_a"]


# Spelled with a class of one letter each, since this file is searched as well.
UNFINISHED = re.compile(r"\bTO[D]O\b|\bFIXM[E]\b|\bXX[X]\b|NotImplemented[E]rror")


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=relative)
def test_nothing_is_left_half_done(path: Path) -> None:
    text = path.read_text("utf-8")
    assert UNFINISHED.search(text) is None
    assert "\r" not in text
    assert not text or text.endswith("\n")


@pytest.mark.parametrize("path", [p for p in PYTHON if p.is_relative_to(PACKAGE)], ids=relative)
def test_no_body_is_empty(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Pass)] == []
