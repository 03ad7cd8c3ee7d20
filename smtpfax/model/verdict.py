"""The verdict: what rendering says of a mail while its client waits.

In:    the mail's new jobs as they stand.
Out:   a Reply, or None while nothing can be said yet.
Fails: never.

Rule: a 250 means faxable. The first job with a document gives 250; when all failed before any could leave, 554 with
the first one's sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .job import Job, State
from .status import TAKEN, Reply


def verdict(mail_id: str, jobs: Sequence[Job]) -> Reply | None:
    """What can be said of the mail now."""
    if any(job.document is not None for job in jobs):
        return taken(mail_id)
    if jobs and all(job.state is State.FAILED for job in jobs):
        return Reply(554, jobs[0].status, jobs[0].text)
    if jobs and all(job.state.final for job in jobs):
        return taken(mail_id)  # somebody cancelled it meanwhile
    return None


def taken(mail_id: str, tail: str = "") -> Reply:
    """250, with the id that the log, the notices and the API know."""
    return Reply(TAKEN.code, TAKEN.status, TAKEN.text.replace("{mail}", mail_id).replace("{tail}", tail))


class Verdicts(Protocol):
    """How the door waits for the worker, wherever that runs."""

    async def wait(self, mail_id: str, job_ids: Sequence[str], *, seconds: float) -> Reply | None:
        """The verdict on these jobs, or None when the time is over."""
