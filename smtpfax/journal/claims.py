"""Duplicate keys: who holds the fax that a mail asks for.

In:    mails that arrived together, in their order; the keys that are held already.
Out:   for each key, the job that holds it: the first of these, or an earlier one with what its client was told.
Fails: what SQLite says.

Rule: a key is claimed by the entry of the journal that takes the mail; one whose hours are over is free. A job has a
key by its content, and one by each signature of its mail; who holds any of them before has them all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Protocol

from .brought import QUEUED
from .packing import Row, dumps
from .sieve import Sieve

COLUMNS = ("key", "mail_id", "job_id", "expires")
TAKE_OVER = (
    "ON CONFLICT (key) DO UPDATE SET mail_id = excluded.mail_id, job_id = excluded.job_id, expires = excluded.expires"
)
_EARLIER = (
    "SELECT claims.key, claims.mail_id, claims.job_id, mails.reply, jobs.state FROM claims "
    "LEFT JOIN mails ON mails.id = claims.mail_id LEFT JOIN jobs ON jobs.id = claims.job_id "
    "WHERE claims.key IN (SELECT value FROM json_each(?)) AND claims.expires > ? "
    "UNION ALL SELECT NULL, id, NULL, NULL, NULL FROM mails WHERE id IN (SELECT value FROM json_each(?))"
)


class Claimant(Protocol):
    """A mail whose door waits, with its keys."""

    @property
    def seals(self) -> Sequence[Row]:
        """What would claim those of its signatures."""

    @property
    def rows(self) -> Mapping[str, Row]:
        """What would claim all of them."""


class Became(NamedTuple):
    """What became of a job: itself, or the earlier one that it repeats."""

    mail_id: str
    job_id: str
    duplicate: bool = False
    reply: str | None = None  # what the first one's client was told, in JSON; None while that is open

    def again(self) -> Became:
        """As a later mail sees it."""
        return self._replace(duplicate=True)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a key, and how its job stands."""

    job: Became
    state: str | None
    replayed: bool = False  # the content is another one


class Owed(NamedTuple):
    """A key that is claimed by a mail which the database will have."""

    row: Row
    holder: Holder
    reply: str | None  # what its client was told

    def seen(self) -> Holder:
        """By a later mail."""
        job = self.holder.job
        return replace(self.holder, job=job._replace(duplicate=True, reply=job.reply or self.reply))


Holders = Mapping[str, Holder]


@dataclass(frozen=True, slots=True)
class Claims:
    """Who holds each key, and the rows that claim those which were free."""

    holders: dict[str, Holder]
    first: Mapping[str, Row]  # by key: the first one's

    def rows(self, arrived: Claimant) -> list[Row]:
        """What this mail claims, for itself or for who came before by the same signature."""
        mine = [row for key, row in arrived.rows.items() if self.first.get(key) is row]
        jobs = (self.holders[row[0]].job for row in mine)
        return [[row[0], job.mail_id, job.job_id, row[3]] for row, job in zip(mine, jobs, strict=True)]


def claim(arrived: Sequence[Claimant], held: Holders) -> Claims:
    """The holder of each key, of these mails or an earlier one: those are `held`."""
    first: dict[str, Row] = {}
    for each in arrived:
        for key, row in each.rows.items():
            first.setdefault(key, row)
    free = {key: row for key, row in first.items() if key not in held}
    holders = {key: Holder(Became(row[1], row[2]), QUEUED) for key, row in free.items()}
    holders.update(held)
    for each in arrived:
        for key, mail_id, job_id, _ in each.seals:
            if holders[key].job.mail_id != mail_id:
                _hand_over(holders, job_id, holders[key])
    return Claims(holders, free)


def _hand_over(holders: dict[str, Holder], job_id: str, holder: Holder) -> None:
    """Whatever this job claimed is that one's: it came before, by the same signature."""
    for key, found in holders.items():
        if found.job.job_id == job_id:
            holders[key] = replace(holder, replayed=True)


class Claimed:
    """Mails, and the keys that are held: by mails that the database has, and by those that it is owed."""

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        # Made in one thread, used in another, and never in two at once.
        self._database = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA query_only=ON")
        self._owed: dict[str, Owed] = {}
        self.mails: set[str] = set()  # that are owed
        self._sieve = Sieve()

    def learn(self) -> None:
        """What the database has: once all that a crash left is in, and before anything else is asked."""
        for (key,) in self._database.execute("SELECT key FROM claims"):
            self._sieve.add(key)

    def may_know(self, keys: Iterable[str]) -> bool:
        """Whether anybody may hold one of these keys, or did once."""
        return any(map(self._sieve.may_have, keys))

    def owed(self, keys: Iterable[str], at: str) -> Holders:
        """Those of the keys that are held by mails which are owed."""
        both = ((key, self._owed.get(key)) for key in keys)
        return {key: found.seen() for key, found in both if found is not None and found.row[3] > at}

    def look(self, ids: Sequence[str], keys: Sequence[str], at: str) -> tuple[set[str], Holders]:
        """Those of the mails that the database has, and of the keys that are held there: by now, also what was owed."""
        found = self._database.execute(_EARLIER, (dumps(list(keys)), at, dumps(list(ids)))).fetchall()
        mails = {mail_id for key, mail_id, *_ in found if key is None}
        return mails, {key: _holder(*row) for key, *row in found if key is not None}

    def owe(self, mail_id: str, claimed: Iterable[Owed]) -> None:
        """By a mail that the database will have."""
        self.mails.add(mail_id)
        for each in claimed:
            key = each.row[0]
            self._owed[key] = each
            self._sieve.add(key)

    def paid(self, mail_id: str, rows: Iterable[Row]) -> None:
        """The database has it now; whoever holds a key by then may be another one."""
        self.mails.discard(mail_id)
        for row in rows:
            owed = self._owed.get(row[0])
            if owed is not None and owed.row is row:
                del self._owed[row[0]]

    def close(self) -> None:
        """Nobody asks any more."""
        self._database.close()


def _holder(mail_id: str, job_id: str, reply: str | None, state: str | None) -> Holder:
    return Holder(Became(mail_id, job_id, True, reply), state)
