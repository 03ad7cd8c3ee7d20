"""What comes between DATA and the final dot: transparency undone, and the rules on lines held.

In:    blocks of octets as they arrive, cut anywhere; a CRLF before the first stands for the DATA command's own.
Out:   blocks of content; each begins a line and ends with CRLF.
Fails: never: the first fault is kept in `fault`, and from then on nothing comes out.

Rule: CR and LF stand only together (RFC 5321 section 2.3.8), which leaves no sequence to smuggle a mail with.
"""

from __future__ import annotations

from smtpfax.model.status import BARE_NEWLINE, LINE_TOO_LONG, NUL_OCTET, Reply

END = b"\r\n.\r\n"


class Dots:
    """The reader of one mail's content."""

    def __init__(self, *, max_line: int) -> None:
        self._max_line = max_line
        self._carry = b""  # the line that is not complete yet
        self.fault: Reply | None = None

    def feed(self, block: bytes) -> bytes:
        """Take a block, give back the lines that are complete."""
        if self.fault is not None:
            return b""
        block = self._carry + block
        cut = block.rfind(b"\r\n") + 2 if b"\r\n" in block else 0
        lines, self._carry = block[:cut], block[cut:]
        self.fault = self._judge(lines)
        if self.fault is not None:
            self._carry = b""
            return b""
        return _unstuffed(lines)

    def _judge(self, lines: bytes) -> Reply | None:
        carry = self._carry.removesuffix(b"\r")  # perhaps of a pair whose LF is still to come
        if len(carry) > self._max_line or _longest_exceeds(lines, self._max_line):
            return LINE_TOO_LONG.reply(limit=self._max_line)
        pairs = lines.count(b"\r\n")
        if lines.count(b"\r") != pairs or lines.count(b"\n") != pairs or b"\r" in carry or b"\n" in carry:
            return BARE_NEWLINE.reply()
        # Nor may 0 stand in a mail (RFC 2045 section 2.8): there are servers that read a line without it.
        return NUL_OCTET.reply() if b"\0" in lines else None


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
