"""Boundaries: where the parts of a multipart begin and end.

In:    the multipart's body, and the boundary that it declares.
Out:   spans of the content: nothing is copied, for each level would copy everything below it.
Fails: never; where there is no boundary at all there are no spans.

Rule: a boundary that is missing or wrong is looked for; the first line that a Content- field follows must be it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_MAX_BOUNDARY = 200  # RFC 2046 section 5.1.1 has 70
_GUESS = re.compile(rb"^--(\S[^\r\n]{0,199})\r?\n(?=[Cc]ontent-[A-Za-z-]{1,30}[ \t]*:)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Span:
    """Octets of the content, such as a part with its header section."""

    content: bytes
    start: int
    end: int

    @property
    def octets(self) -> bytes:
        """A copy of them."""
        return self.content[self.start : self.end]


def spans_of(body: Span, boundary: str, *, most: int) -> list[Span]:
    """The parts between the boundaries; where none is declared that exists, the first line that could be one."""
    said = boundary.rstrip().encode("utf-8", "surrogateescape")[:_MAX_BOUNDARY]
    spans = list(islice(_between(body, said), most)) if said else []
    if not spans and (guess := _GUESS.search(body.content, body.start, body.end)):
        spans = list(islice(_between(body, guess[1].rstrip()), most))
    return spans


def _between(body: Span, boundary: bytes) -> Iterator[Span]:
    """RFC 2046 section 5.1.1; a part that no boundary ends, ends with the body.

    Where parts follow the closing boundary, it was an inner multipart's that has the same one: they are parts, too.
    """
    content, start = body.content, None
    line = re.compile(rb"\n--" + re.escape(boundary) + rb"(--)?[ \t]*\r?(?=\n|\Z)")
    for match in line.finditer(content, max(0, body.start - 1), body.end):
        if start is not None:
            yield Span(content, start, max(start, match.start() - content.endswith(b"\r", start, match.start())))
        start = None if match[1] else min(match.end() + 1, body.end)
    if start is not None:
        yield Span(content, start, body.end)
