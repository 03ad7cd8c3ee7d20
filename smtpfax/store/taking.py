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
from functools import lru_cache

from smtpfax.model.accepting import Acceptance, TakenJob
from smtpfax.model.attempt import Attempt
from smtpfax.model.job import Job
from smtpfax.model.notice import Notice

from . import claims, schema
from .claims import Arrived, Holder, claim
from .journal import Entry
from .records import ATTEMPT, ATTEMPT_MORE, JOB, JOB_MORE, MAIL, MAIL_MORE, NOTICE
from .rows import Row, RowMaker, dumps, insert_into, moment
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
HEAD = dumps(COLUMNS).encode()
_SHA256, _REPLY = map(_MAILS.columns.index, ("sha256", "reply"))
_STATE, _CREATED, _MAIL_ID, _JOB_ID, _REASON = map(
    _ATTEMPTS.columns.index, ("state", "created", "mail_id", "job_id", "reason")
)
_COUNT = (
    'INSERT INTO "usage" (scope, hour, faxes, pages) VALUES (?, ?, ?, 0) '
    "ON CONFLICT (scope, hour) DO UPDATE SET faxes = faxes + excluded.faxes"
)
_text = lru_cache(maxsize=16)(moment)  # of hours, which are few


@dataclass(slots=True)
class Taken:
    """What became of a mail: of each of its jobs, and which rows that made."""

    jobs: list[TakenJob]
    rows: dict[str, list[Row]]
    counts: Counts = field(default_factory=dict)  # of faxes
    mail_id: str = ""  # whose content is kept here
    content: bytes = b""
    digest: bytes = bytes(32)

    @property
    def faxes(self) -> list[Row]:
        """The counts, as rows."""
        return [[scope, _text(hour), what.faxes] for (scope, hour), what in self.counts.items()]

    def entry(self) -> Entry:
        """For the journal."""
        record = dumps(self.rows | {"faxes": self.faxes, "content": self.mail_id}).encode()
        return Entry(record, self.content, self.digest)


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
    acceptance = arrived.acceptance
    held = [holders[key] for key in arrived.keys]
    told = [_as_seen(holder.job, by=acceptance) for holder in held]
    became = {job.id: holder for job, holder in zip(acceptance.jobs, held, strict=True)}
    taken = Taken(told, {"attempts": [_attempt_row(each, became, stamps) for each in acceptance.attempts]})
    new = [job for job, answer in zip(acceptance.jobs, told, strict=True) if answer.job_id == job.id]
    ours = {job.id for job in new}
    # Of a repetition the first one tells.
    due = [notice for notice in acceptance.notices if not notice.job_id or notice.job_id in ours]
    if new or due:
        _keep(taken, arrived, new, due)
    return taken


def _keep(taken: Taken, arrived: Arrived, new: Sequence[Job], due: Sequence[Notice]) -> None:
    acceptance, mail = arrived.acceptance, arrived.acceptance.mail
    ours = {job.id for job in new}
    row = _MAILS.row(mail)
    row[_SHA256], row[_REPLY] = arrived.sha256, _MAILS.bind("reply", acceptance.reply)
    taken.rows["claims"] = [row for row in arrived.rows().values() if row[2] in ours]
    taken.rows["mails"] = [row]
    taken.rows["jobs"] = [_JOBS.row(job) for job in new]
    taken.rows["notices"] = [_NOTICES.row(notice) for notice in due]
    taken.counts = faxes_of(new)
    if mail.content.inline is not None:
        taken.mail_id, taken.content, taken.digest = mail.id, mail.content.inline, arrived.digest


def _as_seen(holder: TakenJob, *, by: Acceptance) -> TakenJob:
    """A key's holder, as this mail is told of it: another mail's job is an earlier one."""
    return holder if holder.mail_id == by.mail.id else replace(holder, duplicate=True)


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
