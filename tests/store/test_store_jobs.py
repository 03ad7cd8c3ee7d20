"""Jobs: leases, events, and what happens when two know something at once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from itertools import chain

import pytest
from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.base import PGDialect

from smtpfax.model.cause import Cause
from smtpfax.model.errors import IllegalEvent
from smtpfax.model.event import (
    Accepted,
    CancelAsked,
    Cancelled,
    Deferred,
    Event,
    Failed,
    Held,
    Missed,
    Offered,
    PartNote,
    Progressed,
    Released,
    Rendered,
    Sent,
    Transmission,
)
from smtpfax.model.job import Job, State, fold
from smtpfax.model.notice import Notice, NoticeKind
from smtpfax.model.status import Status
from smtpfax.store import AttemptFilter
from smtpfax.store.jobs import claim_of
from tests.store.desk import DOCUMENT, NOON, Desk, to_accepted

LEASE = timedelta(minutes=5)
BUSY = Status(4, 4, 0)


def deferred(desk: Desk, **minutes: float) -> Deferred:
    due = desk.clock() + timedelta(**minutes)
    return Deferred(status=BUSY, cause=Cause.BUSY, text="busy", due=due, counted=True)


def receipt(job: Job) -> Notice:
    return Notice(
        id=f"{job.id}-receipt-0",
        kind=NoticeKind.RECEIPT,
        mail_id=job.mail_id,
        job_id=job.id,
        recipient="ann@acme.example",
        created=job.created,
        due=job.created,
    )


async def claimed(desk: Desk, owner: str = "one", limit: int = 10) -> list[Job]:
    return await desk.store.jobs.claim(owner, now=desk.clock(), lease=LEASE, limit=limit)


async def test_each_due_job_goes_to_one_owner_oldest_first(desk: Desk) -> None:
    made = []
    for _ in range(30):
        made.append(await desk.taken())
        desk.clock.turn(seconds=1)

    hands = await asyncio.gather(*(claimed(desk, owner=f"worker {n}", limit=4) for n in range(10)))

    assert [job.id for job in hands[0]] == [job.id for job in made[:4]]
    assert sorted(job.id for job in chain(*hands)) == [job.id for job in made]
    assert await claimed(desk) == []


async def test_a_lease_that_ran_out_is_free_again(desk: Desk) -> None:
    job = await desk.taken()
    assert await claimed(desk) == [job]
    desk.clock.turn(minutes=4, seconds=59)
    assert await claimed(desk, owner="two") == []
    desk.clock.turn(seconds=1)
    assert await claimed(desk, owner="two") == [job]


async def test_a_restart_frees_the_leases_of_the_life_before(desk: Desk) -> None:
    job = await desk.taken()
    await claimed(desk)

    assert await desk.store.jobs.next_due() is None
    assert await desk.store.jobs.free_leases() == 1
    assert await desk.store.jobs.next_due() == job.due
    assert await claimed(desk) == [job]


async def test_an_advance_gives_the_lease_back_unless_it_is_kept(desk: Desk) -> None:
    job = await desk.taken()
    [job] = await claimed(desk)

    job = await desk.store.jobs.advance(job, [Rendered(document=DOCUMENT)], at=desk.clock(), keep_lease=True)
    assert await claimed(desk) == []
    job = await desk.store.jobs.advance(job, [Offered(backend="line")], at=desk.clock())
    assert await claimed(desk) == [job]


async def test_a_released_job_is_due_when_it_was_said(desk: Desk) -> None:
    job = await desk.taken()
    [job] = await claimed(desk)
    await desk.store.jobs.release(job, due=desk.clock() + timedelta(minutes=1))

    assert await claimed(desk) == []
    desk.clock.turn(minutes=1)
    assert [again.id for again in await claimed(desk)] == [job.id]


async def test_a_held_job_is_rendered_and_not_offered(desk: Desk) -> None:
    job = await desk.walk(await desk.taken(), Held(reason="a person said so"))
    assert await claimed(desk) == [job]

    job = await desk.walk(job, Rendered(document=DOCUMENT))
    assert await claimed(desk) == []

    job = await desk.walk(job, Released())
    assert await claimed(desk) == [job]


async def test_a_final_job_is_never_claimed(desk: Desk) -> None:
    await desk.walk(await desk.taken(), Cancelled())
    desk.clock.turn(days=9)
    assert await claimed(desk) == []


async def test_the_history_folds_to_the_job(desk: Desk) -> None:
    made = job = await desk.taken()
    note = PartNote(path="1.2", name="offer.pdf", kind="application/pdf", octets=9, pages=2)
    call = Transmission(pages_sent=1, seconds=31.5, station="+1 202 555 0123", rate=14400)
    steps: list[tuple[Event, ...]] = [
        (Held(reason="wait"),),
        (Released(),),
        (Rendered(document=DOCUMENT, parts=(note,)),),
        (Offered(backend="line"), Accepted(ticket="T1"), Progressed(pages_sent=1)),
        (deferred(desk, minutes=4),),
        (Offered(backend="line"),),
        (Missed(),),
        (Accepted(ticket="T2"), CancelAsked()),
        (Failed(status=BUSY, cause=Cause.PARTIAL, text="broke off", counted=True, transmission=call),),
    ]
    for events in steps:
        desk.clock.turn(minutes=7)
        job = await desk.walk(job, *events)

    history = await desk.store.jobs.history(job.id)
    assert [event for event, _ in history] == list(chain(*steps))
    assert fold(made, history) == job == await desk.job(job.id)
    assert job.version == len(history)


async def test_three_hundred_at_once_lose_no_event(desk: Desk) -> None:
    job = await desk.walk(await desk.taken(), *to_accepted())

    await asyncio.gather(*(desk.walk(job, Progressed(pages_sent=n)) for n in range(300)))

    assert (await desk.job(job.id)).version == job.version + 300
    pages = {event.pages_sent for event, _ in await desk.store.jobs.history(job.id) if isinstance(event, Progressed)}
    assert pages == set(range(300))


async def test_an_event_that_came_late_is_logged_and_dropped(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    stale = await desk.walk(await desk.taken(), *to_accepted())
    sent = await desk.walk(stale, Sent())

    with caplog.at_level(logging.WARNING):
        after = await desk.walk(stale, Progressed(pages_sent=1), notices=(receipt(stale),))

    assert after == sent
    assert "came late and was dropped: progressed" in caplog.text
    assert await desk.store.notices.of_job(stale.id) == []


async def test_of_two_ends_the_first_stands(desk: Desk) -> None:
    job = await desk.walk(await desk.taken(), *to_accepted())

    ends = await asyncio.gather(desk.walk(job, Sent()), desk.walk(job, Cancelled()))

    assert {end.state for end in ends} == {State.SENT}
    assert len(await desk.store.jobs.history(job.id)) == job.version + 1


async def test_an_offer_is_dropped_when_the_job_moved_though_its_state_did_not(desk: Desk) -> None:
    seen = await desk.walk(await desk.taken(), Rendered(document=DOCUMENT))
    held = await desk.walk(seen, Held())

    assert await desk.walk(seen, Offered(backend="line")) == held


async def test_an_event_that_does_not_fit_the_job_it_was_made_for_is_a_bug(desk: Desk) -> None:
    job = await desk.taken()
    with pytest.raises(IllegalEvent):
        await desk.walk(job, Sent())
    assert await desk.job(job.id) == job


async def test_a_final_state_and_its_notice_are_one_commit(desk: Desk) -> None:
    job = await desk.walk(await desk.taken(), *to_accepted())
    broken = receipt(await desk.taken())
    impossible = Notice(**{**{name: getattr(broken, name) for name in broken.__slots__}, "mail_id": "no such mail"})

    with pytest.raises(Exception, match="FOREIGN KEY"):
        await desk.walk(job, Sent(), notices=(impossible,))
    assert (await desk.job(job.id)).state is State.ACCEPTED

    await desk.walk(job, Sent(), notices=(receipt(job),))
    [row] = await desk.store.notices.of_job(job.id)
    assert row.notice == receipt(job)


async def test_the_log_shows_the_state_of_its_job(desk: Desk) -> None:
    job = await desk.taken()
    for events, state in (
        ((Rendered(document=DOCUMENT),), State.RENDERED),
        ((Offered(backend="line"), Accepted(ticket="T")), State.ACCEPTED),
        ((Sent(),), State.SENT),
    ):
        job = await desk.walk(job, *events)
        [row] = (await desk.store.attempts.page(AttemptFilter(state=state), limit=5)).rows
        assert (row.attempt.job_id, row.state) == (job.id, state)


async def test_tickets_of_every_try_are_remembered_by_backend(desk: Desk) -> None:
    job = await desk.walk(await desk.taken(), *to_accepted("T1"))
    job = await desk.walk(job, deferred(desk, minutes=1), Offered(backend="kazoo"), Accepted(ticket="K1"))
    desk.clock.turn(hours=1)
    await desk.walk(job, deferred(desk, minutes=1), Offered(backend="line"), Accepted(ticket="T2"))

    assert await desk.store.jobs.tickets("line") == {"T1", "T2"}
    assert await desk.store.jobs.tickets("kazoo") == {"K1"}
    assert await desk.store.jobs.tickets("line", since=desk.clock()) == {"T2"}


async def test_open_jobs_are_counted_by_state(desk: Desk) -> None:
    first = await desk.taken()
    desk.clock.turn(minutes=1)
    await desk.walk(await desk.taken(), Rendered(document=DOCUMENT), Offered(backend="line"))
    await desk.walk(await desk.taken(), Cancelled())

    counts = await desk.store.jobs.counts()
    assert counts == {State.QUEUED: 1, State.RENDERED: 0, State.OFFERED: 1, State.ACCEPTED: 0}
    assert await desk.store.jobs.in_doubt() == 1
    assert await desk.store.jobs.oldest() == first.created


async def test_outgoing_and_outbox_are_pages_of_one_account(desk: Desk) -> None:
    made = []
    for _ in range(7):
        made.append(await desk.taken())
        desk.clock.turn(seconds=1)
    for job in made[:3]:
        await desk.walk(job, Cancelled())

    page = await desk.store.jobs.page(final=False, account_id="acme", faxbox_id="sales", limit=3)
    rest = await desk.store.jobs.page(final=False, account_id="acme", faxbox_id="sales", limit=3, after=page.after)
    assert [job.id for job in (*page.rows, *rest.rows)] == [job.id for job in reversed(made[3:])]
    assert rest.after == ""
    assert len((await desk.store.jobs.page(final=True, account_id="acme", limit=9)).rows) == 3
    assert (await desk.store.jobs.page(final=True, account_id="other", limit=9)).rows == ()


async def test_a_reader_that_is_cancelled_leaves_no_connection_behind(desk: Desk) -> None:
    job = await desk.taken()
    for _ in range(40):  # more than there are connections
        reading = asyncio.create_task(desk.store.jobs.get(job.id))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    assert await desk.job(job.id) == job


def test_the_same_statements_are_postgresqls() -> None:
    statement = claim_of("me", now=NOON, lease=LEASE, limit=3)
    assert isinstance(statement, ClauseElement)
    claim = str(statement.compile(dialect=PGDialect()))  # type: ignore[no-untyped-call]
    assert "FOR UPDATE SKIP LOCKED" in claim
    assert "RETURNING" in claim


async def test_a_held_job_is_found_again_when_its_deadline_is_over(desk: Desk) -> None:
    acceptance = desk.make.acceptance()
    [job] = acceptance.jobs
    job = replace(job, deadline=desk.clock() + timedelta(hours=1))
    await desk.accept(replace(acceptance, jobs=[job]))
    await desk.walk(job, Rendered(document=DOCUMENT), Held())
    assert await claimed(desk) == []

    desk.clock.turn(hours=1)

    assert [found.id for found in await claimed(desk)] == [job.id]
