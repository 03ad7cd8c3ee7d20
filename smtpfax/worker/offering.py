"""rendered: the document goes to a backend, once.

In:    a job that this worker holds, with its document.
Out:   Offered and then Accepted, written by the workshop; or what follows a fault; or a later turn, without an event.
Fails: as the stages do.

Guarantee (G3): `offered` is committed before the first byte leaves.

Rule: what only has to wait for its turn costs no event: until another fax to the same number is over, or until the
backend has room for one more.
"""

from __future__ import annotations

from datetime import timedelta

from smtpfax import logs
from smtpfax.model import event as e
from smtpfax.model import status as say
from smtpfax.model.abilities import Paces
from smtpfax.model.account import Faxbox
from smtpfax.model.backend import Backend, Offer, offer_key
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document
from smtpfax.model.errors import Fault, InDoubt, Permanent
from smtpfax.model.job import Job, State
from smtpfax.model.routing import backend_for
from smtpfax.render.heading import header_of

from .lines import LOOKS
from .waiting import barred
from .workshop import Workshop

log = logs.get("queue")


async def offer(shop: Workshop, job: Job) -> None:
    """One job."""
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
    pause = await _pause(shop, job, backend)
    if pause:
        await shop.store.jobs.release(job, due=shop.clock() + pause)
        return
    await _commit(shop, job, faxbox, backend)


async def _pause(shop: Workshop, job: Job, backend: Backend) -> timedelta:
    """How long until its turn: of its number's line, then of the backend."""
    if shop.habits.one_call and await _line_is_busy(shop, job):
        return LOOKS
    return backend.wait(offer_key(job.id, job.tries + 1)) if isinstance(backend, Paces) else timedelta()


async def _line_is_busy(shop: Workshop, job: Job) -> bool:
    """First stand in line, then look: who frees the line in between finds somebody waiting."""
    number = job.number.e164
    shop.lines.wait(number, job.id)
    busy = await shop.store.jobs.line_is_busy(job)
    if not busy:
        shop.lines.leave(number, job.id)
    return busy


async def _commit(shop: Workshop, job: Job, faxbox: Faxbox | None, backend: Backend) -> None:
    try:
        headed = await headed_of(shop, job, faxbox, backend)
    except Fault as trouble:
        await shop.fault(job, trouble)
        return
    fault = barred(shop, job, faxbox)  # once more: nothing is waited for between this and the reservation
    if fault is not None:
        await shop.fault(job, fault)
        return
    due = shop.clock() + shop.habits.grace
    event = e.Offered(backend=backend.name, document=headed)
    with shop.store.usage.offering(job, shop.clock()):
        offered = await shop.write(job, event, due=due, keep_lease=True, alone=shop.habits.one_call)
    if offered.version == job.version:  # another fax to this number was quicker
        await shop.store.jobs.release(job, due=shop.clock() + LOOKS)
        return
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
        with shop.timed(backend, "offer"):
            ticket = await backend.offer(request)
    except InDoubt as doubt:
        log.warning("in doubt", id=job.id, backend=backend.name, reason=doubt)
        await shop.store.jobs.release(job, due=shop.clock() + shop.habits.grace)
    except Fault as fault:
        await shop.fault(job, fault)
    else:
        await shop.write(job, e.Accepted(ticket=ticket), due=shop.clock() + backend.poll(timedelta()))
