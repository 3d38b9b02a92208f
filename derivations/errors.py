"""What may go wrong for a caller, in three kinds: the input, the limits of the engine, the engine itself.

Each message says what is wrong, where, and one thing to write instead.  No other exception leaves `derive`.
What makes an error goes to `Exception` whole and the words are put together when asked for: a formula that is
derived in another process fails there, and only what `args` hold comes back.
"""


class Error(ValueError):
    """Base of all errors that end in words: the message is all that a person needs to mend what is wrong."""


class InputError(Error):
    """The text, the shapes or the facts cannot be read.

    `line` and `column` count from 1 in the text as typed (0: the error belongs to no place in it); `hint` is
    one thing to write instead.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0, hint: str = "", text: str = "") -> None:
        super().__init__(message, line, column, hint, text)
        self.problem = message
        self.line = line
        self.column = column
        self.hint = hint
        self.text = text

    def __str__(self) -> str:
        lines = self.text.splitlines()
        where = f"line {self.line}, column {self.column}: " if self.line else ""
        shown = ""
        if self.line and self.line <= len(lines):
            shown = f"\n  {lines[self.line - 1]}\n  {' ' * (self.column - 1)}^"
        return f"{where}{self.problem}{shown}" + (f"\n{self.hint}" if self.hint else "")


class Unsupported(Error):
    """No rule leads on.  `term` is what is left, printed; a half-done result is never returned."""

    def __init__(self, reason: str, term: str) -> None:
        super().__init__(reason, term)
        self.reason = reason
        self.term = term

    def __str__(self) -> str:
        return f"{self.reason}: {self.term}"


class InternalMistake(Error):
    """The quick check disagrees with the result.  It is not shown; please report the input."""
