"""The catalogue: how its files are imported, found and loaded, one at a time.

SymPy would reorder and multiply out what an author wrote, so every file below this package is executed
with SymPy's evaluation off, whoever imports it. Importing this package puts the hook in place, and Python
imports a package before anything inside it, so no file can slip past.
"""

import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

from sympy import evaluate

from derivations.language import AuthorError, Formula, Text
from derivations.language.mistakes import File, files_being_imported, importing

_HERE = Path(__file__).parent


class _AsWritten(SourceFileLoader):
    """Executes a file of the catalogue without SymPy's evaluation."""

    def exec_module(self, module: ModuleType) -> None:
        chapter, _, name = module.__name__.removeprefix(f"{__name__}.").partition(".")
        # the path as in the project: where it lies on this machine is nobody's business
        file = File(chapter, name, "/".join((*__name__.split("."), chapter, f"{name or '__init__'}.py")))
        with importing(file), evaluate(False):
            try:
                super().exec_module(module)
            except ImportError as error:
                circle = _circle(error)
                if circle:
                    raise circle from error
                raise
            except AuthorError as error:
                # what is wrong with a symbol shows before there is a formula that could say where
                if file.path in error.where:
                    raise
                raise error.at(file.path) from error


def _circle(error: ImportError) -> AuthorError | None:
    """The mistake behind an import that meets a file whose import has not ended."""
    files = files_being_imported()
    names = [f"{__name__}.{file.chapter}.{file.id}" for file in files]
    if error.name not in names or "partially initialized" not in str(error):
        return None
    path = [file.id for file in files[names.index(error.name) :]]
    return AuthorError(
        f"the formulas use each other in a circle: {' uses '.join([*path, path[0]])}",
        "Let one of them state its definition itself.",
        (files[-1].path, f"formula {files[-1].id}"),
    )


class _Finder:
    """Finds the files of the catalogue before Python's own finder does."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{__name__}."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader and spec.origin is not None:
            spec.loader = _AsWritten(fullname, spec.origin)
        return spec


if not any(finder is _Finder for finder in sys.meta_path):
    sys.meta_path.insert(0, _Finder)


# ---- finding -----------------------------------------------------------------------------------------------


@cache
def chapters() -> tuple[tuple[str, Text], ...]:
    """Ids and titles of the chapters, in their order."""
    found = []
    for folder in sorted(path.parent for path in _HERE.glob("*/__init__.py")):
        module = import_module(f"{__name__}.{folder.name}")
        found.append((module.order, folder.name, module.title))
    return tuple((name, title) for _, name, title in sorted(found, key=lambda row: row[:2]))


@cache
def places() -> tuple[tuple[str, str], ...]:
    """(chapter, id) of every formula, by chapter order and then id; no formula is imported."""
    return tuple(
        (chapter, path.stem)
        for chapter, _ in chapters()
        for path in sorted((_HERE / chapter).glob("*.py"))
        if path.stem != "__init__"
    )


def source(chapter: str, name: str) -> Path:
    """The file of a formula."""
    return _HERE / chapter / f"{name}.py"


def load(name: str) -> Formula:
    """The formula with this id or alias; for an id, only its file and those it uses are imported."""
    for chapter, found in places():
        if found == name:
            return _formula(chapter, found)
    for formula in discover():
        if name in formula.aliases:
            return formula
    raise KeyError(name)


def discover() -> tuple[Formula, ...]:
    """All formulas, by chapter order and then id."""
    return tuple(_formula(chapter, name) for chapter, name in places())


def _formula(chapter: str, name: str) -> Formula:
    module = import_module(f"{__name__}.{chapter}.{name}")
    formula = getattr(module, "formula", None)
    if not isinstance(formula, Formula):
        raise AuthorError(
            "the file has no formula",
            "Write formula = Formula(...).",
            (f"{__name__.replace('.', '/')}/{chapter}/{name}.py",),
        )
    return formula
