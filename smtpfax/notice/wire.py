"""How a notice's header fields are written.

In:    a field's name and its value, whatever the world put into it.
Out:   the field on the wire, folded.
Fails: never.

Rule: the standard library's folding is kept away from our fields. It encodes a Message-ID of 80 characters as
encoded-words, which breaks the thread; it loses blanks between encoded-words; and it decodes "=?…?=" in a value
that is set, CR and LF included, which smuggles a field in.
"""

from __future__ import annotations

import re
from email.header import Header
from email.policy import EmailPolicy

_WIDTH = 76  # RFC 2047 section 2: a line with an encoded-word is no longer
_PRINTABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
# Besides controls: line separators, what turns the direction of writing, and halves of characters.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def plain(text: str, most: int) -> str:
    """Any text as one line without control characters, not longer than `most`, and not taken for an encoded-word."""
    line = " ".join(_CONTROL.sub(" ", text[: 4 * most]).replace("=?", "= ?").split())
    return line if len(line) <= most else line[: most - 1] + "…"


def ascii_only(text: str, most: int) -> str:
    """The same for fields that are ASCII (RFC 3464 section 2.1.1)."""
    return plain(text, most).replace("…", "~").encode("ascii", "replace").decode("ascii")


class Verbatim(str):
    """A value that is written as it is, blanks and all: printable ASCII, short enough for a line of its own."""

    __slots__ = ()


def verbatim(text: str, most: int) -> str:
    """What somebody wants back as he gave it; anything that no field can carry so is written like the others."""
    return Verbatim(text) if _PRINTABLE.fullmatch(text) and len(text) <= most else ascii_only(text, most)


class WirePolicy(EmailPolicy):
    """The policy of every part of a notice."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        """What is kept of a value that is set."""
        return (name, value) if isinstance(value, Verbatim) else super().header_store_parse(name, value)

    def fold(self, name: str, value: str) -> str:
        """One field, with its line ends."""
        if isinstance(value, Verbatim):
            return f"{name}: {value}\r\n"
        if name.lower().startswith("content-"):
            return str(super().fold(name, value))
        if value.isascii() or name.lower() != "subject":
            return _folded(name, value)
        encoded = Header(str(value), "utf-8", maxlinelen=_WIDTH, header_name=name).encode(linesep="\r\n")
        return f"{name}: {encoded}\r\n"

    def fold_binary(self, name: str, value: str) -> bytes:
        """The same in octets: ASCII but for an address that needs SMTPUTF8 (RFC 6532)."""
        return self.fold(name, value).encode()


def _folded(name: str, value: str) -> str:
    # A word longer than the line stays whole: a cut Message-ID is another Message-ID.
    first, *rest = value.split() or [""]
    lines = [f"{name}: {first}"]
    for word in rest:
        if len(lines[-1]) + len(word) >= _WIDTH:
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"


WIRE = WirePolicy(linesep="\r\n", cte_type="7bit")
