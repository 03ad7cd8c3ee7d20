"""What is forgotten, and when; and which files of the spool anything still refers to.

In:    how old is too old.
Out:   how many rows went. Files go by themselves: one that no row names is a stray, and the janitor deletes it.
Fails: Temporary; what was deleted before stays deleted.

Rule: rows go first and files after them, so that a crash between leaves a stray file and never a row without one.
Nothing goes while a notice about its mail still waits. A batch is one commit: the doors never wait for long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    delete,
    exists,
    literal_column,
    select,
    tuple_,
    update,
)

from .accounts import Accounts
from .blotting import let_go
from .database import Database, rows
from .faults import faults_are_ours
from .inbox_retention import forget_inbound
from .notices import WAITING
from .schema import attempts, claims, contents, jobs, mails, notices, segments
from .schema_lasting import calls, inbox
from .schema_pages import drafts

BATCH = 500
EMPTY: ColumnElement[str] = literal_column("''")  # written out, as in the indexes of what has a name
_NAMES = (
    jobs.c.document_name,
    jobs.c.headed_name,
    mails.c.content_name,
    inbox.c.document_name,
    inbox.c.original,
    drafts.c.document_name,
    drafts.c.content_name,
)
_GONE = {"kept": False, "document_name": "", "headed_name": ""}


class Retention:
    """The janitor's deletes."""

    def __init__(self, database: Database, journal: Path) -> None:
        self._database = database
        self._journal = journal

    async def attempts_before(self, moment: datetime) -> int:
        """Log rows of accounts that are older than that."""
        return await self._delete(attempts, attempts.c.account_id != "", attempts.c.created < moment)

    async def strangers_before(self, moment: datetime) -> int:
        """Log rows without an account that are older than that."""
        return await self._delete(attempts, attempts.c.account_id == "", attempts.c.created < moment)

    async def claims_before(self, moment: datetime) -> int:
        """Duplicate keys that are over."""
        return await self._delete(claims, claims.c.expires <= moment)

    async def calls_before(self, moment: datetime) -> int:
        """Calls of the embedded exchange that are settled, and ended before."""
        return await self._delete(calls, calls.c.settled.is_(True), calls.c.ends < moment)

    async def strip_jobs(self, *, now: datetime, default: timedelta) -> int:
        """Final jobs lose content and document after their faxbox's days; after `default`, if that is later, all."""
        _, directory = await Accounts(self._database).load()
        days = {key: timedelta(days=box.retention_days) for key, box in directory.faxboxes.items()}
        stripped = 0
        for (account_id, faxbox_id), kept in days.items():
            of_faxbox = (jobs.c.account_id == account_id, jobs.c.faxbox_id == faxbox_id)
            stripped += await self._strip(jobs.c.kept.is_(True), *of_faxbox, jobs.c.ended < now - kept)
            if kept > default:
                await self._forget(*of_faxbox, jobs.c.ended < now - kept)
        longer = [key for key, kept in days.items() if kept > default]
        others = tuple_(jobs.c.account_id, jobs.c.faxbox_id).not_in(longer)
        await self._forget(others, jobs.c.ended < now - default)
        no_job = ~exists().where(jobs.c.mail_id == mails.c.id)
        await self._delete(mails, no_job, ~_waits(mails.c.id), mails.c.created < now - default)  # postmaster's
        return stripped

    async def inbound(self, *, now: datetime, default: timedelta) -> int:
        """Received faxes (inbox_retention)."""
        return await forget_inbound(self._database, now=now, default=default)

    async def segments(self) -> int:
        """Segments of the journal of which nothing is kept any more."""
        named = {row["segment"] for row in await self._database.all(select(contents.c.segment).distinct())}
        reached = {row["name"]: row["reached"] for row in await self._database.all(select(segments))}
        await self._database.synced()  # what readers see was perhaps committed without
        with faults_are_ours():
            gone = await asyncio.to_thread(let_go, self._journal, named=named, reached=reached)
        if gone:
            await self._database.change(delete(segments).where(segments.c.name.in_(gone)))
        return len(gone)

    async def names_in_use(self) -> set[str]:
        """Every name in the spool that a mail, a job, a call, a received fax or a draft refers to."""
        return await self._database.read(names_in_use)

    async def _strip(self, *which: ColumnElement[bool]) -> int:
        """Take content and document from final jobs; their rows stay."""
        count = 0
        while old := await self._database.all(_final(*which)):
            await self._database.writer.do(partial(_strip, old=old))
            count += len(old)
        return count

    async def _forget(self, *which: ColumnElement[bool]) -> int:
        """Final jobs with their history, and mails of which no job is left."""
        count = 0
        while old := await self._database.all(_final(*which)):
            await self._database.writer.do(partial(_forget, old=old))
            count += len(old)
        return count

    async def _delete(self, table: Table, *old: ColumnElement[bool]) -> int:
        key = table.primary_key.columns[0]
        statement = delete(table).where(key.in_(select(key).where(*old).limit(BATCH)))
        count = last = await self._database.change(statement)
        while last == BATCH:
            last = await self._database.change(statement)
            count += last
        return count


def names_in_use(connection: Connection) -> set[str]:
    """Every name in the spool that the database refers to."""
    found: set[str] = set()
    for column in _NAMES:
        found |= {row[column.name] for row in rows(connection, select(column).where(column != EMPTY))}
    under_way = select(calls.c.document_name).where(calls.c.settled.is_(False))  # a call that is over has delivered it
    return found | {row["document_name"] for row in rows(connection, under_way)}


def still_named(connection: Connection, names: Collection[str]) -> set[str]:
    """Those of these names in the spool that the database refers to."""
    found: set[str] = set()
    for column in _NAMES:
        wanted = select(column).where(column != EMPTY, column.in_(names))
        found |= {row[column.name] for row in rows(connection, wanted)}
    under_way = select(calls.c.document_name).where(calls.c.settled.is_(False), calls.c.document_name.in_(names))
    return found | {row["document_name"] for row in rows(connection, under_way)}


def _waits(mail_id: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(notices.c.mail_id == mail_id, notices.c.became == WAITING)


def _final(*which: ColumnElement[bool]) -> Select[tuple[str, str]]:
    """Some final jobs about whose mail no notice waits."""
    query = select(jobs.c.id, jobs.c.mail_id).where(jobs.c.final.is_(True), *which, ~_waits(jobs.c.mail_id))
    return query.limit(BATCH)


def _strip(connection: Connection, old: Sequence[RowMapping]) -> None:
    ids = [row["id"] for row in old]
    connection.execute(update(jobs).where(jobs.c.id.in_(ids)).values(**_GONE))
    kept = exists().where(jobs.c.mail_id == mails.c.id, jobs.c.kept.is_(True))
    bare = select(mails.c.id).where(mails.c.id.in_({row["mail_id"] for row in old}), ~kept)
    connection.execute(delete(contents).where(contents.c.mail_id.in_(bare)))
    connection.execute(update(mails).where(mails.c.id.in_(bare)).values(content_name=""))


def _forget(connection: Connection, old: Sequence[RowMapping]) -> None:
    ids = [row["id"] for row in old]
    connection.execute(delete(claims).where(claims.c.job_id.in_(ids)))
    connection.execute(delete(jobs).where(jobs.c.id.in_(ids)))
    no_job = ~exists().where(jobs.c.mail_id == mails.c.id)
    connection.execute(delete(mails).where(mails.c.id.in_({row["mail_id"] for row in old}), no_job))
