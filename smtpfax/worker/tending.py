"""Backends that have something to do from time to time: subscriptions to keep, callbacks to follow.

In:    the backends; that one of them was called back.
Out:   each tended when it wants to be, and at once after a callback; its jobs that moved on are due.
Fails: never: a fault is logged, and it is tended again later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta

from smtpfax import logs
from smtpfax.model.abilities import Tended, Tends
from smtpfax.model.backend import Backend
from smtpfax.model.errors import Fault, Temporary
from smtpfax.model.ids import Clock
from smtpfax.store import Store

AGAIN = timedelta(minutes=1)  # after a fault
GATHERED = 1.0  # seconds: callbacks come in swarms, and one question answers them all
log = logs.get("backend")


class Tender:
    """All backends that want it."""

    def __init__(
        self, backends: Mapping[str, Backend], store: Store, *, clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._backends = {name: backend for name, backend in backends.items() if isinstance(backend, Tends)}
        self._bells = {name: asyncio.Event() for name in self._backends}
        self._store = store
        self._clock = clock
        self._wake = wake

    def called(self, name: str) -> None:
        """A backend said that something changed."""
        if name in self._bells:
            self._bells[name].set()

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            for name in self._backends:
                group.create_task(self._run(name), name=f"tending {name}")

    async def once(self, name: str) -> timedelta:
        """Tend one; how long until it is to be tended again."""
        try:
            told: Tended = await self._backends[name].tend()
            if told.moved:
                await self._store.jobs.hurry_tickets(name, told.moved, due=self._clock())
                self._wake()
        except Fault as fault:
            log.warning("cannot tend", backend=name, reason=fault.reason)
            return max(fault.after or AGAIN, AGAIN) if isinstance(fault, Temporary) else AGAIN
        return told.again

    async def _run(self, name: str) -> None:
        bell = self._bells[name]
        while True:
            bell.clear()
            try:
                again = await self.once(name)
            except Exception:  # the edge of this loop: one backend's bug must not stop the others
                log.exception("bug", backend=name)
                again = AGAIN
            try:
                async with asyncio.timeout(again.total_seconds()):
                    await bell.wait()
                await asyncio.sleep(GATHERED)
            except TimeoutError:
                continue
