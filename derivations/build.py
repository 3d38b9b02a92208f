"""Regenerate, check, build: the only module that writes generated files.

Producers return `{path: bytes}`; here bytes are compared with what lies on disk and written whole.  The cache
in build/cache says which formulas are unchanged; `check` never trusts it and builds everything anew.
"""

import difflib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from derivations import catalogue, resources
from derivations.api import formula
from derivations.errors import Error
from derivations.records import Produced, as_bytes, produce, record_path
from derivations.site_build import build_site

Progress = Callable[[str], None]
MARK = "make regenerate"  # every generated file says so in its first lines
INDEX = "kernels/index.json"
# folders below the package that hold generated files, with the ending of those files
GENERATED = (("records", ".json"), ("kernels", ".py"))
_HAND_WRITTEN = ("kernels/__init__.py",)
_LIBRARIES = ("sympy", "mpmath", "numpy", "jinja2")


@dataclass
class Report:
    """What a run found or did, by path below the package."""

    written: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    diff: str = ""

    @property
    def clean(self) -> bool:
        return not (self.changed or self.missing or self.stray or self.problems)

    def lines(self) -> Iterator[str]:
        """Each problem and each path, with what is to be said of it."""
        yield from (f"problem: {problem}" for problem in self.problems)
        for kind in ("changed", "missing", "stray", "removed", "written"):
            yield from (f"{kind}: {path}" for path in getattr(self, kind))


class Refused(Error):
    """What cannot be done here: nothing has been written."""


# ---- regenerate ------------------------------------------------------------------------------------------


def regenerate(names: Iterable[str] = (), progress: Progress = print) -> Report:
    """Make anew what has changed, write it, and remove what no formula makes any more."""
    _need_checkout()
    chosen = ids(names)
    cache = _read_cache()
    engine = engine_key()
    stale = [name for name in chosen if not _is_fresh(name, cache, engine)]
    report = Report()
    if stale:
        progress(f"{len(stale)} of {len(chosen)} formulas to derive and check")
    for produced in produced_files(stale, progress):
        report.problems += [f"{produced.id}: {problem}" for problem in produced.problems]
        if produced.draft:
            progress(f"  {produced.id} is a draft: checked, and not written")
        for path, content in produced.published.items():
            if write(resources.PACKAGE / path, content):
                report.written.append(path)
        if not produced.problems:
            cache[produced.id] = {
                "key": _formula_key(produced.id, produced.uses, engine),
                "uses": list(produced.uses),
                "files": {path: _hash(content) for path, content in produced.published.items()},
            }
    _finish(report, {name for name, known in cache.items() if not known["files"]})
    _write_cache({name: cache[name] for name in ids() if name in cache})
    return report


def _finish(report: Report, drafts: Collection[str]) -> None:
    """Files that belong to no formula any more, and the index over the kernels that are left."""
    for path in stray_files(drafts):
        if MARK in (resources.PACKAGE / path).read_text("utf-8")[:600]:
            (resources.PACKAGE / path).unlink()
            report.removed.append(path)
        else:
            # somebody's own file: it is named, never deleted
            report.stray.append(path)
    if write(resources.PACKAGE / INDEX, index()):
        report.written.append(INDEX)


def check(names: Iterable[str] = (), progress: Progress = print, diff: bool = False) -> Report:
    """Build everything anew, in memory, and compare bytes with what is committed."""
    chosen = ids(names)
    report = Report()
    entries: dict[str, bytes] = {}
    drafts: set[str] = set()
    for produced in produced_files(chosen, progress):
        report.problems += [f"{produced.id}: {problem}" for problem in produced.problems]
        entries |= produced.published
        drafts |= {produced.id} if produced.draft else set()
    if chosen == ids():
        entries[INDEX] = index(entries)
        report.stray += stray_files(drafts)
    for path, content in sorted(entries.items()):
        on_disk = resources.PACKAGE / path
        if not on_disk.is_file():
            report.missing.append(path)
        elif on_disk.read_bytes() != content:
            report.changed.append(path)
            if diff:
                report.diff += _unified(path, on_disk.read_text("utf-8"), content.decode("utf-8"))
    return report


def _unified(path: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"committed/{path}", f"derived/{path}"
    )
    return "".join(lines)


def produced_files(names: list[str], progress: Progress) -> Iterator[Produced]:
    """What each formula gives, in the order asked for; `progress` is told the name of each that is done."""
    for produced in _produced(names):
        progress(f"  {produced.id}")
        yield produced


def _produced(names: list[str]) -> Iterator[Produced]:
    """By as many processes as there are cores; a single formula is made sooner than a process starts."""
    workers = min(len(names), _cores())
    if workers <= 1:
        yield from map(produce, names)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(produce, names)


def _cores() -> int:
    """Those that this process may use: a container often has few of many."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ids(names: Iterable[str] = ()) -> list[str]:
    """The formulas of these ids or aliases, of all where none is named, in the order of the catalogue.

    Raises InputError for a name that the catalogue does not have.
    """
    wanted = {formula(name).id for name in names}
    return [name for _, name in catalogue.places() if not wanted or name in wanted]


def index(fresh: Mapping[str, bytes] | None = None) -> bytes:
    """All kernels by name, from the records."""
    rows: list[dict[str, Any]] = []
    for chapter, name in catalogue.places():
        path = record_path(chapter, name)
        content = (fresh or {}).get(path)
        if content is None:
            on_disk = resources.PACKAGE / path
            if not on_disk.is_file():
                continue
            content = on_disk.read_bytes()
        for kernel in json.loads(content)["kernels"]:
            row = {key: kernel[key] for key in ("name", "question", "variable", "signature")}
            rows.append({**row, "formula": name, "module": f"derivations.kernels.{chapter}.{name}"})
    return as_bytes({"generated": f"from all formulas by '{MARK}'; do not edit", "kernels": rows})


def stray_files(drafts: Collection[str] = ()) -> list[str]:
    """Files among the generated ones that belong to no formula, or to one that is a draft."""
    expected = {INDEX, *_HAND_WRITTEN}
    for chapter, name in catalogue.places():
        if name not in drafts:
            expected |= {f"{folder}/{chapter}/{name}{ending}" for folder, ending in GENERATED}
    found = []
    for folder, _ in GENERATED:
        for path in sorted((resources.PACKAGE / folder).rglob("*")):
            relative = path.relative_to(resources.PACKAGE).as_posix()
            if path.is_file() and "__pycache__" not in path.parts and relative not in expected:
                found.append(relative)
    return found


def write(path: Path, content: bytes) -> bool:
    """The file whole or not at all; False where these bytes are there already."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


# ---- what is unchanged -----------------------------------------------------------------------------------


def engine_key() -> str:
    """Hash of everything but formulas that a record depends on: the engine's sources, words, libraries."""
    digest = hashlib.sha256()
    for path in sorted(resources.PACKAGE.rglob("*")):
        relative = path.relative_to(resources.PACKAGE)
        if path.suffix not in (".py", ".toml", ".j2") or relative.parts[0] in ("records", "kernels"):
            continue
        if relative.parts[0] == "catalogue" and len(relative.parts) > 2:
            continue
        digest.update(relative.as_posix().encode())
        digest.update(path.read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library} {metadata.version(library)}".encode())
    return digest.hexdigest()


def _formula_key(name: str, uses: Iterable[str], engine: str) -> str | None:
    """Hash of what the files of a formula are made from; None where a formula that it used is gone."""
    digest = hashlib.sha256(engine.encode())
    chapters = {formula: chapter for chapter, formula in catalogue.places()}
    for each in (name, *sorted(uses)):
        if each not in chapters:
            return None
        digest.update(catalogue.source(chapters[each], each).read_bytes())
    return digest.hexdigest()


def _is_fresh(name: str, cache: Mapping[str, Any], engine: str) -> bool:
    known = cache.get(name)
    if known is None or known["key"] != _formula_key(name, known["uses"], engine):
        return False
    return all(
        (resources.PACKAGE / path).is_file() and _hash((resources.PACKAGE / path).read_bytes()) == expected
        for path, expected in known["files"].items()
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _cache_file(name: str) -> Path:
    return resources.output() / "cache" / name


def _read_cache() -> dict[str, Any]:
    try:
        found = json.loads(_cache_file("regenerate.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_cache(cache: Mapping[str, Any]) -> None:
    write(_cache_file("regenerate.json"), as_bytes(cache))


def _need_checkout() -> None:
    if resources.checkout() is None:
        raise Refused(
            "this writes the files of a checkout, and here is an installed package; "
            "clone the project, or derive your own formula with `derivations derive`"
        )


# ---- the site --------------------------------------------------------------------------------------------


def build(progress: Progress = print) -> tuple[Path, bool]:
    """The site in both languages, and whether it had to be built: nothing it shows may have changed."""
    output = resources.output() / "html"
    key = _site_key()
    stamp = _cache_file("site.txt")
    if output.is_dir() and stamp.is_file() and stamp.read_text("utf-8") == key:
        return output, False
    built = build_site(output, progress=progress)
    write(stamp, key.encode())
    return built, True


def _site_key() -> str:
    digest = hashlib.sha256(engine_key().encode())
    roots = [resources.templates(), resources.site(), resources.records(), resources.kernels()]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    digest.update(resources.shared("mkdocs.yml").read_bytes())
    return digest.hexdigest()


# ---- a new formula ---------------------------------------------------------------------------------------

_STARTER = '''"""{title}: say in one line what it is."""

from sympy import Eq, exp

from derivations.language import Derivative, Formula, Text, scalar

x = scalar("x", Text(en="input", zh="输入"))
f = scalar("f", Text(en="output", zh="输出"))

formula = Formula(
    name=Text(en="{title}"),
    summary=Text(en="What it is for, and when it fails."),
    define=[Eq(f, x * exp(-x))],
    ask=[Derivative(f, x)],
    draft=True,  # one language is enough, and the site leaves it out, until this line goes
)
'''


def new_formula(place: str) -> Path:
    """Write a first file for the formula `chapter/id` and return it; it loads as a draft and derives at once.

    Raises Refused where the place is taken or is none.
    """
    _need_checkout()
    chapter, _, name = place.partition("/")
    if not (chapter.isidentifier() and name.isidentifier() and place == place.lower()):
        raise Refused(f"{place!r} is no place for a formula; write chapter/id, such as activations/softplus")
    chapters = {id for id, _ in catalogue.chapters()}
    if chapter not in chapters:
        raise Refused(f"there is no chapter {chapter!r}; there are {', '.join(sorted(chapters))}")
    if name in chapters:
        raise Refused(f"{name!r} is a chapter, and no formula may have its id")
    path = catalogue.source(chapter, name)
    if path.exists() or any(name == known for _, known in catalogue.places()):
        raise Refused(f"the formula {name!r} exists already")
    write(path, _STARTER.format(title=name.replace("_", " ").capitalize()).encode("utf-8"))
    return path
