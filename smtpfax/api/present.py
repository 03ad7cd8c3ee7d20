"""Faxes as Kazoo's API tells them, with what we add beside.

In:    jobs with their mail, faxbox and history; inbound faxes.
Out:   JSON values.
Fails: never.

Rule: nothing of ours takes the place of one of Kazoo's names. Times in Kazoo's fields are Gregorian seconds, in
ours RFC 3339 in UTC. `retries` is the number of calls in all, `attempts` those made: that is what Kazoo's mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from smtpfax.model.account import Faxbox
from smtpfax.model.backend import InboundFax
from smtpfax.model.document import Document
from smtpfax.model.event import Event, Transmission, kind_of, to_json
from smtpfax.model.job import Job, State
from smtpfax.model.mail import Mail
from smtpfax.model.particulars import as_ordered
from smtpfax.model.wishes import NO_WISHES
from smtpfax.store.notices import NoticeRow

from .answers import DocumentTold, InboxFax, JobDetail, JobRow, JobSummary, KazoosFax, NoticeTold, OurFax, TxResult
from .envelope import gregorian
from .present_order import notifications_json, source_json

STATUS: Mapping[State, str] = MappingProxyType(
    {
        State.QUEUED: "attaching_files",
        State.RENDERED: "pending",
        State.OFFERED: "processing",
        State.ACCEPTED: "processing",
        State.SENT: "completed",
        State.FAILED: "failed",
        State.CANCELLED: "failed",
    }
)
History = Sequence[tuple[Event, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job and what is told with it."""

    job: Job
    mail: Mail | None = None
    faxbox: Faxbox | None = None
    history: History = ()
    notices: Sequence[NoticeRow] = ()
    attempt_id: str = ""

    @property
    def sender(self) -> Faxbox | None:
        """The faxbox, with the sender that the order names."""
        return as_ordered(self.faxbox, self.job.particulars) if self.faxbox else None


def rfc3339(at: datetime | None) -> str | None:
    """A time as our own fields tell it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def job_row(view: JobView) -> JobRow:
    """A line of `outgoing`."""
    job, faxbox = view.job, view.sender
    return {
        "id": job.id,
        "status": STATUS[job.state],
        "state": job.state.value,
        "created": gregorian(job.created),
        "from": faxbox.number if faxbox else "",
        "to": job.number.e164,
        "from_name": faxbox.caller_name if faxbox else "",
        "attempts": job.tries,
        "retries": job.most_tries,
        "account_id": job.account_id,
        "faxbox_id": job.faxbox_id,
        "pages": job.document.pages if job.document else None,
        "text": job.text,
        "created_at": rfc3339(job.created),
        "next_at": None if job.state.final else rfc3339(job.due),
        "held": rfc3339(job.held),
    }


def job_summary(view: JobView) -> JobSummary:
    """A line of `outbox`: what the job alone can tell, without its mail and its calls."""
    return {**job_row(view), **_kazoo(view)}


def job_detail(view: JobView) -> JobDetail:
    """A fax with all that is known of it."""
    told: DocumentTold = _document(view.job.document) if view.job.document else {}
    return {
        **job_row(view),
        **_kazoo(view),
        **_ours(view),
        **told,
        "subject": view.mail.header.subject if view.mail else "",
        "history": history_json(view.history),
        "notices": [_notice(row) for row in view.notices],
    }


def history_json(history: History) -> list[dict[str, Any]]:
    """What happened to a job, oldest first."""
    return [{"event": kind_of(event), "at": rfc3339(at), **to_json(event)} for event, at in history]


def _notice(row: NoticeRow) -> NoticeTold:
    """Whom we told, or tell; `became` is empty while it waits."""
    notice = row.notice
    return {
        "kind": notice.kind.value,
        "recipient": notice.recipient,
        "created": rfc3339(notice.created),
        "due": None if row.became else rfc3339(notice.due),
        "failures": notice.tries,
        "became": row.became,
        "ended": rfc3339(row.ended),
        "reason": row.reason,
    }


def inbox_record(fax: InboundFax, faxbox: Faxbox | None) -> InboxFax:
    """A fax that was received."""
    return {
        "id": fax.id,
        "status": "received",
        "created": gregorian(fax.received),
        "from": fax.from_number,
        "to": fax.to_number,
        "from_number": fax.from_number,
        "from_name": fax.from_name,
        "to_number": fax.to_number,
        "to_name": faxbox.name if faxbox else "",
        "fax_timezone": faxbox.timezone if faxbox else "UTC",
        "rx_result": {"success": True, "total_pages": fax.document.pages, "result_text": "OK"},
        "account_id": fax.account_id,
        "faxbox_id": fax.faxbox_id,
        "backend": fax.backend,
        "created_at": rfc3339(fax.received),
        "read": fax.read,
        **_document(fax.document),
    }


def _kazoo(view: JobView) -> KazoosFax:
    job, faxbox = view.job, view.sender
    told: KazoosFax = {
        "delivered": gregorian(job.ended) if job.ended and job.state is State.SENT else None,
        "from_number": faxbox.number if faxbox else "",
        "to_number": job.number.e164,
        "to_name": job.to_name,
        "fax_timezone": faxbox.timezone if faxbox else "UTC",
        "notifications": notifications_json(job, view.faxbox),
        "tx_result": _tx_result(job, _transmission(view.history)),
    }
    source = job.particulars.source if job.particulars else None
    if source is not None:
        told["document"] = source_json(source)
    return told


def _tx_result(job: Job, call: Transmission) -> TxResult:
    """The documented fields first; then those that Kazoo really gives, and its own pages read."""
    failed = job.state in (State.FAILED, State.CANCELLED)
    total = job.document.pages if job.document else 0
    return {
        "success": job.state is State.SENT,
        "error_message": job.text if failed else "",
        "pages_sent": job.pages_sent,
        "time_elapsed": int((job.ended - job.created).total_seconds()) if job.ended else 0,
        "fax_bad_rows": 0,
        "fax_speed": call.rate,
        "fax_receiver_id": call.station,
        "fax_error_correction": False,
        "result_text": job.text,
        "result_cause": job.cause.value if job.cause else "",
        "total_pages": total,
        "transferred_pages": job.pages_sent,
        "transfer_rate": call.rate,
        "remote_station_id": call.station,
        "call_seconds": call.seconds,
    }


def _transmission(history: History) -> Transmission:
    calls = [call for event, _ in history if (call := getattr(event, "transmission", None))]
    return calls[-1] if calls else Transmission()


def _ours(view: JobView) -> OurFax:
    job, wishes = view.job, view.job.wishes or NO_WISHES
    return {
        "mail_id": job.mail_id,
        "again_of": job.again_of,
        "attempt_id": view.attempt_id,
        "origin": job.origin.value,
        "reverse_path": str(job.reverse_path),
        "sub_address": job.number.sub_address,
        "backend": job.backend,
        "ticket": job.ticket,
        "enhanced_status": str(job.status) if job.status else "",
        "cause": job.cause.value if job.cause else "",
        "expires": rfc3339(job.expires),
        "scheduled": rfc3339(job.scheduled),
        "deadline": rfc3339(job.deadline),
        "notify": None if wishes.notify is None else sorted(wishes.notify),
        "envelope_id": wishes.envelope_id,
        "offered": rfc3339(job.offered),
        "ended": rfc3339(job.ended),
        "cancel_asked": job.cancel_asked,
    }


def _document(document: Document) -> DocumentTold:
    return {
        "pages": document.pages,
        "octets": document.octets,
        "paper": document.layout.paper.value,
        "resolution": document.layout.resolution.value,
        "line_seconds": round(document.line_seconds, 1),
    }
