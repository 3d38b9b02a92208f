"""PyTorch: the value as a `torch.autograd.Function`, its pullbacks, and `torch.autograd.gradcheck` of it.

The Function takes and gives the type that is worked in; the function around it reads arguments and rounds, so
that conversions and their gradients are PyTorch's own.
"""

import re
from collections.abc import Sequence

from derivations.codegen.function import Kernel, assembled, indented
from derivations.codegen.pullback import Differentiable, differentiable
from derivations.codegen.schedule import unused
from derivations.codegen.special import HELPERS, Helper
from derivations.codegen.spelling import Spelling

PULLBACKS = True

_FLOATS = '''
def _floats(**arguments):
    """The type of the result, and each argument as a tensor to work with.

    `arguments` are a value and the number of its own axes.  Numbers and tensors without axes take the type of
    the others; half precision is worked in single precision and rounded once, at the end.
    """
    values = [v if isinstance(v, (int, float)) else torch.as_tensor(v) for v, _ in arguments.values()]
    tensors = [v for v in values if isinstance(v, torch.Tensor)]
    kind = device = None
    for tensor in [v for v in tensors if v.ndim] or tensors:
        kind = tensor.dtype if kind is None else torch.promote_types(kind, tensor.dtype)
        device = tensor.device
    if kind is not None and kind.is_complex:
        raise TypeError("complex numbers are not supported")
    kind = kind if kind is not None and kind.is_floating_point else torch.get_default_dtype()
    worked = torch.promote_types(kind, torch.float32)
    arrays = [torch.as_tensor(v, dtype=worked, device=device) for v in values]
    for array, (name, (_, axes)) in zip(arrays, arguments.items()):
        if array.ndim < axes:
            raise ValueError(f"{name} has {array.ndim} axes and needs at least {axes}")
    return kind, arrays
'''

_HEAD = '''"""{value} for PyTorch, with its derived gradients; run as a program, it checks them.

Leading axes of every argument are a batch and broadcast; this file imports PyTorch and nothing else.
"""

import torch
'''

_FUNCTION = '''
class {function}(torch.autograd.Function):
    """{value} with its derived gradients."""

    generate_vmap_rule = True

    @staticmethod
    def forward({arguments}):
{forward}

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
{backward}


def {value}({header}):
{documentation}
    kind, inputs = _floats({given})
    return {function}.apply(*inputs).to(kind)
'''

_CHECK = """
if __name__ == "__main__":
    inputs = {{
{inputs}
    }}
    derived = [{names}]
    for name in derived:
        inputs[name].requires_grad_()
    torch.autograd.gradcheck({value}, tuple(inputs.values()))
    print("{value}: differences give the same gradients by", ", ".join(derived))
"""

OPERATIONS = {
    "identity": "torch.eye({size}, dtype={kind}, device={like}.device)",
    "full": "{like}.new_tensor({0})",
    "where": "torch.where({0}, {1}, {2})",
    "where_nan": "torch.where(torch.isnan({0}), {0}, {1})",
    "sum": "torch.sum({0}, dim={axis}{keep})",
    "mean": "torch.mean({0}, dim={axis}{keep})",
    "maximum": "torch.amax({0}, dim={axis}{keep})",
    "diagonal": "torch.diagonal({0}, dim1=-2, dim2=-1)",
    "moveaxis": "torch.movedim({0}, {source}, {target})",
    "inverse": "torch.linalg.inv({0})",
    "determinant": "torch.linalg.det({0})",
    "solve": "torch.linalg.solve({0}, {atoms[1]}[..., None])[..., 0]",
    "finite_above": "torch.clamp({0}, max=torch.finfo({kind}).max)",
    "zeros": "torch.zeros({shape}, dtype={kind}, device={like}.device)",
    "broadcast": "torch.broadcast_shapes({0})",
    "of_size": "float(torch.{name}(torch.tensor({0}, dtype=torch.float64)))",
    "result": "{0}.to(kind)",
    "result_of_view": "{0}.to(kind, copy=True)",
    "result_of_number": "{0}",
}


def _in_torch(helper: Helper) -> Helper:
    return Helper(re.sub(r"\bnp\.", "torch.", helper.source), helper.needs)


HELPERS_IN_TORCH = {
    **{name: _in_torch(HELPERS[name]) for name in ("sigmoid_slope", "sech_squared", "zero_wins")},
    "softplus": Helper(
        '''
def _softplus(u):
    """log(1 + exp(u)) without overflow."""
    return torch.logaddexp(u, torch.zeros_like(u))
'''
    ),
    "log_of_shifted_sum": Helper(
        '''
def _log_of_shifted_sum(d, keepdims=False):
    """log(sum(exp(d))) along the last axis, where the largest d is 0: log1p of the sum of all others."""
    others = torch.scatter(torch.exp(d), -1, torch.argmax(d, dim=-1, keepdim=True), 0)
    return torch.log1p(torch.sum(others, dim=-1, keepdim=keepdims))
'''
    ),
    "largest_magnitude": Helper(
        '''
def _largest_magnitude(u, keepdims=False):
    """The largest |u| along the last axis, 1 where all are 0: a unit in which no square overflows."""
    a = torch.amax(torch.abs(u), dim=-1, keepdim=keepdims)
    return torch.where(a == 0, 1, a)
'''
    ),
    "least_squares": Helper(
        '''
def _least_squares(a, b):
    """The x of least length for which a @ x is nearest to b, from the singular values of a."""
    unit = torch.amax(torch.abs(a), dim=(-2, -1), keepdim=True)
    sound = torch.isfinite(unit)
    unit = torch.where(sound & (unit > 0), unit, 1)
    inverse = torch.linalg.pinv(torch.where(sound, a / unit, 0))
    return torch.where(sound[..., 0], (inverse @ (b[..., None] / unit))[..., 0], torch.nan)
'''
    ),
    "log_determinant": Helper(
        '''
def _log_determinant(a):
    """log(det(a)) where det(a) itself would be too large or too small; NaN where it is negative."""
    sign, value = torch.linalg.slogdet(a)
    return torch.where(sign < 0, torch.nan, value)
'''
    ),
    "gaussian": Helper(
        '''
def _gaussian(u):
    """exp(-u**2/2).  u is split in a multiple of 1/16, whose square is exact, and a rest."""
    a = torch.clamp(torch.abs(u), max=40)
    h = torch.round(16 * a) / 16
    return torch.exp(-0.5 * torch.square(h)) * torch.exp(-0.5 * (a - h) * (a + h))
'''
    ),
    "normal_cdf": Helper(
        '''
def _normal_cdf(u):
    """The standard normal distribution function, with its digits in the lower tail."""
    a = torch.clamp(torch.abs(u), max=39)
    tail = 0.5 * torch.special.erfcx(a * 0.7071067811865476) * _gaussian(u)
    return torch.where(u > 0, 1 - tail, tail)
''',
        ("gaussian",),
    ),
}
SPELLING = Spelling(
    language="PyTorch",
    prefix="torch",
    operations=OPERATIONS,
    keep="keepdim=True",
    functions={"sigmoid": "torch.sigmoid", "erf": "torch.erf", "erfc": "torch.erfc"},
    helpers=HELPERS_IN_TORCH,
    floats=_FLOATS,
    number="{like}.new_tensor({0})",
)


def module(kernels: Sequence[Kernel]) -> str:
    """The text of a module with these kernels, the value among them with its derived gradients."""
    found, functions = differentiable(kernels, SPELLING)
    if found is None:
        return assembled("import torch\n", functions, SPELLING)
    value = found.value
    rest = [
        _FUNCTION.strip("\n").format(
            function=unused(value.name.title().replace("_", ""), set(value.arguments)),
            value=value.name,
            arguments=", ".join(value.arguments),
            header=value.header,
            given=value.given,
            documentation="\n".join(indented(value.documentation)),
            forward="\n".join(indented(value.body, 8)),
            backward="\n".join(indented(_backward(found), 8)),
        )
    ]
    if found.example is not None and found.pullbacks:
        rest.append(
            _CHECK.strip("\n").format(
                inputs="\n".join(
                    indented(found.inputs('"{name}": torch.tensor({entries}, dtype=torch.float64),'), 8)
                ),
                names=", ".join(f'"{name}"' for name in found.pullbacks),
                value=value.name,
            )
        )
    head = _HEAD.format(value=value.name)
    return assembled(head, functions, SPELLING, "\n\n\n".join(rest) + "\n", value.helpers)


def _backward(found: Differentiable) -> list[str]:
    """The pullbacks, each where it is needed; an argument without one is refused."""
    lines = [f"{found.unpacked} = ctx.saved_tensors"]
    parts = []
    for place, (argument, name) in enumerate(zip(found.value.arguments, found.names, strict=True)):
        needed = f"ctx.needs_input_grad[{place}]"
        if argument in found.pullbacks:
            parts.append(f"    {found.call(argument)}.sum_to_size({name}.shape) if {needed} else None,")
        else:
            lines += [f"if {needed}:", f'    raise RuntimeError("{found.refusal(argument)}")']
            parts.append(f"    None,  # {argument}")
    return [*lines, "return (", *parts, ")"]
