"""A try in doubt is found by number and time, among the messages that no other job holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model.backend import Offer
from smtpfax.model.errors import InDoubt
from smtpfax.testing.ringcentral import FakeRingCentral
from smtpfax.testing.ringcentral.order import File, Order
from smtpfax.testing.trick import Trick
from tests.dispatch.benches import ringcentral
from tests.dispatch.values import ELSEWHERE, HERE, NOW, PDF, Clock, offer, spooled

LOST = Trick(name="lost", takes=True)


def order(number: str = HERE, name: str = "scan.pdf") -> Order:
    """Somebody's fax."""
    file = File(name=name, media_type="application/pdf", octets=PDF)
    return Order(to=[{"phoneNumber": number}], fields={}, files=[file])


async def find(
    ring: FakeRingCentral, folder: Path, *, taken: frozenset[str] = frozenset(), asked: Offer | None = None
) -> str | None:
    return await ringcentral(ring, folder).find(asked or offer(), taken=taken)


@pytest.mark.parametrize("shows_names", [True, False])
@pytest.mark.parametrize("status", ["Queued", "Sent", "SendingFailed"])
async def test_it_is_found_whatever_became_of_it(
    ring: FakeRingCentral, tmp_path: Path, shows_names: bool, status: str
) -> None:
    ring.store.shows_names = shows_names
    ring.tricks.append(LOST)
    with pytest.raises(InDoubt):
        await ringcentral(ring, spooled(tmp_path), request_seconds=0.3).offer(offer())
    ring.store.end(4_444_444_444, status, pages=0)
    found = await find(ring, tmp_path)
    assert found is not None
    assert found.startswith("4444444444")
    assert await find(ring, tmp_path, taken=frozenset({"4444444444@20261121T120000Z"})) is None


@pytest.mark.parametrize("number", [HERE.lstrip("+"), HERE])
async def test_numbers_are_compared_by_their_digits(ring: FakeRingCentral, tmp_path: Path, number: str) -> None:
    ring.store.take(order(number))
    assert await find(ring, tmp_path) is not None


@pytest.mark.parametrize("asked", [order(ELSEWHERE), order(name="m9-1.1.pdf")], ids=["another number", "another try's"])
async def test_a_fax_that_differs_is_not_ours(ring: FakeRingCentral, tmp_path: Path, asked: Order) -> None:
    ring.store.take(asked)
    assert await find(ring, tmp_path) is None


@pytest.mark.parametrize("minutes", [-10, 30])
async def test_a_fax_of_another_time_is_not_ours(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path, minutes: int
) -> None:
    clock.now = NOW + timedelta(minutes=minutes)
    ring.store.take(order())
    clock.now = NOW + timedelta(minutes=40)
    assert await find(ring, tmp_path) is None


async def test_of_several_our_name_decides_and_without_it_the_oldest(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    ring.store.take(order())
    clock.pass_by(seconds=1)
    ring.store.take(order())
    assert (await find(ring, tmp_path) or "").startswith("4444444444")
    clock.pass_by(seconds=1)
    ring.store.take(order(name="m1-1.1.pdf"))
    assert (await find(ring, tmp_path) or "").startswith("4444444446")


async def test_what_came_in_from_that_number_is_not_ours(ring: FakeRingCentral, tmp_path: Path) -> None:
    ring.store.receive(order().files[0], sender=ELSEWHERE, to=HERE)
    assert await find(ring, tmp_path) is None


async def test_a_resend_that_kept_its_message_is_found_by_its_change(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    first = await backend.offer(offer())
    clock.pass_by(minutes=5)
    ring.store.end(4_444_444_444, "SendingFailed", code="LineBusy")
    clock.pass_by(minutes=5)
    again = replace(offer(try_number=2, offered=clock()), original=first)
    assert await find(ring, tmp_path, asked=again, taken=frozenset({first})) is None
    clock.pass_by(seconds=10)
    ring.store.end(4_444_444_444, "Queued")
    assert await find(ring, tmp_path, asked=again, taken=frozenset({first})) == first


async def test_a_resend_that_made_a_new_message_is_found(ring: FakeRingCentral, clock: Clock, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path), request_seconds=0.3)
    first = await backend.offer(offer())
    clock.pass_by(minutes=5)
    again = replace(offer(try_number=2, offered=clock()), original=first)
    ring.tricks.append(LOST)
    with pytest.raises(InDoubt):
        await backend.offer(again)
    found = await backend.find(again, taken=frozenset({first}))
    assert found is not None
    assert found.startswith("4444444445")


@pytest.mark.parametrize("minutes", [-30, 30])
async def test_by_its_name_it_is_found_though_their_clock_is_half_an_hour_off(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path, minutes: int
) -> None:
    clock.now = NOW + timedelta(minutes=minutes)
    ring.store.take(order(name="m1-1.1.pdf"))
    assert await find(ring, tmp_path) is not None


async def test_of_two_resends_in_doubt_each_finds_its_own_though_both_keep_an_earlier_name(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    """Two mails to one number, both tried before: the order in which they were sent again says nothing."""
    for name in ("m2-1.1.pdf", "m1-1.1.pdf"):
        ring.store.take(order(name=name))
        clock.pass_by(seconds=1)
    old = "4444440000@20261121T110000Z"
    found = [
        await find(ring, tmp_path, asked=replace(offer(job, try_number=2), original=old)) for job in ("m1-1", "m2-1")
    ]
    assert [ticket and ticket[:10] for ticket in found] == ["4444444445", "4444444444"]


async def test_a_document_of_the_same_mail_is_nearer_than_that_of_another(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    for name in ("m2-1.1.pdf", "m1-2.1.pdf"):
        ring.store.take(order(name=name))
        clock.pass_by(seconds=1)
    again = replace(offer(), original="4444440000@20261121T110000Z")
    assert (await find(ring, tmp_path, asked=again) or "").startswith("4444444445")
