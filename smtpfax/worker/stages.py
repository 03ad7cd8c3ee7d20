"""The stages of a job, one function for each state that is not final.

In:    a job that this worker holds.
Out:   its events, written by the workshop.
Fails: whatever is not a Fault goes to the loop's edge; the job's lease then runs out, and it is done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from smtpfax import logs
from smtpfax.dispatch.outcome import event_of
from smtpfax.model import event as e
from smtpfax.model import status as say
from smtpfax.model.account import Faxbox
from smtpfax.model.backend import Backend, Offer, Progress, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document
from smtpfax.model.errors import Fault, InDoubt, Permanent, Temporary
from smtpfax.model.job import Job, State
from smtpfax.model.routing import backend_for
from smtpfax.model.schedule import expired
from smtpfax.render.heading import header_of

from .rendering import render
from .waiting import barred
from .workshop import Workshop

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


async def offer(shop: Workshop, job: Job) -> None:
    """rendered: the document goes to a backend, once; `offered` is committed before the first byte leaves (G3)."""
    faxbox = shop.faxbox(job)
    if job.cancel_asked:
        await shop.write(job, e.Cancelled())
        return
    fault = barred(shop, job, faxbox)
    if fault is not None:
        await shop.fault(job, fault)
        return
    name = backend_for(job, faxbox.backends if faxbox else ())
    backend = shop.backends.get(name or "")
    if backend is None:
        why = f"its faxbox names no fax service that exists here ({name})" if name else "there is no fax service left"
        await shop.fault(job, Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why=why))
        return
    try:
        headed = await headed_of(shop, job, faxbox, backend)
    except Fault as trouble:
        await shop.fault(job, trouble)
        return
    due = shop.clock() + shop.habits.grace
    with shop.store.usage.offering(job, shop.clock()):
        offered = await shop.write(job, e.Offered(backend=backend.name, document=headed), due=due, keep_lease=True)
    request = await shop.offer_of(offered)
    # Held or cancelled in this very moment: the store has dropped the offer, and the job is somebody else's.
    if offered.version != job.version + 1 or offered.state is not State.OFFERED or request is None:
        return
    await _offer_now(shop, offered, backend, request)


async def headed_of(shop: Workshop, job: Job, faxbox: Faxbox | None, backend: Backend) -> Document | None:
    """The document with the header line of this very try; None, where the service prints one."""
    if backend.prints_header or faxbox is None or job.document is None:
        return None
    line = header_of(faxbox, at=shop.clock(), layout=job.document.layout)
    return await shop.renderer.headed(job.document, line)


async def _offer_now(shop: Workshop, job: Job, backend: Backend, request: Offer) -> None:
    try:
        with _timed(shop, backend, "offer"):
            ticket = await backend.offer(request)
    except InDoubt as doubt:
        log.warning("in doubt", id=job.id, backend=backend.name, reason=doubt)
        await shop.store.jobs.release(job, due=shop.clock() + shop.habits.grace)
    except Fault as fault:
        await shop.fault(job, fault)
    else:
        await shop.write(job, e.Accepted(ticket=ticket), due=shop.clock() + backend.poll(timedelta()))


async def look(shop: Workshop, job: Job) -> None:
    """offered, and nobody knows what became of it: the backend is asked whether it has the fax."""
    backend, request = shop.backends.get(job.backend), await shop.offer_of(job)
    if backend is None or request is None or not (backend.can_find or backend.offer_again):
        await shop.write(job, _maybe_sent())
        return
    if not backend.can_find:
        await shop.fault(job, Temporary(say.GONE_QUIET, cause=Cause.IN_DOUBT))
        return
    try:
        taken = await shop.store.jobs.tickets(backend.name)
        with _timed(shop, backend, "find"):
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
        with _timed(shop, backend, "ask"):
            answers = await backend.ask([job.ticket for job in live])
    except Fault as fault:
        log.warning("cannot ask", backend=name, jobs=len(live), reason=fault.reason)
        answers = {}
    for job in live:
        await progress(shop, job, answers.get(job.ticket), poll=backend.poll(_age(shop, job)))


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


@contextmanager
def _timed(shop: Workshop, backend: Backend, act: str) -> Iterator[None]:
    """How long a backend takes to answer, and whether it does."""
    began, up = shop.clock(), 0.0
    try:
        yield
        up = 1.0
    except Permanent:
        up = 1.0  # a clear no is an answer
        raise
    finally:
        seconds = (shop.clock() - began).total_seconds()
        shop.meter.observe("smtpfax_backend_request_seconds", seconds, backend=backend.name, op=act)
        shop.meter.set("smtpfax_backend_up", up, backend=backend.name)


def _age(shop: Workshop, job: Job) -> timedelta:
    began: datetime = job.offered or job.created
    return shop.clock() - began


def _maybe_sent() -> e.Failed:
    return e.Failed(status=say.MAYBE_SENT.status, cause=Cause.IN_DOUBT, text=say.MAYBE_SENT.fill(), counted=True)
