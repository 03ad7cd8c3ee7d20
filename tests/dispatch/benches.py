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

from smtpfax.api.meter import Metrics
from smtpfax.dispatch.embedded import Embedded
from smtpfax.dispatch.faxout import FaxOut
from smtpfax.dispatch.kazoo import Kazoo
from smtpfax.dispatch.ringcentral import Credentials, RingCentral
from smtpfax.dispatch.ringcentral.backend import World
from smtpfax.dispatch.ringcentral.subscription import Address
from smtpfax.dispatch.settings import EmbeddedSettings, FaxOutSettings, KazooSettings, RingCentralSettings
from smtpfax.egress import Egress
from smtpfax.model.backend import Backend, Exchange
from smtpfax.model.document import Document
from smtpfax.model.ids import Clock as Now
from smtpfax.store import Store
from smtpfax.testing.faxout import PASSWORD, USERNAME, FakeFaxOut
from smtpfax.testing.ringcentral import CLIENT_ID, CLIENT_SECRET, JWT, FakeRingCentral
from smtpfax.testing.trick import Trick as Played
from tests.dispatch.fake_kazoo import ACCOUNT, API_KEY, FakeKazoo, Trick
from tests.dispatch.values import DIRECTORY, PDF, Clock, MemoryExchange

LOOPBACK = frozenset({"127.0.0.1"})
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


def kazoo(
    fake: FakeKazoo,
    folder: Path,
    *,
    seconds: float = 5,
    upload: str = "multipart",
    key: str = API_KEY,
    egress: Egress | None = None,
) -> Kazoo:
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
        egress=egress or Egress(own_hosts=LOOPBACK),
        clock=fake.clock,
        path_of=lambda name: folder / name,
        url_of=lambda document: f"https://fax.example.com/documents/{document.name}?signature=s",
    )


class RingCentralBench:
    """A fake that plays tricks; the board is read anew for each question, since the clock of a test stands still."""

    def __init__(self, fake: FakeRingCentral, clock: Clock, folder: Path) -> None:
        self.clock, self.fake = clock, fake
        self.lying, self.down = LYING, DOWN
        self.backend: Backend = ringcentral(fake, folder, request_seconds=0.5, poll_seconds=1)

    def taken(self) -> Sequence[str]:
        """By the names of the files, which are our keys."""
        return [order.files[0].name.removesuffix(".pdf") for order in self.fake.store.orders.values()]

    def end_all(self) -> None:
        """As a fax machine answers."""
        self.clock.pass_by(seconds=5)
        for id_ in self.fake.store.records:
            self.fake.store.end(id_, "Sent", pages=3)

    def before(self, number: str) -> None:
        """Tricks for the two numbers."""
        tricks = {LYING: Played(name="lost", takes=True), DOWN: Played(name="down", takes=False, status=503)}
        if number in tricks:
            self.fake.tricks.append(tricks[number])


def ringcentral(fake: FakeRingCentral, folder: Path, *, egress: Egress | None = None, **changed: object) -> RingCentral:
    """A backend for the fake."""
    values = {
        "url": fake.url,
        "media_url": fake.url,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "jwt": JWT,
        "request_seconds": 5,
    }
    address = changed.pop("address", Address(url="http://127.0.0.1:1/callbacks/ringcentral", token="our-token"))
    settings = RingCentralSettings(**values | changed)  # type: ignore[arg-type]
    egress = egress or Egress(own_hosts=LOOPBACK)

    async def sleep(seconds: float) -> None:
        fake.clock.pass_by(seconds=seconds)  # type: ignore[attr-defined]

    world = World(
        egress=egress,
        credential=Credentials(fake.clock, sleep).of(settings, egress),
        clock=fake.clock,
        path_of=lambda name: folder / name,
        pdf_of=pdf_of,
        address=address,  # type: ignore[arg-type]
        meter=Metrics(),
    )
    return RingCentral("ringcentral", settings, world)


async def pdf_of(document: Document) -> bytes:
    """As the renderer writes it."""
    return PDF


class FaxOutBench:
    """A form, and nothing ever comes back."""

    def __init__(self, fake: FakeFaxOut, folder: Path) -> None:
        self.clock, self.fake = Clock(), fake
        self.lying, self.down = LYING, DOWN
        self.backend: Backend = faxout(fake, folder, clock=self.clock, request_seconds=0.5)

    def taken(self) -> Sequence[str]:
        """By the names of the files, which are our keys."""
        return [form.files[0][0].removesuffix(".pdf") for form in self.fake.taken]

    def end_all(self) -> None:
        """Nobody would tell."""

    def before(self, number: str) -> None:
        """Tricks for the two numbers."""
        tricks = {
            LYING: Played(name="lost", takes=True),
            DOWN: Played(name="an error of its own", takes=False, status=200, body=b"5"),
        }
        if number in tricks:
            self.fake.tricks.append(tricks[number])


def faxout(
    fake: FakeFaxOut, folder: Path, *, clock: Now | None = None, egress: Egress | None = None, **changed: object
) -> FaxOut:
    """A backend for the fake."""
    values = {"url": fake.url, "username": USERNAME, "password": PASSWORD, "request_seconds": 5}
    settings = FaxOutSettings(**values | changed)  # type: ignore[arg-type]
    egress = egress or Egress(own_hosts=LOOPBACK)
    return FaxOut(
        "faxout", settings, egress=egress, clock=clock or Clock(), path_of=lambda name: folder / name, pdf_of=pdf_of
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


@asynccontextmanager
async def ringcentral_bench(folder: Path) -> AsyncIterator[Bench]:
    """With its server."""
    clock = Clock()
    async with FakeRingCentral(clock) as fake:
        yield RingCentralBench(fake, clock, folder)


@asynccontextmanager
async def faxout_bench(folder: Path) -> AsyncIterator[Bench]:
    """With its server."""
    async with FakeFaxOut() as fake:
        yield FaxOutBench(fake, folder)


BLIND = frozenset({"faxout"})
BENCHES: dict[str, Callable[[Path], AbstractAsyncContextManager[Bench]]] = {
    "embedded": embedded_bench,
    "embedded on the store": stored_bench,
    "kazoo": kazoo_bench,
    "ringcentral": ringcentral_bench,
    "faxout": faxout_bench,
}
