"""What shows that a client may use a reverse-path: the proofs that can be had before DATA.

In:    the client's address and the networks that settings name.
Out:   the proofs looked for, each with its reason.
Fails: never here. (Proofs that ask DNS or read the content come with their own time limits, and fail as 451.)
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from smtpfax.model.account import Proof
from smtpfax.model.mail import ProofFound

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def network_proof(address: Address | None, trusted: Sequence[Network]) -> ProofFound:
    """`network`: the client's address lies in a trusted network; a Unix socket is nobody's network."""
    if address is None:
        return ProofFound(proof=Proof.NETWORK, holds=False, reason="a local socket is not a network")
    for network in trusted:
        if address in network:
            return ProofFound(proof=Proof.NETWORK, holds=True, reason=f"{address} is in {network}")
    return ProofFound(proof=Proof.NETWORK, holds=False, reason=f"{address} is in none of trusted_networks")


def address_of(peer: object) -> Address | None:
    """The socket's peer name as an address; IPv4 mapped into IPv6 is IPv4."""
    if not isinstance(peer, tuple) or not peer:
        return None
    host = str(peer[0]).partition("%")[0]
    address: Address = IPv6Address(host) if ":" in host else IPv4Address(host)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
