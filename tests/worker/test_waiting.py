"""Jobs that wait for a cap, and jobs whose number is asked back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from smtpfax.model import event as e
from smtpfax.model.backend import Broken, Done, Progress
from smtpfax.model.caps import Caps
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document
from smtpfax.model.job import Job, State
from smtpfax.model.number import FaxNumber
from smtpfax.render.stage import Made, Renderer
from tests.worker.shop import DOCUMENT, Bench, Line, bench

DONE: dict[str, Progress] = {"t1": Done(transmission=e.Transmission(pages_sent=2))}
USUAL, SLIP = FaxNumber(e164="+12025550142"), FaxNumber(e164="+12025550124")


def line(faxes: int) -> Line:
    return Line("a", offers=["t1"] * faxes, answers=[DONE] * faxes)


def with_box(here: Bench, **changed: object) -> None:
    here.boxes[0] = replace(here.boxes[0], **changed)  # type: ignore[arg-type]


@dataclass
class Pages:
    """A renderer whose documents are what the test says."""

    document: Document = DOCUMENT

    async def render(self, content: bytes, **asked: object) -> Made:
        return Made(rendered=e.Rendered(document=self.document))


def with_pages(here: Bench, document: Document = DOCUMENT) -> None:
    here.shop = replace(here.shop, renderer=cast("Renderer", Pages(document)))


async def sent(here: Bench, **changed: object) -> Job:
    job = await here.job(**changed)
    for _ in range(2):
        job = await here.step(job)
    assert job.state is State.SENT
    return job


async def test_a_fax_over_a_cap_on_pages_waits_for_the_next_hour_and_its_sender_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, line(2)) as here:
        with_box(here, caps=Caps(pages_per_hour=3))
        await sent(here)
        job = await here.step(await here.job())
        assert (job.state, job.cause, job.tries) == (State.RENDERED, Cause.CAP, 0)
        assert job.text.startswith("this faxbox may send no more than 3 pages in an hour, the fax waits until 20")
        assert job.due == here.now.replace(minute=0, second=0) + timedelta(hours=1)
        assert await here.told(job) == [("delay", "ann@acme.example")]
        here.now = job.due
        for _ in range(2):
            job = await here.step(job)
        assert job.state is State.SENT
        assert await here.words(job) == ["rendered", "deferred", "offered", "accepted", "sent"]


async def test_who_is_barred_again_is_not_told_again(tmp_path: Path) -> None:
    async with bench(tmp_path, line(9)) as here:
        with_box(here, caps=Caps(pages_per_hour=3))
        await sent(here)
        job = await here.step(await here.job())
        here.now = job.due
        await sent(here)
        job = await here.step(job)
        assert job.cause is Cause.CAP
        assert len(await here.told(job)) == 1


async def test_a_later_try_waits_for_no_cap(tmp_path: Path) -> None:
    busy: dict[str, Progress] = {"t1": Broken(cause=Cause.BUSY)}
    async with bench(tmp_path, Line("a", offers=["t1", "t1"], answers=[busy, DONE])) as here:
        with_box(here, caps=Caps(pages_per_day=DOCUMENT.pages))
        job = await here.job()
        for _ in range(2):
            job = await here.step(job)
        assert (job.state, job.cause) == (State.RENDERED, Cause.BUSY)
        here.now = job.due
        assert (await here.step(job)).state is State.ACCEPTED


async def test_what_could_never_have_room_is_refused_while_the_client_waits(tmp_path: Path) -> None:
    async with bench(tmp_path, line(0)) as here:
        with_box(here, caps_each=Caps(pages_per_hour=1))
        with_pages(here)
        job = await here.step(await here.queued())
        assert (job.state, job.cause, job.document) == (State.FAILED, Cause.CAP, None)
        assert job.text == "the fax has 2 pages, and your address may send no more than 1 page in an hour"
        assert str(job.status) == "5.7.1"


async def test_a_cap_that_was_lowered_since_ends_what_has_no_room(tmp_path: Path) -> None:
    async with bench(tmp_path, line(0)) as here:
        job = await here.job()
        with_box(here, caps=Caps(pages_per_day=1))
        assert (await here.step(job)).state is State.FAILED


async def test_who_would_wait_longer_than_the_job_lives_is_told_so(tmp_path: Path) -> None:
    async with bench(tmp_path, line(1)) as here:
        with_box(here, caps=Caps(pages_per_day=3))
        await sent(here)
        job = await here.step(await here.job(expires=here.now + timedelta(hours=2)))
        assert (job.state, job.cause) == (State.FAILED, Cause.CAP)
        assert await here.told(job) == [("failure", "ann@acme.example")]


async def rendered(here: Bench, **changed: object) -> Job:
    with_pages(here)
    return await here.step(await here.queued(**changed))


async def test_a_number_that_is_nearly_a_usual_one_is_held_and_asked_back(tmp_path: Path) -> None:
    async with bench(tmp_path, line(4)) as here:
        with_box(here, first_time_guard=True)
        for _ in range(3):
            await sent(here, number=USUAL)
        job = await rendered(here, number=SLIP)
        assert (job.state, job.held) == (State.RENDERED, here.now)
        assert await here.words(job) == ["rendered", "held"]
        assert job.text == "+12025550124 was never faxed from here, and is nearly +12025550142, which is faxed often"
        assert await here.told(job) == [("question", "ann@acme.example")]
        assert await here.shop.store.jobs.claim("w", now=here.now, lease=timedelta(seconds=9), limit=9) == []
        job = await here.shop.write(job, e.Released())
        for _ in range(2):
            job = await here.step(job)
        assert job.state is State.SENT
        assert (await rendered(here, number=SLIP)).held is None  # it is known now


@pytest.mark.parametrize(
    ("times", "number", "box"),
    [
        (2, SLIP, {"first_time_guard": True}),
        (3, SLIP, {"first_time_guard": False}),
        (3, USUAL, {"first_time_guard": True}),
        (3, FaxNumber(e164="+12025550199"), {"first_time_guard": True}),
    ],
)
async def test_other_numbers_go_their_way(
    tmp_path: Path, times: int, number: FaxNumber, box: dict[str, object]
) -> None:
    async with bench(tmp_path, line(3)) as here:
        with_box(here, **box)
        for _ in range(times):
            await sent(here, number=USUAL)
        job = await rendered(here, number=number)
        assert job.held is None
        assert await here.told(job) == []


async def test_nobody_is_asked_where_nobody_can_answer(tmp_path: Path) -> None:
    async with bench(tmp_path, line(3)) as here:
        with_box(here, first_time_guard=True)
        for _ in range(3):
            await sent(here, number=USUAL)
        here.shop = replace(here.shop, habits=replace(here.shop.habits, notices=False))
        assert (await rendered(here, number=SLIP)).held is None


async def test_faxes_that_are_offered_at_once_do_not_pass_a_cap_together(tmp_path: Path) -> None:
    async with bench(tmp_path, line(5)) as here:
        with_box(here, caps=Caps(pages_per_hour=2 * DOCUMENT.pages))
        jobs = [await here.job(number=FaxNumber(e164=f"+1202555012{digit}")) for digit in range(5)]
        states = [job.state for job in await asyncio.gather(*map(here.step, jobs))]
        assert sorted(states) == [State.ACCEPTED] * 2 + [State.RENDERED] * 3
