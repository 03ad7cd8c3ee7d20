"""The instant at which a mail becomes ours.

In:    an Acceptance: a mail, its jobs, attempts and notices.
Out:   for each job, itself or the earlier one it repeats.
Fails: Temporary, and then nothing of it is kept.

Guarantee (G1, G2): one entry of the journal holds all of a mail, and the mail is ours when that is synced, together
with whatever else arrived meanwhile. The database is owed its rows for a moment (`owing`), but whoever reads or writes
there finds them (`writer`). Where they are lost, in a power cut or because the database is in trouble, the journal
tells them once more: from the place that the last transaction which was not lost had reached, so that each mail is
inserted once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from smtpfax.model.accepting import Acceptance, Filled, TakenJob
from smtpfax.model.ids import Clock

from .appending import Appender, Outcome, Waiting


class Accepting:
    """The doors' side."""

    def __init__(self, appender: Appender, clock: Clock) -> None:
        self._appender = appender
        self._clock = clock

    async def accept(self, acceptance: Acceptance | Filled, *, duplicate_hours: float) -> list[TakenJob]:
        """Shared with whatever else arrived meanwhile; a caller that is cancelled leaves the mail whole."""
        done: asyncio.Future[list[TakenJob]] = asyncio.get_running_loop().create_future()

        def told(outcome: Outcome) -> None:
            if isinstance(outcome, BaseException):
                done.set_exception(outcome)
            else:
                done.set_result(outcome)

        self.bring(acceptance, duplicate_hours=duplicate_hours, told=told)
        return await asyncio.shield(done)

    def bring(
        self, acceptance: Acceptance | Filled, *, duplicate_hours: float, told: Callable[[Outcome], None]
    ) -> None:
        """The same without a future: `told` hears what became of it. Temporary, when the store is closed."""
        expires = self._clock() + timedelta(hours=duplicate_hours)
        self._appender.bring(Waiting(acceptance, expires, told))
