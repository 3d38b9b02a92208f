"""Pages: the two languages say the same, nothing of the machinery shows, and Chinese is set as Chinese is."""

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
import site_sample
from conftest import ROOT

from derivations import pages as module
from derivations.pages import WRITTEN, Library, load, pages
from derivations.words import LANGUAGES, labels

HAN = r"[\u4e00-\u9fff]"
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
DISPLAY = re.compile(r"^\$\$$.*?^\$\$$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module", params=["sample", "project"])
def library(request: pytest.FixtureRequest) -> Library:
    return site_sample.library() if request.param == "sample" else load()


@pytest.fixture(scope="module")
def both(library: Library) -> dict[str, dict[str, str]]:
    return {
        language: {path: content.decode("utf-8") for path, content in pages(library, language).items()}
        for language in LANGUAGES
    }


def markdown(both: dict[str, dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    for path in both["en"]:
        if path.endswith(".md"):
            yield path, both["en"][path], both["zh"][path]


def test_both_languages_have_the_same_pages(both: dict[str, dict[str, str]]) -> None:
    assert list(both["en"]) == list(both["zh"])


def test_both_languages_have_the_same_headings_and_steps(both: dict[str, dict[str, str]]) -> None:
    for path, en, zh in markdown(both):
        for pattern in (r"^(#+) .*\{#([\w-]+)", r'<li class="step" id="([\w-]+)"', r'id="(claim-[\w-]+)"'):
            ids = re.findall(pattern, en, re.MULTILINE)
            assert ids == re.findall(pattern, zh, re.MULTILINE), path
            assert len(ids) == len(set(ids)), f"{path}: an id stands twice"


def test_every_heading_has_an_id_of_its_own(both: dict[str, dict[str, str]]) -> None:
    for path, *texts in markdown(both):
        for text in texts:
            headings = re.findall(r"^#+ .*$", FENCE.sub("", text), re.MULTILINE)
            assert headings, path
            assert [h for h in headings if "{#" not in h] == [], path


def test_both_languages_have_the_same_code_and_formulas(both: dict[str, dict[str, str]]) -> None:
    for path, en, zh in markdown(both):
        assert DISPLAY.findall(en) == DISPLAY.findall(zh), path
        if path.count("/"):
            assert FENCE.findall(en) == FENCE.findall(zh), path
        else:
            # On hand-written pages a command may name the reader's language.
            assert len(FENCE.findall(en)) == len(FENCE.findall(zh)), path


def test_each_step_of_the_records_stands_on_the_page(
    library: Library, both: dict[str, dict[str, str]]
) -> None:
    for record in library.records:
        text = both["zh"][f"{record['chapter']}/{record['id']}.md"]
        for derivation in record["derivations"]:
            count = sum(len(chain["steps"]) for chain in derivation["chains"])
            assert len(re.findall(rf'id="{derivation["id"]}-step-\d+"', text)) == count
            assert f"{{#{derivation['id']}}}" in text


def test_nothing_of_the_machinery_shows(both: dict[str, dict[str, str]]) -> None:
    for language in LANGUAGES:
        for path, text in both[language].items():
            if path.endswith(".md"):
                shown = re.sub(r"`[^`]*`", "", FENCE.sub("", text))
                assert not re.search(r"\bNone\b|\bnan\b|Undefined|<%|%>|<<|>>", shown), path
                assert "{{" not in re.sub(r"\$[^$]*\$", "", DISPLAY.sub("", shown)), path
                assert text.startswith("---\ntitle: "), path


def test_links_between_pages_lead_to_pages(both: dict[str, dict[str, str]]) -> None:
    for path, *texts in markdown(both):
        folder = Path("/") / path
        for text in texts:
            for target in re.findall(r"\]\((?!https?:)([^)#]+)", FENCE.sub("", text)):
                resolved = (folder.parent / target).resolve().relative_to("/").as_posix()
                assert resolved in both["en"], f"{path} links to {target}"


def chinese_prose(text: str) -> Iterator[str]:
    """The lines of a page that are our own Chinese: no code, no quotation, no title of another's text."""
    text = text.partition("{#references}")[0]
    text = re.sub(r"\A---.*?^---$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = DISPLAY.sub("", FENCE.sub("", text))
    text = re.sub(
        r"<blockquote.*?</blockquote>|<figcaption.*?</figcaption>|<cite>.*?</cite>|<svg.*?</svg>",
        "",
        text,
        flags=re.DOTALL,
    )
    for line in text.splitlines():
        if re.search(HAN, line) and '=== "' not in line:
            line = re.sub(r"\{[#:. ][^}]*\}", "", line)
            line = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line)
            line = re.sub(r"<[^>]*>", "", line).replace("**", "")
            cells = line.strip("|").split("|") if line.startswith("|") else [line]
            yield from (re.sub(r"^(\s*[-#]+ )+", "", cell).strip() for cell in cells)


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        ("half-width punctuation", rf"{HAN}\s*[,;:?!()]|[,;:?!()]\s*{HAN}"),
        ("no space between Chinese and Latin, digits or maths", rf"{HAN}[A-Za-z0-9$`]|[A-Za-z0-9$`]{HAN}"),
        ("a space beside full-width punctuation", r"[，。；：、（）！？《》] | [，。；：、（）！？]"),
        ("two spaces", r"\S  +\S"),
    ],
)
def test_chinese_is_set_as_chinese_is(both: dict[str, dict[str, str]], fault: str, pattern: str) -> None:
    found = [
        f"{path}: {line}"
        for path, _, zh in markdown(both)
        for line in chinese_prose(zh)
        if re.search(pattern, re.sub(r"\$[^$]*\$", lambda maths: "$" + "m" * (len(maths[0]) - 2) + "$", line))
    ]
    assert not found, f"{fault}:\n" + "\n".join(found)


def test_chinese_pages_hold_no_english_sentences(both: dict[str, dict[str, str]]) -> None:
    for path, _, zh in markdown(both):
        prose = FENCE.sub("", DISPLAY.sub("", zh)).partition("{#references}")[0]
        prose = re.sub(r"<(blockquote|cite|figcaption).*?</\1>", "", prose, flags=re.DOTALL)
        prose = re.sub(r"\$[^$]*\$|`[^`]*`|<[^>]*>|\]\([^)]*\)|\{[^}]*\}", "", prose)
        assert not re.search(r"\b(the|of|with|is|and|where)\b", prose), path


def used_labels() -> Iterator[tuple[str, str]]:
    for file in sorted([*(ROOT / "templates").rglob("*"), *(ROOT / "site" / "pages").rglob("*.md")]):
        if file.is_file():
            for key, dynamic in re.findall(r'\bt\("([a-z_.]+)"( ~)?', file.read_text("utf-8")):
                yield file.name, key + ("*" if dynamic else "")


@pytest.mark.parametrize(("file", "key"), sorted(set(used_labels())))
def test_every_label_that_a_template_asks_for_exists(file: str, key: str) -> None:
    known = labels()
    assert any(k.startswith(key[:-1]) for k in known) if key.endswith("*") else key in known, file


def test_templates_hold_no_words_of_any_language() -> None:
    for file in sorted((ROOT / "templates" / "pages").iterdir()):
        text = re.sub(r"<%.*?%>|<<.*?>>|<#.*?#>", "", file.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r"<script>.*?</script>|<[^>]*>|```\w*|\{[#:. ][^}]*\}|\]\([^)]*\)|\\[a-z]+", "", text)
        assert not re.search(HAN, text), file.name
        assert not set(re.findall(r"[A-Za-z]{3,}", text)) - {"title", "description"}, file.name


def test_a_page_does_not_depend_on_the_order_of_a_set(library: Library) -> None:
    code = (
        "import hashlib, sys; sys.path.insert(0, 'tests'); import site_sample\n"
        "from derivations.pages import pages\n"
        "text = b''.join(pages(site_sample.library(), 'zh').values())\n"
        "print(hashlib.sha256(text).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("0", "1")
    }
    assert len(runs) == 1


# Code to be copied alone


def test_each_snippet_runs_alone_and_is_the_file_word_for_word(library: Library) -> None:
    for record in library.records:
        source = library.kernels.get(record["id"], "")
        for snippet in module.snippets(library, record):
            ast.parse(snippet.code)
            for block in re.split(r"\n{2,}(?=\S)", snippet.code.strip()):
                assert block in source
            names: dict[str, object] = {}
            subprocess.run(
                [sys.executable, "-c", snippet.code + f"\nassert callable({snippet.name})\n"], check=True
            )
            assert names == {}


def test_a_snippet_brings_what_its_function_calls() -> None:
    library = site_sample.library()
    jacobian = module.snippets(library, library.records[0])[1]
    assert [line for line in jacobian.code.splitlines() if line.startswith("def ")] == [
        "def _shifted(z):",
        "def softmax(z):",
        "def softmax_jacobian(z):",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", WRITTEN)
def test_the_python_of_hand_written_pages_runs(name: str, language: str) -> None:
    text = (ROOT / "site" / "pages" / language / f"{name}.md").read_text("utf-8")
    for code in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, f"{code}\n{done.stderr}"


@pytest.mark.parametrize("name", WRITTEN)
def test_the_commands_of_hand_written_pages_exist(name: str) -> None:
    text = (ROOT / "site" / "pages" / "en" / f"{name}.md").read_text("utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line)
            if words[0].endswith("derivations") and words[1] in ("derive", "show", "list"):
                command = [sys.executable, "-m", "derivations", *words[1:]]
                done = subprocess.run(command, capture_output=True, cwd=ROOT)
                assert done.returncode == 0, f"{line}\n{done.stderr.decode()}"


# Records that cannot be shown


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda r: r.update(chapter="nowhere"), "there is no chapter 'nowhere'"),
        (lambda r: r.update(related=["missing"]), "no formula 'missing' to link to"),
        (
            lambda r: r["derivations"][0]["chains"][0]["steps"][0].update(rule="magic"),
            "names the rule 'magic'",
        ),
        (lambda r: r.update(aliases=["softmax"]), "its alias 'softmax' is the name"),
        (lambda r: r["kernels"][0].update(name="softmin"), "names a kernel 'softmin'"),
    ],
)
def test_a_record_that_leads_nowhere_is_refused_with_its_place(change, complaint: str) -> None:  # type: ignore[no-untyped-def]
    record = deepcopy(site_sample.record())
    change(record)
    with pytest.raises(ValueError, match=f"/softmax: .*{complaint}"):
        pages(site_sample.library(record), "en")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="no language 'fr'"):
        pages(site_sample.library(), "fr")
