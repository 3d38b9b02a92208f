"""What a claim says, as LaTeX: a relation, a range, a limit, with the conditions it is made under."""

from collections.abc import Iterable

from derivations.printers.latex import LAYOUT, term_latex
from derivations.printers.layout import DIVISION
from derivations.printers.notation import LATEX
from derivations.scope import Interval, Limit, Links, Range, Statement
from derivations.terms import Relation, Term

_INFINITE = {"+oo": r"+\infty", "-oo": r"-\infty"}


def statement_latex(statement: Statement, given: Iterable[Relation] = ()) -> str:
    """The statement, and its conditions behind a quad: `p_i < 1 \\quad C \\ge 2`."""
    conditions = ", ".join(term_latex(condition) for condition in given)
    return _statement(statement) + (rf" \quad ({conditions})" if conditions else "")


def _statement(statement: Statement) -> str:
    match statement:
        case Relation():
            return term_latex(statement)
        case Range(value=value, interval=interval):
            return rf"{term_latex(value)} \in {interval_latex(interval)}"
        case Limit(value=value, variable=variable, to=to, limit=limit):
            under = rf"{term_latex(variable)} \to {_end(to)}"
            # without brackets the limit would be taken of the first summand alone
            of = LAYOUT.at(DIVISION, LAYOUT.piece(value)).text
            return rf"\lim_{{{under}}} {of} = {_end(limit)}"
        case Links(start=start, links=links):
            tail = " ".join(f"{LATEX.relations[k.relation]} {term_latex(k.term)}" for k in links)
            return f"{term_latex(start)} {tail}"
    raise TypeError(f"no LaTeX for {type(statement).__name__}")


def _end(value: Term | str) -> str:
    return _INFINITE[value] if isinstance(value, str) else term_latex(value)


def interval_latex(interval: Interval) -> str:
    lower = r"-\infty" if interval.lower is None else term_latex(interval.lower)
    upper = r"\infty" if interval.upper is None else term_latex(interval.upper)
    opening = "[" if interval.lower_closed else "("
    return f"{opening}{lower}, {upper}{']' if interval.upper_closed else ')'}"
