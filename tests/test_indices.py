"""Sizes and index expressions: arithmetic on names, and what counts as the same index."""

import pytest

from derivations.indices import Affine, Axis, Size

N = Axis.named("n", "i j")
i, j = N.index("i"), N.index("j")


def test_two_different_names_are_never_equal() -> None:
    assert Size.of("n") != Size.of("m")
    assert Size.of("n") + 1 - 1 == Size.of("n")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (Size.of("n") - "k" + 1, "n - k + 1"),
        (Size.of("m") * "k", "k*m"),
        (Size.of(3) * "n", "3*n"),
        (Size.of(0), "0"),
        (Size.of("n") * -1, "-n"),
    ],
)
def test_a_size_is_written_as_people_write_it(size: Size, text: str) -> None:
    assert str(size) == text


def test_a_size_has_a_value_for_values_of_its_names() -> None:
    assert (Size.of("n") - "k" + 1).evaluate({"n": 5, "k": 2}) == 4
    assert Size.of(7).constant == 7 and Size.of("n").constant is None


def test_letters_are_no_part_of_an_axis_and_serials_are_part_of_an_index() -> None:
    assert Axis.named("n", "i") == Axis.named("n", "p q")
    assert i == N.index("i") and i != i.fresh() and i.fresh() != i.fresh()


def test_affine_expressions_collect_and_cancel() -> None:
    assert Affine.of(i) + j - j == Affine.of(i)
    assert (Affine.of(i) * 2 + 3).coefficient(i) == 2
    assert (Affine.of(i) + j).index is None and (Affine.of(i) + 0).index == i
    assert hash(Affine.of(i) + j) == hash(Affine.of(j) + i)
