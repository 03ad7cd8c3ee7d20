"""A trial: would this be faxed, and why not? What the SMTP door would answer, asked without sending anything.

In:    a Trial: who sends, from where, to whom.
Out:   Tried: the reply that the door's own policy gives, and what it was found for.
Fails: Temporary, when DNS does not answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .account import Proof
from .mail import Client, ProofFound
from .status import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A mail that was not sent."""

    client: Client  # with its address, and who signed in
    sender: str  # as it would stand between < and >
    recipient: str
    octets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What the door would say; `awaited` are proofs that only the mail's own content could bring."""

    reply: Reply
    reason: str = ""
    proofs: tuple[ProofFound, ...] = ()
    awaited: frozenset[Proof] = frozenset()
    account_id: str = ""
    faxbox_id: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)  # how the number was read and judged


class Rehearse(Protocol):
    """The SMTP door's policy, lent to the pages."""

    async def __call__(self, trial: Trial) -> Tried:
        """Ask it. Temporary."""
