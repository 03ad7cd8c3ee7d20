"""The store, opened: one object with a shelf for each kind of record.

In:    where the database is, how long to wait for a lock, the clock and the ids.
Out:   a Store whose schema is this program's.
Fails: ConfigError, when the database is newer than the program or is no database; Temporary.

Rule: one writer, any number of readers; closing writes what still waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from smtpfax.journal.appending import Appending
from smtpfax.journal.batches import Appender
from smtpfax.journal.claims import Claimed
from smtpfax.journal.clerking import Clerking
from smtpfax.journal.lines import Books, InProcess, InThread
from smtpfax.journal.owing import BOUNDS, Bounds, Owing
from smtpfax.journal.packing import moment
from smtpfax.journal.reading import copy_journal, journal_of
from smtpfax.journal.recovery import recover
from smtpfax.journal.segments import Journal
from smtpfax.journal.stamps import Stamps
from smtpfax.model.accepting import Acceptance, Filled, TakenJob
from smtpfax.model.ids import Clock, Ids

from .accepting import Accepting, Outcome
from .accounts import Accounts
from .again import Once
from .alerts import Alerts
from .attempts import AttemptFilter, Attempts
from .cursors import Cursors
from .database import Database
from .drafts import Drafts
from .erasing import Erasing
from .exchange import StoredExchange
from .faxed import Faxed
from .inbox import Inbox
from .jobs import Jobs
from .keys import Keys
from .letters import Letters
from .mails import Mails
from .migrate import current, upgrade
from .notices import Notices
from .pictures import Pictures
from .resting import Resting
from .retention import Retention
from .searching import Found, search
from .sessions import Sessions
from .sqlite import Pen, copy_to, database_file, open_copy, open_engines
from .statistics import Statistics
from .taking import COLUMNS, HEAD
from .tokens import Tokens
from .usage import UsageCounts
from .writer import Writer


class Store:
    """What the rooms see of the database."""

    def __init__(
        self, database: Database, appending: Appending, clerk: Clerking, stamps: Stamps, path: Path, ids: Ids
    ) -> None:
        self._database = database
        self._appending = appending
        self._clerk = clerk
        self.path = path
        self.mails = Mails(database, journal_of(path))
        self.usage = UsageCounts(database)
        self.resting = Resting(database)
        self.jobs = Jobs(database, self.usage, self.resting)
        self.attempts = Attempts(database, stamps)
        self.notices = Notices(database)
        self.accounts = Accounts(database)
        self.tokens = Tokens(database, ids)
        self.exchange = StoredExchange(database)
        self.inbox = Inbox(database)
        self.letters = Letters(database)
        self.cursors = Cursors(database)
        self.faxed = Faxed(database)
        self.keys = Keys(database)
        self.pictures = Pictures(database)
        self.retention = Retention(database, journal_of(path))
        self.erasing = Erasing(database, journal_of(path))
        self.once = Once(database, self.usage)
        self.sessions = Sessions(database)
        self.drafts = Drafts(database)
        self.alerts = Alerts(database)
        self.statistics = Statistics(database)
        self._accepting = Accepting(appending, self.usage.note, database.clock)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        busy_seconds: float,
        clock: Clock,
        ids: Ids,
        strangers_per_day: int = 1000,
        bounds: Bounds = BOUNDS,
        apart: bool = False,
    ) -> Store:
        """Open or make the database (`sqlite:///path`, or a plain path) and bring its schema up to date.

        `apart`: a process of its own puts in what the database is owed, not a thread.
        """
        path = database_file(url)
        writing, reading = await open_engines(path, busy_seconds=busy_seconds)
        try:
            await upgrade(writing)
        except BaseException:
            await reading.dispose()
            raise
        finally:
            await writing.dispose()
        stamps = Stamps(clock)
        pen = await asyncio.to_thread(Pen, path, busy_seconds=busy_seconds)
        owing, claimed = Owing(bounds), Claimed(path, busy_seconds=busy_seconds)
        books = Books(database=path, folder=journal_of(path), busy_seconds=busy_seconds, columns=COLUMNS)
        clerk = Clerking(books, owing, claimed, InProcess.begun if apart else InThread.begun)
        writer = Writer(pen, clerk.settled)
        journal = Journal(journal_of(path), head=HEAD, names=ids)
        appending = Appending(Appender(journal, claimed, owing, COLUMNS), lambda: moment(clock()) or "")
        database = Database(writer=writer, reading=reading, clock=clock)
        store = cls(database, appending, clerk, stamps, path, ids)
        try:
            await asyncio.to_thread(recover, pen, journal.folder, stamps)
            await asyncio.to_thread(claimed.learn)
            await store._begin(strangers_per_day)
        except BaseException:
            await store.close()
            raise
        writer.start()
        appending.open()
        return store

    async def _begin(self, strangers_per_day: int) -> None:
        """Where the last process stopped."""
        await self.attempts.start(strangers_per_day=strangers_per_day)
        await self.usage.refresh()
        await self.resting.refresh()
        await self._clerk.open()

    async def accept(self, acceptance: Acceptance | Filled, *, duplicate_hours: float) -> list[TakenJob]:
        """Take a mail with its jobs, attempts and notices in one commit (G1); one TakenJob for each job, in order."""
        return await self._accepting.accept(acceptance, duplicate_hours=duplicate_hours)

    async def search(
        self, wanted: AttemptFilter, text: str, *, limit: int, after: str = "", faxbox_ids: Sequence[str] = ()
    ) -> Found:
        """A text in the SMTP log."""
        return await search(self._database, wanted, text, limit=limit, after=after, faxbox_ids=faxbox_ids)

    def bring(
        self, acceptance: Acceptance | Filled, *, duplicate_hours: float, told: Callable[[Outcome], None]
    ) -> None:
        """The same for a door that does not wait: `told` hears what `accept` would have returned or raised."""
        self._accepting.bring(acceptance, duplicate_hours=duplicate_hours, told=told)

    async def probe(self) -> None:
        """Whether a row can be written and synced just now."""
        await self._database.synced()

    @staticmethod
    async def revision(url: str) -> str:
        """The revision of a database's schema, for a look from outside; empty when it has none."""
        engine = open_copy(database_file(url))
        try:
            return await current(engine) or ""
        finally:
            await engine.dispose()

    async def copy_to(self, target: Path) -> None:
        """A consistent copy of database and journal, durable under a name that did not exist.

        What the journal got meanwhile is in its copy alone, and is inserted when the copy is opened.
        """
        await self._database.writer.settled()
        await copy_to(self.path, target)
        await asyncio.to_thread(copy_journal, journal_of(self.path), journal_of(target))

    async def close(self) -> None:
        """Write what waits, then let go of the database."""
        await self._appending.close()
        await self.attempts.close()
        await self._clerk.close()
        await self._database.writer.close()
        await self._database.reading.dispose()
