"""From address to faxbox, and whether it may be used.

In:    the directory, a forward-path's domain, the reverse-path, the proofs held and those still pending.
Out:   a Choice: the faxbox and account found, and whether a permission holds now, perhaps later, or not.
Fails: never; a Choice without a faxbox says so.

Rule: ownership selects and does not permit; the permissions whose pattern matches are a union, and any one of
their proofs is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .account import LATE, Account, Directory, Faxbox, Proof
from .address import ReversePath


class Standing(StrEnum):
    """How a permission stands."""

    HELD = "held"  # a proof is at hand: the answer is final
    PENDING = "pending"  # only a proof that the content brings can still give it
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an address came to; `awaited` are the pending proofs that would do.

    `signed`: some permission of the reverse-path's takes a signature as its proof.
    """

    account: Account | None = None
    faxbox: Faxbox | None = None
    standing: Standing = Standing.NONE
    awaited: frozenset[Proof] = frozenset()
    signed: bool = False


def choose(
    directory: Directory, domain: str, reverse_path: ReversePath, *, held: frozenset[Proof], pending: frozenset[Proof]
) -> Choice:
    """The domain's faxbox; or the account's one faxbox for this reverse-path."""
    owner = directory.of_domain(domain)
    if owner is None:
        return Choice()
    if isinstance(owner, Faxbox):
        return _judged(directory.accounts[owner.account_id], owner, reverse_path, held, pending)
    boxes = directory.of_account(owner.id)
    owned = [box for box in boxes if box.owner and box.owner == reverse_path.key]
    if len(owned) == 1:
        return _judged(owner, owned[0], reverse_path, held, pending)
    judged = [_judged(owner, box, reverse_path, held, pending) for box in boxes]
    usable = [choice for choice in judged if choice.standing is not Standing.NONE]
    return usable[0] if len(usable) == 1 else Choice(account=owner)


def _judged(
    account: Account, faxbox: Faxbox, path: ReversePath, held: frozenset[Proof], pending: frozenset[Proof]
) -> Choice:
    wanted = frozenset[Proof]().union(*(p.proofs for p in faxbox.permissions if p.matches(path)))
    signed = not wanted.isdisjoint(LATE)
    if wanted & held:
        return Choice(account=account, faxbox=faxbox, standing=Standing.HELD, signed=signed)
    if wanted & pending:
        late = wanted & pending
        return Choice(account=account, faxbox=faxbox, standing=Standing.PENDING, awaited=late, signed=signed)
    return Choice(account=account, faxbox=faxbox)
