"""The token: kept, renewed before it is old, once after a 401, by one renewal at a time; a refusal is not repeated."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.dispatch.ringcentral.credential import LOCKED
from smtpfax.model.errors import NotLetIn, Temporary
from smtpfax.testing.ringcentral import FakeRingCentral
from smtpfax.testing.trick import Trick
from tests.dispatch.benches import ringcentral
from tests.dispatch.values import NOW, Clock, offer, spooled


async def test_one_token_serves_many_requests(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    await asyncio.gather(*(backend.offer(offer(f"m{number}-1")) for number in range(5)))
    assert ring.signed_in == 1


async def test_it_is_renewed_before_it_is_old(ring: FakeRingCentral, clock: Clock, tmp_path: Path) -> None:
    backend = ringcentral(ring, tmp_path)
    await backend.check()
    clock.pass_by(minutes=53)
    await backend.check()
    assert ring.signed_in == 1
    clock.pass_by(minutes=1)  # nine tenths of its hour
    await backend.check()
    assert ring.signed_in == 2


async def test_a_token_that_is_revoked_mid_flight_is_renewed_once_and_the_fax_is_taken_once(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    await backend.check()
    ring.lapse()
    await backend.offer(offer())
    assert (ring.signed_in, len(ring.store.orders), len(ring.created)) == (2, 1, 2)


async def test_many_requests_that_find_it_revoked_renew_it_once(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    await backend.check()
    ring.lapse()
    await asyncio.gather(*(backend.offer(offer(f"m{number}-1")) for number in range(4)))
    assert (ring.signed_in, len(ring.store.orders)) == (2, 4)


async def test_tokens_that_are_refused_again_and_again_end_in_a_fault_not_in_a_circle(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ring.keeps_tokens = False
    with pytest.raises(Temporary, match="401: its token was refused"):
        await backend.offer(offer())
    assert len(ring.created) == 2
    assert not ring.store.orders


async def test_a_credential_that_is_refused_is_loud_and_is_not_tried_until_the_account_would_be_locked(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path), jwt="wrong-jwt")
    for _ in range(5):
        with pytest.raises(NotLetIn, match="signing in was refused: 400 OAU-251") as caught:
            await backend.offer(offer())
        assert "wrong-jwt" not in str(caught.value)
        clock.pass_by(seconds=10)
    assert [seen.path for seen in ring.seen] == ["/restapi/oauth/token"]
    assert caught.value.after == LOCKED - timedelta(seconds=40)
    clock.now = NOW + LOCKED
    with pytest.raises(Temporary):
        await backend.offer(offer())
    assert len(ring.seen) == 2


@pytest.mark.parametrize("token", ["", "a\r\nX-Evil: 1", "ü"])
async def test_a_token_that_cannot_be_a_header_is_none(ring: FakeRingCentral, tmp_path: Path, token: str) -> None:
    ring.gives = token
    with pytest.raises(Temporary, match="signing in was refused"):
        await ringcentral(ring, tmp_path).check()


async def test_a_server_that_is_not_there_is_down_and_asked_again(tmp_path: Path) -> None:
    async with FakeRingCentral(Clock()) as gone:
        pass
    backend = ringcentral(gone, spooled(tmp_path))
    for _ in range(2):
        with pytest.raises(Temporary, match=r"signing in: POST 127\.0\.0\.1"):
            await backend.offer(offer())


async def test_the_token_goes_to_no_address_that_an_answer_names(ring: FakeRingCentral, tmp_path: Path) -> None:
    async with FakeRingCentral(ring.clock) as stranger:
        backend = ringcentral(ring, spooled(tmp_path))
        for number in range(3):
            await backend.offer(offer(f"m{number}-1"))
        ring.most_rows = 1
        ring.store.base = f"{stranger.url}/restapi/v1.0/message-store"  # what nextPage names
        for record in ring.store.records.values():
            record["uri"] = record["attachments"][0]["uri"] = f"{stranger.url}/x"
        await backend.check()
        await backend.fetch("4444444444/4444444444@20261121T120000Z")
        ring.reading = Trick(name="redirect", takes=False, status=307, headers={"Location": f"{stranger.url}/x"})
        with pytest.raises(Temporary, match="it redirects"):
            await backend.check()
        assert stranger.seen == []
