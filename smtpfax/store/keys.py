"""Secrets that we make ourselves and that outlive a restart: what signs our links.

In:    a name, and how to make its key.
Out:   the key, the same for every process.
Fails: Temporary.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select

from .database import Database, rows
from .schema_counts import keys
from .sql_dialect import insert_or


class Keys:
    """Our keys by their names."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The key of that name; made when it is asked for first."""

        def work(connection: Connection) -> bytes:
            connection.execute(insert_or(keys).values(name=name, key=make()).on_conflict_do_nothing())
            return bytes(rows(connection, select(keys.c.key).where(keys.c.name == name))[0]["key"])

        return await self._database.writer.do(work)
