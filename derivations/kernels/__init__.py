"""All generated kernels by name: `from derivations.kernels import softmax`.

A name is looked up in `index.json` when it is first used, and only the file that holds it is imported: that
costs an import of NumPy and nothing more.  The files below this folder are generated; each can be copied out.
"""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_INDEX = Path(__file__).with_name("index.json")


@cache
def _modules() -> dict[str, str]:
    """Module by name of the kernel."""
    return {row["name"]: row["module"] for row in index()}


def index() -> list[dict[str, str]]:
    """One row for each kernel: name, formula, question, variable, signature and module."""
    if not _INDEX.is_file():
        return []  # before the first `make regenerate`
    rows: list[dict[str, str]] = json.loads(_INDEX.read_text(encoding="utf-8"))["kernels"]
    return rows


def __getattr__(name: str) -> Any:
    module = _modules().get(name)
    if module is None:
        raise AttributeError(f"there is no kernel {name!r}; derivations.kernels.index() lists all")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*_modules(), "index"])
