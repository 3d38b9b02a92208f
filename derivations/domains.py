"""Where the entries of a symbol live: an interval, its notation, and the structure of the whole array.

Domains travel with symbols, so that roots, logarithms and cancellations know what they may assume, and random
points are drawn where a formula makes sense.  A new domain is one more line.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Domain:
    """Where an entry lives: an interval, its notation, and the structure of the whole array if it has one."""

    name: str
    latex: str
    lower: Fraction | None = None
    upper: Fraction | None = None
    closed: bool = False  # the finite ends belong to the domain
    structure: str = ""  # "", "simplex", "symmetric", "positive_definite", "integer"

    @property
    def nonnegative(self) -> bool:
        return self.lower is not None and self.lower >= 0

    @property
    def positive(self) -> bool:
        return self.nonnegative and (self.lower != 0 or not self.closed)


REAL = Domain("real", r"\mathbb{R}")
POSITIVE = Domain("positive", r"(0,\infty)", Fraction(0))
NONNEGATIVE = Domain("nonnegative", r"[0,\infty)", Fraction(0), closed=True)
UNIT = Domain("unit", "(0,1)", Fraction(0), Fraction(1))
PROBABILITY = Domain("probability", "[0,1]", Fraction(0), Fraction(1), closed=True)
SIMPLEX = Domain("simplex", r"\Delta", Fraction(0), Fraction(1), closed=True, structure="simplex")
SYMMETRIC = Domain("symmetric", r"\mathbb{S}", structure="symmetric")
POSITIVE_DEFINITE = Domain("positive_definite", r"\mathbb{S}_{++}", structure="positive_definite")
DOMAINS = {
    d.name: d
    for d in (
        REAL,
        POSITIVE,
        NONNEGATIVE,
        UNIT,
        PROBABILITY,
        SIMPLEX,
        SYMMETRIC,
        POSITIVE_DEFINITE,
    )
}
