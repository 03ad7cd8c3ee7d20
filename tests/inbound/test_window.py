"""The cursor: nothing is missed, whatever fails and however long we were away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from smtpfax.inbound.marks import Mark, agreed
from smtpfax.inbound.window import AGAIN, APART, LISTED_AT_MOST, Cursor, moved, window_of

T0 = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_at_first_only_what_comes_from_now_on_is_ours() -> None:
    window = window_of(Cursor(first=T0, at=T0), now=T0)
    assert window.oldest == T0 - APART
    assert window.since == T0 - AGAIN


def test_after_a_long_absence_all_of_it_is_listed_within_bounds() -> None:
    assert window_of(Cursor(first=T0, at=T0), now=T0 + timedelta(days=9)).since == T0 - APART
    late = T0 + timedelta(days=200)
    assert window_of(Cursor(first=T0, at=T0), now=late).since == late - LISTED_AT_MOST


def test_what_could_not_be_taken_holds_the_cursor_back() -> None:
    cursor = Cursor(first=T0, at=T0)
    left = [T0 + timedelta(hours=2), T0 + timedelta(hours=1)]
    assert moved(cursor, now=T0 + timedelta(days=3), left=left) == Cursor(first=T0, at=min(left))
    assert moved(cursor, now=T0 + timedelta(days=3), left=[]).at == T0 + timedelta(days=2)
    assert moved(cursor, now=T0 + timedelta(hours=3), left=[]).at == T0


@given(
    came=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 1400)), max_size=30),
    looks=st.lists(st.tuples(st.integers(1, 4_000), st.booleans()), min_size=1, max_size=20),
)
def test_every_fax_is_listed_until_it_is_taken(came: list[tuple[int, int]], looks: list[tuple[int, bool]]) -> None:
    """`came`: when each came in, and how long after it is listed; `looks`: pauses, and whether taking works."""
    cursor, now, taken = Cursor(first=T0, at=T0), T0, set[int]()
    for pause, works in [*looks, (700, True), (1, True)]:
        now += pause * MINUTE
        window = window_of(cursor, now=now)
        seen = [i for i, (at, lag) in enumerate(came) if T0 + (at + lag) * MINUTE <= now]
        fresh = [i for i in seen if i not in taken and T0 + came[i][0] * MINUTE >= max(window.since, window.oldest)]
        if works:
            taken |= set(fresh)
        left = [] if works else [T0 + came[i][0] * MINUTE for i in fresh]
        cursor = moved(cursor, now=now, left=left)
    listed = {i for i, (at, lag) in enumerate(came) if T0 + (at + lag) * MINUTE <= now}
    assert taken == listed


def test_marks_go_where_they_are_not_known_yet() -> None:
    assert agreed(here=True, known=None, there=None) == Mark(True)
    assert agreed(here=True, known=False, there=False) == Mark(True, tell=True)
    assert agreed(here=False, known=False, there=True) == Mark(True)
    assert agreed(here=True, known=True, there=True) == Mark(True)
    assert agreed(here=True, known=True, there=False) == Mark(False)
    assert agreed(here=True, known=False, there=None) == Mark(True, tell=True)
    assert agreed(here=False, known=True, there=True) == Mark(False, tell=True)
