"""What a mail brings: its rows as they would be if nobody came before it, and its content.

In:    rows in the order of the journal's columns; what is one mail's own, where a form has the rest.
Out:   Brought; what a Form makes of a Filling is the same as of the whole mail (a test compares the two).
Fails: never.

Rule: plain values alone, which go from one process to another as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple, Self

from .packing import Row, dumps, hour_from, moment, moment_from

Columns = Mapping[str, Sequence[str]]
QUEUED = "queued"  # a job that was just taken


class Brought(NamedTuple):
    """A mail. Of each of its jobs: a row, a seed, and the scopes that count it."""

    id: str
    expires: str  # of its keys
    mail: Row  # without its content's hash, where that is to be found yet
    jobs: Sequence[Row]
    notices: Sequence[Row]
    attempts: Sequence[Row]  # each names its job
    seeds: Sequence[str]  # what a job's key is made of, before the content's hash
    keys: Sequence[str]  # or the keys themselves
    seals: Sequence[Row]  # more keys: those of its signatures
    scopes: Sequence[Sequence[tuple[str, str]]]  # with the hour
    sha256: str  # of the content, if it is known
    content: bytes | None  # if it is to be kept here


class Places(NamedTuple):
    """Where in the rows stands what is looked at here."""

    mail_id: int
    mail_created: int
    mail_header: int
    mail_sha256: int
    mail_octets: int
    mail_name: int
    mail_reply: int
    job_id: int
    job_mail: int
    job_created: int
    job_due: int
    job_expires: int
    attempt_id: int
    attempt_created: int
    attempt_octets: int
    attempt_header: int
    attempt_reply: int
    attempt_mail: int
    attempt_job: int
    attempt_state: int
    attempt_reason: int
    notice_job: int

    @classmethod
    def of(cls, columns: Columns) -> Self:
        """In these tables."""
        mails, jobs, attempts = (columns[name].index for name in ("mails", "jobs", "attempts"))
        return cls._make(
            [
                *map(mails, ("id", "created", "header", "sha256", "octets", "content_name", "reply")),
                *map(jobs, ("id", "mail_id", "created", "due", "expires")),
                *map(attempts, ("id", "created", "octets", "header", "reply", "mail_id", "job_id", "state", "reason")),
                columns["notices"].index("job_id"),
            ]
        )


class Form(NamedTuple):
    """What mails of one client, from one reverse-path to the same recipients have in common."""

    number: int  # of no other form of this process
    mail: Row
    jobs: Sequence[tuple[Row, str, float]]  # with the end of the id, and the seconds that it may take
    attempts: Sequence[tuple[Row, str]]  # with the end of its job's id
    seeds: Sequence[str]
    scopes: Sequence[Sequence[str]]
    blank: str  # what stands for the mail's id in the reply
    reply: str  # to all of them
    decided: bool  # whether that is said whatever rendering says
    header: Sequence[str]  # the names of its fields


class Filling(NamedTuple):
    """What is one mail's own."""

    form: Form
    id: str
    created: str
    expires: str  # of its keys
    sha256: str
    octets: int
    name: str  # of the content in the spool
    header: Sequence[object]
    attempt_ids: Sequence[str]
    content: bytes | None

    def brought(self, at: Places) -> Brought:
        """The whole of it."""
        form, id, created = self.form, self.id, self.created
        reply, header = form.reply.replace(form.blank, id), dumps(dict(zip(form.header, self.header, strict=True)))
        mail = form.mail.copy()
        mail[at.mail_id], mail[at.mail_created], mail[at.mail_header] = id, created, header
        mail[at.mail_octets], mail[at.mail_name] = self.octets, self.name
        mail[at.mail_reply] = reply if form.decided else None
        attempts = []
        for (row, end), attempt_id in zip(form.attempts, self.attempt_ids, strict=True):
            attempt = row.copy()
            attempt[at.attempt_id], attempt[at.attempt_octets], attempt[at.attempt_mail] = attempt_id, self.octets, id
            attempt[at.attempt_created], attempt[at.attempt_header], attempt[at.attempt_reply] = created, header, reply
            attempt[at.attempt_job] = id + end if end else ""
            if end:
                attempt[at.attempt_state] = QUEUED
            attempts.append(attempt)
        hour = hour_from(created)
        return Brought(
            id,
            self.expires,
            mail,
            self._jobs(at),
            (),
            attempts,
            form.seeds,
            (),
            (),
            [[(scope, hour) for scope in scopes] for scopes in form.scopes],
            self.sha256,
            self.content,
        )

    def _jobs(self, at: Places) -> list[Row]:
        id, created, since, jobs = self.id, self.created, moment_from(self.created), []
        for row, end, seconds in self.form.jobs:
            job = row.copy()
            job[at.job_id], job[at.job_mail], job[at.job_created], job[at.job_due] = id + end, id, created, created
            job[at.job_expires] = moment(since + timedelta(seconds=seconds))
            jobs.append(job)
        return jobs
