"""NumPy: what reads the arguments, the functions that NumPy lacks, then one function for each kernel."""

from collections.abc import Iterable, Sequence

from derivations.codegen.function import Kernel, WrittenKernel, written
from derivations.codegen.special import HELPERS, with_needs

_FLOATS = '''
def _floats(**arguments):
    """The type of the result, and each argument as an array to work with.

    `arguments` are a value and the number of its own axes.  Whole numbers count as float64; half precision is
    worked in single precision and rounded once, at the end.
    """
    values = [v if isinstance(v, (int, float)) else np.asarray(v) for v, _ in arguments.values()]
    kind = np.result_type(*values)
    if kind.kind == "c":
        raise TypeError("complex numbers are not supported")
    kind = kind if kind.kind == "f" else np.dtype(np.float64)
    arrays = [np.asarray(v, dtype=np.promote_types(kind, np.float32)) for v in values]
    for array, (name, (_, axes)) in zip(arrays, arguments.items()):
        if array.ndim < axes:
            raise ValueError(f"{name} has {array.ndim} axes and needs at least {axes}")
    return kind, arrays
'''


def module(kernels: Sequence[Kernel]) -> str:
    """The text of a module with these kernels."""
    return assembled("import numpy as np\n", map(written, kernels))


def assembled(head: str, functions: Iterable[WrittenKernel]) -> str:
    """A module from its first lines and its functions, with the helpers that they call."""
    functions = list(functions)
    helpers = with_needs({helper for function in functions for helper in function.helpers})
    parts = [head, _FLOATS.lstrip("\n"), *(HELPERS[helper].source.lstrip("\n") for helper in helpers)]
    return "\n\n".join([*parts, *(function.source for function in functions)])
