"""The guard: which addresses a request may reach.

In:    the address that is about to be connected to, after every name lookup.
Out:   whether it is public.
Fails: never.

Rule: what cannot be read as an address is not public. A name that changes between a check and the connection cannot
slip through, because the address checked is the one connected to.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from yarl import URL

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the way to IPv4 on networks that have only IPv6
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))  # 6to4 and Teredo hide an IPv4 address


def own_hosts(*urls: str) -> frozenset[str]:
    """The hosts of a backend's configured addresses, which may be private."""
    return frozenset(host for host in map(host_of, urls) if host)


def host_of(url: str) -> str:
    """The host that a URL names, as it is compared."""
    try:
        return (URL(url).host or "").lower().rstrip(".")
    except ValueError:
        return ""


def is_public(address: str) -> bool:
    """Whether everybody may be asked to connect there."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(inside) for inside in _unwrapped(ip))


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _unwrapped(ip: IPv4Address | IPv6Address) -> Iterable[IPv4Address | IPv6Address]:
    if isinstance(ip, IPv4Address):
        return [ip]
    if ip.ipv4_mapped is not None:
        return [ip.ipv4_mapped]
    if ip in _NAT64:
        return [IPv4Address(ip.packed[-4:])]
    if any(ip in tunnel for tunnel in _TUNNELS):
        return [IPv6Address("::1")]
    return [ip]
