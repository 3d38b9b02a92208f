"""A goal becomes a derivation: lemmas on demand, adjoints in reverse order, the answer last.

Forward goals open the target and differentiate it, quoting one lemma per name.  A VJP is a program: every
name gets an adjoint, except statistics (a mean, a scale, a norm), which are differentiated through by lemma.
"""

from dataclasses import dataclass, field, replace

from derivations.arithmetic import (
    ZERO,
    add,
    derivative,
    letters_in,
    next_letter,
    product,
    rewritten,
    total,
)
from derivations.canonical import signed_key
from derivations.indices import Affine, Index
from derivations.passes import Walk, differentiate, names_in_use, normalise
from derivations.rules import Lemma, Stuck, Work
from derivations.rules.derivative import LEMMA
from derivations.rules.linear_algebra import with_inverses, without_symmetry
from derivations.rules.names import define
from derivations.rules.questions import collect_unknown, solve, stationary, vjp
from derivations.rules.rule import Mutation, Rule, Watch
from derivations.scope import Definition, Definitions, Goal, Scope, chain_id
from derivations.steps import Chain, Condition, Derivation
from derivations.terms import (
    Component,
    Derivative,
    Function,
    Piecewise,
    Power,
    Product,
    Relation,
    Sum,
    Symbol,
    Term,
    substitute,
    subterms,
    symbols,
)
from derivations.words import Text

Key = tuple[str, str, tuple[str, ...]]


@dataclass
class Prover:
    """Everything that the goals of one formula share: its scope, its lemmas, the program of its adjoints."""

    scope: Scope
    mutate: Mutation | None = None
    watch: Watch | None = None
    lemmas: dict[Key, Lemma] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)
    needs: dict[str, list[str]] = field(default_factory=dict)
    conditions: dict[str, tuple[Condition, ...]] = field(default_factory=dict)
    base: Scope = field(init=False)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.base = self.scope

    def work(self, output: tuple[Index, ...]) -> Work:
        return Work(self.scope, self.lemma, self.mutate, self.watch, output=output)

    # ---- forward ----

    def lemma(self, name: Symbol, variable: Symbol, held: tuple[str, ...] = ()) -> Lemma:
        """The derivative of a name, from its own chain, found once."""
        key = (name.name, variable.name, held)
        id = chain_id("derivative", name.name, variable.name, held=held)
        if id in self._open:
            raise Stuck(f"the derivative of {name.name} needs itself", Component(name, ()))
        if self._open and id not in self.needs.setdefault(self._open[-1], []):
            self.needs[self._open[-1]].append(id)
        if key not in self.lemmas:
            self.lemmas[key] = self._prove(id, name, variable, held)
        return self.lemmas[key]

    def _prove(self, id: str, name: Symbol, variable: Symbol, held: tuple[str, ...]) -> Lemma:
        definition = self.scope.definitions[name.name]
        by = self.letters_for(variable, definition.indices, definition.body)
        left = derivative(definition.left, variable, by, held)
        walk = self._walk(id, left, definition.indices + by)
        opened = rewritten_derivatives(left, walk.work, define)
        if opened is not left:
            walk.take(opened, carrying=("define",))
        self._finish(id, walk, "lemma", definition.indices + by)
        return Lemma(name, definition.indices, by, self.chains[id].result)

    def _walk(self, id: str, left: Term, output: tuple[Index, ...]) -> Walk:
        self._open.append(id)
        return Walk(self.work(output), left)

    def _finish(
        self, id: str, walk: Walk, kind: str, output: tuple[Index, ...], name: Symbol | None = None
    ) -> Chain:
        """Waves and passes to the normal form; the chain is kept under its id."""
        differentiate(walk)
        normalise(walk)
        return self._keep(id, walk, kind, output, name)

    def _keep(
        self, id: str, walk: Walk, kind: str, output: tuple[Index, ...], name: Symbol | None = None
    ) -> Chain:
        self._open.pop()
        self.conditions[id] = tuple(walk.work.conditions)
        self.chains[id] = Chain(id, kind, walk.left, tuple(walk.steps), output, name)
        return self.chains[id]

    def letters_for(self, symbol: Symbol, own: tuple[Index, ...], body: Term) -> tuple[Index, ...]:
        """Indices for a variable, away from every letter and name in use.

        Letters that the axis declares and no definition uses come first: they were declared for this.
        """
        used = {i.letter for d in self.base.definitions for i in d.indices}
        used.update(*(letters_in(d.body) for d in self.base.definitions))
        taken = letters_in(body) | {i.letter for i in own} | names_in_use(self.work(()))
        found: list[Index] = []
        for axis in symbol.axes:
            spare = [letter for letter in axis.letters if letter not in used | taken]
            last = max((i.letter for i in own if i.axis == axis), default="i")
            letter = spare[0] if spare else next_letter(axis, taken, last)
            taken.add(letter)
            found.append(axis.index(letter))
        return tuple(found)

    # ---- answers ----

    def derivation(self, goal: Goal, answer: Chain, introduced: tuple[str, ...] = ()) -> Derivation:
        """The answer behind everything it needs, each chain once, in order of need."""
        order: list[str] = []

        def visit(id: str) -> None:
            for needed in self.needs.get(id, ()):
                visit(needed)
            if id not in order:
                order.append(id)

        visit(answer.id)
        before = [replace(self.chains[id], kind=self._kind(id)) for id in order[:-1]]
        chains = tuple(sorted(before, key=lambda chain: chain.kind == "adjoint"))
        conditions: dict[Condition, None] = {}
        for id in order:
            conditions.update(dict.fromkeys(self.conditions[id]))
        return Derivation(
            goal,
            self.scope,
            (*chains, replace(answer, kind="answer")),
            without_implied(tuple(conditions)),
            introduced=introduced,
        )

    def _kind(self, id: str) -> str:
        return "adjoint" if self.chains[id].kind == "adjoint" else "lemma"

    def forward(self, goal: Goal) -> Derivation:
        (variable,) = goal.variables
        self.lemma(goal.target, variable)
        return self.derivation(goal, self.chains[chain_id(goal.kind, goal.target.name, variable.name)])

    def hessian(self, goal: Goal) -> Derivation:
        first, second = goal.variables if len(goal.variables) == 2 else goal.variables * 2
        id = chain_id("hessian", goal.target.name, first.name, second.name)
        gradient = self.lemma(goal.target, first)
        by = self.letters_for(second, gradient.indices + gradient.by, gradient.value)
        left = derivative(
            derivative(self.scope.definitions[goal.target.name].left, first, gradient.by), second, by
        )
        output = gradient.indices + gradient.by + by
        walk = self._walk(id, left, output)
        inner = rewritten(left, lambda child: rewritten_derivatives(child, walk.work, LEMMA))
        self.needs.setdefault(id, [])
        needed = chain_id("gradient", goal.target.name, first.name)
        if needed not in self.needs[id]:
            self.needs[id].append(needed)
        walk.take(inner, carrying=("lemma",))
        return self.derivation(goal, self._finish(id, walk, "answer", output))

    def stationary(self, goal: Goal) -> Derivation:
        """The point where the gradient vanishes, for a gradient that is affine in the variable."""
        (variable,) = goal.variables
        hessian = self.hessian(Goal("hessian", goal.target, (variable, variable))).answer
        if self.scope.definitions.depends(hessian.result, variable):
            raise Stuck(f"the gradient is not affine in {variable.name}", hessian.result)
        gradient = self.lemma(goal.target, variable)
        own = gradient.indices + gradient.by
        id = chain_id("stationary", goal.target.name, variable.name)
        latex = rf"\hat{{{variable.latex}}}" if variable.latex else ""
        unknown = Symbol(_unused(f"{variable.name}_hat", self.scope), variable.axes, latex=latex)
        inverse = Symbol(_unused("H_inv", self.scope), variable.axes * 2, latex="H^{-1}")
        left = Relation("==", derivative(self.scope.definitions[goal.target.name].left, variable, own), ZERO)
        walk = self._walk(id, left, own)
        self.needs.setdefault(id, []).extend(
            [chain_id("gradient", goal.target.name, variable.name), hessian.id]
        )
        walk.work.unknown, walk.work.inverse = unknown, inverse
        for one in (stationary, collect_unknown, solve):
            after = walk.work.apply(one, walk.term)
            if after is None:
                continue
            walk.take(after, carrying=(one.id,))
        solution = walk.term.right if isinstance(walk.term, Relation) else walk.term
        walk.work.require(_invertible(hessian))
        answer = self._keep(id, walk, "answer", own)
        names = (
            Definition(inverse, hessian.indices, hessian.result, operation="inverse"),
            Definition(unknown, own, solution),
        )
        found = self.derivation(goal, answer, tuple(d.symbol.name for d in names))
        return replace(found, scope=with_definitions(self.scope, names))

    # ---- reverse ----

    def vjp(self, goal: Goal) -> tuple[Derivation, ...]:
        """One derivation per variable; the adjoints of the names between are shared."""
        program = Reverse(self, goal)
        return tuple(program.derivation(variable) for variable in goal.variables)


def without_implied(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """The conditions without those that another says too: `x_i > 0` needs no `x_j != 0` beside it."""
    above = {key for c in conditions if (key := _against_zero(c, ">"))}
    kept: dict[object, Condition] = {}
    for condition in conditions:
        different = _against_zero(condition, "!=")
        if different is None or different not in above:
            kept.setdefault(different or condition, condition)
    return tuple(kept.values())


def _against_zero(condition: Condition, operator: str) -> tuple[int, str] | None:
    """The key of what is compared with 0 in this way, whatever letters its free indices have."""
    relation = condition.relation
    if not (isinstance(relation, Relation) and relation.operator == operator and relation.right.is_zero):
        return None
    slots = (slot for sub in subterms(relation.left) for slot in sub.slots)
    free = dict.fromkeys(i for slot in slots for i in slot.indices if i in relation.left.free)
    letters = {index: Index(f"*{n}", index.axis) for n, index in enumerate(free)}
    return signed_key(substitute(relation.left, dict(letters)))


def rewritten_derivatives(term: Term, work: Work, rule: Rule) -> Term:
    """The rule at every outermost derivative."""
    if isinstance(term, Derivative):
        after = work.apply(rule, term)
        return term if after is None else after
    return rewritten(term, lambda child: rewritten_derivatives(child, work, rule))


def with_definitions(scope: Scope, more: tuple[Definition, ...]) -> Scope:
    return replace(scope, definitions=scope.definitions.extended(*more))


def _invertible(hessian: Chain) -> Condition:
    """Invertibility of the Hessian, said of the columns of X where it is a Gram matrix X^T X."""
    term = hessian.result
    if isinstance(term, Sum) and len(term.axes) == 1 and isinstance(term.opened[1], Product):
        (summed,), body = term.opened
        a, *rest = body.factors if isinstance(body, Product) else ()
        if len(rest) == 1 and isinstance(a, Component) and isinstance(rest[0], Component):
            b = rest[0]
            if a.symbol == b.symbol and [s.index for s in a.indices][:1] == [summed]:
                name, columns = a.symbol.latex or a.symbol.name, a.symbol.axes[1].size
                formula = rf"$\operatorname{{rank}}(\mathbf{{{name}}}) = {columns}$"
                return Condition(
                    text=Text(
                        en=f"{formula}: the columns of $\\mathbf{{{name}}}$ are linearly independent",
                        zh=f"{formula}：$\\mathbf{{{name}}}$ 的各列线性无关",
                    )
                )
    return Condition(text=Text(en="the Hessian is invertible", zh="黑塞矩阵可逆"))


# ---- which names get adjoints ----------------------------------------------------------------------------


class Reverse:
    """The reverse program of one VJP: adjoints of the blocks between the target and the variables."""

    def __init__(self, prover: Prover, goal: Goal) -> None:
        self.prover = prover
        self.goal = goal
        self.base = prover.scope
        definitions = prover.scope.definitions
        self.cotangent = Symbol(
            _unused("G" if len(goal.target.axes) > 1 else "g", prover.scope), goal.target.axes
        )
        names = [
            d.symbol
            for d in definitions
            if any(definitions.name_depends(d.symbol, v) for v in goal.variables)
            and definitions.name_depends(goal.target, d.symbol)
        ]
        self.blocks = [
            s
            for s in names
            if s == goal.target or not any(is_statistic(s, names, v, definitions) for v in goal.variables)
        ]
        self.adjoints: dict[str, Symbol] = {goal.target.name: self.cotangent}
        prover.scope = replace(self.base, inputs=(*self.base.inputs, self.cotangent))
        for block in reversed([b for b in self.blocks if b != goal.target]):
            self._adjoint(block)

    def derivation(self, variable: Symbol) -> Derivation:
        chain = self._adjoint(variable)
        found = self.prover.derivation(replace(self.goal, variables=(variable,)), chain)
        names = [c.name.name for c in found.chains if c.name is not None]
        scope = replace(self.base, inputs=(*self.base.inputs, self.cotangent))
        made = tuple(self.prover.scope.definitions[name] for name in names)
        return replace(found, scope=with_definitions(scope, made), introduced=(self.cotangent.name, *names))

    def _adjoint(self, symbol: Symbol) -> Chain:
        prover, definitions = self.prover, self.base.definitions
        own = definitions.get(symbol.name)
        latex = rf"\bar{{{symbol.latex}}}" if symbol.latex else ""
        bar = Symbol(_unused(f"{symbol.name}_bar", prover.scope), symbol.axes, latex=latex)
        consumers = [
            c
            for c in self.blocks
            if c != symbol
            and c.name in self.adjoints
            and definitions.name_depends(c, symbol, self._held(c, symbol))
        ]
        indices = own.indices if own is not None else self._letters(symbol, consumers)
        parts = [self._share(consumer, symbol, indices) for consumer in consumers]
        id = chain_id("vjp", self.goal.target.name, symbol.name)
        left = Component(bar, tuple(Affine.of(i) for i in indices))
        walk = prover._walk(id, left, indices)
        walk.work.adjoints[bar.name] = (indices, add(*parts))
        for consumer in consumers:
            if consumer != self.goal.target:
                needed = chain_id("vjp", self.goal.target.name, consumer.name)
                prover.needs.setdefault(id, []).append(needed)
        start = walk.work.apply(vjp, left)
        if start is not None:
            walk.take(start, carrying=("vjp",))
        in_place = [c for c in consumers if self._linear(c, symbol)]
        opened = _opened_in_place(walk.term, walk.work, {c.name for c in in_place})
        if opened is not walk.term:
            walk.take(opened, carrying=("define",))
        chain = prover._finish(id, walk, "adjoint", indices, bar)
        prover.scope = with_definitions(prover.scope, (Definition(bar, indices, chain.result),))
        self.adjoints[symbol.name] = bar
        return chain

    def _letters(self, symbol: Symbol, consumers: list[Symbol]) -> tuple[Index, ...]:
        definition = self.base.definitions[consumers[0].name if consumers else self.goal.target.name]
        return self.prover.letters_for(symbol, definition.indices, definition.body)

    def _held(self, consumer: Symbol, symbol: Symbol) -> tuple[str, ...]:
        """Blocks between the two, which pass on their own share."""
        definitions = self.base.definitions
        return tuple(
            b.name
            for b in self.blocks
            if b not in (consumer, symbol)
            and definitions.name_depends(b, symbol)
            and definitions.name_depends(consumer, b)
        )

    def _share(self, consumer: Symbol, symbol: Symbol, indices: tuple[Index, ...]) -> Term:
        """The sum over the consumer's entries of its adjoint times its derivative."""
        taken = {i.letter for i in indices} | names_in_use(self.prover.work(()))
        outer: list[Index] = []
        for index in self.base.definitions[consumer.name].indices:
            letter = (
                index.letter if index.letter not in taken else next_letter(index.axis, taken, index.letter)
            )
            taken.add(letter)
            outer.append(index.fresh(letter))
        slots = tuple(Affine.of(i) for i in outer)
        moved = derivative(Component(consumer, slots), symbol, indices, self._held(consumer, symbol))
        return total(outer, product(Component(self.adjoints[consumer.name], slots), moved))

    def _linear(self, consumer: Symbol, symbol: Symbol) -> bool:
        """Whether the consumer is linear in the symbol by its own definition: then no lemma is needed."""
        body = self.base.definitions[consumer.name].body
        between = [s for s in symbols(body) if s != symbol and s.name not in self._held(consumer, symbol)]
        if any(self.base.definitions.name_depends(s, symbol) for s in between):
            return False
        return not any(self._bends(sub, symbol) for sub in subterms(body))

    def _bends(self, term: Term, symbol: Symbol) -> bool:
        moving = [c for c in term.children if not isinstance(term, Sum) and _mentions(c, symbol)]
        if isinstance(term, Power | Function | Piecewise):
            return bool(moving)
        return isinstance(term, Product) and len(moving) > 1


def _mentions(term: Term, symbol: Symbol) -> bool:
    return any(isinstance(sub, Component) and sub.symbol == symbol for sub in subterms(term))


def _opened_in_place(term: Term, work: Work, names: set[str]) -> Term:
    if isinstance(term, Derivative):
        if isinstance(term.body, Component) and term.body.symbol.name in names:
            after = work.apply(define, term)
            return term if after is None else after
        return term
    return rewritten(term, lambda child: _opened_in_place(child, work, names))


def _unused(name: str, scope: Scope) -> str:
    while scope.symbol(name) is not None or name in scope.sizes:
        name += "_"
    return name


def is_statistic(name: Symbol, names: list[Symbol], variable: Symbol, definitions: Definitions) -> bool:
    """A name of lower order that its consumer uses beside what it was made from, such as a mean or a norm."""
    consumers = [c for c in names if c != name and name in symbols(definitions[c.name].body)]
    for consumer in consumers:
        if len(name.axes) >= len(consumer.axes) or not set(name.axes) <= set(consumer.axes):
            continue
        beside = [s for s in symbols(definitions[consumer.name].body) if s != name]
        if any(
            s == variable or (s.name not in definitions and definitions.name_depends(name, s)) for s in beside
        ):
            return True
    return bool(consumers) and all(is_statistic(c, names, variable, definitions) for c in consumers)


# ---- the door --------------------------------------------------------------------------------------------

FORWARD = ("derivative", "gradient", "jacobian")


def reach(
    scope: Scope,
    goals: tuple[Goal, ...],
    mutate: Mutation | None = None,
    watch: Watch | None = None,
) -> tuple[Derivation, ...]:
    """The derivations of all goals of one formula.

    Raises `Stuck` with the term that no rule resolves, and whatever `watch` raises to end the work; `mutate`
    puts wrong rules in the place of right ones, for tests.
    """
    given = scope
    scope = with_inverses(scope, [variable for goal in goals for variable in goal.variables])
    prover = Prover(scope, mutate, watch)
    found: list[Derivation] = []
    shared = prover
    for goal in goals:
        second = goal.variables[-1]
        twice = goal.kind == "hessian" or len(goal.variables) == 2
        loose = twice and second.symmetric
        prover = Prover(without_symmetry(scope, second), mutate, watch) if loose else shared
        prover.scope = prover.base
        if goal.kind in FORWARD and len(goal.variables) == 1:
            found.append(prover.forward(goal))
        elif goal.kind in ("hessian", "derivative"):
            found.append(prover.hessian(goal))
        elif goal.kind == "vjp":
            found.extend(prover.vjp(goal))
        elif goal.kind == "stationary":
            found.append(prover.stationary(goal))
        else:
            raise Stuck(f"no goal is called {goal.kind!r}", Component(goal.target, ()))
    return tuple(_with_used_inverses(derivation, given) for derivation in found)


def _with_used_inverses(derivation: Derivation, given: Scope) -> Derivation:
    """The derivation with the inverses that it was given and uses, as introduced, and without the others."""
    scope = derivation.scope
    added = [
        d for d in scope.definitions if d.symbol.name not in given.definitions and d.operation == "inverse"
    ]
    added = [d for d in added if d.symbol.name not in derivation.introduced]
    if not added:
        return derivation
    used = {
        symbol.name for chain in derivation.chains for step in chain.steps for symbol in symbols(step.after)
    }
    kept = [d for d in scope.definitions if d not in added or d.symbol.name in used]
    names = tuple(d.symbol.name for d in added if d.symbol.name in used)
    scope = replace(scope, definitions=Definitions(kept))
    return replace(derivation, scope=scope, introduced=(*derivation.introduced, *names))
