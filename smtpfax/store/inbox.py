"""Faxes that were received for a faxbox.

In:    received faxes; an account, a faxbox; marks of having been read.
Out:   pages of them, newest first; which of a backend's tickets were taken already.
Fails: Temporary; ValueError for a cursor that is not ours.

Rule: a fax is kept once for each backend and ticket: the backend's own name for it is never empty. That it was taken
is remembered longer than the fax itself. Record and reference to the document are one commit; whom to tell of it is
decided later, and until then the row says that nobody was told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection, select, update

from smtpfax.model.backend import InboundFax
from smtpfax.model.letter import Letter

from .cursor import Page, read_page
from .database import Database, rows
from .letters import insert_letters
from .records import inbound_from, inbound_values
from .schema_lasting import UNTOLD, arrivals, inbox
from .sql_dialect import insert_or

_BATCH = 1000


class Inbox:
    """All received faxes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, *, limit: int, after: str = "", account_id: str | None = None, faxbox_id: str | None = None
    ) -> Page[InboundFax]:
        """Received faxes, newest first; a faxbox is named together with its account."""
        query = select(inbox)
        if account_id is not None:
            query = query.where(inbox.c.account_id == account_id)
        if faxbox_id is not None:
            query = query.where(inbox.c.faxbox_id == faxbox_id)
        keys = (inbox.c.received, inbox.c.id)
        return await read_page(self._database, query, keys=keys, limit=limit, after=after, read=inbound_from)

    async def get(self, fax_id: str) -> InboundFax | None:
        """A received fax by its id."""
        row = await self._database.one(select(inbox).where(inbox.c.id == fax_id))
        return inbound_from(row) if row else None

    async def take(self, fax: InboundFax) -> bool:
        """Keep it, once for its backend and ticket; False when it was taken before."""

        def work(connection: Connection) -> bool:
            taken = {"backend": fax.backend, "ticket": fax.ticket, "taken": self._database.clock()}
            first = rows(
                connection,
                insert_or(arrivals).values(taken).on_conflict_do_nothing().returning(arrivals.c.ticket),
            )
            if first:
                insert_inbound(connection, fax)
            return bool(first)

        return await self._database.writer.do(work)

    async def pass_over(self, backend: str, ticket: str) -> None:
        """It will never be taken: its document is gone."""
        taken = {"backend": backend, "ticket": ticket, "taken": self._database.clock()}
        await self._database.change(insert_or(arrivals).values(taken).on_conflict_do_nothing())

    async def taken(self, backend: str, tickets: Collection[str]) -> frozenset[str]:
        """Those that were taken, or passed over."""
        found: set[str] = set()
        for some in _batches(tickets):
            query = select(arrivals.c.ticket).where(arrivals.c.backend == backend, arrivals.c.ticket.in_(some))
            found |= {row["ticket"] for row in await self._database.all(query)}
        return frozenset(found)

    async def of_tickets(self, backend: str, tickets: Collection[str]) -> Sequence[InboundFax]:
        """Those that are kept, by a backend's names for them."""
        found: list[InboundFax] = []
        for some in _batches(tickets):
            query = select(inbox).where(inbox.c.backend == backend, inbox.c.ticket.in_(some))
            found += map(inbound_from, await self._database.all(query))
        return found

    async def marked_here(self, backend: str) -> Sequence[InboundFax]:
        """Those whose mark the backend does not know yet."""
        differs = (inbox.c.remote_read.is_not(None), inbox.c.read != inbox.c.remote_read)
        query = select(inbox).where(inbox.c.backend == backend, *differs).order_by(inbox.c.received).limit(100)
        return [inbound_from(row) for row in await self._database.all(query)]

    async def mark_read(self, fax_id: str, *, read: bool = True) -> bool:
        """Say whether somebody has read it; False when there is no such fax."""
        return await self._database.change(update(inbox).where(inbox.c.id == fax_id).values(read=read)) > 0

    async def agree(self, fax: InboundFax, *, read: bool, remote_read: bool) -> None:
        """Both sides' marks, unless somebody here has changed ours meanwhile."""
        unmoved = (inbox.c.id == fax.id, inbox.c.read == fax.read)
        await self._database.change(update(inbox).where(*unmoved).values(read=read, remote_read=remote_read))

    async def untold(self, *, limit: int) -> Sequence[InboundFax]:
        """Those of which nobody was told yet, oldest first."""
        query = select(inbox).where(UNTOLD).order_by(inbox.c.received, inbox.c.id).limit(limit)
        return [inbound_from(row) for row in await self._database.all(query)]

    async def tell(self, fax_id: str, batch: Sequence[Letter]) -> None:
        """These are told: the letters, and that they were decided on, in one commit."""

        def work(connection: Connection) -> None:
            insert_letters(connection, batch)
            connection.execute(update(inbox).where(inbox.c.id == fax_id).values(told=True))

        await self._database.writer.do(work)

    async def mailed(self, fax_id: str) -> None:
        """Everybody who was to have it by mail has it."""
        await self._database.change(update(inbox).where(inbox.c.id == fax_id).values(mailed=True))


def insert_inbound(connection: Connection, fax: InboundFax) -> None:
    """A received fax; one that is there already stays as it is."""
    connection.execute(insert_or(inbox).on_conflict_do_nothing(), inbound_values(fax))


def _batches(tickets: Collection[str]) -> Iterator[Sequence[str]]:
    """So many as one statement takes; months of faxes are more."""
    rest = iter(tickets)
    while some := list(islice(rest, _BATCH)):
        yield some
