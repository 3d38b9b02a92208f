"""Normalization."""

from derivations.language import Text

title = Text(en="Normalization", zh="归一化")
order = 5
