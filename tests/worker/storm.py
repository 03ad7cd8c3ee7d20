"""Fax services in bad weather, and a house that dies between any two of its acts.

In:    a seed; which services a faxbox has, in order; whether the house dies.
Out:   many faxes brought to their end by the real store, worker and backends, over real HTTP; what became of each,
       as the services know it.
Fails: AssertionError, as soon as a fax is with a service twice.

All that is random comes from the seed, and the clock is turned by hand: the same seed is the same storm.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from smtpfax.dispatch.ringcentral import RingCentral
from smtpfax.dispatch.ringcentral.limiter import LIMITS
from smtpfax.model import event as e
from smtpfax.model.backend import Backend, Callback
from smtpfax.model.document import Document, Layout
from smtpfax.model.job import Job
from smtpfax.model.number import FaxNumber
from smtpfax.testing.faxout import FakeFaxOut
from smtpfax.testing.ringcentral import FakeRingCentral, error
from smtpfax.testing.ringcentral.order import File, Order
from smtpfax.testing.trick import Trick
from smtpfax.worker.loop import Worker
from smtpfax.worker.tending import Tender
from tests.dispatch.benches import faxout, kazoo, ringcentral
from tests.dispatch.fake_kazoo import FakeKazoo
from tests.dispatch.fake_kazoo import Trick as KazooTrick
from tests.worker.life import Crash, Life, MortalEgress
from tests.worker.shop import T0, Bench, bench

CALM = T0 + timedelta(hours=2)  # from then on everything works
EVENT = b'{"body": {"changes": [{"type": "Fax", "newCount": 0, "updatedCount": 1}]}}'
STEP = timedelta(seconds=10)  # so that what is due about the same time is done together
STRANGER = "+13035550000"
LOST = (
    Trick(name="drops after taking it", takes=True),
    Trick(name="500 after taking it", takes=True, status=500, body=error("CMN-201")),
    Trick(name="malformed", takes=True, status=200, body=b'{"id": 44'),
    Trick(name="drops before taking it", takes=False),
    Trick(name="502 before taking it", takes=False, status=502),
    Trick(name="503", takes=False, status=503, body=error("CMN-211"), headers={"Retry-After": "7"}),
    Trick(name="429", takes=False, status=429, body=error("CMN-301"), headers={"Retry-After": "60"}),
)
READING = (
    Trick(name="drops", takes=False),
    Trick(name="500", takes=False, status=500),
    Trick(name="of a proxy", takes=False, status=404, body=b"<h1>no</h1>"),
    Trick(name="half a list", takes=False, status=200, body=b'{"records": ['),
)
FAILURES = ("LineBusy", "NoAnswer", "CallFailed", "SentPartially", "InternalError", "SomethingNew", "NotEnoughCredits")
CAUSES = ("USER_BUSY", "NO_ANSWER", "NORMAL_TEMPORARY_FAILURE", "GATEWAY_DOWN", "INTERWORKING")


class Stepped(Worker):
    """The real one, whose work is done one piece after the other: the same storm twice is the same twice."""

    def __init__(self, here: Bench) -> None:
        super().__init__(here.shop, None, owner="w")
        self.todo: list[Coroutine[Any, Any, None]] = []

    def _start(self, work: Coroutine[Any, Any, None], ids: Sequence[str]) -> None:
        self.todo.append(work)

    async def claim(self) -> list[Coroutine[Any, Any, None]]:
        """What is due."""
        await self._round()
        todo, self.todo = self.todo, []
        return todo


@dataclass
class Hand:
    """The services' clock: the same as the house's, and nobody dies of it."""

    here: Bench

    def __call__(self) -> datetime:
        return self.here.now

    def pass_by(self, **time: float) -> None:
        """Turn it."""
        self.here.now += timedelta(**time)


@dataclass
class Taken:
    """A fax that a service took; `sent` as soon as it is over."""

    job_id: str
    number: str
    ends: datetime
    sent: bool | None = None


@dataclass
class Storm:
    """What a test looks at in the end."""

    here: Bench
    folder: Path
    dice: random.Random
    ring: FakeRingCentral
    cluster: FakeKazoo
    out: FakeFaxOut
    names: Sequence[str]
    dies: bool
    jobs: dict[str, Job] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)  # by the service's name and its own id
    crashes: int = 0
    life: Life = field(default_factory=Life)

    def __post_init__(self) -> None:
        self.egress = MortalEgress(self.life)
        self.clock = self.life.clock(Hand(self.here))

    # --- the house

    def live(self) -> None:
        """A process that was just started: nothing is known but what is kept."""
        here, egress = self.here, self.egress
        made: dict[str, Backend] = {
            "ring": ringcentral(self.ring, self.folder, egress=egress, poll_seconds=120),
            "kazoo": kazoo(self.cluster, self.folder, egress=egress),
            "out": faxout(self.out, self.folder, egress=egress, clock=self.clock),
        }
        for name, backend in made.items():
            backend.name = name
        here.shop = replace(here.shop, backends={name: made[name] for name in self.names}, clock=self.clock)
        self.worker = Stepped(here)

    async def fax(self, number: str, document: str) -> None:
        """One that is rendered."""
        (self.folder / document).write_bytes(b"II*\0 " + document.encode())
        job = await self.here.queued(number=FaxNumber(e164=number))
        made = Document(name=document, pages=2, octets=1000, bits=8000, layout=Layout())
        await self.here.shop.write(job, e.Rendered(document=made))
        self.jobs[job.id] = job

    async def pass_over(self) -> None:
        """To the end of all of them."""
        for _ in range(20_000):
            if self.settle() and self.dice.random() < 0.3:
                await self.one(self.called_back())
            while works := await self.worker.claim():
                await self.work(works)
            due = await self.here.shop.store.jobs.next_due()
            if due is None:
                return
            ends = [taken.ends for taken in self.taken.values() if taken.sent is None]
            self.here.now = max(self.here.now + STEP, min([due, *ends]))
            assert self.here.now < T0 + timedelta(hours=20), "somebody is stuck"
        raise AssertionError("no end")

    async def work(self, works: Sequence[Coroutine[Any, Any, None]]) -> None:
        """One after the other, as long as this life lasts."""
        worker, lives = self.worker, True
        for work in works:
            lives = lives and await self.one(worker._guarded(work, ""))
            work.close()

    async def one(self, work: Coroutine[Any, Any, None]) -> bool:
        """One piece of work, in the weather that it is; False: it was the last one of this life."""
        self.roll()
        self.life.fuse = self.dice.randrange(14) if self.dies and self.bad() and self.dice.random() < 0.15 else None
        try:
            await work
        except Crash:
            await self.dead()
            return False
        finally:
            self.life.fuse = None
        self.look()
        return True

    async def dead(self) -> None:
        """And born again."""
        self.crashes += 1
        self.look()
        await self.here.shop.store.jobs.free_leases()
        self.live()

    # --- the weather

    def bad(self) -> bool:
        """Whether it is."""
        return self.here.now < CALM

    def roll(self) -> None:
        """What the services are up to next."""
        dice, bad = self.dice, self.bad()
        fax, read = bad and dice.random() < 0.4, bad and dice.random() < 0.1
        trick = dice.choice(LOST)
        self.ring.tricks[:] = [trick] if fax else []
        self.out.tricks[:] = [trick] if fax and trick.status != 200 else []
        same = {"name": trick.name, "takes": trick.takes, "status": trick.status, "body": trick.body}
        self.cluster.tricks[:] = [KazooTrick(**same, headers=trick.headers)] if fax else []  # type: ignore[arg-type]
        self.ring.reading = dice.choice(READING) if read else None
        self.cluster.reading = KazooTrick(name="500", takes=False, status=500) if read else None
        self.ring.resends = dice.random() < 0.7
        self.ring.limits.storms = 3 if bad and dice.random() < 0.02 else 0
        if bad and dice.random() < 0.1:
            self.ring.lapse()
            self.cluster.tokens.clear()

    def shift(self) -> None:
        """Between two pages of a list somebody sends a fax, or deletes one for good."""
        store = self.ring.store
        theirs = [id_ for id_, record in store.records.items() if record["to"][0]["phoneNumber"] == STRANGER]
        if self.bad() and theirs and self.dice.random() < 0.5:
            del store.records[self.dice.choice(theirs)]
        elif self.bad():
            file = File(name="scan.pdf", media_type="application/pdf", octets=b"%PDF-1.4")
            store.take(Order(to=[{"phoneNumber": STRANGER}], fields={}, files=[file]))

    # --- the truth

    def look(self) -> None:
        """What the services have now that they had not before."""
        for id_, order in self.ring.store.orders.items():
            if order.to[0]["phoneNumber"] != STRANGER:
                self.took(f"ring {id_}", self._whose(order), str(order.to[0]["phoneNumber"]))
        for fax in self.cluster.queue.values():
            fax["status"] = "processing"  # the document is taken in, and a call under way
        for fax in self.cluster.faxes:
            key = str(fax["id"]).rpartition("-")[2]
            self.took(f"kazoo {key}", fax["smtpfax_job"].partition(".")[0], fax["to_number"])
        for count, form in enumerate(self.out.taken):
            self.took(f"out {count}", form.files[0][0].partition(".")[0], f"+{form.get('Recipient')}", sent=True)

    def took(self, key: str, job_id: str, number: str, *, sent: bool | None = None) -> None:
        """Twice is never: while one is open or was sent, nobody else gets it, and no number rings twice."""
        if key in self.taken:
            return
        for other in self.taken.values():
            assert (other.job_id, other.sent) != (job_id, True), f"{key}: {job_id} was sent already"
            assert other.sent is not None or other.number != number, f"{key}: {number} is being called"
        lasts = timedelta(minutes=self.dice.lognormvariate(2.0, 0.8))
        self.taken[key] = Taken(job_id=job_id, number=number, ends=self.here.now + lasts, sent=sent)

    def settle(self) -> int:
        """Calls that are over by now; how many."""
        over = [key for key, taken in self.taken.items() if taken.sent is None and taken.ends <= self.here.now]
        for key in over:
            sent = self.taken[key].sent = self.dice.random() < 0.6
            service, _, id_ = key.partition(" ")
            self._end_ring(int(id_), sent) if service == "ring" else self._end_kazoo(id_, sent)
        return len(over)

    def _end_ring(self, id_: int, sent: bool) -> None:
        named = self.dice.random() < 0.8
        told = {"code": self.dice.choice(FAILURES)} if named else {"result": "Busy"}
        self.ring.store.end(id_, "Sent", pages=2) if sent else self.ring.store.end(id_, "SendingFailed", **told)

    def _end_kazoo(self, id_: str, sent: bool) -> None:
        if sent:
            self.cluster.finish(id_, "completed", {"success": True, "transferred_pages": 2})
        else:
            self.cluster.finish(id_, "failed", {"success": False, "result_cause": self.dice.choice(CAUSES)})

    def _whose(self, order: Order) -> str:
        """By its name; what was sent again has another number, or is another try of the same job."""
        there = [job.id for job in self.jobs.values() if job.number.e164 == order.to[0]["phoneNumber"]]
        if len(there) == 1:
            return there[0]
        while not order.files:
            order = self.ring.store.orders[order.original]
        return order.files[0].name.partition(".")[0]

    async def called_back(self) -> None:
        """A webhook: RingCentral says that something changed."""
        backend = self.here.shop.backends.get("ring")
        if isinstance(backend, RingCentral):
            headers = {"Verification-Token": "our-token"}
            backend.read_callback(Callback(method="POST", path="/", headers=headers, body=EVENT))
            shop = self.here.shop
            await Tender(shop.backends, shop.store, clock=self.clock, wake=lambda: None).once("ring")


@asynccontextmanager
async def storm(folder: Path, seed: int, *names: str, dies: bool) -> AsyncIterator[Storm]:
    """The services, and the house before them, with faxes to numbers of their own and to numbers that they share."""
    spool = folder / "spool"
    random.seed(seed)  # of it the ids are made
    async with bench(folder) as here:
        here.boxes[:] = [replace(here.boxes[0], backends=names)]
        clock = Hand(here)
        async with FakeRingCentral(clock) as ring, FakeKazoo(clock) as cluster, FakeFaxOut() as out:
            made = Storm(here, spool, random.Random(seed), ring, cluster, out, names, dies)
            ring.limits.most = {group.value: limit for group, limit in LIMITS.items()}
            ring.most_rows, ring.store.lags = 5, timedelta(seconds=70)
            ring.store.shows_names = bool(seed % 2)
            ring.between_pages = made.shift
            made.live()
            for number in range(10):
                await made.fax(f"+1202555{number:04}", f"broadcast-{number % 3}.tif")
            for number in range(4):
                await made.fax(f"+1303555{number % 2 + 1:04}", f"own-{number}.tif")
            yield made
