"""Forms of output of a derivation: one file each, found by lying here and asked for by its name.

A file has `printed(found, language)`, which shows what the derivation holds and computes nothing.
"""

from importlib import import_module
from typing import Any, Protocol

from derivations import resources
from derivations.steps import Derivation


class Recorded(Protocol):
    """Evidence, as far as a form shows it."""

    def record(self) -> dict[str, Any]: ...


class Shown(Protocol):
    """What a form may show: the derivation, and what its owner knows of the result."""

    @property
    def derivation(self) -> Derivation: ...

    @property
    def evidence(self) -> Recorded: ...

    @property
    def matrix(self) -> str | None: ...

    @property
    def shape(self) -> tuple[str | int, ...]: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def conditions(self) -> tuple[str, ...]: ...


def forms() -> tuple[str, ...]:
    return resources.members("printers", "forms")


def printed(found: Shown, form: str, language: str = "en") -> str:
    text: str = import_module(f"{__name__}.{form}").printed(found, language)
    return text
