"""How many sessions each client has, and how much content is arriving over all of them.

In:    clients as they come and go; octets as they come, and are kept or let go.
Out:   whether there are more than one client may have; whether there is room for more.
Fails: never; pure.

Rule: a client is an address, or a /64 of IPv6, which one customer has whole. Only who is here is remembered.
"""

from __future__ import annotations

from collections import Counter

from .proofs import Address
from .proofs.failures import key_of


class Crowd:
    """Sessions by client."""

    def __init__(self) -> None:
        self._sessions: Counter[str] = Counter()

    def enter(self, address: Address) -> int:
        """One more; how many this client has now."""
        key = key_of(address)
        self._sessions[key] += 1
        return self._sessions[key]

    def leave(self, address: Address) -> None:
        """One less."""
        key = key_of(address)
        self._sessions[key] -= 1
        if not self._sessions[key]:
            del self._sessions[key]

    def __len__(self) -> int:
        return len(self._sessions)


class Load:
    """Octets of content that have come and are not kept yet, over all sessions."""

    def __init__(self) -> None:
        self.octets = 0

    def bears(self, octets: int, *, most: int) -> bool:
        """Whether so many more may come."""
        return self.octets + octets <= most

    def take(self, octets: int, *, most: int) -> bool:
        """So many came; whether they may stay. Those that may not are let go at once, and not counted."""
        borne = self.bears(octets, most=most)
        self.octets += octets if borne else 0
        return borne

    def drop(self, octets: int) -> None:
        """So many are kept now, or let go."""
        self.octets -= octets
