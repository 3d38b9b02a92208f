"""Evidence for steps, results, claims and kernels: nothing is shown as fact that was not checked.

The checks share nothing with the rules: they evaluate terms at points, differentiate by small steps, and ask
SymPy where it can answer.  What a check cannot decide is UNKNOWN, and `regenerate` fails on it.
"""

from derivations.verify.claims import Counterexample, Outcome, check_claim
from derivations.verify.evidence import FAIL, PASS, UNKNOWN, Evidence, Failure
from derivations.verify.kernels import check_kernel
from derivations.verify.matrices import check_matrix
from derivations.verify.results import check_derivation, quick_check
from derivations.verify.steps import Ground, check_chain, check_step

__all__ = [
    "FAIL",
    "PASS",
    "UNKNOWN",
    "Counterexample",
    "Evidence",
    "Failure",
    "Ground",
    "Outcome",
    "check_chain",
    "check_claim",
    "check_derivation",
    "check_kernel",
    "check_matrix",
    "check_step",
    "quick_check",
]
