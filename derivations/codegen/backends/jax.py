"""JAX: the value as a function with `jax.custom_vjp`, its pullbacks, and a check against `jax.grad`.

The check is what the file does when it is run: the derived gradients beside those that JAX finds by itself
in the same function.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from derivations.codegen.function import COTANGENT, Kernel, assembled, indented
from derivations.codegen.pullback import Differentiable, differentiable
from derivations.codegen.special import HELPERS, Helper
from derivations.codegen.spelling import Spelling

PULLBACKS = True

_FLOATS = '''
def _floats(**arguments):
    """The type of the result, and each argument as an array to work with.

    `arguments` are a value and the number of its own axes.  Whole numbers count as the usual float; half
    precision is worked in single precision and rounded once, at the end.
    """
    values = [v if isinstance(v, (int, float)) else jnp.asarray(v) for v, _ in arguments.values()]
    kind = jnp.result_type(*values)
    if jnp.issubdtype(kind, jnp.complexfloating):
        raise TypeError("complex numbers are not supported")
    kind = kind if jnp.issubdtype(kind, jnp.floating) else jnp.result_type(float)
    arrays = [jnp.asarray(v, dtype=jnp.promote_types(kind, jnp.float32)) for v in values]
    for array, (name, (_, axes)) in zip(arrays, arguments.items()):
        if array.ndim < axes:
            raise ValueError(f"{name} has {array.ndim} axes and needs at least {axes}")
    return kind, arrays
'''

_SUMMED = '''
def _summed(gradient, like):
    """The gradient for an argument that was broadcast: summed over the batch axes that it does not have."""
    if not jnp.issubdtype(jnp.result_type(like), jnp.floating):
        return None
    gradient = jnp.sum(gradient, axis=tuple(range(gradient.ndim - jnp.ndim(like))))
    repeated = tuple(n for n, length in enumerate(jnp.shape(like)) if length != gradient.shape[n])
    return jnp.sum(gradient, axis=repeated, keepdims=True).astype(jnp.result_type(like))
'''

_CHECK = """
if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    inputs = {{
{inputs}
    }}
    derived = [{names}]
    weights = jnp.cos(1.0 + jnp.arange({value}(**inputs).size))

    def gradients(function):
        def weighted(chosen):
            return jnp.sum(weights * function(**inputs | chosen).ravel())

        return jax.jit(jax.grad(weighted))({{name: inputs[name] for name in derived}})

    ours, expected = gradients({value}), gradients({value}.__wrapped__)
    for name in derived:
        if not jnp.allclose(ours[name], expected[name], rtol=1e-9, atol=1e-12):
            raise SystemExit(f"by {{name}}: derived {{ours[name]}}, found by JAX {{expected[name]}}")
    print("{value}: JAX finds the same gradients by", ", ".join(derived))
"""

_HEAD = '''"""{value} for JAX, with its derived gradients; run as a program, it checks them.

Leading axes of every argument are a batch and broadcast; this file imports JAX and nothing else.
"""

import jax
import jax.numpy as jnp
'''

OPERATIONS = {
    "identity": "jnp.eye({size}, dtype={kind})",
    "full": "jnp.asarray({0}, dtype={kind})",
    "where": "jnp.where({0}, {1}, {2})",
    "where_nan": "jnp.where(jnp.isnan({0}), {0}, {1})",
    "sum": "jnp.sum({0}, axis={axis}{keep})",
    "mean": "jnp.mean({0}, axis={axis}{keep})",
    "maximum": "jnp.max({0}, axis={axis}{keep})",
    "diagonal": "jnp.diagonal({0}, axis1=-2, axis2=-1)",
    "moveaxis": "jnp.moveaxis({0}, {source}, {target})",
    "inverse": "jnp.linalg.inv({0})",
    "determinant": "jnp.linalg.det({0})",
    "solve": "jnp.linalg.solve({0}, {atoms[1]}[..., None])[..., 0]",
    "finite_above": "jnp.minimum({0}, jnp.finfo({kind}).max)",
    "zeros": "jnp.zeros({shape}, {kind})",
    "broadcast": "jnp.broadcast_shapes({0})",
    # of a Python number, so it takes the type of the array that it meets
    "of_size": "jnp.{name}({0})",
    "result": "{0}.astype(kind)",
    "result_of_view": "{0}.astype(kind)",
    "result_of_number": "{0}",
}


def _in_jax(helper: Helper) -> Helper:
    return Helper(re.sub(r"\bnp\.", "jnp.", helper.source), helper.needs)


HELPERS_IN_JAX = {
    **{name: _in_jax(helper) for name, helper in HELPERS.items()},
    "log_of_shifted_sum": Helper(
        '''
def _log_of_shifted_sum(d, keepdims=False):
    """log(sum(exp(d))) along the last axis, where the largest d is 0: log1p of the sum of all others."""
    largest = jnp.arange(d.shape[-1]) == jnp.argmax(d, axis=-1, keepdims=True)
    return jnp.log1p(jnp.sum(jnp.where(largest, 0, jnp.exp(d)), axis=-1, keepdims=keepdims))
'''
    ),
}
SPELLING = Spelling(
    language="JAX",
    prefix="jnp",
    operations=OPERATIONS,
    keep="keepdims=True",
    functions={"sigmoid": "jax.nn.sigmoid", "erf": "jax.lax.erf", "erfc": "jax.lax.erfc"},
    helpers=HELPERS_IN_JAX,
    floats=_FLOATS,
)


def module(kernels: Sequence[Kernel]) -> str:
    """The text of a module with these kernels, the value among them with its derived gradients."""
    found, functions = differentiable(kernels, SPELLING)
    if found is None:
        return assembled("import jax\nimport jax.numpy as jnp\n", functions, SPELLING)
    functions.append(replace(found.value, decorator="@jax.custom_vjp"))
    rest = [_SUMMED.strip("\n"), _custom(found)]
    if found.example is not None and found.pullbacks:
        names = ", ".join(f'"{name}"' for name in found.pullbacks)
        rest.append(
            _CHECK.strip("\n").format(
                inputs="\n".join(indented(found.inputs('"{name}": jnp.array({entries}),'), 8)),
                names=names,
                value=found.value.name,
            )
        )
    return assembled(_HEAD.format(value=found.value.name), functions, SPELLING, "\n\n\n".join(rest) + "\n")


def _custom(found: Differentiable) -> str:
    """What tells JAX the pullback; an input without one is refused when somebody differentiates by it."""
    name = found.value.name
    arguments = dict(zip(found.value.arguments, found.names, strict=True))
    forward = [f"return {name}(*inputs), inputs"]
    if found.refused:
        forward = []
        for place, argument in enumerate(found.value.arguments):
            if argument in found.refused:
                forward.append(f"if inputs[{place}].perturbed:")
                forward.append(f'    raise TypeError("{found.refusal(argument)}")')
        forward.append("inputs = tuple(given.value for given in inputs)")
        forward.append(f"return {name}(*inputs), inputs")
    backward = [
        f"{found.unpacked} = inputs",
        "return (",
        *(
            f"    _summed({found.call(argument)}, {given}),"
            if argument in found.pullbacks
            else f"    None,  # {argument}"
            for argument, given in arguments.items()
        ),
        ")",
    ]
    zeros = ", symbolic_zeros=True" if found.refused else ""
    return "\n".join(
        [
            f"def _{name}_forward(*inputs):",
            *indented(forward),
            "",
            "",
            f"def _{name}_backward(inputs, {COTANGENT}):",
            *indented(backward),
            "",
            "",
            f"{name}.defvjp(_{name}_forward, _{name}_backward{zeros})",
        ]
    )
