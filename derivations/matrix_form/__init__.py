"""From index terms to matrix notation.

`recover` gives a `MatrixForm`, whose tree (`nodes.py`) printers turn into text, or `NotMatrix` with the
reason.
"""

from derivations.matrix_form import nodes
from derivations.matrix_form.recovery import MatrixForm, NotMatrix, recover

__all__ = ["MatrixForm", "NotMatrix", "nodes", "recover"]
