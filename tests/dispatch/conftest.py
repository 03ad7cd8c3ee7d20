"""A clock that is moved by hand, and a Kazoo on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from smtpfax.testing.faxout import FakeFaxOut
from smtpfax.testing.ringcentral import FakeRingCentral
from tests.dispatch.fake_kazoo import FakeKazoo
from tests.dispatch.values import Clock


@pytest.fixture
def clock() -> Clock:
    """Stands at NOW."""
    return Clock()


@pytest.fixture
async def fake(clock: Clock) -> AsyncIterator[FakeKazoo]:
    """Listening."""
    async with FakeKazoo(clock) as fake:
        yield fake


@pytest.fixture
async def ring(clock: Clock) -> AsyncIterator[FakeRingCentral]:
    """A RingCentral, listening."""
    async with FakeRingCentral(clock) as ring:
        yield ring


@pytest.fixture
async def out() -> AsyncIterator[FakeFaxOut]:
    """A FaxOut, listening."""
    async with FakeFaxOut() as out:
        yield out
