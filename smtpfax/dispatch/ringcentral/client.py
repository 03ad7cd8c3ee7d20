"""Signed requests with one credential.

In:    a method, a path below `/restapi/v1.0/`, the group that it counts in, perhaps a body.
Out:   an Answer.
Fails: NotSent, NoAnswer; Temporary, when signing in failed or the limits want a pause (then nothing has left).

Rule: a 401 comes before anything is done: the token is renewed and the request leaves once more. The token goes to
the two configured hosts alone; addresses that an answer names are never followed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal
from urllib.parse import quote, urlencode

from smtpfax.dispatch.settings import RingCentralSettings
from smtpfax.egress import Answer, Egress, EgressError, Request
from smtpfax.egress.message import Body
from smtpfax.model.ids import Clock

from .credential import Credential
from .limiter import Group
from .meaning import down, trouble
from .reading import Record, record_of

_SECONDS = 60.0
_MOST_OCTETS = {"api": 16 << 20, "media": 64 << 20}  # a page of a thousand records; a document of 200 pages
Query = Sequence[tuple[str, str]]


class Client:
    """One extension."""

    def __init__(
        self,
        settings: RingCentralSettings,
        *,
        egress: Egress,
        credential: Credential,
        clock: Clock,
        tally: Callable[[str, str], None],
    ) -> None:
        self._hosts = {"api": settings.url.rstrip("/"), "media": settings.media_url.rstrip("/")}
        ids = (quote(id_, safe="~") for id_ in (settings.account_id, settings.extension_id))
        self.extension = "account/{}/extension/{}".format(*ids)
        self._credential = credential
        self._egress = egress
        self._clock = clock
        self._tally = tally  # a group, and an answer's code or what came instead

    async def send(
        self,
        method: str,
        path: str,
        group: Group,
        *,
        body: Body = None,
        key: str = "",
        seconds: float = _SECONDS,
        host: Literal["api", "media"] = "api",
    ) -> Answer:
        """One request, with a token and its turn; it leaves a second time only after a 401."""
        token = await self._credential.token()
        request = Request(
            method=method,
            url=f"{self._hosts[host]}/restapi/v1.0/{path}",
            headers=_headers(token, host),
            body=body,
            total_seconds=seconds,
            max_octets=_MOST_OCTETS[host],
        )
        answer = await self._leave(request, group, key)
        if answer.status != 401:
            return answer
        renewed = await self._credential.token(refused=token)
        return await self._leave(replace(request, headers=_headers(renewed, host)), group, key)

    async def get(self, path: str, query: Query = (), *, group: Group = Group.LIGHT) -> Record:
        """A record; anything else is Temporary, for asking changes nothing."""
        answer = await self.ask("GET", f"{path}?{urlencode(query)}" if query else path, group)
        record = record_of(answer)
        if not answer.ok or record is None:
            raise trouble(answer, at=self._clock())
        return record

    async def ask(
        self, method: str, path: str, group: Group, *, body: Body = None, host: Literal["api", "media"] = "api"
    ) -> Answer:
        """As `send`, for what may be done twice: no answer is Temporary."""
        try:
            return await self.send(method, path, group, body=body, host=host)
        except EgressError as why:
            raise down(str(why)) from why

    async def _leave(self, request: Request, group: Group, key: str) -> Answer:
        limiter = self._credential.limiter
        await limiter.turn(group, key=key)
        try:
            answer = await self._egress.send(request)
        except EgressError:
            self._tally(group, "none")
            raise
        limiter.heard(group, answer)
        self._tally(group, str(answer.status))
        return answer


def _headers(token: str, host: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": "application/json" if host == "api" else "*/*"}
