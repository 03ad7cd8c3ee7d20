"""The contract that every backend passes, whatever stands behind it.

A service that can be asked is held to all of it; one that only takes faxes is `blind`, and has a part of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model.backend import Callback, Done, Offer, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import InDoubt, Permanent, Temporary
from tests.dispatch.benches import BENCHES, BLIND, Bench
from tests.dispatch.values import offer, spooled


@pytest.fixture(params=sorted(BENCHES))
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Each kind in turn."""
    async with BENCHES[request.param](spooled(tmp_path)) as bench:
        yield bench
        await bench.backend.close()


@pytest.fixture(params=sorted(set(BENCHES) - BLIND))
async def telling(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Those that can be asked."""
    async with BENCHES[request.param](spooled(tmp_path)) as bench:
        yield bench
        await bench.backend.close()


@pytest.fixture(params=sorted(BLIND))
async def blind(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Those that cannot."""
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


async def test_a_call_is_under_way_and_then_over_and_stays_so(telling: Bench) -> None:
    ticket = await telling.backend.offer(offer())
    assert isinstance((await telling.backend.ask([ticket]))[ticket], Sending)
    telling.end_all()
    for _ in range(2):
        said = (await telling.backend.ask([ticket]))[ticket]
        assert isinstance(said, Done)
        assert said.transmission.pages_sent == 3


async def test_two_tries_of_one_job_are_two_calls(bench: Bench) -> None:
    tickets = {await bench.backend.offer(offer(try_number=number)) for number in (1, 2)}
    assert len(tickets) == 2
    assert len(bench.taken()) == 2


async def test_a_ticket_that_it_never_gave_is_left_out(telling: Bench) -> None:
    ticket = await telling.backend.offer(offer())
    assert set(await telling.backend.ask([ticket, "202601-feedface", "no ticket at all", "../x"])) == {ticket}
    assert await telling.backend.ask([]) == {}


async def test_a_fax_whose_answer_was_lost_is_found_and_goes_on(telling: Bench) -> None:
    asked = offer(number=telling.lying)
    await lost(telling, asked)
    ticket = await telling.backend.find(asked, taken=frozenset())
    assert ticket is not None
    telling.end_all()
    assert isinstance((await telling.backend.ask([ticket]))[ticket], Done)
    assert telling.taken() == [asked.key]


async def test_a_fax_whose_answer_was_lost_is_found_after_its_end_too(telling: Bench) -> None:
    asked = offer(number=telling.lying)
    await lost(telling, asked)
    telling.end_all()
    ticket = await telling.backend.find(asked, taken=frozenset())
    assert ticket is not None
    assert isinstance((await telling.backend.ask([ticket]))[ticket], Done)


async def test_a_ticket_that_another_job_holds_is_never_found(telling: Bench) -> None:
    asked = offer(number=telling.lying)
    await lost(telling, asked)
    ticket = await telling.backend.find(asked, taken=frozenset())
    assert ticket is not None
    assert await telling.backend.find(asked, taken=frozenset({ticket, "somebody else's"})) is None


async def test_two_faxes_to_one_number_in_doubt_are_told_apart(telling: Bench) -> None:
    first, second = offer("m1-1", number=telling.lying), offer("m2-1", number=telling.lying)
    await lost(telling, first)
    await lost(telling, second)
    tickets = [await telling.backend.find(asked, taken=frozenset()) for asked in (first, second, first)]
    assert len(set(tickets)) == 2
    assert tickets[0] == tickets[2]


async def test_where_nothing_was_taken_it_says_so(bench: Bench) -> None:
    bench.before(bench.down)
    with pytest.raises(Temporary) as caught:
        await bench.backend.offer(offer(number=bench.down))
    assert caught.value.cause is Cause.BACKEND
    assert bench.taken() == []


async def test_where_nothing_was_taken_nothing_is_found(telling: Bench) -> None:
    asked = offer(number=telling.down)
    telling.before(telling.down)
    with pytest.raises(Temporary):
        await telling.backend.offer(asked)
    assert await telling.backend.find(asked, taken=frozenset()) is None


async def test_what_a_blind_service_took_is_sent_and_unconfirmed(blind: Bench) -> None:
    ticket = await blind.backend.offer(offer())
    for _ in range(2):
        assert await blind.backend.ask([ticket]) == {ticket: Done(unconfirmed=True)}


async def test_what_a_blind_service_may_have_taken_stays_in_doubt(blind: Bench) -> None:
    asked = offer(number=blind.lying)
    await lost(blind, asked)
    assert not blind.backend.can_find
    with pytest.raises(Temporary):
        await blind.backend.find(asked, taken=frozenset())
    assert blind.taken() == [asked.key]


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
    assert not bench.backend.offer_again
