"""Backward passes."""

from derivations.language import Text

title = Text(en="Backward passes", zh="反向传播")
order = 18
