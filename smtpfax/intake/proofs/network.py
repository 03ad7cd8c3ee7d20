"""The proof `network`: the client stands in a network that the settings trust.

In:    the client's address, and the networks that settings name.
Out:   the proof with its reason.
Fails: never; pure.

Rule: a relay has no proof of its own, whatever network it stands in: it carries the mails of strangers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from smtpfax.model.account import Proof
from smtpfax.model.mail import ProofFound

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def network_proof(address: Address | None, trusted: Sequence[Network], relays: Sequence[Network] = ()) -> ProofFound:
    """`network`: the client's address lies in a trusted network; a Unix socket is nobody's network."""
    if address is None:
        return ProofFound(proof=Proof.NETWORK, holds=False, reason="a local socket is not a network")
    if within(address, relays) is not None:
        return ProofFound(proof=Proof.NETWORK, holds=False, reason=f"{address} is a relay")
    network = within(address, trusted)
    if network is None:
        return ProofFound(proof=Proof.NETWORK, holds=False, reason=f"{address} is in none of trusted_networks")
    return ProofFound(proof=Proof.NETWORK, holds=True, reason=f"{address} is in {network}")


def within(address: Address | None, networks: Sequence[Network]) -> Network | None:
    """The first of the networks that the address lies in."""
    return next((network for network in networks if address is not None and address in network), None)


def address_of(peer: object) -> Address | None:
    """The socket's peer name as an address."""
    if not isinstance(peer, tuple) or not peer:
        return None
    return _read(str(peer[0]))


@lru_cache(maxsize=1024)
def _read(text: str) -> Address:
    host = text.partition("%")[0]
    return plain_address(IPv6Address(host) if ":" in host else IPv4Address(host))


def plain_address(address: Address) -> Address:
    """IPv4 mapped into IPv6 (RFC 4291 section 2.5.5.2) is IPv4."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
