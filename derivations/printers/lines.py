"""The line that a chain ends in: its left side and its result, entry by entry or as one whole array.

An entry `dp_i/dz_j` names its indices, a matrix has none, so the last line of a chain needs a left side of
its own: the gradient, the Jacobian, an adjoint.  A quotient of bold letters is avoided: its layout depends on
who reads it.
"""

from derivations.matrix_form.nodes import Node
from derivations.printers.matrix import MatrixLayout
from derivations.steps import Chain, Derivation
from derivations.terms import Component, Derivative, Relation


def index_line(chain: Chain, layout: MatrixLayout) -> str:
    """`dp_i/dz_j = ...`; an equation has a left side of its own."""
    result = layout.line(chain.result)
    return result if isinstance(chain.result, Relation) else f"{layout.line(chain.left)} = {result}"


def matrix_line(derivation: Derivation, chain: Chain, form: Node, layout: MatrixLayout) -> str:
    """The same as whole arrays."""
    left, text = matrix_left(derivation, chain, layout), layout.matrix_line(form)
    return f"{left} = {text}" if left else text


def matrix_left(derivation: Derivation, chain: Chain, layout: MatrixLayout) -> str:
    """The left side for the matrix form of this chain; empty where the form is an equation of its own."""
    notation = layout.notation
    if chain.name is not None:
        return layout.whole(chain.name)
    left = chain.left
    if isinstance(left, Component):
        return layout.whole(left.symbol)
    if not isinstance(left, Derivative):
        return ""
    variable = layout.whole(left.symbol)
    if isinstance(left.body, Derivative) and isinstance(left.body.body, Component):
        target, inner = left.body.body.symbol, layout.whole(left.body.symbol)
        if inner == variable and not target.axes and left.symbol.axes:
            return notation.second_gradient % (variable, layout.whole(target))
        return layout.line(left)
    if isinstance(left.body, Component):
        target = left.body.symbol
        if not target.axes and left.symbol.axes:
            return notation.gradient % (variable, layout.whole(target))
        if target.axes and left.symbol.axes:
            return notation.jacobian
    return layout.line(left)
