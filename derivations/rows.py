"""What stands in a record, row by row: symbols, derivations with their steps, claims, as plain data.

Here values become LaTeX and words in both languages, and nothing is decided: what a formula gives, and
whether it holds, is found in `records.py`.  LaTeX comes from our printers alone, the same in every language.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from derivations.domains import Domain
from derivations.language import Claim, Formula
from derivations.language.questions import Chain as AuthorsChain
from derivations.matrix_form import MatrixForm
from derivations.printers.latex import (
    LAYOUT,
    matrix_latex,
    matrix_left_latex,
    size_latex,
    term_latex,
    whole_latex,
)
from derivations.printers.statements import statement_latex
from derivations.printers.wording import chain_title, merged_rules
from derivations.rules import RULES
from derivations.scope import Claim as Checked
from derivations.scope import Definition, Links
from derivations.steps import Chain, Condition, Derivation, Step
from derivations.terms import Relation, Symbol
from derivations.verify.claims import Outcome
from derivations.verify.evidence import Evidence
from derivations.words import LANGUAGES, Text, label

Row = dict[str, Any]
Answers = Sequence[tuple[Derivation, Evidence]]


def both(text: Text) -> dict[str, str]:
    return {language: text[language] for language in LANGUAGES}


def both_or_none(text: Text | None) -> dict[str, str] | None:
    return both(text) if text is not None else None


def _labels(key: str, **values: str) -> dict[str, str]:
    return {language: label(key, language, **values) for language in LANGUAGES}


# ---- symbols ---------------------------------------------------------------------------------------------


def symbol_rows(formula: Formula, derivations: Iterable[Derivation]) -> list[Row]:
    """What the author describes, statements included, then the names that the derivations introduce."""
    rows = []
    for described in (*formula.symbols, *formula.further):
        symbol = described.symbol
        rows.append(
            {
                "name": described.name,
                "latex": described.name if symbol is None else whole_latex(symbol),
                "meaning": both(described.meaning),
                "domain": r"\mathbb{N}" if symbol is None else domain_latex(symbol),
                "role": described.role,
            }
        )
    return [*rows, *introduced_rows(derivations)]


def introduced_rows(derivations: Iterable[Derivation]) -> list[Row]:
    """Cotangents, adjoints, inverses: each name that a derivation makes, once."""
    introduced: dict[str, Row] = {}
    for derivation in derivations:
        for symbol, role in _introduced(derivation):
            introduced.setdefault(
                symbol.name,
                {
                    "name": symbol.name,
                    "latex": whole_latex(symbol),
                    "meaning": _meaning(derivation, symbol, role),
                    "domain": domain_latex(symbol),
                    "role": role,
                },
            )
    return list(introduced.values())


def _introduced(derivation: Derivation) -> Iterable[tuple[Symbol, str]]:
    known = set(derivation.introduced)
    for symbol in derivation.scope.inputs:
        if symbol.name in known:
            yield symbol, "cotangent"
    for definition in derivation.scope.definitions:
        if definition.symbol.name in known or definition.symbol == derivation.answer.name:
            yield definition.symbol, _role(derivation, definition)


def _role(derivation: Derivation, definition: Definition) -> str:
    if any(chain.name == definition.symbol for chain in derivation.chains):
        return "adjoint"
    if derivation.goal.kind == "stationary":
        return "hessian_inverse" if definition.operation else "solution"
    return definition.operation or "name"


def _meaning(derivation: Derivation, symbol: Symbol, role: str) -> dict[str, str]:
    goal = derivation.goal
    of = whole_latex(goal.target)
    if role == "adjoint":
        name = next(c.id.rsplit("-", 1)[1] for c in derivation.chains if c.name == symbol)
        found = derivation.scope.symbol(name)
        of = whole_latex(found) if found else name
    elif role in ("inverse", "determinant", "name"):
        of = term_latex(derivation.scope.definitions[symbol.name].body)
    return _labels(f"introduced.{role}", of=_inline(of), variable=_inline(whole_latex(goal.variables[0])))


def domain_latex(symbol: Symbol) -> str:
    """`(0,1)^{C}`, `\\mathbb{R}^{n \\times d}`; a probability vector lives in the simplex of its size."""
    domain: Domain = symbol.domain
    if not symbol.axes:
        return domain.latex
    sizes = [size_latex(axis.size) for axis in symbol.axes]
    if domain.structure == "simplex":
        return rf"{domain.latex}^{{{sizes[-1]}-1}}"
    product = r" \times ".join(sizes)
    return f"{domain.latex}^{{{product}}}"


# ---- derivations -----------------------------------------------------------------------------------------


def derivation_rows(answers: Answers) -> list[Row]:
    """One row per goal.  A chain that an earlier row shows is not printed again: its id is enough."""
    shown: dict[str, str] = {}
    rows = []
    for derivation, evidence in answers:
        chains = []
        for chain in derivation.chains:
            if chain.id not in shown or chain is derivation.answer:
                chains.append(chain_row(derivation, chain))
                shown.setdefault(chain.id, derivation.goal.id)
        used = [
            {"derivation": shown[chain.id], "chain": chain.id}
            for chain in derivation.chains
            if shown[chain.id] != derivation.goal.id
        ]
        rows.append(
            {
                "id": derivation.goal.id,
                "question": derivation.goal.kind,
                "kind": derivation.kind,
                "title": derivation_title(derivation),
                "chains": chains,
                "earlier": used,
                "result": result_row(derivation),
                "conditions": [condition_row(c) for c in derivation.conditions],
                "evidence": evidence.record(),
            }
        )
    return rows


def derivation_title(derivation: Derivation) -> dict[str, str]:
    goal = derivation.goal
    return _labels(
        f"question.{goal.question}",
        target=_inline(whole_latex(goal.target)),
        variable=_inline(whole_latex(goal.variables[0])),
    )


def _inline(latex: str) -> str:
    return f"${latex}$"


def _chain_title(derivation: Derivation, chain: Chain) -> dict[str, str]:
    return {language: chain_title(derivation, chain, language, LAYOUT, _inline) for language in LANGUAGES}


def chain_row(derivation: Derivation, chain: Chain) -> Row:
    return {
        "id": chain.id,
        "kind": chain.kind,
        "title": _chain_title(derivation, chain),
        "left": term_latex(chain.left),
        "steps": [step_row(derivation, chain, step) for step in chain.steps],
    }


def step_row(derivation: Derivation, chain: Chain, step: Step) -> Row:
    told = [part for part in step.parts if not RULES[part.rule].silent]
    row: Row = {
        "rule": step.rules[0],
        "with": [*step.rules[1:], *merged_rules(step)],
        "relation": step.relation,
        "latex": matrix_latex(step.matrix.tree) if step.matrix is not None else term_latex(step.after),
        "remark": both_or_none(step.remark),
        # one part is the step itself, and says nothing more
        "parts": [
            {"rule": part.rule, "before": term_latex(part.before), "after": term_latex(part.after)}
            for part in (told if len(told) > 1 else ())
        ],
    }
    if step.matrix is not None and not isinstance(step.after, Relation):
        row["left"] = matrix_left_latex(derivation, chain)
    return row


def result_row(derivation: Derivation) -> Row:
    answer, form = derivation.answer, derivation.matrix
    result = derivation.result
    equation = isinstance(result, Relation)
    return {
        "left": None if equation else term_latex(answer.left),
        "index": term_latex(result),
        "matrix_left": matrix_left_latex(derivation, answer) if form is not None and not equation else None,
        "matrix": matrix_latex(form.tree) if isinstance(form, MatrixForm) else None,
        "numpy": form.numpy if isinstance(form, MatrixForm) else None,
        "equations": [
            matrix_latex(step.matrix.tree) for step in answer.steps[:-1] if step.matrix is not None
        ],
        "reason": both_or_none(derivation.reason),
    }


def condition_row(condition: Condition) -> Row:
    if condition.relation is not None:
        return {"latex": term_latex(condition.relation)}
    assert condition.text is not None, "a condition is a relation or words"
    if condition.about is None:
        return {"text": both(condition.text)}
    matrix = f"${whole_latex(condition.about)}$"
    return {"text": {lang: text.replace("{matrix}", matrix) for lang, text in both(condition.text).items()}}


# ---- statements ------------------------------------------------------------------------------------------


def claim_row(formula: Formula, claim: Claim, check: Checked | None, outcome: Outcome | None) -> Row:
    row: Row = {
        "id": claim.id,
        "statement": both(claim.statement),
        "latex": statement_latex(check.statement, check.given) if check is not None else None,
        "verdict": outcome.verdict if outcome is not None else "stated",
        "evidence": outcome.evidence.record() if outcome is not None else None,
        "counterexample": None,
        "correction": None,
        "quote": None,
        "reference": claim.reference or None,
    }
    if outcome is not None and outcome.counterexample is not None:
        row["counterexample"] = asdict(outcome.counterexample)
    if claim.correction is not None:
        equation, text = formula.correction(claim), claim.correction.text
        row["correction"] = {
            "latex": term_latex(equation) if equation is not None else None,
            "text": both_or_none(text),
        }
    if claim.quote is not None:
        row["quote"] = asdict(claim.quote)
    return row


def authors_chain_row(chain: AuthorsChain, check: Checked, outcome: Outcome) -> Row:
    """An author's chain in the shape of a derivation: every link a step with its reason."""
    links = check.statement
    assert isinstance(links, Links), "a chain is read as links"
    steps: list[Row] = [
        {
            "rule": None,
            "with": [],
            "relation": link.relation,
            "latex": term_latex(link.term),
            "remark": both(link.reason),
            "parts": [],
        }
        for link in links.links
    ]
    left = term_latex(links.start)
    return {
        "id": chain.id,
        "question": "chain",
        "kind": "checked_chain",
        "title": both(chain.name),
        "chains": [
            {
                "id": f"chain-{chain.id}",
                "kind": "answer",
                "title": _labels("chain.answer.chain"),
                "left": left,
                "steps": steps,
            }
        ],
        "earlier": [],
        "result": {
            "left": left,
            "index": term_latex(links.links[-1].term),
            "matrix_left": None,
            "matrix": None,
            "numpy": None,
            "equations": [statement_latex(conclusion) for conclusion in links.conclusions],
            "reason": None,
        },
        "conditions": [condition_row(Condition(relation=relation)) for relation in check.given],
        "evidence": outcome.evidence.record(),
    }
