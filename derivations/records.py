"""The record of a formula: everything its page shows, found, checked and written as JSON with its kernels.

Pages, the published JSON and the index are made from records alone.  A record holds LaTeX from our printers,
no text of SymPy's, no error digits, no dates and no paths, so that the same formula gives the same bytes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derivations import codegen, resources
from derivations.api import derivations_of
from derivations.catalogue import load, places
from derivations.examples import example_record
from derivations.language import Formula
from derivations.printers.latex import definition_latex, term_latex
from derivations.rows import (
    Answers,
    authors_chain_row,
    both,
    both_or_none,
    claim_row,
    derivation_rows,
    symbol_rows,
)
from derivations.terms import Relation
from derivations.verify import check_derivation
from derivations.verify.claims import Outcome, check_claim
from derivations.verify.evidence import Evidence
from derivations.verify.kernels import check_kernel

Record = dict[str, Any]
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
        "name": both(formula.name),
        "summary": both(formula.summary),
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
        "reading": both_or_none(formula.reading),
        "claims": [
            claim_row(formula, claim, checks.get(claim.id), outcomes.get(claim.id))
            for claim in formula.claims
        ],
        "kernels": [{**kernel.record(), "evidence": evidence.record()} for kernel, evidence in kernels],
        "stability": both_or_none(formula.stability),
        "example": example_record(formula, derivations, [kernel for kernel, _ in kernels]),
        "mistakes": [both(mistake) for mistake in formula.mistakes],
        "references": [
            {"key": r.key, "text": r.text, "doi": r.doi, "arxiv": r.arxiv, "url": r.url}
            for r in formula.references
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
