"""The durable ground of the embedded backend: what a telephone exchange would remember.

In:    calls, by their key.
Out:   the calls that are kept; received faxes in the inbox.
Fails: Temporary.

Rule: a key is placed once and settled once, however often it is asked for; what a call brought, record and reference
to the document, is one commit with its end.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from smtpfax.model.backend import Call, InboundFax

from .database import Database, rows
from .inbox import insert_inbound
from .records import call_from, call_values
from .schema_lasting import calls
from .sql_dialect import insert_or


class StoredExchange:
    """An Exchange (model) in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, call: Call) -> Call:
        """Keep the call, once per key: the same key again returns the one that is kept."""

        def work(connection: Connection) -> Call:
            connection.execute(insert_or(calls).on_conflict_do_nothing(), call_values(call))
            return call_from(rows(connection, select(calls).where(calls.c.key == call.key))[0])

        return await self._database.writer.do(work)

    async def calls(self, keys: Sequence[str]) -> Sequence[Call]:
        """Those that are kept, by key."""
        return [call_from(row) for row in await self._database.all(select(calls).where(calls.c.key.in_(keys)))]

    async def settle(self, key: str, received: InboundFax | None) -> bool:
        """The call is over: mark it and keep what was received, in one commit; False when it was settled before."""

        def work(connection: Connection) -> bool:
            mark = update(calls).where(calls.c.key == key, calls.c.settled.is_(False)).values(settled=True)
            first = connection.execute(mark).rowcount > 0
            if first and received is not None:
                insert_inbound(connection, received)
            return first

        return await self._database.writer.do(work)

    async def forget(self, key: str) -> None:
        """A call that is over; what it brought is whose faxbox received it."""
        await self._database.change(delete(calls).where(calls.c.key == key, calls.c.settled.is_(True)))

    async def under_way(self, numbers: Sequence[str]) -> Sequence[Call]:
        """Calls to these numbers that are not over, oldest first."""
        open_ones = select(calls).where(calls.c.settled.is_(False), calls.c.number.in_(numbers))
        return [call_from(row) for row in await self._database.all(open_ones.order_by(calls.c.placed, calls.c.key))]
