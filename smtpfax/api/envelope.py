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
from typing import Any, Generic, NotRequired, TypeVar

from aiohttp import web
from typing_extensions import TypedDict

from smtpfax.model.errors import SmtpfaxError

T = TypeVar("T")
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


def too_many(seconds: int) -> Refusal:
    """Requests, of one token."""
    why = {"message": f"too many requests: come again in {seconds} seconds"}
    return Refusal(429, "too_many_requests", why, headers={"Retry-After": str(seconds)})


def invalid(faults: Mapping[str, tuple[str, str]]) -> Refusal:
    """Fields that are wrong: dotted path -> (rule, sentence), as Kazoo tells them."""
    data = {path: {rule: {"message": sentence}} for path, (rule, sentence) in faults.items()}
    return Refusal(400, "validation error", data)


class Common(TypedDict):
    """What every answer tells; `auth_token` is the client's own, said back."""

    status: str
    request_id: str
    timestamp: str
    version: str
    auth_token: NotRequired[str]


class Success(Common, Generic[T]):
    """Kazoo's envelope around one record, or what a command has to say."""

    data: T
    revision: str


class PageKeys(TypedDict, total=False):
    """What a page tells of the list; none of it when all rows were asked for."""

    page_size: int
    start_key: str
    next_start_key: str


class Listing(Common, PageKeys, Generic[T]):
    """Kazoo's envelope around a page of a list; the last page has no `next_start_key`."""

    data: list[T]
    revision: str


class Failure(Common):
    """Kazoo's envelope around an error: its code, Kazoo's word for it, and the fields or the cause."""

    error: str
    message: str
    data: dict[str, Any]


class Asked(TypedDict, Generic[T]):
    """What stands around a request."""

    data: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows of a list, the key that began them, and the key that begins the next ones."""

    rows: Sequence[Json]
    start_key: str = ""
    next_start_key: str = ""
    whole: bool = False  # all rows were asked for: nothing of pages is told


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
    body: Success[object] = {**_common(frame, "success"), "data": data, "revision": revision}
    return _response(code, body)


def listing(frame: Frame, page: Page) -> web.Response:
    """A page of a list; the last one has no `next_start_key`. `page_size` is the number of rows returned."""
    common, rows = _common(frame, "success"), list(page.rows)
    body: Listing[Json] = {**common, **_keys(page), "data": rows, "revision": "automatic"}
    return _response(200, body)


def _keys(page: Page) -> PageKeys:
    keys: PageKeys = {}
    if page.whole:
        return keys
    keys["page_size"] = len(page.rows)
    if page.start_key:
        keys["start_key"] = page.start_key
    if page.next_start_key:
        keys["next_start_key"] = page.next_start_key
    return keys


def failure(frame: Frame, refusal: Refusal) -> web.Response:
    """An error, in Kazoo's words."""
    body: Failure = {
        **_common(frame, "error"),
        "error": str(refusal.code),
        "message": refusal.message,
        "data": dict(refusal.data),
    }
    return _response(refusal.code, body, refusal.headers)


def gregorian(at: datetime) -> int:
    """A time as Kazoo's fields tell it."""
    return int(at.timestamp()) + EPOCH


def _common(frame: Frame, status: str) -> Common:
    common: Common = {
        "status": status,
        "request_id": frame.request_id,
        "timestamp": frame.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "version": frame.version,
    }
    return {**common, "auth_token": frame.auth_token} if frame.auth_token else common


def _response(code: int, body: object, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=code, headers=headers, dumps=_dump)


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
