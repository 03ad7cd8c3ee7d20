"""Mails become durable, a batch at a time, by one sync; whatever comes meanwhile shares the next.

In:    mails whose doors wait.
Out:   their entries in the journal; then each door is told; the database is owed their rows.
Fails: Temporary for every mail of a batch that failed; a mail's own error for that one alone.

Rule: the loop takes it that nobody holds the keys that it does not know of. Where somebody may, the thread asks the
database before it writes; if somebody does, the loop makes the batch anew.

Guarantee (G1): nobody is told before the sync that holds the mail.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .brought import Brought, Columns, Filling, Places
from .claims import Became, Claimed, Holders, claim
from .faults import as_ours
from .owing import Owed, Owing
from .segments import Framed, Journal, Place
from .taking import Arrived, FormArrived, Taken

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
    seconds: float = 0.0  # of the sync
    done: bool = False

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
        """Together, in this order; their keys are claimed from now on."""
        batch = Batch(waiting, now, [(mail, here) for mail in waiting if (here := self._arrived(mail)) is not None])
        self._make(batch)
        return batch

    def end(self, batch: Batch) -> bool:
        """All of them have their outcomes then; False: it is made anew, and to be written."""
        if batch.error is None and batch.was_found:
            self._disclaim(batch)
            self._make(batch)
            if batch.entries:
                return False
        if batch.error is None:
            self._keep(batch)
        else:
            failure = as_ours(batch.error)
            log.error("%d mails were not taken: %s", len(batch.arrived), failure)
            self._disclaim(batch)
            self.fail([mail for mail, _ in batch.arrived], failure)
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

    def _make(self, batch: Batch) -> None:
        batch.entries, batch.taken = [], []
        try:
            self._take(batch)
        except Exception as error:  # noqa: BLE001 an edge: the loop goes on, whatever a batch ended in
            batch.error = error
        for each in batch.taken:
            self._claimed.owe(each.id, each.owed)

    def _take(self, batch: Batch) -> None:
        """What becomes of each, by what is known of who was first."""
        known = self._claimed.mails.intersection(mail.mail.id for mail, _ in batch.arrived) | batch.known
        batch.arrived = [(mail, here) for mail, here in batch.arrived if _is_new(mail, known)]
        keys = [key for _, here in batch.arrived for key in here.rows]
        # A key that was owed may have been paid meanwhile: who was found once is not forgotten.
        batch.held = {**batch.held, **batch.found, **self._claimed.owed(keys, batch.now)}
        batch.known, batch.found = set(), {}
        batch.asks = self._may_know(batch, keys)
        claimed = claim([here for _, here in batch.arrived], batch.held)
        taken = [here.taken(claimed) for _, here in batch.arrived]
        batch.entries = [each.entry().framed() for each in taken]
        batch.taken = taken

    def _may_know(self, batch: Batch, keys: Sequence[str]) -> bool:
        """Filled forms have ids that were made just now; others may have had theirs for long."""
        if not all(isinstance(here, FormArrived) for _, here in batch.arrived):
            return True
        return self._claimed.may_know(key for key in keys if key not in batch.held)

    def _disclaim(self, batch: Batch) -> None:
        for each in batch.taken:
            self._claimed.paid(each.id, each.claimed)

    def _keep(self, batch: Batch) -> None:
        """Owed to the database from now on."""
        if batch.places:
            batch.places[0].segment.keep(batch.places)
        since = time.monotonic()
        both = zip(batch.taken, batch.places, strict=True)
        self.owing.add([Owed(each.id, each.claimed, place, since) for each, place in both])
        for (mail, _), outcome in zip(batch.arrived, batch.taken, strict=True):
            mail.outcome = outcome

    # The threads.

    def write(self, batch: Batch, lane: int = 0) -> None:
        """Unless the database knows of somebody who was first."""
        if batch.error is not None or not batch.entries:
            return
        try:
            if batch.asks:
                ids = [mail.mail.id for mail, _ in batch.arrived]
                keys = [key for _, here in batch.arrived for key in here.rows if key not in batch.held]
                batch.known, batch.found = self._claimed.look(ids, keys, batch.now)
            if not batch.was_found:
                batch.places = self._journal.write(batch.entries, lane=lane)
        except Exception as error:  # noqa: BLE001 an edge: the thread goes on, whatever a batch ended in
            batch.error = error

    def sync(self, batch: Batch, lane: int = 0) -> None:
        """What was written of it."""
        if batch.error is not None or not batch.places:
            return
        begun = time.monotonic()
        try:
            batch.places[0].segment.sync(lane=lane)
        except Exception as error:  # noqa: BLE001 as above
            batch.error = error
        batch.seconds = time.monotonic() - begun

    def abandon(self, batches: Sequence[Batch]) -> None:
        """The segments that these went to in vain; nobody else is at them."""
        segments = {batch.places[0].segment for batch in batches if batch.places}
        try:
            for segment in segments:
                segment.cut()
            self._journal.abandon()
        except OSError as error:
            log.error("a segment of the journal cannot be cut: %s", error)
        for batch in batches:
            if batch.places:
                batch.places[0].segment.paid(len(batch.places))


def _is_new(mail: Waiting, known: set[str]) -> bool:
    """Whether no other mail has its id; it is known from now on."""
    if mail.mail.id in known:
        mail.outcome = sqlite3.IntegrityError(f"there is a mail {mail.mail.id} already")
        return False
    known.add(mail.mail.id)
    return True
