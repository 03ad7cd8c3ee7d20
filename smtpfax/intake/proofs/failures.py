"""Failures to sign in, by whom: guessing is made slow, and then impossible for a while.

In:    keys (an address, a user), and the time.
Out:   how long to wait before saying no; whether to ask at all.
Fails: never; pure but for what it remembers.

Rule: bounded in entries, the one that was quiet for longest making room. Failures are forgotten by time alone: one
who owns a good password must not buy forgetfulness for others with it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network

from .network import Address

FREE = 2  # people mistype
LONGEST = 8.0  # seconds
FORGET = 300.0  # seconds until one failure is forgotten
ENTRIES = 10_000


@dataclass(slots=True)
class _Count:
    weight: float
    at: float


class Failures:
    """How often each key failed, fading with time; from `most` on it is shut out."""

    def __init__(self, most: float, entries: int = ENTRIES) -> None:
        self._most = most
        self._entries = entries
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def add(self, key: str, now: float) -> None:
        """One more."""
        self._counts[key] = _Count(self.weight(key, now) + 1, now)
        self._counts.move_to_end(key)
        while len(self._counts) > self._entries:
            self._counts.popitem(last=False)

    def weight(self, key: str, now: float) -> float:
        """How many there are still."""
        count = self._counts.get(key)
        return max(0.0, count.weight - (now - count.at) / FORGET) if count else 0.0

    def delay(self, key: str, now: float) -> float:
        """Seconds to wait before the next no."""
        over = self.weight(key, now) - FREE
        return min(LONGEST, 0.5 * 2 ** min(over, 10.0)) if over > 0 else 0.0

    def shut_out(self, key: str, now: float) -> bool:
        """Whether to ask no more."""
        return self.weight(key, now) >= self._most


def key_of(address: Address | None) -> str:
    """An address, for counting: of IPv6 the /64, which one customer has whole."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or "local")
