"""A workshop on a real store and spool, with a clock that tests turn and a fax service that does as it is told."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast

from smtpfax.api.meter import Metrics
from smtpfax.model import event as e
from smtpfax.model.accepting import Acceptance
from smtpfax.model.account import Account, Directory, Faxbox
from smtpfax.model.address import ReversePath
from smtpfax.model.backend import Callback, Heard, Limits, Offer, Progress
from smtpfax.model.document import Document, Layout
from smtpfax.model.ids import make_ids
from smtpfax.model.job import Job
from smtpfax.model.mail import Client, Content, Header, Mail, Origin
from smtpfax.model.number import FaxNumber
from smtpfax.render.stage import Renderer
from smtpfax.spool import Spool
from smtpfax.store import Store
from smtpfax.verdicts import LocalVerdicts
from smtpfax.worker import stages
from smtpfax.worker.workshop import Habits, Workshop

T = TypeVar("T")
T0 = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DOCUMENT = Document(name="fax-1.tif", pages=2, octets=1000, bits=8000, layout=Layout())
ANN = ReversePath("ann", "acme.example")
HABITS = Habits(
    workers=4,
    poll=timedelta(seconds=5),
    lease=timedelta(seconds=300),
    grace=timedelta(seconds=60),
    accepted_limit=timedelta(hours=6),
    hearing=timedelta(seconds=15),
    notices=True,
    one_call=True,
)


@dataclass(slots=True)
class Line:
    """Implements `model.backend.Backend`: `offers`, `looks` and `answers` are what happens next, in order."""

    name: str
    offers: list[str | BaseException] = field(default_factory=list)
    looks: list[str | BaseException | None] = field(default_factory=list)
    answers: list[Mapping[str, Progress] | BaseException] = field(default_factory=list)
    limits: Limits = field(default_factory=lambda: Limits(octets=10_000, pages=50))
    can_find: bool = True
    offer_again: bool = False
    prints_header: bool = True
    offered: list[Offer] = field(default_factory=list)

    async def offer(self, offer: Offer) -> str:
        """Take what comes."""
        self.offered.append(offer)
        return _next(self.offers)

    async def ask(self, tickets: Sequence[str]) -> Mapping[str, Progress]:
        """Say how it goes."""
        return _next(self.answers)

    async def find(self, offer: Offer, *, taken: frozenset[str]) -> str | None:
        """Look it up."""
        return _next(self.looks)

    def poll(self, age: timedelta) -> timedelta:
        """Soon."""
        return timedelta(seconds=10)

    def read_callback(self, callback: Callback) -> Heard:
        """It never calls."""
        return Heard()

    async def check(self) -> str:
        """Well."""
        return "well"

    async def close(self) -> None:
        """Nothing to let go of."""


def _next(waiting: list[T | BaseException]) -> T:
    found = waiting.pop(0)
    if isinstance(found, BaseException):
        raise found
    return found


@dataclass(slots=True)
class Bench:
    """What a test turns and looks at."""

    shop: Workshop
    lines: dict[str, Line]
    boxes: list[Faxbox]
    now: datetime = T0

    async def job(self, **changed: object) -> Job:
        """A job that is rendered, as intake and the renderer would leave it."""
        job = await self.queued(**changed)
        return await self.shop.write(job, e.Rendered(document=DOCUMENT))

    async def queued(self, **changed: object) -> Job:
        """A job that was taken just now."""
        mail_id = self.shop.store.tokens._ids()
        mail = Mail(
            id=mail_id,
            created=self.now,
            origin=Origin.SMTP,
            client=Client(),
            reverse_path=ANN,
            content=Content(sha256=mail_id, octets=3, inline=b"abc"),
            header=Header(message_id="<1@acme.example>", subject="hello"),
        )
        values: dict[str, object] = {
            "id": f"{mail_id}-1",
            "mail_id": mail_id,
            "account_id": "acme",
            "faxbox_id": "sales",
            "number": FaxNumber(e164="+12025550123"),
            "reverse_path": ANN,
            "origin": Origin.SMTP,
            "created": self.now,
            "due": self.now,
            "expires": self.now + timedelta(hours=24),
            "most_tries": 3,
        }
        job = Job(**values | changed)  # type: ignore[arg-type]
        await self.shop.store.accept(Acceptance(mail=mail, jobs=[job]), duplicate_hours=1)
        return job

    async def step(self, job: Job) -> Job:
        """What the worker does with it now."""
        stands = await self.shop.store.jobs.get(job.id)
        assert stands is not None
        if stands.state == "accepted":
            await stages.ask(self.shop, stands.backend, [stands])
        else:
            await stages.step(self.shop, stands)
        return await self.stands(job)

    async def stands(self, job: Job) -> Job:
        """The job as it is now."""
        found = await self.shop.store.jobs.get(job.id)
        assert found is not None
        return found

    async def words(self, job: Job) -> list[str]:
        """Its history, a word an event."""
        return [e.kind_of(event) for event, _ in await self.shop.store.jobs.history(job.id)]

    async def told(self, job: Job) -> list[tuple[str, str]]:
        """The notices that are due for it."""
        rows = await self.shop.store.notices.of_job(job.id)
        return [(row.notice.kind.value, row.notice.recipient) for row in rows]


@asynccontextmanager
async def bench(folder: Path, *lines: Line) -> AsyncIterator[Bench]:
    """A workshop with these fax services, in the order of the faxbox's list."""
    found: list[Bench] = []
    clock: Callable[[], datetime] = lambda: found[0].now if found else T0  # noqa: E731
    store = await Store.open(
        str(folder / "smtpfax.db"), busy_seconds=5, clock=clock, ids=make_ids(clock, random.getrandbits)
    )
    account = Account(id="acme", name="Acme")
    boxes = [Faxbox(id="sales", account_id="acme", name="Sales", backends=tuple(line.name for line in lines))]
    shop = Workshop(
        habits=HABITS,
        store=store,
        spool=Spool(folder / "spool"),
        renderer=cast("Renderer", None),  # these tests begin behind it
        backends={line.name: line for line in lines},
        directory=lambda: Directory.of([account], found[0].boxes),
        verdicts=LocalVerdicts(store),
        clock=clock,
        meter=Metrics(),
    )
    found.append(Bench(shop, {line.name: line for line in lines}, boxes))
    try:
        yield found[0]
    finally:
        await store.close()
