"""What a language of arrays calls each operation: the only difference between one backend and another.

A template has the arguments as `{0}`, `{1}`, ... and as `{atoms[0]}` where something is written behind them,
`{kind}` for the type that a function works in and `{like}` for an argument of that type.  What Python itself
spells (arithmetic, comparisons, indexing, `@`) stands with the printer and is the same everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from derivations.codegen.special import Helper

OPERATIONS = (
    "identity",  # {size}
    "full",  # a number as an array
    "where",
    "where_nan",  # {1}, and {0} where that is NaN
    "sum",  # {axis}, and {keep} where the axis is kept
    "mean",
    "maximum",
    "diagonal",
    "moveaxis",  # {source}, {target}
    "inverse",
    "determinant",
    "solve",
    "finite_above",  # +inf as the largest finite number
    "zeros",  # {shape}
    "broadcast",  # the shape that several shapes have together
    "of_size",  # {name}: a function of a size, as a number without a type of its own
    "result",  # what is returned, in the type of the arguments
    "result_of_view",  # the same where it may share memory with an argument
    "result_of_number",  # and for a value without axes of its own
)


@dataclass(frozen=True)
class Spelling:
    """One language: its name among people, its module, and its words.

    `operations` has a template for each of `OPERATIONS`; `keep` is what keeps an axis of length 1.
    `functions` are its names for functions of the project, where they are not `prefix` and NumPy's name.
    `helpers` are functions that it lacks, as text; `floats` is what reads arguments, as text.
    `number` makes an array of a number that a function takes beside arrays, where the language does not.
    """

    language: str
    prefix: str
    operations: Mapping[str, str]
    keep: str
    functions: Mapping[str, str]
    helpers: Mapping[str, Helper]
    floats: str
    decorator: str = ""
    number: str = ""
