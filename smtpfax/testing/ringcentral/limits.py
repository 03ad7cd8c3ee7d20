"""The limits as the server holds them, so that a client that passes them is caught.

In:    the group of a call.
Out:   the headers for its answer, or that it is one too many.
Fails: never.

Rule: a call during a penalty begins the penalty anew, and is counted: a good client has none.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)
PENALTY = timedelta(seconds=60)


@dataclass(slots=True)
class Limits:
    """`most` calls a window of each group; a group that is not named has none."""

    clock: Callable[[], datetime]
    most: Mapping[str, int] = field(default_factory=dict)
    storms: int = 0  # so many calls more are answered 429, whatever the limits say
    calls: Counter[str] = field(default_factory=Counter)
    peaks: Counter[str] = field(default_factory=Counter)  # the most that were served in any one window
    refused: int = 0  # calls over a limit
    in_penalty: int = 0  # calls that were made although they were told to wait
    _made: dict[str, deque[datetime]] = field(default_factory=dict)
    _closed: dict[str, datetime] = field(default_factory=dict)

    def call(self, group: str) -> tuple[bool, dict[str, str]]:
        """Whether it may be served, and what is said of the limit."""
        now = self.clock()
        self.calls[group] += 1
        if self._penalty(group, now) or self._one_too_many(group, now):
            self.refused += 1
            self._closed[group] = now + PENALTY
            return False, {"X-Rate-Limit-Group": group, "Retry-After": str(int(PENALTY.total_seconds()))}
        return True, self._told(group)

    def _penalty(self, group: str, now: datetime) -> bool:
        closed = self._closed.get(group)
        barred = closed is not None and now < closed
        self.in_penalty += barred
        return barred

    def _one_too_many(self, group: str, now: datetime) -> bool:
        if self.storms > 0:
            self.storms -= 1
            return True
        made = self._made.setdefault(group, deque())
        while made and now - made[0] >= WINDOW:
            made.popleft()
        if group in self.most and len(made) >= self.most[group]:
            return True
        made.append(now)
        self.peaks[group] = max(self.peaks[group], len(made))
        return False

    def _told(self, group: str) -> dict[str, str]:
        most = self.most.get(group)
        if most is None:
            return {}
        return {
            "X-Rate-Limit-Group": group,
            "X-Rate-Limit-Limit": str(most),
            "X-Rate-Limit-Remaining": str(most - len(self._made[group])),
            "X-Rate-Limit-Window": str(int(WINDOW.total_seconds())),
        }
