"""A formula as its author wrote it, and the scope, goals and statements that the engine reads from it.

Everything is read when the formula is made, so that a mistake is an error at load, with file, formula and
symbol, and never a surprise in the middle of a derivation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from derivations import indices, terms
from derivations.language import lowering
from derivations.language import symbols as author
from derivations.language.mistakes import AuthorError, files_being_imported, within
from derivations.language.questions import Chain, Claim, Example, Place, Question, Reference, Source
from derivations.language.reading import Reading
from derivations.language.reuse import Use, Whole
from derivations.letters import latex_of_name
from derivations.scope import Claim as Checked
from derivations.scope import Goal, Scope
from derivations.words import Text


@dataclass(frozen=True)
class Described:
    """A row of the symbol table; `symbol` is None for a size."""

    name: str
    role: str  # "input", "name", "size", or "statement" where only a claim or a chain speaks of it
    meaning: Text
    symbol: terms.Symbol | None = None


@dataclass(frozen=True)
class Remark:
    """A sentence for one step: its chain, the rule and which use of it; a lemma keeps it everywhere."""

    chain: str
    rule: str
    occurrence: int
    text: Text


Value = terms.Term | tuple["Value", ...]


@dataclass(frozen=True)
class Numbers:
    """A numeric example: exact values by input, nested as the axes are, and the cotangent of the result."""

    inputs: tuple[tuple[terms.Symbol, Value], ...]
    cotangent: Value | None
    remark: Text | None


@dataclass(frozen=True, eq=False)
class Formula:
    """One formula. What an author gives, and below it what is read from that.

    `reading` says in a sentence what the results mean, `stability` what the generated code guards against.
    """

    name: Text
    summary: Text
    define: Sequence[Any]
    ask: Sequence[Question] = ()
    facts: Sequence[Any] = ()
    claims: Sequence[Claim] = ()
    chains: Sequence[Chain] = ()
    remarks: Mapping[Place, Text] = field(default_factory=dict)
    reading: Text | None = None
    stability: Text | None = None
    mistakes: Sequence[Text] = ()
    example: Example | None = None
    references: Sequence[Reference] = ()
    sources: Sequence[Source] = ()
    related: Sequence[str] = ()
    aliases: Sequence[str] = ()
    draft: bool = False
    id: str = ""

    chapter: str = field(default="", init=False)
    scope: Scope = field(init=False)
    goals: tuple[Goal, ...] = field(init=False)
    symbols: tuple[Described, ...] = field(init=False)
    further: tuple[Described, ...] = field(init=False)
    checks: tuple[Checked, ...] = field(init=False)
    notes: tuple[Remark, ...] = field(init=False)
    numbers: Numbers | None = field(init=False)
    defaults: Mapping[str, terms.Term] = field(init=False)
    quantities: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        files = files_being_imported()
        if files:
            self._set("chapter", files[-1].chapter)
            self._set("id", self.id or files[-1].id)
            with within(files[-1].path):
                self._read()
        else:
            self._read()

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _read(self) -> None:
        with within(f"formula {self.id}" if self.id else "the formula"):
            reading = Reading()
            reading.define(self.define)
            reading.assume(self.facts)
            self._set("scope", reading.scope)
            self._set("quantities", reading.quantities)
            self._set("symbols", tuple(_described(reading)))
            self._set("goals", tuple(self._goals(reading)))
            further: dict[str, Described] = {}
            self._set("checks", tuple(self._checks(reading, further)))
            self._set("further", tuple(further.values()))
            self._set("notes", tuple(self._notes()))
            with within("example"):
                self._set("numbers", self._numbers())
            self._set(
                "defaults",
                {
                    q.name: lowering.scalar(author.expression(q.default))
                    for q in reading.inputs
                    if q.default is not None
                },
            )
            if not self.draft:
                self._check_languages()

    # ---- reading ------------------------------------------------------------------------------------------

    def _symbol(self, name: str) -> terms.Symbol:
        symbol = self.scope.symbol(name)
        if symbol is None:
            raise AuthorError(
                f"{name} does not occur in the formula",
                f"Define it, or write one of {', '.join(self._names())}.",
            )
        return symbol

    def _names(self) -> list[str]:
        return [s.name for s in (*self.scope.inputs, *(d.symbol for d in self.scope.definitions))]

    def _goals(self, reading: Reading) -> Iterator[Goal]:
        for number, question in enumerate(self.ask, 1):
            with within(f"ask, entry {number}"):
                if not isinstance(question, Question):
                    raise AuthorError(f"{question!r} is no question", "Write Jacobian(p, z), Vjp(p, z), ...")
                yield self.goal(question)

    def goal(self, question: Question) -> Goal:
        """The question over the symbols of the scope."""
        target = self._symbol(question.target.name)
        variables = tuple(self._symbol(variable.name) for variable in question.variables)
        for variable in variables:
            if not self.scope.definitions.name_depends(target, variable):
                raise AuthorError(
                    f"{target.name} does not depend on {variable.name}",
                    "Ask about a variable that it is made from.",
                )
        return Goal(question.kind, target, variables)

    def _checks(self, reading: Reading, further: dict[str, Described]) -> Iterator[Checked]:
        """Claims and chains over the scope; `further` gains the symbols that only they speak of."""
        seen: set[str] = set()
        known = {row.name for row in self.symbols}
        everything: list[Claim | Chain] = [*self.claims, *self.chains]
        for claim in everything:
            with within(f"claim {claim.id}"):
                if claim.id in seen:
                    raise AuthorError(f"two claims have the id {claim.id}", "Give one of them another id.")
                seen.add(claim.id)
                quote = claim.quote if isinstance(claim, Claim) else None
                if quote is not None and quote.source not in self.sources:
                    raise AuthorError(
                        f"the quotation is from {quote.source.title!r}, no source of the formula",
                        "Add it to sources.",
                    )
                if isinstance(claim, Chain) or claim.says is not None:
                    wider, checked = reading.check(claim)
                    for row in _described(wider):
                        if row.name not in known:
                            further.setdefault(row.name, replace(row, role="statement"))
                    yield checked

    def _notes(self) -> Iterator[Remark]:
        for place, text in self.remarks.items():
            with within(f"remark at {place.rule}"):
                self.goal(place.question)
                yield Remark(place.chain, place.rule, place.occurrence, text)

    def _numbers(self) -> Numbers | None:
        if self.example is None:
            return None
        sizes: dict[str, int] = {}
        inputs = []
        given = {symbol.name: value for symbol, value in self.example.inputs.items()}
        for symbol in self.scope.inputs:
            if symbol.name not in given:
                raise AuthorError(f"the example has no value for {symbol.name}", "Give every input a value.")
            inputs.append((symbol, _nested(symbol.name, given.pop(symbol.name), symbol.axes, sizes)))
        if given:
            raise AuthorError(f"the example gives {', '.join(given)}, which is no input", "Give inputs only.")
        cotangent = None
        if self.example.cotangent is not None:
            axes = self.result.axes
            cotangent = _nested("the cotangent", self.example.cotangent, axes, sizes)
        return Numbers(tuple(inputs), cotangent, self.example.remark)

    def _texts(self) -> Iterator[tuple[str, Text]]:
        yield "name", self.name
        yield "summary", self.summary
        for row in (*self.symbols, *self.further):
            yield f"meaning of {row.name}", row.meaning
        for claim in self.claims:
            yield f"claim {claim.id}", claim.statement
            if claim.correction is not None and claim.correction.text is not None:
                yield f"correction of {claim.id}", claim.correction.text
        for chain in self.chains:
            yield f"chain {chain.id}", chain.name
            for number, link in enumerate(chain.steps, 1):
                yield f"chain {chain.id}, step {number}", link.reason
        for note in self.notes:
            yield f"remark at {note.rule}", note.text
        if self.reading is not None:
            yield "reading", self.reading
        if self.stability is not None:
            yield "stability", self.stability
        for number, mistake in enumerate(self.mistakes, 1):
            yield f"mistake {number}", mistake
        if self.example is not None and self.example.remark is not None:
            yield "example", self.example.remark

    def _check_languages(self) -> None:
        for place, text in self._texts():
            if not isinstance(text, Text):
                raise AuthorError(f"{place} is no Text", 'Write Text(en="...", zh="...").')
            if text.missing:
                raise AuthorError(
                    f"{place} says nothing in {', '.join(text.missing)}",
                    "Write both languages, or draft=True.",
                )

    # ---- what others read ---------------------------------------------------------------------------------

    @property
    def result(self) -> terms.Symbol:
        """What the formula defines in the end: its last name."""
        return list(self.scope.definitions)[-1].symbol

    @property
    def meanings(self) -> dict[str, Text]:
        return {row.name: row.meaning for row in self.symbols}

    @property
    def uses(self) -> tuple[str, ...]:
        """The ids of the formulas that this one is made from, in order."""
        return tuple(dict.fromkeys(d.uses for d in self.scope.definitions if d.uses))

    def correction(self, claim: Claim) -> terms.Relation | None:
        """The equation of a claim's correction as a term."""
        if claim.correction is None or claim.correction.equation is None:
            return None
        reading = Reading()
        reading.define(self.define)
        return reading.finished(lowering.relation(claim.correction.equation))  # type: ignore[return-value]

    # ---- use by another formula ---------------------------------------------------------------------------

    def __call__(
        self,
        *,
        over: Any = None,
        name: str = "",
        latex: str = "",
        meaning: Text | None = None,
        **arguments: Any,
    ) -> Any:
        """The formula on the caller's symbols: a name of the caller's, defined as here.

        `over` names the axes of the argument that are this formula's own, where it has more.
        """
        with within(f"call of {self.id}"):
            return self._used(over, name, latex, meaning, arguments)

    def _used(
        self, over: Any, name: str, latex: str, meaning: Text | None, arguments: Mapping[str, Any]
    ) -> Any:
        inputs = {symbol.name: symbol for symbol in self.scope.inputs}
        for given in arguments:
            if given not in inputs:
                raise AuthorError(f"{given} is no input of {self.id}", f"Its inputs are {', '.join(inputs)}.")
        for needed in inputs:
            if needed not in arguments:
                raise AuthorError(
                    f"{self.id} needs {needed}", f"Write {needed}=..., also where the names agree."
                )
        wholes: dict[str, Whole] = {}
        own_axes: dict[str, indices.Axis] = {}
        batch: tuple[indices.Axis, ...] = ()
        core: tuple[int, ...] = ()
        quantities: list[Any] = []
        for given, value in arguments.items():
            argument = author.expression(value)
            whole = lowering.lower(argument)
            loose = whole.term.free - {index for index in whole.axes if index is not None}
            if loose or None in whole.axes:
                raise AuthorError(
                    f"the argument {given} has free indices or axes of length 1",
                    "Pass whole arrays: z=scores.",
                )
            axes = tuple(index.axis for index in whole.axes if index is not None)
            positions = _core_positions(given, axes, inputs[given].axes, over)
            for own, position in zip(inputs[given].axes, positions, strict=True):
                if own_axes.setdefault(own.name, axes[position]) != axes[position]:
                    raise AuthorError(
                        f"the axis {own.name} of {self.id} would be both {own_axes[own.name].name} and "
                        f"{axes[position].name}",
                        "Pass arguments whose sizes agree.",
                    )
            rest = tuple(axis for position, axis in enumerate(axes) if position not in positions)
            if rest:
                if batch and batch != rest:
                    raise AuthorError(
                        f"the arguments of {self.id} have different further axes", "Give them the same."
                    )
                batch, core = rest, positions
            wholes[given] = whole
            quantities.append(argument)
        output = self.result
        use = Use(self, wholes, own_axes, batch, core, tuple(quantities), output.name)
        known = {axis.name: axis for argument in quantities for axis in _author_axes(argument)}
        axes_of_result = tuple(known[axis.name] for axis in use.axes_of(output))
        return author.quantity(
            name or output.name,
            axes_of_result,
            meaning or self.meanings[output.name],
            output.domain,
            latex or (latex_of_name(name) if name else output.latex),
            use,
        )


def _core_positions(
    name: str, axes: tuple[indices.Axis, ...], own: tuple[indices.Axis, ...], over: Any
) -> tuple[int, ...]:
    named = () if over is None else tuple(a.name for a in (over if isinstance(over, tuple) else (over,)))
    here = tuple(axis.name for axis in axes)
    if len(axes) < len(own):
        raise AuthorError(
            f"the argument {name} has {len(axes)} axes and needs {len(own)}", "Pass a whole array."
        )
    if own and named:
        if len(named) != len(own) or any(here.count(axis) != 1 for axis in named):
            raise AuthorError(
                f"over={', '.join(named)} does not tell the axes {', '.join(here)} of {name} apart",
                "Name as many axes as the formula has, each once in the argument.",
            )
        return tuple(here.index(axis) for axis in named)
    # as in NumPy's convention for batches, the formula's own axes are the last
    return tuple(range(len(axes) - len(own), len(axes)))


def _author_axes(argument: Any) -> Iterator[author.Axis]:
    reading = Reading()
    reading.see(argument)
    yield from reading.axes.values()


def _described(reading: Reading) -> Iterator[Described]:
    for quantity in reading.inputs:
        yield Described(quantity.name, "input", quantity.meaning, quantity.term)
    for definition in reading.definitions:
        name = definition.symbol.name
        meaning = reading.carried[name][1] if name in reading.carried else reading.quantities[name].meaning
        yield Described(name, "name", meaning, definition.symbol)
    for axis in reading.axes.values():
        yield Described(axis.name, "size", axis.meaning)


def _nested(name: str, value: Any, axes: tuple[indices.Axis, ...], sizes: dict[str, int]) -> Value:
    if not axes:
        return lowering.scalar(author.expression(value))
    if not isinstance(value, list | tuple):
        raise AuthorError(f"{name} has {len(axes)} axes more than its value", "Write nested lists.")
    if sizes.setdefault(axes[0].name, len(value)) != len(value):
        raise AuthorError(
            f"{name} has {len(value)} entries along {axes[0].name}, which is {sizes[axes[0].name]} elsewhere",
            "Give lists of equal length to one axis.",
        )
    return tuple(_nested(name, entry, axes[1:], sizes) for entry in value)
