"""Facts: what is known of the inputs or follows from the definitions, used in one visible step.

A fact fires on its exact left side, on one index of a joint sum, or on a summand of a bracket under a sum.
Its free indices stand for every value.
"""

from derivations.arithmetic import add, factors, product, summands, total
from derivations.rules import specimens as s
from derivations.rules.algebra import leaves, split_sum
from derivations.rules.matching import first_match
from derivations.rules.rule import Work, rule
from derivations.scope import Fact
from derivations.steps import Condition
from derivations.terms import Add, Relation, Sum, Term, substitute


@rule(
    "fact",
    group="goals",
    en="Use a fact",
    zh="使用已知事实",
    statement=r"\sum_i p_i = 1 \;\Rightarrow\; c \sum_i p_i = c",
    condition=("the fact is listed on the page", "该事实列于页面"),
    example=lambda: (product(s.a[s.j], total([s.i], s.y[s.i])), s.a[s.j]),
)
def fact(node: Term, work: Work) -> Term | None:
    """the left side of a fact -> its right side"""
    for known in work.facts:
        new = _fired(node, known)
        if new is None:
            new = _on_one_index(node, known)
        if new is None:
            new = _on_a_summand(node, known)
        if new is not None:
            work.about = str(work.facts.index(known))
            if known.assumed:
                work.require(Condition(relation=Relation("==", known.left, known.right)))
            return new
    return None


def _fired(node: Term, known: Fact) -> Term | None:
    binding = first_match(known.left, node, known.left.free)
    return None if binding is None else substitute(known.right, binding)


def _on_one_index(node: Term, known: Fact) -> Term | None:
    if not isinstance(node, Sum) or len(node.axes) < 2:
        return None
    indices, body = node.freshly_opened()
    for index in indices:
        inside = [f for f in factors(body) if index in f.free]
        fired = _fired(total([index], product(*inside)), known)
        if fired is not None:
            outside = [f for f in factors(body) if index not in f.free]
            return total([i for i in indices if i != index], product(fired, *outside))
    return None


def _on_a_summand(node: Term, known: Fact) -> Term | None:
    """sum_i p_i (a_i + 1) -> sum_i p_i a_i + 1"""
    if not isinstance(node, Sum):
        return None
    indices, body = node.freshly_opened()
    parts = factors(body)
    place = next((n for n, f in enumerate(parts) if isinstance(f, Add)), None)
    if place is None:
        return None
    terms = summands(parts[place])
    for n, term in enumerate(terms):
        alone = total(indices, product(*parts[:place], term, *parts[place + 1 :]))
        fired = _fired(split_sum(alone) if isinstance(alone, Sum) else alone, known)
        if fired is not None and leaves(fired) <= 1:
            rest = add(*terms[:n], *terms[n + 1 :])
            others = total(indices, product(*parts[:place], rest, *parts[place + 1 :]))
            return add(others, fired)
    return None
