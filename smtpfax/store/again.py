"""A fax that is sent once more is ours in one commit: its mail, its job, and the content and document of the first one.

In:    what `model.again` made.
Out:   the job as it is kept; None, when the earlier one's content is kept no longer.
Fails: Temporary, and then nothing of it is kept.

Rule: whether the content is there is asked in the very commit that refers to it once more: what puts it away looks for
those who refer to it in a later one. A small content stays where it is in the journal, and is named once more.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, literal, select

from smtpfax.model.again import Again
from smtpfax.model.event import kind_of, to_json
from smtpfax.model.job import Job, apply

from .counting import bump, faxes_of
from .database import Database, rows
from .records import MAIL, MAIL_MORE, job_values
from .schema import contents, events, jobs, mails
from .usage import UsageCounts


class Once:
    """The shelf."""

    def __init__(self, database: Database, usage: UsageCounts) -> None:
        self._database = database
        self._usage = usage

    async def more(self, what: Again) -> Job | None:
        """Keep it."""
        kept = await self._database.writer.do(lambda connection: _keep(connection, what))
        if kept is not None:
            self._usage.note(faxes_of([kept]))
        return kept


def _keep(connection: Connection, what: Again) -> Job | None:
    first = rows(connection, select(jobs.c.kept, jobs.c.mail_id).where(jobs.c.id == what.job.again_of))
    if not first or not first[0]["kept"]:
        return None
    _insert_mail(connection, what, first[0]["mail_id"])
    job = apply(what.job, what.rendered, at=what.job.created) if what.rendered else what.job
    connection.execute(insert(jobs).values(**job_values(job)))
    if what.rendered is not None:
        event = what.rendered
        row = {"job_id": job.id, "version": job.version, "at": job.created, "kind": kind_of(event)}
        connection.execute(insert(events), row | {"data": to_json(event)})
    bump(connection, faxes_of([job]))
    return job


def _insert_mail(connection: Connection, what: Again, first: str) -> None:
    """With the same content."""
    mail = {name: getattr(what.mail, name) for name in MAIL}
    more = {name: value(what.mail) for name, value in MAIL_MORE.items()}
    connection.execute(insert(mails).values(**mail, **more))
    place = [contents.c.content, contents.c.segment, contents.c.start, contents.c.octets]
    same = select(literal(what.mail.id), *place).where(contents.c.mail_id == first)
    connection.execute(insert(contents).from_select(["mail_id", *(column.name for column in place)], same))
