"""What a program sent to have a fax made of it: values and files, in whichever form it chose.

In:    a request: JSON (also called x-www-form-urlencoded, as curl does), multipart with JSON or fields and files, or a
       bare PDF or TIFF with its values in the query.
Out:   a Body: the values as Kazoo's JSON nests them, and the files in their order.
Fails: Refusal 400 naming what cannot be read, 413 for what is larger than a body, a value or the number of parts may
       be, 415 for a type that no fax is made of.

Rule: read once, piece by piece, and no further than its bounds; what a file is, rendering finds out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.multipart import BodyPartReader, MultipartReader
from aiohttp.web import Request

from .compose import File
from .envelope import Refusal, invalid

MOST_FILES, MOST_FIELDS = 100, 100
MOST_VALUES = 1 << 20  # octets of JSON, or of one field
JSON_TYPES = frozenset({"application/json", "application/x-json", "text/json", "application/x-www-form-urlencoded", ""})
FILE_TYPES: Mapping[str, str] = {
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "image/tiff": "tiff",
    "image/x-tiff": "tiff",
}
TAKES = ("multipart/mixed", "multipart/form-data", *FILE_TYPES)
ENCODINGS = frozenset({"", "7bit", "8bit", "binary", "base64", "quoted-printable"})  # RFC 2045 section 6
_PIECE = 1 << 16
_KEY = re.compile(r"[a-z_]+(\.[a-z_]+){0,4}")


@dataclass(slots=True)
class Body:
    """What was sent. `values` is what Kazoo's envelope calls `data`."""

    values: dict[str, Any] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)


async def read_body(request: Request, *, most: int) -> Body:
    """All of it; `most` bounds its octets."""
    if (request.content_length or 0) > most:
        raise too_large(most)
    kind = request.content_type.lower() if "Content-Type" in request.headers else ""
    if kind in JSON_TYPES:
        return Body(values=values_of(await _octets(request, min(most, MOST_VALUES))))
    if kind in FILE_TYPES:
        name = request.query.get("filename", "") or f"document.{FILE_TYPES[kind]}"
        files = [File(name=name, octets=await _octets(request, most), media_type=kind)]
        return Body(values=nested(request.query), files=files)
    if kind in ("multipart/mixed", "multipart/form-data"):
        return await _parts(request, most)
    words = "a fax is made of JSON, of multipart/mixed or multipart/form-data, or of a PDF or TIFF"
    raise Refusal(415, "unsupported_media_type", {"message": words})


def values_of(octets: bytes) -> dict[str, Any]:
    """The `data` of an envelope; what is null was not said."""
    try:
        whole = json.loads(octets or b"{}")
    except (ValueError, RecursionError):
        raise invalid({"json": ("invalid", "the body is not JSON")}) from None
    data = whole.get("data", {}) if isinstance(whole, dict) else None
    if not isinstance(data, dict):
        raise invalid({"data": ("type", 'the body is {"data": {…}}')})
    return _without_null(data)


def nested(flat: Mapping[str, str]) -> dict[str, Any]:
    """Fields and queries name what lies deeper with dots: `document.url`."""
    values: dict[str, Any] = {}
    for key, text in flat.items():
        if not _KEY.fullmatch(key):
            continue  # no field of ours, and passed over like others that we do not know
        *path, last = key.split(".")
        place = values
        for step in path:
            inner = place.get(step)
            if not isinstance(inner, dict):
                inner = place[step] = {}
            place = inner
        place[last] = int(text) if last == "retries" and re.fullmatch(r"[0-9]{1,3}", text) else text
    return values


def too_large(most: int) -> Refusal:
    """413, as Kazoo tells it."""
    data = {"file": {"maxSize": {"message": f"must have at most {most} octets", "target": most}}}
    return Refusal(413, "validation error", data)


def _without_null(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _without_null(value) if isinstance(value, dict) else value
        for name, value in data.items()
        if value is not None
    }


async def _octets(request: Request, most: int) -> bytes:
    whole = bytearray()
    async for piece in request.content.iter_chunked(_PIECE):
        whole += piece
        if len(whole) > most:
            raise too_large(most)
    return bytes(whole)


async def _parts(request: Request, most: int) -> Body:
    try:
        return await _Parts(most).read(await request.multipart())
    except (ValueError, AssertionError, RuntimeError, BadHttpMessage):  # what aiohttp says of parts that are none
        raise invalid({"body": ("invalid", "the body is not what its Content-Type says")}) from None


class _Parts:
    """Parts, as they come."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._json: dict[str, Any] | None = None
        self._fields: dict[str, str] = {}
        self._files: list[File] = []

    async def read(self, reader: MultipartReader) -> Body:
        while (part := await reader.next()) is not None:
            if isinstance(part, MultipartReader):
                raise invalid({"body": ("invalid", "a part of the body is multipart itself")})
            await self._take(part)
        return Body(values=nested(self._fields) | (self._json or {}), files=self._files)

    async def _take(self, part: BodyPartReader) -> None:
        kind = _Kind(part)
        if kind.media_type in ("application/json", "application/x-json"):
            if self._json is not None:
                raise invalid({"json": ("max_items", "the body has more than one part of JSON")})
            self._json = values_of(await self._octets(part, MOST_VALUES))
        elif kind.is_field:
            self._count(self._fields, MOST_FIELDS, "fields")
            self._fields[kind.name] = (await self._octets(part, MOST_VALUES)).decode("utf-8", "replace")
        else:
            self._count(self._files, MOST_FILES, "files")
            octets = await self._octets(part, self._most)
            file = File(name=kind.file_name, octets=octets, media_type=kind.media_type, charset=kind.charset)
            self._files.append(file)

    def _count(self, found: list[File] | dict[str, str], most: int, what: str) -> None:
        if len(found) >= most:
            data = {"file": {"maxItems": {"message": f"at most {most} {what}", "target": most}}}
            raise Refusal(413, "validation error", data)

    async def _octets(self, part: BodyPartReader, most: int) -> bytes:
        encoding = part.headers.get("Content-Transfer-Encoding", "").strip().lower()
        if encoding not in ENCODINGS or "Content-Encoding" in part.headers:
            raise Refusal(415, "unsupported_media_type", {"message": "a part has an encoding that is not known here"})
        whole = bytearray()
        while piece := await part.read_chunk(_PIECE):
            self._left -= len(piece)
            whole += piece
            if self._left < 0 or len(whole) > most:
                raise too_large(min(most, self._most))
        return bytes(part.decode(bytes(whole))) if encoding in ("base64", "quoted-printable") else bytes(whole)


class _Kind:
    """What a part says it is."""

    def __init__(self, part: BodyPartReader) -> None:
        said = Message()
        said["Content-Type"] = part.headers.get("Content-Type", "application/octet-stream")
        self.media_type = said.get_content_type() if "Content-Type" in part.headers else ""
        self.charset = _charset(said.get_content_charset())
        self.name = part.name or ""
        self.file_name = part.filename or (f"document.{FILE_TYPES[self.media_type]}" if self._bare else "document")
        self.is_field = bool(self.name) and part.filename is None and self.media_type in ("", "text/plain")

    @property
    def _bare(self) -> bool:
        return self.media_type in FILE_TYPES


def _charset(name: str | None) -> str:
    return name if name and re.fullmatch(r"[A-Za-z0-9_.:+-]{1,40}", name) else ""
