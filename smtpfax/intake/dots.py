"""What comes between DATA and the final dot: transparency undone, and the rules on lines held.

In:    blocks of octets as they arrive, cut anywhere; a CRLF before the first stands for the DATA command's own.
Out:   blocks of content, each beginning a line and ending with CRLF; `rest`, what followed the final dot.
Fails: never: the first fault is kept in `fault`, and from then on nothing comes out.

Rule: CR and LF stand only together (RFC 5321 section 2.3.8), which leaves no sequence to smuggle a mail with.
"""

from __future__ import annotations

import io
import re

from smtpfax.model.status import BARE_NEWLINE, LINE_TOO_LONG, NUL_OCTET, Reply

END = b"\r\n.\r\n"
_SEAM = len(END) - 1
_FEW = 50  # dots that are looked at one by one
_LF = ord("\n")
_DOT = re.compile(rb"\.(?<=\n\.)")  # so written, dots are what is looked for: there are fewer than ends of lines


class Dots:
    """The reader of one mail's content. Every octet is looked at by C alone, and by few functions."""

    __slots__ = ("_ends", "_max_line", "_rest", "_tail", "fault", "rest")

    def __init__(self, *, max_line: int) -> None:
        self._max_line = max_line
        self._rest = b""  # the line that is not complete yet
        self._tail = b""  # after a fault: what the end may begin with
        self._ends = io.IncrementalNewlineDecoder(None, translate=False)  # remembers which line ends it saw
        self.fault: Reply | None = None
        self.rest: bytes | None = None  # None until the final dot came

    def feed(self, block: bytes) -> bytes:
        """Take a block, give back the lines that are complete."""
        if self.fault is not None:
            self._skip(block)
            return b""
        block = self._rest + block if self._rest else block
        dot = 0 if block.startswith(b".") else _first_dot(block)
        end = _end(block, dot) if dot >= 0 else -1
        if end >= 0:
            lines, self._rest, self.rest = block[:end], b"", block[end + 3 :]
        else:
            cut = block.rfind(b"\n") + 1
            lines, self._rest = block[:cut], block[cut:]
        self.fault = self._judge(lines)
        if self.fault is not None:
            self._tail, self._rest = (b"\r\n" + self._rest)[-_SEAM:], b""
            return b""
        return _unstuffed(lines) if 0 <= dot < len(lines) else lines

    def _skip(self, block: bytes) -> None:
        """Nothing is wanted any more but the end."""
        seen = self._tail + block
        end = seen.find(END)
        if end >= 0:
            self.rest = seen[end + len(END) :]
        self._tail = seen[-_SEAM:]

    def _judge(self, lines: bytes) -> Reply | None:
        if len(self._rest) > self._max_line + 1 or _longest_exceeds(lines, self._max_line):  # one: a CR may end it
            return LINE_TOO_LONG.reply(limit=self._max_line)
        self._ends.decode(lines.decode("latin-1"))
        if self._ends.newlines not in (None, "\r\n"):
            return BARE_NEWLINE.reply()
        # Nor may 0 stand in a mail (RFC 2045 section 2.8): there are servers that read a line without it.
        return NUL_OCTET.reply() if b"\0" in lines else None


def _first_dot(block: bytes) -> int:
    """The first that begins a line; -1, if none does."""
    dot = block.find(b".")  # by itself the fastest of all; base64 has none
    for _ in range(_FEW):
        if dot < 0 or block[dot - 1] == _LF:
            return dot
        dot = block.find(b".", dot + 1)
    found = _DOT.search(block, max(dot, 0)) if dot >= 0 else None
    return found.start() if found else -1


def _end(block: bytes, dot: int) -> int:
    """Where the final dot is, which is this one or a later one; the block begins a line."""
    if block.startswith(b"\r\n", dot + 1) and (dot == 0 or block[max(dot - 2, 0) : dot] == b"\r\n"):
        return dot
    found = block.find(END, dot)
    return found + 2 if found >= 0 else -1


def _unstuffed(lines: bytes) -> bytes:
    """RFC 5321 section 4.5.2: the first dot of a line that begins with one is taken away."""
    plain = lines.replace(b"\r\n.", b"\r\n")
    return plain[1:] if plain.startswith(b".") else plain


def _longest_exceeds(lines: bytes, limit: int) -> bool:
    """Whether a line (without its CRLF) is longer; looks only at one place every `limit` octets."""
    start = 0
    while start + limit + 2 < len(lines):
        end = lines.rfind(b"\n", start, start + limit + 2)
        if end < 0:
            return True
        start = end + 1
    return False
