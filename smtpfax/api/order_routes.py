"""Faxes are ordered: PUT …/faxes and …/faxes/outgoing, of an account or of one of its faxboxes.

In:    a request in any of the forms that `order_body` reads; perhaps an Idempotency-Key.
Out:   202 with the job as Kazoo tells it, kept before that (G1), its document fetched before that (G2).
Fails: Refusal, naming the field: see `order_body`, `order_reading`, `fetching`, `ordering`. 409 for a key whose fax is
       gone, 422 for a key that named another request, 408 for a body that does not arrive.

Rule: a key names an order for a day. The same request with the same key is the same fax, told as it then stands;
what was refused was no order, and leaves the key free.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from smtpfax.model.account import Account, Faxbox
from smtpfax.model.job import Job
from smtpfax.model.mail import Client
from smtpfax.model.particulars import NO_PARTICULARS

from .compose import File
from .envelope import Refusal, conflict, invalid
from .fax_routes import job_record
from .fetching import fetch
from .order_body import Body, read_body
from .order_reading import Asked, read_order
from .order_rules import check_number
from .order_shape import read_shape
from .ordering import Order, place
from .routes import Call

KEY = "Idempotency-Key"  # draft-ietf-httpapi-idempotency-key-header
_PATTERN = r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?"
_KEY = re.compile(_PATTERN)
Key = Annotated[str, StringConstraints(pattern=f"^{_PATTERN}$")]


async def create(call: Call) -> web.StreamResponse:
    """PUT …/faxes: a fax is ordered; a document that is fetched, files, a text."""
    faxbox = _faxbox(call)
    async with call.deps.turns.of(call.account_id):
        return await _create(call, faxbox)


async def _create(call: Call, faxbox: Faxbox | None) -> web.StreamResponse:
    body = await _body(call)
    key = _key(call)
    request = await asyncio.to_thread(_fingerprint, body, faxbox) if key else ""
    job = await _ordered_before(call, key, request) if key else None
    if job is not None:
        return await _answer(call, job, repeated=True)
    ordered = await place(await _with_document(call, _order(call, body, faxbox, key=key, request=request)), call.deps)
    if ordered.repeated:
        _same(ordered.job, request)
    return await _answer(call, ordered.job, repeated=ordered.repeated)


async def _body(call: Call) -> Body:
    try:
        async with asyncio.timeout(call.deps.body_seconds):
            return await read_body(call.request, most=call.deps.max_body)
    except TimeoutError:
        raise Refusal(408, "request_timeout", {"message": "the body did not arrive in time"}) from None


def _faxbox(call: Call) -> Faxbox | None:
    """The path's."""
    return call.faxbox(call.account_id, call.faxbox_id) if call.faxbox_id else None


def _order(call: Call, body: Body, faxbox: Faxbox | None, *, key: str, request: str) -> Order:
    deps, directory = call.deps, call.deps.directory()
    account: Account = directory.accounts[call.account_id]
    asked = Asked(
        shape=read_shape(body.values),
        files=body.files,
        account=account,
        faxbox=faxbox,
        client=_client(call),
        at=deps.clock(),
        most_hold=deps.most_hold,
        key=key,
        request=request,
    )
    return read_order(asked, directory)


async def _with_document(call: Call, order: Order) -> Order:
    """What has an address is fetched, and stands before the files; not for a number that will not be called."""
    check_number(order.number, account=order.account, faxbox=order.faxbox, deps=call.deps, field=order.field)
    source = order.particulars.source if order.particulars else None
    files: Sequence[File] = order.files if source is None else (await fetch(source, call.deps), *order.files)
    return replace(order, files=files)


async def _answer(call: Call, job: Job, *, repeated: bool) -> web.StreamResponse:
    answer = call.success(await job_record(call, job), code=202)
    answer.headers["Location"] = f"/v2/accounts/{job.account_id}/faxes/outgoing/{job.id}"
    if repeated:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


async def _ordered_before(call: Call, key: str, request: str) -> Job | None:
    """The job that this key named before."""
    jobs = call.deps.store.jobs
    job_id = await jobs.of_key(key, at=call.deps.clock())
    if not job_id:
        return None
    job = await jobs.get(job_id)
    if job is None:
        raise conflict(f"the fax that this {KEY} named is gone")
    _same(job, request)
    return job


def _same(job: Job, request: str) -> None:
    if (job.particulars or NO_PARTICULARS).request != request:
        raise Refusal(422, "validation error", {KEY: {"mismatch": {"message": "this key named another request"}}})


def _key(call: Call) -> str:
    """What is claimed in the store: a hash, so that a key is of one account and of one length."""
    said = call.request.headers.get(KEY)
    if said is None:
        return ""
    if not _KEY.fullmatch(said):
        raise invalid({KEY: ("invalid", "must be 1 to 255 printable characters of ASCII")})
    return hashlib.sha256(f"order\0{call.account_id}\0{said}".encode()).hexdigest()


def _fingerprint(body: Body, faxbox: Faxbox | None) -> str:
    """Of what was asked for, however it was written: a client makes a new boundary each time."""
    files = [(file.name, file.media_type, hashlib.sha256(file.octets).hexdigest()) for file in body.files]
    whole = [faxbox.id if faxbox else "", body.values, files]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _client(call: Call) -> Client:
    try:
        return Client(address=ip_address(call.request.remote or ""))
    except ValueError:
        return Client()
