"""A bench for each kind of backend: the backend, and what a test may do to the service behind it.

In:    a folder with the document.
Out:   Bench; a later backend adds its own to BENCHES, and has the whole contract to pass.
Fails: never.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from itertools import count
from pathlib import Path
from typing import Protocol

from smtpfax.dispatch.embedded import Embedded
from smtpfax.dispatch.kazoo import Kazoo
from smtpfax.dispatch.settings import EmbeddedSettings, KazooSettings
from smtpfax.egress import Egress
from smtpfax.model.backend import Backend, Exchange
from smtpfax.store import Store
from tests.dispatch.fake_kazoo import ACCOUNT, API_KEY, FakeKazoo, Trick
from tests.dispatch.values import DIRECTORY, Clock, MemoryExchange

LYING, DOWN = "+12025550701", "+12025550702"


class Bench(Protocol):
    """What the contract needs of a service."""

    backend: Backend
    clock: Clock
    lying: str  # a number whose answer to an offer is lost after the fax was taken
    down: str  # a number for which nothing is taken

    def taken(self) -> Sequence[str]:
        """The keys of the offers that the service has taken, each as often as it took it."""

    def end_all(self) -> None:
        """Every call goes through."""

    def before(self, number: str) -> None:
        """Called before an offer to the number."""


class EmbeddedBench:
    """The exchange's table does it all."""

    def __init__(self) -> None:
        self.clock, self.exchange = Clock(), MemoryExchange()
        self.lying, self.down = LYING, DOWN
        self.backend: Backend = embedded(self.exchange, self.clock)

    def taken(self) -> Sequence[str]:
        """One call a key."""
        return list(self.exchange.kept)

    def end_all(self) -> None:
        """Time does it."""
        self.clock.pass_by(minutes=5)

    def before(self, number: str) -> None:
        """The table knows."""


class StoredBench(EmbeddedBench):
    """The same on the store, as the daemon has it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.clock, self.lying, self.down = clock, LYING, DOWN
        self.backend = embedded(store.exchange, clock)
        self._path = store.path

    def taken(self) -> Sequence[str]:
        """As the database has it."""
        with closing(sqlite3.connect(self._path)) as database:
            return [key for (key,) in database.execute("select key from calls")]


def embedded(exchange: Exchange, clock: Clock) -> Embedded:
    """An exchange with the two numbers."""
    numbers = count()
    return Embedded(
        "line",
        EmbeddedSettings(numbers={LYING: "lying", DOWN: "down"}, seconds_per_page=10),
        exchange=exchange,
        directory=lambda: DIRECTORY,
        clock=clock,
        ids=lambda: f"in{next(numbers)}",
    )


class KazooBench:
    """A fake that plays tricks."""

    def __init__(self, fake: FakeKazoo, clock: Clock, folder: Path, *, seconds: float = 0.5) -> None:
        self.clock, self.fake = clock, fake
        self.lying, self.down = LYING, DOWN
        self.backend: Backend = kazoo(fake, folder, seconds=seconds)

    def taken(self) -> Sequence[str]:
        """By our own field."""
        return [fax["smtpfax_job"] for fax in self.fake.faxes]

    def end_all(self) -> None:
        """As a fax machine answers."""
        for id_ in list(self.fake.queue):
            self.fake.finish(id_, "completed", {"success": True, "transferred_pages": 3})

    def before(self, number: str) -> None:
        """Tricks for the two numbers."""
        tricks = {LYING: Trick(name="lost", takes=True), DOWN: Trick(name="down", takes=False, status=503)}
        if number in tricks:
            self.fake.tricks.append(tricks[number])


def kazoo(fake: FakeKazoo, folder: Path, *, seconds: float = 5, upload: str = "multipart", key: str = API_KEY) -> Kazoo:
    """A backend for the fake."""
    settings = KazooSettings(
        url=fake.url,
        account_id=ACCOUNT,
        api_key=key,
        upload="url" if upload == "url" else "multipart",
        request_seconds=seconds,
    )
    return Kazoo(
        "kazoo",
        settings,
        egress=Egress(own_hosts=frozenset({"127.0.0.1"})),
        clock=fake.clock,
        path_of=lambda name: folder / name,
        url_of=lambda document: f"https://fax.example.com/documents/{document.name}?signature=s",
    )


@asynccontextmanager
async def embedded_bench(_: Path) -> AsyncIterator[Bench]:
    """Nothing to open."""
    yield EmbeddedBench()


@asynccontextmanager
async def stored_bench(folder: Path) -> AsyncIterator[Bench]:
    """With its database."""
    clock = Clock()
    store = await Store.open(str(folder / "store.db"), busy_seconds=5, clock=clock, ids=lambda: "x")
    yield StoredBench(store, clock)
    await store.close()


@asynccontextmanager
async def kazoo_bench(folder: Path) -> AsyncIterator[Bench]:
    """With its server."""
    clock = Clock()
    async with FakeKazoo(clock) as fake:
        yield KazooBench(fake, clock, folder)


BENCHES: dict[str, Callable[[Path], AbstractAsyncContextManager[Bench]]] = {
    "embedded": embedded_bench,
    "embedded on the store": stored_bench,
    "kazoo": kazoo_bench,
}
