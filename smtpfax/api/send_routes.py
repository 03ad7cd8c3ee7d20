"""Fax files from the shell: a form becomes an order, and the one way carries it.

In:    number, faxbox (its id, or account/id), cover text, a time, files.
Out:   the job, kept like any other before it is answered (G1).
Fails: Refusal 400 with the field that is wrong; 409 when the faxbox's id alone says too little.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from smtpfax.model.account import Directory, Faxbox
from smtpfax.model.mail import Origin

from .compose import File, safe_name
from .envelope import invalid
from .fax_routes import job_record
from .order_rules import read_to
from .ordering import Order, place
from .routes import Call

MOST_FILES = 100


async def send(call: Call) -> web.StreamResponse:
    """POST /admin/send."""
    fields, files = await _form(call.request)
    order = read_order(fields, files, call.deps.directory())
    ordered = await place(order, call.deps)
    return call.success(await job_record(call, ordered.job), code=202)


def read_order(fields: dict[str, str], files: Sequence[File], directory: Directory) -> Order:
    """Check every field; whoever stands at the shell is told there, and the faxbox's own addresses by mail."""
    faxbox = find_faxbox(fields.get("faxbox", ""), directory)
    account = directory.accounts[faxbox.account_id]
    number, text = read_to(fields.get("number", ""), account=account, field="number"), fields.get("cover", "")
    if not files and not text.strip():
        raise invalid({"file": ("required", "there is nothing to fax: no file and no text")})
    return Order(
        account=account,
        faxbox=faxbox,
        number=number,
        origin=Origin.SHELL,
        text=text,
        files=files,
        subject=", ".join(safe_name(file.name) for file in files)[:100],
        scheduled=_time(fields.get("at", "")),
        field="number",
    )


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


async def _form(request: web.Request) -> tuple[dict[str, str], list[File]]:
    """Fields and files; `request.post` holds both to the bound of a body."""
    try:
        form = await request.post()
    except ValueError:
        raise invalid({"body": ("invalid", "the body is not a form")}) from None
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    uploads = [value for value in form.values() if isinstance(value, web.FileField)]
    if len(uploads) > MOST_FILES:
        raise invalid({"file": ("max_items", f"at most {MOST_FILES} files")})
    return fields, [File(name=upload.filename, octets=upload.file.read()) for upload in uploads]
