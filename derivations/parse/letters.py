"""Index letters: `i` needs no declaration, it takes the size of the axis on which it first stands alone.

The letters of a sum are its own; one of the same spelling outside is another index.
"""

from dataclasses import dataclass, field

from derivations.indices import Axis, Index


@dataclass
class Letters:
    """Index letters of one line or one sum: an index gets its axis where it first stands alone."""

    outer: "Letters | None" = None
    own: dict[str, Index | None] = field(default_factory=dict)

    def of(self, letter: str) -> "Letters":
        """The letters among which this one is looked up."""
        if letter in self.own or self.outer is None:
            return self
        return self.outer.of(letter)

    def get(self, letter: str) -> Index | None:
        return self.of(letter).own.get(letter)

    def at(self, letter: str, axis: Axis) -> Index:
        """The index of this letter, on this axis if it has none yet."""
        letters = self.of(letter)
        index = letters.own.get(letter)
        if index is None:
            index = Index(letter, axis)
            # an index of a sum must not be taken for a free one of the same letter
            index = letters.own[letter] = index if letters.outer is None else index.fresh()
        return index
