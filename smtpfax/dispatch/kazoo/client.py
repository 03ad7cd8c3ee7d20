"""Signed requests to one account of Kazoo.

In:    a method, a path within the account, perhaps a body.
Out:   an Answer.
Fails: NotSent, NoAnswer; Temporary, when signing in failed (then nothing of the request has left).

Rule: a token is kept and renewed before it is old, and once after a 401, by one renewal at a time. A 401 comes before
anything is done, so the request may leave again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from smtpfax.dispatch.settings import KazooSettings
from smtpfax.egress import Answer, Egress, EgressError, Json, Request
from smtpfax.egress.message import Body
from smtpfax.model.errors import Temporary
from smtpfax.model.ids import Clock

from .envelope import envelope
from .offering import down, trouble

TOKEN_KEPT = timedelta(minutes=45)  # Kazoo's tokens live an hour
_ASKED_SECONDS = 30.0
_MOST_OCTETS = 8 << 20  # a page of a list holds whole records
_MOST_DOCUMENT = 64 << 20
_JSON = "application/json"


class Client:
    """One account, one API key."""

    def __init__(self, settings: KazooSettings, *, egress: Egress, clock: Clock) -> None:
        self._base = settings.url.rstrip("/")
        self._account = f"{self._base}/accounts/{quote(settings.account_id, safe='')}"
        self._api_key = settings.api_key
        self._egress = egress
        self._clock = clock
        self._token = ""
        self._signed_in: datetime | None = None
        self._renewing = asyncio.Lock()

    async def send(
        self, method: str, path: str, *, body: Body = None, seconds: float = _ASKED_SECONDS, accept: str = _JSON
    ) -> Answer:
        """One request, with a token; it leaves a second time only after a 401."""
        token = await self.token()
        request = Request(
            method=method,
            url=f"{self._account}/{path}",
            headers=_headers(token, accept),
            body=body,
            total_seconds=seconds,
            max_octets=_MOST_OCTETS if accept == _JSON else _MOST_DOCUMENT,
        )
        answer = await self._egress.send(request)
        if answer.status != 401:
            return answer
        renewed = await self.token(refused=token)
        return await self._egress.send(replace(request, headers=_headers(renewed, accept)))

    async def get(self, path: str, query: Mapping[str, str | int] | None = None, *, accept: str = _JSON) -> Answer:
        """Ask for something; no answer is Temporary, for asking changes nothing."""
        try:
            return await self.send("GET", f"{path}?{urlencode(query)}" if query else path, accept=accept)
        except EgressError as why:
            raise down(str(why)) from why

    async def token(self, *, refused: str = "") -> str:
        """A token that is not old and is not the one that was refused."""
        async with self._renewing:
            now = self._clock()
            fresh = self._signed_in is not None and now - self._signed_in < TOKEN_KEPT
            if not fresh or self._token == refused:
                self._signed_in = None
                self._token = await self._sign_in()
                self._signed_in = now
            return self._token

    async def _sign_in(self) -> str:
        asked = Request(
            method="PUT",
            url=f"{self._base}/api_auth",
            headers={"Accept": "application/json"},
            body=Json({"data": {"api_key": self._api_key}}),
            total_seconds=_ASKED_SECONDS,
        )
        try:
            answer = await self._egress.send(asked)
        except EgressError as why:
            raise down(f"signing in: {why}") from why
        token = (envelope(answer) or {}).get("auth_token")
        if answer.ok and isinstance(token, str) and token.isascii() and token.isprintable() and token:
            return token
        raise self.trouble(answer)

    def trouble(self, answer: Answer) -> Temporary:
        """What an answer that cannot be used means."""
        return trouble(answer, at=self._clock())


def _headers(token: str, accept: str) -> dict[str, str]:
    return {"X-Auth-Token": token, "Accept": accept}
