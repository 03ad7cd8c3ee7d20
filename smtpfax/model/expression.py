r"""Kazoo's `smtp_permission_list` entries: regular expressions over reverse-paths, made safe.

In:    an entry as people wrote it for Kazoo, where it is searched for anywhere and a dot is any character.
Out:   Expression, which matches a whole reverse-path or none of it.
Fails: BadExpression: what RE2 does not know (look-around, back-references), or what is too long.

Rule: anchored at both ends, without regard to case, in time linear in the address (RE2). An entry that is an address
means that address; a lone dot in a domain means a dot: `.*@mail.acme.example` is not for `mailxacme.example` to use.
Addresses beyond ASCII match nothing, for RE2 would take a Kelvin sign for a K.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import re2  # type: ignore[import-untyped]

from .address import BadAddress, ReversePath, mailbox

MOST_OCTETS = 500
_MEMORY = 1 << 20  # octets of one compiled expression
# An escape, a class (a ] that stands first is a member), or any character.
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
# Addresses as people have them: `ann+fax@…` is one, `a.+@…` is not.
_PLAIN = re.compile(r"[A-Za-z0-9_=\-]+(?:[.+][A-Za-z0-9_=\-]+)*@[^@]+")
_REPEATS = ("*", "+", "?", "{")


class BadExpression(ValueError):
    """Not an expression that can be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One entry; equal entries are equal, whatever they were compiled to."""

    text: str

    def __post_init__(self) -> None:
        _compiled(self.text)

    def matches(self, path: ReversePath) -> bool:
        """Whether it matches all of the reverse-path."""
        written = str(path)
        if path.null or not written.isascii():
            return False
        exact = _address(self.text)
        if exact is not None:
            return exact.key == path.key
        return _compiled(self.text).fullmatch(written) is not None


def _address(text: str) -> ReversePath | None:
    try:
        return mailbox(text) if _PLAIN.fullmatch(text) else None
    except BadAddress:
        return None


@lru_cache(maxsize=4096)
def _compiled(text: str) -> re2._Regexp:
    if not text or len(text.encode()) > MOST_OCTETS:
        raise BadExpression(f"an expression has 1 to {MOST_OCTETS} octets")
    try:
        return re2.compile(_with_plain_dots(text), _options())
    except re2.error as error:
        raise BadExpression(f"{text}: {error}") from None


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.case_sensitive = False
    return options


def _with_plain_dots(text: str) -> str:
    """Lone dots in a domain, from an @ to the end of its alternative, are dots."""
    pieces, written = _PIECE.findall(text), ""
    depth, since = 0, -1  # groups that are open; so many were at the @, -1 before it
    for piece, after in zip(pieces, [*pieces[1:], ""], strict=True):
        depth += (piece == "(") - (piece == ")")
        if piece in ("@", r"\@"):
            since = depth
        elif piece == "|" and depth <= since:
            since = -1
        lone = piece == "." and since >= 0 and not after.startswith(_REPEATS)
        written += r"\." if lone else piece
    return written
