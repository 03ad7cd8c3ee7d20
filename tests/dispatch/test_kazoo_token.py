"""The token: kept, renewed before it is old, once after a 401, by one renewal at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from smtpfax.dispatch.kazoo.client import TOKEN_KEPT
from smtpfax.model.errors import Temporary
from tests.dispatch.benches import kazoo
from tests.dispatch.fake_kazoo import FakeKazoo
from tests.dispatch.values import Clock, offer, spooled


async def test_one_token_serves_many_requests(fake: FakeKazoo, tmp_path: Path) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    await asyncio.gather(*(backend.offer(offer(f"m{number}-1")) for number in range(5)))
    assert fake.signed_in == 1


async def test_it_is_renewed_before_it_is_old(fake: FakeKazoo, clock: Clock, tmp_path: Path) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    await backend.check()
    clock.now += TOKEN_KEPT
    await backend.check()
    assert fake.signed_in == 2


async def test_a_token_that_is_revoked_is_renewed_once_and_the_fax_is_taken_once(
    fake: FakeKazoo, tmp_path: Path
) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    await backend.check()
    fake.tokens.clear()
    await backend.offer(offer())
    assert (fake.signed_in, len(fake.faxes), len(fake.created)) == (2, 1, 2)


async def test_many_requests_that_find_it_revoked_renew_it_once(fake: FakeKazoo, tmp_path: Path) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    await backend.check()
    fake.tokens.clear()
    await asyncio.gather(*(backend.offer(offer(f"m{number}-1")) for number in range(5)))
    assert (fake.signed_in, len(fake.faxes)) == (2, 5)


async def test_a_key_that_is_refused_is_temporary_loud_and_no_fax_leaves(fake: FakeKazoo, tmp_path: Path) -> None:
    backend = kazoo(fake, spooled(tmp_path), key="wrong-key")
    for _ in range(2):
        with pytest.raises(Temporary, match="api_key is refused") as caught:
            await backend.offer(offer())
        assert "wrong-key" not in str(caught.value)
    assert fake.created == []


async def test_tokens_that_are_refused_again_and_again_end_in_a_fault_not_in_a_circle(
    fake: FakeKazoo, tmp_path: Path
) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    fake.keeps_tokens = False
    with pytest.raises(Temporary, match="401"):
        await backend.offer(offer())
    assert len(fake.created) == 2
