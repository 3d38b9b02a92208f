"""How mathematics is done here: one named function per rule, grouped by what it works on.

Importing this package fills `RULES`.  The passes that decide which rule is tried when stand in `goals`.
"""

from derivations.rules import algebra, derivative, facts, linear_algebra, names, questions, sums
from derivations.rules.rule import RULES, Lemma, Rule, Stuck, Work, mentioned, rule

__all__ = [
    "RULES",
    "Lemma",
    "Rule",
    "Stuck",
    "Work",
    "algebra",
    "derivative",
    "facts",
    "linear_algebra",
    "mentioned",
    "names",
    "questions",
    "rule",
    "sums",
]
