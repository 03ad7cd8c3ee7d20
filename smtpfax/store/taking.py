"""Mails become entries of the journal, and rows of the database.

In:    mails that arrived together, and who holds their keys.
Out:   for each, what became of its jobs, and the entry of the journal that tells its rows.
Fails: sqlite3.IntegrityError for a job of another mail.

Rule: a mail all of whose jobs are repetitions is not kept; its attempts are, under the names of the first one.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from smtpfax.model.accepting import Acceptance, TakenJob, duplicate_key, seal_key
from smtpfax.model.attempt import Attempt
from smtpfax.model.job import Job
from smtpfax.model.mail import Content
from smtpfax.model.notice import Notice

from . import claims, schema
from .claims import Claims, Holder
from .counting import Counts, faxes_of
from .journal import Entry
from .records import ATTEMPT, ATTEMPT_MORE, JOB, JOB_MORE, MAIL, MAIL_MORE, NOTICE
from .rows import Moments, Row, RowMaker, moment, packed

MAILS = RowMaker(schema.mails, MAIL, MAIL_MORE)
JOBS = RowMaker(schema.jobs, JOB, JOB_MORE)
NOTICES = RowMaker(schema.notices, NOTICE, {})
ATTEMPTS = RowMaker(schema.attempts, ATTEMPT, ATTEMPT_MORE)
# Parents before children. A journal says in its head which columns its rows have.
COLUMNS: Mapping[str, Sequence[str]] = {
    "claims": claims.COLUMNS,
    **{maker.table: maker.columns for maker in (MAILS, JOBS, NOTICES, ATTEMPTS)},
}
HEAD = packed(dict(COLUMNS))
bind_reply = MAILS.bind("reply")
_SHA256, _REPLY = map(MAILS.columns.index, ("sha256", "reply"))
_STATE, _MAIL_ID, _JOB_ID, _REASON = map(ATTEMPTS.columns.index, ("state", "mail_id", "job_id", "reason"))
_REPEATS = "a signature of this mail brought a fax to this number before"


@dataclass(slots=True)
class Taken:
    """What became of a mail: of each of its jobs, and which rows that makes."""

    id: str  # of the mail
    jobs: list[TakenJob]
    rows: dict[str, list[Row]]
    at: datetime  # when it came
    owed: list[claims.Owed] = field(default_factory=list)  # the keys that it claims
    repeats: list[str] = field(default_factory=list)  # attempts whose fax is an earlier one
    counts: Counts = field(default_factory=dict)  # of faxes
    faxes: list[Row] = field(default_factory=list)  # the same as rows
    mail_id: str = ""  # whose content is kept here
    content: bytes = b""
    digest: bytes = bytes(32)

    def entry(self) -> Entry:
        """For the journal."""
        more = {"faxes": self.faxes, "content": self.mail_id, "repeats": self.repeats}
        return Entry(packed(self.rows | more), self.content, self.digest)


@dataclass(slots=True)
class Arrived:
    """A mail whose door waits, with its keys; made away from the event loop, for hashing takes time."""

    acceptance: Acceptance
    digest: bytes  # of the content that is in hand
    sha256: str
    keys: list[str]  # one for each of its jobs
    seals: list[Row]
    rows: dict[str, Row]

    @classmethod
    def of(cls, acceptance: Acceptance, expires: datetime) -> Arrived:
        """A content whose hash nobody has found yet is hashed."""
        digest, sha256 = hashed(acceptance.mail.content)
        keys = [acceptance.key or duplicate_key(job, sha256) for job in acceptance.jobs]
        both = ((seal, job) for seal in acceptance.seals for job in acceptance.jobs)
        seals: list[Row] = [[seal_key(job, seal), job.mail_id, job.id, moment(seal.until)] for seal, job in both]
        until, rows = moment(expires), dict[str, Row]()
        for key, job in zip(keys, acceptance.jobs, strict=True):
            if job.mail_id != acceptance.mail.id:  # which the database would find out too late
                raise sqlite3.IntegrityError(f"job {job.id} is of another mail than {acceptance.mail.id}")
            rows.setdefault(key, [key, job.mail_id, job.id, until])
        for row in seals:
            rows.setdefault(row[0], row)
        return cls(acceptance, digest, sha256, keys, seals, rows)

    def taken(self, claimed: Claims) -> Taken:
        """What becomes of it."""
        acceptance, mail = self.acceptance, self.acceptance.mail
        became, new = dict[str, Holder](), dict[str, Job]()
        taken = Taken(mail.id, [], {}, mail.created)
        for key, job in zip(self.keys, acceptance.jobs, strict=True):
            holder = became[job.id] = claimed.holders[key]
            # Another mail's job is an earlier one.
            told = holder.job if holder.job.mail_id == mail.id else replace(holder.job, duplicate=True)
            taken.jobs.append(told)
            if told.job_id == job.id:
                new[job.id] = job
            elif told.duplicate:
                taken.repeats += [attempt.id for attempt in acceptance.attempts if attempt.job_id == job.id]
        rows = taken.rows["claims"] = claimed.rows(self)
        taken.owed = [claims.Owed(row, claimed.holders[row[0]], lambda: acceptance.reply) for row in rows]
        taken.rows["attempts"] = [_attempt_row(each, became) for each in acceptance.attempts]
        # Of a repetition the first one tells.
        due = [notice for notice in acceptance.notices if not notice.job_id or notice.job_id in new]
        if new or due:
            _keep(taken, self, new, due)
        return taken


def hashed(content: Content) -> tuple[bytes, str]:
    """The digest of what is in hand, and the hash of it or of what is in the spool."""
    digest = hashlib.sha256(content.inline).digest() if content.inline else b""
    return digest, content.sha256 or digest.hex()


def _keep(taken: Taken, arrived: Arrived, new: Mapping[str, Job], due: Sequence[Notice]) -> None:
    acceptance, mail = arrived.acceptance, arrived.acceptance.mail
    row = MAILS.row(mail)
    row[_SHA256], row[_REPLY] = arrived.sha256, acceptance.reply and bind_reply(acceptance.reply)
    taken.rows["mails"] = [row]
    taken.rows["jobs"] = [JOBS.row(job) for job in new.values()]
    if due:
        taken.rows["notices"] = [NOTICES.row(notice) for notice in due]
    taken.counts = faxes_of(new.values())
    hour = Moments()  # the same for all
    taken.faxes = [[scope, hour(at), what.faxes] for (scope, at), what in taken.counts.items()]
    if mail.content.inline is not None:
        taken.mail_id, taken.content, taken.digest = mail.id, mail.content.inline, arrived.digest


def _attempt_row(attempt: Attempt, became: Mapping[str, Holder]) -> Row:
    """Under the name of the job that its fax became."""
    row = ATTEMPTS.row(attempt)
    holder = became.get(attempt.job_id)
    if holder is not None:
        row[_MAIL_ID], row[_JOB_ID], row[_STATE] = holder.job.mail_id, holder.job.job_id, holder.state
        if holder.replayed:
            row[_REASON] = _REPEATS
    return row
