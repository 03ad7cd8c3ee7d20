"""The instant at which a mail becomes ours.

In:    an Acceptance: a mail, its jobs, attempts and notices.
Out:   for each job, itself or the earlier one it repeats.
Fails: Temporary, and then nothing of it is kept.

Guarantee (G1, G2): one entry of the journal holds all of a mail, and the mail is ours when that is synced, together
with whatever else arrived meanwhile. The database is owed its rows for a moment (`journal.owing`), but whoever reads or
writes there finds them (`journal.clerking`). Where they are lost, in a power cut or because the database is in trouble,
the journal tells them once more: from the place that the last transaction which was not lost had reached, so that each
mail is inserted once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from smtpfax.journal.appending import Appending
from smtpfax.journal.batches import Told, Waiting
from smtpfax.journal.brought import Brought, Filling
from smtpfax.journal.claims import Became
from smtpfax.model.accepting import Acceptance, Filled, TakenJob
from smtpfax.model.caps import hour_of
from smtpfax.model.errors import Temporary
from smtpfax.model.ids import Clock

from .codecs import reply_from
from .counting import Counts, faxes_of
from .faults import as_ours
from .forms import Known, filling_of, form_of
from .taking import brought_by

Outcome = list[TakenJob] | BaseException


class Accepting:
    """The doors' side."""

    def __init__(self, appending: Appending, note: Callable[[Counts], None], clock: Clock) -> None:
        """`note`: who counts faxes."""
        self._appending = appending
        self._note = note
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
        """The same without a future: `told` hears what became of it, never at once."""
        expires = self._clock() + timedelta(hours=duplicate_hours)
        mail: Brought | Filling
        try:
            if isinstance(acceptance, Filled):
                known = form_of(acceptance.form)
                mail, heard = filling_of(acceptance, known, expires), partial(self._form_kept, acceptance, known, told)
            else:
                mail, heard = brought_by(acceptance, expires), partial(self._kept, acceptance, told)
        except Exception as error:  # noqa: BLE001 a mail that cannot be is told so by itself
            asyncio.get_running_loop().call_soon(told, as_ours(error))
            return
        try:
            self._appending.bring(Waiting(mail, heard))
        except Temporary as fault:
            asyncio.get_running_loop().call_soon(told, fault)

    def _kept(self, acceptance: Acceptance, told: Callable[[Outcome], None], outcome: Told) -> None:
        """Counted before the door hears, so that room it reserved is not given back too early."""
        if isinstance(outcome, BaseException):
            told(outcome)
            return
        new = [job for job, became in zip(acceptance.jobs, outcome, strict=True) if became.job_id == job.id]
        self._note(faxes_of(new))
        told([_told(became) for became in outcome])

    def _form_kept(self, filled: Filled, known: Known, told: Callable[[Outcome], None], outcome: Told) -> None:
        if isinstance(outcome, BaseException):
            told(outcome)
        elif any(became.job_id != filled.id + end for became, end in zip(outcome, known.ends, strict=True)):
            self._kept(filled.acceptance(), told, outcome)
        else:
            self._note(known.counts_in(hour_of(filled.created)))
            told([_told(became) for became in outcome])


def _told(became: Became) -> TakenJob:
    reply = None if became.reply is None else reply_from(json.loads(became.reply))
    return TakenJob(became.mail_id, became.job_id, became.duplicate, reply)
