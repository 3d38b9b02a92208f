"""Results against an oracle that we did not write: JAX differentiates definitions transcribed by hand."""

import pytest

jax = pytest.importorskip("jax", reason="JAX, the independent oracle, is in the extra `test`")
import jax.numpy as jnp  # noqa: E402 - only where JAX is
import numpy as np  # noqa: E402
from jax.scipy.stats import norm  # noqa: E402

from derivations import catalogue  # noqa: E402
from derivations.api import derivations_of  # noqa: E402
from derivations.sampling import random_point, size_choices  # noqa: E402
from derivations.steps import Derivation  # noqa: E402
from derivations.terms import Relation  # noqa: E402

jax.config.update("jax_enable_x64", True)


def softmax(z):
    return jnp.exp(z) / jnp.sum(jnp.exp(z))


def layer_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean()) / jnp.sqrt(jnp.mean((x - x.mean()) ** 2) + eps) + beta


# Each formula from the literature, with our names of its inputs.
ORACLES = {
    "sigmoid": lambda x: 1 / (1 + jnp.exp(-x)),
    "tanh": lambda x: jnp.tanh(x),
    "relu": lambda x: jnp.maximum(x, 0),
    "leaky_relu": lambda x, alpha: jnp.where(x >= 0, x, alpha * x),
    "gelu": lambda x: x * norm.cdf(x),
    "swish": lambda x, beta: x / (1 + jnp.exp(-beta * x)),
    "softmax": softmax,
    "mean_squared_error": lambda y, y_hat: jnp.mean((y - y_hat) ** 2),
    "least_squares_loss": lambda X, theta, Y: jnp.sum((X @ theta - Y) ** 2) / 2,
    "softmax_cross_entropy": lambda z, y: -jnp.sum(y * jax.nn.log_softmax(z)),
    "layer_norm": layer_norm,
    "linear_layer_backward": lambda X, W, b: X @ W + b,
}
CASES = [
    pytest.param(name, d, id=f"{name}-{d.goal.id}")
    for _, name in catalogue.places()
    for d in derivations_of(catalogue.load(name))
]


def test_every_formula_has_an_oracle() -> None:
    assert {name for _, name in catalogue.places()} <= set(ORACLES)


def expected(name: str, derivation: Derivation, values: dict[str, np.ndarray]) -> np.ndarray:
    inputs = [s.name for s in catalogue.load(name).scope.inputs]
    arguments = [jnp.asarray(values[n]) for n in inputs]
    goal = derivation.goal

    def value(*args):
        return ORACLES[name](**dict(zip(inputs, args, strict=True)))

    places = [inputs.index(v.name) for v in goal.variables]
    if goal.kind == "vjp":
        (cotangent,) = [s.name for s in derivation.scope.inputs if s.name not in inputs]
        gradient = jax.vjp(value, *arguments)[1](jnp.asarray(values[cotangent]))
        return np.asarray(gradient[places[0]])
    if goal.kind == "stationary":
        # argmin by NumPy's own solver
        return np.linalg.lstsq(values["X"], values["Y"], rcond=None)[0]
    derived = jax.jacfwd(value, places[0])
    if len(places) > 1 or goal.kind == "hessian":
        derived = jax.jacfwd(derived, places[-1])
    return np.asarray(derived(*arguments))


@pytest.mark.parametrize(("name", "derivation"), CASES)
@pytest.mark.parametrize("seed", [11, 12])
def test_the_result_agrees_with_jax(name: str, derivation: Derivation, seed: int) -> None:
    for sizes in size_choices(derivation.scope)[:2]:
        if derivation.goal.kind == "stationary" and sizes["n"] < sizes["d"]:
            continue  # the rank condition needs at least as many rows as columns
        point = random_point(derivation.scope, sizes, seed)
        values = {
            s.name: np.array([float(v) for v in point.array(s.name).flat]).reshape(point.array(s.name).shape)
            for s in derivation.scope.inputs
        }
        result = derivation.result
        term = result.right if isinstance(result, Relation) else result
        table = point.table(term, derivation.answer.indices)
        found = np.array(table.flat, float).reshape(table.shape)
        wanted = expected(name, derivation, values)
        assert found.shape == wanted.shape, f"{name} at {sizes}, seed {seed}"
        error = np.max(np.abs(found - wanted)) / (np.max(np.abs(wanted)) + 1e-300)
        assert error < 1e-8, (
            f"{name} at {sizes}, seed {seed}: expected {wanted}, found {found}, error {error}"
        )
