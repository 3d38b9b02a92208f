"""The MkDocs plugin: gives MkDocs the pages of one language as virtual files and finishes what it writes.

One run of MkDocs is one language (DERIVATIONS_LANG), because a plugin that holds both breaks on generated
pages and merges the two search indexes. Nothing here hangs on the theme's inner workings: it only sets
documented settings, and edits finished pages where the theme would ask a server for files that no static site
has.
"""

import importlib
import logging
import re
from dataclasses import replace
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from derivations import resources
from derivations.pages import TAGS, Library, load, pages
from derivations.pictures import picture
from derivations.typeset import Typesetter, TypesettingError
from derivations.words import LANGUAGES, label, labels


class DerivationsPlugin(BasePlugin):  # type: ignore[type-arg, no-untyped-call]
    """The entry point `derivations` of mkdocs.plugins."""

    language: str
    library: Library

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        language = str(config.theme["language"])
        if language not in LANGUAGES:
            raise PluginError(f"DERIVATIONS_LANG is {language!r}; there are {' and '.join(LANGUAGES)}")
        self.language = language
        self.root = config.site_url or ""
        self.typesetter = Typesetter(resources.output() / "node" / "node_modules")
        config.site_url = f"{self.root}{language}/"
        config.site_name = label("site.name", language)
        config.site_description = label("site.description", language)
        config.extra["alternate"] = alternates("")
        config.extra["words"] = {key: label(f"site.{key}", language) for key in ("copy", "copied")}
        config.mdx_configs["toc"]["permalink_title"] = label("site.permalink", language)
        for scheme in config.theme["palette"]:
            scheme["toggle"]["name"] = label(
                f"site.to_{'dark' if scheme['scheme'] == 'default' else 'light'}", language
            )
        config.plugins["material/search"].config.lang = ["zh", "en"] if language == "zh" else ["en"]
        return config

    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        try:
            self.library = with_pictures(load(), self.language)
            content: dict[str, bytes | str] = {**pages(self.library, self.language), **_from_npm()}
        except (KeyError, ValueError) as problem:
            raise PluginError(str(problem.args[0])) from problem
        for path, text in content.items():
            files.append(File.generated(config, path, content=text))
        config.nav = navigation(self.library, self.language)
        if self.language == "zh":
            _teach_words(self.library)
        return files

    def on_page_context(self, context: Any, page: Page, config: MkDocsConfig, nav: Navigation) -> Any:
        config.extra["alternate"] = alternates(page.url)
        return context

    def on_post_page(self, output: str, page: Page, config: MkDocsConfig) -> str:
        try:
            return self.typesetter.page(finish(output), page.file.src_uri)
        except TypesettingError as problem:
            raise PluginError(str(problem)) from problem

    def on_post_template(self, output_content: str, template_name: str, config: MkDocsConfig) -> str:
        if template_name == "sitemap.xml":
            return sitemap(output_content, self.root, self.language)
        return finish(output_content)

    def on_post_build(self, config: MkDocsConfig) -> None:
        self.typesetter.close()

    def on_build_error(self, error: Exception) -> None:
        self.typesetter.close()


def alternates(url: str) -> list[dict[str, str]]:
    """Every language's version of the page at `url`, as the language switch shows them: relative, for any
    host.
    """
    return [
        {"name": label("language.name", language), "link": f"../{language}/{url}", "lang": TAGS[language]}
        for language in LANGUAGES
    ]


def navigation(library: Library, language: str) -> list[Any]:
    """The tree beside the pages. Sections, and not 150 entries at the top, keep every page small."""
    chapters = [
        {
            chapter.title[language]: [
                f"{chapter.id}/index.md",
                *(f"{chapter.id}/{record['id']}.md" for record in library.of_chapter(chapter.id)),
            ]
        }
        for chapter in library.chapters
        if library.of_chapter(chapter.id)
    ]
    return [
        {label("nav.home", language): "index.md"},
        {label("nav.start", language): "start.md"},
        {label("nav.formulas", language): chapters},
        {label("rules.title", language): "rules/index.md"},
        {label("errata.title", language): "errata.md"},
        {label("nav.reading", language): ["conventions.md", "derive.md", "contribute.md"]},
    ]


def with_pictures(library: Library, language: str) -> Library:
    """The library with a picture for each formula whose kernels can be drawn."""
    drawn = {}
    for record in library.records:
        if record["id"] in library.kernels:
            kernels = importlib.import_module(f"derivations.kernels.{record['chapter']}.{record['id']}")
            title = label("picture.title", language, name=record["name"][language])
            svg = picture(record, kernels, title)
            if svg is not None:
                drawn[record["id"]] = svg
    return replace(library, pictures=drawn)


def finish(page: str) -> str:
    """A page as the theme wrote it, without what would make its script fetch a sitemap beside every page."""
    page = re.sub(r'\s*<link rel="alternate"[^>]*hreflang[^>]*>', "", page)
    return page.replace('<html lang="zh"', f'<html lang="{TAGS["zh"]}"', 1)


def sitemap(text: str, root: str, language: str) -> str:
    """The sitemap with each page's other languages, for search engines."""
    text = text.replace("<urlset ", '<urlset xmlns:xhtml="http://www.w3.org/1999/xhtml" ')
    # A date would make two builds of the same sources differ.
    text = re.sub(r"\s*<lastmod>[^<]*</lastmod>", "", text)

    def with_others(match: re.Match[str]) -> str:
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{TAGS[other]}" href="{root}{other}/{match[1]}"/>'
            for other in LANGUAGES
        )
        return f"{match[0]}{links}"

    return re.sub(rf"<loc>{re.escape(root)}{language}/([^<]*)</loc>", with_others, text)


def _from_npm() -> dict[str, bytes | str]:
    """KaTeX's style and fonts, and the shim for the search, with their licences, from where npm installed
    them.
    """
    modules = resources.output() / "node" / "node_modules"
    katex, shim = modules / "katex", modules / "iframe-worker"
    if not (katex / "dist").is_dir():
        raise PluginError(
            f"KaTeX is missing: {katex} (it is installed by 'make site' or 'derivations build')"
        )
    # Browsers that read woff2 are all that are left; the other formats would double the site for nobody.
    style = re.sub(
        r',url\(fonts/[^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)',
        "",
        (katex / "dist" / "katex.min.css").read_text("utf-8"),
    )
    return {
        "katex/katex.min.css": style,
        "katex/LICENSE": (katex / "LICENSE").read_bytes(),
        **{
            f"katex/fonts/{font.name}": font.read_bytes()
            for font in sorted((katex / "dist/fonts").glob("*.woff2"))
        },
        "js/iframe-worker.js": (shim / "shim" / "index.js").read_bytes(),
        "js/iframe-worker.LICENSE": (shim / "LICENSE").read_bytes(),
    }


def _teach_words(library: Library) -> None:
    """Our Chinese terms to the word splitter, or 归一化 would be searched as 归一 and 化."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    texts = [text.zh for text in labels().values()]
    texts += [rule.name.zh for rule in library.rules.values()]
    texts += [record["name"]["zh"] for record in library.records]
    texts += [symbol["meaning"]["zh"] for record in library.records for symbol in record["symbols"]]
    for term in sorted({term for text in texts for term in re.findall(r"[\u4e00-\u9fff]{2,6}", text)}):
        jieba.add_word(term)
