"""Words: each label in every language, and a missing one noticed where it is asked for."""

import pytest

from derivations import words
from derivations.words import LANGUAGES, Text, label, labels


def test_a_text_gives_its_words_by_language() -> None:
    text = Text(en="gradient", zh="梯度")
    assert [text[language] for language in LANGUAGES] == ["gradient", "梯度"]
    assert text.missing == ()


def test_a_draft_may_lack_a_language_and_says_which() -> None:
    assert Text(en="gradient").missing == ("zh",)
    assert Text(zh="梯度", en="  ").missing == ("en",)


def test_a_text_without_any_words_is_refused() -> None:
    with pytest.raises(ValueError, match="a text needs words"):
        Text(en=" ")


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no language 'fr'; there are en and zh"):
        _ = Text(en="a", zh="b")["fr"]


@pytest.mark.parametrize("key", labels())
def test_a_label_says_something_in_every_language(key: str) -> None:
    assert all(label(key, language).strip() == label(key, language) != "" for language in LANGUAGES)


@pytest.mark.parametrize("key", labels())
def test_both_languages_of_a_label_take_the_same_values(key: str) -> None:
    text = labels()[key]
    assert sorted(fields(text.en)) == sorted(fields(text.zh))


def fields(words_of_a_label: str) -> set[str]:
    return {part.split("}")[0] for part in words_of_a_label.split("{")[1:]}


def test_values_are_put_into_a_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "labels", lambda: {"steps": Text(en="{count} steps", zh="{count} 步")})
    assert label("steps", "zh", count=6) == "6 步"
    assert label("steps", "en") == "{count} steps"


def test_an_unknown_label_is_named() -> None:
    with pytest.raises(KeyError, match=r"words\.toml has no label 'page\.nowhere'"):
        label("page.nowhere", "en")


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"a": {"en": "x"}}, "a needs en and zh, and has en"),
        ({"a": {"en": "x", "zh": " "}}, "a says nothing in zh"),
        ({"a": {"b": "x"}}, "a.b must be a table"),
    ],
)
def test_an_incomplete_row_is_refused(table: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        words._flatten("", table)
