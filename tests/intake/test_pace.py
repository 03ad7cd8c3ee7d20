"""How fast content must come."""

from __future__ import annotations

import pytest

from smtpfax.intake.pace import PATIENCE, Pace


def pace(octets: int = 0) -> Pace:
    return Pace(began=1000.0, most_seconds=600.0, least_rate=500, octets=octets)


@pytest.mark.parametrize(
    ("octets", "seconds", "too_slow"),
    [
        (0, 0.0, False),
        (1, PATIENCE, False),  # the first minute is for slow starts
        (1, PATIENCE + 1, True),
        (500 * 100, 100.0, False),
        (500 * 100 - 1, 100.0, True),
        (10**9, 600.0, False),
        (10**9, 600.1, True),  # not for ever, however fast
    ],
)
def test_content_must_come_at_a_least_rate_and_end(octets: int, seconds: float, too_slow: bool) -> None:
    assert pace().too_slow(octets, 1000.0 + seconds) is too_slow


def test_the_rate_is_of_all_that_came() -> None:
    slow = pace()
    assert not slow.too_slow(50_000, 1010.0)
    assert not slow.too_slow(0, 1100.0)
    assert slow.too_slow(0, 1101.0)
