"""From when on a backend's received faxes are listed, and how far they are taken.

In:    the cursor that was kept, the time, and what could not be taken.
Out:   a Window to list; the cursor to keep.
Fails: never; pure.

Rule: nothing is missed: what could not be taken holds the cursor back, and what may be listed late is listed again.
Nothing is taken twice either, for the store knows every ticket that was taken. What came before we began is not ours
to take by ourselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

AGAIN = timedelta(days=2)  # listed each time: for faxes that are listed late, and marks that change
APART = timedelta(minutes=10)  # how far their clock may be from ours
LATE = timedelta(days=1)  # how long after it came a fax may be listed first
LISTED_AT_MOST = timedelta(days=90)  # fax services keep none for longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """`first`: when we began; `at`: nothing older is missing."""

    first: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is listed; `oldest`: what came before it is not taken."""

    since: datetime
    until: datetime | None = None
    oldest: datetime


def window_of(cursor: Cursor, *, now: datetime) -> Window:
    """For the next look."""
    since = max(min(cursor.at - APART, now - AGAIN), now - LISTED_AT_MOST)
    return Window(since=since, oldest=cursor.first - APART)


def moved(cursor: Cursor, *, now: datetime, left: Iterable[datetime]) -> Cursor:
    """The cursor after a look at `now`; `left` are the times of what could not be taken."""
    return Cursor(first=cursor.first, at=min([max(cursor.at, now - LATE), *left]))
