"""A job: one fax, to one number; its states are one table.

In:    a job and an event.
Out:   the job after it.
Fails: IllegalEvent, when the table has no row for it.

    queued    content kept, no document
    rendered  document kept, no backend has seen it
    offered   a backend may have it
    accepted  a backend has it and gave a ticket
    sent, failed, cancelled   final
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from . import event as e
from .address import ReversePath
from .cause import Cause
from .document import Document
from .errors import IllegalEvent
from .mail import Origin
from .number import FaxNumber
from .particulars import Particulars
from .status import CANCELLED, SENT, Status
from .wishes import Wishes


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RENDERED = "rendered"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Has no way out."""
        return not TRANSITIONS[self]


# To learn what may happen, read this; to change it, change this. The README's diagram is printed from it.
TRANSITIONS: Mapping[State, Mapping[type[e.Event], State]] = MappingProxyType(
    {
        State.QUEUED: {
            e.Rendered: State.RENDERED,
            e.Deferred: State.QUEUED,
            e.Failed: State.FAILED,
            e.Cancelled: State.CANCELLED,
            e.Held: State.QUEUED,
            e.Released: State.QUEUED,
        },
        State.RENDERED: {
            e.Offered: State.OFFERED,
            e.Deferred: State.RENDERED,
            e.Failed: State.FAILED,
            e.Cancelled: State.CANCELLED,
            e.Held: State.RENDERED,
            e.Released: State.RENDERED,
        },
        State.OFFERED: {
            e.Accepted: State.ACCEPTED,
            e.Missed: State.OFFERED,
            e.Sent: State.SENT,
            e.Deferred: State.RENDERED,
            e.Failed: State.FAILED,
            e.CancelAsked: State.OFFERED,
        },
        State.ACCEPTED: {
            e.Progressed: State.ACCEPTED,
            e.Missed: State.ACCEPTED,
            e.Sent: State.SENT,
            e.Deferred: State.RENDERED,
            e.Failed: State.FAILED,
            e.Cancelled: State.CANCELLED,
            e.CancelAsked: State.ACCEPTED,
        },
        State.SENT: {},
        State.FAILED: {},
        State.CANCELLED: {},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One fax. `tries` counts calls made, `most_tries` bounds them; `version` counts events, for compare-and-set."""

    id: str
    mail_id: str
    account_id: str
    faxbox_id: str
    number: FaxNumber
    reverse_path: ReversePath
    origin: Origin
    created: datetime
    due: datetime  # when to look at it next
    expires: datetime
    most_tries: int
    to_name: str = ""  # for whom it is, where the address says so
    again_of: str = ""  # the fax that it sends once more: an earlier job, or a received fax
    scheduled: datetime | None = None  # not before
    deadline: datetime | None = None  # not after (RFC 2852, by-mode R): being held does not put it off
    wishes: Wishes | None = None  # what its envelope asked for beside the paths
    particulars: Particulars | None = None  # what its order said beside number and document
    state: State = State.QUEUED
    version: int = 0
    tries: int = 0
    crashes: int = 0  # converters that died of it
    looks: int = 0  # in vain, since it was last offered
    held: datetime | None = None  # since when
    cancel_asked: bool = False
    document: Document | None = None
    headed: Document | None = None  # the same with its header line, as it was last offered
    backend: str = ""
    ticket: str = ""
    offered: datetime | None = None
    pages_sent: int = 0
    status: Status | None = None  # how it last went
    cause: Cause | None = None
    text: str = ""
    ended: datetime | None = None

    @property
    def leaving(self) -> Document | None:
        """The document as a fax service has got it, or will get it."""
        return self.headed or self.document

    @property
    def until(self) -> datetime:
        """How long it may be tried."""
        return min(self.expires, self.deadline) if self.deadline else self.expires


def apply(job: Job, event: e.Event, *, at: datetime) -> Job:
    """The job after the event; pure."""
    state = TRANSITIONS[job.state].get(type(event))
    if state is None:
        raise IllegalEvent(f"{job.id} is {job.state}: {e.kind_of(event)} does not fit")
    after = _fold(replace(job, state=state, version=job.version + 1, due=at), event, at)
    return replace(after, ended=at) if state.final else after


def fold(job: Job, events: Iterable[tuple[e.Event, datetime]]) -> Job:
    """The job after all of them, in order."""
    for event, at in events:
        job = apply(job, event, at=at)
    return job


def _fold(job: Job, event: e.Event, at: datetime) -> Job:
    match event:
        case e.Rendered():
            return replace(job, document=event.document, due=max(at, job.scheduled or at))
        case e.Offered():
            fresh = replace(job, looks=0, pages_sent=0, status=None, cause=None, text="")
            return replace(fresh, backend=event.backend, ticket="", headed=event.document, offered=at)
        case e.Accepted():
            return replace(job, ticket=event.ticket, looks=0)
        case e.Missed():
            return replace(job, looks=job.looks + 1)
        case e.Progressed():
            return replace(job, pages_sent=event.pages_sent, text=event.text)
        case e.Sent():
            pages = event.transmission.pages_sent
            return replace(job, tries=job.tries + 1, pages_sent=pages, status=SENT.status, cause=None, text=SENT.fill())
        case e.Deferred() | e.Failed():
            return _went_wrong(job, event)
        case e.Cancelled():
            return replace(job, status=CANCELLED.status, text=CANCELLED.fill())
        case e.CancelAsked():
            return replace(job, cancel_asked=True)
        case e.Held():
            return replace(job, held=job.held or at, text=event.reason)
        case e.Released():
            return _released(job, at)


def _went_wrong(job: Job, event: e.Deferred | e.Failed) -> Job:
    return replace(
        job,
        tries=job.tries + event.counted,
        crashes=job.crashes + (event.cause is Cause.CONVERTER),
        pages_sent=event.transmission.pages_sent,
        status=event.status,
        cause=event.cause,
        text=event.text,
        due=event.due if isinstance(event, e.Deferred) else job.due,
    )


def _released(job: Job, at: datetime) -> Job:
    if job.held is None:
        return job
    return replace(job, held=None, expires=job.expires + (at - job.held), due=max(at, job.scheduled or at))


def diagram() -> str:
    """The table as text, as the README shows it."""
    rows = [["state \\ event", *e.KINDS]]
    for state, ways in TRANSITIONS.items():
        rows.append([state.value, *(ways[kind].value if kind in ways else "" for kind in e.KINDS.values())])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])
