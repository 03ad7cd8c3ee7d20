"""The hash of a body as DKIM sees it, made while the body arrives.

In:    blocks of a body, cut anywhere.
Out:   SHA-256 of its canonical form (RFC 6376 sections 3.4.3 and 3.4.4).
Fails: never.

Rule: nothing is held but the line that is not whole yet; every step is one pass in C, for it runs in the event loop.
"""

from __future__ import annotations

import hashlib

CRLF = b"\r\n"
MOST_LINE = 1_048_576
_AT_ONCE = 4096


class BodyHash:
    """One canonicalization of one body."""

    def __init__(self, *, relaxed: bool) -> None:
        self._relaxed = relaxed
        self._hash = hashlib.sha256()
        self._rest = b""  # a line whose end has not come
        self._ends = 0  # line ends that count if something follows them
        self._began = False  # there was a line that is not empty
        self._broken = False

    def feed(self, block: bytes) -> None:
        """The next octets."""
        whole, end, self._rest = (self._rest + block).rpartition(CRLF)
        self._broken = self._broken or len(self._rest) > MOST_LINE
        if self._broken:
            self._rest = b""
        elif end:
            self._lines(whole + end)

    def digest(self) -> bytes:
        """The body is over; of a line too long to be held, there is none."""
        if self._rest:
            self._lines(self._rest + CRLF)
            self._rest = b""
        # RFC 6376 sections 3.4.3 and 3.4.4: an empty body is one CRLF when simple, and nothing when relaxed.
        last = CRLF if self._began or not self._relaxed else b""
        whole = self._hash.copy()
        whole.update(last)
        return b"" if self._broken else whole.digest()

    def _lines(self, lines: bytes) -> None:
        """Whole lines."""
        if self._relaxed:
            lines = _tidy(lines)
        text = lines.rstrip(CRLF)
        ends, odd = divmod(len(lines) - len(text), 2)
        if odd or lines[len(text) :] != CRLF * ends:  # a bare CR or LF is no line end
            text, ends = lines[: -len(CRLF)], 1
        if text:
            self._end_lines()
            self._hash.update(text)
            self._began = True
        self._ends += ends

    def _end_lines(self) -> None:
        while self._ends:
            some = min(self._ends, _AT_ONCE)
            self._hash.update(CRLF * some)
            self._ends -= some


def _tidy(lines: bytes) -> bytes:
    """Blanks become one, and none at the end of a line (RFC 6376 section 3.4.4)."""
    lines = lines.replace(b"\t", b" ")
    while b"  " in lines:
        lines = lines.replace(b"  ", b" ")
    return lines.replace(b" \r\n", CRLF)
