"""Generated code becomes functions, to be checked before it is written and to serve `.lambdify`.

The only place of the project that runs text as code; what it runs was printed here and never typed by a
caller.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any


def loaded(source: str | bytes, name: str = "generated") -> dict[str, Callable[..., Any]]:
    """The functions of a generated module by name; needs NumPy, as the module does."""
    module = ModuleType(name)
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)  # noqa: S102 - our own generated text
    return {key: value for key, value in vars(module).items() if callable(value) and not key.startswith("_")}
