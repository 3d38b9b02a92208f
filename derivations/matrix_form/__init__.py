"""From index terms to matrix notation."""

from derivations.matrix_form import nodes

__all__ = ["nodes"]
