"""Backends: one file each, found by lying here; whoever asks for code gives the name of the file.

A file has `module(kernels)`, the text of a module with these kernels. It may use what `codegen` makes before
any spelling is chosen (stable terms, the graph of operations, the schedule) or start from the terms.
"""

from collections.abc import Sequence
from importlib import import_module

from derivations import resources
from derivations.codegen.function import Kernel


def backends() -> tuple[str, ...]:
    return resources.members("codegen", "backends")


def module(backend: str, kernels: Sequence[Kernel]) -> str:
    """These kernels as a module of the backend."""
    if backend not in backends():
        raise ValueError(f"no backend {backend!r}; there is {', '.join(backends())}")
    text: str = import_module(f"{__name__}.{backend}").module(kernels)
    return text
