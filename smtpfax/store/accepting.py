"""The instant at which a mail becomes ours.

In:    an Acceptance: a mail, its jobs, attempts and notices.
Out:   for each job, itself or the earlier one it repeats.
Fails: Temporary, and then nothing of it is kept.

Guarantee (G1, G2): one entry of the journal holds all of a mail, and the mail is ours when that is synced, together
with whatever else arrived meanwhile. Its rows are in the writer's transaction by then; where that is lost, in a power
cut or because the database is in trouble, the journal tells them once more: from the place that the last transaction
which was not lost had reached, so that each mail is inserted once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtpfax.model.accepting import Acceptance, TakenJob
from smtpfax.model.ids import Clock

from .claims import Arrived
from .faults import as_ours
from .journal import Journal, Place
from .sqlite import Pen
from .stamps import Stamps
from .taking import COLUMNS, Taken, count, insert, take
from .usage import Counts, added
from .writer import Item, Writer

Outcome = list[TakenJob] | BaseException
CONTENT = "INSERT INTO contents (mail_id, segment, start, octets) VALUES (?, ?, ?, ?)"
REACHED = (
    "INSERT INTO segments (name, reached) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET reached = excluded.reached"
)


@dataclass(slots=True)
class Waiting:
    """A mail whose door waits."""

    acceptance: Acceptance
    expires: datetime  # of its keys
    told: Callable[[Outcome], None]  # in the event loop, once
    outcome: Taken | BaseException | None = None

    @property
    def octets(self) -> int:
        """What it brings into the journal."""
        return len(self.acceptance.mail.content.inline or b"")

    def tell(self) -> None:
        """The journal holds it; or it failed by itself."""
        outcome, told, self.told = self.outcome, self.told, _nobody
        if isinstance(outcome, Taken):
            told(outcome.jobs)
        elif outcome is not None:
            told(outcome)

    def fail(self, error: BaseException) -> None:
        """It failed with the others; unless it was told before."""
        self.outcome = error
        self.tell()


def _nobody(outcome: Outcome) -> None:
    """Who was told once."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A mail that the journal holds, and where its content stands there."""

    taken: Taken
    place: Place


class Ledger:
    """The writer's side: rows into its transaction, entries into the journal."""

    def __init__(self, journal: Journal, stamps: Stamps, clock: Clock) -> None:
        self.note: Callable[[Counts], None] | None = None  # who counts faxes
        self._journal = journal
        self._stamps = stamps
        self._clock = clock
        self._fresh: list[Taken] = []  # inserted, and not in the journal yet
        self._owed: list[Owed] = []  # in the journal, and not committed yet

    @property
    def owing(self) -> bool:
        """Whether the journal has mails that the database has not."""
        return bool(self._owed)

    def insert(self, pen: Pen, mails: Sequence[Item]) -> None:
        """Their rows; each mail's outcome."""
        waiting = [mail for mail in mails if isinstance(mail, Waiting)]
        arrived = [Arrived.of(mail.acceptance, mail.expires) for mail in waiting]
        outcomes = take(pen.database, arrived, stamps=self._stamps, now=self._clock())
        self._fresh = []
        for mail, outcome in zip(waiting, outcomes, strict=True):
            if isinstance(outcome, Taken):
                mail.outcome = outcome
                self._fresh.append(outcome)
            else:
                mail.outcome = as_ours(outcome)

    def append(self) -> None:
        """All that were inserted, by one sync."""
        fresh, self._fresh = self._fresh, []
        places = self._journal.append([taken.entry() for taken in fresh]) if fresh else []
        self._owed = [Owed(taken, place) for taken, place in zip(fresh, places, strict=True)]

    def told(self, mails: Sequence[Item]) -> None:
        """In the event loop, before the doors: the room that they reserved is never given back too early."""
        outcomes = (mail.outcome for mail in mails if isinstance(mail, Waiting))
        if self.note is not None:
            self.note(added(outcome.counts for outcome in outcomes if isinstance(outcome, Taken)))

    def place(self, pen: Pen) -> None:
        """Where the contents are, and how far the database has come."""
        kept = [(owed.taken, owed.place) for owed in self._owed if owed.taken.mail_id]
        pen.database.executemany(
            CONTENT, [(taken.mail_id, place.segment, place.start, len(taken.content)) for taken, place in kept]
        )
        if (end := self._journal.end) is not None:
            pen.database.execute(REACHED, (end.segment, end.start))

    def committed(self) -> None:
        """The database has them."""
        self._owed = []

    def settle(self, pen: Pen) -> None:
        """Their rows once more."""
        for owed in self._owed:
            insert(pen.database, owed.taken.rows, COLUMNS)
            count(pen.database, owed.taken.faxes)
        self.place(pen)

    def close(self) -> None:
        """Nothing more will come."""
        self._journal.close()


class Accepting:
    """The doors' side."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    async def accept(self, acceptance: Acceptance, *, duplicate_hours: float) -> list[TakenJob]:
        """Shared with whatever else arrived meanwhile; a caller that is cancelled leaves the mail whole."""
        done: asyncio.Future[list[TakenJob]] = asyncio.get_running_loop().create_future()

        def told(outcome: Outcome) -> None:
            if isinstance(outcome, BaseException):
                done.set_exception(outcome)
            else:
                done.set_result(outcome)

        self.bring(acceptance, duplicate_hours=duplicate_hours, told=told)
        return await asyncio.shield(done)

    def bring(self, acceptance: Acceptance, *, duplicate_hours: float, told: Callable[[Outcome], None]) -> None:
        """The same without a future: `told` hears what became of it. Temporary, when the store is closed."""
        expires = self._clock() + timedelta(hours=duplicate_hours)
        self._writer.bring(Waiting(acceptance, expires, told))
