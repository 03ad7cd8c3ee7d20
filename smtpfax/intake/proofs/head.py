"""A header section as it was signed: every field with its own octets.

In:    the first octets of a content.
Out:   Head: the fields in their order, as they stand on the wire, and where the body begins.
Fails: Malformed.

Rule: stricter than what is faxed: where two readers could see two different fields, nothing is proven.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_OCTETS = 131_072
MOST_FIELDS = 1000
END = b"\r\n\r\n"
_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_BETWEEN = re.compile(rb"\r\n(?![ \t])")


class Malformed(ValueError):
    """Not a header section that a proof can stand on; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field; `octets` without the CRLF at its end, `value` what stands after the colon, still folded."""

    name: str  # lower-cased
    octets: bytes
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A header section."""

    fields: tuple[Field, ...]
    body: int  # where the body begins

    def all(self, name: str) -> tuple[Field, ...]:
        """The fields of this name, the newest (topmost) one first."""
        return tuple(field for field in self.fields if field.name == name)


def read_head(start: bytes) -> Head:
    """Read the header section that `start` begins with."""
    end = start.find(END, 0, MOST_OCTETS)
    if end < 0:
        raise Malformed("the header section has no end, or is too long")
    section = start[:end]
    if not section.count(b"\r\n") == section.count(b"\r") == section.count(b"\n"):
        raise Malformed("the header section has a bare CR or LF")
    lines = _BETWEEN.split(section)
    if len(lines) > MOST_FIELDS:
        raise Malformed(f"the header section has more than {MOST_FIELDS} fields")
    return Head(fields=tuple(_field(line) for line in lines), body=end + len(END))


def _field(line: bytes) -> Field:
    match = _NAME.match(line)
    if match is None:
        raise Malformed("a line of the header section is no field")
    return Field(name=match[1].decode("ascii").lower(), octets=line, value=line[match.end() :])
