"""Mails: envelope, content, and what the client was told.

In:    a mail's id.
Out:   the mail, its small content, its reply.
Fails: Temporary.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from smtpfax.journal.reading import read_at
from smtpfax.model.attempt import outcome_of
from smtpfax.model.job import State
from smtpfax.model.mail import Mail
from smtpfax.model.status import Reply

from .database import Database
from .faults import faults_are_ours
from .records import mail_from
from .schema import attempts, claims, contents, jobs, mails


class Mails:
    """The mails that are ours."""

    def __init__(self, database: Database, journal: Path) -> None:
        self._database = database
        self._journal = journal

    async def get(self, mail_id: str) -> Mail | None:
        """A mail by its id; content that is kept here is not in hand: `inline` brings it."""
        row = await self._database.one(select(mails).where(mails.c.id == mail_id))
        return mail_from(row) if row else None

    async def inline(self, mail_id: str) -> bytes | None:
        """The content that is kept here; None when it is in the spool, or no longer kept."""
        row = await self._database.one(select(contents).where(contents.c.mail_id == mail_id))
        if row is None or row["content"] is not None:
            return bytes(row["content"]) if row else None
        with faults_are_ours():
            return await asyncio.to_thread(read_at, self._journal / row["segment"], row["start"], row["octets"])

    async def reply(self, mail_id: str) -> Reply | None:
        """What the client was told after DATA; None while that is open."""
        row = await self._database.one(select(mails.c.reply).where(mails.c.id == mail_id))
        return row["reply"] if row else None

    async def set_reply(self, mail_id: str, reply: Reply, *, attempt_ids: Sequence[str] = ()) -> None:
        """Keep what the client was told, in the log too; after a 250, jobs that failed release their duplicate key."""

        def work(connection: Connection) -> None:
            connection.execute(update(mails).where(mails.c.id == mail_id).values(reply=reply))
            told = update(attempts).where(attempts.c.id.in_(attempt_ids))
            connection.execute(told.values(reply=reply, outcome=outcome_of(reply)))
            if reply.ok:
                failed = select(jobs.c.id).where(jobs.c.mail_id == mail_id, jobs.c.state == State.FAILED)
                connection.execute(delete(claims).where(claims.c.job_id.in_(failed)))

        await self._database.writer.do(work)
