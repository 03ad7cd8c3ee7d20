"""Orders: the one way from what somebody wants faxed to a job that is kept. HTTP, the pages and the shell take it.

In:    an Order: values, read and checked for shape by the door they came in by.
Out:   Ordered: the job, kept before it is told (G1, G2), or the earlier one that the order's key names.
Fails: Refusal, naming the field that holds the number; 413 for what no fax service of the faxbox takes; 429 with
       Retry-After for a cap; 409 for a key whose fax is gone. Temporary, and then nothing is kept.

Rule: `place` writes the order's mail and takes it. Who has the mail written already (a draft that was looked at, a
fax that is sent again) hands it to `take`; `write` and `keep` are the two steps before that. What policy says is asked
here, and so is the same for every door: number, resting numbers, caps, sizes.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from smtpfax.model.accepting import Acceptance, TakenJob
from smtpfax.model.account import Account, Faxbox
from smtpfax.model.address import NULL, ReversePath
from smtpfax.model.errors import Temporary
from smtpfax.model.job import Job
from smtpfax.model.mail import Client, Content, Header, Mail, Origin
from smtpfax.model.number import FaxNumber
from smtpfax.model.particulars import Particulars
from smtpfax.model.status import NO_SPACE

from .compose import File, compose
from .deps import Deps
from .envelope import Refusal, conflict
from .order_rules import check_number, check_size, reserve

NOBODY = Client()
KEY_HOURS = 24.0  # so long an order's key names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One fax, as somebody wants it; `field` is what the door calls the number, for what is wrong with it.

    `reverse_path` is null where nobody is told by mail for having ordered it. `key` names the order: ordered again
    with the same key, it is the same fax; empty: every order is a fax of its own.
    """

    account: Account
    faxbox: Faxbox
    number: FaxNumber
    origin: Origin
    text: str = ""
    files: Sequence[File] = ()
    subject: str = ""
    to_name: str = ""
    scheduled: datetime | None = None
    tries: int | None = None  # None: as its faxbox says
    reverse_path: ReversePath = NULL
    client: Client = NOBODY
    particulars: Particulars | None = None
    again_of: str = ""  # the fax that it sends on
    key: str = ""
    field: str = "to_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An order's mail under the id that it will have; its content is in hand, or in the spool."""

    mail_id: str
    header: Header
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What became of an order; `repeated`: its key named this job before."""

    job: Job
    repeated: bool = False


async def place(order: Order, deps: Deps) -> Ordered:
    """Write it, keep it, wake the worker."""
    mail_id = deps.ids()
    header, octets = await write(order, mail_id, deps)
    content = await keep(octets, mail_id, deps)
    try:
        return await take(order, Written(mail_id=mail_id, header=header, content=content), deps)
    except Refusal:
        await _discard(content, deps)
        raise


async def write(order: Order, mail_id: str, deps: Deps) -> tuple[Header, bytes]:
    """The order's text and files as a mail of this id, and its header."""
    host = urlsplit(deps.public_url).hostname or "localhost"
    header = Header(message_id=f"<{mail_id}@{host}>", subject=order.subject)
    number, at = str(order.number), deps.clock()
    # Away from the loop: base64 of many megabytes takes its time.
    octets = await asyncio.to_thread(compose, header, number=number, at=at, text=order.text, files=order.files)
    return header, octets


async def keep(octets: bytes, mail_id: str, deps: Deps) -> Content:
    """A mail's content: in hand while it is small, else durable in the spool under the mail's id."""
    if not deps.spool.enough_space(len(octets)):
        raise Temporary(NO_SPACE)
    sha256 = (await asyncio.to_thread(hashlib.sha256, octets)).hexdigest()
    if len(octets) <= deps.inline_octets:
        return Content(sha256=sha256, octets=len(octets), inline=octets)
    await deps.spool.put(mail_id, octets)
    return Content(sha256=sha256, octets=len(octets), name=mail_id)


async def take(order: Order, written: Written, deps: Deps) -> Ordered:
    """The instant at which the order becomes ours; of one that was refused, the content is the caller's again."""
    taken, job = await _accepted(order, written, deps)
    if not taken.duplicate:
        deps.wake()
        return Ordered(job=await deps.store.jobs.get(job.id) or job)
    await _discard(written.content, deps)
    earlier = await deps.store.jobs.get(taken.job_id)
    if earlier is None:
        raise conflict("the fax that this order's key named is gone")
    return Ordered(job=earlier, repeated=True)


def acceptance_of(order: Order, written: Written, *, at: datetime, expiry: timedelta) -> Acceptance:
    """What the store is asked to keep; pure."""
    mail = Mail(
        id=written.mail_id,
        created=at,
        origin=order.origin,
        client=order.client,
        reverse_path=order.reverse_path,
        content=written.content,
        header=written.header,
    )
    return Acceptance(mail=mail, jobs=[_job(order, mail, expiry)], key=order.key or f"order {mail.id}")


async def _accepted(order: Order, written: Written, deps: Deps) -> tuple[TakenJob, Job]:
    """Between the look at the caps and the reservation nothing is awaited: no two orders pass a cap together."""
    now = deps.clock()
    check_number(order.number, account=order.account, faxbox=order.faxbox, deps=deps, field=order.field)
    check_size(written.content.octets, faxbox=order.faxbox, deps=deps)
    acceptance = acceptance_of(order, written, at=now, expiry=deps.expiry)
    release = reserve(order.reverse_path, account=order.account, faxbox=order.faxbox, deps=deps, at=now)
    try:
        (taken,) = await deps.store.accept(acceptance, duplicate_hours=KEY_HOURS)
    finally:
        release()
    return taken, acceptance.jobs[0]


async def _discard(content: Content, deps: Deps) -> None:
    if content.name:
        await deps.spool.delete(content.name)


def _job(order: Order, mail: Mail, expiry: timedelta) -> Job:
    return Job(
        id=f"{mail.id}-1",
        mail_id=mail.id,
        account_id=order.faxbox.account_id,
        faxbox_id=order.faxbox.id,
        number=order.number,
        to_name=order.to_name,
        reverse_path=mail.reverse_path,
        origin=mail.origin,
        created=mail.created,
        due=mail.created,
        expires=max(order.scheduled or mail.created, mail.created) + expiry,
        most_tries=order.faxbox.tries if order.tries is None else order.tries,
        scheduled=order.scheduled,
        particulars=order.particulars,
        again_of=order.again_of,
    )
