"""From the event loop to a thread and back: whatever one turn of the loop brings goes over together.

In:    what callers bring, in the loop; what the thread has to say.
Out:   batches, in the thread, bounded in number and octets; calls in the loop.
Fails: Temporary, for whoever brings something when nothing is taken any more.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar, TypeVarTuple

from smtpfax.model.errors import Temporary
from smtpfax.model.status import OUR_FAULT

MOST = 256  # of a batch
MOST_OCTETS = 16 * 1024 * 1024


class Sized(Protocol):
    """Something for the thread to do."""

    @property
    def octets(self) -> int:
        """About how much is written for it."""


T = TypeVar("T", bound=Sized)
Ts = TypeVarTuple("Ts")


class Handing(Generic[T]):
    """A thread, and what is on the way to it."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self._closed = False  # the thread was told that nothing more comes
        self._outgoing: list[T] = []  # what the loop has brought in this turn of its
        self._inbox: SimpleQueue[list[T] | None] = SimpleQueue()
        self._waiting: deque[T] = deque()  # the thread's
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._closing = False

    def start(self) -> None:
        """Begin to take things."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def bring(self, one: T) -> None:
        """One more."""
        if self._closing or self._loop is None:
            raise Temporary(OUR_FAULT, reason="the store is closed")
        if not self._outgoing:
            self._loop.call_soon(self._post)
        self._outgoing.append(one)

    async def close(self) -> bool:
        """Take no more, and wait until the thread has done what it has; False: that is somebody else's already."""
        if self._closing:
            return False
        self._closing = True
        if self._loop is not None:
            self._post()
            self._inbox.put(None)
            await asyncio.to_thread(self._thread.join)
        return True

    def _post(self) -> None:
        if self._outgoing:
            outgoing, self._outgoing = self._outgoing, []
            self._inbox.put(outgoing)

    # The thread.

    def collect(self) -> bool:
        """Wait for something to do; False at the end."""
        try:
            if not self._waiting and not self._closed:
                self._receive(self._inbox.get())
            while True:
                self._receive(self._inbox.get_nowait())
        except Empty:
            return bool(self._waiting) or not self._closed

    def batch(self) -> list[T]:
        """The next ones."""
        batch: list[T] = []
        octets = 0
        while self._waiting and len(batch) < MOST and octets < MOST_OCTETS:
            batch.append(self._waiting.popleft())
            octets += batch[-1].octets
        return batch

    def in_loop(self, act: Callable[[*Ts], None], *what: *Ts) -> None:
        """If there still is one."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act, *what)

    def _receive(self, brought: list[T] | None) -> None:
        if brought is None:
            self._closed = True
        else:
            self._waiting += brought
