"""Fields: the header section of a mail or a part, split into its fields.

In:    octets, and where the header section begins in them.
Out:   Section: fields in their order, and where the body begins.
Fails: never; too long a header section is cut off, and says so.

Rule: one pass, never quadratic. Lines that are no field are passed over as long as fields follow; where none follows
the body has begun, for a mail without the empty line between them is still somebody's fax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# RFC 5322 section 2.2: a name is printable ASCII without the colon; section 4.5 allows blanks before the colon.
_FIELD = re.compile(rb"^([!-9;-~]{1,100}+)[ \t]*+:", re.MULTILINE)
_NAME = re.compile(rb"[!-9;-~]{1,100}")
MOST_NAME = 120  # with blanks behind it
_MBOX = re.compile(rb">?From ")  # what mbox files put before a mail
_LINE_END = re.compile(rb"\A\r?\n")
_UNCONTINUED = re.compile(rb"\r?\n(?![ \t])")
_END = re.compile(rb"(?:\A|\n)(\r?\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A header section."""

    fields: tuple[tuple[str, bytes], ...]  # names in lower case; values as they stand, folded
    octets: int  # of the header section
    body: int  # where the body begins
    cut: bool = False  # the header section is longer than it may be

    def first(self, name: str) -> bytes:
        """The value of the first field of this name; empty when there is none."""
        return next((value for key, value in self.fields if key == name), b"")

    def all(self, name: str) -> Iterator[bytes]:
        """The values of all fields of this name."""
        return (value for key, value in self.fields if key == name)


def split(content: bytes, start: int, end: int, *, limit: int) -> Section:
    """The header section that begins at `start`, and is no longer than `limit`."""
    return _plain(content, start, min(end, start + limit)) or _any(content, start, end, limit=limit)


def _plain(content: bytes, start: int, end: int) -> Section | None:
    """One of which every line is a field or continues one, as nearly all are; None for any other."""
    blank = content.find(b"\r\n\r\n", start, end)
    lines = content[start : max(blank, start)].split(b"\r\n")
    fields: list[tuple[str, bytes]] = []
    for line in lines:
        if line.startswith((b" ", b"\t")) and fields:
            fields[-1] = fields[-1][0], fields[-1][1] + b"\r\n" + line
            continue
        raw, colon, value = line.partition(b":")
        name = _name(raw) if colon and len(raw) < MOST_NAME else ""
        if not name:
            return None
        fields.append((name, value))
    if content.count(b"\n", start, blank) >= len(lines):  # some stand alone
        return None
    return Section(fields=tuple(fields), octets=blank + 2 - start, body=blank + 4)


@lru_cache(maxsize=256)
def _name(raw: bytes) -> str:
    """A field's name in lower case; empty, if it cannot be one."""
    name = raw.rstrip(b" \t")
    return name.decode("ascii").lower() if _NAME.fullmatch(name) else ""


def _any(content: bytes, start: int, end: int, *, limit: int) -> Section:
    head = content[start : min(end, start + limit)]
    blank = _END.search(head)
    cut = blank is None and start + limit < end
    lines = head[: blank.start(1)] if blank else head
    found = list(_FIELD.finditer(lines))
    if not found or not (found[0].start() == 0 or _MBOX.match(lines)):
        empty = blank is not None and blank.start(1) == 0
        return Section(fields=(), octets=0, body=start + (blank.end() if blank and empty else 0))
    stops = [*(match.start() for match in found[1:]), len(lines)]
    values = [_value(lines[match.end() : stop]) for match, stop in zip(found, stops, strict=True)]
    fields = tuple((match[1].decode("ascii").lower(), value) for match, value in zip(found, values, strict=True))
    last = found[-1].end() + len(values[-1])
    rest = _LINE_END.sub(b"", lines[last:], count=1)
    octets = len(lines) - len(rest)
    body = start + (blank.end() if blank and not rest else octets)
    return Section(fields=fields, octets=octets, body=body, cut=cut)


def _value(raw: bytes) -> bytes:
    """Up to the first line that does not continue it (RFC 5322 section 2.2.3)."""
    match = _UNCONTINUED.search(raw)
    return raw[: match.start()] if match else raw
