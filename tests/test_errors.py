"""An error of a caller says what is wrong, where, and what to write instead."""

import copy

import pytest

from derivations.errors import Error, InputError, InternalMistake, Unsupported
from derivations.language import AuthorError


def test_an_input_error_points_at_the_place_in_the_text() -> None:
    error = InputError("no name y", 2, 5, "Declare it in shapes.", "x\n1 + y")
    assert str(error) == "line 2, column 5: no name y\n  1 + y\n      ^\nDeclare it in shapes."


def test_an_input_error_without_a_place_says_only_what_is_wrong() -> None:
    assert str(InputError("no variable")) == "no variable"


def test_unsupported_names_the_stuck_term() -> None:
    assert str(Unsupported("no rule differentiates this", "∂f/∂x")) == "no rule differentiates this: ∂f/∂x"


def test_all_errors_are_one_kind_and_values() -> None:
    for kind in (InputError, Unsupported, InternalMistake, AuthorError):
        assert issubclass(kind, Error)
    assert issubclass(Error, ValueError)


@pytest.mark.parametrize(
    "error",
    [
        InputError("no name y", 2, 5, "Declare it in shapes.", "x\n1 + y"),
        Unsupported("no rule differentiates this", "∂f/∂x"),
        InternalMistake("the quick check disagrees"),
        AuthorError("no such axis", "Declare it.", ("formula softmax",)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_says_the_same_in_another_process(error: Error) -> None:
    # copied by the same protocol by which an error comes back from a process
    returned = copy.copy(error)
    assert str(returned) == str(error) and vars(returned) == vars(error)
