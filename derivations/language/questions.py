"""What an author asks of a formula, and what people say about it.

An entry of `ask` is a question that the engine answers. A claim is a statement with an expected verdict: the
evidence decides, and a claim that comes out otherwise is an error of the author. A statement that cannot be
computed (about words, usage or history) carries a reference and no verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derivations.language.mistakes import AuthorError
from derivations.language.symbols import Quantity
from derivations.scope import chain_id
from derivations.words import Text

VERDICTS = ("proved", "checked", "refuted", "stated")
SEVERITIES = ("wrong", "conditional", "loose", "typo")


@dataclass(frozen=True)
class Question:
    """`kind` as in scope.Goal, the name it is asked of, and the variables."""

    kind: str
    target: Any
    variables: tuple[Any, ...]


def _question(kind: str, least: int, most: int) -> Any:
    def ask(target: Any, *variables: Any) -> Question:
        for name in (target, *variables):
            if not isinstance(name, Quantity):
                raise AuthorError(
                    f"{kind} is asked about {name!r}, which is no declared name",
                    f"Name it in define, and write {kind.capitalize()}(name, variable) without indices.",
                )
        if not least <= len(variables) <= most:
            raise AuthorError(
                f"{kind} of {target.name} has {len(variables)} variables", f"Give at least {least}."
            )
        return Question(kind, target, variables)

    ask.__name__ = kind.capitalize()
    return ask


Derivative = _question("derivative", 1, 2)
Gradient = _question("gradient", 1, 1)
Jacobian = _question("jacobian", 1, 1)
Hessian = _question("hessian", 1, 2)
Vjp = _question("vjp", 1, 9)
Stationary = _question("stationary", 1, 1)


# ---- statements --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Range:
    """The values of an expression are exactly an interval; `closed` is "", "left", "right" or "both"."""

    value: Any
    lower: Any
    upper: Any
    closed: str = ""


@dataclass(frozen=True)
class Limit:
    """`value` tends to `limit` as `variable` tends to `to`; `oo` and `-oo` are infinite."""

    value: Any
    variable: Any
    to: Any
    limit: Any


@dataclass(frozen=True)
class Step:
    """One link of a chain: `relation` is one of = <= < >= >, then the term and why it holds."""

    relation: str
    term: Any
    reason: Text


@dataclass(frozen=True)
class Chain:
    """A chain of the author's, `start relation term relation term ...`, for what no rule finds yet.

    `concludes` are ranges, limits and relations that the chain makes plain beyond its own links.
    """

    id: str
    name: Text
    start: Any
    steps: Sequence[Step]
    given: Sequence[Any] = ()
    concludes: Sequence[Any] = ()


@dataclass(frozen=True)
class Source:
    """A text from which a formula or a statement is taken: title, author and address as it gives them."""

    key: str
    title: str
    author: str = ""
    address: str = ""


@dataclass(frozen=True)
class Quote:
    """One sentence or formula of a source, its place there, and how serious the slip is."""

    text: str
    source: Source
    where: str
    severity: str

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise AuthorError(f"severity {self.severity!r}", f"Write one of {', '.join(SEVERITIES)}.")


@dataclass(frozen=True)
class Correction:
    """What is right instead: words, an equation of the formula, or both."""

    text: Text | None = None
    equation: Any = None


@dataclass(frozen=True)
class Claim:
    """A statement that people make. `says` is what the evidence computes; without it words stand alone."""

    id: str
    statement: Text
    says: Any = None
    given: Sequence[Any] = ()
    expected: str = "checked"
    quote: Quote | None = None
    correction: Correction | None = None
    reference: str = ""

    def __post_init__(self) -> None:
        if self.expected not in VERDICTS:
            raise AuthorError(
                f"claim {self.id}: verdict {self.expected!r}", f"Write one of {', '.join(VERDICTS)}."
            )
        if self.expected == "stated" and not (self.reference or self.quote):
            raise AuthorError(
                f"claim {self.id} is only stated and has no reference", "Give reference= or quote=, or says=."
            )
        if (self.says is None) != (self.expected == "stated"):
            raise AuthorError(
                f"claim {self.id} has the verdict {self.expected!r} and "
                f"{'nothing' if self.says is None else 'something'} to compute",
                'Give says= for a verdict, or expected="stated".',
            )


# ---- what surrounds the mathematics ------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A step of a derivation: the question that its chain answers, the rule, and which use of it there."""

    question: Question
    rule: str
    occurrence: int = 1

    @property
    def chain(self) -> str:
        """The id of the chain, as goals.py names the answers, lemmas and adjoints."""
        variables = (variable.name for variable in self.question.variables)
        return chain_id(self.question.kind, self.question.target.name, *variables)


def step(question: Question, rule: str, occurrence: int = 1) -> Place:
    """Where a remark belongs.  Lemmas answer a question too: `step(Jacobian(s, z), "sift")` is in that of s,
    and `step(Vjp(y, x_hat), "vjp")` in the adjoint of x_hat."""
    return Place(question, rule, occurrence)


@dataclass(frozen=True)
class Reference:
    """A published work, with the identifiers that it has."""

    text: str
    doi: str = ""
    arxiv: str = ""
    url: str = ""
    key: str = ""


@dataclass(frozen=True)
class Example:
    """Small numbers that can be followed by hand: inputs by symbol, and the cotangent of the result."""

    inputs: dict[Any, Any]
    cotangent: Any = None
    remark: Text | None = None
