"""Duplicate keys: who holds the fax that a mail asks for.

In:    mails that arrived together, within a transaction.
Out:   for each key, the job that holds it: the first of these, or an earlier one with what its client was told.
Fails: what SQLite says.

Rule: a key is claimed in the commit that takes the mail; one whose hours are over is free. A job has a key by its
content, and one by each signature of its mail; who holds any of them before has them all.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from smtpfax.model.accepting import Acceptance, TakenJob, duplicate_key, seal_key
from smtpfax.model.status import Reply

from .codecs import reply_from
from .rows import Row, moment

COLUMNS = ("key", "mail_id", "job_id", "expires")
TAKE_OVER = (
    "ON CONFLICT (key) DO UPDATE SET mail_id = excluded.mail_id, job_id = excluded.job_id, expires = excluded.expires"
)
_HAND_OVER = "UPDATE claims SET mail_id = ?, job_id = ? WHERE job_id = ?"
_EARLIER = (
    "SELECT claims.key, claims.mail_id, claims.job_id, mails.reply, jobs.state FROM claims "
    "LEFT JOIN mails ON mails.id = claims.mail_id LEFT JOIN jobs ON jobs.id = claims.job_id WHERE claims.key IN "
)


@dataclass(slots=True)
class Arrived:
    """A mail whose door waits, with its keys; made away from the event loop, for hashing takes time."""

    acceptance: Acceptance
    digest: bytes  # of the content that is in hand
    sha256: str
    keys: list[str]  # one for each of its jobs
    seals: list[Row]  # what would claim those of its signatures
    rows: dict[str, Row]  # what would claim them all

    @classmethod
    def of(cls, acceptance: Acceptance, expires: datetime) -> Arrived:
        """A content whose hash nobody has found yet is hashed."""
        content = acceptance.mail.content
        digest = hashlib.sha256(content.inline).digest() if content.inline else b""
        sha256 = content.sha256 or digest.hex()
        keys = [acceptance.key or duplicate_key(job, sha256) for job in acceptance.jobs]
        both = ((seal, job) for seal in acceptance.seals for job in acceptance.jobs)
        seals: list[Row] = [[seal_key(job, seal), job.mail_id, job.id, moment(seal.until)] for seal, job in both]
        until, rows = moment(expires), dict[str, Row]()
        for key, job in zip(keys, acceptance.jobs, strict=True):
            rows.setdefault(key, [key, job.mail_id, job.id, until])
        for row in seals:
            rows.setdefault(row[0], row)
        return cls(acceptance, digest, sha256, keys, seals, rows)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a key, and how its job stands."""

    job: TakenJob
    state: str | None
    replayed: bool = False  # the content is another one


def claim(database: sqlite3.Connection, arrived: Sequence[Arrived], now: datetime) -> Mapping[str, Holder]:
    """The holder of each content's key, of these mails or an earlier one."""
    holders = dict(_claimed(database, arrived, now))
    for each in arrived:
        for key, mail_id, job_id, _ in each.seals:
            holder = holders[key]
            if holder.job.mail_id != mail_id:
                _hand_over(database, holders, job_id, holder)
    return holders


def _hand_over(database: sqlite3.Connection, holders: dict[str, Holder], job_id: str, holder: Holder) -> None:
    """Whatever this job claimed is that one's: it came before, by the same signature."""
    mine = [key for key, found in holders.items() if found.job.job_id == job_id]
    for key in mine:
        holders[key] = replace(holder, replayed=True)
    if mine:
        database.execute(_HAND_OVER, (holder.job.mail_id, holder.job.job_id, job_id))


def _claimed(database: sqlite3.Connection, arrived: Sequence[Arrived], now: datetime) -> Mapping[str, Holder]:
    """The holder of each key."""
    first: dict[str, Row] = {}
    for each in arrived:
        for key, row in each.rows.items():
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
