"""The store, opened: one object with a shelf for each kind of record.

In:    where the database is, how long to wait for a lock, the clock and the ids.
Out:   a Store whose schema is this program's.
Fails: ConfigError, when the database is newer than the program or is no database; Temporary.

Rule: one writer, any number of readers; closing writes what still waits.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncEngine

from smtpfax.model.accepting import Acceptance, TakenJob
from smtpfax.model.ids import Clock, Ids

from .accepting import Accepting
from .accounts import Accounts
from .attempts import Attempts
from .database import Database
from .exchange import StoredExchange
from .faxed import Faxed
from .inbox import Inbox
from .jobs import Jobs
from .keys import Keys
from .mails import Mails
from .migrate import current, upgrade
from .notices import Notices
from .pictures import Pictures
from .resting import Resting
from .retention import Retention
from .schema_lasting import revisions
from .sqlite import copy_to, database_file, open_copy, open_engines
from .tokens import Tokens
from .usage import UsageCounts
from .writer import Writer


class Store:
    """What the rooms see of the database."""

    def __init__(self, database: Database, engines: tuple[AsyncEngine, AsyncEngine], path: Path, ids: Ids) -> None:
        self._database = database
        self._engines = engines
        self.path = path
        self.mails = Mails(database)
        self.usage = UsageCounts(database)
        self.resting = Resting(database)
        self.jobs = Jobs(database, self.usage, self.resting)
        self.attempts = Attempts(database)
        self.notices = Notices(database)
        self.accounts = Accounts(database)
        self.tokens = Tokens(database, ids)
        self.exchange = StoredExchange(database)
        self.inbox = Inbox(database)
        self.faxed = Faxed(database)
        self.keys = Keys(database)
        self.pictures = Pictures(database)
        self.retention = Retention(database)
        self._accepting = Accepting(database, self.attempts.stamps, self.usage)

    @classmethod
    async def open(
        cls, url: str, *, busy_seconds: float, clock: Clock, ids: Ids, strangers_per_day: int = 1000
    ) -> Store:
        """Open or make the database (`sqlite:///path`, or a plain path) and bring its schema up to date."""
        path = database_file(url)
        writing, reading = await open_engines(path, busy_seconds=busy_seconds)
        database = Database(writer=Writer(writing), reading=reading, clock=clock)
        store = cls(database, (writing, reading), path, ids)
        try:
            await upgrade(writing)
            await store.attempts.start(strangers_per_day=strangers_per_day)
            await store.usage.refresh()
            await store.resting.refresh()
        except BaseException:
            await store.close()
            raise
        database.writer.start()
        return store

    async def accept(self, acceptance: Acceptance, *, duplicate_hours: float) -> list[TakenJob]:
        """Take a mail with its jobs, attempts and notices in one commit (G1); one TakenJob for each job, in order."""
        return await self._accepting.accept(acceptance, duplicate_hours=duplicate_hours)

    async def probe(self) -> None:
        """Whether a row can be written and synced just now."""
        probe = insert_or(revisions).values(name="probe", revision=1)
        again = probe.on_conflict_do_update(index_elements=["name"], set_={"revision": revisions.c.revision + 1})
        await self._database.change(again)

    @staticmethod
    async def revision(url: str) -> str:
        """The revision of a database's schema, for a look from outside; empty when it has none."""
        engine = open_copy(database_file(url))
        try:
            return await current(engine) or ""
        finally:
            await engine.dispose()

    async def copy_to(self, target: Path) -> None:
        """A consistent copy of the database, durable under a name that did not exist."""
        await copy_to(self.path, target)

    async def close(self) -> None:
        """Write what waits, then let go of the database."""
        await self._accepting.close()
        await self.attempts.close()
        await self._database.writer.close()
        for engine in self._engines:
            await engine.dispose()
