"""Letters: the mails that tell of received faxes.

In:    a received fax, and its faxbox.
Out:   a Letter for each address that is to be told.
Fails: never; pure.

Rule: a letter's id is made from its fax and its place in the list, so that it exists once, and its Message-ID with it:
it may come twice, never zero times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .account import Faxbox
from .address import folded
from .backend import InboundFax


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to one address; kept until a relay has it."""

    id: str
    fax_id: str
    recipient: str
    created: datetime
    due: datetime
    tries: int = 0


def letters_for(fax: InboundFax, faxbox: Faxbox | None, *, at: datetime) -> tuple[Letter, ...]:
    """Whom to tell; a faxbox that is gone tells nobody."""
    known = {folded(address): address for address in reversed(faxbox.notify_inbound if faxbox else ())}
    return tuple(
        Letter(id=f"{fax.id}-inbound-{place}", fax_id=fax.id, recipient=address, created=at, due=at)
        for place, address in enumerate(reversed(known.values()))
    )
