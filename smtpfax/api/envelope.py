"""Kazoo's envelope: what stands around every answer, and around every error.

In:    a value, a page of rows, or a Refusal.
Out:   the JSON of Kazoo's Faxes API, as a response.
Fails: Refusal is itself what handlers raise: a code, Kazoo's word for it, and what to say.

Rule: a client's mistake is 4xx and says which field; a fault of ours is 5xx and says nothing of our insides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from smtpfax.model.errors import SmtpfaxError

Json = Mapping[str, Any]
EPOCH = 62167219200  # Kazoo counts seconds from year 0 of the Gregorian calendar


class Refusal(SmtpfaxError):
    """An answer that is an error; `message` is Kazoo's word for it, `data` names the fields or the cause."""

    def __init__(self, code: int, message: str, data: Json, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.headers = headers or {}


def not_found(cause: str) -> Refusal:
    """No such record, or none that this token may know of."""
    return Refusal(404, "bad_identifier", {"message": "bad identifier", "cause": cause[:200]})


def unauthorized() -> Refusal:
    """No token, or not one of ours, or one whose time is over: which of them is not told."""
    asked = {"WWW-Authenticate": 'Bearer realm="smtpfax"'}  # RFC 9110 section 11.6.1
    return Refusal(401, "invalid_credentials", {"message": "invalid credentials"}, headers=asked)


def forbidden(why: str = "forbidden") -> Refusal:
    """A good token that does not reach so far."""
    return Refusal(403, "forbidden", {"message": why})


def conflict(why: str) -> Refusal:
    """What was asked does not fit how things stand."""
    return Refusal(409, "conflict", {"message": why})


def invalid(faults: Mapping[str, tuple[str, str]]) -> Refusal:
    """Fields that are wrong: dotted path -> (rule, sentence), as Kazoo tells them."""
    data = {path: {rule: {"message": sentence}} for path, (rule, sentence) in faults.items()}
    return Refusal(400, "validation error", data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows of a list, the key that began them, and the key that begins the next ones."""

    rows: Sequence[Json]
    start_key: str = ""
    next_start_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every answer tells beside its data."""

    request_id: str
    at: datetime
    version: str
    auth_token: str = ""  # Kazoo says the client's own token back to it


def success(frame: Frame, data: object, *, code: int = 200, revision: str = "") -> web.Response:
    """One record, or whatever a command answers."""
    revision = revision or hashlib.sha256(_dump(data).encode()).hexdigest()[:32]
    return _response(code, {**_common(frame, "success"), "data": data, "revision": revision})


def listing(frame: Frame, page: Page) -> web.Response:
    """A page of a list; the last one has no `next_start_key`. `page_size` is the number of rows returned."""
    body = {**_common(frame, "success"), "data": list(page.rows), "revision": "automatic", "page_size": len(page.rows)}
    keys = {"start_key": page.start_key, "next_start_key": page.next_start_key}
    return _response(200, body | {name: key for name, key in keys.items() if key})


def failure(frame: Frame, refusal: Refusal) -> web.Response:
    """An error, in Kazoo's words."""
    words = {"error": str(refusal.code), "message": refusal.message, "data": refusal.data}
    return _response(refusal.code, {**_common(frame, "error"), **words}, refusal.headers)


def gregorian(at: datetime) -> int:
    """A time as Kazoo's fields tell it."""
    return int(at.timestamp()) + EPOCH


def _common(frame: Frame, status: str) -> dict[str, Any]:
    common = {
        "status": status,
        "request_id": frame.request_id,
        "timestamp": frame.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "version": frame.version,
    }
    return common | ({"auth_token": frame.auth_token} if frame.auth_token else {})


def _response(code: int, body: Json, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=code, headers=headers, dumps=_dump)


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
