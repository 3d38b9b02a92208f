"""The command line: results on stdout, messages on stderr, exit 0, 1 or 2, and never a traceback."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from derivations import build, catalogue, resources
from derivations.__main__ import main
from derivations.records import Produced

IDS = [name for _, name in catalogue.places()]


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_list_names_every_formula_in_both_languages() -> None:
    for language in ("en", "zh"):
        result = run("list", "--lang", language)
        assert result.exit_code == 0
        for name in IDS:
            assert f" {name} " in result.stdout
        for _, title in catalogue.chapters():
            assert title[language] in result.stdout.splitlines()


def test_list_as_json_counts_results_and_claims() -> None:
    rows = json.loads(run("list", "--json").stdout)
    assert [row["id"] for row in rows] == IDS
    for row in rows:
        assert list(row) == ["id", "chapter", "name", "results", "claims", "kernels"]
        assert row["results"]["derived"] > 0 and row["kernels"]


@pytest.mark.parametrize("name", IDS)
def test_show_prints_every_derivation_in_both_languages(name: str) -> None:
    for language in ("en", "zh"):
        result = run("show", name, "--lang", language)
        assert result.exit_code == 0 and " = " in result.stdout and not result.stderr


@pytest.mark.parametrize("name", IDS)
def test_code_prints_a_module_that_imports_numpy_only(name: str) -> None:
    source = run("code", name).stdout
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert imports == ["import numpy as np"]


def test_an_unknown_formula_is_refused_with_a_near_name() -> None:
    result = run("show", "sofmax")
    assert result.exit_code == 2 and "softmax" in result.stderr and not result.stdout


@pytest.mark.parametrize("form", ["steps", "latex", "markdown", "numpy", "json"])
def test_derive_prints_every_form(form: str) -> None:
    result = run(
        "derive", "sum((X @ w - y)**2)", "--wrt", "w", "--shapes", "X: m n; w: n; y: m", "--to", form
    )
    assert result.exit_code == 0 and result.stdout.strip(), result.stderr


def test_derive_reads_a_text_that_begins_with_a_minus_and_standard_input() -> None:
    direct = run("derive", "-x**2", "--wrt", "x")
    piped = run("derive", "-", "--wrt", "x", stdin="-x**2\n")
    assert direct.exit_code == piped.exit_code == 0
    assert direct.stdout == piped.stdout and "−2 x" in direct.stdout


def test_bytes_that_are_no_text_are_refused_at_their_place() -> None:
    result = run("derive", "-", "--wrt", "x", stdin=b"x + \xff")
    assert result.exit_code == 2 and "line 1, column 5" in result.stderr


def test_standard_input_is_utf_8_whatever_the_locale() -> None:
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "derivations", "derive", "-", "--wrt", "x"]
    result = subprocess.run(command, input="θ * x".encode(), capture_output=True, env=ascii_only, check=False)
    assert result.returncode == 0 and "∂f/∂x = θ" in result.stdout.decode("utf-8"), result.stderr


def test_derive_refuses_with_the_place_and_what_to_write() -> None:
    result = run("derive", "sum(X @ v)", "--wrt", "X", "--shapes", "X: m n")
    assert result.exit_code == 2 and "line 1, column 9" in result.stderr and "v" in result.stderr


def test_a_symbol_without_latex_is_refused() -> None:
    result = run("derive", "x**2", "--wrt", "x", "--symbol", "x")
    assert result.exit_code == 2 and "--symbol" in result.stderr


def test_a_symbol_that_the_text_does_not_have_is_refused() -> None:
    result = run("derive", "x**2", "--wrt", "x", "--symbol", r"t=\tau")
    assert result.exit_code == 2 and "the text has no t" in result.stderr


def test_verify_shows_evidence_and_ends_with_0() -> None:
    result = run("verify", "sigmoid")
    assert result.exit_code == 0 and "PASS" in result.stdout


def test_regenerate_check_of_one_formula_is_clean() -> None:
    result = run("regenerate", "sigmoid", "--check")
    assert result.exit_code == 0, result.stderr


def test_a_new_formula_in_a_wrong_place_is_refused() -> None:
    result = run("new", "chemistry/water")
    assert result.exit_code == 2 and "activations" in result.stderr


def test_verify_ends_with_1_when_a_check_fails_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    chapter = next(chapter for chapter, name in catalogue.places() if name == "sigmoid")
    path = f"records/{chapter}/sigmoid.json"
    content = (resources.PACKAGE / path).read_bytes()
    failed = Produced("sigmoid", chapter, (), {path: content}, ("kernel sigmoid: UNKNOWN: no point",))
    monkeypatch.setattr(build, "produce", lambda name: failed)
    result = run("verify", "sigmoid")
    assert result.exit_code == 1 and "sigmoid: kernel sigmoid: UNKNOWN" in result.stderr


def test_a_file_that_cannot_be_written_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> bool:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(build, "write", full)
    result = run("new", "activations/scratch")
    assert result.exit_code == 2 and "scratch.py: No space left on device" in result.stderr


def test_an_error_that_nobody_foresaw_ends_in_words_after_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ZeroDivisionError(name)

    monkeypatch.setattr(build, "produce", broken)
    result = run("verify", "sigmoid")
    assert result.exit_code == 2 and not result.stdout
    assert "ZeroDivisionError: sigmoid" in result.stderr and "report" in result.stderr


def test_a_port_that_is_taken_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "build", lambda progress: (tmp_path, False))
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 2 and f"port {port}" in result.stderr and "--port" in result.stderr


def test_check_ends_with_1_and_names_each_file_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    report = build.Report(changed=["records/a.json"], stray=["kernels/b.py"], problems=["a: undecided"])
    monkeypatch.setattr(build, "check", lambda names, progress, diff: report)
    result = run("regenerate", "--check")
    assert result.exit_code == 1 and not result.stdout
    lines = result.stderr.splitlines()
    assert lines[:3] == ["problem: a: undecided", "changed: records/a.json", "stray: kernels/b.py"]


def test_build_prints_where_the_site_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "build", lambda progress: (tmp_path, True))
    result = run("build")
    assert result.exit_code == 0 and result.stdout == f"{tmp_path}\n"
