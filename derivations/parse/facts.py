"""What is known of the declared names: `sum(t) = 1; x > 0; A symmetric`.

Bounds and structure belong to the names themselves and are read before the text; equations are read after it
and become conditions of every result that uses them.
"""

import ast
from dataclasses import dataclass, replace
from fractions import Fraction

from derivations.domains import DOMAINS, Domain
from derivations.language.arrays import combined
from derivations.language.mistakes import AuthorError
from derivations.parse.names import Names
from derivations.parse.reading import Reading
from derivations.parse.source import Line, Source, Token, Tree
from derivations.parse.written import exact
from derivations.scope import Fact
from derivations.terms import Relation, Symbol, symbols

_EXAMPLE = 'Write facts such as "sum(t) = 1; x > 0; A symmetric".'
_WORDS = {
    "symmetric": "symmetric",
    "positive definite": "positive_definite",
    "positive": "positive",
    "nonnegative": "nonnegative",
}
_TURNED = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}


@dataclass(frozen=True)
class Equation:
    """Two sides that are equal, still as text."""

    left: tuple[Token, ...]
    right: tuple[Token, ...]


@dataclass
class Bounds:
    """The interval of one name while its bounds are collected; a closed end makes both closed, which claims
    less."""

    lower: Fraction | None = None
    upper: Fraction | None = None
    closed: bool = False

    def domain(self) -> Domain:
        for known in DOMAINS.values():
            ends = (known.lower, known.upper, known.closed)
            if not known.structure and ends == (self.lower, self.upper, self.closed):
                return known
        left = r"(-\infty" if self.lower is None else f"{'[' if self.closed else '('}{self.lower}"
        right = r"\infty)" if self.upper is None else f"{self.upper}{']' if self.closed else ')'}"
        return Domain(f"{left},{right}", f"{left},{right}", self.lower, self.upper, self.closed)


class Facts:
    """The facts of one text, in two parts."""

    def __init__(self, text: str, names: Names) -> None:
        self.source = Source(text, "facts")
        self.names = names
        self.equations: list[Equation] = []
        self.bounds: dict[str, Bounds] = {}
        for line in self.source.lines():
            self._read(line)
        for name, bounds in self.bounds.items():
            symbol = self.names.inputs[name]
            structure, domain = symbol.domain.structure, bounds.domain()
            if structure:
                domain = replace(symbol.domain, lower=domain.lower, upper=domain.upper, closed=domain.closed)
            self.names.inputs[name] = replace(symbol, domain=domain)

    def _read(self, line: Line) -> None:
        tokens = line.expression
        if line.target:
            self.equations.append(Equation(line.target, tokens))
        elif len(tokens) > 1 and all(token.kind == "name" for token in tokens):
            self._structure(tokens)
        else:
            self._comparison(self.source.tree(tokens), tokens)

    # ---- structure and bounds ----

    def _declared(self, position: int, name: str) -> Symbol:
        if self.names.implicit and name in self.names.written and name not in self.names.inputs:
            self.names.declare(name)
        if name not in self.names.inputs:
            hint = "Write a name of the text." if self.names.implicit else f'Add "{name}:" to shapes.'
            raise self.source.mistake(position, f"{name} is not declared", hint)
        return self.names.inputs[name]

    def _structure(self, tokens: tuple[Token, ...]) -> None:
        symbol = self._declared(tokens[0].start, tokens[0].text)
        words = " ".join(token.text for token in tokens[1:])
        if words not in _WORDS:
            known = ", ".join(_WORDS)
            raise self.source.mistake(tokens[1].start, f"nothing is called {words}", f"Known are {known}.")
        domain = DOMAINS[_WORDS[words]]
        axes = symbol.axes
        if domain.structure and (len(axes) != 2 or axes[0] != axes[1]):
            sizes = " ".join(axis.name for axis in axes)
            raise self.source.mistake(
                tokens[0].start,
                f"{symbol.name} has the shape ({sizes}) and is no square matrix",
                f'Declare it square in shapes: "{symbol.name}: n n".',
            )
        if not domain.structure:
            self._bound(symbol.name, Fraction(0), above=True, closed=domain.closed)
            return
        self.names.inputs[symbol.name] = replace(symbol, domain=domain)

    def _comparison(self, tree: Tree, tokens: tuple[Token, ...]) -> None:
        root = tree.root
        if not isinstance(root, ast.Compare):
            raise self.source.mistake(tokens[0].start, "this is no fact", _EXAMPLE)
        sides = [root.left, *root.comparators]
        if len(root.ops) == 1 and isinstance(root.ops[0], ast.Eq):
            split = next(n for n, token in enumerate(tokens) if token.text == "==")
            self.equations.append(Equation(tokens[:split], tokens[split + 1 :]))
            return
        for left, operator, right in zip(sides, root.ops, sides[1:], strict=False):
            kind = type(operator)
            if not isinstance(left, ast.Name):
                left, right, kind = right, left, _TURNED.get(kind, kind)
            if not isinstance(left, ast.Name) or kind not in _TURNED:
                raise tree.mistake(
                    root, "a bound is between a name and a number", "Write x > 0 or 0 < x < 1."
                )
            value = exact(
                Reading(Tree(tree.source, tree.start, tree.text, right), self.names).value().whole.term
            )
            if value is None:
                raise tree.mistake(right, "a bound is a number", "Write x > 0 or 0 < x < 1.")
            self._declared(tree.position(left), left.id)
            self._bound(left.id, value, kind in (ast.Gt, ast.GtE), kind in (ast.GtE, ast.LtE))
            bounds = self.bounds[left.id]
            if bounds.lower is not None and bounds.upper is not None and bounds.lower >= bounds.upper:
                raise tree.mistake(
                    root, f"no number {left.id} is between these bounds", "Turn the bounds round."
                )

    def _bound(self, name: str, value: Fraction, above: bool, closed: bool) -> None:
        bounds = self.bounds.setdefault(name, Bounds())
        if above:
            bounds.lower = value if bounds.lower is None else max(value, bounds.lower)
        else:
            bounds.upper = value if bounds.upper is None else min(value, bounds.upper)
        bounds.closed = bounds.closed or closed

    # ---- equations ----

    def assume(self) -> None:
        """The equations over the names of the text."""
        for equation in self.equations:
            self.names.facts.append(self._fact(equation))

    def _fact(self, equation: Equation) -> Fact:
        position = equation.left[0].start
        if len(equation.left) == 1 and equation.left[0].text in self.names.sizes:
            name, start, stop = equation.left[0].text, equation.right[0].start, equation.right[-1].stop
            raise self.source.mistake(
                position,
                "equations between sizes are not read here",
                f"Write {self.source.text[start:stop]} in place of {name} in shapes.",
            )
        sides = []
        for tokens in (equation.left, equation.right):
            for token in tokens:
                if token.text in self.names.definitions:
                    raise self.source.mistake(
                        token.start,
                        f"{token.text} is calculated in the text, and facts are about declared names",
                        f"State what follows for the names that {token.text} is made from.",
                    )
            sides.append(Reading(self.source.tree(tokens), self.names).value().whole)
        try:
            both = combined(sides, lambda left, right: Relation("==", left, right)).term
        except AuthorError as error:
            raise self.source.mistake(position, error.what, error.instead) from None
        assert isinstance(both, Relation)
        if not symbols(both):
            raise self.source.mistake(position, "this says nothing about a declared name", _EXAMPLE)
        if not symbols(both.left):
            # a fact replaces its left side, so a number stands on the right
            both = Relation("==", both.right, both.left)
        if not both.right.free <= both.left.free:
            raise self.source.mistake(
                position, "the right side has an axis that the left side has not", "Exchange the two sides."
            )
        return Fact(both.left, both.right, assumed=True)
