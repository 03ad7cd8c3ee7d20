"""The instant at which a mail becomes ours.

In:    an Acceptance: a mail, its jobs, attempts and notices.
Out:   for each job, itself or the earlier one it repeats.
Fails: Temporary, and then nothing of it is kept.

Guarantee (G1, G2): one commit holds all of a mail, or nothing of it. Mails that arrive together are written together,
a statement for each table; if that fails, each by itself, a savepoint a mail, so that one mail's error is its own.
A mail all of whose jobs are repetitions is not kept; its attempts are, under the names of the first one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or  # its ON CONFLICT compiles for SQLite as well

from smtpfax.model.accepting import Acceptance, TakenJob, duplicate_key
from smtpfax.model.attempt import Attempt
from smtpfax.model.job import Job
from smtpfax.model.notice import Notice

from .attempts import Stamps, insert_attempts
from .database import Database, rows
from .faults import as_ours
from .notices import insert_notices
from .records import Values, job_values, mail_values
from .schema import claims, contents, jobs, mails
from .usage import UsageCounts, bump, faxes_of
from .writer import MOST_OCTETS, Undone, within_savepoint

MOST_MAILS = 100
_Taken = list[TakenJob]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A mail whose door waits for the commit."""

    acceptance: Acceptance
    hours: timedelta
    future: asyncio.Future[_Taken] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def octets(self) -> int:
        """What it brings into the database."""
        return len(self.acceptance.mail.content.inline or b"")

    def duplicate_keys(self) -> list[str]:
        """The duplicate key of each of its jobs."""
        sha256 = self.acceptance.mail.content.sha256
        return [duplicate_key(job, sha256) for job in self.acceptance.jobs]

    def answer(self, outcome: _Taken | BaseException) -> None:
        """Tell the door."""
        if isinstance(outcome, BaseException):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class Accepting:
    """Takes what the doors bring."""

    def __init__(self, database: Database, stamps: Stamps, usage: UsageCounts) -> None:
        self._database = database
        self._stamps = stamps
        self._usage = usage
        self._waiting: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None

    async def accept(self, acceptance: Acceptance, *, duplicate_hours: float) -> list[TakenJob]:
        """One commit, shared with whatever else arrived meanwhile; a caller that is cancelled leaves the mail whole."""
        mail = _Waiting(acceptance, timedelta(hours=duplicate_hours))
        self._waiting.append(mail)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="store accepting")
        return await asyncio.shield(mail.future)

    async def close(self) -> None:
        """Finish what waits."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._waiting:
            picked: list[_Waiting] = []
            try:
                outcomes = await self._database.writer.do(partial(self._together, picked=picked))
            except Exception as error:  # noqa: BLE001 an edge: every door gets its answer
                for mail in picked or self._pick():
                    mail.answer(error)
            else:
                self._usage.note(faxes_of(_kept(picked, outcomes)))
                for mail, outcome in zip(picked, outcomes, strict=True):
                    mail.answer(outcome)

    def _pick(self) -> list[_Waiting]:
        """Those that are here now, within bounds, the first one always."""
        picked = [self._waiting.popleft()]
        octets = picked[0].octets
        while self._waiting and len(picked) < MOST_MAILS and (octets := octets + self._waiting[0].octets) < MOST_OCTETS:
            picked.append(self._waiting.popleft())
        return picked

    def _together(self, connection: Connection, picked: list[_Waiting]) -> Sequence[_Taken | BaseException]:
        """Pick, and take them all; or one by one."""
        picked += self._pick()
        if len(picked) == 1:
            return self._take(connection, picked)
        try:
            return within_savepoint(connection, partial(self._take, picked=picked))
        except Undone:
            return [self._alone(connection, mail) for mail in picked]

    def _alone(self, connection: Connection, mail: _Waiting) -> _Taken | BaseException:
        try:
            return within_savepoint(connection, partial(self._take, picked=[mail]))[0]
        except Undone as undone:
            return as_ours(undone.error)

    def _take(self, connection: Connection, picked: Sequence[_Waiting]) -> list[_Taken]:
        """Everything that these mails bring, table by table."""
        held = self._claim(connection, picked)
        taken = [[_as_seen(held[key], by=mail.acceptance) for key in mail.duplicate_keys()] for mail in picked]
        new = [job for mail, answers in zip(picked, taken, strict=True) for job in _new(mail.acceptance, answers)]
        notices = _due(picked, {job.id for job in new})
        wanted = {job.mail_id for job in new} | {notice.mail_id for notice in notices}
        ours = [mail.acceptance for mail in picked if mail.acceptance.mail.id in wanted]
        _insert(connection, mails, (mail_values(each.mail) | {"reply": each.reply} for each in ours))
        _insert(connection, contents, (row for each in ours for row in _inline(each)))
        _insert(connection, jobs, (job_values(job) for job in new))
        bump(connection, faxes_of(new))
        insert_notices(connection, notices)
        attempts = [
            attempt
            for mail, answers in zip(picked, taken, strict=True)
            for attempt in _renamed(mail.acceptance, answers)
        ]
        insert_attempts(connection, attempts, self._stamps)
        return taken

    def _claim(self, connection: Connection, picked: Sequence[_Waiting]) -> Mapping[str, TakenJob]:
        """Who holds each key: the first of these jobs, unless an earlier mail does; an expired claim is free."""
        first: dict[str, tuple[Job, timedelta]] = {}
        for mail in picked:
            for key, job in zip(mail.duplicate_keys(), mail.acceptance.jobs, strict=True):
                first.setdefault(key, (job, mail.hours))
        if not first:
            return {}
        got = _claimed(connection, first, self._database.clock())
        held = {key: TakenJob(mail_id=job.mail_id, job_id=job.id) for key, (job, _) in first.items() if key in got}
        return held | _earlier(connection, [key for key in first if key not in got])


def _claimed(connection: Connection, first: Mapping[str, tuple[Job, timedelta]], now: datetime) -> set[str]:
    """The keys that were free."""
    wanted = [
        {"key": key, "mail_id": job.mail_id, "job_id": job.id, "expires": now + hours}
        for key, (job, hours) in first.items()
    ]
    claim = insert_or(claims).values(wanted)
    over = {name: claim.excluded[name] for name in ("mail_id", "job_id", "expires")}
    claim = claim.on_conflict_do_update(index_elements=["key"], set_=over, where=claims.c.expires <= now)
    return {row["key"] for row in rows(connection, claim.returning(claims.c.key))}


def _earlier(connection: Connection, keys: list[str]) -> dict[str, TakenJob]:
    """The jobs that hold these keys, and what their client was told."""
    if not keys:
        return {}
    query = select(claims, mails.c.reply).outerjoin(mails, mails.c.id == claims.c.mail_id).where(claims.c.key.in_(keys))
    return {
        row["key"]: TakenJob(mail_id=row["mail_id"], job_id=row["job_id"], duplicate=True, reply=row["reply"])
        for row in rows(connection, query)
    }


def _insert(connection: Connection, table: Table, values: Iterable[Values]) -> None:
    if batch := list(values):
        connection.execute(insert(table), batch)


def _inline(acceptance: Acceptance) -> list[Values]:
    mail = acceptance.mail
    return [] if mail.content.inline is None else [{"mail_id": mail.id, "content": mail.content.inline}]


def _as_seen(holder: TakenJob, *, by: Acceptance) -> TakenJob:
    """A key's holder, as this mail is told of it: another mail's job is an earlier one."""
    return holder if holder.mail_id == by.mail.id else replace(holder, duplicate=True)


def _new(acceptance: Acceptance, answers: _Taken) -> list[Job]:
    """The jobs that repeat no other."""
    return [job for job, answer in zip(acceptance.jobs, answers, strict=True) if answer.job_id == job.id]


def _due(picked: Sequence[_Waiting], job_ids: Collection[str]) -> list[Notice]:
    """The notices about mails, and about those jobs: of a repetition the first one tells."""
    notices = (notice for mail in picked for notice in mail.acceptance.notices)
    return [notice for notice in notices if not notice.job_id or notice.job_id in job_ids]


def _kept(picked: Sequence[_Waiting], outcomes: Sequence[_Taken | BaseException]) -> list[Job]:
    """The jobs that a commit made ours."""
    told = zip(picked, outcomes, strict=True)
    return [job for mail, answers in told if isinstance(answers, list) for job in _new(mail.acceptance, answers)]


def _renamed(acceptance: Acceptance, answers: Sequence[TakenJob]) -> list[Attempt]:
    """The attempts, under the names of the jobs that their faxes became."""
    became = {job.id: answer for job, answer in zip(acceptance.jobs, answers, strict=True)}
    return [
        replace(attempt, mail_id=became[attempt.job_id].mail_id, job_id=became[attempt.job_id].job_id)
        if attempt.job_id in became
        else attempt
        for attempt in acceptance.attempts
    ]
