"""A credential: its token, and the calls that it may make.

In:    a client id with its secret, and a JWT that was made in the developer console.
Out:   a token that is not old; one Limiter for all that use the credential.
Fails: Temporary, when signing in failed: then nothing of any request has left.

Rule: one token is shared, for more than five sessions of a user end the oldest ones. It is renewed before it is old,
by one renewal at a time. Signing in that was refused is not tried again for a while: it would lock the account.
JWT is the one grant of today's API for servers (RFC 7523 section 2.1); the password grant is gone from it.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode

from smtpfax.dispatch.settings import RingCentralSettings
from smtpfax.egress import Answer, Egress, EgressError, Request
from smtpfax.model.errors import NotLetIn, Temporary
from smtpfax.model.ids import Clock

from .limiter import Group, Limiter
from .meaning import down
from .reading import Record, error_of, number, record_of

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523 section 2.1
TOKEN_PATH = "/restapi/oauth/token"  # noqa: S105 - a path
LOCKED = timedelta(minutes=5)
_FRESH = 0.9  # of its life; then it is renewed
_LIVES = (60, 86_400)  # seconds: what is believed of `expires_in`
_SECONDS = 30.0


class Credential:
    """One user of one application."""

    def __init__(self, settings: RingCentralSettings, egress: Egress, limiter: Limiter, clock: Clock) -> None:
        self.limiter = limiter
        self._settings = settings
        self._egress = egress
        self._clock = clock
        self._token = ""
        self._until: datetime | None = None
        self._locked: tuple[datetime, str] | None = None
        self._renewing = asyncio.Lock()

    async def token(self, *, refused: str = "") -> str:
        """A token that is not old and is not the one that was refused."""
        async with self._renewing:
            if self._until is None or self._clock() >= self._until or self._token == refused:
                self._until = None
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        now = self._clock()
        if self._locked and now < self._locked[0]:
            raise down(self._locked[1], after=self._locked[0] - now, kind=NotLetIn)
        await self.limiter.turn(Group.AUTH)
        answer = await self._ask()
        self.limiter.heard(Group.AUTH, answer)
        read = record_of(answer) or {}
        token = read.get("access_token")
        if not answer.ok or not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise self._refused(answer)
        self._token, self._until, self._locked = token, now + _life(read), None

    async def _ask(self) -> Answer:
        settings = self._settings
        basic = b64encode(f"{settings.client_id}:{settings.client_secret}".encode()).decode()
        request = Request(
            method="POST",
            url=settings.url.rstrip("/") + TOKEN_PATH,
            headers={
                "Authorization": f"Basic {basic}",
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode({"grant_type": GRANT, "assertion": settings.jwt}).encode(),
            total_seconds=_SECONDS,
        )
        try:
            return await self._egress.send(request)
        except EgressError as why:
            raise down(f"signing in: {why}") from why

    def _refused(self, answer: Answer) -> Temporary:
        """A plain no is final until somebody changes something; anything else may pass."""
        said = error_of(answer)
        why = f"signing in was refused: {answer.status} {said or 'without a word'}"
        if 400 <= answer.status < 500 and answer.status != 429:
            self._locked = (self._clock() + LOCKED, f"{why}; check client_id, client_secret and jwt")
            return down(self._locked[1], after=LOCKED, kind=NotLetIn)
        return down(why, after=answer.retry_after(at=self._clock()))


class Credentials:
    """All that are in use: backends with the same one share its token and its limits."""

    def __init__(self, clock: Clock, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._known: dict[tuple[str, str, str], Credential] = {}

    def of(self, settings: RingCentralSettings, egress: Egress) -> Credential:
        """The one of these settings."""
        key = (settings.url, settings.client_id, settings.jwt)
        if key not in self._known:
            limiter = Limiter(self._clock, self._sleep)
            self._known[key] = Credential(settings, egress, limiter, self._clock)
        return self._known[key]


def _life(read: Record) -> timedelta:
    """How long a token is used."""
    least, most = _LIVES
    seconds = min(max(number(read.get("expires_in")), least), most)
    return timedelta(seconds=seconds) * _FRESH
