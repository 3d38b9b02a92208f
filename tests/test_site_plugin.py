"""The plugin: what it tells MkDocs, and what it takes out of finished pages."""

import warnings

import pytest
import site_sample

pytest.importorskip("mkdocs", reason="the extra 'site' is not installed")

from derivations import site_build, site_plugin
from derivations.words import LANGUAGES


def test_the_switch_leads_to_the_same_page_of_each_language() -> None:
    assert [(row["link"], row["lang"]) for row in site_plugin.alternates("activations/softmax/")] == [
        ("../en/activations/softmax/", "en"),
        ("../zh/activations/softmax/", "zh-Hans"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_the_navigation(language: str) -> None:
    library = site_sample.library()
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, str):
            found.append(node)
        elif isinstance(node, list | dict):
            for child in node.values() if isinstance(node, dict) else node:
                walk(child)

    walk(site_plugin.navigation(library, language))
    pages = [path for path in site_plugin.pages(library, language) if path.endswith(".md")]
    assert sorted(found) == sorted(pages)


def test_the_head_loses_the_links_that_make_the_theme_ask_for_sitemaps() -> None:
    page = '<html lang="zh" class="x"><head>\n  <link rel="alternate" href="../en/" hreflang="en">\n</head>'
    assert site_plugin.finish(page) == '<html lang="zh-Hans" class="x"><head>\n</head>'


def test_the_sitemap_names_the_other_languages_and_no_date() -> None:
    text = '<urlset xmlns="s"><url><loc>https://x.org/en/a/</loc><lastmod>2026-01-01</lastmod></url></urlset>'
    out = site_plugin.sitemap(text, "https://x.org/", "en")
    assert '<loc>https://x.org/en/a/</loc><xhtml:link rel="alternate" hreflang="en"' in out
    assert 'hreflang="zh-Hans" href="https://x.org/zh/a/"' in out
    assert "lastmod" not in out


def test_the_word_splitter_knows_our_terms() -> None:
    with warnings.catch_warnings():
        # Its regular expressions hold escapes that newer Pythons warn of, once, when they compile them.
        warnings.simplefilter("ignore")
        import jieba
    record = site_sample.record()
    record["name"]["zh"] = "批归一化"
    site_plugin._teach_words(site_sample.library(record))
    assert list(jieba.cut("批归一化")) == ["批归一化"]


def test_the_root_leads_to_each_language() -> None:
    pages = site_build.root_pages()
    index = pages["index.html"].decode("utf-8")
    assert 'href="en/"' in index and 'href="zh/"' in index
    assert "http" not in index
    assert "没有页面" in pages["404.html"].decode("utf-8")
