"""What README and CONTRIBUTING tell people to type is what the project has, and it works."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

from derivations.__main__ import main

README = (ROOT / "README.md").read_text("utf-8")
TEXT = README + (ROOT / "CONTRIBUTING.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python" and text.startswith(("import", "from"))]
# Comments, the prompt and what goes to a file are not part of a command; `<formula>` stands for any id.
COMMANDS = sorted(
    {
        line.removeprefix("$ ").split("  #")[0].split(" > ")[0].strip()
        for line in re.findall(r"(?:^|`)((?:\$ )?derivations [^`\n]+)", TEXT, re.MULTILINE)
        if "<" not in line and "..." not in line
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works_as_written(command: str) -> None:
    name, *arguments = shlex.split(command)
    assert name == "derivations"
    # What rewrites the checkout is only asked whether it would understand.
    asked = [*arguments, "--help"] if arguments[0] == "regenerate" else arguments
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    assert done.output


def test_there_are_commands_of_all_four_uses() -> None:
    assert {shlex.split(command)[1] for command in COMMANDS} >= {"show", "derive", "regenerate", "code"}


@pytest.mark.parametrize("text", PYTHON)
def test_python_works_as_written(text: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = re.findall(r"print\(.*\)  # (.*)", text)
    assert done.stdout.split("\n")[: len(printed)] == printed


def test_every_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", TEXT, re.MULTILINE))
    assert named
    assert named <= targets


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:derivations|tests|site)/[\w/]+\.\w+)`", TEXT))
    named |= set(re.findall(r"\]\((?!http)([^)]+)\)", README))
    assert named
    assert {name for name in named if not (ROOT / name).is_file()} == set()
