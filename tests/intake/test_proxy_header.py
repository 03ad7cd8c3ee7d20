"""The PROXY protocol's header: what it says, where it ends, and what is none."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from aiosmtpd.proxy_protocol import get_proxy
from hypothesis import example, given
from hypothesis import strategies as some

from smtpfax.intake.proofs import Address, plain_address
from smtpfax.intake.proxy import SIGNATURE, BadProxy, Proxied, read_proxy, wanted

HERE, THERE = IPv4Address("192.0.2.1"), "198.51.100.25"
MOST = 16 + 4096


def two(family: int, rest: bytes, *, command: int = 1, version: int = 2, length: int | None = None) -> bytes:
    """A header of version 2."""
    length = len(rest) if length is None else length
    return SIGNATURE + bytes([version << 4 | command, family]) + length.to_bytes(2, "big") + rest


def over_tcp(source: Address, more: bytes = b"") -> bytes:
    """Of a client of this address."""
    to = IPv4Address(THERE) if source.version == 4 else IPv6Address("2001:db8::25")
    return two(0x11 if source.version == 4 else 0x21, source.packed + to.packed + struct.pack("!HH", 4711, 25) + more)


def vector(kind: int, value: bytes) -> bytes:
    """Type, length, value."""
    return bytes([kind]) + len(value).to_bytes(2, "big") + value


def tls(version: bytes, flags: int = 1) -> bytes:
    """What a load balancer says that speaks TLS with the client."""
    return vector(0x20, bytes([flags]) + b"\0\0\0\0" + vector(0x21, version) + vector(0x23, b"ECDHE"))


def taken(stream: bytes) -> tuple[bytes, Proxied]:
    """The header as a connection gives it: no more octets than are asked for; and what it says."""
    header = b""
    while need := wanted(header):
        assert len(header) + need <= len(stream)
        header += stream[len(header) : len(header) + need]
    return header, read_proxy(header)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"PROXY TCP4 192.0.2.1 198.51.100.25 4711 25\r\n", Proxied(address=HERE)),
        (b"PROXY TCP6 2001:db8::1 2001:DB8::25 4711 25\r\n", Proxied(address=ip_address("2001:db8::1"))),
        (b"PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.25 4711 25\r\n", Proxied(address=HERE)),
        (b"PROXY UNKNOWN\r\n", Proxied()),
        (b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", Proxied()),
        (over_tcp(HERE), Proxied(address=HERE)),
        (over_tcp(ip_address("2001:db8::1")), Proxied(address=ip_address("2001:db8::1"))),
        (over_tcp(ip_address("::ffff:192.0.2.1")), Proxied(address=HERE)),
        (two(0x00, b"", command=0), Proxied()),
        (two(0x12, b"whatever this is", command=0), Proxied()),
        (two(0x00, vector(0x04, b"\0\0")), Proxied()),
        (two(0x31, b"/run/x.sock".ljust(108, b"\0") * 2), Proxied()),
        (over_tcp(HERE, tls(b"TLSv1.3")), Proxied(address=HERE, tls="TLSv1.3")),
        (over_tcp(HERE, vector(1, b"h") + tls(b"TLSv1.2")), Proxied(address=HERE, tls="TLSv1.2")),
        (over_tcp(HERE, tls(b"TLSv1.3", flags=0)), Proxied(address=HERE)),
        (over_tcp(HERE, vector(0x20, b"\1\0\0\0\0")), Proxied(address=HERE, tls="TLS")),
        (over_tcp(HERE, tls(b"a\r\nb")), Proxied(address=HERE, tls="TLS")),
    ],
)  # fmt: skip
def test_a_header_says_who_the_client_is_and_ends_where_it_ends(header: bytes, says: Proxied) -> None:
    assert taken(header + b"\x16\x03\x01 what the client says") == (header, says)


@pytest.mark.parametrize(
    "stream",
    [
        b"EHLO mail.example\r\n",
        b"proxy TCP4 192.0.2.1 198.51.100.25 4711 25\r\n",
        b"PROXY\r\n" + b" " * 20,
        b"PROXY TCP4 192.0.2.1 198.51.100.25 4711 25" + b" " * 107,
        b"PROXY TCP4 192.0.2.1 198.51.100.25 4711 25\n" + b" " * 107,
        b"PROXY TCP4 192.0.2.1 198.51.100.25 4711\r\n",
        b"PROXY TCP4 192.0.2.1  198.51.100.25 4711 25\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.25 4711 25 \r\n",
        b"PROXY TCP4 192.0.2.01 198.51.100.25 4711 25\r\n",
        b"PROXY TCP4 192.0.2.256 198.51.100.25 4711 25\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.25 4711 65536\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.25 -1 25\r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::25 4711 25\r\n",
        b"PROXY TCP6 192.0.2.1 198.51.100.25 4711 25\r\n",
        b"PROXY TCP6 fe80::1%eth0 2001:db8::25 4711 25\r\n",
        b"PROXY UDP4 192.0.2.1 198.51.100.25 4711 25\r\n",
        b"PROXY UNKNOWN\rEHLO\r\n",
        b"PROXY UNKNOWN" + b"x" * 100 + b"\r\n",
        SIGNATURE[:-1] + b"\0" * 20,
        two(0x11, b"\0" * 12, version=1),
        two(0x11, b"\0" * 12, version=3),
        two(0x11, b"\0" * 12, command=2),
        two(0x12, b"\0" * 12),
        two(0x41, b"\0" * 12),
        two(0x11, b"\0" * 11),
        two(0x21, b"\0" * 35),
        two(0x31, b"\0" * 215),
        two(0x11, b"", length=5000) + b"\0" * 5000,
        over_tcp(HERE, b"\4"),
        over_tcp(HERE, b"\4\0\5abcd"),
        over_tcp(HERE, vector(0x20, b"\1\0\0\0")),
        over_tcp(HERE, vector(0x20, b"\1\0\0\0\0\x21\0\7TLSv1.")),
    ],
)
def test_what_is_no_header_is_refused(stream: bytes) -> None:
    with pytest.raises(BadProxy):
        taken(stream + b"\0" * MOST)


@given(some.ip_addresses(), some.binary(max_size=300), some.integers(0, 65535))
def test_every_address_comes_through_both_versions(source: Address, after: bytes, port: int) -> None:
    to = THERE if source.version == 4 else "2001:db8::25"
    line = f"PROXY TCP{source.version} {source} {to} {port} 25\r\n".encode()
    if "%" in str(source):  # a scope means nothing on another host
        return
    for header in (line, over_tcp(source)):
        assert taken(header + after) == (header, Proxied(address=plain_address(source)))


HEADERS = some.one_of(
    some.builds(lambda rest: b"PROXY " + rest + b"\r\n", some.from_regex(rb"[A-Z0-9.: ]{0,80}", fullmatch=True)),
    some.builds(two, some.integers(0, 255), some.binary(max_size=80), command=some.integers(0, 15)),
    some.builds(lambda source, more: over_tcp(source, more), some.ip_addresses(), some.binary(max_size=60)),
    some.binary(max_size=300),
)


@given(HEADERS)
@example(b"")
def test_any_octets_are_a_header_or_none_within_the_bound(octets: bytes) -> None:
    with suppress(BadProxy):
        assert len(taken(octets.ljust(MOST + 1, b"\0"))[0]) <= MOST


@given(HEADERS)
@example(b"PROXY TCP4 192.0.2.1 198.51.100.25 4711 25\r\n")
@example(over_tcp(HERE, tls(b"TLSv1.3")))
def test_whom_we_find_another_reader_finds_as_well(octets: bytes) -> None:
    try:
        header, found = taken(octets.ljust(MOST + 1, b"\0"))
    except BadProxy:
        return
    if found.address is not None:
        assert plain_address(asyncio.run(read_by_aiosmtpd(header))) == found.address


async def read_by_aiosmtpd(header: bytes) -> Address:
    """The source, as aiosmtpd reads it."""
    reader = asyncio.StreamReader()
    reader.feed_data(header)
    reader.feed_eof()
    found = await get_proxy(reader)
    assert found.valid, found.error
    assert isinstance(found.src_addr, IPv4Address | IPv6Address)
    return found.src_addr
