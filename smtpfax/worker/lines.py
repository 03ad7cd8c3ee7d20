"""Who waits until a number is no longer being called.

In:    a job that found its number's line taken; a number whose line is free again.
Out:   the job whose turn it is, the one that came first.
Fails: never.

Rule: this only makes a turn come sooner. A job that waits looks by itself as well, for the line may be another
process's.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from datetime import timedelta

LOOKS = timedelta(seconds=30)


class Lines:
    """All numbers that somebody waits for, by E.164."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, OrderedDict[str, None]] = defaultdict(OrderedDict)

    def wait(self, number: str, job_id: str) -> None:
        """Stand in line; once."""
        self._waiting[number][job_id] = None

    def leave(self, number: str, job_id: str) -> None:
        """It has the line, or wants it no more."""
        self._waiting[number].pop(job_id, None)
        if not self._waiting[number]:
            del self._waiting[number]

    def first(self, number: str) -> str | None:
        """Whose turn it is."""
        return next(iter(self._waiting[number]), None) if number in self._waiting else None
