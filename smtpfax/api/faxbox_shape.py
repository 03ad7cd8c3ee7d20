"""The shape of a faxbox: its keys, as `apply`, HTTP and the pages set them.

In:    values of a file, of a request, of a form.
Out:   a FaxboxShape, or FaxboxKeys where only some of them are said.
Fails: pydantic's ValidationError, which `shapes` turns into sentences.

Rule: a key that is not here does not exist; what passes here makes a faxbox of the model without a fault.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from smtpfax.model.account import Body, CoverLook, CoverWhen, InboundMail, Logos, Quotes, Reading
from smtpfax.model.document import Paper, Resolution

from .values import (
    Addresses,
    Cap,
    DialledRegions,
    DialledTypes,
    Domains,
    Expressions,
    Flags,
    Id,
    Line,
    Names,
    Number,
    Owner,
    Pattern,
    Prefixes,
    Proofs,
    SmsNumbers,
    WebAddress,
    Zone,
)


class Shape(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)


class PermissionShape(Shape):
    """Who may fax, and what must prove it."""

    reverse_path: Pattern
    proof: Proofs = ()


class EmailShape(Shape):
    """Addresses that are told."""

    send_to: Addresses = ()


class SmsShape(Shape):
    """Kazoo's: kept for clients that read it again; nobody is told by SMS."""

    send_to: SmsNumbers = ()


class CallbackShape(Shape):
    """Kazoo's: whom the end of each outbound fax calls, unless its order names another; inbound, it is kept alone."""

    url: WebAddress = ""
    method: Literal["post", "put"] = "post"
    type: Literal["json", "www-url-form-encoded"] = "json"


class DirectionShape(Shape):
    """How they are told."""

    email: EmailShape = EmailShape()
    sms: SmsShape = SmsShape()
    callback: CallbackShape = CallbackShape()


class NotificationsShape(Shape):
    """What they are told of."""

    outbound: DirectionShape = DirectionShape()
    inbound: DirectionShape = DirectionShape()


class DialShape(Shape):
    """What may be dialled (model.dialling)."""

    allow_regions: DialledRegions = ()
    allow_types: DialledTypes = ()
    allow_prefixes: Prefixes = ()
    deny_prefixes: Prefixes = ()


class CapsShape(Shape):
    """How many faxes and pages (model.caps); 0 is no cap."""

    faxes_per_hour: Cap = 0
    faxes_per_day: Cap = 0
    pages_per_hour: Cap = 0
    pages_per_day: Cap = 0


class FaxboxCapsShape(CapsShape):
    """A faxbox's own, and those of each reverse-path in it."""

    each_reverse_path: CapsShape = CapsShape()


class MediaShape(Shape):
    """Kazoo's: kept for clients that read it again; how a fax is received is its fax service's matter."""

    fax_option: StrictBool = False


class FaxboxKeys(Shape):
    """What can be set of a faxbox."""

    name: Line = ""
    """How people call it."""
    owner: Owner = ""
    """A user's e-mail address."""
    fax_domains: Domains = ()
    """Mail to number@domain is faxed from here; the administrator's."""
    number: Number = ""
    """E.164; faxes to it land here; the administrator's."""
    header: Line = ""
    """The name in the line above each page; the administrator's."""
    backend: Names = ()
    """Fax services, tried in this order; the administrator's."""
    tries: Annotated[int, Field(strict=True, ge=1, le=12)] = 3
    """Calls in all, the first one counted."""
    caller_name: Line = ""
    """Shown by the far line; the administrator's."""
    timezone: Zone = "UTC"
    """Of the times on pages, such as America/New_York; else the account's."""
    paper: Paper = Paper.LETTER
    resolution: Resolution = Resolution.FINE
    body: Body = Body.ALONE
    """What becomes of a mail's text."""
    logos: Logos = Logos.DROP
    """What becomes of pictures of the letterhead."""
    quotes: Quotes = Quotes.KEEP
    """What becomes of what a text repeats from earlier mails."""
    cover: CoverWhen = CoverWhen.NEVER
    """Whether a document begins with a cover page."""
    cover_look: CoverLook = CoverLook.PLAIN
    cover_note: Line = ""
    """Of confidentiality."""
    legibility: Reading = Reading.WARN
    """What becomes of pages that will be hard to read."""
    return_content: StrictBool = False
    """Whether a notice may carry the fax."""
    retention_days: Annotated[int, Field(strict=True, ge=0, le=36500)] = 90
    """So long documents are kept after the end; 0: not at all."""
    permissions: tuple[PermissionShape, ...] = ()
    """Who may fax, and what must prove it."""
    smtp_permission_list: Expressions = ()
    """Expressions of senders, each of which has to match a whole one; with the account's proofs."""
    dial: DialShape = DialShape()
    """What may be dialled."""
    caps: FaxboxCapsShape = FaxboxCapsShape()
    """How many faxes and pages; 0 is no cap."""
    first_time_guard: StrictBool = False
    """Whether to ask back about numbers that look like a slip."""
    notifications: NotificationsShape = NotificationsShape()
    """Who is told of faxes, beside the sender."""
    inbound_mail: InboundMail = InboundMail.ATTACH
    """How a mail about a received fax brings it."""
    service_cover: Line = ""
    """A cover of the fax service's own, by its name or index there."""
    service_cover_text: Annotated[str, Field(max_length=1024)] = ""
    """On that cover; else the subject."""
    flags: Flags = ()
    """Kazoo's: words for other programs."""
    media: MediaShape = MediaShape()
    """Kazoo's: kept, and not acted upon."""


class FaxboxShape(FaxboxKeys):
    """A virtual fax machine."""

    id: Id

    @model_validator(mode="after")
    def _a_text_for_the_cover_has_one(self) -> Self:
        if self.body is Body.COVER and self.cover is CoverWhen.NEVER:
            raise ValueError('body = "cover" needs cover = "with_body" or "always"')
        return self
