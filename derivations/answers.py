"""Derivations as they are shown: with the step back to matrix notation, and with the author's remarks.

The matrix form is compared with the index form, values and exact shape, before anybody sees it.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from derivations import steps
from derivations.domains import POSITIVE, UNIT
from derivations.errors import InternalMistake, Unsupported
from derivations.evaluate import Point
from derivations.goals import reach
from derivations.language import AuthorError, Formula, Remark
from derivations.matrix_form import MatrixForm, NotMatrix, recover
from derivations.numerics import Array, finite
from derivations.printers.text import term_text
from derivations.rules import Stuck
from derivations.sampling import random_point, regular, size_choices
from derivations.terms import Component, Relation, Sum, Term, subterms
from derivations.verify.evidence import FLOAT_TOLERANCE, PRECISE_TOLERANCE, close
from derivations.verify.steps import Ground

_SEEDS = 100  # how many points are tried before a value counts as having none

# ---- the derivations of a formula ----------------------------------------------------------------------


def derivations_of(formula: Formula) -> tuple[steps.Derivation, ...]:
    """The answers to all questions of a formula, each with its matrix form and the author's remarks.

    Raises `Unsupported` with the stuck term, AuthorError for a remark that finds no step.
    """
    try:
        derivations = tuple(map(with_matrix_form, reach(formula.scope, formula.goals)))
    except Stuck as stuck:
        raise Unsupported(f"formula {formula.id}: {stuck.reason}", term_text(stuck.term)) from stuck
    for note in formula.notes:
        remarked = tuple(_with_remark(derivation, note) for derivation in derivations)
        if remarked == derivations:
            raise _homeless(formula, note, derivations)
        derivations = remarked
    return derivations


def _with_remark(derivation: steps.Derivation, note: Remark) -> steps.Derivation:
    """The derivation with the remark at its step, unchanged where it has no such step."""
    chains = list(derivation.chains)
    for place, chain in enumerate(chains):
        uses = [n for n, step in enumerate(chain.steps) if note.rule in step.rules]
        if chain.id != note.chain or len(uses) < note.occurrence:
            continue
        at = uses[note.occurrence - 1]
        if chain.steps[at].remark is not None:
            raise AuthorError(
                f"two remarks stand at rule {note.rule}, occurrence {note.occurrence}, of chain {note.chain}",
                "Join the two, or move one of them.",
            )
        changed = replace(chain.steps[at], remark=note.text)
        chains[place] = replace(chain, steps=(*chain.steps[:at], changed, *chain.steps[at + 1 :]))
    return derivation.with_chains(tuple(chains))


def _homeless(formula: Formula, note: Remark, derivations: tuple[steps.Derivation, ...]) -> AuthorError:
    chains = {chain.id: chain for derivation in derivations for chain in derivation.chains}
    shown = [chains[note.chain]] if note.chain in chains else list(chains.values())
    rules = "; ".join(f"{c.id}: {', '.join('+'.join(step.rules) for step in c.steps)}" for c in shown)
    return AuthorError(
        f"the remark at rule {note.rule}, occurrence {note.occurrence}, chain {note.chain} finds no step",
        f"Move it to one of these steps: {rules}.",
        (f"formula {formula.id}",),
    )


# ---- matrix form ---------------------------------------------------------------------------------------


def with_matrix_form(derivation: steps.Derivation) -> steps.Derivation:
    """The derivation with the step back to matrix notation at its end, or with the reason why there is none.

    A number made of numbers has no other notation, and gets neither.
    """
    answer = derivation.answer
    if not has_indices(answer.result):
        return derivation
    repeated = _repeated_inverses(derivation)
    form = recover(answer.result, answer.indices, derivation.scope.definitions, keep=repeated)
    if isinstance(form, NotMatrix):
        return replace(derivation, reason=form.reason)
    check_matrix_form(derivation, form)
    shown: list[steps.Step] = []
    for step in answer.steps:
        shown.append(step)
        equation = step.after
        if isinstance(equation, Relation) and "collect_unknown" in step.rules:
            # an equation on the way that people quote: the normal equation
            on_the_way = recover(equation, answer.indices, derivation.scope.definitions)
            if isinstance(on_the_way, MatrixForm):
                shown.append(_in_matrix_form(equation, on_the_way))
    shown.append(_in_matrix_form(answer.result, form))
    return derivation.with_chains((*derivation.chains[:-1], replace(answer, steps=tuple(shown))))


def _repeated_inverses(derivation: steps.Derivation) -> list[str]:
    """Inverses that the result has more than once: there their names read better than what they stand for."""
    found = Counter(sub.symbol.name for sub in subterms(derivation.result) if isinstance(sub, Component))
    known = (derivation.scope.definitions.get(name) for name, times in found.items() if times > 1)
    return [d.symbol.name for d in known if d is not None and d.operation == "inverse"]


def _in_matrix_form(term: Term, form: MatrixForm) -> steps.Step:
    relation = "iff" if isinstance(term, Relation) else "="
    return steps.Step(rules=("matrix",), before=term, after=term, relation=relation, matrix=form)


def has_indices(term: Term) -> bool:
    return any(sub.slots or isinstance(sub, Sum) for sub in subterms(term))


def check_matrix_form(derivation: steps.Derivation, form: MatrixForm) -> None:
    """Values and exact shape of the matrix form against the index form, at two points."""
    ground, seeds = next(grounds(derivation), (derivation, (1, 2)))
    for sample in Ground(ground, seeds, small=True).usual:
        for point, tolerance in ((sample.point, FLOAT_TOLERANCE), (sample.precise, PRECISE_TOLERANCE)):
            found, expected = form.evaluate(point), _index_form(derivation, form, point)
            same = found.shape == expected.shape
            if same and close(expected.flat, found.flat, tolerance):
                break
        else:
            raise InternalMistake(
                f"the matrix form {form.numpy} of {derivation.goal.id} does not agree with the index form "
                f"{term_text(derivation.result)}; please report this"
            )


def grounds(derivation: steps.Derivation) -> Iterator[tuple[steps.Derivation, tuple[int, int]]]:
    """Two seeds at a time for which the value exists; where it seldom does, inputs are taken positive.

    A logarithm of a sum over many entries has no value at most points, and comparing nothing proves nothing.
    """
    target = derivation.scope.definitions[derivation.goal.target.name]
    for domain in (None, POSITIVE, UNIT):
        scope = derivation.scope
        if domain is not None:
            inputs = (replace(s, domain=domain) if s.domain.name == "real" else s for s in scope.inputs)
            scope = replace(scope, inputs=tuple(inputs))
        sizes = size_choices(scope)[0]
        found: list[int] = []
        for seed in range(1, _SEEDS + 1):
            point = random_point(scope, sizes, seed)
            exists = regular(point) and all(map(finite, point.table(target.left, target.indices).flat))
            found += [seed] if exists else []
            if len(found) == 2:
                yield replace(derivation, scope=scope), (found[0], found[1])
                found = []


def _index_form(derivation: steps.Derivation, form: MatrixForm, point: Point) -> Array:
    result = derivation.result
    if not isinstance(result, Relation):
        return point.table(result, form.indices)
    # an equation holds: its two sides differ by nothing
    shape = tuple(point.size(index) for index in form.indices)
    return Array(shape, [point.arithmetic.number(Fraction(0))] * math.prod(shape))
