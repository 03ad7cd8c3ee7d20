"""Who calls: API tokens `sfx_<id>_<secret>`, and what each of them may see.

In:    the headers of a request; a token as the store keeps it.
Out:   a Caller; a new token's text, shown once.
Fails: Refusal 401 for no token or a wrong one, 403 for one that does not reach so far, 429 for one too busy.

Rule: a token of an account sees that account alone, and is not told whether another one exists. At rest there is
only the SHA-256 of the secret: it is 256 bits of chance, so nothing slower is needed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from smtpfax.store import Store, Token

from .deps import Deps
from .envelope import forbidden, too_many, unauthorized

_TOKEN = re.compile(r"sfx_([0-9a-z]{1,40})_([0-9a-f]{64})")
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)  # RFC 6750 section 2.1; the scheme in any case


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls; without an account it is the administrator."""

    account_id: str
    scopes: frozenset[str]
    token_id: str = ""

    @property
    def administrator(self) -> bool:
        """Sees all accounts."""
        return not self.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A secret, and the hash that is kept of it."""

    secret: str
    hash: str

    def text(self, token_id: str) -> str:
        """What its owner is shown, once."""
        return f"sfx_{token_id}_{self.secret}"


def new_token() -> NewToken:
    """A fresh secret."""
    secret = secrets.token_hex(32)
    return NewToken(secret=secret, hash=_hash(secret))


def token_in(headers: Mapping[str, str]) -> str:
    """The token as it was sent, or empty."""
    bearer = _BEARER.fullmatch(headers.get("Authorization", ""))
    return headers.get("X-Auth-Token", "") or (bearer[1] if bearer else "")


async def caller_of(text: str, store: Store) -> Caller:
    """Who stands behind a token; that it was used is written once in a while."""
    match = _TOKEN.fullmatch(text)
    token = await store.tokens.find(_hash(match[2])) if match else None
    if match is None or token is None or not _same(token, match[1], match[2]):
        raise unauthorized()
    await store.tokens.touch(token)
    return Caller(account_id=token.account_id, scopes=frozenset(token.scopes), token_id=token.id)


async def admitted(text: str, deps: Deps) -> Caller:
    """Who stands behind a token, if it did not ask too often."""
    caller = await caller_of(text, deps.store)
    seconds = deps.limiter.wait(caller.token_id, deps.clock())
    if seconds:
        raise too_many(seconds)
    return caller


def check_reach(caller: Caller, scope: Scope, account_id: str | None) -> None:
    """Whether this caller may do this; `account_id` is the path's, None where the path has none."""
    if scope.value not in caller.scopes:
        raise forbidden(f"this token has not the scope {scope.value}")
    if not caller.administrator and caller.account_id != account_id:
        raise forbidden()


def _same(token: Token, token_id: str, secret: str) -> bool:
    """In constant time: how long it takes says nothing of how much was right."""
    right_id = hmac.compare_digest(token.id.encode(), token_id.encode())
    return hmac.compare_digest(token.hash.encode(), _hash(secret).encode()) and right_id


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
