"""A derivation as a value: an ordered list of named chains, each step's `after` the next one's `before`.

Rules make rewrites, goals collect them into steps, printers print them; nobody computes a result apart from
the steps, because the result *is* the last term of the last chain.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from derivations.indices import Index
from derivations.scope import Goal, Scope
from derivations.terms import Symbol, Term
from derivations.words import Text


@dataclass(frozen=True)
class Rewrite:
    """One elementary application of a rule; `about` names the lemma, name or fact that it used."""

    rule: str
    before: Term
    after: Term
    about: str = ""


@dataclass(frozen=True)
class Step:
    """One displayed step: the rule that carries the idea, the bookkeeping merged into it, both terms.

    `rules` are the ids of the carrying rules (several when one wave uses several), `bookkeeping` those of the
    merged ones, `about` the names, facts or lemmas in play.  `matrix` is set on a step that only changes the
    notation (rule "matrix"): before and after are then the same term.  `relation` is "=" or, between two
    equations, "iff".
    """

    rules: tuple[str, ...]
    before: Term
    after: Term
    parts: tuple[Rewrite, ...] = ()
    bookkeeping: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    relation: str = "="
    matrix: Any = None
    remark: Text | None = None

    @property
    def rule(self) -> str:
        """The rule that carries the idea; of several, the first."""
        return self.rules[0]

    @property
    def focus(self) -> Term:
        """The subterm on which the carrying rule acted, at its first place; the whole for a matrix form."""
        return next((part.before for part in self.parts if part.rule == self.rule), self.before)


@dataclass(frozen=True)
class Chain:
    """`left = step = step = ...`: the first step starts from `left`.

    `indices` are the axes of the value, in the order a reader expects; `name` is the symbol that
    the chain defines, for an adjoint.
    """

    id: str
    kind: str  # "lemma", "adjoint", "answer"
    left: Term
    steps: tuple[Step, ...]
    indices: tuple[Index, ...]
    name: Symbol | None = None

    @property
    def result(self) -> Term:
        return self.steps[-1].after if self.steps else self.left


@dataclass(frozen=True)
class Condition:
    """Something a result needs: a relation between terms, or words where no formula says it.

    `{matrix}` in the words stands for the symbol `about`, which every form of output writes its own way.
    """

    relation: Term | None = None
    text: Text | None = None
    about: Symbol | None = None


@dataclass(frozen=True)
class Derivation:
    """The answer to one goal.  `scope` also holds names that the engine introduced (adjoints, inverses)."""

    goal: Goal
    scope: Scope
    chains: tuple[Chain, ...]
    conditions: tuple[Condition, ...] = ()
    kind: str = "derived"  # "derived", "proved", "checked_chain"
    introduced: tuple[str, ...] = ()
    reason: Text | None = field(default=None)  # why there is no matrix form, where there is none

    @property
    def answer(self) -> Chain:
        return self.chains[-1]

    @property
    def result(self) -> Term:
        return self.answer.result

    @property
    def steps(self) -> tuple[Step, ...]:
        """All displayed steps, chain by chain."""
        return tuple(step for chain in self.chains for step in chain.steps)

    @property
    def matrix(self) -> Any:
        """The matrix form of the answer, or None."""
        last = self.answer.steps[-1] if self.answer.steps else None
        return last.matrix if last else None

    def with_chains(self, chains: tuple[Chain, ...]) -> "Derivation":
        return replace(self, chains=chains)
