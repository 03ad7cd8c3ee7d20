"""The PROXY protocol's header, versions 1 and 2: who the client behind a load balancer is.

In:    the first octets of a connection.
Out:   how many octets are still wanted; then Proxied: the client's address, and its TLS with the load balancer.
Fails: BadProxy, as soon as it cannot be a header any more.

Rule: pure and bounded, and never an octet more is asked for than the header has: what follows is the client's. The
rules are haproxy's doc/proxy-protocol.txt, version 2020/03/05.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from smtpfax.model.mail import Client

from .proofs import Address, address_of, plain_address

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"  # section 2.2
_WORD = b"PROXY "
_SHORTEST = len(b"PROXY UNKNOWN\r\n")
_LONGEST = 107  # section 2.1: CRLF included
_FIXED = 16  # section 2.2: signature, version and command, family and transport, length
_MOST = 4096  # of what follows; with all TLVs in use it is some hundred octets
_LINE = re.compile(rb"PROXY (TCP4|TCP6) ([0-9.]+|[0-9A-Fa-f:.]+) ([0-9.]+|[0-9A-Fa-f:.]+) (\d{1,5}) (\d{1,5})\r\n")
_UNKNOWN = re.compile(rb"PROXY UNKNOWN(?: [^\r\n]*)?\r\n")
_ADDRESSES = {0x11: 12, 0x21: 36, 0x31: 216, 0x00: 0}  # TCP over IPv4, over IPv6, Unix stream, unspecified
_SSL, _SSL_VERSION = 0x20, 0x21  # section 2.2.6
_OVER_SSL = 0x01


class BadProxy(ValueError):
    """It is no header of the PROXY protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxied:
    """The client behind a load balancer; without an address, nobody knows who it is."""

    address: Address | None = None
    tls: str = ""  # the version that client and load balancer speak


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """How a connection came to us."""

    tls: bool = False  # by a listener that speaks TLS from the first octet
    proxied: Proxied | None = None  # through a load balancer

    def client(self, peer: object) -> Client:
        """Who it is, as far as is known before it says a word; `peer` is the socket's."""
        if self.proxied is not None:
            return Client(address=self.proxied.address, tls=self.proxied.tls)
        return Client(address=address_of(peer))


DIRECTLY = Came()


def wanted(header: bytes) -> int:
    """How many octets are surely still to come; 0 when the header is whole."""
    if _WORD.startswith(header[: len(_WORD)]):
        return _wanted_of_one(header)
    if SIGNATURE.startswith(header[: len(SIGNATURE)]):
        return _wanted_of_two(header)
    raise BadProxy("neither version of the PROXY protocol begins so")


def read_proxy(header: bytes) -> Proxied:
    """A whole header."""
    return _version_two(header) if header.startswith(SIGNATURE) else _version_one(header)


def _wanted_of_one(header: bytes) -> int:
    if header.endswith(b"\r\n"):
        return 0
    if len(header) >= _LONGEST:
        raise BadProxy("the line is too long")
    return max(_SHORTEST - len(header), 1)


def _wanted_of_two(header: bytes) -> int:
    if len(header) < _FIXED:
        return _FIXED - len(header)
    length = int.from_bytes(header[14:16], "big")
    if length > _MOST:
        raise BadProxy("the header is too long")
    return _FIXED + length - len(header)


def _version_one(header: bytes) -> Proxied:
    if _UNKNOWN.fullmatch(header):
        return Proxied()
    match = _LINE.fullmatch(header)
    if match is None or int(match[4]) > 65535 or int(match[5]) > 65535:
        raise BadProxy("the line cannot be read")
    kind = IPv4Address if match[1] == b"TCP4" else IPv6Address
    try:
        source, _ = kind(match[2].decode()), kind(match[3].decode())
    except AddressValueError:
        raise BadProxy("an address cannot be read") from None
    return Proxied(address=plain_address(source))


def _version_two(header: bytes) -> Proxied:
    version, command, family = header[12] >> 4, header[12] & 0xF, header[13]
    if version != 2 or command > 1:
        raise BadProxy("the version or the command is not known")
    if command == 0:  # LOCAL: the load balancer itself is there, to see whether we live
        return Proxied()
    if family not in _ADDRESSES:
        raise BadProxy("the transport is not known")
    addresses, more = header[_FIXED : _FIXED + _ADDRESSES[family]], header[_FIXED + _ADDRESSES[family] :]
    if len(addresses) < _ADDRESSES[family]:
        raise BadProxy("the addresses are cut off")
    return Proxied(address=_source(family, addresses), tls=_tls(dict(_vectors(more))))


def _source(family: int, addresses: bytes) -> Address | None:
    if family == 0x11:
        return IPv4Address(addresses[:4])
    return plain_address(IPv6Address(addresses[:16])) if family == 0x21 else None


def _vectors(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Type, length and value, again and again."""
    while octets:
        length = int.from_bytes(octets[1:3], "big")
        if len(octets) < 3 + length:
            raise BadProxy("a vector is cut off")
        yield octets[0], octets[3 : 3 + length]
        octets = octets[3 + length :]


def _tls(vectors: dict[int, bytes]) -> str:
    """What client and load balancer agreed upon; empty, when they speak without TLS."""
    ssl = vectors.get(_SSL, b"\0" * 5)
    if len(ssl) < 5:
        raise BadProxy("the vector about TLS is cut off")
    if not ssl[0] & _OVER_SSL:
        return ""
    version = dict(_vectors(ssl[5:])).get(_SSL_VERSION, b"TLS").decode("ascii", "replace")[:16]
    return version if version.isprintable() else "TLS"
