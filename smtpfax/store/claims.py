"""Duplicate keys: who holds the fax that a mail asks for.

In:    mails that arrived together, within a transaction.
Out:   for each key, the job that holds it: the first of these, or an earlier one with what its client was told.
Fails: what SQLite says.

Rule: a key is claimed in the commit that takes the mail; one whose hours are over is free.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from smtpfax.model.accepting import Acceptance, TakenJob, duplicate_key
from smtpfax.model.status import Reply

from .codecs import reply_from
from .rows import Row, moment

COLUMNS = ("key", "mail_id", "job_id", "expires")
TAKE_OVER = (
    "ON CONFLICT (key) DO UPDATE SET mail_id = excluded.mail_id, job_id = excluded.job_id, expires = excluded.expires"
)
_EARLIER = (
    "SELECT claims.key, claims.mail_id, claims.job_id, mails.reply, jobs.state FROM claims "
    "LEFT JOIN mails ON mails.id = claims.mail_id LEFT JOIN jobs ON jobs.id = claims.job_id WHERE claims.key IN "
)


@dataclass(slots=True)
class Arrived:
    """A mail whose door waits, with its keys; made away from the event loop, for hashing takes time."""

    acceptance: Acceptance
    expires: str | None  # of its keys
    digest: bytes  # of the content that is in hand
    sha256: str
    keys: list[str]  # one for each of its jobs

    @classmethod
    def of(cls, acceptance: Acceptance, expires: datetime) -> Arrived:
        """A content whose hash nobody has found yet is hashed."""
        content = acceptance.mail.content
        digest = hashlib.sha256(content.inline).digest() if content.inline else b""
        sha256 = content.sha256 or digest.hex()
        keys = [duplicate_key(job, sha256) for job in acceptance.jobs]
        return cls(acceptance, moment(expires), digest, sha256, keys)

    def rows(self) -> dict[str, Row]:
        """What would claim them."""
        rows: dict[str, Row] = {}
        for key, job in zip(self.keys, self.acceptance.jobs, strict=True):
            rows.setdefault(key, [key, job.mail_id, job.id, self.expires])
        return rows


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a key, and how its job stands."""

    job: TakenJob
    state: str | None


def claim(database: sqlite3.Connection, arrived: Sequence[Arrived], now: datetime) -> Mapping[str, Holder]:
    """The holder of each key, of these mails or an earlier one."""
    first: dict[str, Row] = {}
    for each in arrived:
        for key, row in each.rows().items():
            first.setdefault(key, row)
    if not first:
        return {}
    rows = ", ".join(["(?, ?, ?, ?)"] * len(first))
    statement = (
        f"INSERT INTO claims ({', '.join(COLUMNS)}) VALUES {rows} {TAKE_OVER} WHERE claims.expires <= ? RETURNING key"  # noqa: S608
    )
    values = [value for row in first.values() for value in row]
    free = {key for (key,) in database.execute(statement, [*values, moment(now)]).fetchall()}
    held = {key: Holder(TakenJob(mail_id=row[1], job_id=row[2]), "queued") for key, row in first.items() if key in free}
    return held if len(free) == len(first) else held | _earlier(database, [key for key in first if key not in free])


def _earlier(database: sqlite3.Connection, keys: list[str]) -> dict[str, Holder]:
    found = database.execute(f"{_EARLIER} ({', '.join('?' * len(keys))})", keys).fetchall()
    return {
        key: Holder(TakenJob(mail_id=mail_id, job_id=job_id, duplicate=True, reply=_reply(reply)), state)
        for key, mail_id, job_id, reply, state in found
    }


def _reply(text: str | None) -> Reply | None:
    return None if text is None else reply_from(json.loads(text))
