"""Who is at the door, and what is still under way: so that a restart loses nothing.

In:    protocols as they open and close; work that must outlive its connection.
Out:   the number of sessions; a drain that ends when all is done, or its time is over.
Fails: never.

Rule: no task without an owner: a commit that its client did not wait for is waited for here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from smtpfax import logs

from .crowd import Crowd
from .proofs import Address

log = logs.get("smtpd")
Result = TypeVar("Result")


class Guest(Protocol):
    """An open connection."""

    def retire(self) -> None:
        """Say 421 now if nothing is under way, else after the mail that is."""

    def abort(self) -> None:
        """Cut the connection."""


class Registry:
    """All sessions of this process."""

    def __init__(self) -> None:
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

    async def _empty(self) -> None:
        while self._guests:
            self._gone.clear()
            await self._gone.wait()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.debug("ended badly after its client left", reason=task.exception())
