"""Events: what can happen to a job. They are kept as rows: the history is the audit log, and the job is their fold.

In:    what a stage found out.
Out:   frozen values; `to_json` and `from_json` for the row that keeps them.
Fails: `from_json` raises ValueError for a kind that does not exist.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .cause import Cause
from .document import Document, layout_from
from .legibility import Legibility
from .status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class PartNote:
    """A part of the mail: on how many pages it ended, or why it was left out."""

    path: str  # its place in the tree, such as 1.2
    name: str  # the file name, without a folder; may be empty
    kind: str  # what it is by its magic bytes, such as application/pdf
    octets: int
    pages: int = 0
    left_out: str = ""  # the reason, when it was


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The document is kept."""

    document: Document
    parts: tuple[PartNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """Committed before the first byte of the request leaves: from here a backend may have the document."""

    backend: str
    document: Document | None = None  # as it leaves, where it has got a header line of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The backend has the document and gave a ticket."""

    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The backend was asked for a job in doubt, and does not have it; one look is not enough to be sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """The call goes on."""

    pages_sent: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """The call itself, as the backend tells it (ITU-T T.30)."""

    pages_sent: int = 0
    seconds: float = 0.0
    station: str = ""  # the far machine's identification, CSI
    rate: int = 0  # bits a second
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Every page arrived, says the backend; `unconfirmed` when it can only say that it took it."""

    transmission: Transmission = Transmission()
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """It did not work, and will be tried again at `due`; `counted` when a call was placed."""

    status: Status
    cause: Cause
    text: str
    due: datetime
    counted: bool = False
    transmission: Transmission = Transmission()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It did not work and will not be tried again."""

    status: Status
    cause: Cause
    text: str
    counted: bool = False
    transmission: Transmission = Transmission()
    parts: tuple[PartNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Taken back before it could be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsked:
    """Somebody wants it back while a backend may have it: there is no further try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Rendered, but not to be offered until it is released.

    `resembles`: the number that the sender may have meant; the hold is a question then, and the sender answers it.
    """

    reason: str = ""
    resembles: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Goes on; the time it was held does not count."""


Event = (
    Rendered
    | Offered
    | Accepted
    | Missed
    | Progressed
    | Sent
    | Deferred
    | Failed
    | Cancelled
    | CancelAsked
    | Held
    | Released
)
KINDS: Mapping[str, type[Event]] = {
    "rendered": Rendered,
    "offered": Offered,
    "accepted": Accepted,
    "missed": Missed,
    "progressed": Progressed,
    "sent": Sent,
    "deferred": Deferred,
    "failed": Failed,
    "cancelled": Cancelled,
    "cancel_asked": CancelAsked,
    "held": Held,
    "released": Released,
}
_WORDS = {kind: word for word, kind in KINDS.items()}


def kind_of(event: Event) -> str:
    """The event's word in rows, JSON and logs."""
    return _WORDS[type(event)]


def to_json(event: Event) -> dict[str, object]:
    """Plain JSON values; statuses and times as strings."""
    return {name: _plain(getattr(event, name)) for name in _names(event)}


def from_json(kind: str, data: Mapping[str, object]) -> Event:
    """Read what `to_json` wrote."""
    if kind not in KINDS:
        raise ValueError(f"no such event: {kind}")
    fields: dict[str, Any] = {name: _read(name, value) for name, value in data.items()}
    event: Event = KINDS[kind](**fields)
    return event


def document_json(document: Document) -> dict[str, object]:
    """A document as JSON."""
    return {name: _plain(getattr(document, name)) for name in _names(document)}


def document_from_json(data: Mapping[str, Any]) -> Document:
    """Read what `document_json` wrote."""
    found = data.get("legibility")
    return Document(
        **{**data, "layout": layout_from(data["layout"]), "legibility": Legibility(**found) if found else None}
    )


def _names(value: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(value)]


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, Status):
        return {name: _plain(getattr(value, name)) for name in _names(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, (Status, str)) else value


def _read(name: str, value: object) -> object:
    match name, value:
        case "status", str():
            return Status.parse(value)
        case "cause", str():
            return Cause(value)
        case "due", str():
            return datetime.fromisoformat(value)
        case "document", dict():
            return document_from_json(value)
        case "transmission", dict():
            return Transmission(**value)
        case "parts", list():
            return tuple(PartNote(**item) for item in value)
    return value
