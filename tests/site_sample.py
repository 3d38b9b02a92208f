"""A small library for the tests of the pages: one formula as its record would be, with every kind of content.

It stands beside the real records, which may by chance lack a counterexample, a quotation or a condition; what
the templates do with these must not depend on which formulas the catalogue has today.
"""

import json
from pathlib import Path
from typing import Any

from derivations.pages import Chapter, Library, RulePage
from derivations.words import Text

DATA = Path(__file__).parent / "data"
RULES = (
    "define name lemma leaf linear quotient exp sift pull split distribute factor vjp matrix hadamard"
).split()


def record() -> dict[str, Any]:
    value: dict[str, Any] = json.loads((DATA / "softmax_record.json").read_text("utf-8"))
    return value


def library(*records: dict[str, Any]) -> Library:
    rules = {
        rule: RulePage(
            id=rule,
            name=Text(en=f"Rule {rule}", zh=f"法则 {rule}"),
            statement=r"a = b",
            condition=Text(en="$a \\ne 0$", zh="$a \\ne 0$") if rule == "quotient" else None,
            example=r"\frac{a b}{a} = b",
            group="algebra",
        )
        for rule in RULES
    }
    return Library(
        chapters=(Chapter("activations", Text(en="Activation functions", zh="激活函数")),),
        records=records or (record(),),
        rules=rules,
        kernels={"softmax": (DATA / "softmax_kernels.py").read_text("utf-8")},
        pictures={"softmax": '<svg viewBox="0 0 1 1" role="img" aria-label="graph"></svg>'},
    )
