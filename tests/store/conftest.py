"""A store on a real file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from smtpfax.store import Store
from tests.store.desk import Clock, Desk, Maker

Opener = Callable[[], Awaitable[Store]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(clock: Clock) -> Maker:
    return Maker(clock)


@pytest.fixture
def apart() -> bool:
    """Whether a process of its own puts in what the database is owed; a module may ask for both."""
    return False


@pytest.fixture
async def opener(tmp_path: Path, clock: Clock, make: Maker, apart: bool) -> AsyncIterator[Opener]:
    """Opens the same database as often as it is asked to."""
    opened: list[Store] = []

    async def open_store() -> Store:
        path = str(tmp_path / "smtpfax.db")
        store = await Store.open(path, busy_seconds=0.2, clock=clock, ids=make.id, apart=apart)
        opened.append(store)
        return store

    yield open_store
    for store in opened:
        await store.close()


@pytest.fixture
async def store(opener: Opener) -> Store:
    return await opener()


@pytest.fixture
def desk(store: Store, clock: Clock, make: Maker) -> Desk:
    return Desk(store, clock, make)
