"""What shows that a client may use a reverse-path, each proof with its reason; DNS faults are 451, never a pass."""

from .network import Address, Network, address_of, network_proof, plain_address

__all__ = ["Address", "Network", "address_of", "network_proof", "plain_address"]
