"""Pictures that may be logos: in how many mails of a reverse-path each was.

In:    a reverse-path, and the SHA-256 of the pictures of one mail.
Out:   those that were in many of its mails.
Fails: Temporary.

Rule: only what a mail shows many times over is called a logo for that alone; what was not seen for a year is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from smtpfax.model.account import LOGO_MAILS

from .database import Database
from .schema_counts import pictures
from .sql_dialect import insert_or

MOST = 200  # that are handed on; a mail has few


class Pictures:
    """What was seen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen(self, reverse_path: str) -> Mapping[str, int]:
        """Those that were in many mails of it, with their number."""
        often = (pictures.c.reverse_path == reverse_path, pictures.c.mails >= LOGO_MAILS)
        query = select(pictures.c.sha256, pictures.c.mails).where(*often).order_by(pictures.c.mails.desc()).limit(MOST)
        return {row["sha256"]: row["mails"] for row in await self._database.all(query)}

    async def add(self, reverse_path: str, found: Sequence[str]) -> None:
        """One more mail had these."""
        now = self._database.clock()
        rows = [{"reverse_path": reverse_path, "sha256": sha256, "mails": 1, "last": now} for sha256 in found]
        once_more = {"mails": pictures.c.mails + 1, "last": now}
        insert = insert_or(pictures).values(rows)
        keys = ["reverse_path", "sha256"]
        await self._database.change(insert.on_conflict_do_update(index_elements=keys, set_=once_more))

    async def forget(self, *, before: datetime) -> int:
        """Those that were not seen since."""
        return await self._database.change(delete(pictures).where(pictures.c.last < before))
