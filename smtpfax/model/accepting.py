"""What the store is asked to take in one commit, and what it answers.

In:    a mail with a request for each fax it asks for.
Out:   for each, the job that is now ours, or the earlier one it repeats.
Fails: never.

Rule: duplicates are told by (faxbox, reverse-path, number, hash of the whole content); the same mail again gets the
first one's id and its reply, and no second fax. So does a mail with a signature that brought a fax to this number
before, whatever was changed beside what was signed, while the signature counts: who captured it cannot fax it again.
An order that is no mail is told by its own key instead: who orders the same twice, and does not say so, means twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from .attempt import Attempt
from .job import Job
from .mail import Content, Header, Mail
from .notice import Notice
from .status import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A DKIM signature that a mail has: the digest that was signed, and until when the signature counts."""

    digest: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """All that one transaction brings. `attempts` name their job; those of duplicates are re-named by the store."""

    mail: Mail
    jobs: Sequence[Job] = ()
    attempts: Sequence[Attempt] = ()
    notices: Sequence[Notice] = ()  # postmaster's, and those of jobs that are not sent by a time
    reply: Reply | None = None  # what the client will be told whatever rendering says; None: the verdict decides
    seals: Sequence[Seal] = ()
    key: str = ""  # of its jobs, in the place of what their content makes


BLANK = "~" * 18  # the mail's id in a form: no id has such a character
EPOCH = datetime.fromtimestamp(0, UTC)  # and its time


class Filled(NamedTuple):
    """A form with what is one mail's own: whoever sends often sends mails that differ in nothing else.

    A form is the Acceptance of a mail that never was, with the id BLANK and of the time EPOCH: a job for each attempt,
    the same reply for all of them, and nothing beside.
    """

    form: Acceptance
    id: str
    created: datetime
    content: Content
    header: Header
    attempt_ids: Sequence[str]

    def reply(self) -> Reply | None:
        """What the client is told, if that is decided."""
        reply = self.form.reply
        return reply and Reply(reply.code, reply.status, reply.text.replace(BLANK, self.id))

    def acceptance(self) -> Acceptance:
        """The whole of it."""
        form, created, reply = self.form, self.created, self.reply()
        mail = replace(form.mail, id=self.id, created=created, content=self.content, header=self.header)
        jobs = [
            replace(
                job,
                id=job.id.replace(BLANK, self.id),
                mail_id=self.id,
                created=created,
                due=created,
                expires=created + (job.expires - EPOCH),
            )
            for job in form.jobs
        ]
        attempts = [
            replace(
                attempt,
                id=id,
                created=created,
                reply=Reply(attempt.reply.code, attempt.reply.status, attempt.reply.text.replace(BLANK, self.id)),
                octets=self.content.octets,
                header=self.header,
                mail_id=self.id,
                job_id=attempt.job_id.replace(BLANK, self.id),
            )
            for attempt, id in zip(form.attempts, self.attempt_ids, strict=True)
        ]
        return replace(form, mail=mail, jobs=jobs, attempts=attempts, reply=reply)


class TakenJob(NamedTuple):
    """What became of one job of an Acceptance; of a duplicate, `mail_id`, `job_id` and `reply` are the first one's."""

    mail_id: str
    job_id: str
    duplicate: bool = False
    reply: Reply | None = None  # what the first one's client was told; None while that is open


def seal_key(job: Job, seal: Seal) -> str:
    """The unique key of a signature for a number: whichever faxbox of the account, whatever reverse-path it came by."""
    seed = "\0".join(("seal", job.account_id, str(job.number), seal.digest))
    return hashlib.sha256(seed.encode()).hexdigest()


def duplicate_key(job: Job, sha256: str) -> str:
    """The unique key of a fax."""
    return hashlib.sha256(f"{duplicate_seed(job)}{sha256}".encode()).hexdigest()


def duplicate_seed(job: Job) -> str:
    """What it is made of, before the content's hash."""
    return "\0".join((job.account_id, job.faxbox_id, job.reverse_path.key, str(job.number), ""))
