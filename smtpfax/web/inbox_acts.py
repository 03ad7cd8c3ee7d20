"""What is done with a fax that was received: mark it, forward it, delete it.

In:    a received fax of the viewer's; for forwarding, a number.
Out:   the fax as it then stands, or the new one.
Fails: Refusal 404 for a fax that is another's, 409 for what does not fit how it stands.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from smtpfax.api.deleting import delete_received
from smtpfax.api.envelope import Refusal
from smtpfax.api.resending import FIELD, Wish, forward
from smtpfax.model.backend import InboundFax

from .act_pages import told
from .asking import Question, ask, asked_again
from .finding import fax_of
from .visit import Visit
from .words import number as spoken

INBOX = "/faxes/inbox"


def marking(read: bool) -> Callable[[Visit], Awaitable[web.StreamResponse]]:
    """POST /faxes/inbox/{id}/read, …/unread: back to the list, where that was asked from the list."""

    async def handle(visit: Visit) -> web.StreamResponse:
        fax, deps = await fax_of(visit), visit.desk.deps
        await deps.store.inbox.mark_read(fax.id, read=read)
        deps.called(fax.backend)
        back = INBOX if await visit.field("from") == "list" else _here(fax)
        return visit.go(back, done="read" if read else "unread")

    return handle


async def ask_forward(visit: Visit) -> web.StreamResponse:
    """GET /faxes/inbox/{id}/forward."""
    fax = await fax_of(visit)
    return ask(visit, _onward(visit, fax), back=_here(fax))


async def do_forward(visit: Visit) -> web.StreamResponse:
    """POST /faxes/inbox/{id}/forward."""
    fax = await fax_of(visit)
    number, name = await visit.field("number"), "".join(filter(str.isprintable, await visit.field("name")))
    try:
        job = await forward(fax, Wish(to_number=number[:128], to_name=name[:128].strip()), visit.desk.deps)
    except Refusal as refusal:
        if FIELD not in refusal.data:
            raise
        return asked_again(visit, _onward(visit, fax), refusal, back=_here(fax), number=number, name=name)
    return visit.go(f"/faxes/outgoing/{job.id}", done="forwarded")


async def ask_delete(visit: Visit) -> web.StreamResponse:
    """GET /faxes/inbox/{id}/delete."""
    fax = await fax_of(visit)
    question = Question(
        title="Delete the fax from",
        about=_sender(fax),
        texts=("This deletes its pages and the file as it came. It cannot be undone.",),
        word="Delete it",
    )
    return ask(visit, question, back=_here(fax))


async def do_delete(visit: Visit) -> web.StreamResponse:
    """POST /faxes/inbox/{id}/delete."""
    deleted = await delete_received(await fax_of(visit), visit.desk.deps)
    return visit.go(INBOX, done=told(deleted))


def _onward(visit: Visit, fax: InboundFax) -> Question:
    box = visit.box(fax.account_id, fax.faxbox_id)
    sender = (box.name or box.id) if box else fax.faxbox_id
    return Question(
        title="Forward the fax from",
        about=_sender(fax),
        texts=(f"Its pages go as a new fax from {sender}; this one stays in the inbox.",),
        word="Forward it",
        kind="",
        number_label="To this number",
        name_label="For",
    )


def _sender(fax: InboundFax) -> str:
    return spoken(fax.from_number) if fax.from_number else "no number"


def _here(fax: InboundFax) -> str:
    return f"{INBOX}/{fax.id}"
