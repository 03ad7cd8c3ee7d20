"""The next service of the list is taken while it is certain that the one before does not have the fax, and not else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model import status as say
from smtpfax.model.backend import Broken, Done, Progress
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, InDoubt, Permanent, Temporary
from smtpfax.model.event import CancelAsked
from smtpfax.model.job import State
from smtpfax.model.number import FaxNumber
from tests.worker.shop import DOCUMENT, Line, bench

DONE: dict[str, Progress] = {"t1": Done()}


def down(after: timedelta | None = None) -> Temporary:
    return Temporary(say.BACKEND_DOWN, cause=Cause.BACKEND, after=after)


def refused() -> Permanent:
    return Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why="its account has not enough credit")


@pytest.mark.parametrize("fault", [down(), refused()], ids=["down", "refuses"])
async def test_the_next_one_is_asked_at_once(tmp_path: Path, fault: Fault) -> None:
    async with bench(tmp_path, Line("a", offers=[fault]), Line("b", offers=["t1"], answers=[DONE])) as here:
        job = await here.job()
        job = await here.step(job)
        assert (job.state, job.due, job.tries) == (State.RENDERED, here.now, 0)
        assert (await here.step(job)).backend == "b"
        assert (await here.step(job)).state is State.SENT


@pytest.mark.parametrize("cause", [Cause.REFUSED, Cause.BACKEND], ids=["no credit", "its gateway is down"])
async def test_a_service_that_gives_up_before_a_call_is_as_one_that_took_nothing(tmp_path: Path, cause: Cause) -> None:
    broken: dict[str, Progress] = {"a1": Broken(cause=cause, text="not enough credit")}
    async with bench(tmp_path, Line("a", offers=["a1"], answers=[broken]), Line("b", offers=["t1"])) as here:
        job = await here.job()
        for _ in range(3):
            job = await here.step(job)
        assert (job.backend, job.state) == ("b", State.ACCEPTED)


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.NO_ANSWER, Cause.PARTIAL, Cause.LINE, Cause.UNKNOWN])
async def test_after_a_call_it_stays_with_the_one_that_called(tmp_path: Path, cause: Cause) -> None:
    broken: dict[str, Progress] = {"a1": Broken(cause=cause)}
    async with bench(tmp_path, Line("a", offers=["a1", "a2"], answers=[broken]), Line("b")) as here:
        job = await here.job()
        await here.step(job)
        job = await here.step(job)
        assert job.due > here.now
        here.now = job.due
        assert (await here.step(job)).backend == "a"
        assert here.lines["b"].offered == []


async def test_in_doubt_no_other_is_asked_whatever_it_costs(tmp_path: Path) -> None:
    lost = Line("a", offers=[InDoubt("lost")], looks=[down(), None, down(), None], answers=[])
    async with bench(tmp_path, lost, Line("b")) as here:
        job = await here.job()
        for _ in range(4):
            job = await here.step(job)
            assert job.state is State.OFFERED or job.backend == "a"
            here.now = job.due
        assert here.lines["b"].offered == []


async def test_a_number_that_does_not_exist_exists_at_no_other(tmp_path: Path) -> None:
    broken: dict[str, Progress] = {"a1": Broken(cause=Cause.UNALLOCATED)}
    async with bench(tmp_path, Line("a", offers=["a1"], answers=[broken]), Line("b")) as here:
        job = await here.job()
        await here.step(job)
        job = await here.step(job)
        assert (job.state, job.cause) == (State.FAILED, Cause.UNALLOCATED)
        assert job.text == "the telephone network has no number +12025550123"


async def test_when_all_are_down_the_first_ones_turn_comes_again_later_and_less_often(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=[down(), down(), "t1"]), Line("b", offers=[down(), down()])) as here:
        job, waits = await here.job(), []
        for _ in range(4):
            job = await here.step(job)
            waits.append((job.due - here.now).total_seconds())
            here.now = job.due
        assert waits[0] == waits[2] == 0
        assert 0 < waits[1] < waits[3]
        assert (await here.step(job)).backend == "a"
        assert job.tries == 0


async def test_when_one_refuses_and_the_last_is_down_it_does_not_end(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=[refused()]), Line("b", offers=[down(), "t1"])) as here:
        job = await here.job()
        await here.step(job)
        job = await here.step(job)
        assert (job.state, job.cause) == (State.RENDERED, Cause.BACKEND)
        assert job.due > here.now


async def test_when_all_refuse_it_fails_with_the_last_ones_reason(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=[refused()]), Line("b", offers=[refused()])) as here:
        job = await here.job()
        await here.step(job)
        job = await here.step(job)
        assert job.state is State.FAILED
        assert "not enough credit" in job.text


@dataclass(slots=True)
class Again(Line):
    """Sends documents again, and takes faxes back, as it is told."""

    back: bool | Fault = True
    cancelled: list[str] = field(default_factory=list)

    def resends(self) -> bool:
        return True

    async def cancel(self, ticket: str) -> bool:
        self.cancelled.append(ticket)
        if isinstance(self.back, Fault):
            raise self.back
        return self.back


async def test_a_further_try_names_the_document_that_the_service_has(tmp_path: Path) -> None:
    broken: dict[str, Progress] = {"a1": Broken(cause=Cause.BUSY)}
    async with bench(tmp_path, Again("a", offers=["a1", "a2"], answers=[broken])) as here:
        job = await here.job()
        await here.step(job)
        here.now = (await here.step(job)).due
        await here.step(job)
        assert [offer.original for offer in here.lines["a"].offered] == ["", "a1"]


async def test_so_does_the_same_document_to_another_number_once_it_was_sent(tmp_path: Path) -> None:
    service = Again("a", offers=["a1", "a2", "a3"], answers=[{"a1": Done()}])
    async with bench(tmp_path, service) as here:
        first = await here.job()
        await here.step(first)
        second = await here.job(number=FaxNumber(e164="+12025550124"))
        await here.step(second)  # the first is not known to have been sent yet
        await here.step(first)
        third = await here.job(number=FaxNumber(e164="+12025550125"))
        await here.step(third)
        assert [offer.original for offer in service.offered] == ["", "", "a1"]
        assert service.offered[0].document == DOCUMENT


async def test_a_document_that_was_sent_long_ago_is_sent_whole(tmp_path: Path) -> None:
    service = Again("a", offers=["a1", "a2"], answers=[{"a1": Done()}])
    async with bench(tmp_path, service) as here:
        first = await here.job()
        await here.step(first)
        await here.step(first)
        here.now += timedelta(days=6)
        await here.step(await here.job(number=FaxNumber(e164="+12025550124")))
        assert service.offered[1].original == ""


async def test_a_service_that_does_not_resend_is_told_of_no_original(tmp_path: Path) -> None:
    broken: dict[str, Progress] = {"a1": Broken(cause=Cause.BUSY)}
    async with bench(tmp_path, Line("a", offers=["a1", "a2"], answers=[broken])) as here:
        job = await here.job()
        await here.step(job)
        here.now = (await here.step(job)).due
        await here.step(job)
        assert [offer.original for offer in here.lines["a"].offered] == ["", ""]


@pytest.mark.parametrize(
    ("back", "state", "asked"),
    [(True, State.CANCELLED, 1), (False, State.ACCEPTED, 1), (down(), State.ACCEPTED, 1)],
    ids=["gives it back", "does not", "cannot be asked"],
)
async def test_a_fax_that_is_asked_back_is_cancelled_when_the_service_confirms(
    tmp_path: Path, back: bool | Fault, state: State, asked: int
) -> None:
    service = Again("a", offers=["a1"], answers=[{}, {}], back=back)
    async with bench(tmp_path, service) as here:
        job = await here.step(await here.job())
        await here.shop.write(job, CancelAsked())
        job = await here.step(job)
        assert job.state is state
        assert len(service.cancelled) == asked


async def test_it_is_asked_back_once_and_what_was_sent_meanwhile_is_sent(tmp_path: Path) -> None:
    service = Again("a", offers=["a1"], answers=[{"a1": Done()}], back=False)
    async with bench(tmp_path, service) as here:
        job = await here.step(await here.job())
        await here.shop.write(job, CancelAsked())
        assert (await here.step(job)).state is State.SENT


async def test_whom_it_is_for_reaches_the_service(tmp_path: Path) -> None:
    service = Line("a", offers=["a1"])
    async with bench(tmp_path, service) as here:
        await here.step(await here.job(to_name="Zoë"))
        assert service.offered[0].to_name == "Zoë"


async def test_two_in_doubt_that_are_looked_for_at_once_never_find_the_same_fax(tmp_path: Path) -> None:
    found: list[frozenset[str]] = []

    @dataclass(slots=True)
    class Finder(Line):
        """Finds the first message that nobody holds."""

        async def find(self, offer: object, *, taken: frozenset[str]) -> str | None:
            found.append(taken)
            return next(ticket for ticket in ("x1", "x2") if ticket not in taken)

    async with bench(tmp_path, Finder("a", offers=[InDoubt("lost"), InDoubt("lost")])) as here:
        here.shop = replace(here.shop, habits=replace(here.shop.habits, one_call=False))
        jobs = [await here.step(await here.job()) for _ in range(2)]

        after = await asyncio.gather(*map(here.step, jobs))
        assert {job.ticket for job in after} == {"x1", "x2"}
