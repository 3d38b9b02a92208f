"""Builds the site of all languages: Node's packages where missing, one MkDocs per language, one swap.

The languages are built side by side, each by a process of its own, into a new folder that takes the place of
the old site only when all of them have succeeded: a reader never meets half a site. MkDocs is run and not
imported, so that the command line works where the extra `site` is not installed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from derivations import resources
from derivations.errors import Error
from derivations.typeset import find_program
from derivations.words import LANGUAGES, labels


class SiteError(Error):
    """The site could not be built; the message is what the failing program said."""


def build_site(
    output: Path | None = None,
    languages: Sequence[str] = LANGUAGES,
    progress: Callable[[str], None] = print,
) -> Path:
    """Build into `output` (build/html where it is not given) and return it."""
    if find_spec("mkdocs") is None:
        raise SiteError(
            "The site needs MkDocs, which is in the extra `site`: pip install 'derivations[site]'."
        )
    output = (output or resources.output() / "html").resolve()
    install_node_packages(progress)
    output.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        progress(f"pages in {' and '.join(languages)}")
        runs = {language: _start(language, new / language) for language in languages}
        said = {language: run.communicate()[0] for language, run in runs.items()}
        for language, run in runs.items():
            if run.returncode:
                raise SiteError(f"MkDocs failed for {language}:\n{said[language].rstrip()}")
        for language in languages:
            # Its bytes carry the time of the build, and no reader of sitemaps needs it.
            (new / language / "sitemap.xml.gz").unlink(missing_ok=True)
        for path, content in root_pages(languages).items():
            (new / path).write_bytes(content)
        new.chmod(0o755)
        _swap(new, output)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return output


def root_pages(languages: Sequence[str] = LANGUAGES) -> dict[str, bytes]:
    """The page that leads to a language, and the one for addresses that do not exist, which hosts look for
    here.
    """
    environment = Environment(
        loader=FileSystemLoader(resources.templates() / "root"), autoescape=True, trim_blocks=True
    )
    words = labels()
    out = {}
    for name in ("index.html", "404.html"):
        text = environment.get_template(f"{name}.j2").render(words=words, languages=languages)
        out[name] = text.encode("utf-8")
    out[".nojekyll"] = b""
    return out


def install_node_packages(progress: Callable[[str], None]) -> None:
    """What site/package-lock.json names, into build/node, once for each state of that file."""
    node, site = resources.output() / "node", resources.site()
    names = ("package.json", "package-lock.json", ".npmrc")
    wanted = {name: (site / name).read_bytes() for name in names}
    done = node / "node_modules" / "katex" / "package.json"
    if done.is_file() and all(
        (node / n).is_file() and (node / n).read_bytes() == wanted[n] for n in names[:2]
    ):
        return
    progress("KaTeX from the npm registry")
    node.mkdir(parents=True, exist_ok=True)
    for name, content in wanted.items():
        (node / name).write_bytes(content)
    command = [find_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run = subprocess.run(
        command, cwd=node, capture_output=True, encoding="utf-8", env=_environment(), check=False
    )
    if run.returncode:
        raise SiteError(
            f"npm could not install the packages of {site / 'package-lock.json'}:\n{run.stderr.rstrip()}"
        )


def _start(language: str, output: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"]
    command += ["--config-file", str(resources.shared("mkdocs.yml")), "--site-dir", str(output)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**_environment(), "DERIVATIONS_LANG": language},
    )


def _environment() -> dict[str, str]:
    """The variables of a child: programs of this Python first, and no notice about MkDocs 2 on each run."""
    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"}


def _swap(new: Path, output: Path) -> None:
    """Two renames: the moment without a site is as short as a file system allows."""
    if output.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{output.name}-old-", dir=output.parent))
        os.replace(output, old / "site")
        os.replace(new, output)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(new, output)
