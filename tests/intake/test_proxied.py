"""Behind a load balancer: the client is who the PROXY header says, and only named networks may say it."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, ip_network
from pathlib import Path

import pytest

from smtpfax.intake.desk import Manners
from smtpfax.intake.proofs.play import Trust
from smtpfax.intake.proxy import SIGNATURE
from smtpfax.model.mail import Client as Seen
from tests.intake.client import Client, certified, logged, nobody_is_left
from tests.intake.door import Here, door, with_manners

BALANCER, OTHER = "127.0.0.3", "127.0.0.4"
ONE = b"PROXY TCP4 192.0.2.1 198.51.100.25 4711 25\r\n"
ADDRESSES = IPv4Address("192.0.2.1").packed + IPv4Address("198.51.100.25").packed + struct.pack("!HH", 4711, 25)
SSL = b"\x20\0\x0f\1\0\0\0\0\x21\0\7TLSv1.3"


def two(more: bytes = b"", command: int = 1) -> bytes:
    """A header of version 2."""
    rest = ADDRESSES + more
    return SIGNATURE + bytes([0x20 | command, 0x11]) + len(rest).to_bytes(2, "big") + rest


def behind(*trusted: str, **changed: object) -> Manners:
    """A door that trusts these networks, and has a load balancer before it."""
    trust = Trust(trusted=tuple(ip_network(network) for network in trusted))
    return with_manners(proxies=(ip_network(BALANCER),), trust=trust, **changed)


async def seen(here: Here) -> Seen:
    """The client of the last attempt."""
    return (await logged(here))[0].client


@pytest.mark.parametrize("header", [ONE, two(), two(b"\4\0\2\0\0")])
async def test_the_client_in_the_header_is_the_client(tmp_path: Path, header: bytes) -> None:
    async with door(tmp_path, behind("192.0.2.0/24")) as here:
        client = await Client.to(here, by=BALANCER, words=header)
        assert (await client.sends_a_mail()).startswith("250")
        assert (await seen(here)).address == IPv4Address("192.0.2.1")


async def test_the_load_balancer_lends_its_clients_no_trust(tmp_path: Path) -> None:
    async with door(tmp_path, behind("127.0.0.0/8")) as here:
        for header in (ONE, b"PROXY UNKNOWN\r\n", two(command=0)):
            client = await Client.to(here, by=BALANCER, words=header)
            for line in ("EHLO x", "MAIL FROM:<ann@acme.example>"):
                assert (await client.asks(line))[-1].startswith("250")
            assert (await client.asks("RCPT TO:<+12025550123@fax.example>"))[0].startswith("550 5.7.1")
        assert [attempt.client.address for attempt in await logged(here)] == [None, None, IPv4Address("192.0.2.1")]


async def test_a_header_may_come_in_pieces_and_with_the_first_command(tmp_path: Path) -> None:
    async with door(tmp_path, behind("192.0.2.0/24")) as here:
        client = await Client.silent(here, by=BALANCER)
        for octet in ONE[:-1]:
            await client.says(bytes([octet]))
        await client.says(ONE[-1:] + b"NOOP\r\n")
        await client.hears("220")
        await client.hears("250")


async def test_tls_may_begin_in_one_piece_with_the_header(tmp_path: Path) -> None:
    async with door(tmp_path, behind("192.0.2.0/24"), files=certified(tmp_path)) as here:
        client = await Client.silent(here, by=BALANCER, tls=True)
        made, back = await client.shakes_hands(before=two())
        assert (await client.reads(made, back, until=b"\r\n")).startswith(b"220 mx.fax.example")


async def test_tls_that_ends_at_the_load_balancer_is_tls(tmp_path: Path) -> None:
    async with door(tmp_path, behind("192.0.2.0/24"), files=certified(tmp_path)) as here:
        client = await Client.to(here, by=BALANCER, words=two(SSL))
        offered = await client.asks("EHLO x")
        assert "250 AUTH PLAIN LOGIN" in offered
        assert not any("STARTTLS" in line for line in offered)
        assert (await client.sends_a_mail()).startswith("250")
        assert (await seen(here)).tls == "TLSv1.3"


async def test_who_is_no_load_balancer_is_itself(tmp_path: Path) -> None:
    async with door(tmp_path, behind(OTHER)) as here:
        client = await Client.to(here, by=OTHER)
        assert (await client.sends_a_mail()).startswith("250")
        assert (await seen(here)).address == IPv4Address(OTHER)
        assert (await client.asks(ONE.decode().strip()))[0].startswith("554 5.7.1")
        await client.hears_the_end()


@pytest.mark.parametrize("words", [b"EHLO x\r\n", b"PROXY TCP4 nobody\r\n", two()[:-1], SIGNATURE + b"\0" * 4])
async def test_a_load_balancer_that_says_no_header_is_cut_off(tmp_path: Path, words: bytes) -> None:
    async with door(tmp_path, behind(command_seconds=0.2)) as here:
        client = await Client.silent(here, by=BALANCER)
        await client.says(words)
        await client.is_cut_off()
        await nobody_is_left(here)


async def test_a_load_balancer_that_goes_before_it_spoke_leaves_nobody_behind(tmp_path: Path) -> None:
    async with door(tmp_path, behind()) as here:
        client = await Client.silent(here, by=BALANCER)
        await client.says(ONE[:10])
        client.vanishes()
        await nobody_is_left(here)


async def test_a_drain_does_not_wait_for_a_header(tmp_path: Path) -> None:
    async with door(tmp_path, behind()) as here:
        client = await Client.silent(here, by=BALANCER)
        await (await Client.to(here, by=OTHER)).asks("NOOP")  # by then the first one is known as well
        await here.server.close(seconds=10)
        await client.is_cut_off()


async def test_sessions_are_counted_by_the_client_in_the_header(tmp_path: Path) -> None:
    async with door(tmp_path, behind(max_sessions_each=1)) as here:
        await Client.to(here, by=BALANCER, words=ONE)
        await Client.to(here, by=BALANCER, words=ONE.replace(b"192.0.2.1", b"192.0.2.2"))
        second = await Client.silent(here, by=BALANCER)
        await second.says(two())
        await second.hears("421")
