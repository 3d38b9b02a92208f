"""Imports go one way: each module imports only modules to its left, in functions too.

Read from the source and not observed while running, since an import inside a function that no test reaches is
still an import. Who may write files, and who must do without NumPy, is a question of layers too.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "derivations"

# From left to right; members of one set do not import each other.
LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(layer.split())
    for layer in (
        "words",
        "errors",
        "indices domains letters",
        "terms",
        "scope",
        "canonical",
        "arithmetic",
        "functions",
        "numerics",
        "evaluate structure",
        "sampling",
        "language",
        "catalogue",
        "parse",
        "steps",
        "rules",
        "passes",
        "goals",
        "matrix_form",
        "printers codegen",
        "verify",
        "answers",
        "comparison",
        "api",
        "examples rows",
        "records",
        "sentences pictures typeset",
        "pages book",
        "site_plugin",
        "site_build",
        "build",
        "__main__",
    )
)
LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}
FREE = "resources"
# The package itself stands for its public names, which are those of api.
LEVEL["__init__"] = LEVEL["api"]


def imports(source: str, module: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything that `source`, the text of `module`, imports anywhere in it."""
    package = module.split(".") if module.endswith(".__init__") else module.split(".")[:-1]
    package = [part for part in package if part != "__init__"]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            path = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{path}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from ((node.lineno, str(a.value)) for a in node.args[:1] if isinstance(a, ast.Constant))


def part_of_the_package(dotted: str) -> str | None:
    """The top-level module of the package that a dotted name reaches, None if it is not ours."""
    root, _, rest = dotted.partition(".")
    if root != "derivations":
        return None
    first = rest.partition(".")[0]
    return first if first in LEVEL or first == FREE or is_module(first) else "__init__"


def is_module(name: str) -> bool:
    return bool(name) and ((PACKAGE / f"{name}.py").is_file() or (PACKAGE / name).is_dir())


def wrong_imports(source: str, module: str) -> list[str]:
    """The imports of `source` that the place of `module` in the order does not allow, as sentences."""
    parts = module.split(".")
    top = parts[1]
    found = []
    for line, dotted in imports(source, module):
        root = dotted.partition(".")[0]
        target = part_of_the_package(dotted)
        if top == "kernels":
            allowed = root == "numpy" or root in sys.stdlib_module_names or target == "kernels"
            # A kernel can be copied out alone; only the index beside the chapters may know its neighbours.
            if target == "kernels" and parts[2:] != ["__init__"]:
                allowed = False
            if root in sys.stdlib_module_names and parts[2:] != ["__init__"]:
                allowed = False
            reason = "a kernel imports NumPy and nothing else"
        elif top == "catalogue" and len(parts) > 3:
            allowed = root == "sympy" or target in {"language", "catalogue"}
            reason = "a formula imports SymPy, derivations.language and other formulas"
        elif target is None or target in {FREE, top}:
            continue
        elif top == FREE:
            allowed, reason = False, f"{FREE} imports nothing of the package"
        else:
            allowed = target in LEVEL and LEVEL[target] < LEVEL[top]
            reason = f"{target} does not stand to the left of {top}"
        if not allowed:
            found.append(f"{module.replace('.', '/')}.py, line {line}: imports {dotted}, but {reason}")
    return found


def modules() -> list[tuple[Path, str]]:
    files = sorted(PACKAGE.rglob("*.py"))
    return [(file, ".".join(file.relative_to(ROOT).with_suffix("").parts)) for file in files]


def test_every_module_has_a_place_in_the_order() -> None:
    tops = {name.split(".")[1] for _, name in modules()}
    assert tops - set(LEVEL) - {FREE, "kernels"} == set(), "give the module its place in LAYERS"


def test_every_module_imports_only_modules_to_its_left() -> None:
    found = [
        sentence
        for file, module in modules()
        if module != "derivations.__init__"
        for sentence in wrong_imports(file.read_text("utf-8"), module)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("derivations.terms", "from derivations.rules import RULES"),
        ("derivations.terms", "def f():\n    from derivations import build"),
        ("derivations.terms", "def f():\n    import derivations.api as api"),
        ("derivations.terms", "from derivations import derive"),
        ("derivations.words", "from .terms import Term"),
        ("derivations.rules.linear", "from ..goals import Goal"),
        ("derivations.printers.latex", "from derivations.codegen import backends"),
        (
            "derivations.evaluate",
            "import importlib\nx = importlib.import_module('derivations.goals')",
        ),
        ("derivations.resources", "from derivations.words import label"),
        ("derivations.catalogue.activations.softmax", "from derivations.terms import Term"),
        ("derivations.catalogue.activations.softmax", "import numpy"),
        ("derivations.kernels.activations.softmax", "import math"),
        ("derivations.kernels.activations.softmax", "from derivations.kernels import relu"),
        ("derivations.kernels.__init__", "import sympy"),
    ],
)
def test_a_planted_violation_is_caught(module: str, source: str) -> None:
    assert wrong_imports(source, module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("derivations.goals", "from derivations.rules import RULES"),
        ("derivations.rules.linear", "from derivations.rules.registry import rule"),
        ("derivations.rules.linear", "from . import registry"),
        (
            "derivations.catalogue.losses.nll",
            "from derivations.catalogue.activations.softmax import formula",
        ),
        ("derivations.kernels.activations.softmax", "import numpy as np"),
        ("derivations.parse", "from derivations import resources"),
    ],
)
def test_an_allowed_import_is_let_through(module: str, source: str) -> None:
    assert wrong_imports(source, module) == []


WRITING = {"write_text", "write_bytes", "mkdir", "unlink", "rmdir", "rmtree", "rename", "replace", "copytree"}


def writes(source: str) -> list[str]:
    """Calls that change files: by the name of a method of Path, os or shutil, or `open` for writing."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        words = [a.value for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        opens = name == "open" and any(set(word) <= set("wxabt+") for word in words)
        # `replace` of a string takes two arguments, that of a path or of os is asked for by its owner's name.
        if name == "replace" and not ast.unparse(node.func).startswith("os."):
            continue
        if name in WRITING or opens:
            found.append(f"line {node.lineno}: {ast.unparse(node.func)}")
    return found


def test_only_build_writes_files() -> None:
    writers = {"derivations.build", "derivations.site_build"}
    others = [(file, module) for file, module in modules() if module not in writers]
    found = [f"{module}, {call}" for file, module in others for call in writes(file.read_text("utf-8"))]
    assert not found, "\n".join(found)


def test_a_planted_write_is_caught() -> None:
    assert writes("path.write_text('x')")
    assert writes("open(path, 'w')")
    assert not writes("path.open('rb'); text.replace('a', 'b'); open(path, encoding='utf-8')")


@pytest.mark.parametrize(
    ("module", "blocked"),
    [
        ("derivations.api", "numpy"),
        ("derivations.__main__", "mkdocs"),
        ("derivations.build", "mkdocs"),
        ("derivations.words", "sympy"),
    ],
)
def test_a_module_can_be_imported_without(module: str, blocked: str) -> None:
    code = f"import sys; sys.modules[{blocked!r}] = None; import {module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
