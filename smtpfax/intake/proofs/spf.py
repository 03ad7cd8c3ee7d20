"""SPF: whether the client may send for the reverse-path's domain (RFC 7208).

In:    the client's address and EHLO name, the reverse-path, and DNS.
Out:   Spf: the result, the directive that gave it, and the reason.
Fails: Temporary, when DNS does not answer (temperror).

Rule: at most ten terms that ask DNS and two that find nothing, over all records together (RFC 7208 section 4.6.4);
what is more is the owner's permanent error. Explanations are not fetched: nobody would read them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from smtpfax.model.errors import Temporary

from .names import Kind, Resolver, TooManyLookups
from .network import Address
from .spf_macro import VALIDATED, Asked, expand
from .spf_record import BadRecord, Directive, SpfRecord, is_spf, read_record

MOST_TERMS = 10
MOST_VOID = 2
MOST_HOSTS = 10  # of one mx or ptr


class Outcome(StrEnum):
    """RFC 7208 section 2.6, without temperror: that is a Temporary."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    PERMERROR = "permerror"


_QUALIFIERS = {"+": Outcome.PASS, "-": Outcome.FAIL, "~": Outcome.SOFTFAIL, "?": Outcome.NEUTRAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spf:
    """What SPF says."""

    outcome: Outcome
    reason: str
    by: Directive | None = None  # innermost: the one of an included record, not the include


class _Wrong(Exception):
    """A permanent error of the record's owner."""


async def check_spf(resolver: Resolver, address: Address, *, local_part: str, domain: str, helo: str) -> Spf:
    """check_host() of RFC 7208 section 4 for a reverse-path."""
    address = (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
    asked = Asked(
        address=address, local_part=local_part or "postmaster", sender_domain=domain, domain=domain, helo=helo
    )
    try:
        return await _Check(resolver).host(asked)
    except (_Wrong, BadRecord, TooManyLookups) as error:
        return Spf(outcome=Outcome.PERMERROR, reason=f"the SPF record of {domain} is wrong: {error}")


@dataclass(slots=True)
class _Check:
    """One evaluation, with what it has cost so far."""

    resolver: Resolver
    terms: int = 0
    void: int = 0
    names: tuple[str, ...] | None = None  # the client's, once they were asked for

    async def host(self, asked: Asked) -> Spf:
        """The record of one domain."""
        record = await self._record(asked.domain)
        if record is None:
            return Spf(outcome=Outcome.NONE, reason=f"{asked.domain} has no SPF record")
        for directive in record.directives:
            inner = await self._matches(directive, asked)
            if inner is not None:
                outcome = _QUALIFIERS[directive.qualifier]
                return Spf(outcome=outcome, reason=f"{directive.text} of {asked.domain}", by=inner)
        if record.redirect is None or any(directive.mechanism == "all" for directive in record.directives):
            return Spf(outcome=Outcome.NEUTRAL, reason=f"nothing in the SPF record of {asked.domain} matches")
        return await self._redirected(record.redirect, asked)

    async def _record(self, domain: str) -> SpfRecord | None:
        if not _is_name(domain):
            return None
        found = [text for text in await self.resolver.ask(domain, Kind.TXT) if is_spf(text)]
        if len(found) > 1:
            raise _Wrong(f"{domain} has {len(found)} of them")
        return read_record(found[0]) if found else None

    async def _redirected(self, spec: str, asked: Asked) -> Spf:
        self._count()
        found = await self.host(replace(asked, domain=await self._expand(spec, asked)))
        if found.outcome is Outcome.NONE:
            raise _Wrong(f"redirect={spec} leads nowhere")
        return found

    async def _matches(self, directive: Directive, asked: Asked) -> Directive | None:
        """The directive that matched, which for an include is the one inside."""
        if directive.mechanism == "include":
            return await self._include(directive, asked)
        return directive if await self._holds(directive, asked) else None

    async def _include(self, directive: Directive, asked: Asked) -> Directive | None:
        self._count()
        inner = await self.host(replace(asked, domain=await self._expand(directive.domain, asked)))
        if inner.outcome is Outcome.NONE:
            raise _Wrong(f"{directive.text} leads nowhere")
        return (inner.by or directive) if inner.outcome is Outcome.PASS else None

    async def _holds(self, directive: Directive, asked: Asked) -> bool:
        if directive.mechanism == "all":
            return True
        if directive.network is not None:
            return asked.address in directive.network
        self._count()
        target = await self._expand(directive.domain, asked) if directive.domain else asked.domain
        match directive.mechanism:
            case "a":
                return _among(await self._ask(target, _family(asked.address)), directive, asked.address)
            case "mx":
                return await self._mx(target, directive, asked.address)
            case "ptr":
                names = await self._names(asked.address)
                return any(name == target.lower() or name.endswith(f".{target.lower()}") for name in names)
            case _:  # exists: an A record, whatever the client's address is (RFC 7208 section 5.7)
                return bool(await self._ask(target, Kind.A))

    async def _mx(self, target: str, directive: Directive, client: Address) -> bool:
        hosts = await self._ask(target, Kind.MX)
        if len(hosts) > MOST_HOSTS:
            raise _Wrong(f"{directive.text} has more than {MOST_HOSTS} hosts")
        for host in hosts:
            if _among(await self.resolver.ask(host, _family(client)), directive, client):
                return True
        return False

    async def _expand(self, spec: str, asked: Asked) -> str:
        if VALIDATED.search(spec) is None:
            return expand(spec, asked)
        names = sorted(await self._names(asked.address), key=lambda name: _nearness(name, asked.domain))
        return expand(spec, asked, names[0] if names else "unknown")

    async def _names(self, address: Address) -> tuple[str, ...]:
        """The client's validated names (RFC 7208 section 5.5); a fault of DNS here is no name at all."""
        if self.names is None:
            self.names = tuple([name async for name in self._validated(address)])
        return self.names

    async def _validated(self, address: Address) -> AsyncIterator[str]:
        try:
            names = await self.resolver.ask(address.reverse_pointer, Kind.PTR)
        except Temporary:
            return
        for name in names[:MOST_HOSTS]:
            try:
                addresses = await self.resolver.ask(name, _family(address))
            except Temporary:
                continue
            if address in map(ip_address, addresses):
                yield name.lower()

    async def _ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        found = await self.resolver.ask(name, kind) if name else ()
        self.void += not found
        if self.void > MOST_VOID:
            raise _Wrong(f"more than {MOST_VOID} of its names do not exist")
        return found

    def _count(self) -> None:
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise _Wrong(f"more than {MOST_TERMS} of its terms ask DNS")


def _among(addresses: tuple[str, ...], directive: Directive, client: Address) -> bool:
    """Whether the client stands within the directive's prefix of one of the addresses."""
    six = isinstance(client, IPv6Address)
    length = directive.length6 if six else directive.length4
    return any(client in ip_network((address, length), strict=False) for address in addresses)


def _family(address: Address) -> Kind:
    return Kind.AAAA if isinstance(address, IPv6Address) else Kind.A


def _nearness(name: str, domain: str) -> tuple[bool, bool]:
    """RFC 7208 section 7.2: the domain itself, then one below it, then any."""
    return name != domain, not name.endswith(f".{domain}")


def _is_name(domain: str) -> bool:
    """RFC 7208 section 4.3: what is not a name of several labels has no record."""
    labels = domain.removesuffix(".").split(".")
    return len(labels) > 1 and all(0 < len(label) < 64 for label in labels)
