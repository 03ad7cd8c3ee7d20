"""SPF's macros: a domain-spec becomes a domain.

In:    a domain-spec whose grammar was checked, and what is known of the client and the reverse-path.
Out:   the domain to ask for, cut to what DNS can carry.
Fails: never; pure. `%{p}` is handed in, for it asks DNS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import quote

from .network import Address

MOST = 253  # RFC 7208 section 7.3: labels are dropped on the left until it fits
VALIDATED = re.compile(r"%\{p", re.IGNORECASE)  # the macro that needs the validated name
_MACRO = re.compile(r"%\{([a-z])([0-9]*)(r?)([.\-+,/_=]*)\}|%([%_\-])", re.IGNORECASE)
_LITERALS = {"%": "%", "_": " ", "-": "%20"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom a check is about; `domain` is the one whose record is read now."""

    address: Address
    local_part: str
    sender_domain: str
    domain: str
    helo: str


def expand(spec: str, asked: Asked, validated: str = "unknown") -> str:
    """The domain that a domain-spec says (RFC 7208 section 7)."""
    values = _values(asked, validated)
    text = _MACRO.sub(lambda match: _one(match, values), spec).removesuffix(".")
    while len(text) > MOST and "." in text:
        text = text.partition(".")[2]
    return text


def _values(asked: Asked, validated: str) -> dict[str, str]:
    address = asked.address
    dotted = ".".join(address.exploded.replace(":", "")) if isinstance(address, IPv6Address) else str(address)
    return {
        "s": f"{asked.local_part}@{asked.sender_domain}",
        "l": asked.local_part,
        "o": asked.sender_domain,
        "d": asked.domain,
        "i": dotted,
        "p": validated,
        "v": "ip6" if isinstance(address, IPv6Address) else "in-addr",
        "h": asked.helo,
    }


def _one(match: re.Match[str], values: dict[str, str]) -> str:
    letter, digits, reverse, delimiters, literal = match.groups()
    if literal:
        return _LITERALS[literal]
    parts = re.split(f"[{re.escape(delimiters or '.')}]", values[letter.lower()])
    if reverse:
        parts.reverse()
    text = ".".join(parts[-int(digits) :] if digits else parts)
    return quote(text, safe="") if letter.isupper() else text
