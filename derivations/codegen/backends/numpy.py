"""NumPy: how it spells the operations of the graph; a module has one function for each kernel."""

from collections.abc import Sequence

from derivations.codegen.function import Kernel, assembled, written
from derivations.codegen.special import HELPERS
from derivations.codegen.spelling import Spelling

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

OPERATIONS = {
    "identity": "np.eye({size}, dtype={kind})",
    "full": "np.asarray({0}, dtype={kind})",
    "where": "np.where({0}, {1}, {2})",
    "where_nan": "np.where(np.isnan({0}), {0}, {1})",
    "sum": "np.sum({0}, axis={axis}{keep})",
    "mean": "np.mean({0}, axis={axis}{keep})",
    "maximum": "np.max({0}, axis={axis}{keep})",
    "diagonal": "np.diagonal({0}, axis1=-2, axis2=-1)",
    "moveaxis": "np.moveaxis({atoms[0]}, {source}, {target})",
    "inverse": "np.linalg.inv({0})",
    "determinant": "np.linalg.det({0})",
    "solve": "np.linalg.solve({0}, {atoms[1]}[..., None])[..., 0]",
    "finite_above": "np.minimum({0}, np.finfo({kind}).max)",
    "zeros": "np.zeros({shape}, {kind})",
    "broadcast": "np.broadcast_shapes({0})",
    # float(): a NumPy number would lend its own type to a smaller array
    "of_size": "float(np.{name}({0}))",
    "result": "{0}.astype(kind, copy=False)",
    "result_of_view": "{0}.astype(kind)",
    "result_of_number": "{0}[()]",
}
SPELLING = Spelling(
    language="NumPy",
    prefix="np",
    operations=OPERATIONS,
    keep="keepdims=True",
    functions={},
    helpers=HELPERS,
    floats=_FLOATS,
    decorator='@np.errstate(all="ignore")',
)


def module(kernels: Sequence[Kernel]) -> str:
    """The text of a module with these kernels."""
    return assembled("import numpy as np\n", [written(kernel, SPELLING) for kernel in kernels], SPELLING)
