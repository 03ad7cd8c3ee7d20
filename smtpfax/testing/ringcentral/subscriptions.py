"""Webhooks of the fake: subscriptions with their handshake, and events.

In:    requests to /subscription; that something changed.
Out:   answers; calls to the subscribed addresses.
Fails: aiohttp's errors, when nobody answers there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

from smtpfax.testing.trick import Seen

from .tricks import error

_HANDSHAKE = "Validation-Token"


@dataclass(slots=True)
class Subscriptions:
    """One user's."""

    clock: Callable[[], datetime]
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    renewal: int = 200  # how a renewal is answered
    deletes: bool = True  # False: it says that there is none
    handshakes: bool = True  # whether an address is called before it is subscribed

    async def answer(self, seen: Seen, path: str) -> web.Response:
        """GET, POST, POST …/renew, DELETE."""
        id_ = path.split("/")[1] if "/" in path else ""
        if id_ and id_ not in self.records:
            return web.Response(status=404, body=error("CMN-102"))
        if seen.method == "GET":
            return web.json_response({"records": list(self.records.values())})
        if seen.method == "DELETE" and not self.deletes:
            return web.Response(status=404, body=error("CMN-102"))
        if seen.method == "DELETE":
            del self.records[id_]
            return web.Response(status=204)
        if path.endswith("/renew") and self.renewal != 200:
            return web.Response(status=self.renewal, body=error("SUB-505"))
        if path.endswith("/renew"):
            return web.json_response(self._until(id_))
        return await self._create(json.loads(seen.body))

    async def tell(self, *kinds: str) -> list[int]:
        """Tell everybody that messages of these kinds changed; what each answered."""
        changes = [{"type": kind, "newCount": 0, "updatedCount": 1} for kind in kinds]
        answers = []
        for record in self.records.values():
            event = {
                "uuid": str(uuid4()),
                "event": record["eventFilters"][0],
                "timestamp": self.clock().strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
                "subscriptionId": record["id"],
                "body": {"extensionId": 22223333, "changes": changes},
            }
            token = {"Verification-Token": record["deliveryMode"]["verificationToken"]}
            status, _ = await _post(record["deliveryMode"]["address"], json.dumps(event).encode(), token)
            answers.append(status)
        return answers

    async def _create(self, asked: dict[str, Any]) -> web.Response:
        mode = asked["deliveryMode"]
        if len(mode.get("verificationToken", "")) > 40:
            return web.Response(status=400, body=error("CMN-101", parameter="verificationToken"))
        if self.handshakes and not await _echoes(mode["address"]):
            return web.Response(status=400, body=error("SUB-525", "WebHook responds with incorrect HTTP status"))
        id_ = str(uuid4())
        self.records[id_] = {"id": id_, "status": "Active", **asked}
        return web.json_response(self._until(id_))

    def _until(self, id_: str) -> dict[str, Any]:
        record = self.records[id_]
        ends = self.clock().astimezone(UTC) + timedelta(seconds=record["expiresIn"])
        record["expirationTime"] = ends.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return record


async def _echoes(address: str) -> bool:
    challenge = uuid4().hex
    status, headers = await _post(address, b"", {_HANDSHAKE: challenge})
    return status == 200 and headers.get(_HANDSHAKE) == challenge


async def _post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    asked = {"Content-Type": "application/json", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=body, headers=asked) as response,
    ):
        return response.status, dict(response.headers)
