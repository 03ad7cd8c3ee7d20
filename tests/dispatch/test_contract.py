"""The contract that every backend passes, whatever stands behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model.backend import Callback, Done, Offer, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import InDoubt, Permanent, Temporary
from tests.dispatch.benches import BENCHES, Bench
from tests.dispatch.values import offer, spooled


@pytest.fixture(params=sorted(BENCHES))
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Each kind in turn."""
    async with BENCHES[request.param](spooled(tmp_path)) as bench:
        yield bench
        await bench.backend.close()


async def lost(bench: Bench, asked: Offer) -> None:
    """Offer, and lose the answer."""
    bench.before(asked.number.e164)
    with pytest.raises(InDoubt):
        await bench.backend.offer(asked)


async def test_an_offer_is_taken_once_and_has_a_ticket(bench: Bench) -> None:
    ticket = await bench.backend.offer(offer())
    assert ticket
    assert bench.taken() == [offer().key]


async def test_a_call_is_under_way_and_then_over_and_stays_so(bench: Bench) -> None:
    ticket = await bench.backend.offer(offer())
    assert isinstance((await bench.backend.ask([ticket]))[ticket], Sending)
    bench.end_all()
    for _ in range(2):
        said = (await bench.backend.ask([ticket]))[ticket]
        assert isinstance(said, Done)
        assert said.transmission.pages_sent == 3


async def test_two_tries_of_one_job_are_two_calls(bench: Bench) -> None:
    tickets = {await bench.backend.offer(offer(try_number=number)) for number in (1, 2)}
    assert len(tickets) == 2
    assert len(bench.taken()) == 2


async def test_a_ticket_that_it_never_gave_is_left_out(bench: Bench) -> None:
    ticket = await bench.backend.offer(offer())
    assert set(await bench.backend.ask([ticket, "202601-feedface", "no ticket at all", "../x"])) == {ticket}
    assert await bench.backend.ask([]) == {}


async def test_a_fax_whose_answer_was_lost_is_found_and_goes_on(bench: Bench) -> None:
    asked = offer(number=bench.lying)
    await lost(bench, asked)
    ticket = await bench.backend.find(asked, taken=frozenset())
    assert ticket is not None
    bench.end_all()
    assert isinstance((await bench.backend.ask([ticket]))[ticket], Done)
    assert bench.taken() == [asked.key]


async def test_a_fax_whose_answer_was_lost_is_found_after_its_end_too(bench: Bench) -> None:
    asked = offer(number=bench.lying)
    await lost(bench, asked)
    bench.end_all()
    ticket = await bench.backend.find(asked, taken=frozenset())
    assert ticket is not None
    assert isinstance((await bench.backend.ask([ticket]))[ticket], Done)


async def test_a_ticket_that_another_job_holds_is_never_found(bench: Bench) -> None:
    asked = offer(number=bench.lying)
    await lost(bench, asked)
    ticket = await bench.backend.find(asked, taken=frozenset())
    assert ticket is not None
    assert await bench.backend.find(asked, taken=frozenset({ticket, "somebody else's"})) is None


async def test_two_faxes_to_one_number_in_doubt_are_told_apart(bench: Bench) -> None:
    first, second = offer("m1-1", number=bench.lying), offer("m2-1", number=bench.lying)
    await lost(bench, first)
    await lost(bench, second)
    tickets = [await bench.backend.find(asked, taken=frozenset()) for asked in (first, second, first)]
    assert len(set(tickets)) == 2
    assert tickets[0] == tickets[2]


async def test_where_nothing_was_taken_nothing_is_found(bench: Bench) -> None:
    asked = offer(number=bench.down)
    bench.before(bench.down)
    with pytest.raises(Temporary) as caught:
        await bench.backend.offer(asked)
    assert caught.value.cause is Cause.BACKEND
    assert bench.taken() == []
    assert await bench.backend.find(asked, taken=frozenset()) is None


async def test_the_intervals_of_asking_do_not_shrink(bench: Bench) -> None:
    intervals = [bench.backend.poll(timedelta(minutes=minutes)) for minutes in (0, 0.9, 3, 10, 60, 1440)]
    assert intervals == sorted(intervals)
    assert intervals[0] > timedelta()


async def test_a_callback_from_anybody_is_refused(bench: Bench) -> None:
    with pytest.raises(Permanent):
        bench.backend.read_callback(Callback(method="POST", path="/", headers={}, body=b"{}"))


async def test_it_says_in_words_that_it_is_well(bench: Bench) -> None:
    assert len((await bench.backend.check()).split()) > 3


async def test_limits_and_habits_are_known_before_anything_is_offered(bench: Bench) -> None:
    assert bench.backend.limits.octets > 0
    assert bench.backend.limits.pages > 0
    assert bench.backend.can_find
    assert not bench.backend.offer_again
