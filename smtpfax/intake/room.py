"""Room under the caps, for a whole mail: looked for once more when its content is here.

In:    the desk, the reverse-path, and the rulings on its recipients.
Out:   a reservation that lasts while the mail is committed.
Fails: Temporary, when other sessions have used the room up since RCPT.

Rule: between the look and the reservation nothing is awaited, so that sessions which RCPT found room for at the same
time cannot pass a cap together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from smtpfax.model.address import ReversePath
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Temporary
from smtpfax.model.status import NO_ROOM

from .desk import Desk
from .policy import Ruling, brings, no_room


@contextmanager
def room(desk: Desk, sender: ReversePath, rulings: Sequence[Ruling]) -> Iterator[None]:
    """Around the commit."""
    rules = desk.rules
    for place, ruling in enumerate(rulings):
        over = no_room(ruling, sender=sender, before=rulings[:place], rules=rules)
        if over is not None:
            raise Temporary(NO_ROOM, cause=Cause.CAP, reason=over.text)
    with desk.store.usage.taking(brings(rulings, sender), rules.at):
        yield
