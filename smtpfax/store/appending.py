"""The journal's thread: mails become durable, a batch at a time, by one sync; whatever comes meanwhile shares the next.

In:    mails whose doors wait.
Out:   their entries in the journal; then each door is told, in the event loop; the database is owed their rows.
Fails: Temporary for every mail of a batch that failed; a mail's own error for that one alone.

Guarantee (G1): nobody is told before the sync that holds the mail.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from smtpfax.model.accepting import Acceptance, Filled, TakenJob
from smtpfax.model.ids import Clock

from .claims import Claimed, claim
from .counting import Counts, added
from .faults import as_ours
from .forms import Form
from .handing import Handing
from .journal import Journal
from .owing import Owed, Owing
from .taking import Arrived, Taken

Outcome = list[TakenJob] | BaseException
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Waiting:
    """A mail whose door waits."""

    brought: Acceptance | Filled
    expires: datetime  # of its keys
    told: Callable[[Outcome], None]  # in the event loop, once
    outcome: Taken | BaseException | None = None

    @property
    def id(self) -> str:
        """The mail's."""
        brought = self.brought
        return brought.id if isinstance(brought, Filled) else brought.mail.id

    @property
    def octets(self) -> int:
        """What it brings into the journal."""
        brought = self.brought
        content = brought.content if isinstance(brought, Filled) else brought.mail.content
        return len(content.inline or b"")

    def tell(self) -> None:
        """The journal holds it, or it failed."""
        if isinstance(self.outcome, Taken):
            self.told(self.outcome.jobs)
        elif self.outcome is not None:
            self.told(self.outcome)


class Appender:
    """The only one that writes into the journal."""

    def __init__(self, journal: Journal, claimed: Claimed, owing: Owing, clock: Clock) -> None:
        self.note: Callable[[Counts], None] | None = None  # who counts faxes
        self._journal = journal
        self._claimed = claimed
        self._owing = owing
        self._clock = clock
        self._hands = Handing[Waiting]("store journal", self._run, patience=lambda: None)

    def start(self) -> None:
        """Begin to take mails."""
        self._hands.start()

    def bring(self, mail: Waiting) -> None:
        """One more that waits."""
        self._hands.bring(mail)

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        if await self._hands.close():
            self._journal.close()
            self._claimed.close()

    # The thread.

    def _run(self) -> None:
        while self._hands.collect():
            batch = self._hands.batch()
            try:
                self._turn(batch)
            except Exception as error:  # noqa: BLE001 an edge: the thread goes on, whatever a batch ended in
                failure = as_ours(error)
                log.error("%d mails were not taken: %s", len(batch), failure)
                for mail in batch:
                    mail.outcome = failure
            self._hands.in_loop(self._told, batch)

    def _turn(self, batch: Sequence[Waiting]) -> None:
        self._owing.wait_for_room()
        arrived = [(mail, here) for mail in batch if (here := _arrived(mail)) is not None]
        keys = [key for _, here in arrived for key in here.rows]
        known, held = self._claimed.look([mail.id for mail in batch], keys, self._clock())
        arrived = [(mail, here) for mail, here in arrived if _is_new(mail, known)]
        claimed = claim([here for _, here in arrived], held)
        taken = [here.taken(claimed) for _, here in arrived]
        self._keep(taken)
        for (mail, _), outcome in zip(arrived, taken, strict=True):
            mail.outcome = outcome

    def _keep(self, taken: Sequence[Taken]) -> None:
        """In the journal, by one sync; owed to the database from then on."""
        if not taken:
            return
        places = self._journal.append([each.entry() for each in taken])
        since = time.monotonic()
        for each in taken:
            self._claimed.owe(each.id, each.owed)
        self._owing.add([Owed(each, place, since) for each, place in zip(taken, places, strict=True)])

    def _told(self, batch: Sequence[Waiting]) -> None:
        """In the event loop: counted before the doors hear, so that room they reserved is not given back too early."""
        counts = [mail.outcome.counts for mail in batch if isinstance(mail.outcome, Taken)]
        if self.note is not None and counts:
            self.note(added(counts))
        for mail in batch:
            mail.tell()


def _arrived(mail: Waiting) -> Arrived | Form | None:
    """With its keys; a mail that cannot be is told so by itself."""
    brought = mail.brought
    try:
        return Form.of(brought, mail.expires) if isinstance(brought, Filled) else Arrived.of(brought, mail.expires)
    except Exception as error:  # noqa: BLE001 one mail's error is its own
        mail.outcome = as_ours(error)
        return None


def _is_new(mail: Waiting, known: set[str]) -> bool:
    """Whether no other mail has its id; it is known from now on."""
    if mail.id in known:
        mail.outcome = sqlite3.IntegrityError(f"there is a mail {mail.id} already")
        return False
    known.add(mail.id)
    return True
