"""Strangers cannot fill the disk: how many log rows a client without an account may cause in a day.

In:    a client's address and the time.
Out:   whether one more row is kept.
Fails: never.

Rule: an IPv6 client is its /64, for one host may use all of it; clients beyond a bound share one allowance.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from ipaddress import IPv4Address, IPv6Address

MOST_CLIENTS = 10_000
_OTHERS = ""


class Strangers:
    """Counts in memory; a restart begins a new day."""

    def __init__(self, per_day: int) -> None:
        self._per_day = per_day
        self._day: date | None = None
        self._rows: Counter[str] = Counter()

    def allows(self, address: IPv4Address | IPv6Address | None, at: datetime) -> bool:
        """Count one more row of this client."""
        if at.date() != self._day:
            self._day = at.date()
            self._rows.clear()
        client = _network(address)
        if client not in self._rows and len(self._rows) >= MOST_CLIENTS:
            client = _OTHERS
        self._rows[client] += 1
        return self._rows[client] <= self._per_day


def _network(address: IPv4Address | IPv6Address | None) -> str:
    if isinstance(address, IPv6Address):
        return address.exploded[:19]
    return str(address)
