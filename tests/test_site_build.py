"""The built site as files: whole or not at all, the same bytes each time, no link that leads nowhere."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

pytest.importorskip("mkdocs", reason="the extra 'site' is not installed")

from derivations import resources, site_build
from derivations.site_build import SiteError, build_site
from derivations.words import LANGUAGES


class Links(HTMLParser):
    """What a page links to, what it loads, and the places in it that can be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") not in ("canonical", "prev", "next"):
            self.loads.append(values.get("href", ""))
        elif "src" in values:
            self.loads.append(values["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("build") / "html", progress=lambda message: None)


@pytest.fixture(scope="module")
def parsed(site: Path) -> dict[Path, Links]:
    found = {}
    for file in sorted(site.rglob("*.html")):
        if file.name != "404.html":
            found[file] = Links()
            found[file].feed(file.read_text("utf-8"))
    return found


def test_every_link_inside_the_site_leads_to_a_place(parsed: dict[Path, Links]) -> None:
    lost = []
    for file, page in parsed.items():
        for link in page.links:
            if re.match(r"https?:|mailto:|javascript:", link):
                continue
            address, place = urldefrag(unquote(link))
            target = (file.parent / address).resolve() if address else file
            if target.is_dir():
                target /= "index.html"
            if not target.is_file() or (place and target in parsed and place not in parsed[target].ids):
                lost.append(f"{file}: {link}")
    assert not lost, "\n".join(lost)


def test_nothing_is_loaded_from_another_host(site: Path, parsed: dict[Path, Links]) -> None:
    for file, page in parsed.items():
        assert [load for load in page.loads if re.match(r"(https?:)?//", load)] == [], file
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", style.read_text("utf-8")), style


def test_records_are_published_as_they_are_committed(site: Path) -> None:
    for language in LANGUAGES:
        for source in sorted(resources.records().rglob("*.json")):
            published = site / language / "records" / source.relative_to(resources.records())
            assert json.loads(published.read_text("utf-8")) == json.loads(source.read_text("utf-8"))


def test_kernels_are_published_byte_for_byte(site: Path) -> None:
    for source in sorted(resources.kernels().glob("*/*.py")):
        published = site / "en" / "kernels" / source.relative_to(resources.kernels())
        if source.stem != "__init__":
            assert published.read_bytes() == source.read_bytes()


def test_other_languages_in_the_sitemap_exist(site: Path) -> None:
    for language in LANGUAGES:
        text = (site / language / "sitemap.xml").read_text("utf-8")
        addresses = re.findall(r'hreflang="[\w-]+" href="https?://[^/]+/([^"]*)"', text)
        assert len(addresses) == len(LANGUAGES) * len(re.findall("<loc>", text)) > 0
        assert [a for a in addresses if not (site / a / "index.html").is_file()] == []
        assert not (site / language / "sitemap.xml.gz").exists()


def test_a_second_build_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    again = build_site(tmp_path / "html", progress=lambda message: None)
    files = {file.relative_to(site): file.read_bytes() for file in site.rglob("*") if file.is_file()}
    other = {file.relative_to(again): file.read_bytes() for file in again.rglob("*") if file.is_file()}
    assert sorted(files) == sorted(other)
    assert [path for path in files if files[path] != other[path]] == []


def test_a_failed_build_leaves_the_old_site_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "html"
    output.mkdir()
    (output / "index.html").write_text("old", "utf-8")

    def fails(language: str, output: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", "print('a page is broken'); raise SystemExit(1)"],
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    monkeypatch.setattr(site_build, "_start", fails)
    with pytest.raises(SiteError, match="MkDocs failed for en:\na page is broken"):
        build_site(output, progress=lambda message: None)
    assert [path.name for path in tmp_path.iterdir()] == ["html"]
    assert (output / "index.html").read_text("utf-8") == "old"


def test_a_new_site_takes_the_place_of_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "html"
    (output / "en").mkdir(parents=True)
    (output / "en" / "stale.html").write_text("old", "utf-8")

    def succeeds(language: str, output: Path) -> subprocess.Popen[str]:
        output.mkdir()
        (output / "index.html").write_text(language, "utf-8")
        return subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE, encoding="utf-8")

    monkeypatch.setattr(site_build, "_start", succeeds)
    build_site(output, progress=lambda message: None)
    assert (output / "zh" / "index.html").read_text("utf-8") == "zh"
    assert not (output / "en" / "stale.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["html"]


def test_the_lock_file_names_no_registry() -> None:
    lock = (resources.site() / "package-lock.json").read_text("utf-8")
    assert "resolved" not in lock and "registry" not in lock
    wanted = json.loads((resources.site() / "package.json").read_text("utf-8"))["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_without_the_extra_the_site_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derivations.site_build.find_spec", lambda name: None)
    with pytest.raises(SiteError, match=r"pip install 'derivations\[site\]'"):
        build_site(progress=lambda message: None)
