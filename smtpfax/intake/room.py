"""Room under the caps, for a whole mail: looked for once more when its content is here.

In:    the desk, the reverse-path, and the rulings on its recipients.
Out:   a reservation, to be given back when the mail is committed, or is not.
Fails: Temporary, when other sessions have used the room up since RCPT.

Rule: between the look and the reservation nothing is awaited, so that sessions which RCPT found room for at the same
time cannot pass a cap together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from smtpfax.model.address import ReversePath
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Temporary
from smtpfax.model.status import NO_ROOM

from .desk import Desk
from .policy import Ruling, brings, capped, no_room


def reserve(desk: Desk, sender: ReversePath, rulings: Sequence[Ruling]) -> Callable[[], None]:
    """Room for all of them; what is called to give it back."""
    bound = [ruling for ruling in rulings if capped(ruling, sender)]
    if not bound:
        return nothing_reserved
    rules = desk.rules
    for place, ruling in enumerate(bound):
        over = no_room(ruling, sender=sender, before=bound[:place], rules=rules)
        if over is not None:
            raise Temporary(NO_ROOM, cause=Cause.CAP, reason=over.text)
    return desk.store.usage.reserve(brings(bound, sender), rules.at)


def nothing_reserved() -> None:
    """Nothing was reserved."""
