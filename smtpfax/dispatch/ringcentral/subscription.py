"""The subscription: RingCentral tells us when its message store changes.

In:    our address and token, and a client.
Out:   a subscription that is active, created or renewed in time.
Fails: Temporary, when it cannot be had; nothing but the time of an answer depends on it.

Rule: one that is there for our address is kept (thirty are a user's most), one that was blacklisted or that cannot be
renewed is deleted and made anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smtpfax.egress import Json
from smtpfax.model.ids import Clock

from .client import Client
from .limiter import Group
from .meaning import trouble
from .reading import Record, is_gone, objects, record_of, text, when

LASTS = timedelta(days=7)
RENEWED = timedelta(days=1)  # before its end
LOOKED_AT = timedelta(hours=1)
_PATH = "subscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where we are called, and the token that shows who calls: at most 40 characters are taken."""

    url: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    id: str
    ends: datetime | None
    active: bool


class Subscription:
    """Ours."""

    def __init__(self, client: Client, address: Address, clock: Clock) -> None:
        self._client = client
        self._address = address
        self._clock = clock
        self._looked: datetime | None = None

    async def tend(self) -> timedelta:
        """See that it is there; how long until it is to be looked at again."""
        now = self._clock()
        if self._looked is not None and now - self._looked < LOOKED_AT:
            return LOOKED_AT - (now - self._looked)
        found = await self._find()
        if found is not None and not (found.active and await self._lasts(found, now)):
            await self._change("DELETE", f"{_PATH}/{found.id}")
            found = None
        if found is None:
            await self._change("POST", _PATH, self._wanted())
        self._looked = now
        return LOOKED_AT

    async def _lasts(self, found: _Found, now: datetime) -> bool:
        """For the next day at least, perhaps because it was renewed; False: it is over, and cannot be renewed."""
        if found.ends is not None and found.ends - now >= RENEWED:
            return True
        answer = await self._client.ask("POST", f"{_PATH}/{found.id}/renew", Group.MEDIUM)
        if answer.status in (401, 429) or answer.status >= 500:
            raise trouble(answer, at=self._clock())
        return answer.ok

    def _wanted(self) -> Json:
        mode = {
            "transportType": "WebHook",
            "address": self._address.url,
            "verificationToken": self._address.token,
        }
        filters = [f"/restapi/v1.0/{self._client.extension}/message-store"]
        return Json({"eventFilters": filters, "deliveryMode": mode, "expiresIn": int(LASTS.total_seconds())})

    async def _find(self) -> _Found | None:
        record = await self._client.get(_PATH, group=Group.MEDIUM)
        ours = [_found(row) for row in objects(record.get("records")) if self._is_ours(row)]
        return next((one for one in ours if one.active), ours[0] if ours else None)

    def _is_ours(self, row: Record) -> bool:
        mode, id_ = row.get("deliveryMode"), text(row.get("id"))
        named = bool(id_) and id_.replace("-", "").isalnum()  # it becomes a part of a path
        return named and isinstance(mode, dict) and mode.get("address") == self._address.url

    async def _change(self, method: str, path: str, body: Json | None = None) -> None:
        answer = await self._client.ask(method, path, Group.MEDIUM, body=body)
        if method == "DELETE" and is_gone(answer):
            return
        if not answer.ok or (method == "POST" and record_of(answer) is None):
            raise trouble(answer, at=self._clock())


def _found(row: Record) -> _Found:
    return _Found(id=text(row.get("id")), ends=when(row.get("expirationTime")), active=row.get("status") == "Active")
