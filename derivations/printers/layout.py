"""The walk that turns a term into a line: precedence, signs, and what goes into which fraction.

Every piece of output carries how strongly it binds, so brackets are set where they are needed and nowhere
else.  The order of summands is the term's own; the only thing that moves is a large operator, out of a
numerator and behind its fraction, as people write it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from derivations.functions import FUNCTIONS
from derivations.indices import Affine, Index, Size
from derivations.letters import latex_of_name, split_subscript
from derivations.printers.arrangement import (
    arranged,
    flattened,
    inverted,
    is_small,
    negation,
)
from derivations.printers.names import superscript, symbol_latex, text_of_latex
from derivations.printers.notation import Notation
from derivations.terms import (
    Add,
    Bracket,
    Component,
    Constant,
    Delta,
    Derivative,
    Function,
    Number,
    Piecewise,
    Power,
    Product,
    Relation,
    SizeOf,
    Sum,
    Symbol,
    Term,
)

# How strongly a piece binds: each number is what a place asks for at least.
SUMMANDS, DIVISION, PRODUCT, FACTOR, POWER, ATOM = range(6)


@dataclass(frozen=True)
class Piece:
    """Written text, how strongly it binds, and how it may stand beside others.

    `open`: it takes in whatever is written behind it (a sum, a logarithm without brackets).
    """

    text: str
    level: int = ATOM
    tall: bool = False
    open: bool = False


class Layout:
    """One walk for one notation."""

    def __init__(self, notation: Notation, bounds: bool = False) -> None:
        """`bounds`: sums show their range, as in a definition; steps name the index alone."""
        self.notation = notation
        self.bounds = bounds
        # the master form of every name is LaTeX; a terminal reads it off
        self._spell: Callable[[str], str] = (lambda latex: latex) if notation.stacked else text_of_latex

    # ---- names, sizes, indices -----------------------------------------------------------------------

    def symbol(self, symbol: Symbol) -> str:
        return self._spell(symbol_latex(symbol))

    def name(self, name: str) -> str:
        return self._spell(latex_of_name(name))

    def size(self, size: Size) -> Piece:
        """A length: `n - k + 1`, `k m`."""
        parts = self._monomials(size)
        if not parts:
            return Piece("0")
        text = self._signed_line((negative, Piece(body, PRODUCT)) for negative, body in parts)
        if len(parts) > 1 or parts[0][0]:
            return Piece(text, SUMMANDS)
        return Piece(text, PRODUCT if " " in text else ATOM)

    def _monomials(self, size: Size) -> list[tuple[bool, str]]:
        """Sign and body of each part of a length, names before numbers and plus before minus."""
        parts = []
        for names, coefficient in sorted(size.monomials, key=lambda m: (not m[0], m[1] < 0, m[0])):
            number = [str(abs(coefficient))] if abs(coefficient) != 1 or not names else []
            parts.append((coefficient < 0, " ".join([*number, *(self.name(name) for name in names)])))
        return parts

    def slot(self, slot: Affine, first: int | None = None) -> str:
        """An index expression: `i`, `i+m`, `2i-1`; the multiples with a plus sign first.

        Terms count positions from 0.  Where readers count from 1, `i + m` of the terms is `i + m - 1`.
        """
        first = self.notation.first if first is None else first
        offset = slot.offset + first * (1 - sum(coefficient for _, coefficient in slot.parts))
        written: list[tuple[bool, str]] = []
        for part, coefficient in slot.parts:
            assert isinstance(part, Index), "printers see locally closed terms"
            multiple = str(abs(coefficient)) if abs(coefficient) != 1 else ""
            written.append((coefficient < 0, multiple + self.name(part.letter)))
        written += [(negative, piece.replace(" ", "")) for negative, piece in self._monomials(offset)]
        # letters before numbers, as in n-i+1, but never a minus in front of a plus
        written.sort(key=lambda part: (part[1].isdigit(), part[0]))
        if written and written[0][0]:
            written.sort(key=lambda part: part[0])
        text = ""
        for negative, piece in written:
            text += (self.notation.minus if negative else "+" if text else "") + piece
        return text or "0"

    def subscript(self, slots: Iterable[Affine]) -> str:
        written = [self.slot(slot) for slot in slots]
        if not written:
            return ""
        plain = all(len(slot) == 1 or (slot.startswith("\\") and slot[1:].isalpha()) for slot in written)
        joined = ("" if plain else ",").join(written)
        return self._below(joined)

    def _position(self, slot: Affine) -> str:
        first = self.notation.first
        return self.slot(slot + Affine((), Size.of(-first * sum(c for _, c in slot.parts))), first=0)

    def _below(self, joined: str) -> str:
        short = len(joined) == 1 if self.notation.stacked else joined.isalnum()
        return (self.notation.single_subscript if short else self.notation.subscript) % joined

    def entry(self, symbol: Symbol, slots: Sequence[Affine]) -> Piece:
        letter = self.symbol(symbol)
        below = self.subscript(slots)
        letter, own = split_subscript(letter)
        if own or below:
            # one subscript only: the name's own part, a comma, the indices
            _, indices = split_subscript(below)
            below = self._below(",".join(part for part in (own, indices) if part))
        raised = any(c in "^'⁻⁰¹²³⁴⁵⁶⁷⁸⁹" for c in letter)
        return Piece(letter + below, POWER if raised else ATOM)

    # ---- terms ---------------------------------------------------------------------------------------

    def line(self, term: Term) -> str:
        return self.piece(term).text

    def piece(self, term: Term, inline: bool = False) -> Piece:
        """The term; `inline` inside an exponent, where fractions are slashed."""
        match term:
            case Number():
                return self._number(term, inline)
            case Constant(name=name):
                return Piece(self.notation.constants[name])
            case SizeOf(size=size):
                return self.size(size)
            case Component(symbol=symbol, indices=indices):
                return self.entry(symbol, indices)
            case Delta(left=left, right=right):
                return Piece(self.notation.delta + self.subscript((left, right)))
            case Bracket(position=position, size=size):
                # a statement about positions, which count from 0 whatever readers call the first one
                return Piece(self.notation.bracket % (self._position(position), self.size(size).text))
            case Add():
                return self._add(term, inline)
            case Product():
                return self._product(term, inline)
            case Power():
                return self._power(term, inline)
            case Sum():
                return self._sum(term)
            case Function():
                return self._function(term, inline)
            case Relation(operator="==", left=Delta(left=i, right=j), right=Number(value=value)) if value in (
                0,
                1,
            ):
                # what a delta being 0 or 1 says of its indices
                return self.compared("==" if value else "!=", Piece(self.slot(i)), Piece(self.slot(j)))
            case Relation(operator=operator, left=left, right=right):
                return self.compared(operator, self.piece(left), self.piece(right))
            case Piecewise():
                return self._cases(term)
            case Derivative():
                return self._derivative(term)
        raise TypeError(f"no notation for {type(term).__name__}")

    def bracketed(self, piece: Piece) -> Piece:
        left, right = self.notation.tall_brackets if piece.tall else self.notation.brackets
        return Piece(f"{left}{piece.text}{right}", ATOM, piece.tall)

    def at(self, level: int, piece: Piece) -> Piece:
        """The piece, in brackets where it binds more weakly than its place asks for."""
        return piece if piece.level >= level else self.bracketed(piece)

    def compared(self, operator: str, left: Piece, right: Piece) -> Piece:
        text = f"{left.text} {self.notation.relations[operator]} {right.text}"
        return Piece(text, SUMMANDS, left.tall or right.tall)

    def rows(self, rows: Iterable[tuple[Piece, Sequence[Piece]]]) -> Piece:
        """Cases: each value with the conditions that hold for it together."""
        written = [
            self.notation.case % (value.text, self.notation.also.join(c.text for c in conditions))
            for value, conditions in rows
        ]
        return Piece(self.notation.cases % self.notation.case_separator.join(written), ATOM, tall=True)

    def raised(self, base: Piece, exponent: str) -> Piece:
        """base to the exponent, which is written already."""
        base = self.at(ATOM, base)
        above = "" if self.notation.stacked else superscript(exponent)
        if above:
            return Piece(base.text + above, POWER, base.tall)
        if self.notation.stacked and len(exponent) == 1:
            return Piece(f"{base.text}^{exponent}", POWER, base.tall)
        return Piece(self.notation.power % (base.text, exponent), POWER, base.tall)

    def root(self, base: Piece) -> Piece:
        template = self.notation.root_of_letter if base.level == ATOM else self.notation.root
        return Piece(template % base.text, POWER, base.tall)

    def _signed_line(self, parts: Iterable[tuple[bool, Piece]]) -> str:
        text = ""
        for negative, piece in parts:
            if not text:
                text = self.notation.minus if negative else ""
            else:
                text += f" {self.notation.minus} " if negative else " + "
            text += piece.text
        return text

    def _number(self, term: Number, inline: bool) -> Piece:
        value = term.value
        if term.text:
            return Piece(term.text.replace("-", self.notation.minus), SUMMANDS if value < 0 else ATOM)
        if value < 0:
            positive = self._number(Number(-value), inline)
            return replace(positive, text=self.notation.minus + positive.text, level=SUMMANDS)
        if value.denominator == 1:
            return Piece(str(value))
        return self._fraction(Piece(str(value.numerator)), Piece(str(value.denominator)), inline)

    def _fraction(self, above: Piece, below: Piece, inline: bool, alone: bool = False) -> Piece:
        """`alone`: nothing follows, so that a whole product may stand in front of the stroke."""
        if self.notation.stacked and not inline:
            return Piece(self.notation.fraction % (above.text, below.text), FACTOR, tall=True)
        below = self.at(POWER, below)
        if alone and above.level == PRODUCT and not above.open and not inline:
            return Piece(self.notation.wide_fraction % (above.text, below.text), DIVISION)
        if not inline or above.level != PRODUCT or above.open:
            above = self.at(POWER, above)
            return Piece(self.notation.slash % (above.text, below.text), FACTOR)
        return Piece(self.notation.slash % (above.text, below.text), DIVISION)

    # ---- sums of terms -------------------------------------------------------------------------------

    def signed(self, term: Term, inline: bool = False) -> tuple[bool, Piece]:
        """Whether the term is printed with a minus sign, and the piece without it."""
        if isinstance(term, Number) and term.value < 0:
            return True, self._number(Number(-term.value, term.text.lstrip("-")), inline)
        if isinstance(term, Product):
            factors = flattened(term)
            first = factors[0]
            if isinstance(first, Number) and first.value < 0:
                rest = factors[1:]
                if first.value != -1:
                    rest = [Number(-first.value, first.text.lstrip("-")), *rest]
                return True, self._unsigned_product(rest, term.authored, inline)
            return False, self._unsigned_product(factors, term.authored, inline)
        return False, self.piece(term, inline)

    def _add(self, term: Add, inline: bool) -> Piece:
        parts = []
        for place, summand in enumerate(term.terms):
            negative, piece = self.signed(summand, inline)
            # a sum in first place needs no brackets: a + b - c is read from the left
            parts.append((negative, piece if place == 0 and not negative else self.at(DIVISION, piece)))
        return Piece(self._signed_line(parts), SUMMANDS, any(piece.tall for _, piece in parts))

    # ---- products and fractions ----------------------------------------------------------------------

    def _product(self, term: Product, inline: bool) -> Piece:
        negative, piece = self.signed(term, inline)
        if not negative:
            return piece
        piece = self.at(DIVISION, piece)
        return replace(piece, text=self.notation.minus + piece.text, level=SUMMANDS)

    def _unsigned_product(self, factors: list[Term], authored: bool, inline: bool) -> Piece:
        above, below, behind = arranged(factors, authored, inline)
        if not below:
            return self._juxtaposed([self.piece(f, inline) for f in above + behind])
        over = self._juxtaposed([self.piece(f, inline) for f in above]) if above else Piece("1")
        under = self._juxtaposed([self.piece(f, inline) for f in below])
        fraction = self._fraction(over, under, inline, alone=not behind)
        return self._juxtaposed([fraction, *(self.piece(f, inline) for f in behind)])

    def _juxtaposed(self, pieces: list[Piece]) -> Piece:
        if len(pieces) == 1:
            return pieces[0]
        text = ""
        for place, piece in enumerate(pieces):
            piece = self.at(FACTOR, piece)
            if piece.open and place < len(pieces) - 1:
                piece = self.bracketed(piece)
            digit = bool(re.match(r"\d+(?![\d_])", piece.text)) or (
                piece.text.startswith(r"\frac") and bool(re.search(r"(^| )[\d.]+$", text))
            )
            if text:
                # 2 3 would be read as 23, and 2 1/2 as two and a half
                text += self.notation.between_numbers if digit else " "
            text += piece.text
        return Piece(text, PRODUCT, any(piece.tall for piece in pieces), pieces[-1].open)

    def _power(self, term: Power, inline: bool) -> Piece:
        exponent = term.exponent
        if isinstance(exponent, Number) and exponent.value < 0:
            below = self.piece(inverted(term), inline)
            return self._fraction(Piece("1"), below, inline)
        if isinstance(exponent, Number) and exponent.value == Fraction(1, 2):
            return self.root(self.piece(term.base, inline))
        return self.raised(self.piece(term.base, inline), self.piece(exponent, inline=True).text)

    # ---- binders, functions, cases, derivatives ------------------------------------------------------

    def _sum(self, term: Sum) -> Piece:
        indices, body = term.opened
        text = self.at(DIVISION, self.piece(body)).text
        if self.bounds:
            for index in reversed(indices):
                start = self.notation.first
                end = self.size(index.axis.size if start else index.axis.size - 1).text
                text = self.notation.bounded_sum % (self.name(index.letter), start, end, text)
        else:
            letters = ",".join(self.name(index.letter) for index in indices)
            text = self.notation.sum % (self._below(letters)[1:], text)
        return Piece(text, FACTOR, tall=True, open=True)

    def _function(self, term: Function, inline: bool) -> Piece:
        template = self._spell(FUNCTIONS[term.head.name].latex)
        argument = self.piece(term.arguments[0], inline=inline or "^{#1}" in template)
        if template.endswith("^{#1}") and argument.tall:
            argument = self.bracketed(self.piece(term.arguments[0]))
            return Piece(self.notation.exponential % argument.text, ATOM, argument.tall)
        return self.filled(template, argument)

    def filled(self, template: str, argument: Piece) -> Piece:
        """A function's template with its argument: `#1` as it is, `#(1)` in brackets unless one symbol."""
        if "#(1)" in template:
            if argument.level == ATOM and not argument.tall and not argument.text.startswith("("):
                return Piece(template.replace("#(1)", argument.text), FACTOR, open=True)
            bracketed = self.bracketed(argument).text
            return Piece(re.sub(r" ?#\(1\)", lambda _: bracketed, template), ATOM, argument.tall)
        if template.endswith("^{#1}"):
            return Piece(template.replace("#1", argument.text), POWER)
        if re.search(r"[+-] #1|#1 [+-]", template):
            argument = self.at(DIVISION, argument)
        if argument.tall and self.notation.stacked:
            template = _with_tall_brackets(template)
        return Piece(template.replace("#1", argument.text), ATOM, argument.tall)

    def _cases(self, term: Piecewise) -> Piece:
        # the last row states its condition: "otherwise" would be a word inside a formula
        rows = [
            (self.piece(value), [self.piece(condition)])
            for value, condition in zip(term.values, term.conditions, strict=True)
        ]
        rows.append((self.piece(term.otherwise), [self.piece(negation(c)) for c in term.conditions]))
        return self.rows(rows)

    def _derivative(self, term: Derivative) -> Piece:
        variable = self.entry(term.symbol, term.indices).text
        if isinstance(term.body, Derivative) and isinstance(term.body.body, Component):
            inner = self.entry(term.body.symbol, term.body.indices).text
            target = self.piece(term.body.body).text
            text = self.notation.mixed_derivative % (target, variable, inner)
            if inner == variable:
                text = self.notation.second_derivative % (target, variable)
            return Piece(text, FACTOR, tall=True)
        body = self.piece(term.body)
        if is_small(term.body) and not body.tall and "/" not in body.text:
            return Piece(self.notation.derivative % (body.text, variable), FACTOR, tall=True)
        # without brackets a fraction behind the operator would be read as a factor
        ends = body.level >= POWER or (body.level == FACTOR and body.open)
        body = body if ends else self.bracketed(body)
        return Piece(self.notation.operator % (variable, body.text), FACTOR, tall=True, open=ends)


def _with_tall_brackets(template: str) -> str:
    template = re.sub(r"(?<!\\left)\((?=[^()]*#1)|(?<!\\left)\\lvert", lambda m: rf"\left{m[0]}", template)
    return re.sub(r"(?<!\\right)\)(?=[^()]*$)|(?<!\\right)\\rvert", lambda m: rf"\right{m[0]}", template)
