"""Faxes that somebody looks at before they go: rendered, and not sent yet.

In:    a draft, with its content and its document in the spool.
Out:   the draft, by its id.
Fails: Temporary.

Rule: while a draft is here, so are its files; a draft that nobody sent is forgotten after a while, and its files are
strays then.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import delete, insert, select

from smtpfax.model.document import Document
from smtpfax.model.event import PartNote
from smtpfax.model.mail import Header
from smtpfax.model.number import FaxNumber

from .database import Database
from .schema_pages import drafts


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fax as it would go; its id becomes the mail's."""

    id: str
    owner: str  # who made it: nobody else may see it
    account_id: str
    faxbox_id: str
    number: FaxNumber
    to_name: str = ""
    scheduled: datetime | None = None
    header: Header
    sha256: str
    octets: int
    content_name: str
    document: Document
    parts: tuple[PartNote, ...] = ()
    warning: str = ""
    created: datetime


class Drafts:
    """All of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: Draft) -> None:
        """Keep one."""
        values = {field.name: getattr(draft, field.name) for field in fields(Draft)}
        values |= {"parts": [asdict(part) for part in draft.parts], "document_name": draft.document.name}
        await self._database.change(insert(drafts).values(**values))

    async def get(self, draft_id: str, *, owner: str) -> Draft | None:
        """One of this owner's."""
        query = select(drafts).where(drafts.c.id == draft_id, drafts.c.owner == owner)
        row = await self._database.one(query)
        if row is None:
            return None
        values = {name: value for name, value in row.items() if name != "document_name"}
        return Draft(**{**values, "parts": tuple(PartNote(**part) for part in row["parts"])})

    async def delete(self, draft_id: str) -> bool:
        """Sent, or thrown away; False when it was gone already: of two who send it at once, one does."""
        return await self._database.change(delete(drafts).where(drafts.c.id == draft_id)) > 0

    async def trim(self, owner: str, *, most: int) -> int:
        """Those of this owner that are older than so many."""
        newest = (drafts.c.created.desc(), drafts.c.id.desc())
        kept = select(drafts.c.id).where(drafts.c.owner == owner).order_by(*newest).limit(most).subquery()
        too_many = (drafts.c.owner == owner, drafts.c.id.not_in(select(kept.c.id)))
        return await self._database.change(delete(drafts).where(*too_many))

    async def forget(self, moment: datetime) -> int:
        """Those that are older."""
        return await self._database.change(delete(drafts).where(drafts.c.created < moment))
