"""The one writer: a thread of its own; whatever arrives while it works shares the next commit.

In:    units of work (functions that are given a connection inside a transaction), and mails.
Out:   each unit's result, after the COMMIT that holds it; each mail's outcome, as soon as the journal holds it.
Fails: Temporary for every unit and mail of a batch that failed; a unit's or a mail's own error for that one alone.

Guarantee (G1): one sync for each batch. That of mails is the journal's: their rows are in the transaction by then, and
nothing else is begun before they are committed, which needs no sync, for the journal would tell them again. A savepoint
for each unit, so that one unit's error takes back that unit alone. A caller that is cancelled leaves its unit whole: it
is done, or it is not.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar, TypeVarTuple, cast

from sqlalchemy import Connection

from smtpfax.model.errors import Temporary
from smtpfax.model.status import OUR_FAULT

from .faults import as_ours
from .savepoint import Undone, within_savepoint
from .sqlite import Pen

log = logging.getLogger(__name__)
T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Work = Callable[[Connection], T]  # run away from the event loop: it awaits nothing, and touches nothing of the loop's

MOST_UNITS = 256
MOST_OCTETS = 16 * 1024 * 1024
AGAIN = 0.5  # seconds until rows that are owed to the database are tried once more


class Item(Protocol):
    """What waits for the writer; its outcome is told in the event loop."""

    @property
    def octets(self) -> int:
        """About how much it writes."""

    def tell(self) -> None:
        """It is done, or failed by itself."""

    def fail(self, error: BaseException) -> None:
        """It failed with all the others."""


class Mails(Protocol):
    """What the writer does with mails, in this order; an exception of the first two takes the whole batch back."""

    @property
    def owing(self) -> bool:
        """Whether the journal has mails that the database has not."""

    def insert(self, pen: Pen, mails: Sequence[Item]) -> None:
        """Their rows, within the transaction."""

    def append(self) -> None:
        """The journal holds them when this returns."""

    def told(self, mails: Sequence[Item]) -> None:
        """In the event loop, before each of them is told."""

    def place(self, pen: Pen) -> None:
        """Where the journal has them, within the transaction."""

    def committed(self) -> None:
        """Nothing is owed any more."""

    def settle(self, pen: Pen) -> None:
        """Once more all of it, after a COMMIT that failed."""

    def close(self) -> None:
        """Nothing more will come."""


class Unit(Generic[T]):
    """One caller's work, and the future that the caller waits for; without work, the caller waits for its turn."""

    def __init__(self, work: Work[T] | None, octets: int) -> None:
        self.work = work
        self.octets = octets
        self.future: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self._result: T | None = None
        self._error: BaseException | None = None

    def run(self, pen: Pen) -> None:
        """Do the work within a savepoint."""
        work = self.work
        if work is None:
            return
        try:
            self._result = within_savepoint(pen.database, lambda: work(pen.connection))
        except Undone as undone:
            self._error = as_ours(undone.error)

    def tell(self) -> None:
        """The commit holds: resolve the future."""
        if self._error is not None:
            self.fail(self._error)
        elif not self.future.done():
            self.future.set_result(self._result)

    def fail(self, error: BaseException) -> None:
        """The commit did not hold."""
        if not self.future.done():
            self.future.set_exception(error)


class Writer:
    """The only one that writes."""

    def __init__(self, pen: Pen, mails: Mails) -> None:
        self._pen = pen
        self._mails = mails
        self._outgoing: list[Item] = []  # what the loop has brought in this turn of its
        self._inbox: SimpleQueue[list[Item] | None] = SimpleQueue()
        self._waiting: deque[Item] = deque()  # the thread's
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="store writer", daemon=True)
        self._behind = False  # mails were told whose rows are not committed yet
        self._closing = self._closed = False

    def start(self) -> None:
        """Begin to take units."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def do(self, work: Work[T], *, octets: int = 0) -> T:
        """Run `work` in a transaction; return when it is committed. `octets`: about how much it writes."""
        unit = Unit(work, octets)
        self.bring(unit)
        return cast("T", await asyncio.shield(unit.future))

    async def settled(self) -> None:
        """Readers see every mail that was told."""
        if self._behind:
            turn: Unit[None] = Unit(None, 0)
            self.bring(turn)
            await asyncio.shield(turn.future)

    def bring(self, item: Item) -> None:
        """One more that waits; what one turn of the loop brings goes over together."""
        if self._closing or self._loop is None:
            raise Temporary(OUR_FAULT, reason="the store is closed")
        if not self._outgoing:
            self._loop.call_soon(self._post)
        self._outgoing.append(item)

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        if self._closing:
            return
        self._closing = True
        if self._loop is not None:
            self._post()
            self._inbox.put(None)
            await asyncio.to_thread(self._thread.join)
        self._mails.close()
        self._pen.close()

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
            except Exception as error:  # noqa: BLE001 an edge: the writer goes on, whatever a batch ended in
                failure = as_ours(error)
                log.error("commit of %d units failed: %s", len(batch), failure)
                self._in_loop(_fail, batch, failure)

    def _collect(self) -> bool:
        """Wait for something to do; False at the end."""
        try:
            if not self._waiting and not self._closed:
                self._receive(self._inbox.get(timeout=AGAIN if self._mails.owing else None))
            while True:
                self._receive(self._inbox.get_nowait())
        except Empty:
            return bool(self._waiting) or not self._closed

    def _receive(self, items: list[Item] | None) -> None:
        if items is None:
            self._closed = True
        else:
            self._waiting += items

    def _batch(self) -> list[Item]:
        batch: list[Item] = []
        octets = 0
        while self._waiting and len(batch) < MOST_UNITS and octets < MOST_OCTETS:
            batch.append(self._waiting.popleft())
            octets += batch[-1].octets
        return batch

    def _turn(self, batch: Sequence[Item]) -> None:
        units = [item for item in batch if isinstance(item, Unit)]
        mails = [item for item in batch if not isinstance(item, Unit)]
        if self._mails.owing:
            self._commit(self._mails.settle, sync=False)
        working = any(unit.work is not None for unit in units)
        if working or mails:
            self._commit(partial(self._write, units, mails), sync=working)
        self._tell(units)

    def _commit(self, act: Callable[[Pen], None], *, sync: bool) -> None:
        pen = self._pen
        pen.begin(sync=sync)
        try:
            act(pen)
            pen.commit()
        except BaseException:
            pen.rollback()
            raise
        self._mails.committed()
        self._behind = False

    def _write(self, units: Sequence[Unit[object]], mails: Sequence[Item], pen: Pen) -> None:
        if mails:
            self._mails.insert(pen, mails)
        for unit in units:
            unit.run(pen)
        if mails:
            self._mails.append()
            self._behind = True
            self._in_loop(self._told, mails)
            self._mails.place(pen)

    def _told(self, mails: Sequence[Item]) -> None:
        self._mails.told(mails)
        _tell(mails)

    def _tell(self, items: Sequence[Item]) -> None:
        if items:
            self._in_loop(_tell, items)

    def _in_loop(self, act: Callable[[*Ts], None], *what: *Ts) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act, *what)


def _tell(items: Sequence[Item]) -> None:
    for item in items:
        item.tell()


def _fail(items: Sequence[Item], error: BaseException) -> None:
    for item in items:
        item.fail(error)
