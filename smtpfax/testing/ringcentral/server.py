"""The server: RingCentral's paths, over real HTTP on the loopback.

In:    requests; tricks to play on the next faxes; hooks between the pages of a list.
Out:   RingCentral's answers; every request that it saw, as it came.
Fails: OSError, when no port can be had.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from smtpfax.testing.trick import Seen, Trick, play

from .limits import Limits
from .order import BadOrder, order_of
from .store import Store
from .subscriptions import Subscriptions
from .tricks import error

ACCOUNT, EXTENSION = "230919004", "22223333"
CLIENT_ID, CLIENT_SECRET, JWT = "client-id", "client-secret", "the.jwt.of-a-user"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_PREFIX = "/restapi/v1.0/"


class FakeRingCentral:
    """One user of one application."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.url = ""
        self.seen: list[Seen] = []
        self.tricks: list[Trick] = []
        self.tokens: set[str] = set()
        self.signed_in = 0
        self.keeps_tokens = True
        self.gives = "token-{}"
        self.most_rows = 1000
        self.tells_totals = True
        self.between_pages: Callable[[], object] = lambda: None
        self.reading: Trick | None = None  # played on every list
        self.singles: Trick | None = None  # played on every single message
        self.resends = True
        self.store = Store(clock)
        self.limits = Limits(clock)
        self.subscriptions = Subscriptions(clock)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=80_000_000)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.store.base = f"{self.url}{_PREFIX}account/{ACCOUNT}/extension/{EXTENSION}/message-store"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def created(self) -> list[Seen]:
        """The requests to send a fax that were seen, whatever became of them."""
        return [seen for seen in self.seen if seen.method == "POST" and seen.path.endswith("/fax")]

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        seen = Seen(method=request.method, path=request.path_qs, headers=dict(request.headers), body=body)
        self.seen.append(seen)
        if request.path == "/restapi/oauth/token":
            return self._sign_in(seen)
        path = request.path.removeprefix(_PREFIX)
        served, told = self.limits.call(_group(request.method, path))
        if not served:
            return _answer(429, error("CMN-301", "Request rate exceeded"), told)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _answer(401, error("OAU-123", "Not authorized to invoke method"), told)
        answer = await self._answered(request, seen, path)
        answer.headers.update(told)
        return answer

    def _sign_in(self, seen: Seen) -> web.Response:
        served, told = self.limits.call("auth")
        if not served:
            return _answer(429, error("CMN-301"), told)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = {key: values[0] for key, values in parse_qs(seen.body.decode()).items()}
        right = asked == {"grant_type": _GRANT, "assertion": JWT}
        if seen.headers.get("Authorization") != f"Basic {basic}" or not right:
            body = {"error": "invalid_grant", "errors": [{"errorCode": "OAU-251", "message": "JWT not authorized"}]}
            return _answer(400, json.dumps(body).encode())
        self.signed_in += 1
        token = self.gives.format(self.signed_in)
        if self.keeps_tokens:
            self.tokens.add(token)
        return _success({"access_token": token, "token_type": "bearer", "expires_in": 3600, "owner_id": EXTENSION})

    async def _answered(self, request: web.Request, seen: Seen, path: str) -> web.Response:
        if path.startswith("subscription"):
            return await self.subscriptions.answer(seen, path)
        inside = path.split("/", 4)[4] if path.count("/") >= 4 else ""
        if inside == "fax" and request.method == "POST":
            return await self._fax(request, seen)
        if inside == "call-log":
            return _success({"records": self.store.calls()})
        if inside == "message-store":
            return await self._list(request, seen)
        if inside.startswith("message-store/"):
            if self.singles is not None:
                return await play(self.singles, request)
            return self._single(seen, inside.removeprefix("message-store/"))
        return _answer(404, error("CMN-120", "Invalid URI"))

    async def _fax(self, request: web.Request, seen: Seen) -> web.Response:
        try:
            order = order_of(seen.headers["Content-Type"], seen.body)
        except BadOrder as bad:
            return _answer(400, error(bad.code, parameter=bad.parameter))
        if self.tricks:
            trick = self.tricks.pop(0)
            if trick.takes:
                self.store.take(order)
            return await play(trick, request)
        if order.original and (not self.resends or order.original not in self.store.records):
            return _answer(406, error("MSG-343", "Resend is not allowed"))
        return _success(self.store.take(order))

    async def _list(self, request: web.Request, seen: Seen) -> web.Response:
        if self.reading is not None:
            return await play(self.reading, request)
        query = parse_qs(urlsplit(seen.path).query)
        page, size = int(query["page"][0]), min(int(query["perPage"][0]), self.most_rows)
        if page > 1:
            self.between_pages()
        rows = self.store.listed(query)
        last = max(1, -(-len(rows) // size))
        totals = {"totalPages": last, "totalElements": len(rows)} if self.tells_totals else {}
        shown = rows[(page - 1) * size : page * size]
        ends = {"pageStart": (page - 1) * size, "pageEnd": (page - 1) * size + max(len(shown) - 1, 0)}
        ways = {"firstPage": 1, "nextPage": page + 1, "lastPage": last}
        if page >= last:
            del ways["nextPage"]
        return _success(
            {
                "uri": f"{self.store.base}?page={page}&perPage={size}",
                "records": shown,
                "paging": {"page": page, "perPage": size, **totals, **ends},
                "navigation": {way: {"uri": f"{self.store.base}?page={to}&perPage={size}"} for way, to in ways.items()},
            }
        )

    def _single(self, seen: Seen, rest: str) -> web.Response:
        id_, _, content = urlsplit(rest).path.partition("/content/")
        known = int(id_) if id_.isdigit() else 0
        if known not in self.store.records:
            return _answer(404, error("CMN-102", "Resource for parameter [messageId] is not found"))
        if content:
            file = self.store.documents[known]
            return web.Response(body=file.octets, headers={"Content-Type": file.media_type})
        return self._change(seen, known)

    def _change(self, seen: Seen, id_: int) -> web.Response:
        record = self.store.records[id_]
        if seen.method == "DELETE":
            purge = "purge=true" in seen.path
            record["availability"] = "Purged" if purge or record["availability"] != "Alive" else "Deleted"
            return web.Response(status=204)
        if seen.method == "PUT":
            record["readStatus"] = json.loads(seen.body)["readStatus"]
        return _success(self.store.single(id_))

    def lapse(self) -> None:
        """Every token is revoked, as a change of a password does."""
        self.tokens.clear()

    def age(self, id_: int, time: timedelta) -> None:
        """A message is older than it was made."""
        record = self.store.records[id_]
        created = datetime.fromisoformat(record["creationTime"]) - time
        record["creationTime"] = created.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _group(method: str, path: str) -> str:
    if path.endswith(("/fax", "/call-log")):
        return "heavy"
    return "light" if method == "GET" and "/content/" not in path and not path.startswith("subscription") else "medium"


def _success(data: dict[str, Any]) -> web.Response:
    return web.json_response(data)


def _answer(status: int, body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": "application/json", **(headers or {})})
