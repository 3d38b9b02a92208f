"""What a domain says of the sign of its entries."""

import pytest

from derivations.domains import DOMAINS, NONNEGATIVE, POSITIVE, REAL, SIMPLEX, UNIT


@pytest.mark.parametrize(
    ("domain", "nonnegative", "positive"),
    [
        (REAL, False, False),
        (POSITIVE, True, True),
        (NONNEGATIVE, True, False),
        (UNIT, True, True),
        (SIMPLEX, True, False),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_signs_follow_from_the_interval(domain: object, nonnegative: bool, positive: bool) -> None:
    assert domain.nonnegative is nonnegative and domain.positive is positive


def test_domains_are_found_by_name() -> None:
    assert all(DOMAINS[name].name == name and DOMAINS[name].latex for name in DOMAINS)
