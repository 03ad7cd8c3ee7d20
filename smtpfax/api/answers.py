"""The JSON that the API answers with: names and types.

In:    nothing.
Out:   the types that `present` fills in (of the SMTP log: `answers_log`), and that the OpenAPI is generated from.
Fails: never.

Rule: Kazoo's names keep Kazoo's types; what we add has names of its own. mypy holds whoever fills them in to them.
"""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

Json = dict[str, Any]


class DocumentTold(TypedDict, total=False):
    """A document that there is; `octets` as TIFF, `line_seconds` estimated."""

    pages: int
    octets: int
    paper: str
    resolution: str
    line_seconds: float


Between = TypedDict("Between", {"from": str, "to": str})  # names that Python has for itself


class JobRow(Between):
    """A fax that goes out; `status` is Kazoo's word for our `state`, `created` in Gregorian seconds."""

    id: str
    status: str
    state: str
    created: int
    from_name: str
    attempts: int
    retries: int
    account_id: str
    faxbox_id: str
    pages: int | None
    text: str
    created_at: str | None
    next_at: str | None
    held: str | None


class TxResult(TypedDict):
    """How the calls went: the documented fields of Kazoo's, and those that it really gives."""

    success: bool
    error_message: str
    pages_sent: int
    time_elapsed: int
    fax_bad_rows: int
    fax_speed: int
    fax_receiver_id: str
    fax_error_correction: bool
    result_text: str
    result_cause: str
    total_pages: int
    transferred_pages: int
    transfer_rate: int
    remote_station_id: str
    call_seconds: float


class SendTo(TypedDict):
    """Addresses."""

    send_to: list[str]


class SmsTold(SendTo):
    """Who would be told by SMS: nobody is."""

    delivered: bool


class CallbackTold(TypedDict):
    """The program that is called when the fax has ended."""

    url: str
    method: str
    type: str


class NotificationsTold(TypedDict):
    """Who is told."""

    email: SendTo
    sms: NotRequired[SmsTold]
    callback: NotRequired[CallbackTold]


class SourceTold(TypedDict):
    """Where the document was fetched."""

    url: str
    method: str
    content: NotRequired[str]
    content_type: NotRequired[str]
    host: NotRequired[str]
    referer: NotRequired[str]


class NoticeTold(TypedDict):
    """Somebody who was told, or is to be; `became` is empty while it waits."""

    kind: str
    recipient: str
    created: str | None
    due: str | None
    failures: int
    became: str
    ended: str | None
    reason: str


class KazoosFax(TypedDict):
    """Kazoo's own fields of a fax; `delivered` in Gregorian seconds."""

    delivered: int | None
    from_number: str
    to_number: str
    to_name: str
    fax_timezone: str
    notifications: NotificationsTold
    document: NotRequired[SourceTold]
    tx_result: TxResult


class JobSummary(JobRow, KazoosFax):
    """A fax in the outbox."""


class OurFax(TypedDict):
    """What Kazoo does not tell of a fax."""

    mail_id: str
    again_of: str
    attempt_id: str
    origin: str
    reverse_path: str
    sub_address: str
    backend: str
    ticket: str
    enhanced_status: str
    cause: str
    expires: str | None
    scheduled: str | None
    deadline: str | None
    notify: list[str] | None
    envelope_id: str
    offered: str | None
    ended: str | None
    cancel_asked: bool


class JobDetail(JobRow, KazoosFax, OurFax):
    """A fax with all that is known of it; its document while there is one."""

    subject: str
    history: list[Json]
    notices: list[NoticeTold]
    octets: NotRequired[int]
    paper: NotRequired[str]
    resolution: NotRequired[str]
    line_seconds: NotRequired[float]


class RxResult(TypedDict):
    """How the call went."""

    success: bool
    total_pages: int
    result_text: str


class InboxFax(Between, DocumentTold):
    """A fax that was received."""

    id: str
    status: str
    created: int
    from_number: str
    from_name: str
    to_number: str
    to_name: str
    fax_timezone: str
    rx_result: RxResult
    account_id: str
    faxbox_id: str
    backend: str
    created_at: str | None
    read: bool


class IncomingFax(Between):
    """A fax that is being received just now."""

    id: str
    status: str
    created: int
    from_number: str
    from_name: str
    to_number: str
    account_id: str
    faxbox_id: str
    created_at: str | None
    pages: int


class ReadOnly(TypedDict):
    deleted: bool


class Deletion(TypedDict):
    """What a deletion came to: what is kept, in words, and which fax services have deleted their copy."""

    _read_only: ReadOnly
    kept: list[str]
    deleted_at_services: list[str]


class JobDeleted(JobDetail, Deletion):
    """The last that is told of a fax, or of its document."""


class InboxFaxDeleted(InboxFax, Deletion):
    """The last that is told of a received fax, or of its document."""


class RestingNumber(TypedDict):
    """A number at which the last tries found nobody."""

    number: str
    tries: int
    last: str | None
    rests: bool
    until: str | None


class NumberTold(TypedDict):
    """A number."""

    number: str
