"""A fax waits for its turn: for its number's line, then for a fax service that takes so many a minute."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model.backend import Broken, Done, Progress
from smtpfax.model.cause import Cause
from smtpfax.model.errors import InDoubt
from smtpfax.model.event import Cancelled
from smtpfax.model.job import Job, State
from smtpfax.model.number import FaxNumber
from smtpfax.worker.lines import LOOKS, Lines
from tests.worker.shop import Bench, Line, bench

NUMBER, OTHER = FaxNumber(e164="+12025550123"), FaxNumber(e164="+12025550124")


def line(name: str = "a", *, answers: int = 9) -> Line:
    return Line(
        name,
        offers=[f"{name}{number}" for number in range(20)],
        answers=[{f"{name}{n}": Done() for n in range(20)} for _ in range(answers)],
    )


async def test_a_number_is_called_for_one_fax_at_a_time_and_the_first_comes_first(tmp_path: Path) -> None:
    async with bench(tmp_path, line()) as here:
        first, second, third = [await here.job() for _ in range(3)]
        assert (await here.step(first)).state is State.ACCEPTED
        for waiting in (second, third):
            after = await here.step(waiting)
            assert (after.state, after.due) == (State.RENDERED, here.now + LOOKS)
        assert await here.words(second) == ["rendered"]  # waiting costs no event
        assert (await here.step(first)).state is State.SENT
        assert (await here.stands(second)).due == here.now  # its turn came at once
        assert (await here.stands(third)).due == here.now + LOOKS
        assert (await here.step(second)).state is State.ACCEPTED
        assert (await here.step(third)).state is State.RENDERED


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.NO_ROUTE], ids=["tried again later", "over"])
async def test_a_call_that_broke_frees_the_line_as_well(tmp_path: Path, cause: Cause) -> None:
    broken: dict[str, Progress] = {"t1": Broken(cause=cause)}
    async with bench(tmp_path, Line("a", offers=["t1", "t2"], answers=[broken])) as here:
        first, second = await here.job(), await here.job()
        for job in (first, second, first):
            await here.step(job)
        assert (await here.stands(second)).due == here.now
        assert (await here.step(second)).state is State.ACCEPTED


async def test_whichever_service_calls(tmp_path: Path) -> None:
    async with bench(tmp_path, line("a"), line("b")) as here:
        here.boxes.append(replace(here.boxes[0], id="other", backends=("b",)))
        await here.step(await here.job())
        waiting = await here.job(faxbox_id="other")
        assert (await here.step(waiting)).state is State.RENDERED
        assert here.lines["b"].offered == []


async def test_a_sub_address_is_the_same_line_and_another_number_is_another(tmp_path: Path) -> None:
    async with bench(tmp_path, line()) as here:
        await here.step(await here.job(number=replace(NUMBER, sub_address="12")))
        assert (await here.step(await here.job(number=replace(NUMBER, sub_address="34")))).state is State.RENDERED
        assert (await here.step(await here.job(number=NUMBER))).state is State.RENDERED
        assert (await here.step(await here.job(number=OTHER))).state is State.ACCEPTED
        longer = FaxNumber(e164=f"{NUMBER.e164}4")
        assert (await here.step(await here.job(number=longer))).state is State.ACCEPTED


async def test_a_fax_in_doubt_holds_its_line(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=[InDoubt("lost"), "t2"])) as here:
        first, second = await here.job(), await here.job()
        assert (await here.step(first)).state is State.OFFERED
        assert (await here.step(second)).state is State.RENDERED


async def test_two_that_are_offered_at_the_same_instant_are_one_call(tmp_path: Path) -> None:
    async with bench(tmp_path, line()) as here:
        jobs = [await here.job() for _ in range(6)]
        states = [job.state for job in await asyncio.gather(*map(here.step, jobs))]
        assert states.count(State.ACCEPTED) == 1
        assert len(here.lines["a"].offered) == 1
        waiting = [await here.stands(job) for job in jobs if (await here.stands(job)).state is State.RENDERED]
        assert all(job.due == here.now + LOOKS for job in waiting)
        claimed = await here.shop.store.jobs.claim("w", now=here.now + LOOKS, lease=timedelta(minutes=5), limit=10)
        assert {job.id for job in claimed} >= {job.id for job in waiting}  # nobody's lease is kept


async def test_where_the_setting_is_off_all_are_called(tmp_path: Path) -> None:
    async with bench(tmp_path, line()) as here:
        here.shop = replace(here.shop, habits=replace(here.shop.habits, one_call=False))
        for _ in range(3):
            assert (await here.step(await here.job())).state is State.ACCEPTED


async def test_who_waits_and_is_cancelled_holds_nobody_up(tmp_path: Path) -> None:
    async with bench(tmp_path, line()) as here:
        first, gone, last = [await here.job() for _ in range(3)]
        for job in (first, gone, last):
            await here.step(job)
        from_admin = await here.stands(gone)
        await here.shop.write(from_admin, Cancelled())
        await here.step(first)
        here.now += LOOKS
        assert (await here.step(last)).state is State.ACCEPTED


def test_a_line_forgets_who_left_it() -> None:
    lines = Lines()
    lines.wait("+1", "a")
    lines.wait("+1", "b")
    lines.wait("+1", "a")
    assert lines.first("+1") == "a"
    lines.leave("+1", "a")
    assert lines.first("+1") == "b"
    lines.leave("+1", "b")
    lines.leave("+1", "never there")
    assert lines.first("+1") is None


@dataclass(slots=True)
class Paced(Line):
    """Takes what it is told to take: `waits` are its answers to who asks for a turn."""

    waits: list[timedelta] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def wait(self, key: str) -> timedelta:
        self.asked.append(key)
        return self.waits.pop(0)


async def test_a_service_that_wants_a_pause_gets_it_without_an_event_or_a_try(tmp_path: Path) -> None:
    paced = Paced("a", offers=["t1"], waits=[timedelta(seconds=61), timedelta()])
    async with bench(tmp_path, paced) as here:
        job = await here.job()
        after = await here.step(job)
        assert (after.state, after.due, after.tries) == (State.RENDERED, here.now + timedelta(seconds=61), 0)
        assert await here.words(job) == ["rendered"]
        here.now = after.due
        assert (await here.step(job)).state is State.ACCEPTED
        assert paced.asked == [f"{job.id}.1"] * 2
        assert paced.offered[0].key == f"{job.id}.1"


async def test_who_waits_for_a_line_takes_no_turn_of_the_service(tmp_path: Path) -> None:
    paced = Paced("a", offers=["t1"], waits=[timedelta()])
    async with bench(tmp_path, paced) as here:
        await here.step(await here.job())
        await here.step(await here.job())
        assert len(paced.asked) == 1


async def called_back(here: Bench, job: Job, ticket: str) -> Job:
    """A callback named the ticket."""
    await here.shop.store.jobs.hurry_tickets("a", [ticket, "another"], due=here.now)
    return await here.stands(job)


async def test_a_ticket_that_moved_is_due_at_once_and_later_ones_stay(tmp_path: Path) -> None:
    async with bench(tmp_path, line()) as here:
        job, other = await here.job(), await here.job(number=OTHER)
        for each in (job, other):
            await here.step(each)
        before = (await here.stands(other)).due
        assert (await called_back(here, job, "a0")).due == here.now
        assert (await here.stands(other)).due == before
        here.now -= timedelta(minutes=1)
        assert (await called_back(here, job, "a0")).due == here.now
        here.now += timedelta(minutes=5)
        assert (await called_back(here, job, "a0")).due < here.now  # what is due already is not put off
