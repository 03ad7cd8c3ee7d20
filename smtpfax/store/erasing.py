"""One fax is deleted by somebody's wish, or its document alone.

In:    a job that has ended, or a received fax.
Out:   the names in the spool that nobody refers to any more, for whoever owns the spool to delete.
Fails: Temporary.

Rule: rows go first and files after them. Nothing goes while somebody is still to be told of it (G5), nor the content
of a mail whose other faxes are kept. What stays is the line of the SMTP log, without subject and names, and the keys
by which a repetition is known: what was deleted is not faxed once more because its client asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection, RowMapping, delete, select, update

from smtpfax.model.backend import InboundFax
from smtpfax.model.document import Document
from smtpfax.model.job import Job
from smtpfax.model.mail import Header

from .blotting import Blot, blot
from .database import Database, rows
from .faults import faults_are_ours
from .letters import WAITING as LETTER_WAITS
from .notices import WAITING
from .retention import still_named
from .schema import attempts, contents, events, jobs, mails, notices, segments
from .schema_lasting import inbox, letters
from .schema_pages import drafts

_GONE = "deleted"  # the name of a document that is not there: no file has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What a deletion came to; not `done`: somebody is still to be told of it, and nothing went."""

    done: bool = True
    names: frozenset[str] = frozenset()  # of files that nobody refers to any more
    shared: frozenset[str] = frozenset()  # of files that others refer to as well
    siblings: tuple[str, ...] = ()  # other faxes of its mail, which keep the mail's content
    blot: Blot | None = field(default=None, repr=False)


NOT_YET = Erased(done=False)


class Erasing:
    """The shelf."""

    def __init__(self, database: Database, journal: Path) -> None:
        self._database = database
        self._journal = journal

    async def job(self, job: Job) -> Erased:
        """All of it."""
        return await self._blotted(await self._database.writer.do(lambda connection: _job(connection, job, whole=True)))

    async def document(self, job: Job) -> Erased:
        """Its document and content; what is told of it stays."""
        erased = await self._database.writer.do(lambda connection: _job(connection, job, whole=False))
        return await self._blotted(erased)

    async def received(self, fax: InboundFax) -> Erased:
        """All of a received fax."""
        return await self._database.writer.do(lambda connection: _received(connection, fax, whole=True))

    async def received_document(self, fax: InboundFax) -> Erased:
        """Its document, and the file as it came."""
        return await self._database.writer.do(lambda connection: _received(connection, fax, whole=False))

    async def unnamed(self, names: Collection[str]) -> frozenset[str]:
        """Those of these names that nobody refers to."""
        return frozenset(names) - await self._database.read(lambda connection: still_named(connection, names))

    async def _blotted(self, erased: Erased) -> Erased:
        what = erased.blot
        if what is not None:
            with faults_are_ours():
                await asyncio.to_thread(blot, self._journal, what)
        return erased


def _job(connection: Connection, job: Job, *, whole: bool) -> Erased:
    waits = select(notices.c.id).where(notices.c.job_id == job.id, notices.c.became == WAITING)
    if rows(connection, waits.limit(1)):
        return NOT_YET
    found = rows(connection, select(mails).join(jobs, jobs.c.mail_id == mails.c.id).where(jobs.c.id == job.id))
    if not found:
        return Erased()  # somebody else was quicker
    names, mail = _names(connection, job), found[0]
    others = _others(connection, job, kept=not whole)
    place = None if others else _place(connection, job)
    connection.execute(delete(drafts).where(drafts.c.id == job.mail_id))
    (_forget if whole else _strip)(connection, job, bare=not others)
    gone = _sorted_out(connection, names | ({mail["content_name"]} if not others else set()))
    what = _blot(connection, mail, place) if whole or place else None
    return replace(gone, siblings=others, blot=what)


def _forget(connection: Connection, job: Job, *, bare: bool) -> None:
    told = select(attempts.c.id, attempts.c.header).where(attempts.c.job_id == job.id)
    for row in rows(connection, told):
        plain = Header(message_id=row["header"].message_id)
        connection.execute(update(attempts).where(attempts.c.id == row["id"]).values(header=plain))
    connection.execute(delete(notices).where(notices.c.job_id == job.id))
    connection.execute(delete(jobs).where(jobs.c.id == job.id))  # and with it its events and tickets
    if bare:
        connection.execute(delete(mails).where(mails.c.id == job.mail_id))  # and with it its content


def _strip(connection: Connection, job: Job, *, bare: bool) -> None:
    bare_document = job.document and replace(job.document, name=_GONE)
    gone = {"kept": False, "document": bare_document, "headed": None, "document_name": "", "headed_name": ""}
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(**gone))
    if bare:
        connection.execute(delete(contents).where(contents.c.mail_id == job.mail_id))
        connection.execute(update(mails).where(mails.c.id == job.mail_id).values(content_name=""))


def _names(connection: Connection, job: Job) -> set[str]:
    """Its documents, also those of earlier tries with their own header lines, and the one that was looked at before."""
    looked_at = rows(connection, select(drafts.c.document_name).where(drafts.c.id == job.mail_id))
    told = rows(connection, select(events.c.data).where(events.c.job_id == job.id))
    named = {row["data"]["document"]["name"] for row in told if row["data"].get("document")}
    named |= {row["document_name"] for row in looked_at}
    return named | {each.name for each in (job.document, job.headed) if each}


def _others(connection: Connection, job: Job, *, kept: bool) -> tuple[str, ...]:
    query = select(jobs.c.id).where(jobs.c.mail_id == job.mail_id, jobs.c.id != job.id).order_by(jobs.c.id)
    return tuple(row["id"] for row in rows(connection, query.where(jobs.c.kept.is_(True)) if kept else query))


def _received(connection: Connection, fax: InboundFax, *, whole: bool) -> Erased:
    waits = select(letters.c.id).where(letters.c.fax_id == fax.id, letters.c.became == LETTER_WAITS)
    untold = select(inbox.c.id).where(inbox.c.id == fax.id, inbox.c.told.is_(False))
    if rows(connection, waits.limit(1)) or rows(connection, untold):
        return NOT_YET
    if whole:
        connection.execute(delete(inbox).where(inbox.c.id == fax.id))
    else:
        bare: Document = replace(fax.document, name=_GONE)
        gone = {"document": bare, "document_name": "", "original": "", "media_type": ""}
        connection.execute(update(inbox).where(inbox.c.id == fax.id).values(**gone))
    return _sorted_out(connection, {fax.document.name, fax.original})


def _sorted_out(connection: Connection, names: set[str]) -> Erased:
    candidates = names - {"", _GONE}
    shared = still_named(connection, candidates)
    return Erased(names=frozenset(candidates - shared), shared=frozenset(shared))


def _place(connection: Connection, job: Job) -> RowMapping | None:
    found = rows(connection, select(contents).where(contents.c.mail_id == job.mail_id))
    return found[0] if found else None


def _blot(connection: Connection, mail: RowMapping, place: RowMapping | None) -> Blot:
    """A content that another mail names as well, which was sent once more, stays."""
    reached = {row["name"]: row["reached"] for row in rows(connection, select(segments))}
    what = Blot(mail_id=mail["id"], since=mail["created"].timestamp(), reached=reached)
    if place is None or not place["segment"]:
        return what
    same = (contents.c.segment == place["segment"], contents.c.start == place["start"])
    if rows(connection, select(contents.c.mail_id).where(*same).limit(1)):
        return what
    return replace(what, **{name: place[name] for name in ("segment", "start", "octets")})
