"""How far each backend's received faxes were taken.

In:    a backend's name.
Out:   when we began with it, and until when nothing is missing.
Fails: Temporary.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from .database import Database, rows
from .schema_lasting import arrivals, cursors
from .sql_dialect import insert_or


class Cursors:
    """All of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, backend: str) -> tuple[datetime, datetime]:
        """First and at; of a backend that is new here both are now."""

        def work(connection: Connection) -> tuple[datetime, datetime]:
            now = self._database.clock()
            new = insert_or(cursors).values(backend=backend, first=now, at=now)
            connection.execute(new.on_conflict_do_nothing())
            row = rows(connection, select(cursors).where(cursors.c.backend == backend))[0]
            return row["first"], row["at"]

        return await self._database.writer.do(work)

    async def move(self, backend: str, *, at: datetime) -> None:
        """Until then nothing is missing."""
        await self._database.change(update(cursors).where(cursors.c.backend == backend).values(at=at))

    async def forget(self, moment: datetime) -> int:
        """Tickets that were taken before: they are listed no more."""
        return await self._database.change(delete(arrivals).where(arrivals.c.taken < moment))
