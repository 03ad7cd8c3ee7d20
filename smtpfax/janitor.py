"""The janitor: what is over its time is put away, and what a crash left is found.

In:    the store, the spool, how long things are kept, and the clock.
Out:   old rows and documents deleted, stray files deleted; leases that an earlier life held are free again;
       delay notices for jobs that are not done yet.
Fails: never after the start: a fault is logged, and the next round tries again.

Rule (G2): a job that is not final has its content; a file is deleted only when no row names it, and not while it is
young: a row that names it may be about to be written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtpfax import logs
from smtpfax.model.account import Directory
from smtpfax.model.errors import Temporary
from smtpfax.model.ids import Clock
from smtpfax.model.notice import delay_notices
from smtpfax.spool import Spool
from smtpfax.store import Store

ARRIVALS = timedelta(days=60)  # far longer than a received fax is listed again
PICTURES = timedelta(days=365)
DRAFTS = timedelta(hours=24)  # a fax that somebody looked at and did not send
YOUNG = timedelta(hours=1)  # far more than a rendering is shared for, or a commit takes
KNOWN = timedelta(days=400)  # how long a number counts as known after its last fax: what is faxed once a year is
log = logs.get("janitor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long things are kept; contents and documents of jobs by their faxbox, else by `jobs`."""

    attempts: timedelta
    strangers: timedelta
    jobs: timedelta
    delay: timedelta | None  # after which a sender is told that it is not done yet; None: nobody is told anything


class Janitor:
    """Cleans at start and then on a schedule."""

    def __init__(
        self, store: Store, spool: Spool, keep: Keep, *, directory: Callable[[], Directory], clock: Clock
    ) -> None:
        self._store = store
        self._spool = spool
        self._keep = keep
        self._directory = directory
        self._clock = clock

    async def at_start(self) -> None:
        """What an earlier life of this process held is free; jobs in doubt are looked for as soon as they are due."""
        swept = await self._spool.sweep()
        leases = await self._store.jobs.free_leases() + await self._store.notices.free_leases()
        leases += await self._store.letters.free_leases()
        log.info("started", files_swept=swept, leases_freed=leases, in_doubt=await self._store.jobs.in_doubt())

    async def run(self, every: timedelta) -> None:
        """For ever."""
        while True:
            try:
                await self.round()
            except Temporary as fault:
                log.error("cannot clean", reason=fault.reason)
            except Exception:  # the janitor's edge: a bug here must not end the daemon
                log.exception("bug")
            await asyncio.sleep(every.total_seconds())

    async def round(self) -> None:
        """Once."""
        now, retention = self._clock(), self._store.retention
        rows = await retention.attempts_before(now - self._keep.attempts)
        rows += await retention.strangers_before(now - self._keep.strangers)
        rows += await retention.claims_before(now)
        rows += await retention.calls_before(now - self._keep.jobs)
        rows += await self._store.usage.forget(now) + await self._store.faxed.forget(now - KNOWN)
        rows += await self._store.resting.forget(now)
        rows += await self._store.pictures.forget(before=now - PICTURES)
        rows += await self._store.sessions.forget(now) + await self._store.drafts.forget(now - DRAFTS)
        rows += await self._store.cursors.forget(now - ARRIVALS)
        rows += await retention.inbound(now=now, default=self._keep.jobs)
        jobs = await retention.strip_jobs(now=now, default=self._keep.jobs)
        files = await self._strays() + await retention.segments()
        if rows or jobs or files:
            log.info("cleaned", rows=rows, jobs=jobs, files=files)
        await self._tell_of_delays(now)

    async def _tell_of_delays(self, now: datetime) -> None:
        """Once for each job; the notice's own id sees to that."""
        if self._keep.delay is None:
            return
        for job in await self._store.jobs.waiting_since(now - self._keep.delay):
            mail = await self._store.mails.get(job.mail_id)
            faxbox = self._directory().faxbox(job.account_id, job.faxbox_id)
            if mail is not None:
                hours = self._keep.delay / timedelta(hours=1)
                await self._store.notices.add(delay_notices(job, mail, faxbox, at=now, hours=hours))

    async def _strays(self) -> int:
        """Files that no row names: let go just now, or left by a crash. In-use is read after the listing."""
        old = [name for name, age in await self._spool.ages() if age > YOUNG]
        named = await self._store.retention.names_in_use() if old else set()
        strays = [name for name in old if name not in named]
        for name in strays:
            await self._spool.delete(name)
        return len(strays)
