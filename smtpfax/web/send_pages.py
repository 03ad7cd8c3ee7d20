"""A fax from the browser: the form, its pages before it goes, and off it goes, or away.

In:    the form; a draft of the viewer's.
Out:   a draft with its pages, made as the worker makes them; then a job that is kept, or nothing.
Fails: Refusal 404 for a draft that is another's, or forgotten; what is wrong with the form is said beside its fields.

Rule: what was looked at is what goes: the draft's content becomes the mail's, under the same id. So a draft that is
sent twice at once is one fax.
"""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from smtpfax.api.deleting import throw_away
from smtpfax.api.envelope import Refusal, conflict
from smtpfax.api.ordering import Order, Written, acceptance_of, keep, take, write
from smtpfax.model.errors import Permanent
from smtpfax.model.mail import Content, Origin
from smtpfax.store import Draft

from .finding import draft_of
from .leaves import sheets
from .send_form import Asked, Faults, Faulty, faults_of, order_of, read_sheet, sender_of
from .visit import Visit

MOST_DRAFTS = 20  # of one viewer: then the oldest is forgotten


async def ask(visit: Visit) -> web.StreamResponse:
    """GET /send."""
    own = next((box for box in visit.viewer.boxes(visit.directory) if box.owner == visit.viewer.email), None)
    faxbox = visit.query("faxbox") or (f"{own.account_id}/{own.id}" if own else "")
    return _form(visit, Asked(faxbox=faxbox, number=visit.query("number")), {})


async def preview(visit: Visit) -> web.StreamResponse:
    """POST /send."""
    sheet = await read_sheet(visit)
    try:
        draft = await _drafted(visit, order_of(visit, sheet))
    except Faulty as fault:
        return _form(visit, sheet.asked, fault.faults)
    except Permanent as fault:  # what the sender of a mail would have been told
        return _form(visit, sheet.asked, {"files": fault.text})
    except Refusal as refusal:
        return _form(visit, sheet.asked, faults_of(refusal))
    return visit.go(f"/send/{draft.id}")


async def look(visit: Visit) -> web.StreamResponse:
    """GET /send/{id}."""
    return await _draft(visit, await draft_of(visit))


async def send(visit: Visit) -> web.StreamResponse:
    """POST /send/{id}."""
    draft, desk = await draft_of(visit), visit.desk
    if draft.id in desk.sending:  # the same button, pressed twice
        return visit.go("/faxes/outgoing", done="sent")
    desk.sending.add(draft.id)
    try:
        return await _sent(visit, draft)
    finally:
        desk.sending.discard(draft.id)


async def discard(visit: Visit) -> web.StreamResponse:
    """POST /send/{id}/discard."""
    draft, deps = await draft_of(visit), visit.desk.deps
    if draft.id in visit.desk.sending:
        raise conflict("it is being sent just now")
    await deps.store.drafts.delete(draft.id)
    await throw_away({draft.content_name, draft.document.name}, deps)
    return visit.go("/send", done="discarded")


async def _drafted(visit: Visit, order: Order) -> Draft:
    """Its content is in the spool before it is rendered; what cannot be faxed leaves nothing there."""
    deps, mail_id = visit.desk.deps, visit.desk.deps.ids()
    header, octets = await write(order, mail_id, deps)
    content = await keep(octets, mail_id, replace(deps, inline_octets=0))  # in the spool, however small it is
    written = Written(mail_id=mail_id, header=header, content=content)
    acceptance = acceptance_of(order, written, at=visit.now, expiry=deps.expiry)
    try:
        seen = await visit.desk.preview(acceptance.mail, acceptance.jobs[0])
    except BaseException:
        await deps.spool.delete(mail_id)
        raise
    draft = Draft(
        id=mail_id,
        owner=visit.viewer.key,
        account_id=order.faxbox.account_id,
        faxbox_id=order.faxbox.id,
        number=order.number,
        to_name=order.to_name,
        scheduled=order.scheduled,
        header=header,
        sha256=content.sha256,
        octets=content.octets,
        content_name=mail_id,
        document=seen.document,
        parts=seen.parts,
        warning=seen.warning,
        created=visit.now,
    )
    await deps.store.drafts.add(draft)
    await deps.store.drafts.trim(draft.owner, most=MOST_DRAFTS)
    return draft


async def _sent(visit: Visit, draft: Draft) -> web.StreamResponse:
    deps = visit.desk.deps
    if await deps.store.mails.get(draft.id) is None:  # else it was taken, and whoever took it had no time for the rest
        content = Content(sha256=draft.sha256, octets=draft.octets, name=draft.content_name)
        written = Written(mail_id=draft.id, header=draft.header, content=content)
        try:
            await take(_order_of(visit, draft), written, deps)
        except Refusal as refusal:
            return await _draft(visit, draft, wrong=next(iter(faults_of(refusal).values())), code=refusal.code)
    await deps.store.drafts.sent(draft.id)
    return visit.go(f"/faxes/outgoing/{draft.id}-1", done="sent")


def _order_of(visit: Visit, draft: Draft) -> Order:
    box = visit.box(draft.account_id, draft.faxbox_id)
    if box is None:
        raise conflict("the faxbox that it was to go from is gone")
    return Order(
        account=visit.directory.accounts[draft.account_id],
        faxbox=box,
        number=draft.number,
        origin=Origin.HTTP,
        to_name=draft.to_name,
        scheduled=draft.scheduled,
        reverse_path=sender_of(visit),
        field="number",
    )


async def _draft(visit: Visit, draft: Draft, *, wrong: str = "", code: int = 200) -> web.Response:
    shown = await sheets(visit, draft.document, name=draft.id, back=f"/send/{draft.id}")
    box = visit.box(draft.account_id, draft.faxbox_id)
    return visit.page("draft.html", status=code, draft=draft, box=box, sheets=shown, wrong=wrong)


def _form(visit: Visit, asked: Asked, faults: Faults) -> web.Response:
    boxes = visit.viewer.boxes(visit.directory)
    return visit.page("send.html", status=400 if faults else 200, asked=asked, faults=faults, boxes=boxes)
