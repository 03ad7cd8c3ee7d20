"""What a mail brings to the journal: its records as rows.

In:    an Acceptance.
Out:   Brought, in plain values.
Fails: ValueError for a moment without a time zone.

Rule: the rows are what they would be if nobody came before; a content is not hashed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from smtpfax.journal import claims
from smtpfax.journal.brought import Brought, Columns
from smtpfax.journal.packing import Row, moment
from smtpfax.journal.segments import head_of
from smtpfax.model.accepting import Acceptance, duplicate_seed, seal_key
from smtpfax.model.job import Job

from . import schema
from .counting import scopes_of_job
from .records import ATTEMPT, ATTEMPT_MORE, JOB, JOB_MORE, MAIL, MAIL_MORE, NOTICE
from .rows import Moments, RowMaker

MAILS = RowMaker(schema.mails, MAIL, MAIL_MORE)
JOBS = RowMaker(schema.jobs, JOB, JOB_MORE)
NOTICES = RowMaker(schema.notices, NOTICE, {})
ATTEMPTS = RowMaker(schema.attempts, ATTEMPT, ATTEMPT_MORE)
# Parents before children.
COLUMNS: Columns = {
    "claims": claims.COLUMNS,
    **{maker.table: maker.columns for maker in (MAILS, JOBS, NOTICES, ATTEMPTS)},
}
HEAD = head_of(COLUMNS)
bind_reply = MAILS.bind("reply")
_REPLY = MAILS.columns.index("reply")


def brought_by(acceptance: Acceptance, expires: datetime) -> Brought:
    """All of it; `expires`: its keys."""
    mail, content, jobs = acceptance.mail, acceptance.mail.content, acceptance.jobs
    row = MAILS.row(mail)
    row[_REPLY] = acceptance.reply and bind_reply(acceptance.reply)
    return Brought(
        mail.id,
        moment(expires) or "",
        row,
        [JOBS.row(job) for job in jobs],
        [NOTICES.row(notice) for notice in acceptance.notices],
        [ATTEMPTS.row(attempt) for attempt in acceptance.attempts],
        [duplicate_seed(job) for job in jobs],
        [acceptance.key for _ in jobs] if acceptance.key else (),
        _seals(acceptance),
        _scopes(jobs),
        content.sha256,
        content.inline,
    )


def _seals(acceptance: Acceptance) -> list[Row]:
    both = ((seal, job) for seal in acceptance.seals for job in acceptance.jobs)
    return [[seal_key(job, seal), job.mail_id, job.id, moment(seal.until)] for seal, job in both]


def _scopes(jobs: Sequence[Job]) -> list[list[tuple[str, str]]]:
    hour = Moments()  # the same for all
    return [[(scope, hour(at) or "") for scope, at in scopes_of_job(job, job.created)] for job in jobs]
