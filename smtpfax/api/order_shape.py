"""The shape of an order over HTTP: Kazoo's schema `faxes`, and what we add.

In:    the values of a request, as Kazoo's JSON nests them.
Out:   a FaxShape.
Fails: Refusal 400 with a dotted path, Kazoo's name of the rule, and a sentence, for every fault at once.

Rule: fields that we do not know are passed over, as Kazoo keeps them to itself; so are those that the system sets
(`attempts`, `tx_result`, `id`). `retries` is the number of calls in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from smtpfax.model.particulars import Source
from smtpfax.model.webhook import Webhook

from .envelope import invalid
from .kazoo_faults import kazoo_faults
from .values import Addresses, Id, Line, Zone, listed, printable

MOST_TEXT = 100_000
MOST_TOLD = 20
NO_ZONE = frozenset({"", "undefined", "inherit"})  # what Kazoo's own answers have in it


def _moment(value: object) -> object:
    """RFC 3339, with its zone."""
    if not isinstance(value, str):
        raise ValueError("must be a time such as 2026-03-01T09:00:00Z")
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else _no_zone()
    except (ValueError, OverflowError):
        raise ValueError("must be a time with its zone, such as 2026-03-01T09:00:00Z") from None


def _no_zone() -> datetime:
    raise ValueError("no time zone")


def _zone(value: object) -> object:
    return None if isinstance(value, str) and value in NO_ZONE else value


Subject = Annotated[str, StringConstraints(max_length=256), AfterValidator(printable)]
Text = Annotated[str, StringConstraints(max_length=MOST_TEXT)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Url = Annotated[str, StringConstraints(min_length=7, max_length=2048), AfterValidator(printable)]
LongLine = Annotated[str, StringConstraints(max_length=2048), AfterValidator(printable)]
HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:\[\]-]{0,260}$")]
Told = Annotated[Addresses, Field(max_length=MOST_TOLD)]
Phones = Annotated[
    tuple[Annotated[str, StringConstraints(max_length=40), AfterValidator(printable)], ...],
    BeforeValidator(listed),
    Field(max_length=MOST_TOLD),
]


class Shape(BaseModel):
    """A part of an order; what it does not know is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class DocumentShape(Shape):
    """Where the document is to be fetched."""

    url: Url
    method: Literal["get", "post"] = "get"
    content: Annotated[str, StringConstraints(max_length=256)] = ""
    content_type: Line = ""
    host: HostName = ""
    referer: LongLine = ""

    @property
    def source(self) -> Source:
        """As it is kept."""
        return Source(**self.model_dump())


class EmailShape(Shape):
    """Who is told by mail."""

    send_to: Told = ()


class SmsShape(Shape):
    """Who would be told by SMS."""

    send_to: Phones = ()


class WebhookShape(Shape):
    """Whom we call when the fax has ended."""

    url: Annotated[Url, StringConstraints(pattern=r"^https?://")]
    method: Literal["post", "put"] = "post"
    type: Literal["json", "www-url-form-encoded"] = "json"

    @property
    def webhook(self) -> Webhook:
        """As it is kept."""
        return Webhook(**self.model_dump())


class NotificationsShape(Shape):
    """How they are told; Kazoo's workers look below `outbound` as well."""

    email: EmailShape = EmailShape()
    sms: SmsShape = SmsShape()
    callback: WebhookShape | None = None

    @model_validator(mode="before")
    @classmethod
    def _outbound(cls, data: Any) -> Any:
        below = data.get("outbound") if isinstance(data, dict) else None
        return {**below, **data} if isinstance(below, dict) else data


class FaxShape(Shape):
    """An order."""

    to_number: Number
    to_name: Line = ""
    from_number: Number | None = None
    from_name: Line = ""
    subject: Subject = ""
    retries: Annotated[int, Field(ge=0, le=4, strict=True)] | None = None
    fax_timezone: Annotated[Zone | None, BeforeValidator(_zone)] = None
    faxbox_id: Id | None = None
    document: DocumentShape | None = None
    notifications: NotificationsShape = NotificationsShape()
    text: Text = ""
    send_time: Annotated[datetime | None, BeforeValidator(_moment)] = None


def read_shape(values: Mapping[str, Any]) -> FaxShape:
    """Check all of it, and tell all its faults."""
    try:
        return FaxShape.model_validate(values)
    except ValidationError as error:
        raise invalid(kazoo_faults(error)) from None
