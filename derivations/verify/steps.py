"""Every step of a derivation, checked by itself: before and after agree where they should, and only there.

Where a fact makes a term vanish, numbers cannot see an error inside that term.  So a step that uses no fact
is also evaluated where the facts are false, and one that uses no definition where names are shifted by
constants, which leaves derivatives as they are; a step that uses an assumed fact must fail where it is false.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from derivations.arithmetic import derivative, factors, rewritten, total
from derivations.arithmetic import product as times
from derivations.evaluate import Point
from derivations.indices import Affine, Index
from derivations.numerics import COMPARISONS
from derivations.rules import RULES
from derivations.sampling import defined_point, random_offsets, size_choices
from derivations.scope import Definition, Definitions, Scope
from derivations.steps import Chain, Derivation, Rewrite, Step
from derivations.terms import (
    Component,
    Delta,
    Derivative,
    Relation,
    Sum,
    Symbol,
    Term,
    has_derivative,
    substitute,
    subterms,
)
from derivations.verify.equations import compare_equations
from derivations.verify.evidence import (
    Comparison,
    Failure,
    Sample,
    at_points,
    compare,
    together,
)
from derivations.verify.matrices import check_matrix

SEEDS = (1, 2)
_SCALAR_POINTS = 3  # without an axis one point is one number, and cases need one on each side
_LARGE = 1e15  # values of shifted names beyond this say nothing
_QUESTIONS = frozenset({"stationary", "collect_unknown", "solve"})  # they lean on the question


class Ground:
    """The points at which one derivation is checked, made once and shared by all its steps.

    Adjoints and the solution of an equation are not what the derivation says: an adjoint is the derivative of
    the target, taken numerically, and an unknown is free.
    """

    def __init__(self, derivation: Derivation, seeds: tuple[int, ...] = SEEDS, small: bool = False) -> None:
        self.derivation = derivation
        self.scope = independent_scope(derivation)
        self.seeds = seeds
        choices = size_choices(self.scope)
        self.choices = choices[:1] if small else choices
        self._shifted: dict[frozenset[str], tuple[Sample, ...]] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names that must have values where anything is compared: those of the formula."""
        introduced = self.derivation.introduced
        return tuple(d.symbol.name for d in self.scope.definitions if d.symbol.name not in introduced)

    @cached_property
    def unknown(self) -> Symbol | None:
        """What a stationary point is solved for."""
        if self.derivation.goal.kind != "stationary":
            return None
        definitions = self.derivation.scope.definitions
        names = [n for n in self.derivation.introduced if n in definitions]
        return next((definitions[n].symbol for n in names if not definitions[n].operation), None)

    @cached_property
    def usual(self) -> tuple[Sample, ...]:
        """Facts and domains hold; both seeds, all sizes, size 1 included."""
        return self.points(1 if self.scope.sizes else _SCALAR_POINTS)

    def points(self, each: int) -> tuple[Sample, ...]:
        """So many random points of every choice of sizes and every seed; fewer where no value is found."""
        found = (
            defined_point(self.scope, sizes, seed + n * len(self.seeds), self.names)
            for sizes in self.choices
            for seed in self.seeds
            for n in range(each)
        )
        return _samples(p for p in found if p is not None and conditions_hold(self.derivation, p))

    @cached_property
    def off_facts(self) -> tuple[Sample, ...]:
        """No assumed fact holds."""
        if not any(fact.assumed for fact in self.scope.facts):
            return ()
        return _samples(self._off_facts(seed) for seed in self.seeds)

    def _off_facts(self, seed: int) -> Point | None:
        return defined_point(self.scope, self.choices[0], seed, self.names, satisfy_facts=False)

    def shifted(self, used: frozenset[str] = frozenset()) -> tuple[Sample, ...]:
        """Names, but for those used, differ from their definitions by constants; no assumed fact holds."""
        definitions = self.scope.definitions
        fixed = used.union(self.derivation.introduced)
        names = frozenset(d.symbol.name for d in definitions if not d.operation).difference(fixed)
        if not names:
            return self.off_facts
        if names not in self._shifted:
            seed = self.seeds[0]
            point = self._off_facts(seed)
            if point is not None:
                offsets = random_offsets(self.scope, point.sizes, seed, names)
                point = Point(self.scope.definitions, point.sizes, point.inputs, offsets=offsets)
                values = (abs(v) for name in names for v in point.array(name).flat)
                # a softmax of a shifted softmax is so large that 50 digits do not tell differences
                point = point if all(v < _LARGE for v in values) else None
            self._shifted[names] = _samples([point])
        return self._shifted[names]

    def quoted(self, term: Term) -> Term:
        """The term with every derivative that a lemma stands for written as that lemma says."""
        if isinstance(term, Derivative) and isinstance(term.body, Component):
            found = self._lemmas.get((term.body.symbol.name, term.symbol.name, term.held))
            if found is None:
                return term
            left, result = found
            assert isinstance(left.body, Component)
            old = (slot.index for slot in left.body.indices + left.indices)
            new = term.body.indices + term.indices
            return substitute(result, {i: n for i, n in zip(old, new, strict=True) if i is not None})
        return rewritten(term, self.quoted)

    @cached_property
    def _lemmas(self) -> dict[tuple[str, str, tuple[str, ...]], tuple[Derivative, Term]]:
        found = {}
        for chain in self.derivation.chains:
            left = chain.left
            if isinstance(left, Derivative) and isinstance(left.body, Component):
                found[left.body.symbol.name, left.symbol.name, left.held] = (left, chain.result)
        return found


def conditions_hold(derivation: Derivation, point: Point) -> bool:
    """Whether the result is claimed at all here: it is not where a condition that it lists fails.

    A norm of negative parts that are cut off is 0 at many points, and has no derivative there.
    """
    for condition in derivation.conditions:
        relation = condition.relation
        if not isinstance(relation, Relation) or relation.operator not in (">", "!="):
            continue
        indices = tuple(sorted(relation.free, key=lambda i: (i.letter, i.axis.name, i.serial)))
        sides = (point.table(side, indices).flat for side in (relation.left, relation.right))
        if not all(COMPARISONS[relation.operator](a, b) for a, b in zip(*sides, strict=True)):
            return False
    return True


def _samples(points: Iterable[Point | None]) -> tuple[Sample, ...]:
    return tuple(Sample(point) for point in points if point is not None)


def independent_scope(derivation: Derivation) -> Scope:
    """The scope, with every adjoint defined as what it means and not as what its chain found."""
    scope = derivation.scope
    cotangent = cotangent_of(derivation)
    if cotangent is None:
        return scope
    meant = {}
    for chain in derivation.chains:
        variable = variable_of(chain)
        if chain.name is not None and variable is not None:
            body = cotangent_sum(derivation.goal.target, cotangent, variable, chain.indices)
            meant[chain.name.name] = Definition(chain.name, chain.indices, body)
    definitions = [d for d in scope.definitions if d.symbol.name not in meant]
    return replace(scope, definitions=Definitions((*definitions, *meant.values())))


def cotangent_of(derivation: Derivation) -> Symbol | None:
    """The input that the derivation itself brought in."""
    return next((s for s in derivation.scope.inputs if s.name in derivation.introduced), None)


def variable_of(chain: Chain) -> Symbol | None:
    """The symbol that an adjoint chain differentiates by."""
    opened = chain.steps[0].after if chain.steps else chain.left
    return next((sub.symbol for sub in subterms(opened) if isinstance(sub, Derivative)), None)


def cotangent_sum(target: Symbol, cotangent: Symbol, variable: Symbol, by: tuple[Index, ...]) -> Term:
    """sum_i g_i d target_i / d variable[by]: what an adjoint is by definition."""
    indices = tuple(axis.index(axis.name).fresh() for axis in target.axes)
    slots = tuple(Affine.of(i) for i in indices)
    moved = derivative(Component(target, slots), variable, by)
    return total(indices, times(Component(cotangent, slots), moved))


# ---- one step ----------------------------------------------------------------------------------------------


def check_step(step: Step, ground: Ground, facts_before: bool = False) -> Comparison:
    """Whether the step holds where it should; `facts_before`: what it quotes rests on an assumed fact."""
    where = f"step '{' · '.join(step.rules)}'"
    unheard = [part.rule for part in step.parts if part.rule not in RULES]
    if unheard:
        return Comparison(0, Failure(f"{where}: there is no rule {unheard[0]}"))
    if step.matrix is not None:
        if step.before != step.after:
            return Comparison(0, Failure(f"{where}: only the notation may change"))
        return check_matrix(step.matrix, step.after, ground.usual, ground.unknown)
    if isinstance(step.before, Relation) or isinstance(step.after, Relation):
        variable = ground.derivation.goal.variables[0]
        return compare_equations(step, ground.usual, where, ground.unknown, variable)
    checks = [compare(step.before, step.after, ground.usual, where)]
    used = assumed_facts(step, ground.scope)
    if ground.off_facts:
        if used:
            checks.append(_must_differ(step, ground, where))
        elif not facts_before:
            checks.append(compare(step.before, step.after, ground.off_facts, f"{where} off the facts"))
    checks += [_check_under_derivatives(step, ground, where), _check_parts(step, ground)]
    if not facts_before:
        checks.append(_check_shifted(step, ground, where))
    failed = next((c for c in checks if c.failure is not None), None)
    return failed or checks[0]


def _check_parts(step: Step, ground: Ground) -> Comparison:
    """Every elementary rewrite by itself: inside a step two errors can hide each other."""
    samples = ground.usual[: len(ground.seeds)]
    parts = (p for p in step.parts if p.rule not in _QUESTIONS and not isinstance(p.before, Relation))
    return at_points(compare(p.before, p.after, samples, f"rewrite '{p.rule}'") for p in parts)


def _check_under_derivatives(step: Step, ground: Ground, where: str) -> Comparison:
    """What stands under a derivative that stays: a constant too much there has no effect on the value."""
    if any(RULES[p.rule].group == "differentiation" and p.rule != "lemma" for p in step.parts):
        return Comparison(0)
    pairs = under_derivatives(step.before, step.after)
    return at_points(compare(a, b, ground.usual, f"{where} under the derivative") for a, b in pairs)


def under_derivatives(before: Term, after: Term) -> Iterator[tuple[Term, Term]]:
    """Bodies of derivatives that stand at the same place of both terms."""
    if isinstance(before, Derivative) and isinstance(after, Derivative):
        yield before.body, after.body
        yield from under_derivatives(before.body, after.body)
        return
    if type(before) is not type(after):
        return
    if isinstance(before, Sum) and isinstance(after, Sum):
        if before.axes == after.axes:
            indices, body = before.opened
            others, other = after.freshly_opened()
            yield from under_derivatives(body, substitute(other, dict(zip(others, indices, strict=True))))
        return
    if len(before.children) == len(after.children):
        for a, b in zip(before.children, after.children, strict=True):
            yield from under_derivatives(a, b)


def _check_shifted(step: Step, ground: Ground, where: str) -> Comparison:
    """The step where only the definitions hold that it says it uses; lemmas are taken at their word."""
    rules = {part.rule for part in step.parts}
    before = ground.quoted(step.before) if "lemma" in rules else step.before
    # a lemma says nothing of a derivative that linearity must take apart first: then part by part
    unquoted = "lemma" in rules and has_derivative(before)
    if not step.parts or unquoted or rules & _QUESTIONS or "fact" in rules:
        parts = (part for part in step.parts if not part.about and part.rule not in _QUESTIONS)
        return at_points(check_rewrite(part, ground) for part in parts)
    used = frozenset(part.about for part in step.parts if part.about and part.rule != "lemma")
    return compare(before, step.after, ground.shifted(used), f"{where} with shifted names")


def check_rewrite(part: Rewrite, ground: Ground) -> Comparison:
    """One elementary rewrite, where names are shifted: it must not lean on a definition unawares."""
    if isinstance(part.before, Relation):
        return Comparison(1)
    return compare(part.before, part.after, ground.shifted(), f"rewrite '{part.rule}' with shifted names")


def assumed_facts(step: Step, scope: Scope) -> tuple[int, ...]:
    """The assumed facts that the step says it uses, by position."""
    used = [int(p.about) for p in step.parts if p.rule == "fact" and p.about.isdigit()]
    return tuple(n for n in dict.fromkeys(used) if scope.facts[n].assumed)


def _must_differ(step: Step, ground: Ground, where: str) -> Comparison:
    same = compare(step.before, step.after, ground.off_facts, where)
    if same.failure is None:
        return Comparison(0, Failure(f"{where} names a fact and holds without it"))
    return Comparison(len(ground.off_facts))


# ---- chains ------------------------------------------------------------------------------------------------


def check_chain(chain: Chain, ground: Ground, facts_before: bool = False) -> Comparison:
    """Each step, that they are one chain, and that its end is a result."""
    checks = []
    term = chain.left
    for step in chain.steps:
        if step.before != term:
            return Comparison(0, Failure(f"chain {chain.id}: a step does not start where the last one ended"))
        checks.append(check_step(step, ground, facts_before))
        facts_before = facts_before or bool(assumed_facts(step, ground.scope))
        term = step.after
    left_over = unfinished(chain.result)
    if left_over is not None:
        return Comparison(0, Failure(f"chain {chain.id}: {left_over}"))
    stray = chain.result.free.difference(chain.indices)
    if stray:
        letters = ", ".join(sorted(i.letter for i in stray))
        return Comparison(
            0, Failure(f"chain {chain.id}: the result has the indices {letters} that it should not")
        )
    found = together(checks)
    if found.failure is not None:
        return Comparison(found.points, _in_chain(chain, found.failure))
    return found


def _in_chain(chain: Chain, failure: Failure) -> Failure:
    return Failure(f"chain {chain.id}: {failure.where}", failure.at, failure.expected, failure.found)


def unfinished(term: Term) -> str | None:
    """What keeps a term from being a result: a derivative, or a delta that a sum can absorb."""
    for sub in subterms(term):
        if isinstance(sub, Derivative):
            return "a derivative is left"
        if isinstance(sub, Sum):
            indices, body = sub.opened
            for factor in factors(body):
                if isinstance(factor, Delta):
                    difference = factor.left - factor.right
                    if any(difference.coefficient(i) in (1, -1) for i in indices):
                        return "a sum can still absorb a delta"
    return None


def check_chains(derivation: Derivation, ground: Ground) -> Comparison:
    """All chains in order; what rests on an assumed fact hands that on to what quotes it."""
    resting: set[str] = set()
    checks = []
    for chain in derivation.chains:
        quoted = {about for step in chain.steps for about in step.about}
        rests = bool(quoted & resting)
        checks.append(check_chain(chain, ground, rests))
        if rests or any(assumed_facts(step, ground.scope) for step in chain.steps):
            resting |= _defined_by(chain)
    return together(checks)


def _defined_by(chain: Chain) -> set[str]:
    if chain.name is not None:
        return {chain.name.name}
    left = chain.left
    body = left.body if isinstance(left, Derivative) else left
    return {body.symbol.name} if isinstance(body, Component) else set()
