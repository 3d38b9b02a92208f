"""What people call: the derivation of a formula of one's own, and those of a formula of the catalogue.

Everything to the left of this module works on scopes and goals; here they come from a text or from the
catalogue, and what comes out is checked before anybody sees it.
"""

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from derivations import catalogue, codegen, steps
from derivations.answers import check_matrix_form, derivations_of, grounds, with_matrix_form
from derivations.comparison import TOLERANCE, CheckResult, compared
from derivations.errors import Error, InputError, InternalMistake, Unsupported
from derivations.goals import reach
from derivations.language import Formula
from derivations.matrix_form import MatrixForm, recover
from derivations.parse import Parsed, parse
from derivations.printers import forms
from derivations.printers.expression import sympy_expression
from derivations.printers.forms.markdown import definitions
from derivations.printers.latex import derivation_latex
from derivations.printers.notebook import repr_latex, repr_markdown
from derivations.printers.text import LAYOUT, plain, term_text
from derivations.printers.wording import condition_words
from derivations.rules import Stuck
from derivations.rules.rule import Watch
from derivations.sampling import UnsatisfiedFact
from derivations.scope import Definitions, Goal
from derivations.terms import Symbol, Term, TermError, symbols
from derivations.verify.evidence import Evidence
from derivations.verify.results import quick_check

__all__ = [
    "Derivation",
    "Error",
    "InputError",
    "InternalMistake",
    "Unsupported",
    "derivations_of",
    "derive",
    "formula",
    "formulas",
    "gradients",
    "printed",
]

Shapes = str | Mapping[str, str] | None
_SECONDS = 10  # for texts near the limits of length; ordinary ones take hundredths

# ---- a formula of one's own -------------------------------------------------------------------------------


def derive(
    text: str,
    wrt: str | Sequence[str],
    shapes: Shapes = None,
    order: int = 1,
    facts: str | None = None,
    symbols: Mapping[str, str] | None = None,
) -> "Derivation":
    """The derivative of a formula in NumPy notation, with every step and a quick check.

    `wrt` is a name, at order 2 one name or two.  `shapes` is "X: m n; w: n; b:" or a mapping; without it
    every name is a number.  `facts` says what is known ("sum(t) = 1; x > 0; A symmetric") and `symbols` how
    names are printed ({"t": r"\\tau"}).

    The derivative has the shape of the value and then that of each variable.  Raises InputError for what
    cannot be read (with line, column and hint), Unsupported where no rule leads on (with the stuck term), and
    InternalMistake where the check disagrees with the result; all are kinds of Error.
    """
    names = [wrt] if isinstance(wrt, str) else list(wrt)
    if order not in (1, 2):
        raise InputError(f"order is {order}", hint="Give order=1 or order=2.")
    if not 1 <= len(names) <= order:
        raise InputError(
            f"wrt has {len(names)} names at order {order}",
            hint='Write wrt="x"; at order 2 also wrt=["x", "y"]. For several gradients, call gradients.',
        )
    parsed = parse(text, shapes, facts, symbols)
    for name in symbols or {}:
        if parsed.scope.symbol(name) is None:
            raise InputError(f"symbols says how {name} is printed, and the text has no {name}")
    variables = tuple(_variable(parsed, name) for name in names)
    goal = _goal(parsed.target, variables * 2 if order == 2 and len(variables) == 1 else variables)
    (found,) = _derived(parsed, (goal,))
    return found


def gradients(
    text: str, wrt: Sequence[str], shapes: Shapes = None, facts: str | None = None
) -> dict[str, "Derivation"]:
    """The first derivatives with respect to several names, by name, sharing their intermediates.

    Arguments, shapes and errors are those of `derive`.
    """
    parsed = parse(text, shapes, facts)
    goals = tuple(_goal(parsed.target, (_variable(parsed, name),)) for name in wrt)
    return dict(zip(wrt, _derived(parsed, goals), strict=True))


def _variable(parsed: Parsed, name: str) -> Symbol:
    known = [symbol.name for symbol in parsed.scope.inputs]
    if name in known:
        return next(symbol for symbol in parsed.scope.inputs if symbol.name == name)
    near = get_close_matches(str(name), known, 1, 0.5)
    if name in parsed.scope.definitions:
        raise InputError(
            f"wrt is {name}, which is calculated in the text",
            hint=f"Give one of {', '.join(known)}, or start a text in which {name} is declared.",
        )
    hint = f"Write wrt={near[0]!r}." if near else f"Write one of {', '.join(known) or 'its names'}."
    raise InputError(f"wrt is {name!r}, which is no variable of the text", hint=hint)


def _goal(target: Symbol, variables: tuple[Symbol, ...]) -> Goal:
    """The question as people call it: a derivative of numbers, a gradient of a number, a Jacobian."""
    if not target.axes and not any(variable.axes for variable in variables):
        return Goal("derivative", target, variables)
    if len(variables) == 2:
        return Goal("hessian", target, variables)
    return Goal("jacobian" if target.axes else "gradient", target, variables)


def _derived(parsed: Parsed, goals: tuple[Goal, ...]) -> list["Derivation"]:
    try:
        found = []
        for derivation in reach(parsed.scope, goals, watch=_patience(parsed)):
            evidence = checked(derivation)
            shown = with_matrix_form(without_unused(derivation, parsed.offered))
            found.append(Derivation(parsed, shown, evidence))
        return found
    except Stuck as stuck:
        raise Unsupported(stuck.reason, term_text(stuck.term)) from stuck
    except UnsatisfiedFact as problem:
        raise InputError(
            f"the facts cannot hold together: {problem}", hint="Leave out one of them."
        ) from None
    except RecursionError:
        raise Unsupported("the expression is nested too deeply", parsed.target.name) from None
    except Error:
        raise
    except Exception as error:
        # whoever called gave a text that can be read, so whatever else goes wrong is our mistake
        raise InternalMistake(f"{type(error).__name__}: {error}; please report the input") from error


def _patience(parsed: Parsed) -> Watch:
    """Raises when the whole takes longer than anybody waits."""
    end = time.monotonic() + _SECONDS

    def watch() -> None:
        if time.monotonic() > end:
            raise Unsupported(f"the derivation takes more than {_SECONDS} seconds", parsed.target.name)

    return watch


def without_unused(derivation: steps.Derivation, offered: tuple[str, ...]) -> steps.Derivation:
    """The derivation without those names that were offered to it and that it does not use."""
    terms = [chain.left for chain in derivation.chains]
    terms += [step.after for step in derivation.steps]
    used = {symbol.name for term in terms for symbol in symbols(term)}
    idle = {name for name in offered if name not in used}
    if not idle:
        return derivation
    scope = derivation.scope
    kept = Definitions(d for d in scope.definitions if d.symbol.name not in idle)
    facts = tuple(
        f for f in scope.facts if not idle & {s.name for side in (f.left, f.right) for s in symbols(side)}
    )
    if facts != scope.facts[: len(facts)]:
        return derivation  # steps quote facts by their place
    return replace(derivation, scope=replace(scope, definitions=kept, facts=facts))


def checked(derivation: steps.Derivation) -> Evidence:
    """The quick check at two points where the value exists; a derivative that fails it is never shown."""
    for ground, seeds in grounds(derivation):
        evidence = quick_check(ground, seeds)
        if evidence.failure is not None:
            raise InternalMistake(
                f"the quick check disagrees with {term_text(derivation.result)}: {evidence.failure}; "
                "please report the input"
            )
        if evidence.passed:
            return evidence
    target = derivation.scope.definitions[derivation.goal.target.name]
    raise Unsupported(
        "no point was found at which the value and its derivative exist", term_text(target.body)
    )


@dataclass(frozen=True, eq=False)
class Derivation:
    """A derivative of a person's own formula: its steps, its result in several forms, and its evidence.

    The shape of the derivative is that of the value and then that of the variable.
    """

    given: Parsed
    derivation: steps.Derivation
    evidence: Evidence

    @property
    def chains(self) -> tuple[steps.Chain, ...]:
        """Lemmas first, the answer last."""
        return self.derivation.chains

    @property
    def steps(self) -> tuple[steps.Step, ...]:
        """The displayed steps of all chains, in order."""
        return self.derivation.steps

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the text did not have and the derivation introduces."""
        offered = (name for name in self.given.offered if name in self.derivation.scope.definitions)
        return (*self.given.introduced, *offered)

    @property
    def term(self) -> Term:
        return self.derivation.result

    @property
    def result(self) -> Any:
        """The result as a SymPy expression, for reading; bound indices begin at 0."""
        try:
            return sympy_expression(self.term)
        except TypeError as error:
            # SymPy refuses to compare what it takes for a complex number
            raise Unsupported(f"no SymPy expression: {error}", term_text(self.term)) from error

    @property
    def matrix(self) -> str | None:
        """The result in NumPy notation on the declared names alone, None where it has no such form."""
        scope = self.derivation.scope
        names = [definition.symbol.name for definition in scope.definitions]
        form = recover(self.term, self.derivation.answer.indices, scope.definitions, names)
        if not isinstance(form, MatrixForm):
            return None
        check_matrix_form(self.derivation, form)
        return form.numpy

    @property
    def shape(self) -> tuple[str | int, ...]:
        """The sizes of the derivative: names, whole numbers, or sums and products of these as text."""
        sizes = [index.axis.size for index in self.derivation.answer.indices]
        return tuple(str(size) if size.constant is None else size.constant for size in sizes)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the result needs, in words or as relations."""
        return tuple(
            plain(condition_words(condition, "en", LAYOUT, str)) for condition in self.derivation.conditions
        )

    # ---- forms ----

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str = "en") -> str:
        """The names, then all steps, for a terminal."""
        return forms.printed(self, "steps", lang)

    def latex(self, lang: str = "en", what: str = "derivation") -> str:
        """One `align*` environment; `what` is "derivation" or "result"."""
        return derivation_latex(self.derivation, lang, what)

    def markdown(self, lang: str = "en") -> str:
        return forms.printed(self, "markdown", lang)

    def _repr_markdown_(self) -> str:
        return definitions(self.derivation, "en") + repr_markdown(self.derivation)

    def _repr_latex_(self) -> str:
        return repr_latex(self.derivation)

    def json(self, lang: str = "en") -> str:
        """The derivation as JSON, with terms as LaTeX."""
        return forms.printed(self, "json", lang)

    # ---- code ----

    def code(self, backend: str = "numpy", what: str = "derivative") -> str:
        """A module with the function `derivative`, `value`, or both.

        For PyTorch and JAX the value comes with its derived gradients, and with a check of them.
        """
        wanted = what != "derivative" and codegen.takes_pullbacks(backend)
        try:
            return codegen.code(self.derivation, backend, what, _pullbacks(self) if wanted else ())
        except TermError as error:
            raise Unsupported(f"no code: {error}", term_text(self.term)) from error

    def check(self, function: Callable[..., Any], tolerance: float = TOLERANCE) -> CheckResult:
        """A function of one's own against this derivative, at random points of several sizes.

        It is called with NumPy arrays: by keyword if its arguments are called as in the formula, else in the
        order of the declared names.  `tolerance` is relative to the largest entry.
        """
        return compared(function, self.derivation, self.given.scope, tolerance)

    def lambdify(self, backend: str = "numpy", what: str = "derivative") -> Callable[..., Any]:
        """A function of all declared names, by keyword; it ignores those that the value does not need."""
        return _Compiled(self, backend, what)


def _pullbacks(asked: Derivation) -> list[steps.Derivation]:
    """The VJP of the value for every input; only that of the variable itself must be found."""
    scope, goal = asked.given.scope, asked.derivation.goal
    found: list[steps.Derivation] = []
    for symbol in scope.inputs:
        if scope.definitions.name_depends(goal.target, symbol):
            try:
                (pulled,) = _derived(asked.given, (Goal("vjp", goal.target, (symbol,)),))
                found.append(pulled.derivation)
            except Unsupported:
                if symbol in goal.variables:
                    raise
    return found


class _Compiled:
    """The generated function behind a check of names and shapes."""

    def __init__(self, found: Derivation, backend: str, what: str) -> None:
        if what not in ("derivative", "value"):
            raise InputError(f"what is {what!r}", hint='Write what="derivative" or what="value".')
        self.symbols = {symbol.name: symbol for symbol in found.given.scope.inputs}
        source = found.code(backend, what).encode()
        entry = codegen.KernelEntry(what, what, "", "", ())
        try:
            self.function = codegen.loaded(codegen.GeneratedModule("derived.py", source, (entry,)))[what]
        except ModuleNotFoundError as error:
            raise InputError(
                f"{error.name} is not installed", hint=f"Install {error.name}, or use .code({backend!r})."
            ) from error
        spelled = {codegen.identifier(name): name for name in self.symbols}
        self.arguments = [spelled[name] for name in inspect.signature(self.function).parameters]

    def __call__(self, **values: Any) -> Any:
        import numpy

        unknown = [name for name in values if name not in self.symbols]
        if unknown:
            raise ValueError(
                f"{unknown[0]} is no name of this formula; its names are {', '.join(self.symbols)}"
            )
        sizes: dict[str, int] = {}
        for name, value in values.items():
            _check_shape(self.symbols[name], numpy.shape(value), sizes)
        missing = [name for name in self.arguments if name not in values]
        if missing:
            raise ValueError(f"a value for {', '.join(missing)} is missing")
        return self.function(*(values[name] for name in self.arguments))


def _check_shape(symbol: Symbol, shape: tuple[int, ...], sizes: dict[str, int]) -> None:
    """Whether a value has the axes of its symbol, with the sizes that other values have shown."""
    wanted = tuple(str(axis.size) for axis in symbol.axes)
    fits = len(shape) == len(wanted)
    for axis, length in zip(symbol.axes, shape, strict=False):
        names = axis.size.names
        if names == (str(axis.size),):
            fits = fits and sizes.setdefault(names[0], length) == length
        elif all(name in sizes for name in names):
            fits = fits and axis.size.evaluate(sizes) == length
    if not fits:
        known = ", ".join(f"{name} = {length}" for name, length in sizes.items())
        raise ValueError(
            f"{symbol.name} has the shape {shape}, and ({', '.join(wanted)}) is declared"
            + (f", where {known}" if known else "")
        )


def printed(found: Derivation, form: str, lang: str = "en") -> str:
    """A derivation in a form of output (steps, latex, ...) or as code of a backend (numpy, ...)."""
    if form in forms.forms():
        return forms.printed(found, form, lang)
    if form in codegen.backends():
        return found.code(form, "both")
    known = ", ".join((*forms.forms(), *codegen.backends()))
    raise InputError(f"no form of output is called {form}", hint=f"Write one of {known}.")


# ---- the catalogue ----------------------------------------------------------------------------------------


def formula(id: str) -> Formula:
    """The formula of the catalogue with this id or alias; InputError, with a near name, for others."""
    try:
        return catalogue.load(id)
    except KeyError:
        ids = [name for _, name in catalogue.places()]
        near = get_close_matches(str(id), ids, 1, 0.5)
        hint = f"Write {near[0]!r}." if near else "See `derivations list`, or formulas()."
        raise InputError(f"there is no formula {id!r}", hint=hint) from None


def formulas() -> tuple[Formula, ...]:
    """All formulas of the catalogue, by chapter and then by id."""
    return catalogue.discover()
