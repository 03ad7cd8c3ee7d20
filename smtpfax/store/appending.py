"""The journal's thread: mails become durable, a batch at a time, by one sync; whatever comes meanwhile shares the next.

In:    mails whose doors wait.
Out:   their entries in the journal; then each door is told, in the event loop; the database is owed their rows.
Fails: Temporary for every mail of a batch that failed; a mail's own error for that one alone.

Guarantee (G1): nobody is told before the sync that holds the mail.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue

from smtpfax.model.accepting import Acceptance, Filled, TakenJob
from smtpfax.model.errors import Temporary
from smtpfax.model.ids import Clock
from smtpfax.model.status import OUR_FAULT

from .claims import Claimed, claim
from .counting import Counts, added
from .faults import as_ours
from .forms import Form
from .journal import Journal
from .owing import Owed, Owing
from .taking import Arrived, Taken

Outcome = list[TakenJob] | BaseException
MOST_MAILS = 256
MOST_OCTETS = 16 * 1024 * 1024
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
        self._outgoing: list[Waiting] = []  # what the loop has brought in this turn of its
        self._inbox: SimpleQueue[list[Waiting] | None] = SimpleQueue()
        self._waiting: deque[Waiting] = deque()  # the thread's
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="store journal", daemon=True)
        self._closing = self._closed = False

    def start(self) -> None:
        """Begin to take mails."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def bring(self, mail: Waiting) -> None:
        """One more that waits; what one turn of the loop brings goes over together."""
        if self._closing or self._loop is None:
            raise Temporary(OUR_FAULT, reason="the store is closed")
        if not self._outgoing:
            self._loop.call_soon(self._post)
        self._outgoing.append(mail)

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        if self._closing:
            return
        self._closing = True
        if self._loop is not None:
            self._post()
            self._inbox.put(None)
            await asyncio.to_thread(self._thread.join)
        self._journal.close()
        self._claimed.close()

    def _post(self) -> None:
        if self._outgoing:
            outgoing, self._outgoing = self._outgoing, []
            self._inbox.put(outgoing)

    # The thread.

    def _run(self) -> None:
        while self._collect():
            batch = self._batch()
            try:
                self._turn(batch)
            except Exception as error:  # noqa: BLE001 an edge: the thread goes on, whatever a batch ended in
                failure = as_ours(error)
                log.error("%d mails were not taken: %s", len(batch), failure)
                for mail in batch:
                    mail.outcome = failure
            self._tell(batch)

    def _collect(self) -> bool:
        """Wait for something to do; False at the end."""
        try:
            if not self._waiting and not self._closed:
                self._receive(self._inbox.get())
            while True:
                self._receive(self._inbox.get_nowait())
        except Empty:
            return bool(self._waiting)

    def _receive(self, mails: list[Waiting] | None) -> None:
        if mails is None:
            self._closed = True
        else:
            self._waiting += mails

    def _batch(self) -> list[Waiting]:
        batch: list[Waiting] = []
        octets = 0
        while self._waiting and len(batch) < MOST_MAILS and octets < MOST_OCTETS:
            batch.append(self._waiting.popleft())
            octets += batch[-1].octets
        return batch

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

    def _tell(self, batch: Sequence[Waiting]) -> None:
        if batch and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._told, batch)

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
