"""The wheel: complete, and of use in an empty folder far from any checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

# What a wheel must bring along, where it puts it, and which caches inside these folders it leaves out.
PACKED = {
    "derivations": "derivations",
    "templates": "derivations/_share/templates",
    "site": "derivations/_share/site",
}
LEFT_OUT = {"__pycache__", "node_modules"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--no-deps", "--target", folder, wheel)
    return folder


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", *map(str, arguments), "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def run(installed: Path, folder: Path, *arguments: str) -> str:
    """What the installed package prints in `folder`; the path puts it before the checkout of the tests."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8")


@pytest.mark.parametrize("source", PACKED)
def test_the_wheel_packs_the_whole_folder(wheel: Path, source: str) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = [path.relative_to(ROOT / source) for path in (ROOT / source).rglob("*") if path.is_file()]
    wanted = {f"{PACKED[source]}/{file.as_posix()}" for file in files if LEFT_OUT.isdisjoint(file.parts)}
    assert wanted
    assert wanted - packed == set()


@pytest.mark.parametrize(
    "file",
    [
        "derivations/words.toml",
        "derivations/py.typed",
        "derivations/_share/mkdocs.yml",
        "derivations/records/activations/softmax.json",
        "derivations/kernels/activations/softmax.py",
    ],
)
def test_the_wheel_has(wheel: Path, file: str) -> None:
    assert file in zipfile.ZipFile(wheel).namelist()


def test_the_wheel_has_nothing_else(wheel: Path) -> None:
    roots = {name.split("/")[0].split("-")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert roots == {"derivations"}


def test_the_installed_package_is_the_one_under_test(installed: Path, tmp_path: Path) -> None:
    code = "import derivations.resources as r; print(r.PACKAGE, r.checkout(), r.templates().is_dir())"
    assert run(installed, tmp_path, "-c", code).split() == [str(installed / "derivations"), "None", "True"]


def test_formulas_are_listed_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    assert "softmax" in run(installed, tmp_path, "-m", "derivations", "list")


def test_a_formula_is_shown_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    assert "Jacobian" in run(installed, tmp_path, "-m", "derivations", "show", "softmax")


def test_a_kernel_is_taken_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    code = run(installed, tmp_path, "-m", "derivations", "code", "softmax", "--to", "numpy")
    (tmp_path / "taken.py").write_text(code + "\nprint(softmax(np.zeros(2)))\n", "utf-8")
    assert run(tmp_path, tmp_path, "taken.py").strip() == "[0.5 0.5]"


def test_a_derivation_is_made_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    shown = run(installed, tmp_path, "-m", "derivations", "derive", "x**3", "--wrt", "x", "--to", "numpy")
    assert "3" in shown
    assert "x" in shown


def test_nothing_is_left_behind_in_the_folder(installed: Path, tmp_path: Path) -> None:
    run(installed, tmp_path, "-m", "derivations", "list")
    assert list(tmp_path.iterdir()) == []
