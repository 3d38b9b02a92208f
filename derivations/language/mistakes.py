"""Mistakes of an author, said so that the file can be mended without reading the engine.

Each has three parts: what is wrong, where it stands and what to write instead. The place is not known where a
mistake is found (an operator knows neither file nor formula), so it is added on the way out, innermost first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from derivations.errors import Error


class AuthorError(Error):
    """`what` is wrong, `where` it stands, `instead` what would be right."""

    def __init__(self, what: str, instead: str, where: tuple[str, ...] = ()) -> None:
        super().__init__(what, instead, where)
        self.what = what
        self.instead = instead
        self.where = where

    def __str__(self) -> str:
        place = ", ".join(self.where)
        return f"{place}: {self.what}. {self.instead}" if place else f"{self.what}. {self.instead}"

    def at(self, place: str) -> "AuthorError":
        """The same mistake with one more place, the wider one in front."""
        return AuthorError(self.what, self.instead, (place, *self.where))


@contextmanager
def within(place: str) -> Iterator[None]:
    """Mistakes that leave the block carry this place."""
    try:
        yield
    except AuthorError as error:
        raise error.at(place) from error.__cause__


@dataclass(frozen=True)
class File:
    """The catalogue file that is being imported."""

    chapter: str
    id: str
    path: str


_imported: ContextVar[tuple[File, ...]] = ContextVar("imported", default=())


def files_being_imported() -> tuple[File, ...]:
    """The files whose import has begun and not ended, the innermost last."""
    return _imported.get()


@contextmanager
def importing(file: File) -> Iterator[None]:
    """Whatever formula is made in the block belongs to this file."""
    token = _imported.set((*_imported.get(), file))
    try:
        yield
    finally:
        _imported.reset(token)
