"""Rounds: a room's work again and again, sooner when somebody rings.

In:    what one round does; it says whether there may be more.
Out:   a loop that never ends.
Fails: never: a fault is logged, and the next round comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from smtpfax.logs import Log
from smtpfax.model.errors import Temporary


class Rounds:
    """The loop."""

    def __init__(self, once: Callable[[], Awaitable[bool]], *, poll: timedelta, log: Log) -> None:
        self._once = once
        self._poll = poll
        self._log = log
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """There is something to do."""
        self._bell.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            self._bell.clear()
            try:
                if await self._once():
                    continue
            except Temporary as fault:
                self._log.error("cannot go round", reason=fault.reason)
            except Exception:  # noqa: BLE001 the edge of this loop: one task's bug must not stop the others
                self._log.exception("bug")
            try:
                async with asyncio.timeout(self._poll.total_seconds()):
                    await self._bell.wait()
            except TimeoutError:
                continue
