"""Text as typed: its tokens, its limits, its lines, and the place of every mistake in it.

Nothing reaches Python's parser before its tokens were counted here, so nesting and length are bounded and
every character is one that the notation knows.  Each refusal names one thing to write instead.
"""

import ast
import re
from bisect import bisect_right
from dataclasses import dataclass

from derivations.errors import InputError
from derivations.parse.refusals import EXAMPLE, KEYWORDS, LETTERS_REFUSED, SIGNS, letter_problem

CHARACTERS = 20_000
NESTING = 200
OPERATIONS = 2_000
DIGITS = 30
DECIMAL_EXPONENT = 300  # beyond this no float has a value


@dataclass(frozen=True)
class Token:
    """`kind` is "name", "number", "text" (in quotes), "sign" or "end" (of a line).

    `start` is the position in the whole text.
    """

    kind: str
    text: str
    start: int

    @property
    def stop(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True)
class Line:
    """One line of the input: the tokens of the name it gives (none: a value) and those of its expression."""

    target: tuple[Token, ...]
    expression: tuple[Token, ...]


class Source:
    """A text with its places; `what` says which of the caller's texts it is."""

    def __init__(self, text: str, what: str = "the text") -> None:
        if not isinstance(text, str):
            raise InputError(f"{what} is a {type(text).__name__}", hint='Give a string, such as "sum(x**2)".')
        if len(text) > CHARACTERS:
            raise InputError(
                f"{what} has {len(text)} characters, more than {CHARACTERS}",
                hint="Give one formula at a time.",
            )
        self.text = text
        self.what = what
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def mistake(self, position: int, message: str, hint: str) -> InputError:
        line = min(bisect_right(self.starts, position), max(1, len(self.starts) - 1))
        return InputError(message, line, position - self.starts[line - 1] + 1, hint, self.text)

    # ---- tokens ----

    def tokens(self) -> list[Token]:
        found: list[Token] = []
        position = 0
        while position < len(self.text):
            match = _TOKEN.match(self.text, position)
            if match is None:
                raise self._unknown_character(position)
            kind, text = str(match.lastgroup), match.group()
            if kind not in ("space", "comment"):
                found.append(Token(kind, text, position))
                self._check(found)
            position = match.end()
        self._check_brackets(found)
        return found

    def _unknown_character(self, position: int) -> InputError:
        character = self.text[position]
        shown = character if character.isprintable() else f"U+{ord(character):04X}"
        message, hint = LETTERS_REFUSED.get(
            character, (f"{shown} is no sign of this notation", "Write NumPy notation: + - * / ** @.")
        )
        return self.mistake(position, message, hint)

    def _check(self, found: list[Token]) -> None:
        token = found[-1]
        before = found[-2] if len(found) > 1 else None
        if token.kind == "number":
            self._check_number(token)
        elif token.kind == "name":
            if before is not None and before.kind == "number" and before.stop == token.start:
                raise self.mistake(
                    token.start,
                    f"{before.text} runs into {token.text}",
                    f"Write {before.text}*{token.text} for a product.",
                )
            self._check_name(token)
        elif token.kind == "text" and before is not None and before.text in ("(", ",", "="):
            return
        elif token.kind == "text" or token.text in SIGNS:
            mark = token.text[:1] if token.kind == "text" else token.text
            message, hint = SIGNS[mark]
            if mark in "'\"" and before is not None and before.stop == token.start and ends(before):
                message, hint = f"{mark} does not transpose here", f"Write {before.text}.T instead."
            raise self.mistake(token.start, message, hint)

    def _check_number(self, token: Token) -> None:
        mantissa, _, exponent = token.text.lower().partition("e")
        if sum(c.isdigit() for c in mantissa) > DIGITS or len(exponent) > 4:
            raise self.mistake(token.start, f"a number has more than {DIGITS} digits", "Write fewer digits.")
        if exponent and abs(int(exponent)) > DECIMAL_EXPONENT:
            raise self.mistake(
                token.start,
                f"{token.text} is outside the numbers of a computer",
                f"Write an exponent between -{DECIMAL_EXPONENT} and {DECIMAL_EXPONENT}.",
            )

    def _check_name(self, token: Token) -> None:
        for place, character in enumerate(token.text):
            problem = LETTERS_REFUSED.get(character) or letter_problem(character)
            if problem:
                raise self.mistake(token.start + place, *problem)
        if token.text.startswith("_") or "__" in token.text:
            raise self.mistake(
                token.start,
                f"{token.text} is no name of this notation",
                "Begin names with a letter, and use single underscores.",
            )
        if token.text in KEYWORDS:
            message, hint = KEYWORDS[token.text]
            raise self.mistake(token.start, message, hint)

    def _check_brackets(self, tokens: list[Token]) -> None:
        """Brackets match, none is too deep, and there are not too many operations."""
        open_brackets: list[Token] = []
        operations = 0
        for token in tokens:
            if token.kind != "sign":
                continue
            operations += token.text not in "),]"
            if operations > OPERATIONS:
                raise self.mistake(
                    token.start,
                    f"there are more than {OPERATIONS} operations",
                    "Leave out what does not depend on the variable, or give a name of its own to a part.",
                )
            if token.text in "([":
                open_brackets.append(token)
                if len(open_brackets) > NESTING:
                    raise self.too_deep(token.start)
            elif token.text in ")]":
                if not open_brackets:
                    raise self.mistake(
                        token.start, f"{token.text} closes no bracket", f"Leave out {token.text}."
                    )
                wanted = ")" if open_brackets[-1].text == "(" else "]"
                if wanted != token.text:
                    raise self.mistake(
                        token.start,
                        f"{open_brackets[-1].text} is closed by {token.text}",
                        f"Write {wanted} here.",
                    )
                open_brackets.pop()
        if open_brackets:
            opened = open_brackets[-1]
            closing = ")" if opened.text == "(" else "]"
            raise self.mistake(
                opened.start, f"{opened.text} is never closed", f"Add {closing} where it ends."
            )

    def too_deep(self, position: int) -> InputError:
        return self.mistake(
            position,
            f"the expression is nested more than {NESTING} deep",
            "Give inner parts names on lines of their own: a = ...",
        )

    # ---- lines ----

    def lines(self) -> list[Line]:
        """The lines, divided at line ends and semicolons outside brackets."""
        found: list[Line] = []
        current: list[Token] = []
        depth = 0
        for token in [*self.tokens(), Token("end", "", len(self.text))]:
            depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
            if token.kind == "end" and depth:
                continue
            if token.kind == "end" or (token.text == ";" and not depth):
                if current:
                    found.append(self._line(current))
                current = []
            else:
                current.append(token)
        return found

    def _line(self, tokens: list[Token]) -> Line:
        depth, equals = 0, []
        for place, token in enumerate(tokens):
            depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
            if token.text == "=" and not depth:
                equals.append(place)
        if not equals:
            return Line((), tuple(tokens))
        if len(equals) > 1:
            raise self.mistake(tokens[equals[1]].start, "a second = on one line", "Write == to compare.")
        at = equals[0]
        if at == 0 or at == len(tokens) - 1:
            raise self.mistake(
                tokens[at].start, "= needs a name before it and a value behind it", "Write a = x**2."
            )
        return Line(tuple(tokens[:at]), tuple(tokens[at + 1 :]))

    # ---- Python's parser ----

    def tree(self, tokens: tuple[Token, ...]) -> "Tree":
        """The syntax tree of an expression.  Line ends and comments in it are blanks to the parser."""
        self._check_order(tokens)
        start, stop = tokens[0].start, tokens[-1].stop
        characters = [" "] * (stop - start)
        for token in tokens:
            characters[token.start - start : token.stop - start] = token.text
        text = "".join(characters)
        try:
            parsed = ast.parse(text, mode="eval")
        except SyntaxError as error:
            column = min((error.offset or len(text)) - 1, len(text) - 1)
            raise self.mistake(start + column, "this cannot be read as an expression", EXAMPLE) from None
        except (RecursionError, MemoryError):
            raise self.too_deep(start) from None
        tree = Tree(self, start, text, parsed.body)
        tree.check_depth()
        return tree

    def _check_order(self, tokens: tuple[Token, ...]) -> None:
        """Two operands have an operator between them, and an operator has its operands."""
        before: Token | None = None
        for token in tokens:
            ended = before is not None and ends(before)
            if token.kind in ("name", "number", "text") and before is not None and ended:
                raise self.mistake(
                    token.start,
                    f"there is no operator between {before.text} and {token.text}",
                    f"Write * or @ before {token.text}.",
                )
            if token.text in _BINARY and not ended:
                raise self.mistake(token.start, f"{token.text} has nothing before it", EXAMPLE)
            if before is not None and before.text in _OPERATORS and token.text in (")", "]", ","):
                raise self.mistake(before.start, f"{before.text} has nothing behind it", EXAMPLE)
            before = token
        if before is not None and before.text in _OPERATORS:
            raise self.mistake(before.start, f"{before.text} has nothing behind it", EXAMPLE)


@dataclass(frozen=True)
class Tree:
    """A syntax tree and where it stands in its text."""

    source: Source
    start: int
    text: str
    root: ast.expr

    def position(self, node: ast.AST) -> int:
        """Python counts columns in bytes."""
        column: int = getattr(node, "col_offset", 0)
        return self.start + len(self.text.encode()[:column].decode())

    def written(self, node: ast.expr) -> str:
        """The text of a node as typed."""
        data = self.text.encode()
        return data[node.col_offset : node.end_col_offset].decode()

    def mistake(self, node: ast.AST, message: str, hint: str) -> InputError:
        return self.source.mistake(self.position(node), message, hint)

    def check_depth(self) -> None:
        """Nesting as the reader of the tree meets it: a chain of + - or of * / is one level."""
        stack: list[tuple[ast.AST, int]] = [(self.root, 1)]
        while stack:
            node, depth = stack.pop()
            if depth > NESTING:
                raise self.source.too_deep(self.position(node))
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr | ast.keyword):
                    stack.append((child, depth + (not continues(node, child))))


def ends(token: Token) -> bool:
    """Whether an operand ends with this token."""
    return token.kind in ("name", "number", "text") or token.text in (")", "]")


def continues(node: ast.AST, child: ast.AST) -> bool:
    """Whether `child` is the left side of `node` and of the same chain: a + b - c, a * b / c."""
    return (
        isinstance(node, ast.BinOp)
        and child is node.left
        and isinstance(child, ast.BinOp)
        and any(isinstance(node.op, pair) and isinstance(child.op, pair) for pair in CHAINS)
    )


_BINARY = frozenset("* / ** @ < > <= >= == != .".split())
_OPERATORS = _BINARY | {"+", "-"}
CHAINS = ((ast.Add, ast.Sub), (ast.Mult, ast.Div))

# A number before a name, so that .5 is one; "**" before "*".
_TOKEN = re.compile(
    r"""(?P<space>[ \t]+)
    |(?P<comment>\#[^\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]*)
    |(?P<end>[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029])
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<text>'[A-Za-z,> -]{0,60}'|"[A-Za-z,> -]{0,60}")
    |(?P<sign>\*\*=|//=|>>=|<<=|\.\.\.|\*\*|//|<<|>>|<=|>=|==|!=|->|:=|[-+*/@%&|^]=|[-+*/@<>=()\[\],.:;'"^%&|~!{}$\\?`])
    """,
    re.VERBOSE,
)


def whole_number(node: ast.expr) -> int | None:
    """A written integer, with its sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = whole_number(node.operand) if isinstance(node.operand, ast.Constant) else None
        return None if inner is None else -inner
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
