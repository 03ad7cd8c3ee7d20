"""Mail addresses, parsed once and strictly.

In:    the argument of MAIL FROM or RCPT TO, without its ESMTP parameters.
Out:   ReversePath and ForwardPath; beyond them no bare string stands for an address.
Fails: BadAddress.

Rule: RFC 5321 section 4.1.2 with angle brackets required, source routes refused, domains lower-cased; control
octets, blanks and comments are nowhere legal. A quoted local-part is kept as the dot-string it equals, or refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import idna

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]"
_DOT_STRING = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")
# RFC 6531 section 3.3 adds every character beyond ASCII to atext.
_UTF8_DOT_STRING = re.compile(rf"(?:{_ATEXT}|[^\x00-\x7f])+(?:\.(?:{_ATEXT}|[^\x00-\x7f])+)*")
_QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e]){0,64})"')
_FAX_LOCAL = re.compile(r"[A-Za-z0-9+().\-/=#* ]+")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?")
_PATH = re.compile(r"<([^<>\r\n\x00]*)>")
_SPLIT = re.compile(r"(.*)@([^@]*)", re.DOTALL)
_REMEMBERED = 512  # arguments: the same people send, to the same numbers


_LOWER = {ord(letter): ord(letter.lower()) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def folded(text: str) -> str:
    """For comparison, ASCII alone: `str.lower` would make a K of a Kelvin sign, and somebody else's address of ours."""
    return text.translate(_LOWER)


class BadAddress(ValueError):
    """Not an address of RFC 5321."""


@dataclass(frozen=True, slots=True)
class ReversePath:
    """MAIL FROM's argument; empty is the null reverse-path `<>` (RFC 5321 section 4.5.5)."""

    local_part: str
    domain: str

    @property
    def null(self) -> bool:
        """`<>`: a notice; nothing is ever sent back to it."""
        return not self.domain

    def __str__(self) -> str:
        return _address(self.local_part, self.domain) if self.domain else ""

    @property
    def key(self) -> str:
        """For comparison: people's local-parts are compared without regard to case, as every mail user expects."""
        return _folded_address(self.local_part, self.domain)


NULL = ReversePath("", "")


@dataclass(frozen=True, slots=True)
class ForwardPath:
    """One RCPT TO argument; `domain` is empty only for the bare `<postmaster>` (RFC 5321 section 4.1.1.3)."""

    local_part: str
    domain: str

    @property
    def postmaster(self) -> bool:
        """RFC 5321 section 4.5.1: taken from anybody, in any case."""
        return self.local_part.lower() == "postmaster"

    def __str__(self) -> str:
        return _address(self.local_part, self.domain) if self.domain else self.local_part


@lru_cache(maxsize=_REMEMBERED)
def reverse_path(argument: str) -> ReversePath:
    """Parse `<ann@acme.example>` or `<>`."""
    inside = _inside(argument)
    return ReversePath(*_mailbox(inside)) if inside else NULL


@lru_cache(maxsize=_REMEMBERED)
def forward_path(argument: str) -> ForwardPath:
    """Parse `<+12025550123@fax.example.com>` or `<postmaster>`."""
    inside = _inside(argument)
    if inside.lower() == "postmaster":
        return ForwardPath("postmaster", "")
    return ForwardPath(*_mailbox(inside))


def mailbox(text: str) -> ReversePath:
    """Parse a bare address, as settings and APIs write it: `ann@acme.example`."""
    return ReversePath(*_mailbox(text))


def domain_name(text: str) -> str:
    """A domain in its ASCII form, lower-cased; an address literal is not a domain."""
    lowered = text.lower()
    if not lowered.isascii():
        try:
            lowered = idna.encode(lowered, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise BadAddress("the domain is not a name") from None
    if len(lowered) > 253 or not all(_LABEL.fullmatch(label) for label in lowered.split(".")):
        raise BadAddress("the domain is not a name")
    return lowered


def _inside(argument: str) -> str:
    match = _PATH.fullmatch(argument)
    if match is None:
        raise BadAddress("an address stands between < and >")
    return match[1]


def _mailbox(text: str) -> tuple[str, str]:
    match = _SPLIT.fullmatch(text)
    if match is None:
        raise BadAddress("there is no @ in the address")
    local, domain = match.groups()
    return _local_part(local), domain_name(domain)


@lru_cache(maxsize=_REMEMBERED)
def _address(local_part: str, domain: str) -> str:
    return f"{_written(local_part)}@{domain}"


@lru_cache(maxsize=_REMEMBERED)
def _folded_address(local_part: str, domain: str) -> str:
    return folded(_address(local_part, domain)) if domain else ""


def _written(local_part: str) -> str:
    """As it must stand in an address: quoted, if it is one of those that people write quoted."""
    plain = _UTF8_DOT_STRING.fullmatch(local_part)
    return local_part if plain else f'"{local_part}"'


def _local_part(text: str) -> str:
    if not text.isprintable():  # RFC 6531 takes any character beyond ASCII; we take none that nobody can see
        raise BadAddress("the local-part is malformed")
    # RFC 5321 section 4.5.3.1.1; Exchange writes longer ones when it encodes a fax address.
    if len(text.encode()) > (254 if text[:9].upper() == "IMCEAFAX-" else 64):
        raise BadAddress("the local-part is longer than 64 octets")
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        text = re.sub(r"\\(.)", r"\1", quoted[1])
        if _FAX_LOCAL.fullmatch(text) and text.strip() == text:
            return text  # people write "+1 (202) 555-0123"@fax.example; the number's grammar judges it next
    if _DOT_STRING.fullmatch(text) or (not text.isascii() and _UTF8_DOT_STRING.fullmatch(text)):
        return text
    raise BadAddress("the local-part is malformed")
