"""The stages of a job, one function for each state that is not final.

In:    a job that this worker holds.
Out:   its events, written by the workshop.
Fails: whatever is not a Fault goes to the loop's edge; the job's lease then runs out, and it is done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from smtpfax import logs
from smtpfax.dispatch.outcome import event_of
from smtpfax.model import event as e
from smtpfax.model import status as say
from smtpfax.model.abilities import Cancels
from smtpfax.model.backend import Backend, Progress, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Temporary
from smtpfax.model.job import Job, State
from smtpfax.model.schedule import expired

from .offering import offer
from .rendering import render
from .workshop import Workshop

GIVEN = timedelta(days=1)  # a ticket that was given so long before names a fax that is older than any in doubt
ENOUGH_LOOKS = 2  # a backend's list may lag behind: one look in vain proves nothing
log = logs.get("queue")


async def step(shop: Workshop, job: Job) -> None:
    """One step of one job, by its state; accepted jobs are asked for together, in `ask`."""
    late = expired(job, at=shop.clock(), accepted_limit=shop.habits.accepted_limit)
    if late is not None:
        await shop.write(job, late)
    elif job.state is State.QUEUED:
        await render(shop, job)
    elif job.state is State.RENDERED:
        await offer(shop, job)
    elif job.state is State.OFFERED:
        await look(shop, job)


async def look(shop: Workshop, job: Job) -> None:
    """offered, and nobody knows what became of it: the backend is asked whether it has the fax."""
    backend, request = shop.backends.get(job.backend), await shop.offer_of(job)
    if backend is None or request is None or not (backend.can_find or backend.offer_again):
        await shop.write(job, _maybe_sent())
        return
    if not backend.can_find:
        await shop.fault(job, Temporary(say.GONE_QUIET, cause=Cause.IN_DOUBT))
        return
    async with shop.looking[backend.name]:  # one after the other: what one of them finds is no other's
        try:
            since = (job.offered or job.created) - GIVEN
            taken = await shop.store.jobs.tickets(backend.name, since=since)
            with shop.timed(backend, "find"):
                ticket = await backend.find(request, taken=taken)
        except Fault as fault:
            log.warning("cannot look", id=job.id, backend=backend.name, reason=fault.reason)
            await shop.store.jobs.release(job, due=shop.clock() + shop.habits.grace)
            return
        await _looked(shop, job, backend, ticket)


async def _looked(shop: Workshop, job: Job, backend: Backend, ticket: str | None) -> None:
    if ticket is not None:
        await shop.write(job, e.Accepted(ticket=ticket), due=shop.clock() + backend.poll(timedelta()))
    elif job.looks + 1 < ENOUGH_LOOKS:
        await shop.write(job, e.Missed(), due=shop.clock() + shop.habits.grace)
    else:
        await shop.fault(job, Temporary(say.GONE_QUIET, cause=Cause.IN_DOUBT))


async def ask(shop: Workshop, name: str, jobs: Sequence[Job]) -> None:
    """accepted: how do the calls go? One question for all jobs of a backend."""
    live = [job for job in jobs if not await _ended(shop, job)]
    backend = shop.backends.get(name)
    if backend is None or not live:
        for job in live:
            await shop.store.jobs.release(job, due=shop.clock() + shop.habits.accepted_limit)
        return
    try:
        with shop.timed(backend, "ask"):
            answers = await backend.ask([job.ticket for job in live])
    except Fault as fault:
        log.warning("cannot ask", backend=name, jobs=len(live), reason=fault.reason)
        answers = {}
    for job in live:
        if not await taken_back(shop, job, backend):
            await progress(shop, job, answers.get(job.ticket), poll=backend.poll(_age(shop, job)))


async def taken_back(shop: Workshop, job: Job, backend: Backend) -> bool:
    """Somebody wants it back: the backend is asked once, if it can."""
    if not job.cancel_asked or not isinstance(backend, Cancels):
        return False
    history = await shop.store.jobs.history(job.id)
    if not isinstance(history[-1][0], e.CancelAsked):
        return False
    try:
        with shop.timed(backend, "cancel"):
            back = await backend.cancel(job.ticket)
    except Fault as fault:
        log.warning("cannot cancel", id=job.id, backend=backend.name, reason=fault.reason)
        return False
    log.info("asked back", id=job.id, backend=backend.name, given_back=back)
    if back:
        await shop.write(job, e.Cancelled())
    return back


async def progress(shop: Workshop, job: Job, said: Progress | None, *, poll: timedelta) -> None:
    """What the backend said of one job becomes its event."""
    due = shop.clock() + poll
    if said is None or (isinstance(said, Sending) and said.pages_sent == job.pages_sent):
        await shop.store.jobs.release(job, due=due)
        return
    event = event_of(said, job)
    if isinstance(event, Fault):
        transmission = getattr(said, "transmission", None)
        await shop.fault(job, event, transmission=transmission)
        return
    await shop.write(job, event, due=due)


async def _ended(shop: Workshop, job: Job) -> bool:
    late = expired(job, at=shop.clock(), accepted_limit=shop.habits.accepted_limit)
    if late is not None:
        await shop.write(job, late)
    return late is not None


def _age(shop: Workshop, job: Job) -> timedelta:
    began: datetime = job.offered or job.created
    return shop.clock() - began


def _maybe_sent() -> e.Failed:
    return e.Failed(status=say.MAYBE_SENT.status, cause=Cause.IN_DOUBT, text=say.MAYBE_SENT.fill(), counted=True)
