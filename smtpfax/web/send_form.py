"""The form that sends a fax from the browser.

In:    the texts and files of the form, the viewer's faxboxes.
Out:   an Order; or the form again, with one sentence beside each field that cannot stand.
Fails: never.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from smtpfax.api.compose import File, safe_name
from smtpfax.api.envelope import Refusal
from smtpfax.api.order_rules import check_number, read_to
from smtpfax.api.ordering import Order
from smtpfax.model.account import Faxbox
from smtpfax.model.address import NULL, BadAddress, ReversePath, mailbox
from smtpfax.model.mail import Origin

from .guard import sentence_of
from .visit import Visit

MOST_FILES = 50
MOST_TEXT = 20_000  # characters
FAR = timedelta(days=365)
Faults = Mapping[str, str]  # a field's name: the sentence beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The texts of the form, as it is shown again."""

    faxbox: str = ""
    number: str = ""
    to_name: str = ""
    subject: str = ""
    text: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The form with its files; these a browser does not send a second time."""

    asked: Asked
    files: tuple[File, ...] = ()


class Faulty(Exception):
    """What cannot stand."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


async def read_sheet(visit: Visit) -> Sheet:
    """What a browser sent."""
    form = await visit.request.post()
    texts = {name: value for name in Asked.__slots__ if isinstance(value := form.get(name, ""), str)}
    asked = Asked(**{name: _clean(name, value) for name, value in texts.items()})
    uploads = [each for each in form.getall("files", []) if isinstance(each, web.FileField) and each.filename]
    files = [await asyncio.to_thread(_file, each) for each in uploads[: MOST_FILES + 1]]
    return Sheet(asked=asked, files=tuple(files))


def order_of(visit: Visit, sheet: Sheet) -> Order:
    """What the form asks for. Faulty: some of it cannot stand."""
    asked, faults = sheet.asked, dict[str, str]()
    box = visit.viewer.chosen(visit.directory, asked.faxbox)
    at = _moment(visit, asked.at, faults)
    if box is None:
        faults["faxbox"] = "choose the faxbox that it goes from"
    if not sheet.files and not asked.text.strip():
        faults["files"] = "there is nothing to fax: choose a file, or write a text"
    if len(sheet.files) > MOST_FILES:
        faults["files"] = f"at most {MOST_FILES} files"
    order = _order(visit, sheet, box, at, faults) if box else None
    if faults or order is None:
        raise Faulty(faults)
    return order


def faults_of(refusal: Refusal) -> Faults:
    """A refusal of the ordering's, beside the fields that it names."""
    message = refusal.data.get("message")
    if isinstance(message, str):
        return {"": message}
    return {name: sentence_of(rules) for name, rules in refusal.data.items()}


def sender_of(visit: Visit) -> ReversePath:
    """Who is signed in is told how it went; a token is nobody to be told."""
    try:
        return mailbox(visit.viewer.email) if visit.viewer.email else NULL
    except BadAddress:
        return NULL


def _order(visit: Visit, sheet: Sheet, box: Faxbox, at: datetime | None, faults: dict[str, str]) -> Order | None:
    account, asked = visit.directory.accounts[box.account_id], sheet.asked
    try:
        number = read_to(asked.number, account=account, field="number")
        check_number(number, account=account, faxbox=box, deps=visit.desk.deps, field="number")
    except Refusal as refusal:
        faults.update(faults_of(refusal))
        return None
    return Order(
        account=account,
        faxbox=box,
        number=number,
        origin=Origin.HTTP,
        text=asked.text,
        files=sheet.files,
        subject=asked.subject or ", ".join(safe_name(file.name) for file in sheet.files)[:100],
        to_name=asked.to_name,
        scheduled=at,
        reverse_path=sender_of(visit),
        field="number",
    )


def _moment(visit: Visit, text: str, faults: dict[str, str]) -> datetime | None:
    at = visit.moment(text) if text else None
    if text and at is None:
        faults["at"] = "must be a date and a time"
    if at is not None and at > visit.now + FAR:
        faults["at"] = "is more than a year ahead"
    return at


def _clean(name: str, value: str) -> str:
    if name == "text":
        return value.replace("\r\n", "\n")[:MOST_TEXT]
    return "".join(filter(str.isprintable, value))[:200].strip()


def _file(upload: web.FileField) -> File:
    return File(name=upload.filename, octets=upload.file.read(), media_type=upload.content_type or "")
