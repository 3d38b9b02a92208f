"""What may go wrong for a caller, in three kinds: the input, the limits of the engine, the engine itself.

Each message says what is wrong, where, and one thing to write instead.  No other exception leaves `derive`.
"""


class Error(ValueError):
    """Base of all errors that a caller of `derive` can meet."""


class InputError(Error):
    """The text, the shapes or the facts cannot be read.

    `line` and `column` count from 1 in the text as typed (0: the error belongs to no place in it); `hint` is
    one thing to write instead.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0, hint: str = "", text: str = "") -> None:
        self.problem = message
        self.line = line
        self.column = column
        self.hint = hint
        lines = text.splitlines()
        where = f"line {line}, column {column}: " if line else ""
        shown = ""
        if line and line <= len(lines):
            shown = f"\n  {lines[line - 1]}\n  {' ' * (column - 1)}^"
        super().__init__(f"{where}{message}{shown}" + (f"\n{hint}" if hint else ""))


class Unsupported(Error):
    """No rule leads on.  `term` is what is left, printed; a half-done result is never returned."""

    def __init__(self, reason: str, term: str) -> None:
        self.reason = reason
        self.term = term
        super().__init__(f"{reason}: {term}")


class InternalMistake(Error):
    """The quick check disagrees with the result.  It is not shown; please report the input."""
