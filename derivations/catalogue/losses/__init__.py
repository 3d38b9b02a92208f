"""Loss functions."""

from derivations.language import Text

title = Text(en="Loss functions", zh="损失函数")
order = 2
