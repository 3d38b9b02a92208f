"""The derivation as plain data, for other programs."""

import json

from derivations.printers.forms import Shown
from derivations.printers.latex import matrix_latex, term_latex
from derivations.printers.wording import step_reason


def printed(found: Shown, language: str) -> str:
    """The derivation as JSON, with terms as LaTeX."""
    answer = found.derivation.answer
    record = {
        "left": term_latex(answer.left),
        "index": term_latex(found.derivation.result),
        "matrix": found.matrix,
        "shape": list(found.shape),
        "names": list(found.names),
        "conditions": list(found.conditions),
        "chains": [
            {
                "id": chain.id,
                "kind": chain.kind,
                "left": term_latex(chain.left),
                "steps": [
                    {
                        "rules": list(step.rules),
                        "reason": step_reason(step, language),
                        "latex": matrix_latex(step.matrix.tree) if step.matrix else term_latex(step.after),
                    }
                    for step in chain.steps
                ],
            }
            for chain in found.derivation.chains
        ],
        "evidence": found.evidence.record(),
    }
    return json.dumps(record, ensure_ascii=False, indent=1)
