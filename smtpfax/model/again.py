"""A fax that is sent once more: a job made of an earlier one.

In:    a job that has ended, the number it goes to now, ids and times of the new one.
Out:   the mail and the job that are to be kept; whether the document can be the same.
Fails: never; pure.

Rule: the earlier job stays as it is, and the new one names it. Notices go where those of the first one went; what its
envelope said of times is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from .account import CoverWhen, Faxbox
from .event import Rendered
from .job import Job
from .mail import Mail, Origin
from .number import FaxNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """How it goes once more."""

    mail_id: str
    number: FaxNumber
    to_name: str
    at: datetime
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What is kept in one commit; `rendered` None: it is rendered from its content, as a mail is."""

    mail: Mail
    job: Job
    rendered: Rendered | None = None


def again(old: Job, mail: Mail, faxbox: Faxbox, *, once: Once, rendered: Rendered | None) -> Again:
    """The fax once more; `rendered`: what the earlier job's rendering came to, if it did."""
    fresh = replace(mail, id=once.mail_id, created=once.at, origin=Origin.HTTP)
    same = rendered if _shows_nobody(old, faxbox, once) else None
    return Again(mail=fresh, job=_job(old, once), rendered=same)


def _shows_nobody(old: Job, faxbox: Faxbox, once: Once) -> bool:
    """A cover names whom the fax is for: to somebody else it has to be another one."""
    return faxbox.cover is CoverWhen.NEVER or (old.number, old.to_name) == (once.number, once.to_name)


def _job(old: Job, once: Once) -> Job:
    return Job(
        id=f"{once.mail_id}-1",
        mail_id=once.mail_id,
        account_id=old.account_id,
        faxbox_id=old.faxbox_id,
        number=once.number,
        reverse_path=old.reverse_path,
        origin=Origin.HTTP,
        created=once.at,
        due=once.at,
        expires=once.expires,
        most_tries=old.most_tries,
        to_name=once.to_name,
        again_of=old.id,
        wishes=old.wishes,
        particulars=old.particulars,
    )
