"""Fax files from the shell: a form becomes a mail, and the one path carries it.

In:    number, faxbox (its id, or account/id), cover text, a time, files.
Out:   the job, kept like any other before it is answered (G1).
Fails: Refusal 400 with the field that is wrong; 409 when the faxbox's id alone says too little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aiohttp import web

from smtpfax.model.accepting import Acceptance
from smtpfax.model.account import Directory, Faxbox
from smtpfax.model.address import NULL
from smtpfax.model.dialling import judge
from smtpfax.model.job import Job
from smtpfax.model.mail import Client, Content, Header, Mail, Origin
from smtpfax.model.number import FaxNumber, NotANumber, read_number

from .compose import ShellFile, compose, safe_name
from .deps import Deps
from .envelope import invalid
from .fax_routes import job_record
from .routes import Call

MOST_FILES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the form asks for, read."""

    number: FaxNumber
    faxbox: Faxbox
    cover: str
    at: datetime | None
    files: Sequence[ShellFile]


async def send(call: Call) -> web.StreamResponse:
    """POST /admin/send."""
    deps = call.deps
    fields, files = await _form(call.request)
    order = read_order(fields, files, deps.directory())
    mail, job = await _kept(order, deps)
    (taken,) = await deps.store.accept(Acceptance(mail=mail, jobs=[job]), duplicate_hours=deps.duplicate_hours)
    deps.wake()
    stands = await deps.store.jobs.get(taken.job_id) or job
    return call.success(await job_record(call, stands), code=202)


def read_order(fields: dict[str, str], files: Sequence[ShellFile], directory: Directory) -> Order:
    """Check every field."""
    faxbox = find_faxbox(fields.get("faxbox", ""), directory)
    account = directory.accounts[faxbox.account_id]
    try:
        number = read_number(fields.get("number", ""), region=account.region)
    except NotANumber as error:
        raise invalid({"number": ("invalid", str(error))}) from None
    judgement = judge(number, account=account.dial, faxbox=faxbox.dial)
    if not judgement.allowed:
        raise invalid({"number": ("forbidden", judgement.why)})
    cover = fields.get("cover", "")
    if not files and not cover.strip():
        raise invalid({"file": ("required", "there is nothing to fax: no file and no text")})
    return Order(number=number, faxbox=faxbox, cover=cover, at=_time(fields.get("at", "")), files=files)


def find_faxbox(name: str, directory: Directory) -> Faxbox:
    """`account/id`, or an id that only one account has."""
    account_id, _, faxbox_id = name.rpartition("/")
    boxes = directory.of_account(account_id) if account_id else directory.faxboxes.values()
    found = [box for box in boxes if box.id == faxbox_id]
    if not found:
        raise invalid({"faxbox": ("unknown", "there is no such faxbox")})
    if len(found) > 1:
        names = ", ".join(f"{box.account_id}/{box.id}" for box in found)
        raise invalid({"faxbox": ("ambiguous", f"say which: {names}")})
    return found[0]


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else _no_zone()
    except (ValueError, OverflowError):
        raise invalid({"at": ("invalid", "must be a time with its zone, such as 2026-03-01T09:00:00Z")}) from None


def _no_zone() -> datetime:
    raise ValueError("no time zone")


async def _form(request: web.Request) -> tuple[dict[str, str], list[ShellFile]]:
    """Fields and files; `request.post` holds both to the bound of a body."""
    try:
        form = await request.post()
    except ValueError:
        raise invalid({"body": ("invalid", "the body is not a form")}) from None
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    uploads = [value for value in form.values() if isinstance(value, web.FileField)]
    if len(uploads) > MOST_FILES:
        raise invalid({"file": ("max_items", f"at most {MOST_FILES} files")})
    return fields, [ShellFile(name=upload.filename, octets=upload.file.read()) for upload in uploads]


async def _kept(order: Order, deps: Deps) -> tuple[Mail, Job]:
    """The mail with its content where it belongs, and its one job."""
    now, mail_id = deps.clock(), deps.ids()
    host = urlsplit(deps.public_url).hostname or "localhost"
    subject = ", ".join(safe_name(file.name) for file in order.files)[:100]
    header = Header(message_id=f"<{mail_id}@{host}>", subject=subject)
    octets = compose(header, number=str(order.number), at=now, cover=order.cover, files=order.files)
    mail = Mail(
        id=mail_id,
        created=now,
        origin=Origin.SHELL,
        client=Client(),
        reverse_path=NULL,  # whoever stands at the shell is told there; the faxbox's own addresses are told by mail
        content=await _content(octets, mail_id, deps),
        header=header,
    )
    return mail, _job(order, mail, deps)


async def _content(octets: bytes, mail_id: str, deps: Deps) -> Content:
    sha256 = hashlib.sha256(octets).hexdigest()
    if len(octets) <= deps.inline_octets:
        return Content(sha256=sha256, octets=len(octets), inline=octets)
    await deps.spool.put(mail_id, octets)
    return Content(sha256=sha256, octets=len(octets), name=mail_id)


def _job(order: Order, mail: Mail, deps: Deps) -> Job:
    return Job(
        id=f"{mail.id}-1",
        mail_id=mail.id,
        account_id=order.faxbox.account_id,
        faxbox_id=order.faxbox.id,
        number=order.number,
        reverse_path=mail.reverse_path,
        origin=mail.origin,
        created=mail.created,
        due=mail.created,
        expires=max(order.at or mail.created, mail.created) + deps.expiry,
        most_tries=order.faxbox.tries,
        scheduled=order.at,
    )
