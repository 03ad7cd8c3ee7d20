"""Mails become durable, a batch at a time, by one sync; whatever comes meanwhile shares the next.

In:    mails whose doors wait.
Out:   their entries in the journal; then each door is told; the database is owed their rows.
Fails: Temporary for every mail of a batch that failed; a mail's own error for that one alone.

Rule: a batch is made in the event loop and written by a thread, which does nothing but wait for the disk: Python work
in two threads costs both more than it is worth. The loop takes it that nobody holds the keys that it does not know of.
Where somebody may, the thread asks the database before it writes; if somebody does, the loop makes the batch anew.

Guarantee (G1): nobody is told before the sync that holds the mail.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue

from smtpfax.model.errors import Temporary
from smtpfax.model.status import OUR_FAULT

from .brought import Brought, Columns, Filling, Places
from .claims import Became, Claimed, Holders, claim
from .faults import as_ours
from .handing import MOST, MOST_OCTETS
from .owing import Owed, Owing
from .packing import packed
from .segments import Framed, Journal, Place
from .taking import Arrived, FormArrived, Taken

ENOUGH = 8  # mails of a batch that waits for no more
MOMENT = 0.002  # seconds that it waits for more, while the loop is busy with what may bring them
Told = Sequence[Became] | BaseException
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Waiting:
    """A mail whose door waits."""

    mail: Brought | Filling
    told: Callable[[Told], None]  # in the event loop, once
    outcome: Taken | BaseException | None = None

    @property
    def octets(self) -> int:
        """What it brings into the journal."""
        return len(self.mail.content or b"")

    def tell(self) -> None:
        """The journal holds it, or it failed."""
        if isinstance(self.outcome, Taken):
            self.told(self.outcome.jobs)
        elif self.outcome is not None:
            self.told(self.outcome)


@dataclass(slots=True)
class Batch:
    """Mails on their way into the journal."""

    waiting: Sequence[Waiting]
    now: str
    arrived: list[tuple[Waiting, Arrived | FormArrived]]
    held: Holders = field(default_factory=dict)  # keys of theirs
    taken: list[Taken] = field(default_factory=list)
    entries: list[Framed] = field(default_factory=list)
    asks: bool = True  # the database may know of somebody who was first
    # What the thread finds.
    known: set[str] = field(default_factory=set)  # mails of theirs that the database has
    found: Holders = field(default_factory=dict)  # keys of theirs that it knows of
    places: Sequence[Place] = ()
    error: BaseException | None = None

    @property
    def was_found(self) -> bool:
        """Whether somebody was first."""
        return bool(self.known or self.found)


class Appender:
    """The only one that writes into the journal."""

    def __init__(self, journal: Journal, claimed: Claimed, owing: Owing, columns: Columns) -> None:
        self.owing = owing
        self._journal = journal
        self._claimed = claimed
        self._places = Places.of(columns)

    # The loop.

    def begin(self, waiting: Sequence[Waiting], now: str) -> Batch:
        """Together, in this order."""
        batch = Batch(waiting, now, [(mail, here) for mail in waiting if (here := self._arrived(mail)) is not None])
        self._make_or_fail(batch)
        return batch

    def end(self, batch: Batch) -> bool:
        """All of them have their outcomes then; False: it is made anew, and to be written."""
        if batch.error is None and batch.was_found:
            self._make_or_fail(batch)
            if batch.entries:
                return False
        if batch.error is not None:
            failure = as_ours(batch.error)
            log.error("%d mails were not taken: %s", len(batch.arrived), failure)
            self.fail([mail for mail, _ in batch.arrived], failure)
        else:
            self._keep(batch)
        return True

    def fail(self, waiting: Sequence[Waiting], error: BaseException) -> None:
        """None of them is taken."""
        for mail in waiting:
            mail.outcome = error

    def close(self) -> None:
        """No mail comes any more."""
        self._journal.close()
        self._claimed.close()

    def _arrived(self, mail: Waiting) -> Arrived | FormArrived | None:
        """With its keys; a mail that cannot be is told so by itself."""
        brought = mail.mail
        try:
            if isinstance(brought, Filling):
                return FormArrived.of(brought, self._places)
            return Arrived.of(brought, self._places)
        except Exception as error:  # noqa: BLE001 one mail's error is its own
            mail.outcome = as_ours(error)
            return None

    def _make_or_fail(self, batch: Batch) -> None:
        batch.entries = []
        try:
            self._make(batch)
        except Exception as error:  # noqa: BLE001 an edge: the loop goes on, whatever a batch ended in
            batch.error = error

    def _make(self, batch: Batch) -> None:
        """What becomes of each, by what is known of who was first."""
        known = self._claimed.mails.intersection(mail.mail.id for mail, _ in batch.arrived) | batch.known
        batch.arrived = [(mail, here) for mail, here in batch.arrived if _is_new(mail, known)]
        keys = [key for _, here in batch.arrived for key in here.rows]
        # A key that was owed may have been paid meanwhile: who was found once is not forgotten.
        batch.held = {**batch.held, **batch.found, **self._claimed.owed(keys, batch.now)}
        batch.known, batch.found = set(), {}
        batch.asks = self._may_know(batch, keys)
        claimed = claim([here for _, here in batch.arrived], batch.held)
        batch.taken = [here.taken(claimed) for _, here in batch.arrived]
        batch.entries = [each.entry().framed() for each in batch.taken]

    def _may_know(self, batch: Batch, keys: Sequence[str]) -> bool:
        """Filled forms have ids that were made just now; others may have had theirs for long."""
        if not all(isinstance(here, FormArrived) for _, here in batch.arrived):
            return True
        return self._claimed.may_know(key for key in keys if key not in batch.held)

    def _keep(self, batch: Batch) -> None:
        """Owed to the database from now on."""
        since = time.monotonic()
        for each in batch.taken:
            self._claimed.owe(each.id, each.owed)
        self.owing.add([Owed(each, place, since) for each, place in zip(batch.taken, batch.places, strict=True)])
        for (mail, _), outcome in zip(batch.arrived, batch.taken, strict=True):
            mail.outcome = outcome

    # The thread.

    def write(self, batch: Batch) -> None:
        """By one sync, unless the database knows of somebody who was first."""
        if batch.error is not None or not batch.entries:
            return
        try:
            if batch.asks:
                ids = [mail.mail.id for mail, _ in batch.arrived]
                keys = [key for _, here in batch.arrived for key in here.rows if key not in batch.held]
                batch.known, batch.found = self._claimed.look(ids, keys, batch.now)
            if not batch.was_found:
                batch.places = self._journal.append(batch.entries)
        except Exception as error:  # noqa: BLE001 an edge: the thread goes on, whatever a batch ended in
            batch.error = error


class Appending:
    """Mails that wait, the batch that is written, and the thread that waits for the disk."""

    def __init__(self, appender: Appender, now: Callable[[], str]) -> None:
        self._appender = appender
        self._owing = appender.owing
        self._now = now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="store journal", daemon=True)
        self._to_write: SimpleQueue[Batch | None] = SimpleQueue()
        self._waiting: list[Waiting] = []
        self._since = 0.0  # when the first of them came
        self._looks = False  # it will be looked at in the next turn of the loop
        self._writes = False  # a batch is written
        self._tries = False  # the database is tried again, for us
        self._closing = False
        self._idle = asyncio.Event()

    def open(self) -> None:
        """Begin to take mails."""
        self._loop = asyncio.get_running_loop()
        self._owing.changed = self._changed
        self._thread.start()

    def bring(self, mail: Waiting) -> None:
        """One more that waits. Temporary, when nothing is taken any more."""
        if self._closing or self._loop is None:
            raise Temporary(OUR_FAULT, reason="the store is closed")
        if not self._waiting:
            self._since = self._loop.time()
        self._waiting.append(mail)
        self._look_soon()

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        if self._closing or self._loop is None:
            self._closing = True
            return
        self._closing = True
        while self._waiting or self._writes:
            self._idle.clear()
            self._look_soon()
            await self._idle.wait()
        self._to_write.put(None)
        await asyncio.to_thread(self._thread.join)
        self._appender.close()

    # The loop.

    def _look_soon(self) -> None:
        if not (self._looks or self._writes) and self._loop is not None:
            self._looks = True
            self._loop.call_soon(self._look)

    def _look(self) -> None:
        """A batch, unless each turn of the loop brings more for it."""
        self._looks = False
        if self._writes or not self._waiting or self._loop is None:
            return
        if len(self._waiting) < ENOUGH and self._is_busy() and self._loop.time() - self._since < MOMENT:
            self._look_soon()
        elif self._has_room():
            self._writes = True
            self._to_write.put(self._appender.begin(self._next(), self._now()))

    def _is_busy(self) -> bool:
        """Whether this turn of the loop has more to do, which may bring mails; asyncio does not tell it openly."""
        return bool(getattr(self._loop, "_ready", ()))

    def _has_room(self) -> bool:
        """If not, it is looked at again when that has changed."""
        trouble = self._owing.trouble
        if trouble is None:
            self._tries = False
            return not self._owing.full
        if self._tries:
            self._tries, waiting, self._waiting = False, self._waiting, []
            self._appender.fail(waiting, trouble)
            self._tell(waiting)
        else:
            self._tries = True
            self._owing.try_again()
        return False

    def _next(self) -> list[Waiting]:
        octets = 0
        for place, mail in enumerate(self._waiting):
            octets += mail.octets
            if place + 1 >= MOST or octets >= MOST_OCTETS:
                batch, self._waiting = self._waiting[: place + 1], self._waiting[place + 1 :]
                return batch
        batch, self._waiting = self._waiting, []
        return batch

    def _written(self, batch: Batch) -> None:
        if not self._appender.end(batch):
            self._to_write.put(batch)
            return
        self._writes = False
        self._tell(batch.waiting)
        if self._waiting:
            self._look_soon()

    def _tell(self, waiting: Sequence[Waiting]) -> None:
        for mail in waiting:
            mail.tell()
        if not self._waiting:
            self._idle.set()

    # Any thread.

    def _changed(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look_soon)

    # The thread.

    def _run(self) -> None:
        while (batch := self._to_write.get()) is not None:
            self._appender.write(batch)
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._written, batch)


def head_of(columns: Columns) -> bytes:
    """A journal says in its head which columns its rows have."""
    return packed(dict(columns))


def _is_new(mail: Waiting, known: set[str]) -> bool:
    """Whether no other mail has its id; it is known from now on."""
    if mail.mail.id in known:
        mail.outcome = sqlite3.IntegrityError(f"there is a mail {mail.mail.id} already")
        return False
    known.add(mail.mail.id)
    return True
