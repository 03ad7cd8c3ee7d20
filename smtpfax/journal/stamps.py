"""Moments for the SMTP log.

In:    the clock; what the log has.
Out:   moments that never stand still nor go back, even where the clock does.
Fails: never.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from smtpfax.model.ids import Clock

_STEP = timedelta(microseconds=1)


class Stamps:
    """A writer's; whoever stamps is in its transaction, and has caught up with what others stamped before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.last: datetime | None = None

    def catch_up(self, last: datetime | None) -> None:
        """With the last one in the log, as it is within a transaction that writes."""
        if last is not None and (self.last is None or last > self.last):
            self.last = last

    def next(self) -> datetime:
        """Now, or later than every one before."""
        return self.after(self._clock())

    def after(self, moment: datetime) -> datetime:
        """That moment, or later than every one before."""
        if self.last is not None and moment <= self.last:
            moment = self.last + _STEP
        self.last = moment
        return moment
