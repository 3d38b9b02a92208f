"""Backends: one file each, found by lying here; whoever asks for code gives the name of the file.

A file has `module(kernels)`, the text of a module with these kernels. It may use what `codegen` makes before
any spelling is chosen (stable terms, the graph of operations, the schedule) or start from the terms. A file
with `PULLBACKS = True` is also given the VJP of a value for each input, where there is one.
"""

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from derivations import resources
from derivations.codegen.function import Kernel


def backends() -> tuple[str, ...]:
    return resources.members("codegen", "backends")


def _file(backend: str) -> ModuleType:
    if backend not in backends():
        raise ValueError(f"no backend {backend!r}; there is {', '.join(backends())}")
    return import_module(f"{__name__}.{backend}")


def module(backend: str, kernels: Sequence[Kernel]) -> str:
    """These kernels as a module of the backend."""
    text: str = _file(backend).module(kernels)
    return text


def takes_pullbacks(backend: str) -> bool:
    return bool(getattr(_file(backend), "PULLBACKS", False))
