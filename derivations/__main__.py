"""The command line: list, show, derive, code, verify, regenerate, build, serve, new.

Each command imports what it needs and no more: whoever derives waits for SymPy and not for a web server.
Results go to stdout, messages and progress to stderr.  Exit 0: done; 1: a check failed or is undecided;
2: refused, with what is wrong, where, and what to write instead.
"""

import functools
import io
import json
import sys
import traceback
from pathlib import Path
from typing import IO, Any

import click

from derivations import __version__, resources
from derivations.errors import Error
from derivations.words import LANGUAGES

BACKENDS = resources.members("codegen", "backends")
FORMS = (*resources.members("printers", "forms"), *BACKENDS)
language_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the words."
)


def say(message: str) -> None:
    """A message for the person at the terminal; results never go through here."""
    click.echo(message, err=True)


class Refusal(click.ClickException):
    """What cannot be done, in words."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"derivations: {self.message}", file=file, err=True)


class Commands(click.Group):
    """Whatever goes wrong in a command ends in words and exit 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click has words of its own for these
        except Error as error:
            raise Refusal(str(error)) from error
        except OSError as error:
            raise Refusal(f"{error.filename or 'system'}: {error.strerror or error}") from error
        except Exception as error:
            # an author whose file Python cannot run, and we, need the lines
            say("".join(traceback.format_exception(error)))
            raise Refusal(
                "stopped by the error above; if the lines are none of yours, please report them"
            ) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["--help"]})
@click.version_option(__version__, package_name="derivations")
def main() -> None:
    """Formulas of deep learning, derived step by step, checked, and turned into code."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # bytes that are no UTF-8 must reach the reader of the text, who can say where they stand
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


# ---- read ------------------------------------------------------------------------------------------------


@main.command("list")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list, for programs.")
@language_option
def list_formulas(as_json: bool, lang: str) -> None:
    """All formulas, by chapter."""
    from derivations import catalogue
    from derivations.records import overview

    rows = overview()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    width = max((len(row["id"]) for row in rows), default=0)
    for chapter, title in catalogue.chapters():
        here = [row for row in rows if row["chapter"] == chapter]
        if here:
            click.echo(title[lang])
        for row in here:
            click.echo(f"  {row['id']:<{width}}  {row['name'][lang]}")


@main.command()
@click.argument("id")
@language_option
def show(id: str, lang: str) -> None:
    """The derivations of one formula, step by step."""
    from derivations import api
    from derivations.printers.text import derivation_text, plain

    formula = api.formula(id)
    click.echo(formula.name[lang])
    click.echo(plain(formula.summary[lang]) + "\n")
    shown: set[str] = set()
    for derivation in api.derivations_of(formula):
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
def code(id: str, to: str) -> None:
    """The generated kernels of one formula, ready to be copied into a file of your own."""
    from derivations import api, codegen

    formula = api.formula(id)
    if to != "numpy":
        click.echo(codegen.formula_code(formula, api.derivations_of(formula), to), nl=False)
        return
    # not generated anew: these are the ones that were checked
    path = resources.kernels() / formula.chapter / f"{formula.id}.py"
    if not path.is_file():
        raise Refusal(f"{formula.id} has no kernels yet; run `derivations regenerate {formula.id}`")
    click.echo(path.read_text("utf-8"), nl=False)


# ---- check and make --------------------------------------------------------------------------------------


@main.command()
@click.argument("id", required=False)
def verify(id: str | None) -> None:
    """Derive anew and show the evidence of every result, claim and kernel."""
    from derivations import build

    failed = False
    for produced in build.produced_files(build.ids([id] if id else []), progress=say):
        click.echo(produced.id)
        for name, verdict, evidence in produced.verdicts():
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
def regenerate(ids: tuple[str, ...], only_check: bool, show_diff: bool) -> None:
    """Make records and kernels anew from the formulas that have changed."""
    from derivations import build

    if only_check or show_diff:
        report = build.check(ids, progress=say, diff=show_diff)
        click.echo(report.diff, nl=False)
    else:
        report = build.regenerate(ids, progress=say)
    for line in report.lines():
        say(line)
    if report.problems:
        say("a check has failed or is undecided; see above")
    elif not report.clean:
        say("not what the formulas give; `derivations regenerate` makes generated files anew")
    if not report.clean:
        sys.exit(1)
    say("everything generated is as the formulas say" if not report.written else "done")


@main.command("build")
def build_command() -> None:
    """Build the site of both languages."""
    from derivations import build

    path, fresh = build.build(progress=say)
    say("the site is built" if fresh else "nothing that the site shows has changed")
    click.echo(path)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(port: int) -> None:
    """Build the site where needed and show it at http://localhost:PORT."""
    import http.server

    from derivations import build

    path, _ = build.build(progress=say)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(path))
    try:
        server = http.server.ThreadingHTTPServer(("localhost", port), handler)
    except OSError as error:
        raise Refusal(f"port {port} cannot be used ({error.strerror}); choose another with --port") from error
    say(f"http://localhost:{port}/  (Ctrl+C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


@main.command()
@click.argument("place", metavar="CHAPTER/ID")
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
