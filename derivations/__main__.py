"""The command line: list, show, derive, code, verify, regenerate, build, serve, new.

Results go to stdout, messages and progress to stderr.  Exit 0: done; 1: a check failed or is undecided;
2: refused, with what is wrong, where, and what to write instead.
"""

import functools
import http.server
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

import click

from derivations import __version__, resources
from derivations.errors import Error
from derivations.words import LANGUAGES

P = ParamSpec("P")
BACKENDS = resources.members("codegen", "backends")
FORMS = (*resources.members("printers", "forms"), *BACKENDS)
language_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the words."
)


def say(message: str) -> None:
    """A message for the person at the terminal; results never go through here."""
    click.echo(message, err=True)


def refuse(message: str) -> None:
    say(f"derivations: {message}")
    sys.exit(2)


def refusing(command: Callable[P, None]) -> Callable[P, None]:
    """Mistakes of the caller end in words and exit 2, never in a traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (Error, ValueError, RuntimeError) as error:
            refuse(str(error))

    return run


@click.group(context_settings={"help_option_names": ["--help"]})
@click.version_option(__version__, package_name="derivations")
def main() -> None:
    """Formulas of deep learning, derived step by step, checked, and turned into code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


def _known(name: str) -> Any:
    """The formula of this id or alias, or a refusal that lists near ones."""
    import difflib

    from derivations import catalogue

    try:
        return catalogue.load(name)
    except KeyError:
        ids = [id for _, id in catalogue.places()]
        near = difflib.get_close_matches(name, ids, 3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`derivations list` shows them all"
        refuse(f"there is no formula {name!r}; {hint}")


# ---- read ------------------------------------------------------------------------------------------------


@main.command("list")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list, for programs.")
@language_option
@refusing
def list_formulas(as_json: bool, lang: str) -> None:
    """All formulas, by chapter."""
    from derivations.records import overview

    rows = overview()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    chapter = ""
    for row in rows:
        if row["chapter"] != chapter:
            chapter = row["chapter"]
            click.echo(chapter)
        click.echo(f"  {row['id']:<24} {row['name'][lang]}")


@main.command()
@click.argument("id")
@language_option
@refusing
def show(id: str, lang: str) -> None:
    """The derivations of one formula, step by step."""
    from derivations.api import derivations_of
    from derivations.printers.text import derivation_text, plain

    formula = _known(id)
    click.echo(formula.name[lang])
    click.echo(plain(formula.summary[lang]) + "\n")
    shown: set[str] = set()
    for derivation in derivations_of(formula):
        fresh = [c for c in derivation.chains if c.id not in shown or c is derivation.answer]
        shown |= {chain.id for chain in fresh}
        click.echo(derivation_text(derivation.with_chains(tuple(fresh)), lang))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("text")
@click.option("--wrt", required=True, help="The variable, or two of them separated by a comma.")
@click.option("--shapes", help='Sizes of the names: "X: m n; w: n; b:".')
@click.option("--order", type=click.IntRange(1, 2), default=1, show_default=True)
@click.option("--facts", help='What is known: "sum(y) = 1; x > 0".')
@click.option("--symbol", multiple=True, help=r'How a name is printed: t="\tau".')
@click.option("--to", type=click.Choice(FORMS), default="steps", show_default=True)
@language_option
@refusing
def derive(
    text: str,
    wrt: str,
    shapes: str | None,
    order: int,
    facts: str | None,
    symbol: tuple[str, ...],
    to: str,
    lang: str,
) -> None:
    """The derivative of your own formula TEXT, in NumPy notation; `-` reads it from standard input."""
    from derivations import api

    if text == "-":
        text = sys.stdin.read()
    names: str | list[str] = [part.strip() for part in wrt.split(",")] if "," in wrt else wrt
    printed = dict(_symbol(entry) for entry in symbol)
    found = api.derive(text, wrt=names, shapes=shapes, order=order, facts=facts, symbols=printed)
    click.echo(api.printed(found, to, lang))


def _symbol(entry: str) -> tuple[str, str]:
    name, equals, latex = entry.partition("=")
    if not (name and equals and latex):
        raise click.BadParameter(f'{entry!r} names no symbol; write t="\\tau"', param_hint="--symbol")
    return name, latex


# ---- code ------------------------------------------------------------------------------------------------


@main.command()
@click.argument("id")
@click.option("--to", type=click.Choice(BACKENDS), default="numpy", show_default=True)
@refusing
def code(id: str, to: str) -> None:
    """The generated kernels of one formula, ready to be copied into a file of your own."""
    formula = _known(id)
    if to != "numpy":
        from derivations import codegen
        from derivations.api import derivations_of

        click.echo(codegen.formula_code(formula, derivations_of(formula), to), nl=False)
        return
    # those that were checked and committed
    path = resources.kernels() / formula.chapter / f"{formula.id}.py"
    if not path.is_file():
        refuse(f"{formula.id} has no kernels yet; run `derivations regenerate {formula.id}`")
    click.echo(path.read_text("utf-8"), nl=False)


# ---- check and make --------------------------------------------------------------------------------------


@main.command()
@click.argument("id", required=False)
@refusing
def verify(id: str | None) -> None:
    """Derive anew and show the evidence of every result, claim and kernel."""
    from derivations import build

    names = [_known(id).id] if id else []
    failed = False
    for produced in build.produced_files(names or build.all_ids(), progress=lambda line: None):
        record = json.loads(produced.files[f"records/{produced.chapter}/{produced.id}.json"])
        click.echo(produced.id)
        for kind in ("derivations", "claims", "kernels"):
            for row in record[kind]:
                evidence = row.get("evidence")
                verdict = row.get("verdict") or (evidence or {}).get("verdict", "")
                name = row.get("id") or row["name"]
                method = f"  ({evidence['method']}, {evidence['points']} points)" if evidence else ""
                click.echo(f"  {verdict:<8} {name}{method}")
        for problem in produced.problems:
            failed = True
            say(f"{produced.id}: {problem}")
    sys.exit(1 if failed else 0)


@main.command()
@click.argument("ids", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Compare with the committed files, write nothing.")
@click.option("--diff", "show_diff", is_flag=True, help="As --check, and show what would change.")
@refusing
def regenerate(ids: tuple[str, ...], only_check: bool, show_diff: bool) -> None:
    """Make records and kernels anew from the formulas that have changed."""
    from derivations import build

    names = [_known(id).id for id in ids]
    if only_check or show_diff:
        report = build.check(names, progress=say, diff=show_diff)
        if report.diff:
            click.echo(report.diff, nl=False)
    else:
        report = build.regenerate(names, progress=say)
    for kind in ("problems", "changed", "missing", "stray", "removed", "written"):
        for line in getattr(report, kind):
            say(f"{kind.rstrip('s') if kind == 'problems' else kind}: {line}")
    if report.problems:
        say("a check has failed or is undecided; see above")
    elif not report.clean:
        say("not what the formulas give; `derivations regenerate` makes generated files anew")
    if not report.clean:
        sys.exit(1)
    say("everything generated is as the formulas say" if not report.written else "done")


@main.command("build")
@refusing
def build_command() -> None:
    """Build the site of both languages."""
    from derivations import build

    path, fresh = build.build(progress=say)
    say("the site is built" if fresh else "nothing that the site shows has changed")
    click.echo(path)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@refusing
def serve(port: int) -> None:
    """Build the site where needed and show it at http://localhost:PORT."""
    from derivations import build

    path, _ = build.build(progress=say)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(path))
    try:
        server = http.server.ThreadingHTTPServer(("localhost", port), handler)
    except OSError as error:
        refuse(f"port {port} cannot be used ({error.strerror}); choose another with --port")
    say(f"http://localhost:{port}/  (Ctrl+C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


@main.command()
@click.argument("place", metavar="CHAPTER/ID")
@refusing
def new(place: str) -> None:
    """A first file for a formula of your own in the catalogue."""
    from derivations import build

    path = build.new_formula(place)
    try:
        shown = path.relative_to(Path.cwd())
    except ValueError:
        shown = path
    click.echo(shown)


if __name__ == "__main__":
    main()
