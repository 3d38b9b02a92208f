"""The recipes of CONTRIBUTING, followed in a copy of the checkout: each costs one file that a person writes.

A count on paper would age; here a scratch formula, rule, function, backend and form are added, what follows
is made by the commands that people use, and the files that differ afterwards are counted. Each test shows too
that the addition does something, since a file that nothing reads is easily one file.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

COPIED = ("derivations", "templates", "site", "pyproject.toml", "mkdocs.yml")
GENERATED = ("derivations/records/", "derivations/kernels/")

FORMULA = '''"""Gaussian gate: lets through what is near zero."""

from sympy import Eq, exp

from derivations.language import Derivative, Formula, Reference, Text, scalar

x = scalar("x", Text(en="input", zh="输入"))
w = scalar("w", Text(en="weight of the input", zh="输入的权重"))
y = scalar("y", Text(en="output", zh="输出"))

formula = Formula(
    name=Text(en="Gaussian gate", zh="高斯门"),
    summary=Text(en="Lets through what is near zero.", zh="只让零附近的输入通过。"),
    define=[Eq(w, exp(-(x**2))), Eq(y, x * w)],
    ask=[Derivative(y, x)],
    references=[Reference("None: written for a test.")],
)
'''

RULE = '''
from derivations.arithmetic import TWO


@rule(
    "scratch_square",
    group=GROUP,
    en="Derivative of a square",
    zh="平方的导数",
    statement=r"\\frac{\\partial f^{2}}{\\partial x} = 2 f \\frac{\\partial f}{\\partial x}",
    example=lambda: (
        derivative(power(s.z[s.i], TWO), s.Z, [s.j]),
        product(TWO, s.z[s.i], derivative(s.z[s.i], s.Z, [s.j])),
    ),
)
def scratch_square(node: Term, work: Work) -> Term | None:
    """d f**2 -> 2 f df"""
    if not (isinstance(node, Derivative) and isinstance(node.body, Power) and node.body.exponent == TWO):
        return None
    return product(TWO, node.body.base, _again(node, node.body.base))


'''

FUNCTION = """    Elementwise(
        Head("arcsinh"),
        Text(en="inverse hyperbolic sine", zh="反双曲正弦函数"),
        lambda v, x: power(add(ONE, power(x, TWO)), negate(HALF)),
        lambda m, x: m.asinh(x),
        lambda s, x: s.asinh(x),
        r"\\operatorname{arsinh}(#1)",
        numpy="arcsinh",
    ),
"""

PAGES = """
from derivations.pages import load, pages
library = load()
for language in ("en", "zh"):
    print([path for path in pages(library, language) if path.endswith("activations/scratch.md")])
"""

USES_THE_FUNCTION = (
    FORMULA.replace("import Eq, exp", "import Eq, asinh")
    .replace("exp(-(x**2))", "asinh(x)")
    .replace("Gaussian gate", "Scratch")
)


BACKEND = '''"""What a module would hold, for people who count."""

from collections.abc import Sequence

from derivations.codegen.function import Kernel


def module(kernels: Sequence[Kernel]) -> str:
    return "".join(f"{kernel.name} answers {kernel.question}\\n" for kernel in kernels)
'''

FORM = '''"""The shape of the result alone."""

from derivations.printers.forms import Shown


def printed(found: Shown, language: str) -> str:
    return f"{language}: {' by '.join(map(str, found.shape))}"
'''


class Copy:
    """A copy of the checkout, and what differs from it since it was made."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / name)
        self.before = self.files()

    def files(self) -> dict[str, str]:
        return {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.root.rglob("*")
            if path.is_file() and not {"__pycache__", "build"} & set(path.parts)
        }

    def touched(self) -> list[str]:
        """Files written by hand: those that are new or differ, the generated ones aside."""
        after = self.files()
        different = {name for name, _ in self.before.items() ^ after.items()}
        return sorted(name for name in different if not name.startswith(GENERATED))

    def edit(self, name: str, before: str, text: str) -> None:
        """Puts `text` in front of the line that starts with `before`."""
        path = self.root / name
        found = path.read_text("utf-8")
        assert found.count(f"\n{before}") == 1, f"{name} has no single line that starts with {before!r}"
        path.write_text(found.replace(f"\n{before}", f"\n{text}{before}"), "utf-8")

    def add(self, name: str, text: str) -> None:
        path = self.root / name
        assert not path.exists()
        path.write_text(text, "utf-8")

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), "PYTHONUTF8": "1"},
        )
        assert done.returncode == 0, done.stderr.decode("utf-8")
        return done.stdout.decode("utf-8")

    def command(self, *arguments: str) -> str:
        return self.run("-m", "derivations", *arguments)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "checkout")


def test_a_formula_is_one_file(copy: Copy) -> None:
    place = "derivations/catalogue/activations/scratch.py"
    copy.add(place, FORMULA)
    copy.command("regenerate", "scratch")
    assert copy.touched() == [place]
    record = json.loads((copy.root / "derivations/records/activations/scratch.json").read_text("utf-8"))
    assert [row["evidence"]["verdict"] for row in record["derivations"]] == ["PASS"]
    assert "scratch" in copy.command("list")
    assert "高斯门" in copy.command("show", "scratch", "--lang", "zh")
    used = "from derivations.kernels import scratch, scratch_derivative\n"
    assert copy.run("-c", used + "print(scratch(0.0), scratch_derivative(0.0))").split() == ["0.0", "1.0"]
    assert copy.run("-c", PAGES).count("activations/scratch") == 2


def test_a_rule_is_one_file(copy: Copy) -> None:
    place = "derivations/rules/derivative.py"
    copy.edit(place, "LINEAR: tuple", RULE)
    copy.edit(place, "    quotient,\n", "    scratch_square,\n")
    copy.add("derivations/catalogue/activations/scratch.py", FORMULA)
    assert "平方的导数" in copy.command("show", "scratch", "--lang", "zh")
    (copy.root / "derivations/catalogue/activations/scratch.py").unlink()
    assert copy.touched() == [place]


def test_a_function_is_one_file(copy: Copy) -> None:
    place = "derivations/functions.py"
    copy.edit(place, ")\n\nFUNCTIONS", FUNCTION)
    copy.add("derivations/catalogue/activations/scratch.py", USES_THE_FUNCTION)
    copy.command("regenerate", "scratch")
    used = "from derivations.kernels import scratch, scratch_derivative\n"
    assert copy.run("-c", used + "print(scratch(0.0), scratch_derivative(0.0))").split() == ["0.0", "0.0"]
    (copy.root / "derivations/catalogue/activations/scratch.py").unlink()
    assert copy.touched() == [place]


def test_a_backend_is_one_file(copy: Copy) -> None:
    place = "derivations/codegen/backends/scratch.py"
    copy.add(place, BACKEND)
    shown = copy.command("code", "softmax", "--to", "scratch").splitlines()
    assert {"softmax answers value", "softmax_jacobian answers jacobian"} <= set(shown)
    assert "derivative answers" in copy.command("derive", "x**2", "--wrt", "x", "--to", "scratch")
    assert copy.touched() == [place]


def test_a_form_of_output_is_one_file(copy: Copy) -> None:
    place = "derivations/printers/forms/scratch.py"
    copy.add(place, FORM)
    asked = ("derive", "A @ x", "--wrt", "x", "--shapes", "A: m n; x: n", "--to", "scratch", "--lang", "zh")
    assert copy.command(*asked).strip() == "zh: m by n"
    assert copy.touched() == [place]
