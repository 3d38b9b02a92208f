"""The built site in a browser: what readers of both languages see, with and without JavaScript.

The site is built once and served below a path, as a host of project pages would. Every page is visited at the
width of a telephone; what is found there is kept, and each test asks one question of it.
"""

import functools
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from derivations.site_build import build_site
from derivations.words import LANGUAGES, label

sync_api = pytest.importorskip("playwright.sync_api", reason="the extra 'test' is not installed")
pytestmark = pytest.mark.browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TAGS = {"en": "en", "zh": "zh-Hans"}
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

LOOK = (ROOT / "tests" / "data" / "look.js").read_text("utf-8")
FAINT = (ROOT / "tests" / "data" / "faint.js").read_text("utf-8")


@dataclass
class Visit:
    """One page as the browser found it, with what it asked for and what it complained about."""

    path: str
    seen: dict[str, Any]
    messages: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, in a folder below the one that is served."""
    return build_site(tmp_path_factory.mktemp("host") / "some" / "path", progress=lambda message: None)


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

    handler = functools.partial(Quiet, directory=str(site.parent.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/some/path/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    contexts = []

    def open_page(url: str, **options: Any) -> Any:
        contexts.append(browser.new_context(**{"viewport": DESKTOP, **options}))
        page = contexts[-1].new_page()
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def paths(site: Path, language: str) -> list[str]:
    """Every page of a language, as an address below it."""
    root = site / language
    return sorted(
        f"{file.parent.relative_to(root).as_posix()}/".removeprefix("./")
        for file in root.rglob("index.html")
        if 'http-equiv="refresh"' not in file.read_text("utf-8")
    )


def formulas(site: Path) -> list[str]:
    return sorted(
        file.relative_to(site / "en" / "records").with_suffix("").as_posix() + "/"
        for file in (site / "en" / "records").rglob("*.json")
    )


@pytest.fixture(scope="module")
def visits(site: Path, address: str, browser: Any) -> dict[str, list[Visit]]:
    """Every page of both languages, at the width of a telephone."""
    return {
        language: [visit(browser, address, f"{language}/{path}") for path in paths(site, language)]
        for language in LANGUAGES
    }


def visit(browser: Any, address: str, path: str) -> Visit:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    found = Visit(path, {})
    page.on("console", lambda message: found.messages.append(message.text))
    page.on("pageerror", lambda error: found.messages.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(address) else found.foreign.append(r.url))
    page.on("response", lambda r: found.failed.append(r.url) if r.status >= 400 else None)
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    found.seen = page.evaluate(LOOK)
    context.close()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_complain_about_nothing_and_ask_no_other_host(
    visits: dict[str, list[Visit]], language: str
) -> None:
    assert len(visits[language]) > 5
    for visit in visits[language]:
        assert (visit.messages, visit.foreign, visit.failed) == ([], [], []), visit.path
        assert visit.seen["language"] == TAGS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_maths_is_set_and_nothing_raw_is_left(visits: dict[str, list[Visit]], language: str) -> None:
    for visit in visits[language]:
        assert (visit.seen["unset"], visit.seen["errors"], visit.seen["raw"]) == (0, 0, []), visit.path


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wider_than_a_telephone(visits: dict[str, list[Visit]], language: str) -> None:
    for visit in visits[language]:
        assert visit.seen["width"] <= PHONE["width"], visit.path
        assert visit.seen["outside"] == [], visit.path


def test_both_languages_show_the_same_maths_steps_and_headings(visits: dict[str, list[Visit]]) -> None:
    for en, zh in zip(visits["en"], visits["zh"], strict=True):
        for key in ("steps", "headings", "displays"):
            assert en.seen[key] == zh.seen[key], en.path


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_javascript_a_formula_page_can_be_read(
    site: Path, address: str, open_page: Callable[..., Any], language: str
) -> None:
    for path in formulas(site):
        page = open_page(f"{address}{language}/{path}", java_script_enabled=False)
        for selector in (
            ".definition .katex",
            "#symbols + * .katex, .md-typeset table .katex",
            "li.step .formula .katex",
        ):
            assert page.locator(selector).first.is_visible(), (path, selector)
        assert page.locator("li.step:visible").count() == page.locator("li.step").count() > 0
        page.context.close()


def test_the_language_switch_keeps_page_and_place(
    site: Path, address: str, open_page: Callable[..., Any]
) -> None:
    for path in formulas(site)[:3]:
        page = open_page(f"{address}en/{path}#derivation")
        for language in ("zh", "en"):
            page.locator(".md-header .md-select").hover()
            page.locator(f'.md-header .md-select__link[hreflang="{TAGS[language]}"]').click()
            page.wait_for_url(f"{address}{language}/{path}#derivation")
            assert page.locator("html").get_attribute("lang") == TAGS[language]
        page.context.close()


@pytest.mark.parametrize(
    ("language", "query"),
    [("en", "softmax"), ("zh", "softmax"), ("zh", "梯度"), ("zh", "导数"), ("en", "gradient")],
)
def test_the_search_of_a_language_finds_its_own_pages(
    address: str, open_page: Callable[..., Any], language: str, query: str
) -> None:
    page = open_page(f"{address}{language}/")
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").fill(query)
    # Filling in gives no key event, and the search waits for one.
    page.keyboard.press("End")
    links = page.locator(".md-search-result__link")
    links.first.wait_for()
    found = [links.nth(k).get_attribute("href") for k in range(links.count())]
    assert found and all(
        f"/{language}/" in str(page.evaluate("h => new URL(h, location).href", h)) for h in found
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_text_stands_out_from_what_is_behind_it(
    site: Path, address: str, open_page: Callable[..., Any], language: str, scheme: str
) -> None:
    for path in ["", "rules/", "errata/", "conventions/", "start/", *formulas(site)[-2:]]:
        page = open_page(f"{address}{language}/{path}", color_scheme=scheme)
        expected = "slate" if scheme == "dark" else "default"
        assert page.locator("body").get_attribute("data-md-color-scheme") == expected
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.wait_for_timeout(300)
        assert page.evaluate(FAINT) == [], path
        page.context.close()


def test_a_formula_is_copied_as_the_page_says(
    site: Path, address: str, open_page: Callable[..., Any]
) -> None:
    page = open_page(f"{address}zh/{formulas(site)[0]}", permissions=["clipboard-read", "clipboard-write"])
    for selector in (".definition .formula", "li.step .formula"):
        box = page.locator(selector).first
        box.hover()
        assert box.locator(".copy-tex").get_attribute("title") == label("site.copy", "zh")
        box.locator(".copy-tex").click()
        box.locator(".copy-tex.copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == box.get_attribute("data-copy")


def test_a_former_name_leads_to_the_page_of_today(
    site: Path, address: str, open_page: Callable[..., Any]
) -> None:
    for file in sorted((site / "zh" / "records").rglob("*.json")):
        record = json.loads(file.read_text("utf-8"))
        for alias in record["aliases"][:1]:
            page = open_page(f"{address}zh/{record['chapter']}/{alias}/#results")
            page.wait_for_url(f"{address}zh/{record['chapter']}/{record['id']}/#results")
            page.context.close()


def test_a_step_unfolds_to_its_parts(site: Path, address: str, open_page: Callable[..., Any]) -> None:
    for path in formulas(site):
        page = open_page(f"{address}en/{path}")
        folded = page.locator("details.parts")
        if folded.count():
            assert not folded.first.locator(".part").first.is_visible()
            folded.first.locator("summary").click()
            assert folded.first.locator(".part .katex").first.is_visible()
            return
        page.context.close()
    pytest.fail("no step of any formula can be unfolded")


def test_pages_can_be_read_from_files(site: Path, open_page: Callable[..., Any]) -> None:
    page = open_page((site / "index.html").as_uri(), locale="zh-CN")
    page.wait_for_url((site / "zh" / "index.html").as_uri())
    foreign: list[str] = []
    page.on("request", lambda r: None if r.url.startswith("file:") else foreign.append(r.url))
    chapter, name = formulas(site)[0].strip("/").split("/")
    page.locator(f'article a[href*="{chapter}/{name}"]').first.click()
    page.wait_for_url((site / "zh" / chapter / name / "index.html").as_uri())
    assert page.locator(".definition .katex").first.is_visible()
    assert foreign == []


def test_the_root_leads_to_the_language_of_the_reader(address: str, open_page: Callable[..., Any]) -> None:
    for locale, language in (("en-GB", "en"), ("zh-CN", "zh")):
        page = open_page(address, locale=locale)
        page.wait_for_url(f"{address}{language}/")
    plain = open_page(address, java_script_enabled=False)
    assert plain.locator("nav a").count() == len(LANGUAGES)
