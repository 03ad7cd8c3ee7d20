"""The shape of a faxbox: its keys, as `apply`, HTTP and the pages set them.

In:    values of a file, of a request, of a form.
Out:   a FaxboxShape, or FaxboxKeys where only some of them are said.
Fails: pydantic's ValidationError, which `shapes` turns into sentences.

Rule: a key that is not here does not exist; what passes here makes a faxbox of the model without a fault.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

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

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


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
    """Kazoo's: kept for clients that read it again; what is called is the callback of a fax itself."""

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

    fax_option: bool = False


class FaxboxKeys(Shape):
    """What can be set of a faxbox."""

    name: Line = ""
    owner: Owner = ""
    fax_domains: Domains = ()
    number: Number = ""
    header: Line = ""
    backend: Names = ()
    tries: Annotated[int, Field(ge=1, le=12)] = 3
    caller_name: Line = ""
    timezone: Zone = "UTC"
    paper: Paper = Paper.LETTER
    resolution: Resolution = Resolution.FINE
    body: Body = Body.ALONE
    logos: Logos = Logos.DROP
    quotes: Quotes = Quotes.KEEP
    cover: CoverWhen = CoverWhen.NEVER
    cover_look: CoverLook = CoverLook.PLAIN
    cover_note: Line = ""
    legibility: Reading = Reading.WARN
    return_content: bool = False
    retention_days: Annotated[int, Field(ge=0, le=36500)] = 90
    permissions: tuple[PermissionShape, ...] = ()
    smtp_permission_list: Expressions = ()
    dial: DialShape = DialShape()
    caps: FaxboxCapsShape = FaxboxCapsShape()
    first_time_guard: bool = False
    notifications: NotificationsShape = NotificationsShape()
    inbound_mail: InboundMail = InboundMail.ATTACH
    service_cover: Line = ""
    service_cover_text: Annotated[str, Field(max_length=1024)] = ""
    flags: Flags = ()
    media: MediaShape = MediaShape()


class FaxboxShape(FaxboxKeys):
    """A virtual fax machine."""

    id: Id

    @model_validator(mode="after")
    def _a_text_for_the_cover_has_one(self) -> Self:
        if self.body is Body.COVER and self.cover is CoverWhen.NEVER:
            raise ValueError('body = "cover" needs cover = "with_body" or "always"')
        return self
