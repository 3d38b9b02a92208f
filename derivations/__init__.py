"""One definition of a deep-learning formula, and by machine everything that follows from it.

Public names are fetched when they are first used: importing a kernel passes through this file, and a kernel
must cost an import of NumPy and nothing more, while the engine behind these names brings in SymPy. The names
are those of `derivations.api`. No module of the package may share one: importing that module would hide it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derivations.api import (
        Derivation,
        Error,
        InputError,
        InternalMistake,
        Unsupported,
        derive,
        formula,
        formulas,
        gradients,
    )

__version__ = "0.1.0"

__all__ = [
    "Derivation",
    "Error",
    "InputError",
    "InternalMistake",
    "Unsupported",
    "derive",
    "formula",
    "formulas",
    "gradients",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        value = getattr(import_module("derivations.api"), name)
        globals()[name] = value
        return value
    if name == "kernels":
        return import_module("derivations.kernels")
    raise AttributeError(f"module 'derivations' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__", "kernels"])
