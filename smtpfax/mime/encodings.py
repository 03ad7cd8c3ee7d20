"""Encodings: Content-Transfer-Encoding undone, however it is spelled and however broken it is.

In:    a body's octets and the field's value.
Out:   octets.
Fails: never.

Rule: broken base64 gives what can be read of it (RFC 2045 section 6.8 has foreign characters ignored); whether that is
still a document is for its converter to say, aloud.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"\([^()]*\)")
_NOT_A_LETTER = re.compile(r"[^a-z0-9]")
_MAX_LINES = 1_000_000
_BLANKS = b"\r\n\t \x0b\x0c\x00\x1a"
_FOREIGN = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_FIRST_LINE = re.compile(rb"\s*([A-Za-z0-9+/]{60,}=*)\s*\r?\n")
_BEGINS = re.compile(rb"\s*+\S++[ \t]*+(?:\r?\n|\Z)")  # a line without blanks
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.MULTILINE)


def decode(body: bytes, encoding: str) -> bytes:
    """Undo an encoding."""
    match spelled(encoding):
        case "base64" | "b64" | "base":
            return from_base64(body)
        case "quotedprintable" | "qp":
            return binascii.a2b_qp(body)
        case "uuencode" | "xuuencode" | "xuue" | "uue":
            return next((block.data for block in uu_blocks(body)), body)
    return body


def spelled(encoding: str) -> str:
    """Lower case letters and digits, without comments: "Base-64 (x)" is base64."""
    return _NOT_A_LETTER.sub("", _COMMENT.sub("", encoding[:200]).lower())


def looks_base64(body: bytes) -> bool:
    """A part without an encoding that is base64 nevertheless: its first line is nothing else."""
    return _FIRST_LINE.match(body[:1200]) is not None


def from_base64(body: bytes) -> bytes:
    """Exactly, if possible; else what can be read; and as it stands when it does not even begin like base64."""
    try:
        return binascii.a2b_base64(body.translate(None, _BLANKS), strict_mode=True)
    except binascii.Error:
        return b"".join(_mended(body)) if _BEGINS.match(body) else body


def _mended(body: bytes) -> Iterator[bytes]:
    """Pieces between paddings, for some programs encode line by line; a line with blanks in it is a footer."""
    held = list[bytes]()
    for line in body.strip().split(b"\n", _MAX_LINES):
        line = line.strip()
        if b" " in line:
            break
        held.append(line)
        if line.endswith(b"="):
            yield lenient(b"".join(held))
            held.clear()
    yield lenient(b"".join(held))


def lenient(text: bytes) -> bytes:
    """base64 on one line, whatever its length: a last single character carries no octet."""
    text = text.translate(None, _FOREIGN + b"=")
    return binascii.a2b_base64(text[: len(text) - (len(text) % 4 == 1)] + b"==")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A file in a text; `start` and `end` say where it stands."""

    name: str
    data: bytes
    start: int
    end: int


def uu_blocks(text: bytes) -> Iterator[Block]:
    """The uuencoded files in a text (POSIX uuencode)."""
    at = 0
    while begin := _UU_BEGIN.search(text, at):
        end = _UU_END.search(text, begin.end())
        if end is None:
            return
        data = _uu(text[begin.end() : end.start()], base64=b"-base64" in begin[0][:13])
        if data is not None:
            name = begin[1].decode("utf-8", "replace")
            yield Block(name=name, data=data, start=begin.start(), end=end.end())
        at = end.end()


def _uu(body: bytes, *, base64: bool) -> bytes | None:
    if base64:
        return from_base64(body)
    try:
        return b"".join(binascii.a2b_uu(line[: _uu_length(line)]) for line in body.split(b"\n", _MAX_LINES) if line)
    except binascii.Error:
        return None


def _uu_length(line: bytes) -> int:
    """Of a line with its length character: many encoders leave something behind it."""
    return (((line[0] - 32) & 63) * 4 + 5) // 3
