"""The part of a notice that programs read: message/delivery-status (RFC 3464).

In:    a job with its mail and history.
Out:   the part, with its two groups of fields: one for the mail, one for its recipient.
Fails: never.

Rule: what the far fax machine confirmed is `delivered`; what a fax service only took is `relayed`, for nobody can
say that it arrived (RFC 3464 section 2.3.3). The mail's content is never in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime

from smtpfax.model.job import Job
from smtpfax.model.mail import Mail
from smtpfax.model.notice import NoticeKind
from smtpfax.model.status import Status

from .wire import WIRE, Verbatim, ascii_only, verbatim
from .words import History, confirmed, transmission_of

_WAITS = (NoticeKind.DELAY, NoticeKind.QUESTION)
_MOST = 400  # characters of a field
_MOST_ASKED = 502  # RFC 3461 section 4.2: an ORCPT has 500 at most, and we write a blank behind its type


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the envelope said for notices (RFC 3461): ENVID, RET=FULL, and ORCPT or the forward-path as written."""

    envelope_id: str = ""
    original_recipient: str = ""  # rfc822;ann@acme.example
    full: bool = False


NOTHING_ASKED = Asked()


def delivery_status(
    kind: NoticeKind, *, job: Job, mail: Mail, history: History, hostname: str, asked: Asked
) -> MIMEPart:
    """The part as RFC 3464 section 2.1 has it."""
    part = MIMEPart(policy=WIRE)
    part["Content-Type"] = "message/delivery-status"
    mails = {
        "Original-Envelope-Id": verbatim(asked.envelope_id, _MOST_ASKED),
        "Reporting-MTA": f"dns; {hostname}",
        "Arrival-Date": _date(mail.created),
        "X-Fax-Job": job.id,
    }
    part.set_payload([_group(mails), _group(_recipient(kind, job, history, asked))])
    return part


def _recipient(kind: NoticeKind, job: Job, history: History, asked: Asked) -> dict[str, str]:
    last = transmission_of(history)
    return {
        "Original-Recipient": verbatim(asked.original_recipient.replace(";", "; ", 1), _MOST_ASKED),
        "Final-Recipient": f"fax; {job.number}",
        "Action": _action(kind, history),
        "Status": str(_status(kind, job.status)),
        "Diagnostic-Code": _diagnostic(kind, job),
        "Last-Attempt-Date": _date(job.offered) if job.offered else "",
        "Will-Retry-Until": _date(job.until) if kind is NoticeKind.DELAY else "",
        "X-Fax-Pages": _pages(kind, job, last.pages_sent),
        "X-Fax-Tries": str(job.tries),
        "X-Fax-Seconds": f"{last.seconds:.0f}" if last.seconds else "",
        "X-Fax-Station": last.station,
    }


def _group(fields: dict[str, str]) -> EmailMessage:
    group = EmailMessage(policy=WIRE)
    for name, value in fields.items():
        if value:
            group[name] = value if isinstance(value, Verbatim) else ascii_only(value, _MOST)
    return group


def _action(kind: NoticeKind, history: History) -> str:
    if kind is NoticeKind.RECEIPT:
        return "delivered" if confirmed(history) else "relayed"
    return "delayed" if kind in _WAITS else "failed"


def _status(kind: NoticeKind, status: Status | None) -> Status:
    """The job's, if its class is the one that the action must have (RFC 3464 section 2.3.4)."""
    klass = {NoticeKind.RECEIPT: 2, **dict.fromkeys(_WAITS, 4)}.get(kind, 5)
    return status if status is not None and status.klass == klass else Status(klass, 0, 0)


def _diagnostic(kind: NoticeKind, job: Job) -> str:
    if kind is NoticeKind.RECEIPT:
        return ""
    return "; ".join(filter(None, ("x-fax", job.cause or "waiting", job.text)))


def _pages(kind: NoticeKind, job: Job, sent: int) -> str:
    """Pages sent of pages in all; of a fax that was sent, only if the fax service counted them."""
    if job.document is None or (kind is NoticeKind.RECEIPT and not sent):
        return ""
    return f"{sent}/{job.document.pages}"


def _date(at: datetime) -> str:
    return format_datetime(at)  # RFC 5322 section 3.3
