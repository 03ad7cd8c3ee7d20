"""Jobs, their leases, and the one place where their state changes.

In:    events that a stage found, with the job as that stage saw it.
Out:   the job after them; due jobs, each given to one owner for a while.
Fails: Temporary; IllegalEvent, when an event does not fit the very job it was made for.

Rule: a job's state changes by events alone, and `advance` is their one writer (compare-and-set on the job's version).
An event that no longer fits because it came late is logged and dropped.

Guarantees:
**G2** a job that is not final has its content.
**G3** no byte of a fax request leaves before `offered` is committed.
**G4** a final state and its due notice are one commit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Executable, and_, func, or_, select, update

from smtpfax.model.event import Event, from_json
from smtpfax.model.job import Job, State
from smtpfax.model.notice import Notice

from .advancing import Advance, advance, calling
from .counting import pages_of
from .cursor import Page, read_page
from .database import Database, rows
from .records import job_from
from .resting import Resting
from .schema import claims, events, jobs, tickets
from .usage import UsageCounts

_OPEN = jobs.c.final.is_(False)
_NOT_HELD = or_(jobs.c.held.is_(None), jobs.c.state == State.QUEUED)  # a held job is rendered, but not offered


class Jobs:
    """All jobs."""

    def __init__(self, database: Database, usage: UsageCounts, resting: Resting) -> None:
        self._database = database
        self._usage = usage
        self._resting = resting

    async def claim(self, owner: str, *, now: datetime, lease: timedelta, limit: int) -> list[Job]:
        """Due jobs, oldest first, for this owner alone until the lease runs out; a held one is rendered, or ended."""
        claim = claim_of(owner, now=now, lease=lease, limit=limit)
        found = [job_from(row) for row in await self._database.writer.do(lambda conn: rows(conn, claim))]
        return sorted(found, key=lambda job: (job.due, job.id))

    async def advance(
        self,
        job: Job,
        found: Sequence[Event],
        *,
        at: datetime,
        due: datetime | None = None,
        notices: Sequence[Notice] = (),
        keep_lease: bool = False,
        alone: bool = False,
    ) -> Job:
        """Apply events, with their notices, in one commit; return the job as it then stands.

        `due` overrides when it is looked at next. The lease is given back unless `keep_lease` (doors that do not own
        it say so). If the job moved meanwhile, the events are applied to what it became; where they do not fit that,
        they are dropped. `Offered` never fits a job that moved: who is about to offer looks whether it was (G3). With
        `alone` it fits only while no other job's number is being called that is the same.
        """
        step = Advance(
            job=job,
            events=tuple(found),
            at=at,
            due=due,
            notices=tuple(notices),
            clear_lease=not keep_lease,
            alone=alone,
        )
        after = await self._database.writer.do(lambda connection: advance(connection, step))
        await self._resting.follow(job.number.e164, found)
        if step.offers_first and after.offered == at:
            self._usage.note(pages_of(after, at))
        return after

    async def of_key(self, key: str, *, at: datetime) -> str:
        """The id of the job that an order's key names; empty: none, or its time is over."""
        row = await self._database.one(select(claims.c.job_id).where(claims.c.key == key, claims.c.expires > at))
        return row["job_id"] if row else ""

    async def release(self, job: Job, *, due: datetime) -> None:
        """Give the lease back without an event, to look at the job again at `due`."""
        values = {"due": due, "lease_owner": "", "lease_until": None}
        await self._database.change(update(jobs).where(jobs.c.id == job.id, _OPEN).values(**values))

    async def line_is_busy(self, job: Job) -> bool:
        """Whether a backend may be calling its number for another job."""
        return await self._database.read(lambda connection: calling(connection, job))

    async def hurry(self, job_ids: Collection[str], *, due: datetime) -> None:
        """Look at these at that time, if they were to be looked at later."""
        later = (jobs.c.id.in_(job_ids), jobs.c.due > due, _OPEN)
        await self._database.change(update(jobs).where(*later).values(due=due))

    async def hurry_tickets(self, backend: str, given: Collection[str], *, due: datetime) -> None:
        """The same for what a backend has accepted."""
        theirs = (jobs.c.backend == backend, jobs.c.ticket.in_(given), jobs.c.state == State.ACCEPTED)
        await self._database.change(update(jobs).where(*theirs, jobs.c.due > due, _OPEN).values(due=due))

    async def renew(self, owner: str, job_ids: Collection[str], *, until: datetime) -> None:
        """Work takes longer than a lease: these stay this owner's."""
        held = (jobs.c.lease_owner == owner, jobs.c.id.in_(job_ids))
        await self._database.change(update(jobs).where(*held).values(lease_until=until))

    async def free_leases(self) -> int:
        """At start, where one process works: what its earlier life held is free."""
        held = jobs.c.lease_until.is_not(None)
        return await self._database.change(update(jobs).where(_OPEN, held).values(lease_owner="", lease_until=None))

    async def texts(self, job_ids: Collection[str]) -> dict[str, str]:
        """What each of these has to say, as far as it is still there."""
        found = await self._database.all(select(jobs.c.id, jobs.c.text).where(jobs.c.id.in_(job_ids)))
        return {row["id"]: row["text"] for row in found}

    async def get(self, job_id: str) -> Job | None:
        """A job by its id."""
        found = await self._where(jobs.c.id == job_id)
        return found[0] if found else None

    async def of_mail(self, mail_id: str) -> list[Job]:
        """The jobs of a mail."""
        return await self._where(jobs.c.mail_id == mail_id)

    async def history(self, job_id: str) -> list[tuple[Event, datetime]]:
        """Every event of a job, in order: the job is their fold."""
        query = select(events).where(events.c.job_id == job_id).order_by(events.c.version)
        return [(from_json(row["kind"], row["data"]), row["at"]) for row in await self._database.all(query)]

    async def tickets(self, backend: str, *, since: datetime | None = None) -> frozenset[str]:
        """Tickets that this backend gave, for this and earlier tries of any job: none of them is one in doubt."""
        query = select(tickets.c.ticket).where(tickets.c.backend == backend)
        if since is not None:
            query = query.where(tickets.c.given >= since)
        return frozenset(row["ticket"] for row in await self._database.all(query))

    async def tickets_of(self, job_id: str) -> list[tuple[str, str]]:
        """Every ticket that a job was given, with the backend that gave it."""
        query = select(tickets.c.backend, tickets.c.ticket).where(tickets.c.job_id == job_id).order_by(tickets.c.given)
        return [(row["backend"], row["ticket"]) for row in await self._database.all(query)]

    async def original(self, job: Job, backend: str, *, since: datetime) -> str:
        """The ticket of a fax that this backend may still hold the job's document of; empty when there is none.

        It is that of an earlier try of the job itself, or of the job that it sends once more, else of another job's
        that went to another number and was sent.
        """
        earlier = select(tickets.c.ticket).where(tickets.c.backend == backend, tickets.c.given >= since)
        earlier = earlier.order_by(tickets.c.given.desc()).limit(1)
        name = job.document.name if job.document else ""
        others = or_(jobs.c.id == job.again_of, and_(jobs.c.state == State.SENT, jobs.c.number != job.number))
        row = await self._database.one(earlier.where(tickets.c.job_id == job.id))
        if row is None and name:
            theirs = earlier.join(jobs, jobs.c.id == tickets.c.job_id).where(jobs.c.document_name == name, others)
            row = await self._database.one(theirs)
        return row["ticket"] if row else ""

    async def page(
        self, *, final: bool, limit: int, after: str = "", account_id: str | None = None, faxbox_id: str | None = None
    ) -> Page[Job]:
        """Outgoing (not final) or outbox (final), newest first; a faxbox is named together with its account."""
        query = select(jobs).where(jobs.c.final.is_(final))
        if account_id is not None:
            query = query.where(jobs.c.account_id == account_id)
        if faxbox_id is not None:
            query = query.where(jobs.c.faxbox_id == faxbox_id)
        keys = (jobs.c.created, jobs.c.id)
        return await read_page(self._database, query, keys=keys, limit=limit, after=after, read=job_from)

    async def counts(self) -> Mapping[State, int]:
        """How many jobs stand in each state that is not final."""
        query = select(jobs.c.state, func.count().label("jobs")).where(_OPEN).group_by(jobs.c.state)
        counted = {row["state"]: row["jobs"] for row in await self._database.all(query)}
        return {state: counted.get(state, 0) for state in State if not state.final}

    async def in_doubt(self) -> int:
        """How many jobs a backend may have without our holding a ticket."""
        return (await self.counts())[State.OFFERED]

    async def next_due(self) -> datetime | None:
        """When the next job that nobody holds is due."""
        free = (jobs.c.lease_until.is_(None), _NOT_HELD)
        row = await self._database.one(select(func.min(jobs.c.due).label("due")).where(_OPEN, *free))
        return row["due"] if row else None

    async def waiting_since(self, moment: datetime) -> list[Job]:
        """Jobs that were taken before, and are not final."""
        return await self._where(_OPEN, jobs.c.created < moment)

    async def oldest(self) -> datetime | None:
        """Since when the oldest job that is not final waits."""
        row = await self._database.one(select(func.min(jobs.c.created).label("oldest")).where(_OPEN))
        return row["oldest"] if row else None

    async def _where(self, *conditions: ColumnElement[bool]) -> list[Job]:
        query = select(jobs).where(*conditions).order_by(jobs.c.created, jobs.c.id)
        return [job_from(row) for row in await self._database.all(query)]


def claim_of(owner: str, *, now: datetime, lease: timedelta, limit: int) -> Executable:
    """The statement of a claim; where there are several writers, each passes over what another is claiming."""
    free = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now)
    due = (
        select(jobs.c.id)
        .where(_OPEN, jobs.c.due <= now, free, or_(_NOT_HELD, jobs.c.deadline <= now))
        .order_by(jobs.c.due, jobs.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    mine = update(jobs).where(jobs.c.id.in_(select(due.c.id))).values(lease_owner=owner, lease_until=now + lease)
    return mine.returning(jobs)
