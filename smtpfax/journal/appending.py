"""Mails that wait, the batches that are written, and the threads that wait for the disk.

In:    mails whose doors wait.
Out:   each door is told, in the event loop, once the disk has its mail.
Fails: Temporary, when nothing is taken any more.

Rule: a batch is made in the event loop and written by a thread, which does nothing but wait for the disk: Python work
in two threads costs both more than it is worth. A slow disk is asked for several batches at a time; they are told in
their order, and if one fails, so do all behind it. One of which the database is to be asked goes alone.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from smtpfax.model.errors import Temporary
from smtpfax.model.status import OUR_FAULT

from .batches import Appender, Batch, Waiting

MOST, MOST_OCTETS = 256, 16 * 1024 * 1024  # mails of a batch, and octets of their contents
SLOW, LANES = 0.002, 16  # seconds of a sync, from which on several go on at a time; so many
log = logging.getLogger(__name__)


class Appending:
    """One journal's."""

    def __init__(self, appender: Appender, now: Callable[[], str]) -> None:
        self._appender = appender
        self._owing = appender.owing
        self._now = now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: list[threading.Thread] = []
        self._turn = threading.Lock()  # of the threads: batches are written in their order
        self._to_write: SimpleQueue[Batch | Callable[[], None] | None] = SimpleQueue()
        self._waiting: list[Waiting] = []
        self._next: Batch | None = None  # made, and to go alone
        self._flying: deque[Batch] = deque()
        self._failed: list[Batch] = []  # what has failed since nothing flew
        self._slow = False  # the disk is
        self._looks = False  # it will be looked at in the next turn of the loop
        self._tries = False  # the database is tried again, for us
        self._closing = False
        self._idle = asyncio.Event()

    def open(self) -> None:
        """Begin to take mails."""
        self._loop = asyncio.get_running_loop()
        self._owing.changed = self._changed
        self._one_more_thread()

    def bring(self, mail: Waiting) -> None:
        """One more that waits. Temporary, when nothing is taken any more."""
        if self._closing or self._loop is None:
            raise Temporary(OUR_FAULT, reason="the store is closed")
        self._waiting.append(mail)
        self._look_soon()

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        if self._closing:
            return
        self._closing = True
        while self._waiting or self._next or self._flying:
            self._idle.clear()
            self._look_soon()
            await self._idle.wait()
        for _ in self._threads:
            self._to_write.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        self._appender.close()

    # The loop.

    def _look_soon(self) -> None:
        if not self._looks and self._loop is not None:
            self._looks = True
            self._loop.call_soon(self._look)

    def _look(self) -> None:
        """A batch of all that wait, if it may fly."""
        self._looks = False
        if self._next is None:
            self._next = self._made()
        batch = self._next
        if batch is not None and self._may_fly(batch):
            self._next = None
            self._fly(batch)
            if self._waiting and self._slow:
                self._look_soon()

    def _made(self) -> Batch | None:
        if not self._waiting or not self._may_fly(None):
            return None
        return self._appender.begin(self._taken(), self._now()) if self._has_room() else None

    def _may_fly(self, batch: Batch | None) -> bool:
        flying = self._flying
        if not flying:
            return True
        alone = flying[-1].asks or (batch is not None and batch.asks)
        return self._slow and not alone and not self._failed and len(flying) < LANES

    def _fly(self, batch: Batch) -> None:
        self._flying.append(batch)
        if len(self._flying) > len(self._threads):
            self._one_more_thread()
        self._to_write.put(batch)

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

    def _taken(self) -> list[Waiting]:
        octets = 0
        for place, mail in enumerate(self._waiting):
            octets += mail.octets
            if place + 1 >= MOST or octets >= MOST_OCTETS:
                batch, self._waiting = self._waiting[: place + 1], self._waiting[place + 1 :]
                return batch
        batch, self._waiting = self._waiting, []
        return batch

    def _written(self, batch: Batch) -> None:
        """In the order in which they flew."""
        batch.done = True
        flying = self._flying
        while flying and flying[0].done:
            batch = flying[0]
            if self._failed:  # what was before it is not durable
                batch.error = batch.error or self._failed[0].error
            if batch.error is not None:
                self._failed.append(batch)
            if not self._appender.end(batch):
                batch.done = False
                self._to_write.put(batch)
                return
            flying.popleft()
            self._slow = batch.seconds > SLOW
            self._tell(batch.waiting)
        if self._failed and not flying:
            failed, self._failed = self._failed, []
            self._to_write.put(lambda: self._appender.abandon(failed))
        if self._waiting or self._next:
            self._look_soon()

    def _tell(self, waiting: Sequence[Waiting]) -> None:
        for mail in waiting:
            try:
                mail.tell()
            except Exception:  # the edge: one door's bug is not another's
                log.exception("bug")
        self._idle.set()

    # Any thread.

    def _changed(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look_soon)

    # The threads.

    def _one_more_thread(self) -> None:
        lane = len(self._threads)
        thread = threading.Thread(target=self._run, args=(lane,), name=f"store journal {lane}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self, lane: int) -> None:
        while True:
            with self._turn:
                batch = self._to_write.get()
                if batch is None:
                    return
                if callable(batch):
                    batch()
                    continue
                self._appender.write(batch, lane)
            self._appender.sync(batch, lane)
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._written, batch)
