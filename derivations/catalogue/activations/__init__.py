"""Activation functions."""

from derivations.language import Text

title = Text(en="Activation functions", zh="激活函数")
order = 1
