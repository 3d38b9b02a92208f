"""The record of a formula: everything its page shows, as plain data, and the files that belong to it.

Pages, the published JSON and the index are made from records alone.  A record holds LaTeX from our printers,
no text of SymPy's, no error digits, no dates and no paths, so that the same formula gives the same bytes.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from derivations import codegen, resources
from derivations.api import derivations_of
from derivations.catalogue import load, places
from derivations.domains import Domain
from derivations.examples import example_record
from derivations.language import Claim, Formula
from derivations.language.questions import Chain as AuthorsChain
from derivations.matrix_form import MatrixForm
from derivations.printers.latex import (
    LAYOUT,
    definition_latex,
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
from derivations.scope import Links
from derivations.steps import Chain, Condition, Derivation, Step
from derivations.terms import Relation, Symbol
from derivations.verify import check_derivation
from derivations.verify.claims import Outcome, check_claim
from derivations.verify.evidence import Evidence
from derivations.verify.kernels import check_kernel
from derivations.words import LANGUAGES, Text, label

Record = dict[str, Any]
Answers = Sequence[tuple[Derivation, Evidence]]
Kernels = Sequence[tuple[codegen.KernelEntry, Evidence]]
Outcomes = Mapping[str, Outcome]
_LINE = 300  # longer values are written over several lines


@dataclass(frozen=True)
class Produced:
    """What one formula gives: its files by path below the package, and what failed, in words."""

    id: str
    chapter: str
    uses: tuple[str, ...]
    files: Mapping[str, bytes]
    problems: tuple[str, ...]
    draft: bool = False

    @property
    def published(self) -> Mapping[str, bytes]:
        """The files that are written: a draft is derived and checked, and leaves nothing behind."""
        return {} if self.draft else self.files

    def verdicts(self) -> Iterator[tuple[str, str, Record | None]]:
        """Name, verdict and evidence of each derivation, claim and kernel; a stated claim has no evidence."""
        record = json.loads(self.files[record_path(self.chapter, self.id)])
        for row in (*record["derivations"], *record["claims"], *record["kernels"]):
            evidence = row["evidence"]
            yield row.get("id") or row["name"], row.get("verdict") or evidence["verdict"], evidence


def record_path(chapter: str, name: str) -> str:
    """Where the record of a formula lies, below the package."""
    return f"records/{chapter}/{name}.json"


def produce(name: str) -> Produced:
    """Derive, check, generate and record one formula.  Nothing is written.

    Raises AuthorError or Unsupported where the formula cannot be read or derived; a check that fails is no
    error but a problem of the answer.
    """
    formula = load(name)
    derivations = derivations_of(formula)
    module = codegen.kernels(formula, derivations)
    functions = codegen.loaded(module)
    answers = [(d, check_derivation(d)) for d in derivations]
    kernels = [(k, check_kernel(functions[k.name], k, formula, derivations)) for k in module.entries]
    outcomes = {check.id: check_claim(check) for check in formula.checks}
    files = {
        record_path(formula.chapter, formula.id): as_bytes(_record(formula, answers, kernels, outcomes)),
        module.path: module.source,
    }
    problems = tuple(_problems(formula, answers, kernels, outcomes))
    return Produced(formula.id, formula.chapter, _all_uses(formula), files, problems, formula.draft)


def _problems(formula: Formula, answers: Answers, kernels: Kernels, outcomes: Outcomes) -> Iterator[str]:
    """What has failed or is undecided, and claims that come out otherwise than their author expects."""
    derived = [(f"derivation {derivation.goal.id}", evidence) for derivation, evidence in answers]
    generated = [(f"kernel {kernel.name}", evidence) for kernel, evidence in kernels]
    for what, evidence in derived + generated:
        if not evidence.passed:
            yield f"{what}: {evidence.verdict}: {_why(evidence)}"
    for check in formula.checks:
        outcome = outcomes[check.id]
        if not outcome.agrees(check.expected):
            found = f"expected {check.expected}, found {outcome.verdict}"
            yield f"claim {check.id}: {found}: {_why(outcome.evidence)}"


def _why(evidence: Evidence) -> str:
    return str(evidence.failure or f"nothing else was found at {evidence.points} points")


def _all_uses(formula: Formula) -> tuple[str, ...]:
    """The formulas that this one is made from, through any number of steps."""
    found: dict[str, None] = {}
    for name in formula.uses:
        found.update(dict.fromkeys((name, *_all_uses(load(name)))))
    return tuple(found)


def _record(formula: Formula, answers: Answers, kernels: Kernels, outcomes: Outcomes) -> Record:
    place = f"{formula.chapter}/{formula.id}"
    checks = {check.id: check for check in formula.checks}
    derivations = [derivation for derivation, _ in answers]
    return {
        "generated": f"from derivations/catalogue/{place}.py by 'make regenerate'; do not edit",
        "id": formula.id,
        "chapter": formula.chapter,
        "name": _text(formula.name),
        "summary": _text(formula.summary),
        "definition": [
            {"name": d.symbol.name, "latex": definition_latex(d), "uses": d.uses or None}
            for d in formula.scope.definitions
        ],
        "symbols": symbol_rows(formula, derivations),
        "facts": [
            {"latex": term_latex(Relation("==", fact.left, fact.right)), "condition": fact.assumed}
            for fact in formula.scope.facts
        ],
        "derivations": [
            *derivation_rows(answers),
            # the author's chains, until a rule finds them
            *(authors_chain_row(chain, checks[chain.id], outcomes[chain.id]) for chain in formula.chains),
        ],
        "reading": _text_or_none(formula.reading),
        "claims": [
            claim_row(formula, claim, checks.get(claim.id), outcomes.get(claim.id))
            for claim in formula.claims
        ],
        "kernels": [{**kernel.record(), "evidence": evidence.record()} for kernel, evidence in kernels],
        "stability": _text_or_none(formula.stability),
        "example": example_record(formula, derivations, [kernel for kernel, _ in kernels]),
        "mistakes": [_text(mistake) for mistake in formula.mistakes],
        "references": [
            {"text": r.text, "doi": r.doi, "arxiv": r.arxiv, "url": r.url} for r in formula.references
        ],
        "sources": [
            {"key": s.key, "title": s.title, "author": s.author, "address": s.address}
            for s in formula.sources
        ],
        "related": list(formula.related),
        "aliases": list(formula.aliases),
    }


def overview() -> list[Record]:
    """One row per recorded formula: results by kind, claims by verdict, kernels."""
    rows = []
    for chapter, name in places():
        path = resources.records() / chapter / f"{name}.json"
        if not path.is_file():
            continue
        record = json.loads(path.read_text("utf-8"))
        kinds = [row["kind"] for row in record["derivations"]]
        verdicts = [row["verdict"] for row in record["claims"]]
        rows.append(
            {
                "id": name,
                "chapter": chapter,
                "name": record["name"],
                "results": {kind: kinds.count(kind) for kind in ("derived", "proved", "checked_chain")},
                "claims": {v: verdicts.count(v) for v in ("proved", "checked", "refuted", "stated")},
                "kernels": [kernel["name"] for kernel in record["kernels"]],
            }
        )
    return rows


def as_bytes(record: Any) -> bytes:
    """JSON with one line for what is short, so that a diff shows which step has changed."""
    return (_json(record, 0) + "\n").encode("utf-8")


def _json(value: Any, depth: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    nested = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if len(line) <= _LINE or not any(isinstance(part, dict | list) and part for part in nested):
        return line
    pad = "\n" + " " * (depth + 1)
    end = "\n" + " " * depth
    if isinstance(value, dict):
        rows = [f"{json.dumps(k, ensure_ascii=False)}: {_json(v, depth + 1)}" for k, v in value.items()]
        return "{" + pad + f",{pad}".join(rows) + end + "}"
    return "[" + pad + f",{pad}".join(_json(part, depth + 1) for part in value) + end + "]"


def _text(text: Text) -> dict[str, str]:
    return {language: text[language] for language in LANGUAGES}


def _text_or_none(text: Text | None) -> dict[str, str] | None:
    return _text(text) if text is not None else None


def _label(key: str, **values: str) -> dict[str, str]:
    return {language: label(key, language, **values) for language in LANGUAGES}


# ---- symbols ---------------------------------------------------------------------------------------------


def symbol_rows(formula: Formula, derivations: Iterable[Derivation]) -> list[Record]:
    """What the author describes, statements included, then the names that the derivations introduce."""
    rows = []
    for described in (*formula.symbols, *formula.further):
        symbol = described.symbol
        rows.append(
            {
                "name": described.name,
                "latex": described.name if symbol is None else whole_latex(symbol),
                "meaning": _text(described.meaning),
                "domain": r"\mathbb{N}" if symbol is None else domain_latex(symbol),
                "role": described.role,
            }
        )
    introduced: dict[str, Record] = {}
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
    return [*rows, *introduced.values()]


def _introduced(derivation: Derivation) -> Iterable[tuple[Symbol, str]]:
    known = set(derivation.introduced)
    for symbol in derivation.scope.inputs:
        if symbol.name in known:
            yield symbol, "cotangent"
    for definition in derivation.scope.definitions:
        if definition.symbol.name in known or definition.symbol == derivation.answer.name:
            yield definition.symbol, _role(derivation, definition.symbol, definition.operation)


def _role(derivation: Derivation, symbol: Symbol, operation: str) -> str:
    if operation:
        return operation
    return "solution" if derivation.goal.kind == "stationary" else "adjoint"


def _meaning(derivation: Derivation, symbol: Symbol, role: str) -> dict[str, str]:
    goal = derivation.goal
    target = _inline(whole_latex(goal.target))
    if role == "adjoint":
        of = next(c.id.rsplit("-", 1)[1] for c in derivation.chains if c.name == symbol)
        found = derivation.scope.symbol(of)
        return _label("introduced.adjoint", of=_inline(whole_latex(found) if found else of))
    variable = _inline(whole_latex(goal.variables[0]))
    return _label(f"introduced.{role}", of=target, variable=variable)


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


def derivation_rows(answers: Answers) -> list[Record]:
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
    return _label(
        f"question.{goal.question}",
        target=_inline(whole_latex(goal.target)),
        variable=_inline(whole_latex(goal.variables[0])),
    )


def _inline(latex: str) -> str:
    return f"${latex}$"


def _chain_title(derivation: Derivation, chain: Chain) -> dict[str, str]:
    return {language: chain_title(derivation, chain, language, LAYOUT, _inline) for language in LANGUAGES}


def chain_row(derivation: Derivation, chain: Chain) -> Record:
    return {
        "id": chain.id,
        "kind": chain.kind,
        "title": _chain_title(derivation, chain),
        "left": term_latex(chain.left),
        "steps": [step_row(derivation, chain, step) for step in chain.steps],
    }


def step_row(derivation: Derivation, chain: Chain, step: Step) -> Record:
    told = [part for part in step.parts if not RULES[part.rule].silent]
    row: Record = {
        "rule": step.rules[0],
        "with": [*step.rules[1:], *merged_rules(step)],
        "relation": step.relation,
        "latex": matrix_latex(step.matrix.tree) if step.matrix is not None else term_latex(step.after),
        "remark": _text_or_none(step.remark),
        # one part is the step itself, and says nothing more
        "parts": [
            {"rule": part.rule, "before": term_latex(part.before), "after": term_latex(part.after)}
            for part in (told if len(told) > 1 else ())
        ],
    }
    if step.matrix is not None and not isinstance(step.after, Relation):
        row["left"] = matrix_left_latex(derivation, chain)
    return row


def result_row(derivation: Derivation) -> Record:
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
        "reason": _text_or_none(derivation.reason),
    }


def condition_row(condition: Condition) -> Record:
    if condition.relation is not None:
        return {"latex": term_latex(condition.relation)}
    assert condition.text is not None, "a condition is a relation or words"
    if condition.about is None:
        return {"text": _text(condition.text)}
    matrix = f"${whole_latex(condition.about)}$"
    return {"text": {lang: text.replace("{matrix}", matrix) for lang, text in _text(condition.text).items()}}


# ---- statements ------------------------------------------------------------------------------------------


def claim_row(formula: Formula, claim: Claim, check: Checked | None, outcome: Outcome | None) -> Record:
    row: Record = {
        "id": claim.id,
        "statement": _text(claim.statement),
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
            "text": _text_or_none(text),
        }
    if claim.quote is not None:
        row["quote"] = asdict(claim.quote)
    return row


def authors_chain_row(chain: AuthorsChain, check: Checked, outcome: Outcome) -> Record:
    """An author's chain in the shape of a derivation: every link a step with its reason."""
    links = check.statement
    assert isinstance(links, Links), "a chain is read as links"
    steps: list[Record] = [
        {
            "rule": None,
            "with": [],
            "relation": link.relation,
            "latex": term_latex(link.term),
            "remark": _text(link.reason),
            "parts": [],
        }
        for link in links.links
    ]
    left = term_latex(links.start)
    return {
        "id": chain.id,
        "question": "chain",
        "kind": "checked_chain",
        "title": _text(chain.name),
        "chains": [
            {
                "id": f"chain-{chain.id}",
                "kind": "answer",
                "title": _label("chain.answer.chain"),
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
