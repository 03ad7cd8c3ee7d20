"""Who a header field names: From, To and Cc, read so strictly that nobody can read them otherwise.

In:    a field's value.
Out:   its addresses.
Fails: Ambiguous: comments, groups, routes, several authors, addresses in display names, and whatever is malformed.

Rule: RFC 5322 section 3.4 without its obsolete forms. `ceo@corp.example <eve@evil.example>` names nobody.
"""

from __future__ import annotations

import re

from smtpfax.model.address import BadAddress, ReversePath, mailbox

from .head import Head

MOST_OCTETS = 16_384
MOST_ADDRESSES = 200
_QUOTED = r'"(?>(?:[^"\\\r\n]|\\.)*)"'
_WORD = rf"(?:{_QUOTED}|[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.\-\x80-\U0010ffff]++)"
_NAMED = rf"(?P<name>(?>(?:{_WORD}[ \t]*+)*))<(?P<angle>[^<>]*)>"
_BARE = rf"(?P<bare>(?:{_QUOTED}@)?[^\s<>,;:()\"]+)"
_MAILBOX = re.compile(rf"[ \t]*+(?:{_NAMED}|{_BARE})[ \t]*+")


class Ambiguous(ValueError):
    """A field that does not name one author, or that two readers may read in two ways."""


def author(head: Head) -> ReversePath:
    """The one author of a mail."""
    fields = head.all("from")
    if len(fields) != 1:
        raise Ambiguous(f"the mail has {len(fields)} From fields")
    named = addresses(fields[0].value)
    if len(named) != 1:
        raise Ambiguous(f"From names {len(named)} authors")
    return named[0]


def addresses(value: bytes) -> tuple[ReversePath, ...]:
    """The addresses of a field."""
    try:
        text = value.decode().replace("\r\n", "")
    except UnicodeDecodeError:
        raise Ambiguous("a field is not UTF-8") from None
    if len(value) > MOST_OCTETS:
        raise Ambiguous("a field is too long")
    found: list[ReversePath] = []
    place = 0
    while place < len(text) or not found:
        match = _MAILBOX.match(text, place)
        if match is None or len(found) >= MOST_ADDRESSES:
            raise Ambiguous("a field names no address, or in a way that can be read otherwise")
        found.append(_address(match))
        place = _after(text, match.end())
    return tuple(found)


def _after(text: str, end: int) -> int:
    """Where the next address begins: one comma stands before it."""
    if end == len(text):
        return end
    if text[end] != "," or not text[end + 1 :].strip():
        raise Ambiguous("something stands between the addresses")
    return end + 1


def _address(match: re.Match[str]) -> ReversePath:
    try:
        path = mailbox(match["bare"] if match["angle"] is None else match["angle"])
    except BadAddress as fault:
        raise Ambiguous(str(fault)) from None
    # People's programs write "ann@acme.example" <ann@acme.example>; a display name that is another address deceives.
    shown = (match["name"] or "").strip().strip('"')
    if "@" in shown and shown.lower() != str(path).lower():
        raise Ambiguous("the display name is another address")
    return path
