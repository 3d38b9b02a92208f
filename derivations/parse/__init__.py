"""What people type, NumPy notation on one or several lines, becomes a scope and a target.

The text is parsed with Python's `ast` and a white list; nothing is ever evaluated, imported or looked up.
Whatever goes wrong is an `InputError` with its place and one thing to write instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from derivations.errors import InputError
from derivations.indices import Affine, Axis, Index, Size
from derivations.language.reuse import Whole
from derivations.parse.facts import Facts
from derivations.parse.names import KINDS, Names
from derivations.parse.reading import Reading, Value
from derivations.parse.shapes import declared
from derivations.parse.source import Line, Source, Token
from derivations.scope import Scope
from derivations.terms import Component, Symbol

__all__ = ["Parsed", "parse"]


@dataclass(frozen=True)
class Parsed:
    """A text as the engine works on it; `introduced` are the names that its writer did not give.

    `offered` are names that no definition uses, for results that come out shorter in them.
    """

    scope: Scope
    target: Symbol
    introduced: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()


def parse(
    text: str,
    shapes: "str | Mapping[str, str] | None" = None,
    facts: str | None = None,
    latex: Mapping[str, str] | None = None,
) -> Parsed:
    """The text over its declared names; without shapes every name is a number.

    `latex` says how single names are printed.
    """
    try:
        return _parse(text, shapes, facts, latex or {})
    except (RecursionError, MemoryError):
        raise InputError(
            "the text is nested too deeply", hint="Give inner parts names on lines of their own: a = ..."
        ) from None


def _parse(
    text: str, shapes: "str | Mapping[str, str] | None", facts: str | None, latex: Mapping[str, str]
) -> Parsed:
    source = Source(text)
    lines = source.lines()
    if not lines:
        raise InputError("the text is empty", hint='Give a formula, such as "sum(x**2)".')
    written = {token.text for token in source.tokens() if token.kind == "name"}
    names = Names.of(None if shapes is None else declared(shapes), written, latex)
    known = Facts(facts, names) if facts is not None else None
    for line in lines[:-1]:
        if not line.target:
            raise source.mistake(
                line.expression[0].start,
                "this line has no name, and only the last line is the value",
                "Write a name before it: a = ...",
            )
        _assign(source, line, names)
    target = _assign(source, lines[-1], names)
    if known is not None:
        known.assume()
    offered = names.offer_shares()
    return Parsed(names.scope(), target, tuple(names.introduced), offered)


def _assign(source: Source, line: Line, names: Names) -> Symbol:
    """The name that a line gives stands for its value from now on; the last line may have none."""
    name = _target(source, line.target, names)
    tree = source.tree(line.expression)
    value = Reading(tree, names).value()
    whole = _with_axes(source, line, value)
    defined = _already_named(whole, names)
    if defined is not None:
        final = names.renamed(defined, name) if name else defined
        if final is not None:
            return final
    if not name:
        name = names.unused(value.kind or "value", len(whole.axes))
        names.introduced.append(name)
    whole = names.define(name, whole, KINDS[value.kind or "value"].domain)
    if value.adds_up:
        names.adds_up(whole, value.adds_up)
    return names.definitions[name].symbol


def _target(source: Source, tokens: tuple[Token, ...], names: Names) -> str:
    if not tokens:
        return ""
    first = tokens[0]
    if first.kind != "name" or len(tokens) > 1:
        place = tokens[1] if first.kind == "name" else first
        raise source.mistake(
            place.start, "the left side of = is no single name", "Write a = ... with a name alone."
        )
    if names.get(first.text) is not None or first.text in names.sizes:
        raise source.mistake(
            first.start,
            f"{first.text} has a meaning already",
            f"Write another name in place of {first.text}.",
        )
    return first.text


def _with_axes(source: Source, line: Line, value: Value) -> Whole:
    """The value with its free indices as axes, in order of first appearance."""
    whole = value.whole
    if value.letters and whole.axes:
        letters = ", ".join(index.letter for index in value.letters)
        raise source.mistake(
            line.expression[0].start,
            f"the value has the free index {letters} and also axes without an index",
            "Write indices on all arrays, or on none.",
        )
    axes = value.letters or whole.axes
    ones = [Index("o", Axis("1", Size.of(1))).fresh() if index is None else index for index in axes]
    return Whole(whole.term, tuple(ones))


def _already_named(whole: Whole, names: Names) -> Symbol | None:
    """The name whose whole array the value is."""
    term = whole.term
    if not isinstance(term, Component) or term.symbol.name not in names.definitions:
        return None
    alone = tuple(Affine.of(index) for index in whole.axes if index is not None)
    return term.symbol if term.indices == alone else None
