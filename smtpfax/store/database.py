"""What every shelf of the store stands on: the writer, the readers, and the clock.

In:    statements.
Out:   rows, as mappings from column to value.
Fails: Temporary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, RowMapping, Select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from smtpfax.model.ids import Clock

from .faults import faults_are_ours
from .writer import Writer

Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Readers do not wait for the writer, nor the writer for them."""

    writer: Writer
    reading: AsyncEngine
    clock: Clock

    async def all(self, query: Query) -> Sequence[RowMapping]:
        """Every row of a query."""
        with faults_are_ours():
            async with self.reading.connect() as connection:
                return await rows(connection, query)

    async def one(self, query: Query) -> RowMapping | None:
        """The first row, if there is one."""
        found = await self.all(query)
        return found[0] if found else None

    async def change(self, statement: Executable) -> int:
        """One statement in a commit: how many rows it changed."""

        async def work(connection: AsyncConnection) -> int:
            return (await connection.execute(statement)).rowcount

        return await self.writer.do(work)


async def rows(connection: AsyncConnection, statement: Executable) -> Sequence[RowMapping]:
    """Every row, within the caller's transaction."""
    return (await connection.execute(statement)).mappings().all()
