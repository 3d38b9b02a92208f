"""Typesetting: every formula of a page is set once, refusals name their page, and nothing else is touched."""

from collections.abc import Iterator

import pytest

from derivations import resources, site_build
from derivations.typeset import Typesetter, TypesettingError, find_program


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    site_build.install_node_packages(lambda message: None)
    typesetter = Typesetter(resources.output() / "node" / "node_modules")
    yield typesetter
    typesetter.close()


def inline(tex: str) -> str:
    return rf'<span class="arithmatex">\({tex}\)</span>'


def test_a_formula_becomes_html_and_mathml(typesetter: Typesetter) -> None:
    page = typesetter.page(f"<p>{inline('a &lt; b')}</p>", "here")
    assert page.count('class="katex"') == page.count("<math") == 1
    assert '<annotation encoding="application/x-tex">a &lt; b</annotation>' in page
    assert r"\(" not in page


def test_a_display_is_set_as_a_display(typesetter: Typesetter) -> None:
    page = typesetter.page('<div class="arithmatex">\\[\\sum_i x_i\\]</div>', "here")
    assert 'class="katex-display"' in page and page.endswith("</div>")


def test_maths_in_the_table_of_contents_is_set_too(typesetter: Typesetter) -> None:
    page = typesetter.page(r'<span class="md-ellipsis">About \(\mathbf{z}\)</span>', "here")
    assert 'About <span class="katex">' in page


def test_code_that_looks_like_maths_stays_as_it_is(typesetter: Typesetter) -> None:
    text = r"<code>re.sub('\(a\)', '')</code>"
    assert typesetter.page(text, "here") == text


def test_punctuation_after_a_short_formula_stays_with_it(typesetter: Typesetter) -> None:
    page = typesetter.page(f"{inline('x')}。", "here")
    assert page.startswith('<span class="unbroken"><span class="arithmatex">') and page.endswith(
        "</span>。</span>"
    )
    long = "x + " * 20 + "x"
    assert "unbroken" not in typesetter.page(f"{inline(long)}。", "here")


def test_a_refusal_names_the_page_and_the_formula(typesetter: Typesetter) -> None:
    with pytest.raises(TypesettingError, match=r"losses/mse\.md: .*(?s:.*)\\nowhere"):
        typesetter.page(inline(r"\nowhere"), "losses/mse.md")


def test_each_formula_is_asked_for_once(typesetter: Typesetter, monkeypatch: pytest.MonkeyPatch) -> None:
    first = typesetter.page(inline("u + v") * 2, "here")
    monkeypatch.setattr(typesetter, "_ask", lambda request: pytest.fail("asked again"))
    assert typesetter.page(inline("u + v") * 2, "there") == first


def test_a_missing_program_is_named() -> None:
    with pytest.raises(TypesettingError, match="no no-such-program was found"):
        find_program("no-such-program")


def test_missing_katex_is_named(tmp_path: object) -> None:
    with pytest.raises(TypesettingError, match="KaTeX is missing"):
        Typesetter(resources.PACKAGE / "nowhere").page(inline("x"), "here")
