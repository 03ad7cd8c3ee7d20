"""Which proofs are in play for one recipient.

In:    the directory, the recipient's domain, the reverse-path, the client and the networks that settings name.
Out:   the proofs that would do, those at hand without asking anybody, and those that the content may still bring.
Fails: never; pure.

Rule: `auth` counts for the account of the recipient's domain alone. A reverse-path that only looks like another one in
lower case (a Kelvin sign for a K) has no proof at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from smtpfax.model.account import LATE, Account, Directory, Faxbox, Proof
from smtpfax.model.address import ReversePath
from smtpfax.model.authority import auth_holds
from smtpfax.model.mail import Client, ProofFound

from .network import Address, Network, network_proof, within

MOST_KNOWN = 2000  # addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom the settings trust; `relays` and `authserv_id` go together."""

    trusted: tuple[Network, ...] = ()
    relays: tuple[Network, ...] = ()
    authserv_id: str = ""
    _known: dict[Address | None, bool] = field(default_factory=dict, init=False, compare=False, repr=False)

    def knows(self, address: Address | None) -> bool:
        """Whether settings name the client: whoever they name may have more sessions than others."""
        known = self._known.get(address)
        if known is None:  # a network takes as long as a command, and there may be dozens
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[address] = within(address, (*self.trusted, *self.relays)) is not None
        return known

    def relays_for(self, client: Client) -> bool:
        """Whether the client is a mail server in front of us."""
        return within(client.address, self.relays) is not None

    def tells(self, client: Client) -> bool:
        """Whether the client's Authentication-Results count."""
        return bool(self.authserv_id) and self.relays_for(client)


NOTHING: frozenset[Proof] = frozenset()


def wanted(directory: Directory, domain: str, path: ReversePath) -> frozenset[Proof]:
    """The proofs of which one may be enough to fax to this domain from this reverse-path."""
    owner = directory.of_domain(domain)
    if owner is None or _deceives(path):
        return NOTHING
    boxes: Sequence[Faxbox] = [owner] if isinstance(owner, Faxbox) else directory.of_account(owner.id)
    permissions = (permission for box in boxes for permission in box.permissions)
    return NOTHING.union(*(permission.proofs for permission in permissions if permission.matches(path)))


def at_hand(
    directory: Directory, domain: str, path: ReversePath, client: Client, trust: Trust
) -> tuple[ProofFound, ...]:
    """`network` and `auth`, which nobody has to be asked for."""
    if path.null or _deceives(path):
        return ()
    network = network_proof(client.address, trust.trusted, trust.relays)
    return network, _auth(directory, domain, path, client.user)


def pending(path: ReversePath, client: Client, trust: Trust) -> frozenset[Proof]:
    """The proofs that the content may still bring: for `choose`. A relay's word on SPF comes with the content, too."""
    if path.null or _deceives(path):
        return NOTHING
    return LATE | {Proof.SPF} if trust.tells(client) else LATE


def _auth(directory: Directory, domain: str, path: ReversePath, user: str) -> ProofFound:
    account = _account_of(directory, domain)
    if not user:
        return ProofFound(proof=Proof.AUTH, holds=False, reason="nobody signed in")
    if account is None or not auth_holds(user, path, account):
        reason = f"{user} signed in, but may not use this reverse-path here"
        return ProofFound(proof=Proof.AUTH, holds=False, reason=reason)
    return ProofFound(proof=Proof.AUTH, holds=True, reason=f"{user} signed in")


def _account_of(directory: Directory, domain: str) -> Account | None:
    """The account that a fax domain belongs to."""
    owner = directory.of_domain(domain)
    return directory.accounts[owner.account_id] if isinstance(owner, Faxbox) else owner


def _deceives(path: ReversePath) -> bool:
    return path.key.isascii() and not path.local_part.isascii()
