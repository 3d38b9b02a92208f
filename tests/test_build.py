"""Generated files: what is changed, missing or stray is named; nobody's own file is touched."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from derivations import build, catalogue, resources
from derivations.records import Produced

ONE = "sigmoid"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the generated files, and a producer that gives the committed bytes without deriving."""
    original = resources.PACKAGE
    for folder, _ in build.GENERATED:
        shutil.copytree(original / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(build.resources, "PACKAGE", tmp_path)
    monkeypatch.setattr(build.resources, "checkout", lambda: tmp_path)
    monkeypatch.setattr(build.resources, "records", lambda: tmp_path / "records")
    monkeypatch.setattr(build.resources, "output", lambda: tmp_path / "build")

    def committed(names: list[str], progress: build.Progress) -> Iterable[Produced]:
        chapters = {name: chapter for chapter, name in catalogue.places()}
        for name in names:
            paths = [f"{f}/{chapters[name]}/{name}{ending}" for f, ending in build.GENERATED]
            files = {path: (original / path).read_bytes() for path in paths}
            yield Produced(name, chapters[name], (), files, ())

    monkeypatch.setattr(build, "produced_files", committed)
    monkeypatch.setattr(build, "engine_key", lambda: "engine")
    return tmp_path


def quiet(line: str) -> None:
    assert line


def record(package: Path) -> Path:
    chapter = {name: chapter for chapter, name in catalogue.places()}[ONE]
    return package / "records" / chapter / f"{ONE}.json"


def test_untouched_files_are_clean(package: Path) -> None:
    assert build.check(progress=quiet).clean


def test_a_file_changed_by_hand_is_named_and_shown(package: Path) -> None:
    path = record(package)
    path.write_text(path.read_text("utf-8").replace('"id"', '"ID"', 1), "utf-8")
    report = build.check(progress=quiet, diff=True)
    assert report.changed == [path.relative_to(package).as_posix()]
    assert '-"ID"' in report.diff.replace("- ", "-") and not report.clean


def test_a_missing_file_is_named(package: Path) -> None:
    path = record(package)
    path.unlink()
    assert build.check(progress=quiet).missing == [path.relative_to(package).as_posix()]


def test_a_stray_file_is_named(package: Path) -> None:
    (package / "kernels" / "notes.txt").write_text("mine", "utf-8")
    assert build.check(progress=quiet).stray == ["kernels/notes.txt"]


def test_regenerate_completes_and_is_idempotent(package: Path) -> None:
    path = record(package)
    path.unlink()
    assert build.regenerate(progress=quiet).written == [path.relative_to(package).as_posix()]
    again = build.regenerate(progress=quiet)
    assert again.clean and not again.written


def test_regenerate_removes_what_it_made_and_keeps_what_it_did_not(package: Path) -> None:
    gone = package / "records" / "activations" / "renamed.json"
    gone.write_bytes(record(package).read_bytes())
    own = package / "kernels" / "notes.txt"
    own.write_text("mine", "utf-8")
    report = build.regenerate(progress=quiet)
    assert report.removed == ["records/activations/renamed.json"] and not gone.exists()
    assert report.stray == ["kernels/notes.txt"] and own.read_text("utf-8") == "mine"


def test_a_draft_leaves_nothing_behind(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    producer = build.produced_files

    def drafted(names: list[str], progress: build.Progress) -> Iterator[Produced]:
        yield from (replace(made, draft=made.id == ONE) for made in producer(names, progress))

    monkeypatch.setattr(build, "produced_files", drafted)
    path = record(package)
    kernels = path.relative_to(package / "records").with_suffix(".py").as_posix()
    files = [path.relative_to(package).as_posix(), f"kernels/{kernels}"]
    assert build.check(progress=quiet).stray == files
    assert build.regenerate(progress=quiet).removed == files
    assert not path.exists() and f'"{ONE}"' not in (package / build.INDEX).read_text("utf-8")
    again = build.regenerate(progress=quiet)
    assert again.clean and not again.written and not again.removed
    assert build.check(progress=quiet).clean


def test_a_changed_formula_is_stale_and_an_unchanged_one_is_not(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.regenerate(progress=quiet)
    derived: list[str] = []
    producer = build.produced_files

    def counted(names: list[str], progress: build.Progress) -> Iterator[Produced]:
        derived.extend(names)
        yield from producer(names, progress)

    monkeypatch.setattr(build, "produced_files", counted)
    build.regenerate(progress=quiet)
    assert not derived
    monkeypatch.setattr(build, "engine_key", lambda: "another engine")
    build.regenerate(progress=quiet)
    assert derived == build.ids()


def test_a_run_that_is_killed_leaves_only_whole_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        build.write(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_writing_the_same_bytes_writes_nothing(tmp_path: Path) -> None:
    assert build.write(tmp_path / "a" / "file", b"bytes")
    assert not build.write(tmp_path / "a" / "file", b"bytes")


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("softplus", "no place for a formula"),
        ("../escape/x", "no place for a formula"),
        ("chemistry/water", "no chapter 'chemistry'"),
        ("losses/activations", "is a chapter"),
        ("losses/sigmoid", "exists already"),
    ],
)
def test_a_new_formula_needs_a_free_place(place: str, reason: str) -> None:
    with pytest.raises(build.Refused, match=reason):
        build.new_formula(place)


def test_a_draft_is_checked_and_not_written(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = record(package)
    path.unlink()
    producer = build.produced_files

    def drafts(names: list[str], progress: build.Progress) -> Iterator[Produced]:
        for produced in producer(names, progress):
            yield replace(produced, draft=True)

    monkeypatch.setattr(build, "produced_files", drafts)
    said: list[str] = []
    build.regenerate([ONE], progress=said.append)
    assert not path.exists() and any("draft" in line for line in said)
    assert build.check([ONE], progress=quiet).clean
