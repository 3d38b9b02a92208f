"""`P = X^-1` and `d = det X`: names with an operation, said of whole matrices and not entry by entry.

An entry of an inverse is no function of the entry at the same place, so `P_ij = X_ij^-1` would mislead.
"""

from derivations.matrix_form.nodes import Determinant, Inverse, Whole
from derivations.printers.matrix import MatrixLayout
from derivations.scope import Definition
from derivations.steps import Derivation
from derivations.structure import matrix_of

_NODES = {"inverse": Inverse, "determinant": Determinant}


def operation_line(definition: Definition, layout: MatrixLayout) -> str | None:
    """The definition as an equation of whole arrays; None where the matrix has no name."""
    matrix = matrix_of(definition)
    if matrix is None or definition.operation not in _NODES:
        return None
    right = layout.matrix(_NODES[definition.operation](Whole(matrix))).text
    return f"{layout.whole(definition.symbol)} = {right}"


def listed_first(derivation: Derivation) -> tuple[Definition, ...]:
    """Names that are said above the steps; an inverse that the engine made is said with the result."""
    return tuple(
        d
        for d in derivation.scope.definitions
        if not (d.operation and d.symbol.name in derivation.introduced)
    )
