"""Numbers at which the last tries found nobody.

In:    how tries ended.
Out:   what is known of each such number; in memory, for the door to ask without waiting.
Fails: Temporary.

Rule: counted in the commit of the event that it follows from (model.resting).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from smtpfax.model.cause import Cause
from smtpfax.model.event import Deferred, Event, Failed, Sent
from smtpfax.model.resting import REST, Rest, after_try

from .database import Database, rows
from .schema_counts import resting
from .sql_dialect import insert_or


class Resting:
    """What is known."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, Rest] = {}

    async def refresh(self) -> None:
        """Read them: at start, and where other processes call as well."""
        found = await self._database.all(select(resting))
        self._known = {row["number"]: Rest(tries=row["tries"], last=row["last"]) for row in found}

    def now(self) -> Mapping[str, Rest]:
        """By E.164 number, as they stand: a view, to be looked at at once."""
        return self._known

    async def follow(self, number: str, events: Iterable[Event]) -> None:
        """A commit had these events in it."""
        if number in self._known or any(map(_unallocated, events)):
            await self.refresh()

    async def clear(self, number: str) -> bool:
        """It may be called again; False when nothing was known of it."""
        found = await self._database.change(delete(resting).where(resting.c.number == number)) > 0
        self._known.pop(number, None)
        return found

    async def forget(self, moment: datetime) -> int:
        """Those whose rest is over."""
        count = await self._database.change(delete(resting).where(resting.c.last < moment - REST))
        if count:
            await self.refresh()
        return count


def count_tries(connection: Connection, number: str, events: Iterable[Event], at: datetime) -> None:
    """Within the commit of these events."""
    for event in filter(_is_end, events):
        if not _unallocated(event):
            connection.execute(delete(resting).where(resting.c.number == number))
            continue
        found = rows(connection, select(resting).where(resting.c.number == number))
        known = Rest(tries=found[0]["tries"], last=found[0]["last"]) if found else None
        rest = after_try(known, at=at)
        values = {"tries": rest.tries, "last": rest.last}
        added = insert_or(resting).values(number=number, **values)
        connection.execute(added.on_conflict_do_update(index_elements=["number"], set_=values))


def _is_end(event: Event) -> bool:
    """A try that a call was placed for, or that the network refused to place one for."""
    return isinstance(event, Sent) or (isinstance(event, Deferred | Failed) and (event.counted or _unallocated(event)))


def _unallocated(event: Event) -> bool:
    return isinstance(event, Deferred | Failed) and event.cause is Cause.UNALLOCATED
