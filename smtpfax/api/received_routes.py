"""Received faxes: read marks, faxes of an earlier time, and the page behind the link of a mail.

In:    a fax's id; a backend and a range of dates; a link of ours.
Out:   the fax as it then stands; what was taken; a page of a few lines, and the PDF.
Fails: Refusal 404 for a fax or a backend that is not there, 400 for a mark or a range that is none.

Rule: looking changes nothing (mail filters follow links); the form's POST brings the fax, and marks it as read. The
page runs nothing, loads nothing, and says nothing of the fax but when it came and from where.
"""

from __future__ import annotations

from datetime import datetime
from html import escape

from aiohttp import web

from smtpfax.model.abilities import Receives
from smtpfax.model.backend import InboundFax

from .confirm_routes import page
from .envelope import conflict, invalid, not_found
from .fax_routes import find_received
from .negotiate import Form
from .present import inbox_record, rfc3339
from .routes import Call

_FORM = """<p>From <strong>{sender}</strong>, {pages} pages, on {at}.</p>
<form method="post"><p><button>Read the fax</button></p></form>"""


async def mark(call: Call) -> web.StreamResponse:
    """PATCH …/faxes/inbox/{id}: mark it as read or as not read."""
    fax = await find_received(call)
    read = (await call.body()).get("read")
    if not isinstance(read, bool):
        raise invalid({"read": ("type", "must be true or false")})
    await call.deps.store.inbox.mark_read(fax.id, read=read)
    call.deps.called(fax.backend)
    after = await call.deps.store.inbox.get(fax.id) or fax
    return call.success(inbox_record(after, call.faxbox(after.account_id, after.faxbox_id)))


async def fetch(call: Call) -> web.StreamResponse:
    """POST /admin/inbox/{backend}/fetch: what the backend received in a range of dates."""
    name = call.id("name")
    backend = call.deps.backends.get(name)
    if backend is None:
        raise not_found(name)
    if not isinstance(backend, Receives):
        raise conflict(f"{name} receives no faxes that could be fetched")
    asked = await call.body()
    since, until = _moment(asked, "since"), _moment(asked, "until")
    if until <= since:
        raise invalid({"until": ("invalid", "must be later than since")})
    taken, left = await call.deps.receive(backend, since, until)
    return call.success({"taken": [_row(fax) for fax in taken], "left": left})


async def ask(call: Call) -> web.StreamResponse:
    """GET /received/{id}: the page behind the link of a mail about a received fax."""
    fax = await _linked(call)
    if fax is None:
        return _over()
    at = fax.received.strftime("%Y-%m-%d at %H:%M UTC")
    sender = escape(fax.from_number or "an unknown number")
    return page("A fax for you", _FORM.format(sender=sender, pages=fax.document.pages, at=at))


async def answer(call: Call) -> web.StreamResponse:
    """POST /received/{id}: the fax, from that page."""
    fax = await _linked(call)
    if fax is None:
        return _over()
    octets = await call.deps.fax_pdf(fax)
    await call.deps.store.inbox.mark_read(fax.id)
    call.deps.called(fax.backend)
    headers = {"Content-Disposition": f'attachment; filename="fax-{fax.id}.pdf"'}
    return web.Response(body=octets, content_type=Form.PDF.value, headers=headers)


async def _linked(call: Call) -> InboundFax | None:
    query, fax = call.request.query, await call.deps.store.inbox.get(call.id())
    opens = fax is not None and call.deps.links.shows(fax, query.get("expires", ""), query.get("signature", ""))
    return fax if opens else None


def _over() -> web.Response:
    return page("Nothing to read", "<p>This link is not valid, or the fax is kept no longer.</p>", code=404)


def _moment(asked: object, name: str) -> datetime:
    text = asked.get(name) if isinstance(asked, dict) else None
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise invalid({name: ("invalid", "must be a time such as 2026-11-01T00:00:00Z")})
    return moment


def _row(fax: InboundFax) -> dict[str, object]:
    return {
        "id": fax.id,
        "from": fax.from_number,
        "to": fax.to_number,
        "pages": fax.document.pages,
        "received_at": rfc3339(fax.received),
        "faxbox": f"{fax.account_id}/{fax.faxbox_id}",
    }
