"""DNS, asked by dnspython without blocking, and remembered for a while.

In:    a name and the kind of record.
Out:   the records as text, from the cache while they live.
Fails: Temporary: no answer in time, SERVFAIL, no name server.

Rule: bounded in seconds a question, questions at once, entries kept and octets an entry. A fault is not remembered.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdata
import dns.resolver
from dns.rdtypes.ANY.TXT import TXT

from .names import Kind, fault

SECONDS = 5.0
AT_ONCE = 100
LEAST_TTL = 5.0  # a hundred recipients of one mail must not ask a hundred times
MOST_TTL = 3600.0
NOTHING_TTL = 60.0  # how long a name without records is remembered: its owner may be about to mend it
MOST_OCTETS = 4096  # an answer that is longer is not remembered
_NO_SUCH = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN)
# A name that strangers wrote and that cannot be one: an empty label, one of 64 octets, a bad escape, no IDNA.
_NO_NAME = (dns.exception.SyntaxError, dns.name.NameTooLong, dns.name.IDNAException, UnicodeError)


class DnsResolver:
    """Implements Resolver by the name servers of the machine, or by those named."""

    def __init__(
        self, *, clock: Callable[[], float], servers: Sequence[str] = (), port: int = 53, seconds: float = SECONDS
    ) -> None:
        self._servers = tuple(servers)
        self._port = port
        self._seconds = seconds
        self._places = asyncio.Semaphore(AT_ONCE)
        self._cache = Cache(clock)

    async def ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        """The records, remembered or asked for."""
        key = (name.lower().removesuffix("."), kind)
        known = self._cache.get(key)
        if known is not None:
            return known
        async with self._places:
            records, ttl = await self._asked(*key)
        self._cache.put(key, records, ttl)
        return records

    async def _asked(self, name: str, kind: Kind) -> tuple[tuple[str, ...], float]:
        try:
            answer = await self._resolver.resolve(
                f"{name}.", kind.value, raise_on_no_answer=False, lifetime=self._seconds, search=False
            )
        except _NO_SUCH + _NO_NAME:
            return (), NOTHING_TTL
        except (dns.exception.DNSException, OSError) as error:
            raise fault(name, kind, str(error)) from error
        found = list(answer.rrset or ())
        if kind is Kind.MX:
            found.sort(key=lambda record: record.preference)
        ttl = float(answer.chaining_result.minimum_ttl) if found else NOTHING_TTL
        return tuple(_text(record, kind) for record in found), ttl

    @cached_property
    def _resolver(self) -> dns.asyncresolver.Resolver:
        resolver = dns.asyncresolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = list(self._servers)
        resolver.port = self._port
        return resolver


class Cache:
    """Answers while they live, the least used one making room."""

    def __init__(self, clock: Callable[[], float], entries: int = 4096) -> None:
        self._clock = clock
        self._entries = entries
        self._kept: OrderedDict[tuple[str, Kind], tuple[float, tuple[str, ...]]] = OrderedDict()

    def get(self, key: tuple[str, Kind]) -> tuple[str, ...] | None:
        """What is known, if it still lives."""
        until, records = self._kept.get(key, (0.0, ()))
        if until <= self._clock():
            self._kept.pop(key, None)
            return None
        self._kept.move_to_end(key)
        return records

    def put(self, key: tuple[str, Kind], records: tuple[str, ...], ttl: float) -> None:
        """Remember it."""
        if sum(map(len, records)) > MOST_OCTETS:
            return
        self._kept[key] = (self._clock() + min(max(ttl, LEAST_TTL), MOST_TTL), records)
        self._kept.move_to_end(key)
        while len(self._kept) > self._entries:
            self._kept.popitem(last=False)


def _text(record: dns.rdata.Rdata, kind: Kind) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("latin-1")
    if kind is Kind.MX:
        return str(record.exchange).removesuffix(".")  # type: ignore[attr-defined]
    return record.to_text().removesuffix(".")
