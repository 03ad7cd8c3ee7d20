"""The loop: claim what is due, give it to its stage, never more at once than there are places.

In:    jobs and notices that are due in the store; wake-ups, which are also polled for.
Out:   stages at work, each job and notice held by a lease.
Fails: never: what a stage lets through is logged at its edge, and done again when the lease is over.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any

from smtpfax import logs
from smtpfax.model.errors import IllegalEvent, Temporary
from smtpfax.model.job import Job, State

from . import stages
from .mailroom import Mailroom
from .workshop import Workshop

log = logs.get("queue")


class Worker:
    """Works on jobs and notices until it is stopped."""

    def __init__(self, shop: Workshop, mailroom: Mailroom | None, *, owner: str) -> None:
        self._shop = shop
        self._mailroom = mailroom
        self._owner = owner
        self._bell = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], Sequence[str]] = {}  # with the ids of what they hold
        self._stopping = False

    def wake(self) -> None:
        """There is work."""
        self._bell.set()

    async def run(self) -> None:
        """Until `stop`; then what is under way is brought to its end."""
        renewing = asyncio.create_task(self._renew(), name="leases")
        try:
            await self._work()
        finally:
            renewing.cancel()

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._bell.set()

    async def _work(self) -> None:
        while not self._stopping:
            self._bell.clear()
            try:
                busy = await self._round()
            except Temporary as fault:  # the store is not well: nothing can be claimed
                log.error("cannot claim", reason=fault.reason)
                busy = False
            if not busy:
                await self._rest()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _renew(self) -> None:
        """Work that takes longer than its lease keeps it, as long as this process lives."""
        lease = self._shop.habits.lease
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            try:
                ids = {id for held in self._tasks.values() for id in held}
                await self._shop.store.jobs.renew(self._owner, ids, until=self._shop.clock() + lease)
            except Temporary as fault:
                log.error("cannot renew leases", reason=fault.reason)

    async def _round(self) -> bool:
        """Claim once; whether there may be more."""
        free = self._shop.habits.workers - len(self._tasks)
        if free <= 0:
            return False
        shop, now = self._shop, self._shop.clock()
        jobs = await shop.store.jobs.claim(self._owner, now=now, lease=shop.habits.lease, limit=free)
        self._start_jobs(jobs)
        notices: Sequence[Any] = ()
        if self._mailroom is not None:
            notices = await shop.store.notices.claim(self._owner, now=now, lease=shop.habits.lease, limit=free)
            for notice in notices:
                self._start(self._mailroom.send(notice), [notice.id])
        return bool(jobs or notices)

    def _start_jobs(self, jobs: Sequence[Job]) -> None:
        asked: dict[str, list[Job]] = defaultdict(list)
        for job in jobs:
            if job.state is State.ACCEPTED:
                asked[job.backend].append(job)
            else:
                self._start(stages.step(self._shop, job), [job.id])
        for backend, group in asked.items():
            self._start(stages.ask(self._shop, backend, group), [job.id for job in group])

    def _start(self, work: Coroutine[Any, Any, None], ids: Sequence[str]) -> None:
        task = asyncio.create_task(self._guarded(work, " ".join(ids)))
        self._tasks[task] = ids
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        self._bell.set()

    async def _guarded(self, work: Awaitable[None], id: str) -> None:
        try:
            await work
        except Temporary as fault:
            log.error("store failed", id=id, reason=fault.reason)
        except IllegalEvent:  # a bug: the lease keeps others from doing it over and over
            log.exception("illegal event", id=id)
        except Exception:  # the worker's edge: one job's bug must not stop the others
            log.exception("bug", id=id)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(await self._until_next()):
                await self._bell.wait()
        except TimeoutError:
            return

    async def _until_next(self) -> float:
        """Seconds until something is due, at most the poll."""
        poll = self._shop.habits.poll.total_seconds()
        if len(self._tasks) >= self._shop.habits.workers:
            return poll
        try:
            due = await self._shop.store.jobs.next_due()
        except Temporary:
            return poll
        if due is None:
            return poll
        return min(poll, max(0.02, (due - self._shop.clock()).total_seconds()))
