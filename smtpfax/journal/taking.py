"""Mails become entries of the journal.

In:    mails that arrived together, and who holds their keys.
Out:   for each, what became of its jobs, and its entry; later, what that entry brings into the database.
Fails: sqlite3.IntegrityError for a job of another mail.

Rule: a mail all of whose jobs are repetitions is not kept; its attempts are, under the names of the first one. Of a
filled form, which repeats nobody, the entry tells the filling alone, and its rows are made by whoever puts them in.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import claims
from .brought import Brought, Columns, Filling, Form, Places
from .claims import Became, Claims, Holder
from .packing import Row, packed, unpacked
from .paying import Debt
from .segments import Entry

_REPEATS = "a signature of this mail brought a fax to this number before"
Record = dict[str, Any]  # rows by table; "faxes", "repeats", "content"; or of a filling: "filling", "keys", "content"


@dataclass(slots=True)
class Taken:
    """What became of a mail: of each of its jobs, and what that brings into the database."""

    id: str  # of the mail
    jobs: Sequence[Became]
    record: Record
    claimed: Sequence[Row]  # its keys
    owed: Sequence[claims.Owed] = ()  # the same
    content: bytes = b""
    digest: bytes = bytes(32)
    form: Form | None = None

    def entry(self) -> Entry:
        """For the journal."""
        return Entry(packed(self.record), self.content, self.digest, self.form)


@dataclass(slots=True)
class Arrived:
    """A mail whose door waits, with its keys."""

    brought: Brought
    at: Places
    digest: bytes  # of the content that is in hand
    sha256: str
    keys: Sequence[str]  # one for each of its jobs
    rows: dict[str, Row]

    @classmethod
    def of(cls, brought: Brought, at: Places) -> Arrived:
        """A content whose hash nobody has found yet is hashed."""
        digest, sha256 = _hashed(brought)
        keys = brought.keys or [_key(seed, sha256) for seed in brought.seeds]
        rows = dict[str, Row]()
        for key, job in zip(keys, brought.jobs, strict=True):
            if job[at.job_mail] != brought.id:  # which the database would find out too late
                raise sqlite3.IntegrityError(f"job {job[at.job_id]} is of another mail than {brought.id}")
            rows.setdefault(key, [key, brought.id, job[at.job_id], brought.expires])
        for row in brought.seals:
            rows.setdefault(row[0], row)
        return cls(brought, at, digest, sha256, keys, rows)

    @property
    def seals(self) -> Sequence[Row]:
        """Those of its keys that are its signatures'."""
        return self.brought.seals

    def taken(self, claimed: Claims) -> Taken:
        """What becomes of it."""
        brought, at = self.brought, self.at
        jobs, repeats = list[Became](), list[str]()
        became, new = dict[str, Holder](), dict[str, int]()
        for place, (key, job) in enumerate(zip(self.keys, brought.jobs, strict=True)):
            job_id, holder = job[at.job_id], claimed.holders[key]
            became[job_id] = holder
            # Another mail's job is an earlier one.
            told = holder.job if holder.job.mail_id == brought.id else holder.job.again()
            jobs.append(told)
            if told.job_id == job_id:
                new[job_id] = place
            elif told.duplicate:
                repeats += [row[at.attempt_id] for row in brought.attempts if row[at.attempt_job] == job_id]
        rows = claimed.rows(self)
        reply = brought.mail[at.mail_reply]
        owed = [claims.Owed(row, claimed.holders[row[0]], reply) for row in rows]
        attempts = [self._attempt(row, became) for row in brought.attempts]
        record: Record = {"claims": rows, "attempts": attempts, "faxes": [], "content": "", "repeats": repeats}
        taken = Taken(brought.id, jobs, record, rows, owed)
        # Of a repetition the first one tells.
        due = [row for row in brought.notices if not row[at.notice_job] or row[at.notice_job] in new]
        if new or due:
            self._keep(taken, new, due)
        return taken

    def _keep(self, taken: Taken, new: Mapping[str, int], due: Sequence[Row]) -> None:
        brought = self.brought
        brought.mail[self.at.mail_sha256] = self.sha256
        taken.record |= {"mails": [brought.mail], "jobs": [brought.jobs[place] for place in new.values()]}
        if due:
            taken.record["notices"] = due
        taken.record["faxes"] = _counted(key for place in new.values() for key in brought.scopes[place])
        if brought.content is not None:
            taken.record["content"], taken.content, taken.digest = brought.id, brought.content, self.digest

    def _attempt(self, row: Row, became: Mapping[str, Holder]) -> Row:
        """Under the name of the job that its fax became; copied, for it may come to this twice."""
        row = row.copy()
        holder = became.get(row[self.at.attempt_job])
        if holder is not None:
            at, job = self.at, holder.job
            row[at.attempt_mail], row[at.attempt_job], row[at.attempt_state] = job.mail_id, job.job_id, holder.state
            if holder.replayed:
                row[at.attempt_reason] = _REPEATS
        return row


@dataclass(slots=True)
class FormArrived:
    """A filled form whose door waits, with its keys."""

    filling: Filling
    at: Places
    digest: bytes
    sha256: str
    rows: dict[str, Row]
    seals: Sequence[Row] = ()

    @classmethod
    def of(cls, filling: Filling, at: Places) -> FormArrived:
        """A content whose hash nobody has found yet is hashed."""
        digest, sha256 = _hashed(filling)
        rows, id, expires = dict[str, Row](), filling.id, filling.expires
        for seed, (_, end, _) in zip(filling.form.seeds, filling.form.jobs, strict=True):
            key = _key(seed, sha256)
            rows.setdefault(key, [key, id, id + end, expires])
        return cls(filling, at, digest, sha256, rows)

    def taken(self, claimed: Claims) -> Taken:
        """What becomes of it; where it repeats another, or itself, it goes the long way."""
        filling, form, rows, holders = self.filling, self.filling.form, self.rows, claimed.holders
        mine = len(rows) == len(form.jobs) and all(holders[key].job.job_id == row[2] for key, row in rows.items())
        if not mine:
            whole = Arrived.of(filling.brought(self.at), self.at)
            whole.rows = rows  # the very ones that were looked at
            return whole.taken(claimed)
        kept = filling.content is not None
        what = [form.number, filling.id, filling.created, filling.expires, self.sha256, *filling[5:-1]]
        record = {"filling": what, "keys": list(rows), "content": filling.id if kept else ""}
        claimed_rows = list(rows.values())
        reply = form.reply.replace(form.blank, filling.id) if form.decided else None
        owed = [claims.Owed(row, holders[row[0]], reply) for row in claimed_rows]
        jobs = [holders[key].job for key in rows]
        return Taken(filling.id, jobs, record, claimed_rows, owed, filling.content or b"", self.digest, form)


class Reading:
    """Entries of a segment, in its order, as what they bring into the database."""

    def __init__(self, segment: str, columns: Columns) -> None:
        self._segment = segment
        self._columns = columns
        self._forms: dict[int, Form] = {}
        self._places: Places | None = None

    def debt(self, octets: bytes, start: int, end: int) -> Debt | None:
        """Of a mail; None: it is a form. `start`, `end`: of the content."""
        record: Record = unpacked(octets)
        if "form" in record:
            form = Form(*record["form"])
            self._forms[form.number] = form
            return None
        if "filling" in record:
            self._places = self._places or Places.of(self._columns)
            record = tables_of(record, self._forms[record["filling"][0]], self._places)
        tables, faxes, repeats, content = record, record["faxes"], record["repeats"], record["content"]
        return Debt(tables, faxes, repeats, content, self._segment, start, end)


def tables_of(record: Record, form: Form, at: Places) -> Record:
    """What a filling brings."""
    filling = Filling._make([form, *record["filling"][1:], None])
    brought, id, expires = filling.brought(at), filling.id, filling.expires
    brought.mail[at.mail_sha256] = filling.sha256
    return {
        "claims": [[key, id, id + end, expires] for key, (_, end, _) in zip(record["keys"], form.jobs, strict=True)],
        "mails": [brought.mail],
        "jobs": brought.jobs,
        "attempts": brought.attempts,
        "faxes": _counted(key for scopes in brought.scopes for key in scopes),
        "content": record["content"],
        "repeats": [],
    }


def _counted(keys: Iterable[tuple[str, str]]) -> list[Row]:
    """For the counters: scope, hour, how many."""
    return [[scope, hour, count] for (scope, hour), count in Counter(keys).items()]


def _hashed(mail: Brought | Filling) -> tuple[bytes, str]:
    digest = hashlib.sha256(mail.content).digest() if mail.content else b""
    return digest, mail.sha256 or digest.hex()


def _key(seed: str, sha256: str) -> str:
    return hashlib.sha256(f"{seed}{sha256}".encode()).hexdigest()
