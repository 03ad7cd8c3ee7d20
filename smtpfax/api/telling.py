"""A job as it is told: over HTTP, and to the program that its webhook calls.

In:    a job, and its faxbox if it still exists.
Out:   the JSON value of `…/faxes/outgoing/{id}`.
Fails: Temporary.
"""

from __future__ import annotations

from smtpfax.model.account import Faxbox
from smtpfax.model.job import Job
from smtpfax.store import Store

from .answers import JobDetail
from .present import JobView, job_detail


async def record_of(job: Job, store: Store, faxbox: Faxbox | None) -> JobDetail:
    """A job with its mail, its history, its notices, and the attempt that brought it."""
    attempts = await store.attempts.of_job(job.id)
    view = JobView(
        job=job,
        mail=await store.mails.get(job.mail_id),
        faxbox=faxbox,
        history=await store.jobs.history(job.id),
        notices=await store.notices.of_job(job.id),
        attempt_id=attempts[0].attempt.id if attempts else "",
    )
    return job_detail(view)
