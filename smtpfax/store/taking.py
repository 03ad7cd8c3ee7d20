"""Mails become rows and entries of the journal, a batch at a time.

In:    mails that arrived together, within the writer's transaction.
Out:   for each, what became of its jobs; its rows, which are inserted, and the entry that tells them once more.
Fails: what SQLite says; a mail's own error is its outcome.

Rule: mails are written together, a statement for each table; if that fails, each by itself, a savepoint a mail, so
that one mail's error is its own. A mail all of whose jobs are repetitions is not kept; its attempts are, under the
names of the first one.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from smtpfax.model.accepting import TakenJob
from smtpfax.model.attempt import Attempt
from smtpfax.model.job import Job
from smtpfax.model.notice import Notice

from . import claims, schema
from .claims import Arrived, Holder, claim
from .journal import Entry
from .records import ATTEMPT, ATTEMPT_MORE, JOB, JOB_MORE, MAIL, MAIL_MORE, NOTICE
from .rows import Moments, Row, RowMaker, insert_into, moment, packed
from .savepoint import Undone, within_savepoint
from .stamps import Stamps
from .usage import Counts, faxes_of

_MAILS = RowMaker(schema.mails, MAIL, MAIL_MORE)
_JOBS = RowMaker(schema.jobs, JOB, JOB_MORE)
_NOTICES = RowMaker(schema.notices, NOTICE, {})
_ATTEMPTS = RowMaker(schema.attempts, ATTEMPT, ATTEMPT_MORE)
# Parents before children. A journal says in its head which columns its rows have.
COLUMNS: Mapping[str, Sequence[str]] = {
    "claims": claims.COLUMNS,
    **{maker.table: maker.columns for maker in (_MAILS, _JOBS, _NOTICES, _ATTEMPTS)},
}
HEAD = packed(dict(COLUMNS))
_bind_reply = _MAILS.bind("reply")
_SHA256, _REPLY = map(_MAILS.columns.index, ("sha256", "reply"))
_STATE, _CREATED, _MAIL_ID, _JOB_ID, _REASON = map(
    _ATTEMPTS.columns.index, ("state", "created", "mail_id", "job_id", "reason")
)
_COUNT = (
    'INSERT INTO "usage" (scope, hour, faxes, pages) VALUES (?, ?, ?, 0) '
    "ON CONFLICT (scope, hour) DO UPDATE SET faxes = faxes + excluded.faxes"
)


@dataclass(slots=True)
class Taken:
    """What became of a mail: of each of its jobs, and which rows that made."""

    jobs: list[TakenJob]
    rows: dict[str, list[Row]]
    counts: Counts = field(default_factory=dict)  # of faxes
    faxes: list[Row] = field(default_factory=list)  # the same as rows
    mail_id: str = ""  # whose content is kept here
    content: bytes = b""
    digest: bytes = bytes(32)

    def entry(self) -> Entry:
        """For the journal."""
        return Entry(packed(self.rows | {"faxes": self.faxes, "content": self.mail_id}), self.content, self.digest)


def take(
    database: sqlite3.Connection, arrived: Sequence[Arrived], *, stamps: Stamps, now: datetime
) -> list[Taken | Exception]:
    """Insert what these mails bring."""
    try:
        return list(within_savepoint(database, lambda: _take(database, arrived, stamps, now)))
    except Undone as undone:
        if len(arrived) == 1:
            return [undone.error]
    return [outcome for each in arrived for outcome in take(database, [each], stamps=stamps, now=now)]


def insert(database: sqlite3.Connection, tables: Mapping[str, list[Row]], columns: Mapping[str, Sequence[str]]) -> None:
    """Rows into their tables."""
    for table, names in columns.items():
        if rows := tables.get(table):
            statement = insert_into(table, tuple(names))
            database.executemany(f"{statement} {claims.TAKE_OVER}" if table == "claims" else statement, rows)


def count(database: sqlite3.Connection, faxes: Iterable[Row]) -> None:
    """Bump the counters, a row for each scope and hour however many mails."""
    sums: Counter[tuple[str, str]] = Counter()
    for scope, hour, more in faxes:
        sums[scope, hour] += more
    database.executemany(_COUNT, [(scope, hour, more) for (scope, hour), more in sums.items()])


def _take(database: sqlite3.Connection, arrived: Sequence[Arrived], stamps: Stamps, now: datetime) -> list[Taken]:
    holders = claim(database, arrived, now)
    taken = [_taken(each, holders, stamps) for each in arrived]
    tables = {table: [row for each in taken for row in each.rows.get(table, ())] for table in COLUMNS}
    del tables["claims"]  # which are there by now
    insert(database, tables, COLUMNS)
    count(database, [fax for each in taken for fax in each.faxes])
    return taken


def _taken(arrived: Arrived, holders: Mapping[str, Holder], stamps: Stamps) -> Taken:
    acceptance, mail_id = arrived.acceptance, arrived.acceptance.mail.id
    taken, became, new = Taken([], {}), dict[str, Holder](), dict[str, Job]()
    for key, job in zip(arrived.keys, acceptance.jobs, strict=True):
        holder = became[job.id] = holders[key]
        # Another mail's job is an earlier one.
        told = holder.job if holder.job.mail_id == mail_id else replace(holder.job, duplicate=True)
        taken.jobs.append(told)
        if told.job_id == job.id:
            new[job.id] = job
    taken.rows["attempts"] = [_attempt_row(each, became, stamps) for each in acceptance.attempts]
    # Of a repetition the first one tells.
    due = [notice for notice in acceptance.notices if not notice.job_id or notice.job_id in new]
    if new or due:
        _keep(taken, arrived, new, due)
    return taken


def _keep(taken: Taken, arrived: Arrived, new: Mapping[str, Job], due: Sequence[Notice]) -> None:
    acceptance, mail = arrived.acceptance, arrived.acceptance.mail
    row = _MAILS.row(mail)
    row[_SHA256], row[_REPLY] = arrived.sha256, acceptance.reply and _bind_reply(acceptance.reply)
    taken.rows["claims"] = [row for row in arrived.rows.values() if row[2] in new]
    taken.rows["mails"] = [row]
    taken.rows["jobs"] = [_JOBS.row(job) for job in new.values()]
    if due:
        taken.rows["notices"] = [_NOTICES.row(notice) for notice in due]
    taken.counts = faxes_of(new.values())
    hour = Moments()  # the same for all
    taken.faxes = [[scope, hour(at), what.faxes] for (scope, at), what in taken.counts.items()]
    if mail.content.inline is not None:
        taken.mail_id, taken.content, taken.digest = mail.id, mail.content.inline, arrived.digest


def _attempt_row(attempt: Attempt, became: Mapping[str, Holder], stamps: Stamps) -> Row:
    """Stamped, and under the name of the job that its fax became."""
    row = _ATTEMPTS.row(attempt)
    row[_CREATED] = moment(stamps.next())
    holder = became.get(attempt.job_id)
    if holder is not None:
        row[_MAIL_ID], row[_JOB_ID], row[_STATE] = holder.job.mail_id, holder.job.job_id, holder.state
        if holder.replayed:
            row[_REASON] = "a signature of this mail brought a fax to this number before"
    return row
