"""Which rule is tried when, and how rewrites become the steps that a reader sees.

A displayed step is one wave (a derivative rule at every outermost derivative at once) or one pivot, together
with bookkeeping from a fixed list.  What is left at the end is in normal form, or `Stuck` says what is not.
"""

from collections.abc import Callable, Iterable

from derivations.arithmetic import factors, rewritten, with_distinct_letters
from derivations.canonical import signed_key
from derivations.rules import RULES, Rule, Stuck, Work
from derivations.rules.algebra import (
    cancel,
    expand,
    factor,
    join,
    order,
    outside_sums_of_terms,
    positive_first,
    signs,
    turn,
)
from derivations.rules.derivative import LEMMA, LINEAR, NONLINEAR
from derivations.rules.facts import fact
from derivations.rules.linear_algebra import equal_sums, inverse_cancels
from derivations.rules.names import absorbs_part_only, eliminate, fold_atomic, name, open_and_cancel
from derivations.rules.sums import SUM_RULES, delta_of, pull, solved
from derivations.steps import Step
from derivations.terms import Delta, Derivative, Relation, Sum, Term, has_derivative, subterms

_WAVES = 40
_ROUNDS = 12


class Walk:
    """One chain in the making: the term it has reached and the steps so far."""

    def __init__(self, work: Work, left: Term) -> None:
        self.work = work
        self.left = left
        self.term = left
        self.steps: list[Step] = []

    def take(self, after: Term, carrying: Iterable[str] = ()) -> bool:
        """The term reached becomes a step, carried by the rules given or else by the pivots in the record.

        Bookkeeping alone joins the step before it, or makes a step of its own where that one was an opening.
        """
        work = self.work
        after = work.everywhere(after, (order,))
        taken = {i.letter for i in self.left.free | frozenset(work.output)} | names_in_use(work)
        after = with_distinct_letters(after, taken)
        parts = tuple(work.log)
        work.log.clear()
        if after == self.term and not parts:
            return False
        used = tuple(dict.fromkeys(part.rule for part in parts))
        pivots = tuple(carrying) or tuple(r for r in used if not RULES[r].bookkeeping)
        about = tuple(dict.fromkeys(part.about for part in parts if part.about))
        last = self.steps[-1] if self.steps else None
        relation = "iff" if isinstance(after, Relation) else "="
        if not pivots and last is not None and last.rules not in (("define",), ("vjp",)):
            self.steps[-1] = Step(
                last.rules,
                last.before,
                after,
                last.parts + parts,
                tuple(dict.fromkeys(last.bookkeeping + used)),
                tuple(dict.fromkeys(last.about + about)),
            )
        else:
            pivots = pivots or used[:1]
            bookkeeping = tuple(r for r in used if r not in pivots)
            self.steps.append(Step(pivots, self.term, after, parts, bookkeeping, about, relation))
        self.term = after
        return True

    def run(self, *rules: Rule) -> bool:
        """One pass of these rules everywhere, taken as a step."""
        before = signed_key(self.term)
        after = self.work.everywhere(self.term, rules)
        if not self.work.log:
            return False
        self.take(after)
        return signed_key(self.term) != before


def names_in_use(work: Work) -> set[str]:
    """What no index letter may be: names of inputs, of definitions and of sizes."""
    scope = work.scope
    return {s.name for s in scope.inputs} | {d.symbol.name for d in scope.definitions} | set(scope.sizes)


def _outermost(term: Term, change: Callable[[Derivative], Term]) -> Term:
    if isinstance(term, Derivative):
        return change(term)
    return rewritten(term, lambda child: _outermost(child, change))


def _try(work: Work, rules: Iterable[Rule]) -> Callable[[Derivative], Term]:
    rules = tuple(rules)

    def change(node: Derivative) -> Term:
        for one in rules:
            after = work.apply(one, node)
            if after is not None:
                return after
        return node

    return change


def linear_to_the_end(term: Term, work: Work) -> Term:
    """Linearity and leaves, until no derivative answers to them."""
    while True:
        before = len(work.log)
        term = _outermost(term, _try(work, LINEAR))
        if len(work.log) == before:
            return term


def differentiate(walk: Walk) -> None:
    """Waves until no derivative is left: nonlinear rules first, lemmas last and together."""
    work = walk.work
    term = linear_to_the_end(walk.term, work)
    if not has_derivative(term):
        walk.take(_tidied(term, work), carrying=_leading(work))
        return
    for _ in range(_WAVES):
        if not has_derivative(term):
            return
        before = len(work.log)
        after = _outermost(term, _try(work, NONLINEAR))
        if len(work.log) == before:
            after = _outermost(term, _try(work, (LEMMA,)))
        if len(work.log) == before:
            raise Stuck("no rule differentiates this", next(t for t in subterms(term) if _is_derivative(t)))
        carrying = tuple(dict.fromkeys(part.rule for part in work.log[before:]))
        after = linear_to_the_end(after, work)
        walk.take(_tidied(after, work), carrying=carrying)
        term = linear_to_the_end(walk.term, work)
    raise Stuck("differentiation does not come to an end", term)


def _is_derivative(term: Term) -> bool:
    return isinstance(term, Derivative)


def _leading(work: Work) -> tuple[str, ...]:
    used = [part.rule for part in work.log]
    return ("linear",) if "linear" in used else tuple(used[:1])


def _tidied(term: Term, work: Work) -> Term:
    """What belongs to a wave and needs no line of its own: atomic names, factors out of sums."""
    term = work.everywhere(term, (fold_atomic,))
    return _numbers_out(term, work)


def _numbers_out(term: Term, work: Work) -> Term:
    if isinstance(term, Derivative):
        return term
    term = rewritten(term, lambda child: _numbers_out(child, work))
    if isinstance(term, Sum) and any(not f.free for f in factors(term.opened[1])):
        after = work.apply(pull, term)
        return term if after is None else after
    return term


def normalise(walk: Walk) -> None:
    """Passes in rounds until the key is stable, then the place of minus signs; the end is checked."""
    work = walk.work
    for _ in range(_ROUNDS):
        before = signed_key(walk.term)
        walk.run(cancel)
        walk.run(inverse_cancels)
        walk.take(outside_sums_of_terms(walk.term, work, turn))
        walk.run(*SUM_RULES)
        walk.run(open_and_cancel)
        walk.run(fact)
        write_names(walk)
        walk.run(join, factor)
        walk.run(expand)
        walk.run(equal_sums)
        eliminated = work.apply(eliminate, walk.term)
        if eliminated is not None:
            walk.take(eliminated)
        if signed_key(walk.term) == before:
            break
    else:
        raise Stuck("the passes do not come to an end", walk.term)
    turned = outside_sums_of_terms(walk.term, work, signs)
    if work.log:
        walk.take(work.everywhere(turned, (positive_first,)))
    walk.run(positive_first)
    check_normal(walk.term)


def write_names(walk: Walk) -> None:
    """Names where their definitions have come up again, but for those that would absorb only a part."""
    work = walk.work
    while True:
        after = work.everywhere(walk.term, (name,))
        used = {part.about for part in work.log}
        partial = {n for n in used if absorbs_part_only(work.definitions[n], after)}
        if not partial:
            break
        work.unnamed |= partial
        work.log.clear()
    if work.log:
        walk.take(after)


def check_normal(term: Term) -> None:
    """No derivative, and no delta that a sum can absorb."""
    for sub in subterms(term):
        if isinstance(sub, Derivative):
            raise Stuck("a derivative is left", sub)
        if isinstance(sub, Sum):
            indices, body = sub.opened
            for factor_ in factors(body):
                if not (isinstance(factor_, Delta) and delta_of(factor_, indices)):
                    continue
                if any(solved(factor_, index) is not None for index in indices):
                    raise Stuck("a sum can still absorb a delta", sub)
