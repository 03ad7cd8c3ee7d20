"""Which numbers a faxbox has sent faxes to, and how often.

In:    jobs that were sent.
Out:   a count for each number that was asked for.
Fails: Temporary.

Rule: counted in the commit that makes a job sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from smtpfax.model.job import Job

from .database import Database
from .schema_counts import faxed
from .sql_dialect import insert_or


class Faxed:
    """What each faxbox knows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, account_id: str, faxbox_id: str, numbers: Collection[str]) -> Mapping[str, int]:
        """How many faxes were sent to each of these numbers (E.164), of those that any was sent to."""
        of_faxbox = (faxed.c.account_id == account_id, faxed.c.faxbox_id == faxbox_id)
        query = select(faxed.c.number, faxed.c.sent).where(*of_faxbox, faxed.c.number.in_(numbers))
        return {row["number"]: row["sent"] for row in await self._database.all(query)}

    async def forget(self, moment: datetime) -> int:
        """Numbers that nothing was sent to since."""
        return await self._database.change(delete(faxed).where(faxed.c.last < moment))


def count_sent(connection: Connection, job: Job, at: datetime) -> None:
    """Within the commit that makes it sent."""
    values = {"account_id": job.account_id, "faxbox_id": job.faxbox_id, "number": job.number.e164}
    added = insert_or(faxed).values(**values, sent=1, last=at)
    more = {"sent": faxed.c.sent + 1, "last": at}
    connection.execute(added.on_conflict_do_update(index_elements=list(values), set_=more))
