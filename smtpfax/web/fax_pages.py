"""Faxes: those that are under way, those that ended, those that were received.

In:    a folder, filters; a fax's id.
Out:   the lists; one fax with its pages, its history, and what can be done with it.
Fails: Refusal 404 for a fax that is not there, or is another's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from smtpfax.api.present_log import parts_of
from smtpfax.model.account import Faxbox
from smtpfax.model.backend import InboundFax
from smtpfax.model.event import Event, PartNote
from smtpfax.model.job import Job
from smtpfax.model.legibility import judge
from smtpfax.model.mail import Mail
from smtpfax.store import Page
from smtpfax.store.notices import NoticeRow

from .act_pages import May, may
from .finding import fax_of, job_of
from .leaves import Sheets, sheets
from .lists import PAGE_SIZE, read_list
from .viewer import Scope
from .visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fax:
    """A job, and everything that is shown with it."""

    job: Job
    box: Faxbox | None
    sheets: Sheets
    mail: Mail | None
    history: tuple[tuple[Event, datetime], ...]
    parts: tuple[PartNote, ...]
    notices: tuple[NoticeRow, ...]
    attempt_id: str
    warning: str
    may: May
    first: str  # the page of the fax that it sends once more; empty: it is none, or that is gone


async def first(visit: Visit) -> web.StreamResponse:
    """GET /faxes."""
    return visit.go("/faxes/outgoing")


async def outgoing(visit: Visit) -> web.StreamResponse:
    """GET /faxes/outgoing."""
    return await _jobs(visit, final=False)


async def outbox(visit: Visit) -> web.StreamResponse:
    """GET /faxes/outbox."""
    return await _jobs(visit, final=True)


async def inbox(visit: Visit) -> web.StreamResponse:
    """GET /faxes/inbox."""
    store = visit.desk.deps.store

    async def fetch(scope: Scope, after: str) -> Page[InboundFax]:
        return await store.inbox.page(
            limit=PAGE_SIZE, after=after, account_id=scope.account_id, faxbox_id=scope.faxbox_id
        )

    scopes = visit.viewer.scopes(visit.directory, visit.chosen())
    found = await read_list(visit, scopes, fetch, key=lambda fax: (fax.received, fax.id))
    boxes = visit.viewer.boxes(visit.directory)
    return visit.page("inbox.html", rows=found, boxes=boxes, faxbox=visit.query("faxbox"))


async def outgoing_fax(visit: Visit) -> web.StreamResponse:
    """GET /faxes/outgoing/{id}, whatever became of it."""
    fax = await fax_view(visit, await job_of(visit))
    return visit.page("fax_standing.html" if visit.partial else "fax.html", fax=fax)


async def inbox_fax(visit: Visit) -> web.StreamResponse:
    """GET /faxes/inbox/{id}."""
    fax = await fax_of(visit)
    shown = await sheets(visit, fax.document, name=fax.id, back=f"/faxes/inbox/{fax.id}")
    return visit.page("inbox_fax.html", fax=fax, box=visit.box(fax.account_id, fax.faxbox_id), sheets=shown)


async def fax_view(visit: Visit, job: Job) -> Fax:
    """All that is known of a job."""
    store = visit.desk.deps.store
    history = tuple(await store.jobs.history(job.id))
    attempts = await store.attempts.of_job(job.id)
    legibility = job.document.legibility if job.document else None
    return Fax(
        job=job,
        box=visit.box(job.account_id, job.faxbox_id),
        sheets=await sheets(visit, job.leaving, name=job.id, back=f"/faxes/outgoing/{job.id}"),
        mail=await store.mails.get(job.mail_id),
        history=history,
        parts=parts_of(history),
        notices=tuple(await store.notices.of_job(job.id)),
        attempt_id=attempts[0].attempt.id if attempts else "",
        warning=(legibility and judge(legibility)) or "",
        may=may(job, writes=visit.viewer.writes),
        first=await _first(visit, job),
    )


async def _first(visit: Visit, job: Job) -> str:
    store = visit.desk.deps.store
    if job.again_of and await store.jobs.get(job.again_of) is not None:
        return f"/faxes/outgoing/{job.again_of}"
    return f"/faxes/inbox/{job.again_of}" if job.again_of and await store.inbox.get(job.again_of) is not None else ""


async def _jobs(visit: Visit, *, final: bool) -> web.StreamResponse:
    store = visit.desk.deps.store

    async def fetch(scope: Scope, after: str) -> Page[Job]:
        return await store.jobs.page(
            final=final, limit=PAGE_SIZE, after=after, account_id=scope.account_id, faxbox_id=scope.faxbox_id
        )

    scopes = visit.viewer.scopes(visit.directory, visit.chosen())
    found = await read_list(visit, scopes, fetch, key=lambda job: (job.created, job.id))
    boxes = visit.viewer.boxes(visit.directory)
    return visit.page("faxes.html", rows=found, final=final, boxes=boxes, faxbox=visit.query("faxbox"))
