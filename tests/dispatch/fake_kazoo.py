"""A Kazoo that keeps faxes in memory, speaks as Kazoo does, and misbehaves on demand.

In:    requests of the Faxes API; tricks to play on the next ones.
Out:   Kazoo's answers; every request that it saw, as it came; `finish` ends a call as Kazoo would.
Fails: OSError, when no port can be had.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import web

GREGORIAN = 62_167_219_200
ACCOUNT, API_KEY = "acc0123", "the-api-key"
_TX_RESULT: dict[str, object] = {"error_message": "", "fax_bad_rows": 0, "fax_error_correction": False}
_TX_RESULT |= {"fax_receiver_id": "", "fax_speed": 0, "pages_sent": 0, "success": False, "time_elapsed": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Trick:
    """What becomes of the next request to create a fax: it is taken or not, and then this is answered."""

    name: str
    takes: bool
    status: int = 0  # 0: the connection is dropped; -1: nothing is ever answered
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def error(status: int, message: str, data: object = None) -> bytes:
    """Kazoo's envelope for an error."""
    return json.dumps({"status": "error", "error": str(status), "message": message, "data": data or {}}).encode()


INVALID = {"caller": {"required": {"message": "Field is required but missing"}}}
TRICKS = (
    Trick(name="drops before taking it", takes=False),
    Trick(name="drops after taking it", takes=True),
    Trick(name="never answers, took it", takes=True, status=-1),
    Trick(name="never answers, took nothing", takes=False, status=-1),
    Trick(name="malformed JSON", takes=True, status=202, body=b'{"data": {"id'),
    Trick(name="no id", takes=True, status=202, body=b'{"data": {}, "status": "success"}'),
    Trick(name="a hostile id", takes=True, status=202, body=b'{"data": {"id": "../../x"}, "status": "success"}'),
    Trick(name="a list", takes=True, status=200, body=b"[]"),
    Trick(name="nesting", takes=True, status=200, body=b"[" * 100_000),
    Trick(name="huge", takes=True, status=202, body=b" " * 9_000_000),
    Trick(name="500 after taking it", takes=True, status=500, body=b"<h1>oops</h1>"),
    Trick(name="500 before taking it", takes=False, status=500),
    Trick(name="502 after taking it", takes=True, status=502, body=b"<h1>bad gateway</h1>"),
    Trick(name="504 before taking it", takes=False, status=504),
    Trick(name="503 of a proxy", takes=False, status=503, headers={"Retry-After": "7"}),
    Trick(name="503 of the datastore", takes=True, status=503, body=error(503, "datastore_timeout")),
    Trick(name="redirect", takes=False, status=307, headers={"Location": "/v2/elsewhere"}),
    Trick(name="invalid", takes=False, status=400, body=error(400, "validation error", INVALID)),
    Trick(name="400 of a proxy", takes=False, status=400, body=b"<h1>bad request</h1>"),
    Trick(name="403", takes=False, status=403, body=error(403, "forbidden")),
    Trick(name="404", takes=False, status=404, body=error(404, "bad_identifier")),
    Trick(name="409", takes=False, status=409, body=error(409, "datastore_conflict")),
    Trick(name="413", takes=False, status=413, body=error(413, "validation error")),
    Trick(name="429", takes=False, status=429, body=error(429, "too_many"), headers={"Retry-After": "90"}),
)


class FakeKazoo:
    """One account; without `keeps_our_id` it drops fields it does not know, without `keeps_tokens` whom it let in."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.url = ""
        self.port = 0  # any
        self.seen: list[Seen] = []
        self.tricks: list[Trick] = []
        self.queue: dict[str, dict[str, Any]] = {}
        self.outbox: dict[str, dict[str, Any]] = {}
        self.inbox: dict[str, dict[str, Any]] = {}
        self.documents: dict[str, tuple[str, bytes]] = {}
        self.tokens: set[str] = set()
        self.signed_in = 0
        self.keeps_our_id = True
        self.keeps_tokens = True
        self.most_rows = 50
        self.reading: Trick | None = None  # played on every GET

    def at(self, port: int) -> Self:
        """On this port, as one that comes back does."""
        self.port = port
        return self

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v2"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def faxes(self) -> list[dict[str, Any]]:
        """All that were taken."""
        return [*self.queue.values(), *self.outbox.values()]

    @property
    def created(self) -> list[Seen]:
        """The requests to create a fax that were seen, whatever became of them."""
        return [seen for seen in self.seen if seen.method == "PUT" and seen.path.endswith("/faxes")]

    def take(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a fax, as PUT does; also somebody else's."""
        id_ = f"{len(self.faxes):032x}"
        kept = {key: value for key, value in data.items() if self.keeps_our_id or key != "smtpfax_job"}
        created = int(self.clock().timestamp()) + GREGORIAN
        status = "pending" if "document" in data else "attaching_files"
        times = {"created": created, "pvt_created": created}
        self.queue[id_] = {**kept, **times, "id": id_, "status": status, "attempts": 0, "tx_result": dict(_TX_RESULT)}
        return self.queue[id_]

    def finish(self, id_: str, status: str, result: Mapping[str, Any], *, month: str = "") -> None:
        """The call is over: the record moves to its month, and its id with it."""
        record = self.queue.pop(id_)
        month = month or f"{self.clock():%Y%m}"
        self.outbox[f"{month}-{id_}"] = {**record, "id": f"{month}-{id_}", "status": status, "tx_result": dict(result)}

    def receive(self, *, sender: str, to: str, media_type: str, octets: bytes, name: str = "") -> str:
        """A fax came in, as Kazoo's record of it has it."""
        id_ = f"{self.clock():%Y%m}-{len(self.inbox):032x}"
        ends = {"from_number": sender, "to_number": to, "from_name": name, "from": sender, "to": to}
        created = int(self.clock().timestamp()) + GREGORIAN
        result = {"success": True, "total_pages": 2}
        self.inbox[id_] = {"id": id_, "created": created, "status": "received", "rx_result": result, **ends}
        self.documents[id_] = (media_type, octets)
        return id_

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        seen = Seen(method=request.method, path=request.path_qs, headers=dict(request.headers), body=body)
        self.seen.append(seen)
        path = urlsplit(seen.path).path.removeprefix("/v2/")
        if (request.method, path) == ("PUT", "api_auth"):
            return self._sign_in(json.loads(body))
        if request.headers.get("X-Auth-Token") not in self.tokens:
            return _plain(401, error(401, "invalid_credentials"))
        inside = path.removeprefix(f"accounts/{ACCOUNT}/faxes")
        if inside == path:
            return _plain(404, error(404, "bad_identifier"))
        if request.method == "PUT" and not inside:
            return await self._create(request, body)
        if self.reading is not None:
            return await self._play(self.reading, request)
        return self._read(inside.strip("/"), request.query)

    def _sign_in(self, asked: Mapping[str, Any]) -> web.Response:
        if asked != {"data": {"api_key": API_KEY}}:
            return _plain(401, error(401, "invalid_credentials"))
        self.signed_in += 1
        token = f"token-{self.signed_in}"
        if self.keeps_tokens:
            self.tokens.add(token)
        return _success(201, {"account_id": ACCOUNT}, auth_token=token)

    async def _create(self, request: web.Request, body: bytes) -> web.StreamResponse:
        data = _data(request.content_type, body)
        if not self.tricks:
            return _success(202, self.take(data))
        trick = self.tricks.pop(0)
        if trick.takes:
            self.take(data)
        return await self._play(trick, request)

    async def _play(self, trick: Trick, request: web.Request) -> web.StreamResponse:
        if trick.status < 0:
            await asyncio.sleep(3600)
        if not trick.status and request.transport is not None:
            request.transport.abort()
        return _plain(trick.status or 200, trick.body, trick.headers)

    def _read(self, path: str, query: Mapping[str, str]) -> web.Response:
        folder, _, id_ = path.partition("/")
        if folder == "inbox" and id_:
            return self._document(id_.removesuffix("/attachment"))
        store = {"outgoing": self.queue, "outbox": self.outbox, "inbox": self.inbox}[folder]
        if id_:
            return (
                _success(200, store[id_]) if id_ in store else _plain(404, error(404, "bad_identifier", {"cause": id_}))
            )
        first, last = int(query.get("created_from", 0)), int(query.get("created_to", GREGORIAN * 2))
        rows = [self._row(folder, record) for record in store.values() if first <= record["created"] <= last]
        start, size = int(query.get("start_key", 0)), min(int(query["page_size"]), self.most_rows)
        more = {"next_start_key": str(start + size)} if start + size < len(rows) else {}
        return _success(200, rows[start : start + size], **more)

    def _document(self, id_: str) -> web.Response:
        if id_ not in self.documents:
            return _plain(404, error(404, "bad_identifier", {"cause": id_}))
        media_type, octets = self.documents[id_]
        return _plain(200, octets, {"Content-Type": media_type})

    def _row(self, folder: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """A row of the queue says little; a row of the outbox is the record."""
        if folder == "inbox":
            return dict(record)
        short = {key: record[key] for key in ("id", "status", "created", "attempts")}
        ends = {"to": record["to_number"], "from": record["from_number"]}
        return {**short, **ends} if folder == "outgoing" else {**record, **ends}


def _data(content_type: str, body: bytes) -> dict[str, Any]:
    """The JSON of a request: the body, or its first part."""
    text = body if content_type == "application/json" else body.split(b"\r\n\r\n", 1)[1].split(b"\r\n--", 1)[0]
    data: dict[str, Any] = json.loads(text)["data"]
    return data


def _success(status: int, data: object, **more: object) -> web.Response:
    return web.json_response({"data": data, "status": "success", "request_id": "r1", **more}, status=status)


def _plain(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(status=status, body=body, headers=headers)
