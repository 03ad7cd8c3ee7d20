"""Forms: the rows of a mail that differs from earlier ones in nothing but what is its own.

In:    a filled form, and who holds its keys.
Out:   the same as of the whole Acceptance (a test compares the two), for a fraction of the work.
Fails: never.

Rule: a form's rows are made once and copied; a mail that repeats another goes the long way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtpfax.model.accepting import BLANK, EPOCH, Acceptance, Filled, duplicate_seed
from smtpfax.model.caps import Counted, hour_of
from smtpfax.model.job import State

from .claims import Claims, Owed
from .codecs import header_json
from .counting import Counts, faxes_of
from .rows import Row, dumps, moment
from .taking import ATTEMPTS, JOBS, MAILS, Arrived, Taken, bind_reply, hashed

MOST_FORMS = 500
_QUEUED = str(State.QUEUED)
_M_ID, _M_CREATED, _M_HEADER, _M_SHA256, _M_OCTETS, _M_NAME, _M_REPLY = map(
    MAILS.columns.index, ("id", "created", "header", "sha256", "octets", "content_name", "reply")
)
_J_ID, _J_MAIL, _J_CREATED, _J_DUE, _J_EXPIRES = map(JOBS.columns.index, ("id", "mail_id", "created", "due", "expires"))
_A_ID, _A_CREATED, _A_OCTETS, _A_HEADER, _A_REPLY, _A_MAIL, _A_JOB, _A_STATE = map(
    ATTEMPTS.columns.index, ("id", "created", "octets", "header", "reply", "mail_id", "job_id", "state")
)


@dataclass(slots=True)
class Rows:
    """A form's, as they are copied."""

    form: Acceptance
    mail: Row
    jobs: list[tuple[Row, str, timedelta]]  # with the end of the id, and how long it may take
    attempts: list[tuple[Row, str]]  # with the end of its job's id
    reply: str  # to all of them, with BLANK in it
    seeds: list[hashlib._Hash]
    counted: dict[str, Counted]  # faxes by scope
    hour: tuple[datetime, tuple[Counts, list[Row]]] | None = None

    def counts_at(self, hour: datetime) -> tuple[Counts, list[Row]]:
        """What each adds to the counters, as a mapping and as rows: the same for all of an hour."""
        if self.hour is None or self.hour[0] != hour:
            counts = {(scope, hour): what for scope, what in self.counted.items()}
            self.hour = hour, (counts, [[scope, moment(hour), what.faxes] for scope, what in self.counted.items()])
        return self.hour[1]

    @classmethod
    def of(cls, form: Acceptance) -> Rows:
        """Made once."""
        return cls(
            form,
            MAILS.row(form.mail),
            [(JOBS.row(job), job.id.removeprefix(BLANK), job.expires - EPOCH) for job in form.jobs],
            [(ATTEMPTS.row(attempt), attempt.job_id.removeprefix(BLANK)) for attempt in form.attempts],
            bind_reply(form.attempts[0].reply),
            [hashlib.sha256(duplicate_seed(job).encode()) for job in form.jobs],
            {scope: what for (scope, _), what in faxes_of(form.jobs).items()},
        )


_KNOWN: dict[int, Rows] = {}  # by the form's id, which is its own while it is here


def _rows_of(form: Acceptance) -> Rows:
    known = _KNOWN.get(id(form))
    if known is None:
        if len(_KNOWN) >= MOST_FORMS:
            _KNOWN.clear()
        known = _KNOWN[id(form)] = Rows.of(form)
    return known


@dataclass(slots=True)
class Form:
    """A filled form whose door waits, with its keys."""

    filled: Filled
    expires: datetime
    known: Rows
    digest: bytes
    sha256: str
    rows: dict[str, Row]
    seals: Sequence[Row] = ()

    @classmethod
    def of(cls, filled: Filled, expires: datetime) -> Form:
        """Made away from the event loop."""
        known = _rows_of(filled.form)
        digest, sha256 = hashed(filled.content)
        tail, until, rows = sha256.encode(), moment(expires), dict[str, Row]()
        for seed, (_, end, _) in zip(known.seeds, known.jobs, strict=True):
            key = seed.copy()
            key.update(tail)
            name = key.hexdigest()
            rows.setdefault(name, [name, filled.id, filled.id + end, until])
        return cls(filled, expires, known, digest, sha256, rows)

    def taken(self, claimed: Claims) -> Taken:
        """What becomes of it."""
        jobs = [claimed.holders[key].job for key in self.rows]
        mine = all(job.job_id == row[2] for job, row in zip(jobs, self.rows.values(), strict=True))
        if not mine or len(jobs) < len(self.known.jobs):
            return self._long_way(claimed)
        filled, claims = self.filled, list(self.rows.values())
        taken = Taken(filled.id, jobs, self._made(claims), filled.created)
        taken.owed = [Owed(row, claimed.holders[row[0]], filled.reply) for row in claims]
        taken.counts, taken.faxes = self.known.counts_at(hour_of(filled.created))
        if filled.content.inline is not None:
            taken.mail_id, taken.content, taken.digest = filled.id, filled.content.inline, self.digest
        return taken

    def _long_way(self, claimed: Claims) -> Taken:
        whole = Arrived.of(self.filled.acceptance(), self.expires)
        whole.rows = self.rows  # the very ones that were looked at
        return whole.taken(claimed)

    def _made(self, claims: list[Row]) -> dict[str, list[Row]]:
        filled, known = self.filled, self.known
        reply, at = known.reply.replace(BLANK, filled.id), moment(filled.created)
        header = dumps(header_json(filled.header))
        mail = known.mail.copy()
        mail[_M_ID], mail[_M_CREATED], mail[_M_HEADER], mail[_M_SHA256] = filled.id, at, header, self.sha256
        mail[_M_OCTETS], mail[_M_NAME] = filled.content.octets, filled.content.name
        mail[_M_REPLY] = filled.form.reply and reply
        attempts = [
            self._attempt(row, filled.id + end if end else "", attempt_id, (at, header, reply))
            for (row, end), attempt_id in zip(known.attempts, filled.attempt_ids, strict=True)
        ]
        return {
            "claims": claims,
            "attempts": attempts,
            "mails": [mail],
            "jobs": [self._job(*job, at) for job in known.jobs],
        }

    def _job(self, row: Row, end: str, lasts: timedelta, at: str | None) -> Row:
        job, filled = row.copy(), self.filled
        job[_J_ID], job[_J_MAIL], job[_J_CREATED], job[_J_DUE] = filled.id + end, filled.id, at, at
        job[_J_EXPIRES] = moment(filled.created + lasts)
        return job

    def _attempt(self, row: Row, job_id: str, attempt_id: str, shared: tuple[str | None, str, str]) -> Row:
        attempt, filled = row.copy(), self.filled
        attempt[_A_ID], attempt[_A_OCTETS], attempt[_A_MAIL], attempt[_A_JOB] = (
            attempt_id,
            filled.content.octets,
            filled.id,
            job_id,
        )
        attempt[_A_CREATED], attempt[_A_HEADER], attempt[_A_REPLY] = shared
        attempt[_A_STATE] = _QUEUED
        return attempt
