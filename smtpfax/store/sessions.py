"""Who is signed in to the pages.

In:    a session's hash, and who it is.
Out:   the session, as long as it lasts.
Fails: Temporary.

Rule: what the browser holds is never stored, its SHA-256 is. A session ends by itself: some hours after it was last
used, and some days after it began whatever is done with it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from .database import Database
from .schema_pages import sessions

TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that is signed in, as a user or with a token."""

    id: str  # SHA-256 in hexadecimal
    email: str = ""
    token_hash: str = ""
    timezone: str = ""  # the browser's own
    address: str = ""
    created: datetime
    seen: datetime
    expires: datetime


class Sessions:
    """All of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session) -> None:
        """Somebody signed in."""
        values = {field.name: getattr(session, field.name) for field in fields(Session)}
        await self._database.change(insert(sessions).values(**values))

    async def find(self, session_id: str) -> Session | None:
        """The session, if it is not over."""
        lasts = sessions.c.expires > self._database.clock()
        row = await self._database.one(select(sessions).where(sessions.c.id == session_id, lasts))
        return Session(**row) if row else None

    async def touch(self, session: Session, *, lasts: timedelta, most: timedelta) -> None:
        """It was used now; written at most once a minute."""
        now = self._database.clock()
        if now - session.seen < TOUCH_EVERY:
            return
        values = {"seen": now, "expires": min(now + lasts, session.created + most)}
        await self._database.change(update(sessions).where(sessions.c.id == session.id).values(**values))

    async def end(self, session_id: str) -> None:
        """Signed out."""
        await self._database.change(delete(sessions).where(sessions.c.id == session_id))

    async def forget(self, moment: datetime) -> int:
        """Those that are over."""
        return await self._database.change(delete(sessions).where(sessions.c.expires <= moment))
