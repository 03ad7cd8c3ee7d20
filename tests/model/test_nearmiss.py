"""A number that is nearly one that is faxed often."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model.nearmiss import meant_instead, neighbours

USUAL = "+12025550142"
NUMBERS = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)


@pytest.mark.parametrize(
    ("number", "near"),
    [
        ("+12025550124", True),  # two digits changed places
        ("+12025550143", True),
        ("+42025550142", True),  # another country's
        ("+1202555014", True),
        ("+120255501422", True),
        ("+112025550142", True),
        ("+12025550142", False),  # itself
        ("+12025550133", False),  # two other digits
        ("+12025550412", True),
        ("+12025554012", False),
        ("+12025551042", True),
        ("+12025510542", False),  # changed places, but not next to each other
        ("+02025550142", False),
    ],
)
def test_one_digit_or_one_exchange_is_a_slip(number: str, near: bool) -> None:
    assert (number in neighbours(USUAL)) is near


@given(NUMBERS)
def test_neighbours_are_neighbours_of_each_other_and_few(number: str) -> None:
    near = neighbours(number)
    assert number not in near
    assert len(near) < 400
    assert all(number in neighbours(other) for other in list(near)[:20])


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({}, ""),
        ({USUAL: 3}, USUAL),
        ({USUAL: 2}, ""),
        ({USUAL: 300, "+12025550124": 1}, ""),  # it was faxed before: no slip
        ({USUAL: 3, "+12025550125": 9}, "+12025550125"),
        ({"+12025550199": 50}, ""),
    ],
)
def test_the_number_that_is_faxed_most_may_have_been_meant(sent: dict[str, int], meant: str) -> None:
    assert meant_instead("+12025550124", sent) == meant
