"""What a rule is: one named function, its statement, both languages, and an example that is its test.

`Work.apply` is the only place where a rule meets a term.  So every rewrite is recorded, and a test can put a
wrong rule in the place of a right one to see whether the evidence notices.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from derivations.arithmetic import rewritten
from derivations.indices import Index
from derivations.scope import Definition, Definitions, Fact, Scope
from derivations.steps import Condition, Rewrite, Step
from derivations.terms import Derivative, Symbol, Term
from derivations.words import Text


class Stuck(ValueError):
    """No rule leads on: `term` is what is left.  The engine never returns a half-done result."""

    def __init__(self, reason: str, term: Term) -> None:
        super().__init__(reason)
        self.reason = reason
        self.term = term


@dataclass(frozen=True)
class Lemma:
    """A derivative proved before: the value of d name[indices] / d variable[by]."""

    name: Symbol
    indices: tuple[Index, ...]
    by: tuple[Index, ...]
    value: Term


Prover = Callable[[Symbol, Symbol, tuple[str, ...]], Lemma]


def _prove_nothing(name: Symbol, variable: Symbol, held: tuple[str, ...]) -> Lemma:
    raise LookupError(f"no lemma for {name.name}")


Mutation = Callable[["Rule", Term, Term], Term]
Watch = Callable[[], None]  # asked before every rewrite; raises to end the work


@dataclass
class Work:
    """The state of one derivation: what is known, what has been recorded."""

    scope: Scope
    prove: Prover
    mutate: Mutation | None = None
    watch: Watch | None = None
    log: list[Rewrite] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    about: str = ""
    adjoints: dict[str, tuple[tuple[Index, ...], Term]] = field(default_factory=dict)
    unknown: Symbol | None = None  # what a stationary point is solved for
    inverse: Symbol | None = None  # the inverse of its coefficient matrix
    unnamed: set[str] = field(default_factory=set)  # names that would absorb only a part of what stands here
    output: tuple[Index, ...] = ()  # indices of the value, in the order in which a reader expects them

    @staticmethod
    def silent() -> "Work":
        """For trying rules that need to know nothing; what it records is thrown away."""
        return Work(Scope((), Definitions()), _prove_nothing)

    @property
    def definitions(self) -> Definitions:
        return self.scope.definitions

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.scope.facts

    def depends(self, term: Term, derivative: Derivative) -> bool:
        return self.definitions.depends(term, derivative.symbol, derivative.held)

    def require(self, condition: Condition) -> None:
        if condition not in self.conditions:
            self.conditions.append(condition)

    def apply(self, rule: "Rule", term: Term) -> Term | None:
        """The rule's answer for this very node, recorded; None where it says nothing new."""
        if self.watch is not None:
            self.watch()
        self.about = ""
        after = rule.rewrite(term, self)
        if after is None or after == term:
            return None
        if self.mutate is not None:
            after = self.mutate(rule, term, after)
        self.log.append(Rewrite(rule.id, term, after, self.about))
        return after

    def everywhere(self, term: Term, rules: Iterable["Rule"]) -> Term:
        """The rules applied from the inside out, again at each new term, until none answers.

        Derivatives not yet taken are left alone: what stands under them has its own step.
        """
        rules = tuple(rules)
        if isinstance(term, Derivative):
            return term
        term = rewritten(term, lambda child: self.everywhere(child, rules))
        for rule in rules:
            after = self.apply(rule, term)
            if after is not None:
                return self.everywhere(after, rules)
        return term


@dataclass(frozen=True)
class Rule:
    """A named rule.  `example` gives a term and what the rule makes of it; it is the rule's first test."""

    id: str
    group: str
    name: Text
    statement: str
    rewrite: Callable[[Term, Work], Term | None] = field(repr=False)
    condition: Text | None = None
    example: Callable[[], tuple[Term, Term]] | None = field(default=None, repr=False)
    bookkeeping: bool = False
    silent: bool = False  # bookkeeping that no reader needs to be told of


RULES: dict[str, Rule] = {}


def rule(
    id: str,
    *,
    group: str,
    en: str,
    zh: str,
    statement: str,
    condition: tuple[str, str] | None = None,
    example: Callable[[], tuple[Term, Term]] | None = None,
    bookkeeping: bool = False,
    silent: bool = False,
) -> Callable[[Callable[[Term, Work], Term | None]], Rule]:
    """Registers the function below it under this id; two rules of one id are an error."""

    def register(rewrite: Callable[[Term, Work], Term | None]) -> Rule:
        if id in RULES:
            raise ValueError(f"two rules have the id {id!r}")
        RULES[id] = Rule(
            id=id,
            group=group,
            name=Text(en=en, zh=zh),
            statement=statement,
            rewrite=rewrite,
            condition=Text(*condition) if condition else None,
            example=example,
            bookkeeping=bookkeeping,
            silent=silent,
        )
        return RULES[id]

    return register


def mentioned(step: Step) -> tuple[str, ...]:
    """The bookkeeping of a step that a reader is told of."""
    return tuple(id for id in step.bookkeeping if id not in step.rules and not RULES[id].silent)


def lemma_of(work: Work, definition: Definition, derivative: Derivative) -> Lemma:
    return work.prove(definition.symbol, derivative.symbol, derivative.held)
