"""Bodies as aiohttp sends them.

In:    a Body, and an ExitStack that closes what is opened for it.
Out:   what aiohttp takes as data, and the Content-Type that belongs to it.
Fails: OSError, when a file is not there.

Rule: lengths are known before the first octet leaves, and a file's own name never does.
"""

from __future__ import annotations

import io
from base64 import encodebytes
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from aiohttp import MultipartWriter, hdrs
from aiohttp.payload import BufferedReaderPayload, BytesIOPayload, Payload

from .message import Body, Json, Multipart, Part

Data = bytes | Payload | None


def written(body: Body, files: ExitStack) -> tuple[Data, dict[str, str]]:
    """A body, made anew: a writer over a file can be sent once."""
    match body:
        case Json():
            return body.octets(), {"Content-Type": "application/json"}
        case Multipart():
            writer = _multipart(body, files)
            return writer, {"Content-Type": writer.content_type}
        case bytes() | Path():
            return _payload(Part(media_type="application/octet-stream", content=body), files), {}
        case None:
            return None, {}


def _multipart(body: Multipart, files: ExitStack) -> MultipartWriter:
    writer = MultipartWriter(body.subtype)
    for part in body.parts:
        payload = _payload(part, files)
        _dispose(payload, part)
        if not part.media_type:  # aiohttp puts one there by itself, and old servers take what has one for a file
            del payload.headers[hdrs.CONTENT_TYPE]
        writer.append_payload(payload)
        if part.base64:  # said last: aiohttp would encode what says so a second time, and not know its length
            payload.headers[hdrs.CONTENT_TRANSFER_ENCODING] = "base64"
    return writer


def _dispose(payload: Payload, part: Part) -> None:
    match bool(part.name), bool(part.file_name):
        case True, True:
            payload.set_content_disposition(part.disposition, name=part.name, filename=part.file_name)
        case True, False:
            payload.set_content_disposition(part.disposition, name=part.name)
        case False, True:
            payload.set_content_disposition(part.disposition, filename=part.file_name)


def _payload(part: Part, files: ExitStack) -> Payload:
    if part.base64:
        plain = part.content if isinstance(part.content, bytes) else part.content.read_bytes()
        return _payload(replace(part, content=encodebytes(plain).replace(b"\n", b"\r\n"), base64=False), files)
    if isinstance(part.content, bytes):
        # Not as bare bytes: aiohttp warns of large ones, for it would write them in one go.
        return BytesIOPayload(io.BytesIO(part.content), content_type=part.media_type or None, filename=None)
    file = files.enter_context(part.content.open("rb"))
    return BufferedReaderPayload(file, content_type=part.media_type, filename=None)  # else it tells the file's name
