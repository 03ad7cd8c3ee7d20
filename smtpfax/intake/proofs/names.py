"""What proofs ask of DNS, whoever answers.

In:    a name and the kind of record.
Out:   the records as text: addresses, host names, TXT strings joined (RFC 7208 section 3.3) as Latin-1.
Fails: Temporary, when DNS does not answer; TooManyLookups, when one mail would have us ask too much.

Rule: a name that does not exist, has no such record or cannot be a name is an empty answer; a fault is none.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from smtpfax.model.errors import Temporary
from smtpfax.model.status import DNS_FAULT

MOST_LOOKUPS = 100  # of one mail, at one stage of it: ten terms of SPF with ten hosts each are legal


class Kind(StrEnum):
    """Kinds of records."""

    A = "A"
    AAAA = "AAAA"
    MX = "MX"  # the hosts, the most preferred one first
    PTR = "PTR"
    TXT = "TXT"


class Resolver(Protocol):
    """Who answers."""

    async def ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        """The records."""


class TooManyLookups(Exception):
    """The sender's own records would have us ask without end: a fault of theirs, not of DNS."""


class Lookups:
    """Implements Resolver for one mail: counts what it costs."""

    def __init__(self, resolver: Resolver, most: int = MOST_LOOKUPS) -> None:
        self._resolver = resolver
        self._left = most

    async def ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        """The records, if it is not too much."""
        if self._left <= 0:
            raise TooManyLookups(f"{name} {kind}: too many lookups for one mail")
        self._left -= 1
        return await self._resolver.ask(name, kind)


def fault(name: str, kind: Kind, why: str) -> Temporary:
    """DNS does not answer: the client is to try again."""
    return Temporary(DNS_FAULT, reason=f"DNS: {name} {kind}: {why}")
