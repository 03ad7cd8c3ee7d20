"""Notices: whom we tell what, decided together with the job's state.

In:    a job after an event, its mail, and its faxbox.
Out:   Notice records, to be committed with the event (G4).
Fails: never.

Rule (G5): a failure notice goes to the reverse-path unless it is null, or NOTIFY says otherwise; receipts are withheld
from automatic mail as well (RFC 3834 section 2), unless NOTIFY asks for them. A notice's id is made from job, kind and
place in the list, so that it exists once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from .account import Faxbox
from .address import folded
from .cause import Cause
from .event import Deferred, Event, Held
from .job import Job, State
from .mail import Mail, Origin
from .webhook import Webhook
from .wishes import NO_WISHES, Notify, Wishes


class NoticeKind(StrEnum):
    """What a notice says."""

    RECEIPT = "receipt"
    FAILURE = "failure"
    DELAY = "delay"
    QUESTION = "question"  # is the number right?
    POSTMASTER = "postmaster"  # a mail to postmaster@, passed on
    WEBHOOK = "webhook"  # no mail: a program is called at the address that the order or its faxbox names


# What NOTIFY calls it. A question is none of RFC 3461's: whoever wants to hear of anything is asked.
_CALLED: Mapping[NoticeKind, Notify] = MappingProxyType(
    {NoticeKind.RECEIPT: Notify.SUCCESS, NoticeKind.FAILURE: Notify.FAILURE, NoticeKind.DELAY: Notify.DELAY}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice to one address; kept until a relay has it, or the program that is called."""

    id: str
    kind: NoticeKind
    mail_id: str
    job_id: str
    recipient: str
    created: datetime
    due: datetime
    tries: int = 0


def notices_for(
    job: Job, mail: Mail, faxbox: Faxbox | None, *, at: datetime, grace: timedelta, handed_over: bool = False
) -> tuple[Notice, ...]:
    """The notices that a final state is due; `grace`: a failure that the client may still hear as a 554 waits.

    `handed_over`: it was sent as far as anybody can tell, and the far side did not confirm it.
    """
    if job.state is State.SENT:
        # RFC 2852 section 4.1.4: by-trace asks to be told of what is relayed.
        traced = handed_over and _wishes(job).trace
        return _to_all(NoticeKind.RECEIPT, job, mail, faxbox, at=at, due=at, any_wish=traced)
    if job.state is State.FAILED:
        may_hear = job.document is None and job.origin is Origin.SMTP
        due = max(at, mail.created + grace) if may_hear else at
        return _to_all(NoticeKind.FAILURE, job, mail, faxbox, at=at, due=due)
    return ()


def webhook_notices(job: Job, webhook: Webhook | None, *, at: datetime) -> tuple[Notice, ...]:
    """Due when the job has ended, however it did; `webhook`: the order's own, or else its faxbox's."""
    if webhook is None or not job.state.final:
        return ()
    name = f"{job.id}-{NoticeKind.WEBHOOK}"
    kind = NoticeKind.WEBHOOK
    return (Notice(id=name, kind=kind, mail_id=job.mail_id, job_id=job.id, recipient=webhook.url, created=at, due=at),)


def delay_notices(job: Job, mail: Mail, faxbox: Faxbox | None, *, at: datetime, hours: float) -> tuple[Notice, ...]:
    """Due once, when a job is not final after so many hours."""
    if job.state.final or at < (job.scheduled or mail.created) + timedelta(hours=hours):
        return ()
    return _to_all(NoticeKind.DELAY, job, mail, faxbox, at=at, due=at)


def waiting_notices(
    job: Job, events: Iterable[Event], mail: Mail, faxbox: Faxbox | None, *, at: datetime
) -> tuple[Notice, ...]:
    """What a job that has to wait is due at once: until when a cap bars it, or whether its number is right."""
    found: tuple[Notice, ...] = ()
    for event in events:
        if isinstance(event, Deferred) and event.cause is Cause.CAP:
            found += _to_all(NoticeKind.DELAY, job, mail, faxbox, at=at, due=at)
        if isinstance(event, Held) and event.resembles:
            found += question_notices(job, mail, faxbox, at=at)
    return found


def question_notices(job: Job, mail: Mail, faxbox: Faxbox | None, *, at: datetime) -> tuple[Notice, ...]:
    """To the sender alone; to the faxbox's addresses, when nobody reads what a program would be answered."""
    asked = _to_all(NoticeKind.QUESTION, job, mail, faxbox, at=at, due=at, any_wish=True)
    return asked[:1] if asked and asked[0].recipient == str(mail.reverse_path) else asked


def late_notices(job: Job, mail: Mail, faxbox: Faxbox | None, *, deadline: datetime) -> tuple[Notice, ...]:
    """Due when the job is not final by then (RFC 2852, by-mode N), which is asked again when they are sent."""
    if deadline >= job.until:
        return ()  # its end will be told
    late = _to_all(NoticeKind.DELAY, job, mail, faxbox, at=deadline, due=deadline, any_wish=True)
    return tuple(replace(notice, id=f"{job.id}-late-{place}") for place, notice in enumerate(late))


def postmaster_notice(mail: Mail, recipient: str) -> Notice:
    """A mail to postmaster@ is kept until the relay takes it (RFC 5321 section 4.5.1)."""
    return Notice(
        id=f"{mail.id}-postmaster",
        kind=NoticeKind.POSTMASTER,
        mail_id=mail.id,
        job_id="",
        recipient=recipient,
        created=mail.created,
        due=mail.created,
    )


def _to_all(
    kind: NoticeKind,
    job: Job,
    mail: Mail,
    faxbox: Faxbox | None,
    *,
    at: datetime,
    due: datetime,
    any_wish: bool = False,
) -> tuple[Notice, ...]:
    sender = mail.reverse_path
    known = {sender.key: str(sender)} if not sender.null and _wanted(kind, job, mail, any_wish=any_wish) else {}
    ordered = job.particulars.send_to if job.particulars else ()
    for address in (*(faxbox.notify if faxbox else ()), *ordered):
        if not _may_be_told(address, job):
            continue
        known.setdefault(folded(address), address)  # nobody is told twice
    return tuple(
        Notice(
            id=f"{job.id}-{kind}-{place}",
            kind=kind,
            mail_id=mail.id,
            job_id=job.id,
            recipient=address,
            created=at,
            due=due,
        )
        for place, address in enumerate(known.values())
    )


def _wanted(kind: NoticeKind, job: Job, mail: Mail, *, any_wish: bool) -> bool:
    """By the reverse-path; `any_wish`: it is enough that it wants to hear of anything."""
    notify = _wishes(job).notify
    if notify is None:
        return kind is NoticeKind.FAILURE or not mail.header.automatic
    return bool(notify) if any_wish else _CALLED[kind] in notify


def _may_be_told(address: str, job: Job) -> bool:
    """A sender who used NOTIFY is not told by the faxbox's list what NOTIFY does not ask for."""
    return _wishes(job).notify is None or folded(address) != job.reverse_path.key


def _wishes(job: Job) -> Wishes:
    return job.wishes or NO_WISHES
