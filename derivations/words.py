"""Words in two languages: the pair that an author writes, and the labels of the interface.

Every sentence that a reader sees exists in each language, side by side, so that neither can be forgotten when
the other changes. Authors' sentences are `Text` values in the code; labels of pages, printers and messages
are rows of words.toml, since whoever corrects a translation should not have to read Python.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Text:
    """One sentence or name in each language; `text["zh"]` is the Chinese one.

    One language may be missing, because a draft has only one; whoever publishes asks `missing` and can say
    which formula and symbol it belongs to, which this class could not.
    """

    en: str = ""
    zh: str = ""

    def __post_init__(self) -> None:
        if not self.en.strip() and not self.zh.strip():
            raise ValueError('a text needs words: Text(en="...", zh="...")')

    def __getitem__(self, language: str) -> str:
        check_language(language)
        words: str = getattr(self, language)
        return words

    @property
    def missing(self) -> tuple[str, ...]:
        """The languages in which this text says nothing."""
        return tuple(language for language in LANGUAGES if not self[language].strip())


def check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise ValueError(f"no language {language!r}; there are {' and '.join(LANGUAGES)}")


@cache
def labels() -> Mapping[str, Text]:
    """All labels of the interface by dotted key, as words.toml has them."""
    with (Path(__file__).parent / "words.toml").open("rb") as file:
        return MappingProxyType(dict(_flatten("", tomllib.load(file))))


def label(key: str, language: str, **values: object) -> str:
    """The words for `key`, with `{name}` replaced where values are given.

    Without values the text is returned as it stands, so that a label may hold the braces of LaTeX.
    """
    try:
        text = labels()[key]
    except KeyError:
        raise KeyError(f"words.toml has no label {key!r}") from None
    words = text[language]
    return words.format(**values) if values else words


def _flatten(prefix: str, table: Mapping[str, object]) -> list[tuple[str, Text]]:
    rows: list[tuple[str, Text]] = []
    for name, entry in table.items():
        key = f"{prefix}{name}"
        if not isinstance(entry, dict):
            raise ValueError(f"words.toml: {key} must be a table or {{ en = ..., zh = ... }}, not {entry!r}")
        if set(entry) == set(LANGUAGES):
            text = Text(**entry)
            if text.missing:
                raise ValueError(f"words.toml: {key} says nothing in {', '.join(text.missing)}")
            rows.append((key, text))
        elif set(entry) & set(LANGUAGES):
            raise ValueError(f"words.toml: {key} needs {' and '.join(LANGUAGES)}, and has {', '.join(entry)}")
        else:
            rows += _flatten(f"{key}.", entry)
    return rows
