"""Params: a structured field's value and its parameters.

In:    the raw value of Content-Type or Content-Disposition.
Out:   Params: the value in lower case, and the parameters decoded.
Fails: never; what is no parameter is passed over.

Rule: RFC 2231 (charsets, continuations) and RFC 2047 (which has no place here, and is used by half the world) are both
read; one pass over a bounded value, for `;;;;` has stopped whole servers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from .charsets import known
from .words import decode_words, unfold

_MAX_VALUE = 16_384
_MAX_PARAMS = 100
_PARAM = re.compile(r';\s*+([^\s=;"]{1,100}+)\s*+=\s*+(?:"((?>(?:[^"\\]|\\.)*))"|([^;]*+))')
_COMMENT = re.compile(r"\([^()]*\)")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """A value such as text/plain, and its parameters."""

    value: str
    params: Mapping[str, str]

    def get(self, name: str) -> str:
        """A parameter; empty when there is none."""
        return self.params.get(name, "")


def parse(raw: bytes) -> Params:
    """Read a field."""
    text = unfold(raw[:_MAX_VALUE])
    value = _COMMENT.sub("", text.split(";", 1)[0]).strip().lower()
    return Params(value=value, params=_joined(_params(text)))


def _params(text: str) -> dict[str, str]:
    """As they stand; of two with one name the first counts."""
    found: dict[str, str] = {}
    for match in _PARAM.finditer(text):
        quoted, plain = match[2], match[3]
        said = _ESCAPED.sub(r"\1", quoted) if quoted is not None else plain.strip()
        found.setdefault(match[1].lower(), said)
        if len(found) == _MAX_PARAMS:
            break
    return found


def _joined(raw: Mapping[str, str]) -> dict[str, str]:
    """RFC 2231: name*0, name*1* ... are one; an extended value wins over a plain one (RFC 6266 section 4.3)."""
    plain = {name: decode_words(said) for name, said in raw.items() if "*" not in name}
    bases = dict.fromkeys(name.split("*", 1)[0] for name in raw if "*" in name)
    return plain | {base: said for base in bases if (said := _extended(base, raw))}


def _extended(base: str, raw: Mapping[str, str]) -> str:
    if (said := raw.get(base + "*")) is not None:
        charset, octets = _charset(said)
        return _text(octets, charset)
    charset, pieces = "", list[bytes]()
    for number in range(len(raw)):
        name = f"{base}*{number}"
        if name in raw:
            pieces.append(raw[name].encode("utf-8", "replace"))
        elif name + "*" in raw:
            said = raw[name + "*"]
            charset, octets = _charset(said) if number == 0 else (charset, unquote_to_bytes(said))
            pieces.append(octets)
        else:
            break
    return decode_words(_text(b"".join(pieces), charset))


def _charset(said: str) -> tuple[str, bytes]:
    """charset'language'octets (RFC 2231 section 4); many write neither."""
    parts = said.split("'", 2)
    return (parts[0], unquote_to_bytes(parts[2])) if len(parts) == 3 else ("", unquote_to_bytes(said))


def _text(octets: bytes, charset: str) -> str:
    try:
        return octets.decode(known(charset) or "utf-8")
    except (LookupError, ValueError):
        return octets.decode("cp1252", "replace")
