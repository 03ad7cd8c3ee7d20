"""Documents on the pages: their pages as pictures, and the files themselves.

In:    a folder (outgoing, inbox, or a preview), an id, a page's number.
Out:   a viewer of one page, PNGs, PDF or TIFF; the original mail.
Fails: Refusal 404 for what is not there any more, or is another's.

Rule: what strangers sent is never shown on the pages' origin: the original leaves as an attachment, of a type that no
browser opens by itself. Pictures are made here, pel by pel.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aiohttp import web

from smtpfax.api.envelope import not_found
from smtpfax.api.negotiate import Form, content_disposition
from smtpfax.api.originals import file_of, mail_of
from smtpfax.model.document import PELS_PER_INCH, WIDTH, Document

from .finding import draft_of, fax_of, job_of
from .visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page, and the size that its picture is shown in: the pels of a fax are no squares."""

    number: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """A document, and where its pages are looked at."""

    name: str  # of what it is the document
    back: str  # the page that shows it all
    document: Document | None
    pages: tuple[Sheet, ...] = ()  # none: it is not kept any more


async def sheets_of(visit: Visit) -> Sheets:
    """The document of the path."""
    return await _FOLDERS[visit.request.match_info["folder"]](visit)


async def sheets(visit: Visit, document: Document | None, *, name: str, back: str) -> Sheets:
    """A document as the pages show it."""
    rows = await visit.desk.pictures.rows(document) if document else ()
    pages = tuple(_sheet(number, many, document) for number, many in enumerate(rows, 1) if document)
    return Sheets(name=name, back=back, document=document, pages=pages)


def _sheet(number: int, rows: int, document: Document) -> Sheet:
    high = rows * PELS_PER_INCH / document.layout.resolution.lines_per_inch
    return Sheet(number=number, width=WIDTH, height=round(high))


async def page(visit: Visit) -> web.StreamResponse:
    """GET /faxes/{folder}/{id}/pages/{page}."""
    shown, number = await sheets_of(visit), int(visit.request.match_info["page"])
    if not 1 <= number <= len(shown.pages):
        raise not_found(str(number))
    return visit.page("page.html", sheets=shown, sheet=shown.pages[number - 1])


async def picture(visit: Visit) -> web.StreamResponse:
    """GET /faxes/{folder}/{id}/pages/{page}.png."""
    shown, number = await sheets_of(visit), int(visit.request.match_info["page"])
    small = visit.query("small") == "1"
    octets = await visit.desk.pictures.picture(shown.document, number, small=small) if shown.document else None
    if octets is None:
        raise not_found(str(number))
    return web.Response(body=octets, content_type="image/png")


async def document(visit: Visit) -> web.StreamResponse:
    """GET /faxes/{folder}/{id}/document.{form}."""
    shown = await sheets_of(visit)
    if shown.document is None or not shown.pages:
        raise not_found(shown.name)
    form = Form.PDF if visit.request.match_info["form"] == "pdf" else Form.TIFF
    deps = visit.desk.deps
    octets = await (deps.pdf_of(shown.document) if form is Form.PDF else deps.spool.read(shown.document.name))
    disposition = content_disposition(None, name=shown.name, form=form)
    return web.Response(body=octets, content_type=form.value, headers={"Content-Disposition": disposition})


async def original(visit: Visit) -> web.StreamResponse:
    """GET /faxes/outgoing/{id}/mail.eml: the mail as it came."""
    return await mail_of(await job_of(visit), visit.desk.deps)


async def received_original(visit: Visit) -> web.StreamResponse:
    """GET /faxes/inbox/{id}/original: the file as the fax service gave it, where it is not the document itself."""
    fax = await fax_of(visit)
    if not fax.original:
        raise not_found(fax.id)
    return await file_of(fax, visit.desk.deps)


async def _outgoing(visit: Visit) -> Sheets:
    job = await job_of(visit)
    return await sheets(visit, job.leaving, name=job.id, back=f"/faxes/outgoing/{job.id}")


async def _inbox(visit: Visit) -> Sheets:
    fax = await fax_of(visit)
    return await sheets(visit, fax.document, name=fax.id, back=f"/faxes/inbox/{fax.id}")


async def _preview(visit: Visit) -> Sheets:
    draft = await draft_of(visit)
    return await sheets(visit, draft.document, name=draft.id, back=f"/send/{draft.id}")


_FOLDERS: Mapping[str, Callable[[Visit], Awaitable[Sheets]]] = MappingProxyType(
    {"outgoing": _outgoing, "inbox": _inbox, "preview": _preview}
)
