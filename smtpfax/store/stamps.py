"""Moments for the SMTP log.

In:    the clock.
Out:   moments that never stand still nor go back, even where the clock does.
Fails: never.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from smtpfax.model.ids import Clock

_STEP = timedelta(microseconds=1)


class Stamps:
    """The one writer's; whoever stamps is in its transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.last: datetime | None = None

    def next(self) -> datetime:
        """Now, or later than every one before."""
        return self.after(self._clock())

    def after(self, moment: datetime) -> datetime:
        """That moment, or later than every one before."""
        if self.last is not None and moment <= self.last:
            moment = self.last + _STEP
        self.last = moment
        return moment
