"""The words around the formulas of a derivation, shared by every form of output.

Rule names come from the registry of rules and everything else from words.toml, so that the printers hold no
sentence themselves; how names are joined follows the habits of each language.
"""

from collections.abc import Iterable
from functools import reduce

from derivations.printers.layout import Layout
from derivations.rules import RULES
from derivations.steps import Chain, Condition, Step
from derivations.words import label

SHOWN_BOOKKEEPING = 2  # more would drown the rule that carries the idea; the parts of a step tell the rest


def rule_name(identifier: str, language: str) -> str:
    return RULES[identifier].name[language]


def listed(items: Iterable[str], language: str, mark: str = "mark.listing") -> str:
    """`a, b, c`, with the comma of the language."""
    return reduce(lambda first, rest: label(mark, language, first=first, rest=rest), items)


def in_sentence(name: str) -> str:
    """A name in lower case at its front; VJP and other capitals stay."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def step_reason(step: Step, language: str) -> str:
    """`Quotient rule (with: derivative of exp)`."""
    carrying = [rule_name(rule, language) for rule in step.rules]
    rule = listed([carrying[0], *map(in_sentence, carrying[1:])], language)
    merged = [in_sentence(rule_name(rule, language)) for rule in step.bookkeeping if rule not in step.rules]
    if not merged:
        return rule
    return label("step.named", language, rule=rule, others=listed(merged[:SHOWN_BOOKKEEPING], language))


def chain_title(chain: Chain, language: str) -> str:
    """`Lemma`, `Adjoint`, `Result`; the left side of the chain stands in its first line."""
    return label(f"chain.{chain.kind}", language)


def condition_words(condition: Condition, language: str, layout: Layout) -> str:
    if condition.relation is not None:
        return layout.line(condition.relation)
    assert condition.text is not None, "a condition is a relation or words"
    return condition.text[language]
