"""Acts on faxes over HTTP: cancel, resubmit, forward, delete.

In:    a fax's id; for PUT Kazoo's `action`, beside `data` or within it.
Out:   the fax as it then stands; of a new one its record, 202; of a deleted one its last record, and what is kept.
Fails: Refusal 404 for a fax that is not there, 400 for an action that is none, 409 for one that does not fit.

Rule: Kazoo's shapes. `_read_only.deleted` means what it says here: the document is gone, and `kept` tells what is not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from smtpfax.model.backend import InboundFax
from smtpfax.model.job import Job

from .answers import Deletion, InboxFaxDeleted, JobDeleted
from .deleting import Deleted, delete_document, delete_job, delete_received, delete_received_document
from .deps import Deps
from .envelope import invalid
from .fax_routes import find_ended, find_job, find_received, job_record
from .kazoo_faults import kazoo_faults
from .present import inbox_record
from .resending import Wish, forward, resend
from .routes import Call
from .steering import cancel, steer
from .values import Line


class Onward(BaseModel):
    """Where a fax goes now; a client that sends it all back may say more."""

    model_config = ConfigDict(hide_input_in_errors=True)
    to_number: Line | None = None
    to_name: Line | None = None

    @property
    def wish(self) -> Wish:
        """As it is asked for."""
        return Wish(to_number=self.to_number or "", to_name=self.to_name)


class Resubmit(BaseModel):
    """A fax once more; without a number, to the number where it went."""

    model_config = ConfigDict(hide_input_in_errors=True)
    action: Literal["resubmit"]
    data: Onward = Onward()


class Forward(BaseModel):
    """A received fax to somebody; the number is needed."""

    model_config = ConfigDict(hide_input_in_errors=True)
    action: Literal["forward"]
    data: Onward = Onward()


A = TypeVar("A", Resubmit, Forward)


async def cancel_fax(call: Call) -> web.StreamResponse:
    """DELETE …/faxes/outgoing/{id}: ended; or marked, while a fax service has the last word: 202."""
    after = await steer(await find_job(call, call.account_id), cancel, call.deps)
    return call.success(await job_record(call, after), code=200 if after.state.final else 202)


async def outbox_action(call: Call) -> web.StreamResponse:
    """PUT …/faxes/outbox/{id}: {"action": "resubmit"}, with `to_number` where it goes elsewhere now."""
    job = await find_ended(call)
    asked = await _asked(call, Resubmit)
    return await _new(call, await resend(job, asked.data.wish, call.deps))


async def inbox_action(call: Call) -> web.StreamResponse:
    """PUT …/faxes/inbox/{id}: {"action": "forward", "data": {"to_number": …}}."""
    fax = await find_received(call)
    asked = await _asked(call, Forward)
    return await _new(call, await forward(fax, asked.data.wish, call.deps))


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
    data: JobDeleted = {**record, **_deletion(await act(job, call.deps))}
    return call.success(data)


async def _delete_received(call: Call, act: Callable[[InboundFax, Deps], Awaitable[Deleted]]) -> web.StreamResponse:
    fax = await find_received(call)
    record = inbox_record(fax, call.faxbox(fax.account_id, fax.faxbox_id))
    data: InboxFaxDeleted = {**record, **_deletion(await act(fax, call.deps))}
    return call.success(data)


def _deletion(what: Deleted) -> Deletion:
    return {"_read_only": {"deleted": True}, "kept": list(what.kept), "deleted_at_services": list(what.there)}


async def _asked(call: Call, kind: type[A]) -> A:
    """The request; the action stands beside `data`, or within it."""
    body = await call.whole_body()
    data = dict(body["data"])
    within = {"action": data.pop("action")} if "action" in data else {}
    try:
        return kind.model_validate({**within, **body, "data": data})
    except ValidationError as error:
        found = {path.removeprefix("data."): fault for path, fault in kazoo_faults(error).items()}
        raise invalid(found) from None
