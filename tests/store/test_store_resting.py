"""Numbers that rest, counted in the commit of what they follow from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from smtpfax.model.accepting import Acceptance
from smtpfax.model.cause import Cause
from smtpfax.model.event import Deferred, Event, Failed, Offered, Rendered, Sent
from smtpfax.model.number import FaxNumber
from smtpfax.model.resting import MOST_TRIES, REST
from smtpfax.model.status import BUSY, UNALLOCATED
from smtpfax.store import Store
from tests.store.conftest import Opener
from tests.store.desk import DOCUMENT, FAX, Clock, Desk

NOT_THERE = Failed(status=UNALLOCATED.status, cause=Cause.UNALLOCATED, text="")
REFUSED = Failed(status=UNALLOCATED.status, cause=Cause.REFUSED, text="")


async def ends(desk: Desk, event: Event, number: FaxNumber = FAX) -> None:
    """A job to the number that ends so."""
    mail = desk.make.mail(desk.make.id("content").encode())
    job = desk.make.job(mail, number=number)
    await desk.accept(Acceptance(mail=mail, jobs=[job]))
    await desk.store.jobs.advance(job, [Rendered(document=DOCUMENT), Offered(backend="b"), event], at=desk.clock())


async def test_three_such_tries_in_a_row_put_a_number_to_rest(store: Store, desk: Desk, clock: Clock) -> None:
    for tries in range(1, MOST_TRIES + 1):
        assert store.resting.now().get(FAX.e164) is None or store.resting.now()[FAX.e164].until(clock()) is None
        await ends(desk, NOT_THERE)
        assert store.resting.now()[FAX.e164].tries == tries
    assert store.resting.now()[FAX.e164].until(clock()) == clock() + REST


@pytest.mark.parametrize(
    "event", [Sent(), Failed(status=BUSY.status, cause=Cause.BUSY, text="", counted=True)], ids=["sent", "busy"]
)
async def test_any_other_end_of_a_call_makes_it_good_again(store: Store, desk: Desk, event: Event) -> None:
    for _ in range(2):
        await ends(desk, NOT_THERE)
    await ends(desk, event)
    assert store.resting.now() == {}


async def test_what_was_no_call_says_nothing_of_a_number(store: Store, desk: Desk, clock: Clock) -> None:
    await ends(desk, NOT_THERE)
    await ends(desk, REFUSED)
    down = Deferred(status=BUSY.status, cause=Cause.BACKEND, text="", due=clock())
    await ends(desk, down)
    assert store.resting.now()[FAX.e164].tries == 1


async def test_a_sub_address_is_the_same_number_and_another_is_another(store: Store, desk: Desk) -> None:
    await ends(desk, NOT_THERE, FaxNumber(e164=FAX.e164, sub_address="12"))
    await ends(desk, NOT_THERE, FaxNumber(e164="+12025550199"))
    assert {number: rest.tries for number, rest in store.resting.now().items()} == {FAX.e164: 1, "+12025550199": 1}


async def test_it_is_known_after_a_restart_until_it_is_cleared_or_forgotten(
    opener: Opener, desk: Desk, clock: Clock
) -> None:
    for _ in range(3):
        await ends(desk, NOT_THERE)
    again = await opener()
    assert again.resting.now()[FAX.e164].tries == 3
    assert await again.resting.forget(clock()) == 0
    assert await again.resting.clear(FAX.e164)
    assert not await again.resting.clear(FAX.e164)
    await ends(desk, NOT_THERE)
    assert await desk.store.resting.forget(clock.turn(days=31)) == 1
    assert desk.store.resting.now() == {}


async def test_after_its_rest_it_has_three_tries_again(store: Store, desk: Desk, clock: Clock) -> None:
    for _ in range(3):
        await ends(desk, NOT_THERE)
    clock.now += REST + timedelta(seconds=1)
    await ends(desk, NOT_THERE)
    assert store.resting.now()[FAX.e164].tries == 1
