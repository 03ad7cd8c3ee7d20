"""Words: what header fields say, made readable and harmless.

In:    raw octets of a field's value.
Out:   one line of printable characters.
Fails: never.

Rule: decoded values are as hostile as raw ones: RFC 2047 can carry CR and LF, and Unicode can turn a line around; so
they are cleaned after decoding, and everything here is linear and bounded.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Iterator

from .charsets import known
from .encodings import lenient

MAX_WORDS = 200
_MAX_WORD = 2000
# RFC 2047 section 2, without the limit of 75 characters, that nobody keeps.
_WORD = re.compile(rf"=\?([^?\s*]{{1,40}})(?:\*[^?\s]{{0,40}})?\?([bBqQ])\?([^?]{{0,{_MAX_WORD}}})\?=")
_FOLD = re.compile(rb"\r?\n(?=[ \t])|[\r\n]")


def unfold(raw: bytes) -> str:
    """A field's value on one line: UTF-8 (RFC 6532), or else Windows-1252, as old programs write it."""
    line = _FOLD.sub(b"", raw) if b"\n" in raw or b"\r" in raw else raw
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def decoded(raw: bytes, *, limit: int) -> str:
    """A field's value with its encoded words read, clean, and no longer than `limit`."""
    return clean(decode_words(unfold(raw)), limit=limit)


def decode_words(text: str) -> str:
    """Read the encoded words; the space between two of them does not count (RFC 2047 section 6.2)."""
    if "=?" not in text:
        return text
    return "".join(_pieces(text))


def clean(text: str, *, limit: int) -> str:
    """One line: no control, no turning of direction, no lone surrogate; blanks run together."""
    text = text[: 4 * limit]
    readable = text if text.isascii() and text.isprintable() else "".join(map(_readable, text))
    return " ".join(readable.split())[:limit].rstrip()


def _readable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""  # joiners, marks of direction and the overrides U+202A to U+202E, U+2066 to U+2069
    return " " if category in ("Cc", "Cn", "Co", "Cs", "Zl", "Zp") else character


def _pieces(text: str) -> Iterator[str]:
    """Plain text and decoded words; octets of neighbours with one charset are joined before they are decoded."""
    at, held, charset = 0, b"", ""
    for count, word in enumerate(_WORD.finditer(text)):
        if count == MAX_WORDS:
            break
        between = text[at : word.start()]
        name = word[1].lower()
        if between.strip() or name != charset:
            yield _text(held, charset)
            held = b""
        if between.strip() or at == 0:
            yield between
        held += _octets(word[2], word[3])
        at, charset = word.end(), name
    yield _text(held, charset)
    yield text[at:]


def _octets(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    return lenient(raw)


def _text(octets: bytes, charset: str) -> str:
    try:
        return octets.decode(known(charset) or "utf-8", "replace")
    except (LookupError, ValueError):
        return octets.decode("latin-1")
