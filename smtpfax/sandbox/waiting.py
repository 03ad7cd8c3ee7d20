"""Workers that wait for a task, and tasks that wait for a worker.

In:    workers, when they are free; None for one that could not be started.
Out:   a worker, as soon as there is one: a ready one or a plain one, as the task likes it best.
Fails: never.

Rule: who comes first is served first, whichever worker there is: a preference is never waited for.
"""

from __future__ import annotations

import asyncio

from .worker import Worker


class Waiting:
    """The free workers."""

    def __init__(self) -> None:
        self._free: list[Worker | None] = []
        self._count = asyncio.Semaphore(0)

    def put(self, worker: Worker | None) -> None:
        """It waits from now on."""
        self._free.append(worker)
        self._count.release()

    async def take(self, *, ready: bool) -> Worker | None:
        """The one that has waited longest, of those that are as ready as wanted, or of all."""
        await self._count.acquire()
        liked = (index for index, worker in enumerate(self._free) if worker is not None and worker.ready == ready)
        return self._free.pop(next(liked, 0) if self._free[0] is not None else 0)

    def __len__(self) -> int:
        return sum(worker is not None for worker in self._free)
