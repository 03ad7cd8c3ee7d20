"""The values of a request become an order: which faxbox it goes by, who sends it, who is told.

In:    a FaxShape, the files that came with it, the account, perhaps the faxbox of the path.
Out:   an Order; without the document that is still to be fetched.
Fails: Refusal 400 with the field that is wrong.

Rule: the faxbox is the path's, else the one of `faxbox_id`, else the one whose number `from_number` is, else the
account's only one. A sender's number is one of the account's own faxboxes, for nobody calls in another's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtpfax.model.account import Account, Directory, Faxbox
from smtpfax.model.mail import Client, Origin
from smtpfax.model.number import NotANumber, read_number
from smtpfax.model.particulars import NO_PARTICULARS, Particulars

from .compose import File
from .envelope import Refusal, invalid
from .order_rules import read_to
from .order_shape import FaxShape
from .ordering import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, as far as it was read; `faxbox` is the path's."""

    shape: FaxShape
    files: Sequence[File]
    account: Account
    faxbox: Faxbox | None
    client: Client
    at: datetime
    most_hold: timedelta
    key: str = ""
    request: str = ""


def read_order(asked: Asked, directory: Directory) -> Order:
    """Check what fields mean, beyond their shape."""
    shape, account = asked.shape, asked.account
    number = read_to(shape.to_number, account=account, field="to_number")
    sender = _sender(shape.from_number, account, directory)
    _something(asked)
    particulars = _particulars(asked, sender.number if sender else "")
    return Order(
        account=account,
        faxbox=asked.faxbox or _faxbox(shape, account, sender, directory),
        number=number,
        origin=Origin.HTTP,
        text=shape.text if shape.text.strip() else "",
        files=asked.files,
        subject=shape.subject,
        to_name=shape.to_name,
        scheduled=_time(asked),
        tries=shape.retries,
        client=asked.client,
        particulars=None if particulars == NO_PARTICULARS else particulars,
        key=asked.key,
    )


def _sender(text: str | None, account: Account, directory: Directory) -> Faxbox | None:
    """The faxbox whose number the sender's is."""
    if text is None:
        return None
    try:
        number = read_number(text, region=account.region)
    except NotANumber as error:
        raise invalid({"from_number": ("invalid", str(error))}) from None
    faxbox = directory.of_number(number.e164)
    if faxbox is None or faxbox.account_id != account.id:
        raise invalid({"from_number": ("forbidden", "is not the number of a faxbox of this account")})
    return faxbox


def _faxbox(shape: FaxShape, account: Account, sender: Faxbox | None, directory: Directory) -> Faxbox:
    if shape.faxbox_id is not None:
        return _named(shape.faxbox_id, account, directory)
    if sender is not None:
        return sender
    boxes = directory.of_account(account.id)
    if len(boxes) == 1:
        return boxes[0]
    raise invalid({"from_number": ("required", _WHICH if boxes else "the account has no faxbox")})


_WHICH = "the account has several faxboxes: say from_number, the number of one of them, or faxbox_id"


def _named(faxbox_id: str, account: Account, directory: Directory) -> Faxbox:
    faxbox = directory.faxbox(account.id, faxbox_id)
    if faxbox is None:
        raise invalid({"faxbox_id": ("unknown", "there is no such faxbox")})
    return faxbox


def _something(asked: Asked) -> None:
    """Kazoo's own words for nothing to fax."""
    if not asked.shape.document and not asked.files and not asked.shape.text.strip():
        raise invalid({"document.url": ("required", "add document url or upload a document")})
    empty = [file.name for file in asked.files if not file.octets]
    if empty:
        raise Refusal(400, "validation error", {"file": {"required": {"message": f"{empty[0][:100]} is empty"}}})


def _time(asked: Asked) -> datetime | None:
    at = asked.shape.send_time
    if at is not None and at > asked.at + asked.most_hold:
        raise invalid({"send_time": ("maximum", f"must be within the next {asked.most_hold.days} days")})
    return at


def _particulars(asked: Asked, from_number: str) -> Particulars:
    shape, told = asked.shape, asked.shape.notifications
    return Particulars(
        from_name=shape.from_name,
        from_number=from_number,
        timezone=shape.fax_timezone or "",
        send_to=told.email.send_to,
        sms_to=told.sms.send_to,
        source=shape.document.source if shape.document else None,
        webhook=told.callback.webhook if told.callback else None,
        request=asked.request,
    )
