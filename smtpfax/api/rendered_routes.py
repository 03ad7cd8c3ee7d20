"""A fax as its fax service rendered it.

In:    a job that a service has, or had.
Out:   the document from there, PDF or TIFF as that service keeps it.
Fails: Refusal 404 when the service does not show faxes, or has this one no longer; 503 when it cannot be asked now.

Rule: what comes from there is served as an attachment, and only when it is the PDF or the TIFF that it says it is.
"""

from __future__ import annotations

from aiohttp import web

from smtpfax.model.abilities import Fetched, Fetches
from smtpfax.model.errors import Permanent
from smtpfax.model.job import Job

from .envelope import not_found
from .fax_routes import find_job
from .negotiate import Form
from .routes import Call


async def rendered(call: Call) -> web.StreamResponse:
    """GET …/faxes/outgoing/{id}/rendered, …/faxes/outbox/{id}/rendered: the fax as its fax service rendered it."""
    job = await find_job(call, call.account_id)
    fetched = await _fetched(call, job)
    form = _form(fetched.octets)
    if form is None:
        raise not_found(f"{job.id}: what the fax service has is neither a PDF nor a TIFF")
    disposition = f'attachment; filename="{job.id}-rendered.{form.suffix}"'
    return web.Response(body=fetched.octets, content_type=form.value, headers={"Content-Disposition": disposition})


async def _fetched(call: Call, job: Job) -> Fetched:
    backend = call.deps.backends.get(job.backend)
    if backend is None or not isinstance(backend, Fetches) or not job.ticket:
        raise not_found(f"{job.id} is at no fax service that shows its faxes")
    try:
        return await backend.fetch(job.ticket)
    except Permanent as fault:
        raise not_found(f"{job.id}: {fault.text}") from fault


def _form(octets: bytes) -> Form | None:
    """By its first octets (ISO 32000-1 section 7.5.2; TIFF 6.0 page 13)."""
    if octets.startswith(b"%PDF-"):
        return Form.PDF
    return Form.TIFF if octets[:4] in (b"II*\0", b"MM\0*") else None
