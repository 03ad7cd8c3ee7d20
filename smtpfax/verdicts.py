"""How the SMTP door waits for what the worker finds.

In:    jobs as they move on, told by the worker of this process; and the store, for those that move elsewhere.
Out:   the verdict on a mail's jobs, within a budget.
Fails: never: without a verdict in time the answer is None.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from smtpfax.model.job import Job
from smtpfax.model.status import Reply
from smtpfax.model.verdict import verdict
from smtpfax.store import Store

POLL_SECONDS = 1.0  # for jobs that another process works on


class LocalVerdicts:
    """Implements `model.verdict.Verdicts` for one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    def tell(self, job: Job) -> None:
        """A job moved on."""
        for bell in self._waiting.get(job.mail_id, ()):
            bell.set()

    async def wait(self, mail_id: str, job_ids: Sequence[str], *, seconds: float) -> Reply | None:
        """The verdict on these jobs, or None when the time is over."""
        if seconds <= 0:
            return None
        bell = asyncio.Event()
        self._waiting[mail_id].add(bell)
        try:
            async with asyncio.timeout(seconds):
                return await self._listen(mail_id, job_ids, bell)
        except TimeoutError:
            return None
        finally:
            self._waiting[mail_id].discard(bell)
            if not self._waiting[mail_id]:
                del self._waiting[mail_id]

    async def _listen(self, mail_id: str, job_ids: Sequence[str], bell: asyncio.Event) -> Reply:
        while True:
            jobs = [job for job in [await self._store.jobs.get(job_id) for job_id in job_ids] if job is not None]
            reply = verdict(mail_id, jobs)
            if reply is not None:
                return reply
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await bell.wait()
            except TimeoutError:
                continue
            finally:
                bell.clear()
