"""What every shelf of the store stands on: the writer, the readers, and the clock.

In:    statements.
Out:   rows, as mappings from column to value.
Fails: Temporary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, RowMapping, Select
from sqlalchemy.ext.asyncio import AsyncEngine

from smtpfax.model.ids import Clock

from .faults import faults_are_ours
from .schema_lasting import revisions
from .sql_dialect import insert_or
from .writer import Work, Writer

T = TypeVar("T")
Query = Select[*tuple[Any, ...]]
_PROBE = insert_or(revisions).values(name="probe", revision=1)
_AGAIN = _PROBE.on_conflict_do_update(index_elements=["name"], set_={"revision": revisions.c.revision + 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Readers see whatever was told before; beyond that they do not wait for the writer, nor the writer for them."""

    writer: Writer
    reading: AsyncEngine
    clock: Clock

    async def all(self, query: Query) -> Sequence[RowMapping]:
        """Every row of a query."""
        await self.writer.settled()
        with faults_are_ours():
            async with self.reading.connect() as connection:
                return (await connection.execute(query)).mappings().all()

    async def read(self, act: Work[T]) -> T:
        """Several queries that see one state of the database."""
        await self.writer.settled()
        with faults_are_ours():
            async with self.reading.connect() as connection:
                return await connection.run_sync(act)

    async def one(self, query: Query) -> RowMapping | None:
        """The first row, if there is one."""
        found = await self.all(query)
        return found[0] if found else None

    async def change(self, statement: Executable) -> int:
        """One statement in a commit: how many rows it changed."""

        def work(connection: Connection) -> int:
            return connection.execute(statement).rowcount

        return await self.writer.do(work)

    async def synced(self) -> None:
        """Whatever was committed survives a power cut: for that a row is written, for nothing would need no sync."""
        await self.change(_AGAIN)


def rows(connection: Connection, statement: Executable) -> Sequence[RowMapping]:
    """Every row, within the caller's transaction."""
    return connection.execute(statement).mappings().all()
