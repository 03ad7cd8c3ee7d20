"""What the dashboard shows: faxes that ended, why they failed, what waits.

In:    since when; an account, or some of its faxboxes.
Out:   sums, by the hour in UTC, so that whoever shows them can make days of any time zone of whole hours.
Fails: Temporary.

Rule: every sum is over rows that an index bounds by time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import JSON, ColumnElement, and_, extract, func, or_, select, type_coerce

from smtpfax.model.attempt import Outcome
from smtpfax.model.cause import Cause
from smtpfax.model.job import State

from .database import Database
from .schema import NOT_TAKEN, attempts, jobs

Boxes = Sequence[tuple[str, str]]  # account and faxbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Of all accounts, of one, or of some faxboxes of one."""

    account_id: str | None = None
    faxbox_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Faxes that ended in an hour, with the pages that were to be sent, and their bits on the line."""

    hour: datetime
    state: State
    faxes: int
    pages: int
    bits: int


class Statistics:
    """Sums over jobs and attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ended(self, whose: Whose, *, since: datetime) -> Sequence[Ended]:
        """By hour and state."""
        document = type_coerce(jobs.c.document, JSON)
        parts = [extract(part, jobs.c.ended).label(part) for part in ("year", "month", "day", "hour")]
        query = (
            select(
                *parts,
                jobs.c.state,
                func.count().label("faxes"),
                func.sum(document["pages"].as_integer()).label("pages"),
                func.sum(document["bits"].as_integer()).label("bits"),
            )
            .where(jobs.c.ended >= since, *_of(whose, jobs.c.account_id, jobs.c.faxbox_id))
            .group_by(*parts, jobs.c.state)
        )
        return [
            Ended(
                hour=datetime(row["year"], row["month"], row["day"], row["hour"], tzinfo=UTC),
                state=row["state"],
                faxes=row["faxes"],
                pages=row["pages"] or 0,
                bits=row["bits"] or 0,
            )
            for row in await self._database.all(query)
        ]

    async def causes(self, whose: Whose, *, since: datetime) -> Mapping[Cause, int]:
        """Why faxes failed, the most frequent first."""
        of = _of(whose, jobs.c.account_id, jobs.c.faxbox_id)
        query = (
            select(jobs.c.cause, func.count().label("faxes"))
            .where(jobs.c.ended >= since, jobs.c.state == State.FAILED, *of)
            .group_by(jobs.c.cause)
            .order_by(func.count().desc())
        )
        return {row["cause"] or Cause.UNKNOWN: row["faxes"] for row in await self._database.all(query)}

    async def refused(self, whose: Whose, *, since: datetime) -> int:
        """Recipients that the SMTP door refused."""
        refused = (attempts.c.outcome == Outcome.REFUSED, NOT_TAKEN, attempts.c.created >= since)
        query = select(func.count().label("attempts")).where(
            *refused, *_of(whose, attempts.c.account_id, attempts.c.faxbox_id)
        )
        row = await self._database.one(query)
        return int(row["attempts"]) if row else 0

    async def open(self, whose: Whose) -> Mapping[State, int]:
        """How many wait in each state that is not final."""
        of = _of(whose, jobs.c.account_id, jobs.c.faxbox_id)
        query = (
            select(jobs.c.state, func.count().label("faxes")).where(jobs.c.final.is_(False), *of).group_by(jobs.c.state)
        )
        return {row["state"]: row["faxes"] for row in await self._database.all(query)}

    async def waiting_since(self, whose: Whose, *, at: datetime) -> datetime | None:
        """Since when the oldest fax waits that could go now: neither held, nor scheduled for later."""
        since = func.coalesce(jobs.c.scheduled, jobs.c.created, type_=jobs.c.created.type)
        query = select(func.min(since, type_=jobs.c.created.type).label("since")).where(
            jobs.c.final.is_(False),
            jobs.c.held.is_(None),
            or_(jobs.c.scheduled.is_(None), jobs.c.scheduled <= at),
            *_of(whose, jobs.c.account_id, jobs.c.faxbox_id),
        )
        row = await self._database.one(query)
        return row["since"] if row else None


def _of(whose: Whose, account: ColumnElement[str], faxbox: ColumnElement[str]) -> Sequence[ColumnElement[bool]]:
    if whose.account_id is None:
        return ()
    of_account = account == whose.account_id
    return (of_account,) if whose.faxbox_ids is None else (and_(of_account, faxbox.in_(whose.faxbox_ids)),)
