"""Who is at the door, and what is still under way: so that a restart loses nothing.

In:    protocols as they open and close; work that must outlive its connection.
Out:   the number of sessions; rounds, in which each is told how late it is; a drain that ends when all is done, or its
       time is over.
Fails: never.

Rule: no task without an owner: a commit that its client did not wait for is waited for here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from smtpfax import logs

from .crowd import Crowd
from .proofs import Address

log = logs.get("smtpd")
LONGEST_PAUSE, OF_PATIENCE = 1.0, 0.1  # seconds between two rounds, or less where patience is short
Result = TypeVar("Result")


class Guest(Protocol):
    """An open connection."""

    def look(self, now: float) -> None:
        """So late it is, by the loop's clock: let go of a client that is too slow."""

    def retire(self) -> None:
        """Say 421 now if nothing is under way, else after the mail that is."""

    def abort(self) -> None:
        """Cut the connection."""


class Registry:
    """All sessions of this process."""

    def __init__(self, patience: Callable[[], float]) -> None:
        self._patience = patience  # seconds that clients have for a command
        self._rounds: asyncio.TimerHandle | None = None  # one for all, for one each costs more than a command
        self._guests: set[Guest] = set()
        self._crowd = Crowd()
        self._work: set[asyncio.Task[Any]] = set()
        self._gone = asyncio.Event()
        self.closing = False

    def __len__(self) -> int:
        return len(self._guests)

    def enter(self, guest: Guest, address: Address | None = None) -> int:
        """A connection opened; how many its client has now, if it is one that is counted."""
        self._guests.add(guest)
        if self._rounds is None:
            self._next_round(asyncio.get_running_loop())
        return self._crowd.enter(address) if address else 0

    def leave(self, guest: Guest, address: Address | None = None) -> None:
        """A connection closed, which was entered so."""
        self._guests.discard(guest)
        self._gone.set()
        if address:
            self._crowd.leave(address)

    def start(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Do the work to its end, whatever becomes of its connection."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._done)
        return task

    async def drain(self, seconds: float) -> None:
        """421 to those who are idle, time for the others, and the end for who is left."""
        self.closing = True
        for guest in list(self._guests):
            guest.retire()
        try:
            async with asyncio.timeout(seconds):
                await self._empty()
        except TimeoutError:
            log.warning("sessions cut", sessions=len(self._guests))
        for guest in list(self._guests):
            guest.abort()
        if self._work:
            await asyncio.wait(self._work)  # each is bounded by the store's and the verdict's own time limits

    def _next_round(self, loop: asyncio.AbstractEventLoop) -> None:
        self._rounds = loop.call_later(min(LONGEST_PAUSE, self._patience() * OF_PATIENCE), self._go_round, loop)

    def _go_round(self, loop: asyncio.AbstractEventLoop) -> None:
        self._rounds = None
        if self._guests:
            self._next_round(loop)
        now = loop.time()
        for guest in list(self._guests):
            guest.look(now)

    async def _empty(self) -> None:
        while self._guests:
            self._gone.clear()
            await self._gone.wait()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.debug("ended badly after its client left", reason=task.exception())
