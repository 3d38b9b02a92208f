"""Which names there are and what axes they have: `X: m n; w: n; b:`, as text or as a mapping.

Sizes are names, positive integers, sums and products of these.  Axes of equal size are one axis, so that an
index of one may stand on the other.
"""

from collections.abc import Mapping

from derivations.errors import InputError
from derivations.indices import Axis, Size
from derivations.parse.source import Source, Token

LARGEST = 10_000
_MONOMIALS = 30
_EXAMPLE = 'Write shapes such as "X: m n; w: n; b:".'


def declared(shapes: "str | Mapping[str, str]") -> dict[str, tuple[Axis, ...]]:
    """The axes of every declared name, in the order of declaration."""
    found: dict[str, tuple[Axis, ...]] = {}
    if isinstance(shapes, Mapping):
        for name, sizes in shapes.items():
            written = Source(name, "a name in shapes").tokens()
            if len(written) != 1 or written[0].kind != "name":
                raise InputError(
                    f"{name!r} in shapes is no name", hint="Use letters, digits and underscores."
                )
            source = Source(sizes, f"the shape of {name}")
            found[name] = _axes(source, source.tokens())
    else:
        source = Source(shapes, "shapes")
        for entry in _entries(source):
            first, axes = _entry(source, entry)
            if first.text in found:
                raise source.mistake(first.start, f"{first.text} is declared twice", "Declare it once.")
            found[first.text] = axes
    _check_roles(found)
    return found


def _entries(source: Source) -> list[list[Token]]:
    entries: list[list[Token]] = [[]]
    for token in source.tokens():
        if token.kind == "end" or token.text == ";":
            entries.append([])
        else:
            entries[-1].append(token)
    return [entry for entry in entries if entry]


def _entry(source: Source, tokens: list[Token]) -> tuple[Token, tuple[Axis, ...]]:
    name = tokens[0]
    if name.kind != "name":
        raise source.mistake(name.start, f"{name.text} is no name", _EXAMPLE)
    if len(tokens) < 2 or tokens[1].text != ":":
        place = tokens[1].start if len(tokens) > 1 else name.stop
        raise source.mistake(
            place, f"a colon is missing after {name.text}", f'Write "{name.text}:" and its sizes.'
        )
    return name, _axes(source, tokens[2:])


def _check_roles(found: Mapping[str, tuple[Axis, ...]]) -> None:
    sizes = {size for axes in found.values() for axis in axes for size in axis.size.names}
    for name in found:
        if name in sizes:
            raise InputError(
                f"{name} is declared as a variable and is also a size in shapes",
                hint=f"Give the size another name than {name}.",
            )


def _axes(source: Source, tokens: list[Token]) -> tuple[Axis, ...]:
    reader = _Sizes(source, [t for t in tokens if t.kind != "end"])
    axes = []
    while reader.left:
        start = reader.left[0].start
        size = reader.sum()
        if reader.left and reader.left[0].text == ",":
            reader.left.pop(0)
        constant = size.constant
        if constant is not None and not 1 <= constant <= LARGEST:
            raise source.mistake(
                start, f"{constant} is no size of an axis", f"Sizes are from 1 to {LARGEST}."
            )
        axes.append(Axis(str(size), size))
    return tuple(axes)


class _Sizes:
    """Sums and products of names and whole numbers, from the front of a list of tokens."""

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.left = tokens

    def sum(self) -> Size:
        size = self.product()
        while self.left and self.left[0].text in ("+", "-"):
            sign = self.left.pop(0).text
            more = self.product()
            size = size + more if sign == "+" else size - more
        return size

    def product(self) -> Size:
        size = self.factor()
        while self.left and self.left[0].text == "*":
            star = self.left.pop(0)
            more = self.factor()
            if len(size.monomials) * len(more.monomials) > _MONOMIALS:
                raise self.source.mistake(
                    star.start, "this size is too long", "Give the size a name of its own."
                )
            size = size * more
            if any(abs(c) > LARGEST or len(names) > _MONOMIALS for names, c in size.monomials):
                raise self.source.mistake(star.start, "this size is too large", f"Sizes go up to {LARGEST}.")
        return size

    def factor(self) -> Size:
        if not self.left:
            raise self.source.mistake(len(self.source.text), "a size is missing here", _EXAMPLE)
        token = self.left.pop(0)
        if token.kind == "name":
            return Size.of(token.text)
        if token.kind == "number" and token.text.isdigit():
            if len(token.text) > len(str(LARGEST)):
                raise self.source.mistake(token.start, "this size is too large", f"Sizes go up to {LARGEST}.")
            return Size.of(int(token.text))
        if token.text == "(":
            size = self.sum()
            if self.left and self.left[0].text == ")":
                self.left.pop(0)
                return size
            token = self.left[0] if self.left else token
        raise self._no_size(token)

    def _no_size(self, token: Token) -> InputError:
        return self.source.mistake(
            token.start,
            f"{token.text} is no size",
            "Sizes are names, whole numbers, sums and products of these: m n, 3, 2*k + 1.",
        )
