"""Charsets: which codec reads these octets.

In:    octets of a text, and the charset that it says it has.
Out:   the name of a codec that exists.
Fails: never.

Rule: what is declared comes first (by the mail, else in the HTML or XML itself), then UTF-8, then what
charset-normalizer thinks of a sample.
"""

from __future__ import annotations

import codecs
import re

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
# Names that Python does not know: of Windows, of Macintosh, of drafts, and with the direction of writing behind them.
_PREFIX = re.compile(r"^(?:x-|cs)", re.IGNORECASE)
_CODE_PAGE = re.compile(r"^(?:windows|win|ibm|dos|microsoft-cp|cp)-?(\d{3,5})$", re.IGNORECASE)
_DIRECTION = re.compile(r"^(iso-8859-[68])-[ie]$", re.IGNORECASE)
_ALIASES = {
    "mac": "mac-roman",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "unicodefffe": "utf-16-be",
    "cn-big5": "big5",
    "gb_2312-80": "gb18030",
    "koi8-ru": "koi8-u",
    "windows-31j": "cp932",
}
_IN_MARKUP = re.compile(
    rb"""<(?:meta\b[^<>]{0,200}?\bcharset|\?xml\b[^<>]{0,100}?\bencoding)\s{0,5}=\s{0,5}["']?([\w.:+-]{1,40})""", re.I
)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 1 << 16


def known(name: str) -> str:
    """The codec for a declared charset; empty when there is none."""
    if not _NAME.fullmatch(name):
        return ""
    codec = _looked_up(name) or _looked_up(_usual(name))
    return _MEANT.get(codec, codec) if codec and _is_charset(codec) else ""


def _usual(name: str) -> str:
    plain = _PREFIX.sub("", name)
    plain = _DIRECTION.sub(r"\1", _CODE_PAGE.sub(r"cp\1", plain))
    return _ALIASES.get(plain.lower(), plain)


def _looked_up(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


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
    codec = known(declared) or _of_markup(data)
    for candidate in (codec, "utf-8"):
        if candidate and _reads(data, candidate):
            return candidate
    return _guessed(data) or codec or "cp1252"


def _of_markup(data: bytes) -> str:
    """What a HTML or XML text says of itself, in the octets where browsers look for it (WHATWG HTML, 13.2.3.2)."""
    said = _IN_MARKUP.search(data[:1024])
    codec = known(said[1].decode("ascii", "replace")) if said else ""
    return "" if codec.startswith(("utf-16", "utf-32")) else codec  # then it could not have been read so far


def _reads(data: bytes, codec: str) -> bool:
    if codec in ("cp1252", "ascii") and _reads(data, "utf-8") and not data.isascii():
        return False  # UTF-8 under a wrong name; by chance no other text is valid UTF-8
    try:
        data.decode(codec)
    except (ValueError, LookupError):
        return False
    return True


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes  # three megabytes that a daemon whose mails all say theirs does without

    best = from_bytes(data[:_SAMPLE], steps=5, chunk_size=512).best()
    return best.encoding if best is not None else ""
