"""Faxes over HTTP: outgoing, outbox and inbox.

In:    an account; a faxbox to filter by; a fax's id.
Out:   pages of faxes, newest first; one with its history; the fax itself as PDF or TIFF, or its original.
Fails: Refusal 404 for a fax that is not there, or not this account's; 406 for a form that we do not give.

Rule: an id never changes. `outgoing/{id}` goes on answering after the job's end; `outbox` has those that ended.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from aiohttp import web

from smtpfax.model.backend import InboundFax
from smtpfax.model.document import Document
from smtpfax.model.job import Job

from .answers import JobDetail
from .envelope import Page, not_found
from .negotiate import Form, choose_form, content_disposition
from .originals import file_of, mail_of
from .present import JobView, inbox_record, job_row, job_summary
from .query import Window, merged, present, read_filters, read_window
from .routes import Call
from .telling import record_of

FILTERS = ("faxbox_id",)


async def outgoing(call: Call) -> web.StreamResponse:
    """GET …/faxes/outgoing: faxes that are under way."""
    return call.listing(await job_page(call, call.account_id, False))


async def outbox(call: Call) -> web.StreamResponse:
    """GET …/faxes/outbox: faxes that ended."""
    return call.listing(await job_page(call, call.account_id, True))


async def inbox(call: Call) -> web.StreamResponse:
    """GET …/faxes/inbox: faxes that were received."""
    window, filters = _asked(call)
    page = partial(call.deps.store.inbox.page, limit=window.limit, after=window.after)
    stored = await page(account_id=call.account_id, faxbox_id=filters.get("faxbox_id"))
    rows = [inbox_record(fax, call.faxbox(fax.account_id, fax.faxbox_id)) for fax in stored.rows]
    return call.listing(present(stored, window, key=lambda fax: (fax.received, fax.id), rows=rows))


async def outgoing_fax(call: Call) -> web.StreamResponse:
    """GET …/faxes/outgoing/{id}: a fax, whatever became of it."""
    return call.success(await job_record(call, await find_job(call, call.account_id)))


async def outbox_fax(call: Call) -> web.StreamResponse:
    """GET …/faxes/outbox/{id}: a fax that ended."""
    return call.success(await job_record(call, await find_ended(call)))


async def inbox_fax(call: Call) -> web.StreamResponse:
    """GET …/faxes/inbox/{id}: a fax that was received."""
    fax = await find_received(call)
    return call.success(inbox_record(fax, call.faxbox(fax.account_id, fax.faxbox_id)))


async def outgoing_attachment(call: Call) -> web.StreamResponse:
    """GET …/faxes/outgoing/{id}/attachment: its pages as they go over the line, or what they were made of."""
    return await _job_attachment(call, await find_job(call, call.account_id))


async def outbox_attachment(call: Call) -> web.StreamResponse:
    """GET …/faxes/outbox/{id}/attachment: its pages as they went over the line, or what they were made of."""
    return await _job_attachment(call, await find_ended(call))


async def inbox_attachment(call: Call) -> web.StreamResponse:
    """GET …/faxes/inbox/{id}/attachment: the pages of a fax that was received; the very PDF that came, if one did."""
    fax = await find_received(call)
    form, disposition = _wanted(call, fax.id)
    if form is Form.ORIGINAL:
        return await file_of(fax, call.deps)
    if form is Form.PDF and fax.original and fax.media_type == Form.PDF:
        # Somebody else's file: it is saved, and never shown.
        disposition = content_disposition("attachment", name=fax.id, form=form)
        return _sent(await call.deps.fax_pdf(fax), form, disposition)
    return await _drawn(call, fax.id, fax.document)


async def job_page(call: Call, account_id: str | None, *finals: bool) -> Page:
    """A page of jobs, of one account or of all; of those under way, of those that ended, or of both."""
    window, filters = _asked(call, *(() if account_id is not None else ("account_id",)))
    of = {"account_id": account_id, **filters}
    page = partial(call.deps.store.jobs.page, limit=window.limit, after=window.after)
    found = [await page(final=final, account_id=of["account_id"], faxbox_id=of.get("faxbox_id")) for final in finals]
    stored = merged(found, limit=window.limit, key=_key)
    views = (JobView(job=job, faxbox=call.faxbox(job.account_id, job.faxbox_id)) for job in stored.rows)
    rows = [job_summary(view) if view.job.state.final else job_row(view) for view in views]
    return present(stored, window, key=_key, rows=rows)


async def find_job(call: Call, account_id: str | None) -> Job:
    """The path's job; another account's is not there."""
    job = await call.deps.store.jobs.get(call.id())
    if job is None or not call.reaches(job.account_id, job.faxbox_id, account_id=account_id):
        raise not_found(call.id())
    return job


async def job_record(call: Call, job: Job) -> JobDetail:
    """A job with all that is told of it."""
    return await record_of(job, call.deps.store, call.faxbox(job.account_id, job.faxbox_id))


def _key(job: Job) -> tuple[datetime, str]:
    return job.created, job.id


def _asked(call: Call, *more: str) -> tuple[Window, dict[str, str]]:
    query, deps = call.request.query, call.deps
    window = read_window(query, page_size=deps.page_size, most=deps.max_page_size)
    filters = read_filters(query, (*FILTERS, *more))
    return window, filters | ({"faxbox_id": call.faxbox_id} if call.faxbox_id else {})


async def find_ended(call: Call) -> Job:
    """The path's job, if it is over."""
    job = await find_job(call, call.account_id)
    if not job.state.final:
        raise not_found(job.id)
    return job


async def find_received(call: Call) -> InboundFax:
    """The path's received fax; another account's is not there."""
    fax = await call.deps.store.inbox.get(call.id())
    if fax is None or not call.reaches(fax.account_id, fax.faxbox_id, account_id=call.account_id):
        raise not_found(call.id())
    return fax


async def _job_attachment(call: Call, job: Job) -> web.StreamResponse:
    form, _ = _wanted(call, job.id)
    return await mail_of(job, call.deps) if form is Form.ORIGINAL else await _drawn(call, job.id, job.leaving)


async def _drawn(call: Call, name: str, document: Document | None) -> web.StreamResponse:
    """Pages that we drew ourselves."""
    form, disposition = _wanted(call, name)
    deps = call.deps
    if document is None or not deps.spool.has(document.name):
        raise not_found(f"{name} has no document, or has it no longer")
    return _sent(
        await (deps.pdf_of(document) if form is Form.PDF else deps.spool.read(document.name)), form, disposition
    )


def _wanted(call: Call, name: str) -> tuple[Form, str]:
    form = choose_form(call.request.headers.get("Accept"))
    return form, content_disposition(call.request.query.get("disposition"), name=name, form=form)


def _sent(octets: bytes, form: Form, disposition: str) -> web.Response:
    headers = {"Content-Disposition": disposition, "Vary": "Accept"}
    return web.Response(body=octets, content_type=form.value, headers=headers)


async def signed_document(call: Call) -> web.StreamResponse:
    """GET /documents/{name}: for a backend that fetches instead of being sent; the address itself is the key."""
    name, query = call.id("name"), call.request.query
    deps = call.deps
    opens = deps.links.opens(name, query.get("expires", ""), query.get("signature", ""))
    if not opens or not deps.spool.has(name):
        raise not_found(name)
    return web.Response(body=await deps.spool.read(name), content_type=Form.TIFF.value)
