"""The words around the formulas of a derivation, shared by every form of output.

Rule names come from the registry of rules and everything else from words.toml, so that the printers hold no
sentence themselves; how names are joined follows the habits of each language.
"""

from collections.abc import Callable, Iterable
from functools import reduce

from derivations.printers.matrix import MatrixLayout
from derivations.printers.operations import operation_line
from derivations.rules import RULES, mentioned
from derivations.steps import Chain, Condition, Derivation, Step
from derivations.terms import Component, Derivative
from derivations.words import label

SHOWN_BOOKKEEPING = 2  # more would drown the rule that carries the idea; the parts of a step tell the rest

# How a formula stands inside a sentence: `$...$` in Markdown, plain on a terminal.
Formula = Callable[[str], str]


def rule_name(identifier: str, language: str) -> str:
    return RULES[identifier].name[language]


def listed(items: Iterable[str], language: str, mark: str = "mark.listing") -> str:
    """`a, b, c`, with the comma of the language."""
    return reduce(lambda first, rest: label(mark, language, first=first, rest=rest), items)


def in_sentence(name: str) -> str:
    """A name in lower case at its front; VJP and other capitals stay."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def merged_rules(step: Step) -> tuple[str, ...]:
    """The bookkeeping that is named behind the rule."""
    return mentioned(step)[:SHOWN_BOOKKEEPING]


def carrying_rules(step: Step, language: str) -> str:
    names = [rule_name(rule, language) for rule in step.rules]
    return listed([names[0], *map(in_sentence, names[1:])], language)


def step_reason(step: Step, language: str) -> str:
    """`Quotient rule (with: derivative of a component)`."""
    rule = carrying_rules(step, language)
    merged = [in_sentence(rule_name(name, language)) for name in merged_rules(step)]
    return label("step.named", language, rule=rule, others=listed(merged, language)) if merged else rule


def chain_title(
    derivation: Derivation, chain: Chain, language: str, layout: MatrixLayout, formula: Formula
) -> str:
    """`Lemma: derivative of s`, `Gradient with respect to x̂`, `Jacobian`."""
    if chain.kind == "answer":
        return label(f"chain.answer.{derivation.goal.kind}", language)
    if chain.kind == "adjoint" and chain.name is not None:
        return label("chain.adjoint", language, name=formula(layout.whole(chain.name)))
    inner, order = chain.left, 0
    while isinstance(inner, Derivative):
        inner, order = inner.body, order + 1
    if not isinstance(inner, Component):
        return label("chain.lemma", language)
    key = "chain.lemma_of" if order == 1 else "chain.second_lemma_of"
    return label(key, language, name=formula(layout.whole(inner.symbol)))


def condition_words(condition: Condition, language: str, layout: MatrixLayout, formula: Formula) -> str:
    if condition.relation is not None:
        return formula(layout.line(condition.relation))
    assert condition.text is not None, "a condition is a relation or words"
    if condition.about is None:
        return condition.text[language]
    return condition.text[language].replace("{matrix}", formula(layout.whole(condition.about)))


def conditions_sentence(derivation: Derivation, language: str, layout: MatrixLayout, formula: Formula) -> str:
    """`Holds where s ≠ 0; a > 0.`, or nothing."""
    words = [condition_words(condition, language, layout, formula) for condition in derivation.conditions]
    if not words:
        return ""
    return label("result.conditions", language, conditions=listed(words, language, "mark.conditions"))


def introductions(derivation: Derivation, language: str, layout: MatrixLayout, formula: Formula) -> list[str]:
    """What the names stand for that the engine made and no chain shows: an inverse, a determinant."""
    found = []
    for definition in derivation.scope.definitions:
        if definition.operation and definition.symbol.name in derivation.introduced:
            whole = operation_line(definition, layout)
            if whole is not None:
                found.append(formula(whole))
                continue
            name, body = formula(layout.line(definition.left)), formula(layout.line(definition.body))
            found.append(label(f"where.{definition.operation}", language, name=name, body=body))
    return found
