"""The SMTP log: one row for each reply to a RCPT, and for each transaction refused before one.

In:    attempts, those of refusals without waiting.
Out:   pages, newest first, each row with the state of its job.
Fails: Temporary for reading; ValueError for a cursor that is not ours. Adding never fails: a row that cannot be kept
       in time is dropped with a line in the log.

Rule: the one writer stamps `created` at insert, so that (created, id) never goes back. One filter beside the account
is answered by an index of its own; of several, one index is read and the rest are looked at row by row.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, func, select

from smtpfax.journal.stamps import Stamps
from smtpfax.model.attempt import Attempt, Outcome
from smtpfax.model.errors import Temporary
from smtpfax.model.job import State

from .cursor import Page, read_page
from .database import Database, rows
from .records import attempt_from, attempt_values
from .schema import NOT_TAKEN, attempts, jobs
from .sql_dialect import insert_or
from .strangers import Strangers

log = logging.getLogger(__name__)
FLUSH_SECONDS = 0.5
MOST_WAITING = 10_000
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFilter:
    """What a list shows; None does not filter, an empty account is "no account was found"."""

    account_id: str | None = None
    faxbox_id: str | None = None
    outcome: Outcome | None = None
    from_: str | None = None
    to: str | None = None
    state: State | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None  # exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """A line of the log."""

    attempt: Attempt
    state: State | None = None  # of its job


class Attempts:
    """The log."""

    def __init__(self, database: Database, stamps: Stamps) -> None:
        self._database = database
        self.stamps = stamps
        self._waiting: deque[Attempt] = deque()
        self._strangers = Strangers(1000)
        self._timer: asyncio.Task[None] | None = None
        self._flushing = asyncio.Lock()

    async def start(self, *, strangers_per_day: int) -> None:
        """Go on where the last process stopped."""
        self._strangers = Strangers(strangers_per_day)
        last = await self._database.one(select(func.max(attempts.c.created).label("last")))
        self.stamps.last = last["last"] if last else None

    def add(self, attempt: Attempt) -> None:
        """Keep a refusal: within a second, together with others."""
        if not attempt.account_id and not self._strangers.allows(attempt.client.address, self._database.clock()):
            return
        if len(self._waiting) >= MOST_WAITING:
            log.error("attempt %s dropped: %d rows wait for the database", attempt.id, MOST_WAITING)
            return
        self._waiting.append(attempt)
        if self._timer is None:
            self._timer = asyncio.create_task(self._flush_soon(), name="store attempts")

    async def flush(self) -> None:
        """Write what waits. Temporary: the rows go on waiting."""
        async with self._flushing:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                try:
                    await self._database.writer.do(partial(insert_attempts, batch=batch, stamps=self.stamps))
                except Temporary:
                    self._waiting.extendleft(reversed(batch))
                    raise

    async def close(self) -> None:
        """Write what waits, if that can be done."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            await self.flush()
        except Temporary as fault:
            log.error("%d attempts dropped at the end: %s", len(self._waiting), fault.reason)

    async def get(self, attempt_id: str) -> AttemptRow | None:
        """One line by its id."""
        row = await self._database.one(select(attempts).where(attempts.c.id == attempt_id))
        return AttemptRow(attempt=attempt_from(row), state=row["state"]) if row else None

    async def of_job(self, job_id: str) -> Sequence[AttemptRow]:
        """The lines that name a job: its own, and those of its duplicates; oldest first."""
        query = select(attempts).where(attempts.c.job_id == job_id).order_by(attempts.c.created).limit(100)
        found = await self._database.all(query)
        return [AttemptRow(attempt=attempt_from(row), state=row["state"]) for row in found]

    async def page(self, wanted: AttemptFilter, *, limit: int, after: str = "") -> Page[AttemptRow]:
        """A page of the log, newest first."""
        return await read_page(
            self._database,
            select(attempts).where(*conditions(wanted)),
            keys=(attempts.c.created, attempts.c.id),
            limit=limit,
            after=after,
            read=lambda row: AttemptRow(attempt=attempt_from(row), state=row["state"]),
        )

    async def _flush_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except Temporary as fault:
                log.warning("attempts wait: %s", fault.reason)
        self._timer = None


def insert_attempts(connection: Connection, batch: Sequence[Attempt], stamps: Stamps) -> None:
    """Rows of the log, stamped, each with the state its job has now."""
    if not batch:
        return
    named = {attempt.job_id for attempt in batch if attempt.job_id}
    states = {}
    if named:
        known = rows(connection, select(jobs.c.id, jobs.c.state).where(jobs.c.id.in_(named)))
        states = {row["id"]: row["state"] for row in known}
    stamps.catch_up(connection.execute(select(func.max(attempts.c.created))).scalar())
    stamped = (replace(attempt, created=stamps.next()) for attempt in batch)
    values = [{**attempt_values(attempt), "state": states.get(attempt.job_id)} for attempt in stamped]
    connection.execute(insert_or(attempts).on_conflict_do_nothing(), values)


def conditions(wanted: AttemptFilter) -> list[ColumnElement[bool]]:
    """What a row must be."""
    column = attempts.c
    equal = (
        (column.account_id, wanted.account_id),
        (column.faxbox_id, wanted.faxbox_id),
        (column.outcome, wanted.outcome),
        (column.from_key, wanted.from_ and wanted.from_.lower()),
        (column.to_key, wanted.to and wanted.to.lower()),
        (column.state, wanted.state),
    )
    found: list[ColumnElement[bool]] = [name == value for name, value in equal if value is not None]
    if wanted.outcome not in (None, Outcome.TAKEN):
        found.append(NOT_TAKEN)
    if wanted.created_from is not None:
        found.append(column.created >= wanted.created_from)
    if wanted.created_to is not None:
        found.append(column.created < wanted.created_to)
    return found
