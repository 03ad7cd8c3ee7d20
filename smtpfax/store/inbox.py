"""Faxes that were received for a faxbox.

In:    received faxes; an account, a faxbox.
Out:   pages of them, newest first.
Fails: Temporary; ValueError for a cursor that is not ours.

Rule: a fax is kept once for each backend and ticket: the backend's own name for it is never empty.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from smtpfax.model.backend import InboundFax

from .cursor import Page, read_page
from .database import Database
from .records import inbound_from, inbound_values
from .schema_lasting import inbox


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

    async def mark_read(self, fax_id: str, *, read: bool = True) -> bool:
        """Say whether somebody has read it; False when there is no such fax."""
        return await self._database.change(update(inbox).where(inbox.c.id == fax_id).values(read=read)) > 0


def insert_inbound(connection: Connection, fax: InboundFax) -> None:
    """A received fax; one that is there already stays as it is."""
    connection.execute(insert_or(inbox).on_conflict_do_nothing(), inbound_values(fax))
