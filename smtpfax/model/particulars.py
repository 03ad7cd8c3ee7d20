"""What an order says of a fax beside its number and its document; kept with the job.

In:    an order that came over HTTP, from the pages or from the shell.
Out:   Particulars; the faxbox as the job sees it.
Fails: never.

Rule: what an order says of the sender stands before what its faxbox says; who is told of the faxbox's faxes is told of
this one as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .account import Faxbox
from .webhook import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a document was fetched, and how: Kazoo's `document`."""

    url: str
    method: str = "get"  # or post
    content: str = ""
    content_type: str = ""
    host: str = ""
    referer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Empty: not said. `request` is the hash of the request, where an Idempotency-Key names it."""

    from_name: str = ""
    from_number: str = ""  # E.164, of one of the account's faxboxes
    timezone: str = ""
    send_to: tuple[str, ...] = ()  # e-mail addresses that are told, beside the faxbox's
    sms_to: tuple[str, ...] = ()  # kept, for clients that read it again; nobody is told by SMS
    source: Source | None = None
    webhook: Webhook | None = None
    request: str = ""


NO_PARTICULARS = Particulars()


def ordered_webhook(particulars: Particulars | None) -> Webhook | None:
    """The order's own."""
    return particulars.webhook if particulars else None


def as_ordered(faxbox: Faxbox, particulars: Particulars | None) -> Faxbox:
    """The faxbox with the sender that the order names: for the header line, the cover, the caller's number, notices."""
    if particulars is None:
        return faxbox
    return replace(
        faxbox,
        number=particulars.from_number or faxbox.number,
        caller_name=particulars.from_name or faxbox.caller_name,
        header=particulars.from_name or faxbox.header,
        timezone=particulars.timezone or faxbox.timezone,
    )
