"""API tokens, kept as SHA-256 hashes.

In:    a name, an account (or none, for the administrator), scopes.
Out:   a Token record, found again by the hash of what the client sent.
Fails: Temporary.

Rule: the token itself is never stored: who makes it shows it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, insert, or_, select, update
from sqlalchemy import delete as delete_from

from smtpfax.model.ids import Ids

from .database import Database
from .schema_lasting import tokens

TOUCH_EVERY = timedelta(minutes=1)  # a busy token costs one write a minute, not one a request


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is kept; an empty account is the administrator's."""

    id: str
    name: str
    account_id: str
    scopes: tuple[str, ...]
    hash: str  # SHA-256 in hexadecimal
    created: datetime
    expires: datetime | None = None
    last_used: datetime | None = None


class Tokens:
    """Who may use the API."""

    def __init__(self, database: Database, ids: Ids) -> None:
        self._database = database
        self._ids = ids

    async def add(
        self, *, token_hash: str, name: str, account_id: str = "", scopes: Sequence[str] = (), expires: datetime | None
    ) -> Token:
        """Keep a new token."""
        token = Token(
            id=self._ids(),
            name=name,
            account_id=account_id,
            scopes=tuple(scopes),
            hash=token_hash,
            created=self._database.clock(),
            expires=expires,
        )
        await self._database.change(insert(tokens).values(**_values(token)))
        return token

    async def find(self, token_hash: str) -> Token | None:
        """The token with this hash, if it is not over."""
        in_time = or_(tokens.c.expires.is_(None), tokens.c.expires > self._database.clock())
        row = await self._database.one(select(tokens).where(tokens.c.hash == token_hash, in_time))
        return _read(row) if row else None

    async def list(self, account_id: str | None = None) -> Sequence[Token]:
        """All of them, or those of an account, oldest first."""
        query = select(tokens).order_by(tokens.c.created, tokens.c.id)
        if account_id is not None:
            query = query.where(tokens.c.account_id == account_id)
        return [_read(row) for row in await self._database.all(query)]

    async def revoke(self, token_id: str) -> bool:
        """Forget a token; False when there was none."""
        return await self._database.change(delete_from(tokens).where(tokens.c.id == token_id)) > 0

    async def touch(self, token: Token) -> None:
        """It was used now; written at most once a minute."""
        now = self._database.clock()
        if token.last_used is not None and now - token.last_used < TOUCH_EVERY:
            return
        await self._database.change(update(tokens).where(tokens.c.id == token.id).values(last_used=now))


def _values(token: Token) -> dict[str, Any]:
    return {field.name: getattr(token, field.name) for field in fields(Token)}


def _read(row: RowMapping) -> Token:
    return Token(**{**row, "scopes": tuple(row["scopes"])})
