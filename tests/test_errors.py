"""An error of a caller says what is wrong, where, and what to write instead."""

from derivations.errors import Error, InputError, InternalMistake, Unsupported


def test_an_input_error_points_at_the_place_in_the_text() -> None:
    error = InputError("no name y", 2, 5, "Declare it in shapes.", "x\n1 + y")
    assert str(error) == "line 2, column 5: no name y\n  1 + y\n      ^\nDeclare it in shapes."


def test_an_input_error_without_a_place_says_only_what_is_wrong() -> None:
    assert str(InputError("no variable")) == "no variable"


def test_unsupported_names_the_stuck_term() -> None:
    assert str(Unsupported("no rule differentiates this", "∂f/∂x")) == "no rule differentiates this: ∂f/∂x"


def test_all_errors_are_one_kind_and_values() -> None:
    for kind in (InputError, Unsupported, InternalMistake):
        assert issubclass(kind, Error)
    assert issubclass(Error, ValueError)
