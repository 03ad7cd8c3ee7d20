"""The instant at which a mail becomes ours.

In:    an Acceptance: a mail, its jobs, attempts and notices.
Out:   for each job, itself or the earlier one it repeats.
Fails: Temporary, and then nothing of it is kept.

Guarantee (G1, G2): one commit holds it all, or none of it. A mail all of whose jobs are repetitions is not kept;
its attempts are, under the names of the first one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or  # its ON CONFLICT compiles for SQLite as well
from sqlalchemy.ext.asyncio import AsyncConnection

from smtpfax.model.accepting import Acceptance, TakenJob, duplicate_key
from smtpfax.model.attempt import Attempt
from smtpfax.model.job import Job
from smtpfax.model.mail import Mail

from .attempts import Stamps, insert_attempts
from .database import Database, rows
from .notices import insert_notices
from .records import job_values, mail_values
from .schema import claims, contents, jobs, mails


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Who holds the key of each job: by job id, for those of other mails and for equal recipients of this one."""

    new: tuple[Job, ...]
    taken: Mapping[str, TakenJob]


class Accepting:
    """Takes what the doors bring."""

    def __init__(self, database: Database, stamps: Stamps) -> None:
        self._database = database
        self._stamps = stamps

    async def accept(self, acceptance: Acceptance, *, duplicate_hours: float) -> list[TakenJob]:
        """One commit, shared with whatever else arrived meanwhile."""
        hours = timedelta(hours=duplicate_hours)

        async def work(connection: AsyncConnection) -> list[TakenJob]:
            claimed = await self._claim(connection, acceptance, hours)
            if claimed.new or acceptance.notices:
                await _insert_mail(connection, acceptance.mail)
                await _insert_jobs(connection, claimed.new)
                await insert_notices(connection, acceptance.notices)
            renamed = [_renamed(attempt, claimed.taken) for attempt in acceptance.attempts]
            await insert_attempts(connection, renamed, self._stamps)
            return [claimed.taken[job.id] for job in acceptance.jobs]

        return await self._database.writer.do(work, octets=len(acceptance.mail.content.inline or b""))

    async def _claim(self, connection: AsyncConnection, acceptance: Acceptance, hours: timedelta) -> _Claimed:
        """Claim the key of each job; an expired claim is free."""
        sha256 = acceptance.mail.content.sha256
        keys = {job.id: duplicate_key(job, sha256) for job in acceptance.jobs}
        if not keys:
            return _Claimed((), {})
        first: dict[str, Job] = {}
        for job in acceptance.jobs:
            first.setdefault(keys[job.id], job)
        now = self._database.clock()
        wanted = [
            {"key": key, "mail_id": job.mail_id, "job_id": job.id, "expires": now + hours} for key, job in first.items()
        ]
        claim = insert_or(claims).values(wanted)
        over = {name: claim.excluded[name] for name in ("mail_id", "job_id", "expires")}
        claim = claim.on_conflict_do_update(index_elements=["key"], set_=over, where=claims.c.expires <= now)
        got = {row["key"] for row in await rows(connection, claim.returning(claims.c.key))}
        held = {key: TakenJob(mail_id=job.mail_id, job_id=job.id) for key, job in first.items() if key in got}
        held |= await _earlier(connection, [key for key in first if key not in got])
        new = tuple(job for key, job in first.items() if key in got)
        return _Claimed(new, {job_id: held[key] for job_id, key in keys.items()})


async def _earlier(connection: AsyncConnection, keys: list[str]) -> dict[str, TakenJob]:
    """The jobs that hold these keys, and what their client was told."""
    if not keys:
        return {}
    query = select(claims, mails.c.reply).outerjoin(mails, mails.c.id == claims.c.mail_id).where(claims.c.key.in_(keys))
    return {
        row["key"]: TakenJob(mail_id=row["mail_id"], job_id=row["job_id"], duplicate=True, reply=row["reply"])
        for row in await rows(connection, query)
    }


async def _insert_mail(connection: AsyncConnection, mail: Mail) -> None:
    await connection.execute(insert(mails), mail_values(mail))
    if mail.content.inline is not None:
        await connection.execute(insert(contents), {"mail_id": mail.id, "content": mail.content.inline})


async def _insert_jobs(connection: AsyncConnection, new: tuple[Job, ...]) -> None:
    if new:
        await connection.execute(insert(jobs), [job_values(job) for job in new])


def _renamed(attempt: Attempt, taken: Mapping[str, TakenJob]) -> Attempt:
    """An attempt under the name of the job that its fax became."""
    job = taken.get(attempt.job_id)
    return replace(attempt, mail_id=job.mail_id, job_id=job.job_id) if job else attempt
