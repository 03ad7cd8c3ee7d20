"""DNS over real UDP, from a small server of our own; nothing outside the machine is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import cast

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from smtpfax.intake.proofs.dns import MOST_OCTETS, Cache, DnsResolver
from smtpfax.intake.proofs.names import Kind, Lookups, TooManyLookups
from smtpfax.model.errors import Temporary
from tests.intake.proofs.zone import Zone

RECORDS = {
    ("acme.example.", "TXT"): ['"v=spf1 " "ip4:192.0.2.1 -all"', '"other \\228"'],
    ("acme.example.", "MX"): ["20 b.acme.example.", "10 a.acme.example."],
    ("a.acme.example.", "A"): ["192.0.2.1"],
    ("a.acme.example.", "AAAA"): ["2001:db8::1"],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["a.acme.example."],
}


class Server(asyncio.DatagramProtocol):
    """Answers by the table; `broken.example` is SERVFAIL, `silent.example` is never answered."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = str(question.name).lower(), dns.rdatatype.to_text(question.rdtype)
        self.questions.append(f"{name} {kind}")
        if name == "silent.example.":
            return
        reply = dns.message.make_response(query)
        records = RECORDS.get((name, kind))
        if name == "broken.example.":
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif records:
            reply.answer.append(dns.rrset.from_text(name, 300, "IN", kind, *records))
        elif not any(known == name for known, _ in RECORDS):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(reply.to_wire(), addr)


@asynccontextmanager
async def resolver(
    seconds: float = 5.0, clock: Iterator[float] | None = None
) -> AsyncIterator[tuple[DnsResolver, Server]]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    ticks = clock or count()
    port = transport.get_extra_info("sockname")[1]
    try:
        yield DnsResolver(clock=lambda: next(ticks), servers=["127.0.0.1"], port=port, seconds=seconds), server
    finally:
        transport.close()


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [
        ("acme.example", Kind.TXT, {"v=spf1 ip4:192.0.2.1 -all", "other \xe4"}),
        ("ACME.example.", Kind.MX, {"a.acme.example", "b.acme.example"}),
        ("a.acme.example", Kind.A, {"192.0.2.1"}),
        ("a.acme.example", Kind.AAAA, {"2001:db8::1"}),
        ("1.2.0.192.in-addr.arpa", Kind.PTR, {"a.acme.example"}),
        ("nobody.example", Kind.TXT, set()),
        ("acme.example", Kind.A, set()),
        ("a..b.example", Kind.TXT, set()),
        (f"{'x' * 64}.example", Kind.TXT, set()),
        (".".join(["abcdefgh"] * 40), Kind.TXT, set()),
        ("\\", Kind.TXT, set()),
        ("\u2028.example", Kind.TXT, set()),
        ("", Kind.A, set()),
    ],
)
async def test_an_answer_is_text_and_a_void_is_empty(name: str, kind: Kind, answer: set[str]) -> None:
    async with resolver() as (dns_, _):
        assert set(await dns_.ask(name, kind)) == answer


async def test_the_preferred_host_comes_first() -> None:
    async with resolver() as (dns_, _):
        assert await dns_.ask("acme.example", Kind.MX) == ("a.acme.example", "b.acme.example")


@pytest.mark.parametrize("name", ["broken.example", "silent.example"])
async def test_a_fault_is_temporary_and_not_remembered(name: str) -> None:
    async with resolver(seconds=0.3) as (dns_, server):
        for _ in range(2):
            with pytest.raises(Temporary) as fault:
                await dns_.ask(name, Kind.TXT)
            assert (fault.value.sentence.code, str(fault.value.status)) == (451, "4.4.3")
        assert server.questions.count(f"{name}. TXT") >= 2


async def test_an_answer_is_asked_for_once_while_it_lives() -> None:
    async with resolver(clock=iter([0.0, 0.0, 299.0, 301.0, 301.0])) as (dns_, server):
        await dns_.ask("acme.example", Kind.TXT)
        await dns_.ask("Acme.Example", Kind.TXT)
        assert len(server.questions) == 1
        await dns_.ask("acme.example", Kind.TXT)
        assert len(server.questions) == 2


def test_the_cache_is_bounded_in_entries_and_octets() -> None:
    cache = Cache(lambda: 0.0, entries=2)
    for name in ("a", "b", "c"):
        cache.put((name, Kind.TXT), (name,), 60)
    cache.put(("d", Kind.TXT), ("x" * (MOST_OCTETS + 1),), 60)
    assert [cache.get((name, Kind.TXT)) for name in "abcd"] == [None, ("b",), ("c",), None]


async def test_one_mail_asks_only_so_much() -> None:
    zone = Zone({})
    lookups = Lookups(zone, most=2)
    await lookups.ask("a.example", Kind.A)
    await lookups.ask("b.example", Kind.A)
    with pytest.raises(TooManyLookups):
        await lookups.ask("c.example", Kind.A)
    assert len(zone.asked) == 2
