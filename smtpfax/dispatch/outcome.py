"""What a backend says of a call becomes the job's event, or the fault that the schedule judges.

In:    Progress, and the job that it is about.
Out:   Progressed or Sent; or a Temporary or Permanent, to be handed to `schedule.after_fault`.
Fails: never.

Rule: the cause alone decides the sentence, whichever backend said it. A call that broke is partial as soon as one
page of it went, whatever else the backend calls it: each further try costs the far side the same pages again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from smtpfax.model import status as say
from smtpfax.model.backend import Broken, Done, Progress, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.event import Progressed, Sent
from smtpfax.model.job import Job

SENTENCES: Mapping[Cause, say.Sentence] = MappingProxyType(
    {
        Cause.BUSY: say.BUSY,
        Cause.NO_ANSWER: say.NO_ANSWER,
        Cause.NOT_A_FAX: say.NOT_A_FAX,
        Cause.PARTIAL: say.PARTLY_SENT,
        Cause.LINE: say.LINE_FAULT,
        Cause.NO_ROUTE: say.NO_ROUTE,
        Cause.UNALLOCATED: say.UNALLOCATED,
        Cause.REFUSED: say.BACKEND_REFUSED,
        Cause.DOCUMENT: say.BACKEND_REFUSED,
        Cause.BACKEND: say.BACKEND_FAILED,
        Cause.UNKNOWN: say.BACKEND_FAILED,
        Cause.IN_DOUBT: say.MAYBE_SENT,
    }
)
_CUT_SHORT = frozenset({Cause.LINE, Cause.UNKNOWN, Cause.NOT_A_FAX})


def event_of(progress: Progress, job: Job) -> Progressed | Sent | Fault:
    """What follows."""
    match progress:
        case Sending():
            return Progressed(pages_sent=progress.pages_sent, text=progress.text)
        case Done():
            return Sent(transmission=progress.transmission, unconfirmed=progress.unconfirmed)
        case Broken():
            return _fault(progress, job)


def _fault(broken: Broken, job: Job) -> Fault:
    pages = broken.transmission.pages_sent
    cause = Cause.PARTIAL if pages and broken.cause in _CUT_SHORT else broken.cause
    sentence = SENTENCES.get(cause, say.BACKEND_FAILED)
    if cause is Cause.PARTIAL and not pages:
        sentence = say.BROKE_OFF  # it does not say after how many
    kind = Permanent if sentence.code >= 500 else Temporary
    return kind(
        sentence,
        cause=cause,
        reason=broken.text,
        pages=pages,
        of=job.document.pages if job.document else pages,
        number=job.number,
        why=broken.text or "it did not say why",
    )
