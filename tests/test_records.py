"""Records: complete, small, in both languages, without anything that differs between machines."""

import json
import re
from pathlib import Path

import pytest

from derivations import catalogue, resources
from derivations.records import as_bytes, overview

PATHS = [resources.records() / chapter / f"{name}.json" for chapter, name in catalogue.places()]
paths = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
CHINESE = re.compile(r"[一-鿿]")


@paths
def test_a_record_has_at_most_40_kilobytes(path: Path) -> None:
    assert path.stat().st_size <= 40 * 1024


@paths
def test_a_record_is_written_as_we_write_json(path: Path) -> None:
    assert as_bytes(json.loads(path.read_text("utf-8"))) == path.read_bytes()


@paths
def test_nothing_in_a_record_is_undecided(path: Path) -> None:
    record = json.loads(path.read_text("utf-8"))
    evidence = [row["evidence"] for kind in ("derivations", "kernels") for row in record[kind]]
    assert {e["verdict"] for e in evidence} == {"PASS"}
    for claim in record["claims"]:
        assert claim["verdict"] in ("proved", "checked", "refuted", "stated")
        assert (claim["verdict"] == "refuted") == (claim["counterexample"] is not None), claim["id"]


@paths
def test_every_text_has_both_languages(path: Path) -> None:
    def walk(value: object) -> None:
        if isinstance(value, dict):
            if "en" in value or "zh" in value:
                assert set(value) == {"en", "zh"} and value["en"].strip() and value["zh"].strip()
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    record = json.loads(path.read_text("utf-8"))
    walk(record)
    for place in ("name", "summary"):
        assert CHINESE.search(record[place]["zh"]) and not CHINESE.search(record[place]["en"])


@paths
def test_a_record_holds_no_path_date_or_version(path: Path) -> None:
    text = path.read_text("utf-8")
    for name in ("/home/", "/root/", "/tmp/", "\\\\Users", str(resources.PACKAGE)):
        assert name not in text
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text)


@paths
def test_every_earlier_chain_stands_in_an_earlier_derivation(path: Path) -> None:
    shown: set[tuple[str, str]] = set()
    for derivation in json.loads(path.read_text("utf-8"))["derivations"]:
        for reference in derivation["earlier"]:
            assert (reference["derivation"], reference["chain"]) in shown
        shown.update((derivation["id"], chain["id"]) for chain in derivation["chains"])


def test_the_overview_has_a_row_for_every_record() -> None:
    assert [row["id"] for row in overview()] == [path.stem for path in PATHS]
