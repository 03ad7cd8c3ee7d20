"""A job's stages behind the renderer: what each answer of a fax service comes to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model import status as say
from smtpfax.model.backend import Broken, Done, Limits, Progress, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import InDoubt, Permanent, Temporary
from smtpfax.model.event import CancelAsked, Held, Released, Transmission
from smtpfax.model.job import State
from smtpfax.model.wishes import Notify, Wishes
from smtpfax.worker import rendering, stages
from tests.worker.shop import DOCUMENT, T0, Line, bench

DONE: dict[str, Progress] = {"t1": Done(transmission=Transmission(pages_sent=2, seconds=30))}


def broken(cause: Cause, pages: int = 0) -> dict[str, Progress]:
    """A call that ended so."""
    return {"t1": Broken(cause=cause, transmission=Transmission(pages_sent=pages))}


def down() -> Temporary:
    """A service that is not there."""
    return Temporary(say.BACKEND_DOWN, cause=Cause.BACKEND)


async def test_a_fax_that_is_sent_has_its_receipt_in_the_same_commit(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=["t1"], answers=[{"t1": Sending(pages_sent=1)}, DONE])) as here:
        job = await here.job()
        for state in (State.ACCEPTED, State.ACCEPTED, State.SENT):
            job = await here.step(job)
            assert job.state is state
        assert await here.words(job) == ["rendered", "offered", "accepted", "progressed", "sent"]
        assert (job.tries, job.pages_sent) == (1, 2)
        assert await here.told(job) == [("receipt", "ann@acme.example")]


async def test_offered_is_committed_before_the_service_hears_of_it(tmp_path: Path) -> None:
    line = Line("a", offers=[KeyboardInterrupt()])
    async with bench(tmp_path, line) as here:
        job = await here.job()
        try:
            await here.step(job)
        except KeyboardInterrupt:
            assert (await here.stands(job)).state is State.OFFERED
        assert len(line.offered) == 1


async def test_a_busy_line_is_tried_again_until_the_tries_are_used_up(tmp_path: Path) -> None:
    line = Line("a", offers=["t1"] * 3, answers=[broken(Cause.BUSY)] * 3)
    async with bench(tmp_path, line) as here:
        job = await here.job()
        for tries in (1, 2, 3):
            await here.step(job)
            job = await here.step(job)
            assert job.tries == tries
            here.now = job.due
        assert (job.state, job.cause) == (State.FAILED, Cause.BUSY)
        assert [offer.try_number for offer in line.offered] == [1, 2, 3]
        assert await here.told(job) == [("failure", "ann@acme.example")]


async def test_a_service_that_is_down_costs_no_try_and_is_asked_less_and_less_often(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=[down(), down(), down(), "t1"], answers=[DONE])) as here:
        job = await here.job()
        waits = []
        for _ in range(3):
            job = await here.step(job)
            waits.append(job.due - here.now)
            here.now = job.due
        assert waits == sorted(set(waits))
        assert job.tries == 0
        await here.step(job)
        assert (await here.step(job)).state is State.SENT


async def test_no_route_is_the_end_or_the_next_service_of_the_list(tmp_path: Path) -> None:
    no_route = Permanent(say.NO_ROUTE, cause=Cause.NO_ROUTE, number="+12025550123")
    async with bench(tmp_path, Line("a", offers=[no_route]), Line("b", offers=["t1"], answers=[DONE])) as here:
        job = await here.job()
        job = await here.step(job)
        assert (job.state, job.backend, job.due) == (State.RENDERED, "a", T0)
        await here.step(job)
        job = await here.step(job)
        assert (job.state, job.backend) == (State.SENT, "b")


async def test_no_route_on_the_last_service_is_failed_5_1_2(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=["t1"], answers=[broken(Cause.NO_ROUTE)])) as here:
        job = await here.job()
        await here.step(job)
        job = await here.step(job)
        assert (job.state, str(job.status)) == (State.FAILED, "5.1.2")


async def test_an_answer_that_was_lost_is_looked_for_and_found(tmp_path: Path) -> None:
    line = Line("a", offers=[InDoubt("dropped")], looks=["t1"], answers=[DONE])
    async with bench(tmp_path, line) as here:
        job = await here.step(await here.job())
        assert (job.state, job.due) == (State.OFFERED, T0 + timedelta(seconds=60))
        here.now = job.due
        assert (await here.step(job)).ticket == "t1"
        assert (await here.step(job)).state is State.SENT
        assert len(line.offered) == 1


async def test_surely_not_there_takes_two_looks_and_then_it_is_offered_again(tmp_path: Path) -> None:
    line = Line("a", offers=[InDoubt("dropped"), "t1"], looks=[None, down(), None], answers=[DONE])
    async with bench(tmp_path, line) as here:
        job = await here.step(await here.job())
        for state in (State.OFFERED, State.OFFERED, State.RENDERED):
            here.now = job.due
            job = await here.step(job)
            assert job.state is state
        assert job.tries == 0
        here.now = job.due
        await here.step(job)
        assert (await here.step(job)).state is State.SENT


async def test_a_service_that_cannot_look_up_ends_in_maybe_sent_unless_told_to_offer_again(tmp_path: Path) -> None:
    for again, state in ((False, State.FAILED), (True, State.RENDERED)):
        line = Line("a", offers=[InDoubt("dropped")], can_find=False, offer_again=again)
        folder = tmp_path / str(again)
        folder.mkdir()
        async with bench(folder, line) as here:
            job = await here.step(await here.job())
            here.now = job.due
            job = await here.step(job)
            assert job.state is state
            assert again or job.cause is Cause.IN_DOUBT


async def test_a_call_that_never_ends_is_given_up_as_perhaps_sent(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=["t1"], answers=[{}])) as here:
        job = await here.step(await here.job())
        assert (await here.step(job)).state is State.ACCEPTED
        here.now = T0 + timedelta(hours=6)
        job = await here.step(job)
        assert (job.state, job.text) == (State.FAILED, say.MAYBE_SENT.fill())


async def test_a_job_past_its_time_fails_and_the_time_it_was_held_does_not_count(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=["t1"])) as here:
        held = await here.shop.write(await here.job(), Held())
        late = await here.job()
        here.now = T0 + timedelta(hours=25)
        assert (await here.step(late)).cause is Cause.EXPIRED
        job = await here.shop.write(held, Released())
        assert (await here.step(job)).state is State.ACCEPTED


async def test_a_scheduled_fax_waits_for_its_time(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a")) as here:
        at = T0 + timedelta(hours=3)
        job = await here.job(scheduled=at, expires=at + timedelta(hours=24))
        assert job.due == at


async def test_a_job_that_was_cancelled_while_a_service_had_it_is_not_tried_again(tmp_path: Path) -> None:
    line = Line("a", offers=["t1"], answers=[broken(Cause.BUSY)])
    async with bench(tmp_path, line) as here:
        job = await here.step(await here.job())
        await here.shop.write(job, CancelAsked())
        job = await here.step(job)
        assert job.state is State.RENDERED
        assert (await here.step(job)).state is State.CANCELLED
        assert len(line.offered) == 1


async def test_a_hold_that_comes_with_the_offer_wins(tmp_path: Path) -> None:
    line = Line("a", offers=["t1"])
    async with bench(tmp_path, line) as here:
        seen = await here.job()
        await here.shop.write(seen, Held())
        await stages.offer(here.shop, seen)
        assert not line.offered
        assert (await here.stands(seen)).state is State.RENDERED


async def test_a_faxbox_without_a_service_fails_its_faxes_in_words(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        job = await here.step(await here.job())
        assert job.state is State.FAILED
        assert "no fax service" in job.text


async def test_a_document_that_no_service_takes_is_refused_before_it_is_offered(tmp_path: Path) -> None:
    narrow = Line("a", limits=Limits(octets=999, pages=50))
    async with bench(tmp_path, narrow) as here:
        with pytest.raises(Permanent) as refused:
            rendering.check_limits(DOCUMENT, here.boxes[0], here.shop)
        assert refused.value.sentence is say.DOCUMENT_TOO_LARGE


async def test_a_service_that_cannot_be_asked_leaves_the_job_as_it_is(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=["t1"], answers=[down(), DONE])) as here:
        job = await here.step(await here.job())
        job = await here.step(job)
        assert (job.state, job.due) == (State.ACCEPTED, T0 + timedelta(seconds=10))
        assert (await here.step(job)).state is State.SENT


async def test_what_was_held_past_its_deadline_fails_and_its_sender_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a")) as here:
        job = await here.job(deadline=T0 + timedelta(hours=1))
        await here.shop.write(job, Held(reason="wait"))
        here.now += timedelta(hours=1)
        [claimed] = await here.shop.store.jobs.claim("me", now=here.now, lease=timedelta(minutes=1), limit=9)
        job = await here.step(claimed)
        assert (job.state, str(job.status)) == (State.FAILED, "5.4.7")
        assert await here.told(job) == [("failure", "ann@acme.example")]


async def test_who_wants_to_hear_of_failures_alone_has_no_receipt(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=["t1"], answers=[{"t1": Done()}])) as here:
        job = await here.job(wishes=Wishes(notify=frozenset({Notify.FAILURE})))
        for _ in range(2):
            job = await here.step(job)
        assert job.state is State.SENT
        assert await here.told(job) == []


async def test_a_fax_that_was_only_handed_over_is_told_of_to_whom_traces_it(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a", offers=["t1"], answers=[{"t1": Done(unconfirmed=True)}])) as here:
        job = await here.job(wishes=Wishes(notify=frozenset({Notify.FAILURE}), trace=True))
        for _ in range(2):
            job = await here.step(job)
        assert await here.told(job) == [("receipt", "ann@acme.example")]
