"""Whole vectors and matrices in print: the same walk as for entries, over the nodes of matrix notation.

A vector is a column, whatever side NumPy multiplies it on: a row at the left end of a product is printed by
transposing the product, so that every summand of a sum has the same shape on paper.
"""

from dataclasses import replace
from fractions import Fraction
from typing import TypeGuard

from derivations.functions import FUNCTIONS
from derivations.indices import Affine, Axis
from derivations.matrix_form.nodes import (
    Apply,
    Compare,
    Determinant,
    Diag,
    DiagonalOf,
    Equation,
    Eye,
    Inverse,
    Item,
    MatMul,
    Mean,
    MeanOver,
    Minus,
    Named,
    Node,
    Numeral,
    Ones,
    Outer,
    Plus,
    PowerOf,
    SizeNumber,
    Spread,
    SumOver,
    Times,
    Total,
    Trace,
    Transpose,
    Where,
    Whole,
    Zeros,
)
from derivations.printers.arrangement import OPPOSITE
from derivations.printers.layout import (
    ATOM,
    DIVISION,
    FACTOR,
    POWER,
    PRODUCT,
    SUMMANDS,
    Layout,
    Piece,
)
from derivations.printers.names import whole_latex
from derivations.terms import Symbol

_CALLS: dict[type[Node], str] = {Diag: "diag", DiagonalOf: "diag", Trace: "tr", Determinant: "det"}
_CONSTANT = (Numeral, SizeNumber, Named)


class MatrixLayout(Layout):
    """One walk for one notation, over terms and over matrix forms."""

    def whole(self, symbol: Symbol) -> str:
        return self._spell(whole_latex(symbol))

    def matrix_line(self, node: Node) -> str:
        return self.matrix(node).text

    def matrix(self, node: Node, inline: bool = False) -> Piece:
        """A form of whole arrays; `inline` inside an exponent, where fractions are slashed."""
        notation = self.notation
        match node:
            case Numeral(value=value, text=text):
                return Piece(text or str(value))
            case Named(name=name):
                return Piece(notation.constants[name])
            case SizeNumber(size=size):
                return self.size(size)
            case Whole(symbol=symbol):
                return Piece(self.whole(symbol), POWER if "^" in whole_latex(symbol) else ATOM)
            case Item():
                return self._item(node)
            case Eye(axis=axis):
                return Piece(notation.identity % self._small(axis))
            case Ones(over=over):
                return self._ones(over)
            case Zeros():
                return Piece(notation.zero)
            case Minus(of=of):
                piece = self.at(DIVISION, self.matrix(of, inline))
                return replace(piece, text=notation.minus + piece.text, level=SUMMANDS)
            case Plus(terms=terms):
                return self._plus(terms, inline)
            case Times():
                return self._times(node, inline)
            case PowerOf():
                return self._elementwise_power(node, inline)
            case Apply(head=head, arguments=arguments):
                return self._applied(head.name, arguments[0])
            case Compare(operator=operator, left=left, right=right):
                return self.compared(operator, self.matrix(left), self.matrix(right))
            case Where():
                return self._where(node)
            case Spread():
                return self._spread(node)
            case Transpose(of=of):
                return self.transposed(of)
            case MatMul(factors=factors):
                return self._chain(factors)
            case Outer(left=left, right=right):
                return self._juxtaposed([self.matrix(left), self.transposed(right)])
            case Inverse(of=of):
                base = self.at(ATOM, self.matrix(of))
                return Piece(notation.inverse % base.text, POWER, base.tall)
            case Diag(of=of) | DiagonalOf(of=of) | Trace(of=of) | Determinant(of=of):
                return self._call(_CALLS[type(node)], self.matrix(of))
            case Total(of=of):
                return self._total(of)
            case SumOver(of=of, position=position):
                return self._summed(of, position)
            case Mean(of=of):
                return self._call("mean", self.matrix(of))
            case MeanOver(of=of, position=position):
                share = self._fraction(Piece("1"), self.size(of.axes[position].size), False)
                return self._juxtaposed([share, replace(self._summed(of, position), level=FACTOR)])
            case Equation(left=left, right=right):
                return self.compared("==", self.matrix(left), self.matrix(right))
        raise TypeError(f"no notation for {type(node).__name__}")

    # ---- leaves --------------------------------------------------------------------------------------

    def _small(self, axis: Axis) -> str:
        """A size as a subscript; braces where it is longer than a letter."""
        return self._below(self.size(axis.size).text.replace(" ", ""))[1:]

    def _ones(self, over: tuple[Axis, ...]) -> Piece:
        vectors = [Piece(self.notation.ones % self._small(axis)) for axis in over]
        if len(vectors) == 1:
            return vectors[0]
        return self._juxtaposed([vectors[0], self._raised_top(vectors[1])])

    def _item(self, node: Item) -> Piece:
        slots = [":" if p is None else self.slot(Affine((), p)) for p in node.positions]
        letter = self.whole(node.symbol) if node.axes else self.symbol(node.symbol)
        return Piece(letter + self._below(",".join(slots)))

    def _call(self, name: str, argument: Piece) -> Piece:
        return Piece(self.notation.call % (name, self.bracketed(argument).text), ATOM, argument.tall)

    # ---- arithmetic ----------------------------------------------------------------------------------

    def _plus(self, terms: tuple[Node, ...], inline: bool) -> Piece:
        parts = []
        for term in terms:
            negative = isinstance(term, Minus)
            piece = self.matrix(term.of if isinstance(term, Minus) else term, inline)
            parts.append((negative, self.at(DIVISION, piece)))
        return Piece(self._signed_line(parts), SUMMANDS, any(piece.tall for _, piece in parts))

    def _times(self, node: Times, inline: bool) -> Piece:
        """Scalars with their fraction first, then the arrays; large scalars stand behind the fraction."""
        below = [d for d in node.divisors if not d.order]
        coefficient = all(isinstance(d, _CONSTANT) for d in below)
        above = [s for s in node.scalars if isinstance(s, _CONSTANT) or not (coefficient or _is_large(s))]
        behind = [s for s in node.scalars if s not in above]
        if not node.order and inline:
            above, behind = list(node.scalars), []
        pieces = []
        if below:
            over = self._juxtaposed([self.matrix(s, inline) for s in above]) if above else Piece("1")
            under = self._juxtaposed([self.matrix(d, inline) for d in below])
            alone = not behind and not node.order
            pieces.append(self._fraction(over, under, inline, alone=alone))
        else:
            behind = above + behind
        pieces += [self._scalar_factor(s, inline) for s in behind]
        arrays = self._arrays(node)
        if arrays is None:
            return self._juxtaposed(pieces) if pieces else Piece("1")
        # 2 A ⊙ B and 2 A B need no brackets: a number commutes with both products
        last = self.at(DIVISION, arrays)
        if not pieces:
            return last
        front = self._juxtaposed(pieces)
        return Piece(f"{front.text} {last.text}", min(last.level, PRODUCT), front.tall or last.tall)

    def _scalar_factor(self, scalar: Node, inline: bool) -> Piece:
        piece = self.matrix(scalar, inline)
        # an inner product keeps its brackets, or it would read on into what follows; a norm has its own
        reads_on = isinstance(scalar, MatMul | Total) and piece.level < POWER
        return self.bracketed(piece) if reads_on else self.at(PRODUCT, piece)

    def _arrays(self, node: Times) -> Piece | None:
        """The elementwise part: Hadamard products, with scalings of rows and columns as diagonal matrices."""
        left, middle, right = _by_side(node.arrays)
        under_left, under, under_right = _by_side(tuple(d for d in node.divisors if d.order))
        if not node.arrays and not (under_left or under or under_right):
            return None
        core = self._entrywise(middle) if middle else self._ones(node.axes)
        if under:
            core = self._fraction(core, self._entrywise(under), False)
        front = [self._scaling(f) for f in left] + [self._inverted(self._scaling(d)) for d in under_left]
        back = [self._scaling(f) for f in right] + [self._inverted(self._scaling(d)) for d in under_right]
        return self._juxtaposed([*front, self.at(FACTOR, core), *back]) if front or back else core

    def _entrywise(self, factors: list[Node]) -> Piece:
        if len(factors) == 1:
            return self.matrix(factors[0])
        parts = [self.at(FACTOR, self.matrix(f)) for f in factors]
        return Piece(self.notation.hadamard.join(p.text for p in parts), DIVISION, any(p.tall for p in parts))

    def _scaling(self, node: Node) -> Piece:
        assert isinstance(node, Spread)
        return self._call("diag", self.matrix(node.of))

    def _inverted(self, piece: Piece) -> Piece:
        return Piece(self.notation.inverse % self.at(ATOM, piece).text, POWER, piece.tall)

    def _elementwise_power(self, node: PowerOf, inline: bool) -> Piece:
        if _is_half(node.exponent) and _is_squared_norm(node.base):
            return Piece(self.notation.norm % self.matrix(node.base.factors[0]).text)
        if _is_half(node.exponent):
            return self.root(self.matrix(node.base, inline))
        exponent = self.matrix(node.exponent, inline=True).text
        if node.order:
            # x^2 of a vector would be read as an inner product
            exponent = f"{self.notation.hadamard.strip()} {exponent}"
        return self.raised(self.matrix(node.base, inline), exponent)

    def _applied(self, name: str, argument: Node) -> Piece:
        template = self._spell(FUNCTIONS[name].latex)
        if template.endswith("^{#1}") and (argument.order or self.matrix(argument).tall):
            bracketed = self.bracketed(self.matrix(argument))
            return Piece(self.notation.exponential % bracketed.text, ATOM, bracketed.tall)
        return self.filled(template, self.matrix(argument, inline="^{#1}" in template))

    def _where(self, node: Where) -> Piece:
        rows = [
            (self.matrix(value), [self.matrix(condition)])
            for value, condition in zip(node.values, node.conditions, strict=True)
        ]
        complement = [replace(c, operator=OPPOSITE[c.operator]) for c in node.conditions]
        rows.append((self.matrix(node.otherwise), [self.matrix(c) for c in complement]))
        return self.rows(rows)

    def _spread(self, node: Spread) -> Piece:
        if node.of == Numeral(Fraction(1)):
            return self._ones(node.over)
        inner = self.matrix(node.of)
        if node.position is None:
            inner = self._scalar_factor(node.of, False)
            return self._juxtaposed(
                [replace(inner, level=FACTOR), replace(self._ones(node.over), level=FACTOR)]
            )
        if node.position == 0:
            return self._juxtaposed([inner, self._raised_top(self._ones(node.over[1:]))])
        return self._juxtaposed([self._ones(node.over[:1]), self.transposed(node.of)])

    # ---- products and sums ---------------------------------------------------------------------------

    def _raised_top(self, piece: Piece) -> Piece:
        return Piece(self.notation.transpose % self.at(ATOM, piece).text, POWER, piece.tall)

    def transposed(self, node: Node) -> Piece:
        if isinstance(node, Transpose):
            return self.matrix(node.of)
        if isinstance(node, MatMul) and node.order == 1 and node.factors[0].order == 1:
            return self._juxtaposed(self._operands(node.factors))
        return self._raised_top(self.matrix(node))

    def _operands(self, factors: tuple[Node, ...]) -> list[Piece]:
        """The factors as they stand, a vector in front as a row."""
        first = self.transposed(factors[0]) if factors[0].order == 1 else self.matrix(factors[0])
        pieces = [first, *(self.matrix(factor) for factor in factors[1:])]
        # scaled rows or columns are a matrix product themselves, and a chain has no brackets
        return [
            replace(piece, level=FACTOR) if _is_scaled(factor) else piece
            for piece, factor in zip(pieces, factors, strict=True)
        ]

    def _chain(self, factors: tuple[Node, ...]) -> Piece:
        first, last = factors[0], factors[-1]
        if _is_squared_norm(MatMul(factors)):
            norm = self.notation.norm % self.matrix(first).text
            return Piece(f"{norm}^2" if self.notation.stacked else f"{norm}²", POWER, self.matrix(first).tall)
        if first.order == 1 and last.order == 2:
            # a row times matrices: written as the column that it is
            turned = [self.transposed(factor) for factor in reversed(factors[1:])]
            return self._juxtaposed([*turned, self.matrix(first)])
        return self._juxtaposed(self._operands(factors))

    def _total(self, of: Node) -> Piece:
        """1ᵀ v, or 1ᵀ A 1."""
        row = self._raised_top(self._ones(of.axes[:1]))
        body = self.at(FACTOR, self.matrix(of))
        return self._juxtaposed([row, body] + ([self._ones(of.axes[1:])] if of.order == 2 else []))

    def _summed(self, of: Node, position: int) -> Piece:
        body = self.transposed(of) if position == 0 else self.matrix(of)
        return self._juxtaposed([body, self._ones((of.axes[position],))])


def _by_side(factors: tuple[Node, ...]) -> tuple[list[Node], list[Node], list[Node]]:
    """Factors that scale rows, entries, columns."""
    sides: tuple[list[Node], list[Node], list[Node]] = ([], [], [])
    for factor in factors:
        position = factor.position if isinstance(factor, Spread) else None
        sides[{0: 0, None: 1, 1: 2}[position]].append(factor)
    return sides


def _is_scaled(factor: Node) -> bool:
    """Whether this is one array with its rows or columns scaled, and nothing else."""
    if not isinstance(factor, Times) or factor.scalars or any(not d.order for d in factor.divisors):
        return False
    left, middle, right = _by_side(factor.arrays)
    return len(middle) == 1 and not _by_side(factor.divisors)[1] and bool(left or right or factor.divisors)


def _is_squared_norm(node: Node) -> TypeGuard[MatMul]:
    """Whether this is the inner product of a vector with itself."""
    return (
        isinstance(node, MatMul)
        and len(node.factors) == 2
        and node.factors[0] == node.factors[1]
        and not node.order
    )


def _is_half(exponent: Node) -> bool:
    match exponent:
        case Numeral(value=value):
            return value == Fraction(1, 2)
        case Times(factors=(), divisors=(Numeral(value=value),)):
            return value == 2
    return False


def _is_large(scalar: Node) -> bool:
    return isinstance(scalar, MatMul | Total | Mean | Where) or (
        isinstance(scalar, Plus) and any(isinstance(n, MatMul | Total | Times) for n in scalar.walk())
    )
