"""A house's way back on a real store and spool, with a RingCentral of ours and a clock that tests turn."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from smtpfax.api.meter import Metrics
from smtpfax.dispatch.ringcentral import RingCentral
from smtpfax.inbound.taking import Taker
from smtpfax.model.account import Account, Directory, Faxbox
from smtpfax.model.backend import InboundFax
from smtpfax.model.document import Document, Layout
from smtpfax.model.errors import Fault
from smtpfax.model.ids import make_ids
from smtpfax.spool import Spool
from smtpfax.store import Changes, Kind, Record, Store
from smtpfax.testing.ringcentral import FakeRingCentral
from smtpfax.testing.ringcentral.order import File
from smtpfax.worker.receiving import Receiving
from tests.dispatch.benches import ringcentral
from tests.dispatch.values import Clock

HERE, THERE = "+12025550100", "+12025550123"
PDF, TIFF = b"%PDF-1.4 a fax that came in", b"II*\0 a fax that came in"
BOX = Faxbox(
    id="sales",
    account_id="acme",
    name="Sales",
    number=HERE,
    backends=("ringcentral",),
    notify_inbound=("ann@acme.example",),
)


@dataclass
class Drawer:
    """Stands for the renderer: a document of one page, or the fault it is told."""

    spool: Spool
    faults: list[Fault] = field(default_factory=list)
    drew: list[str] = field(default_factory=list)

    async def __call__(self, name: str, octets: bytes, faxbox: Faxbox) -> Document:
        if self.faults and name != "fax.txt":
            raise self.faults.pop(0)
        self.drew.append(name)
        document = Document(name=f"drawn-{len(self.drew)}.tif", pages=2, octets=5, bits=8, layout=Layout())
        await self.spool.put(document.name, b"drawn")
        return document


@dataclass
class Office:
    """What a test turns and looks at."""

    clock: Clock
    ring: FakeRingCentral
    store: Store
    spool: Spool
    drawer: Drawer
    backend: RingCentral
    boxes: list[Faxbox] = field(default_factory=lambda: [BOX])
    rung: list[None] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)

    def directory(self) -> Directory:
        """As it is now."""
        return Directory.of([Account(id="acme", name="Acme")], self.boxes)

    def receiving(self) -> Receiving:
        """A fresh one, as after a restart."""
        numbers = make_ids(self.clock, random.getrandbits)
        return Receiving(
            store=self.store,
            taker=Taker(spool=self.spool, draw=self.drawer, ids=numbers),
            directory=self.directory,
            clock=self.clock,
            meter=Metrics(),
            ring=lambda: self.rung.append(None),
        )

    async def begin(self) -> None:
        """The first look, from which on faxes are ours."""
        await self.receiving().look(self.backend)

    def comes_in(self, *, to: str = HERE, octets: bytes = PDF, media_type: str = "application/pdf") -> int:
        """A fax; its message's id."""
        file = File(name="", media_type=media_type, octets=octets)
        record = self.ring.store.receive(file, sender=THERE, to=to, name="Bob")
        return int(record["id"])

    async def kept(self) -> Sequence[InboundFax]:
        """What is in the inbox, oldest first."""
        return list(reversed((await self.store.inbox.page(limit=1000)).rows))

    async def settle(self, **faxbox: object) -> None:
        """Accounts as the store has them, for the janitor."""
        records = [
            Record(kind=Kind.ACCOUNT, account_id="acme", id="acme", data={"id": "acme", "name": "Acme"}),
            Record(kind=Kind.FAXBOX, account_id="acme", id="sales", data={"id": "sales", "name": "Sales", **faxbox}),
        ]
        await self.store.accounts.write(Changes(put=records))


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    """With its server."""
    clock = Clock()
    store = await Store.open(str(folder / "s.db"), busy_seconds=5, clock=clock, ids=make_ids(clock, random.getrandbits))
    spool = Spool(folder / "spool")
    try:
        async with FakeRingCentral(clock) as ring:
            yield Office(clock, ring, store, spool, Drawer(spool), ringcentral(ring, folder))
    finally:
        await store.close()
