"""Charsets: which codec reads these octets.

In:    octets of a text, and the charset that it says it has.
Out:   the name of a codec that exists.
Fails: never.

Rule: what is declared comes first, then UTF-8, then what charset-normalizer thinks of a sample.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_NAME = re.compile(r"[A-Za-z0-9._:+-]{1,40}")
# Their decoders are quadratic, or read escapes that no mail means.
_NEVER = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})
# What senders call by the name on the left is what is on the right (the WHATWG's Encoding Standard, section 4.2).
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 1 << 16


def known(name: str) -> str:
    """The codec for a declared charset; empty when there is none."""
    if not _NAME.fullmatch(name):
        return ""
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return ""
    return _MEANT.get(codec, codec) if _is_charset(codec) else ""


def _is_charset(codec: str) -> bool:
    if codec.replace("-", "_") in _NEVER:
        return False
    try:
        b"text".decode(codec, "replace")
    except LookupError:  # about octets, such as hex
        return False
    except UnicodeError:  # it knows no "replace"
        return True
    return True


def charset_of(data: bytes, declared: str) -> str:
    """The codec to read `data` with."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return codec
    codec = known(declared)
    for candidate in (codec, "utf-8"):
        if candidate and _reads(data, candidate):
            return candidate
    return _guessed(data) or codec or "cp1252"


def _reads(data: bytes, codec: str) -> bool:
    if codec in ("cp1252", "ascii") and _reads(data, "utf-8") and not data.isascii():
        return False  # UTF-8 under a wrong name; by chance no other text is valid UTF-8
    try:
        data.decode(codec)
    except (ValueError, LookupError):
        return False
    return True


def _guessed(data: bytes) -> str:
    best = from_bytes(data[:_SAMPLE], steps=5, chunk_size=512).best()
    return best.encoding if best is not None else ""
