"""Acts on faxes over HTTP: cancel, resubmit, forward, delete.

In:    a fax's id; for PUT Kazoo's `action`, beside `data` or within it.
Out:   the fax as it then stands; of a new one its record, 202; of a deleted one its last record, and what is kept.
Fails: Refusal 404 for a fax that is not there, 400 for an action that is none, 409 for one that does not fit.

Rule: Kazoo's shapes. `_read_only.deleted` means what it says here: the document is gone, and `kept` tells what is not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from smtpfax.model.backend import InboundFax
from smtpfax.model.job import Job

from .deleting import Deleted, delete_document, delete_job, delete_received, delete_received_document
from .deps import Deps
from .envelope import invalid
from .fax_routes import find_ended, find_job, find_received, job_record
from .present import inbox_record
from .resending import Wish, forward, resend
from .routes import Call
from .steering import cancel, steer

_LONGEST = 128


async def cancel_fax(call: Call) -> web.StreamResponse:
    """DELETE …/faxes/outgoing/{id}: ended; or marked, while a fax service has the last word: 202."""
    after = await steer(await find_job(call, call.account_id), cancel, call.deps)
    return call.success(await job_record(call, after), code=200 if after.state.final else 202)


async def outbox_action(call: Call) -> web.StreamResponse:
    """PUT …/faxes/outbox/{id}: {"action": "resubmit"}, with `to_number` where it goes elsewhere now."""
    job = await find_ended(call)
    wish = _wish(await call.whole_body(), "resubmit")
    return await _new(call, await resend(job, wish, call.deps))


async def inbox_action(call: Call) -> web.StreamResponse:
    """PUT …/faxes/inbox/{id}: {"action": "forward", "data": {"to_number": …}}."""
    fax = await find_received(call)
    wish = _wish(await call.whole_body(), "forward")
    return await _new(call, await forward(fax, wish, call.deps))


async def delete_outbox(call: Call) -> web.StreamResponse:
    """DELETE …/faxes/outbox/{id}."""
    return await _delete_job(call, delete_job)


async def delete_outbox_attachment(call: Call) -> web.StreamResponse:
    """DELETE …/faxes/outbox/{id}/attachment."""
    return await _delete_job(call, delete_document)


async def delete_inbox(call: Call) -> web.StreamResponse:
    """DELETE …/faxes/inbox/{id}."""
    return await _delete_received(call, delete_received)


async def delete_inbox_attachment(call: Call) -> web.StreamResponse:
    """DELETE …/faxes/inbox/{id}/attachment."""
    return await _delete_received(call, delete_received_document)


async def _new(call: Call, job: Job) -> web.StreamResponse:
    response = call.success(await job_record(call, job), code=202)
    response.headers["Location"] = job.id  # as Kazoo's: the id alone
    return response


async def _delete_job(call: Call, act: Callable[[Job, Deps], Awaitable[Deleted]]) -> web.StreamResponse:
    job = await find_job(call, call.account_id)
    record = await job_record(call, job)
    return call.success(record | _deleted(await act(job, call.deps)))


async def _delete_received(call: Call, act: Callable[[InboundFax, Deps], Awaitable[Deleted]]) -> web.StreamResponse:
    fax = await find_received(call)
    record = inbox_record(fax, call.faxbox(fax.account_id, fax.faxbox_id))
    return call.success(record | _deleted(await act(fax, call.deps)))


def _deleted(what: Deleted) -> dict[str, object]:
    return {"_read_only": {"deleted": True}, "kept": list(what.kept), "deleted_at_services": list(what.there)}


def _wish(body: Mapping[str, Any], action: str) -> Wish:
    data = body["data"]
    asked = body.get("action", data.get("action"))
    if asked is None:
        raise invalid({"action": ("required", f"must be {action}")})
    if asked != action:
        raise invalid({"action": ("enum", f"must be {action}")})
    texts = {name: data[name] for name in ("to_number", "to_name") if data.get(name) is not None}
    wrong = [name for name, text in texts.items() if not _is_line(text)]
    if wrong:
        raise invalid(dict.fromkeys(wrong, ("type", f"must be one line of at most {_LONGEST} characters")))
    return Wish(**texts)


def _is_line(text: object) -> bool:
    return isinstance(text, str) and len(text) <= _LONGEST and text.isprintable()
