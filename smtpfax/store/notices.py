"""Notices that wait for a relay, webhooks that wait for their program, and what became of those that do not.

In:    notices, committed with the state they tell of (G4).
Out:   due notices, each given to one owner for a while.
Fails: Temporary.

Rule (G5): a notice is forgotten by nobody: it is sent, given up with a reason, or withdrawn. That one was sent is a
fact, and wins over a withdrawal that came meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from smtpfax.model.notice import Notice, NoticeKind

from .database import Database, rows
from .records import notice_from, notice_values
from .schema import notices
from .sql_dialect import insert_or

WAITING, SENT, GIVEN_UP, WITHDRAWN = "", "sent", "given_up", "withdrawn"
_WAITS = notices.c.became == WAITING
_CALLS = notices.c.kind == NoticeKind.WEBHOOK
_MAILS = notices.c.kind != NoticeKind.WEBHOOK


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A notice and what became of it: "", "sent", "given_up" or "withdrawn"."""

    notice: Notice
    became: str = WAITING
    ended: datetime | None = None
    reason: str = ""  # why it waits, or was given up


class Notices:
    """All notices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, owner: str, *, now: datetime, lease: timedelta, limit: int, webhooks: bool = False
    ) -> list[Notice]:
        """Due mails, or due webhooks, oldest first, for this owner alone until the lease runs out."""
        free = or_(notices.c.lease_until.is_(None), notices.c.lease_until <= now)
        due = (
            select(notices.c.id)
            .where(_WAITS, notices.c.due <= now, free, _CALLS if webhooks else _MAILS)
            .order_by(notices.c.due, notices.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claim = (
            update(notices)
            .where(notices.c.id.in_(select(due.c.id)))
            .values(lease_owner=owner, lease_until=now + lease)
            .returning(notices)
        )
        found = [notice_from(row) for row in await self._database.writer.do(lambda conn: rows(conn, claim))]
        return sorted(found, key=lambda notice: (notice.due, notice.id))

    async def free_leases(self) -> int:
        """At start, where one process works: what its earlier life held is free."""
        held = notices.c.lease_until.is_not(None)
        statement = update(notices).where(_WAITS, held).values(lease_owner="", lease_until=None)
        return await self._database.change(statement)

    async def add(self, batch: Sequence[Notice]) -> None:
        """Notices that no event brings; one that exists already stays as it is."""
        await self._database.writer.do(lambda connection: insert_notices(connection, batch))

    async def sent(self, notice_id: str) -> None:
        """A relay has it."""
        await self._end(notices.c.id == notice_id, became=SENT)

    async def retry(self, notice_id: str, *, due: datetime, reason: str) -> None:
        """It did not work, and will be tried again."""
        values = {"due": due, "reason": reason, "tries": notices.c.tries + 1, "lease_owner": "", "lease_until": None}
        await self._database.change(update(notices).where(notices.c.id == notice_id).values(**values))

    async def give_up(self, notice_id: str, reason: str) -> None:
        """It did not work, and will not be tried again."""
        await self._end(and_(notices.c.id == notice_id, _WAITS), became=GIVEN_UP, reason=reason)

    async def withdraw(self, job_ids: Collection[str]) -> None:
        """The client heard it itself: mails about these jobs that are not sent yet are not sent any more."""
        await self._end(and_(notices.c.job_id.in_(job_ids), _WAITS, _MAILS), became=WITHDRAWN)

    async def of_job(self, job_id: str) -> Sequence[NoticeRow]:
        """A job's notices and what became of them, oldest first."""
        query = select(notices).where(notices.c.job_id == job_id).order_by(notices.c.created, notices.c.id)
        return [
            NoticeRow(notice=notice_from(row), became=row["became"], ended=row["ended"], reason=row["reason"])
            for row in await self._database.all(query)
        ]

    async def _end(self, which: ColumnElement[bool], *, became: str, reason: str = "") -> None:
        values = {"became": became, "ended": self._database.clock(), "reason": reason}
        await self._database.change(update(notices).where(which).values(**values))


def insert_notices(connection: Connection, batch: Sequence[Notice]) -> None:
    """Notices that a commit makes due; one that exists already stays as it is."""
    if batch:
        values = [notice_values(notice) for notice in batch]
        connection.execute(insert_or(notices).on_conflict_do_nothing(), values)
