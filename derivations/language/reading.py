"""From an author's equations to a scope: which symbols there are, in which order they are defined.

Everything that can be wrong with a formula as a whole is found here: names declared twice, used before they
are defined or never, indices that are free on one side only, letters that are taken.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sympy import Tuple, oo, preorder_traversal

from derivations.arithmetic import next_letter, with_distinct_letters
from derivations.indices import Affine, Axis, Index
from derivations.language import lowering
from derivations.language import symbols as author
from derivations.language.mistakes import AuthorError, within
from derivations.language.questions import Chain, Claim, Limit, Range
from derivations.scope import Claim as Checked
from derivations.scope import Definition, Definitions, Fact, Interval, Link, Links, Scope, Statement
from derivations.scope import Limit as LimitStatement
from derivations.scope import Range as RangeStatement
from derivations.terms import Component, Relation, Symbol, Term, substitute, symbols


class Reading:
    """A scope that grows as an author's expressions are read."""

    def __init__(self, base: "Reading | None" = None) -> None:
        self.quantities: dict[str, Any] = dict(base.quantities) if base else {}
        self.axes: dict[str, author.Axis] = dict(base.axes) if base else {}
        self.definitions: list[Definition] = list(base.definitions) if base else []
        self.facts: list[Fact] = list(base.facts) if base else []
        # symbols that come from another formula with a name of their own, with their meanings
        self.carried: dict[str, tuple[Symbol, Any]] = dict(base.carried) if base else {}
        # smallest sizes that other formulas need
        self.bounds: dict[str, int] = dict(base.bounds) if base else {}

    # ---- what occurs --------------------------------------------------------------------------------------

    def see(self, *expressions: Any) -> None:
        """Notes every symbol and axis in the expressions; another formula in them brings its definitions."""
        for expression in expressions:
            for found in _leaves(expression):
                if isinstance(found, author.Axis):
                    self._note_axis(found)
                else:
                    self._note(found)

    def _note_axis(self, axis: author.Axis) -> None:
        known = self.axes.setdefault(axis.name, axis)
        if known.meaning != axis.meaning:
            raise AuthorError(f"the size {axis.name} is declared twice", "Give one of the two another name.")

    def _note(self, quantity: Any) -> None:
        known = self.quantities.get(quantity.name)
        if known is not None:
            if known is not quantity and known.term != quantity.term:
                raise AuthorError(f"{quantity.name} is declared twice", "Give one of the two another name.")
            return
        for axis in quantity.axes:
            self._note_axis(axis)
        if quantity.use is not None:
            self.see(*quantity.use.quantities)
        self.quantities[quantity.name] = quantity

    @property
    def names(self) -> frozenset[str]:
        """Every name in use, and every single letter that stands for one in the notation."""
        notations = {q.notation for q in self.quantities.values()} | {
            s.latex for s, _ in self.carried.values()
        }
        return frozenset(
            {*self.quantities, *self.axes, *self.carried, *(n for n in notations if len(n) == 1)}
        )

    # ---- definitions --------------------------------------------------------------------------------------

    def define(self, equations: Iterable[Any]) -> None:
        """The named intermediates, in order; what another formula brings stands before its first use."""
        pairs = []
        for number, equation in enumerate(equations, 1):
            with within(f"define, entry {number}"):
                pairs.append(lowering.equation(equation))
        targets = [_target(left) for left, _ in pairs]
        names = [target.name for target in targets]
        for left, right in pairs:
            self.see(left, right)
        for number, (target, (left, right)) in enumerate(zip(targets, pairs, strict=True)):
            with within(f"definition of {target.name}"):
                if names.index(target.name) != number or target.use is not None:
                    raise AuthorError(
                        f"{target.name} is defined twice", "Give the second definition another name."
                    )
                self._carry_uses(right)
                self._check_order(target.name, right, names[number:])
                self.definitions.append(self._finished(self._definition(target, left, right)))

    def _check_order(self, name: str, right: Any, later: list[str]) -> None:
        used = [leaf.name for leaf in _leaves(right) if isinstance(leaf, author.Quantity)]
        for other in used:
            if other == name:
                raise AuthorError(f"{name} is defined by itself", "Definitions cannot go in a circle.")
            if other in later:
                raise AuthorError(
                    f"{name} uses {other}, which is defined after it",
                    "List a name after the names that it uses; definitions cannot go in a circle.",
                )

    def _definition(self, target: Any, left: Any, right: Any) -> Definition:
        symbol = target.term
        whole = lowering.lower(right)
        if left is target:
            if len(whole.axes) != len(symbol.axes):
                raise AuthorError(
                    f"{target.name} has {len(symbol.axes)} axes, and its definition has {len(whole.axes)}",
                    "Check transposes, products and sums.",
                )
            letters = _letters(symbol.axes, self.names)
            indices = tuple(Index(x, axis) for x, axis in zip(letters, symbol.axes, strict=True))
            for axis, index in zip(symbol.axes, whole.axes, strict=True):
                if index is not None and index.axis != axis:
                    raise AuthorError(
                        f"{target.name} has the size {axis.name} where its definition has {index.axis.name}",
                        "Transpose one of the two, or check its axes.",
                    )
            body = whole.at(indices)
        else:
            slots = tuple(lowering.affine(slot).index for slot in left.slots)
            if None in slots or len(set(slots)) != len(slots):
                raise AuthorError(
                    f"the left side {left} is no name with its indices", "Write p[i] or C[i, j]."
                )
            indices = tuple(slot for slot in slots if slot is not None)
            if whole.axes:
                raise AuthorError(
                    f"{left} is one entry, and its definition is an array with {len(whole.axes)} axes",
                    f"Write {target.name} alone on the left, or give indices on the right.",
                )
            body = whole.term
        self._check_letters(indices)
        loose = sorted({index.letter for index in body.free - set(indices)})
        if loose:
            raise AuthorError(
                f"the index {', '.join(loose)} is free on the right and does not stand on the left",
                "Sum over it, total(..., index), or give the left side this index.",
            )
        return Definition(symbol, indices, body)

    def _check_letters(self, indices: Iterable[Index]) -> None:
        for index in indices:
            if index.letter in self.names and not index.serial:
                raise AuthorError(
                    f"the index {index.letter} has the letter of a name or a size",
                    "Choose another letter in indices(...).",
                )

    def _finished(self, definition: Definition) -> Definition:
        """Letters such that no scope repeats one and none is a name's."""
        taken = set(self.names)
        new = []
        for index in definition.indices:
            letter = index.letter if index.letter not in taken else next_letter(index.axis, taken)
            taken.add(letter)
            new.append(Index(letter, index.axis))
        body = substitute(definition.body, dict(zip(definition.indices, new, strict=True)))
        return replace(definition, indices=tuple(new), body=with_distinct_letters(body, taken))

    # ---- other formulas -----------------------------------------------------------------------------------

    def _carry_uses(self, expression: Any) -> None:
        """The definitions of every other formula in the expression, before the first that needs them."""
        defined = {definition.symbol.name for definition in self.definitions}
        for leaf in _leaves(expression):
            if isinstance(leaf, author.Quantity) and leaf.use is not None and leaf.name not in defined:
                for inner in leaf.use.quantities:
                    self._carry_uses(inner)
                self._carry(leaf)
                defined = {definition.symbol.name for definition in self.definitions}

    def _carry(self, result: Any) -> None:
        use = result.use
        meanings = use.formula.meanings
        names: dict[str, Symbol] = {}
        for definition in use.formula.scope.definitions:
            old = definition.symbol
            if old.name == use.output:
                names[old.name] = result.term
                continue
            axes = use.axes_of(old)
            name, latex = old.name, old.latex
            if name in self.names or latex in self.names:
                name, latex = f"{name}_{result.name}", f"{latex}_{{{result.notation}}}"
            while name in self.names:
                name = f"{name}_"
            names[old.name] = replace(old, name=name, axes=axes, latex=latex)
            self.carried[name] = (names[old.name], meanings[old.name])
        for own, least in use.formula.scope.at_least:
            if own in use.axes:
                name = use.axes[own].name
                self.bounds[name] = max(least, self.bounds.get(name, 1))
        definitions, facts = use.definitions(names)
        self.definitions += [self._finished(definition) for definition in definitions]
        self.facts += [self._finished_fact(fact) for fact in facts]

    # ---- facts and the whole ------------------------------------------------------------------------------

    def assume(self, facts: Iterable[Any]) -> None:
        """Facts of inputs alone are assumed; those that speak of a name follow from its definition."""
        for number, fact in enumerate(facts, 1):
            with within(f"facts, entry {number}"):
                left, right = lowering.equation(fact)
                self.see(left, right)
                related = lowering.relation(fact)
                defined = {definition.symbol.name for definition in self.definitions}
                used = {symbol.name for symbol in symbols(related)}
                self._check_letters(related.free)
                self.facts.append(
                    self._finished_fact(Fact(related.left, related.right, used.isdisjoint(defined)))
                )

    def _finished_fact(self, fact: Fact) -> Fact:
        both = self.finished(Relation("==", fact.left, fact.right))
        assert isinstance(both, Relation)
        return Fact(both.left, both.right, fact.assumed)

    def finished(self, term: Term) -> Term:
        """A term outside a definition: free indices keep the letters that are free, binders get others."""
        taken = set(self.names)
        new: dict[Index, Affine | Index | int] = {}
        for index in sorted(term.free, key=lambda i: (i.serial, i.axis.name, i.letter)):
            letter = index.letter if index.letter not in taken else next_letter(index.axis, taken)
            taken.add(letter)
            new[index] = Index(letter, index.axis)
        return with_distinct_letters(substitute(term, new), taken)

    @property
    def inputs(self) -> tuple[Any, ...]:
        """Declared symbols that nothing defines, in order of declaration."""
        defined = {definition.symbol.name for definition in self.definitions}
        found = [q for q in self.quantities.values() if q.name not in defined and q.use is None]
        return tuple(sorted(found, key=lambda quantity: quantity.serial))

    @property
    def scope(self) -> Scope:
        least = {name: max(axis.at_least, self.bounds.get(name, 1)) for name, axis in self.axes.items()}
        bounds = tuple(sorted((name, size) for name, size in least.items() if size > 1))
        return Scope(
            tuple(quantity.term for quantity in self.inputs),
            Definitions(self.definitions),
            tuple(self.facts),
            bounds,
        )

    # ---- statements ---------------------------------------------------------------------------------------

    def check(self, claim: Claim | Chain) -> tuple["Reading", Checked]:
        """A claim or a chain over this scope, and the scope widened by what only it speaks of."""
        wider = Reading(self)
        parts = [part for part in _parts(claim) if part is not None]
        wider.see(*parts)
        for part in parts:
            wider._carry_uses(part)
        scope = wider.scope
        with lowering.following(scope.definitions) as followed:
            given = tuple(_related(wider.finished(lowering.relation(condition))) for condition in claim.given)
            statement = wider._statement(claim.says if isinstance(claim, Claim) else claim)
        for definition in followed.added.values():
            scope = replace(scope, definitions=scope.definitions.extended(wider._finished(definition)))
        expected = claim.expected if isinstance(claim, Claim) else "checked"
        return wider, Checked(claim.id, statement, scope, given, expected)

    def _conclusion(self, says: Any) -> RangeStatement | LimitStatement | Relation:
        statement = self._statement(says)
        assert not isinstance(statement, Links)
        return statement

    def _statement(self, says: Any) -> Statement:
        match says:
            case Chain():
                start = lowering.scalar(says.start)
                links = tuple(
                    Link(step.relation, self.finished(lowering.scalar(step.term)), step.reason)
                    for step in says.steps
                )
                return Links(self.finished(start), links, tuple(map(self._conclusion, says.concludes)))
            case Range():
                interval = Interval(
                    _end(says.lower),
                    _end(says.upper),
                    says.closed in ("left", "both"),
                    says.closed in ("right", "both"),
                )
                return RangeStatement(self.finished(lowering.scalar(says.value)), interval)
            case Limit():
                variable = lowering.scalar(says.variable)
                if not isinstance(variable, Component):
                    raise AuthorError(f"{says.variable} is no component", "Write Limit(p[i], z[i], oo, 1).")
                value = lowering.scalar(says.value)
                limit = _end(says.limit)
                return LimitStatement(
                    self.finished(value),
                    variable,
                    _infinite(says.to) if _end(says.to) is None else lowering.scalar(says.to),
                    _infinite(says.limit) if limit is None else self.finished(limit),
                )
        return _related(self.finished(lowering.relation(says)))


def _related(term: Term) -> Relation:
    assert isinstance(term, Relation)
    return term


def _parts(claim: Claim | Chain) -> list[Any]:
    if isinstance(claim, Chain):
        inner = [part for statement in claim.concludes for part in _parts_of(statement)]
        return [claim.start, *(step.term for step in claim.steps), *inner, *claim.given]
    return [*_parts_of(claim.says), *claim.given]


def _parts_of(says: Any) -> list[Any]:
    match says:
        case Range(value=value, lower=lower, upper=upper):
            return [value, lower, upper]
        case Limit(value=value, variable=variable, to=to, limit=limit):
            return [value, variable, to, limit]
    return [says]


def _infinite(value: Any) -> str:
    # without evaluation -oo is the product of -1 and oo
    return "+oo" if author.expression(value) == oo else "-oo"


def _end(value: Any) -> Term | None:
    end = author.expression(value)
    return None if end.is_infinite else lowering.scalar(end)


def _target(left: Any) -> Any:
    if isinstance(left, author.Entry):
        return left.array
    if isinstance(left, author.Quantity):
        return left
    raise AuthorError(
        f"the left side {left} is no name", "Define a declared name: Eq(s, ...), Eq(p[i], ...)."
    )


def _letters(axes: tuple[Axis, ...], names: Iterable[str]) -> list[str]:
    taken = set(names)
    letters = []
    for axis in axes:
        letter = next_letter(axis, taken)
        taken.add(letter)
        letters.append(letter)
    return letters


def _leaves(expression: Any) -> Iterator[Any]:
    """Axes and quantities of an expression, in the order written."""
    for node in preorder_traversal(
        author.expression(expression) if not isinstance(expression, Tuple) else expression
    ):
        if isinstance(node, author.Entry):
            yield node.array
            for slot in node.slots:
                yield from _leaves(slot)
        elif isinstance(node, author.Index):
            yield node.axis
        elif isinstance(node, author.Axis | author.Quantity):
            yield node
            yield from node.axes if isinstance(node, author.Quantity) else ()
