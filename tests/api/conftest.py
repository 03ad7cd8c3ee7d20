"""The real application on a real store and spool, with a clock that stands still until it is moved."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import ClientSession, UnixConnector
from aiohttp.test_utils import TestClient, TestServer

from smtpfax.api.app import make_admin, make_public
from smtpfax.api.auth import new_token
from smtpfax.api.deps import Check, Deps
from smtpfax.api.links import Links
from smtpfax.api.meter import Metrics
from smtpfax.api.serve import HttpServer
from smtpfax.egress import Places, Strangers
from smtpfax.model.abilities import Receives
from smtpfax.model.accepting import Acceptance
from smtpfax.model.account import Directory
from smtpfax.model.address import ReversePath
from smtpfax.model.attempt import Attempt, Outcome
from smtpfax.model.backend import Call as ExchangeCall
from smtpfax.model.backend import Callback, Heard, InboundFax, Limits, Offer, Progress
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout
from smtpfax.model.errors import Fault, Permanent
from smtpfax.model.event import Event, Rendered
from smtpfax.model.ids import make_ids
from smtpfax.model.job import Job
from smtpfax.model.mail import Client, Content, Header, Mail, Origin
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import NO_CALLBACK, NOT_OUR_DOMAIN, TAKEN
from smtpfax.spool import Spool
from smtpfax.store import Changes, Kind, Record, Store

TIFF, PDF = b"II*\x00 two pages", b"%PDF-1.7 two pages"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACCOUNTS = (
    Record(kind=Kind.ACCOUNT, account_id="acme", id="acme", data={"name": "Acme"}, made_by="apply"),
    Record(kind=Kind.ACCOUNT, account_id="other", id="other", data={"name": "Other"}, made_by="apply"),
    Record(
        kind=Kind.FAXBOX,
        account_id="acme",
        id="sales",
        data={"name": "Sales", "number": "+12025550100", "backend": "line", "fax_domains": ["fax.acme.example"]},
        made_by="apply",
    ),
    Record(kind=Kind.FAXBOX, account_id="acme", id="back", data={"name": "Back"}, made_by="apply"),
    Record(kind=Kind.FAXBOX, account_id="other", id="sales", data={"name": "Sales"}, made_by="apply"),
)


@dataclass
class World:
    """The application's surroundings, and what a test does to them."""

    deps: Deps
    store: Store
    spool: Spool
    moved: list[timedelta] = field(default_factory=list)
    woken: list[None] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    asked: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    directory: Directory = field(default_factory=Directory)

    def clock(self) -> datetime:
        return NOON + sum(self.moved, timedelta())

    async def receive(self, backend: Receives, since: datetime, until: datetime) -> tuple[Sequence[InboundFax], int]:
        """As the way back answers a range of dates."""
        self.asked.append((backend.name, since, until))
        return [await self.received()], 2

    async def reload(self) -> None:
        _, self.directory = await self.store.accounts.load()

    async def token(self, account_id: str = "", *scopes: str, expires: datetime | None = None) -> str:
        fresh = new_token()
        token = await self.store.tokens.add(
            token_hash=fresh.hash, name="t", account_id=account_id, scopes=scopes or ("read", "write"), expires=expires
        )
        return fresh.text(token.id)

    async def taken(self, *, account_id: str = "acme", faxbox_id: str = "sales", rendered: bool = True) -> Job:
        """A mail from Ann, with its attempt and its job, as the SMTP door brings them."""
        self.moved.append(timedelta(seconds=1))
        now, mail_id = self.clock(), self.deps.ids()
        ann = ReversePath("ann", "acme.example")
        client = Client(address=ip_address("192.0.2.7"), helo="scanner")
        header = Header(message_id=f"<{mail_id}@acme.example>", subject="Offer")
        content = Content(sha256=secrets.token_hex(32), octets=5, inline=b"mail!")
        mail = Mail(
            id=mail_id, created=now, origin=Origin.SMTP, client=client, reverse_path=ann, content=content, header=header
        )
        job = Job(
            id=f"{mail_id}-1",
            mail_id=mail_id,
            account_id=account_id,
            faxbox_id=faxbox_id,
            number=FaxNumber(e164="+12025550123"),
            reverse_path=ann,
            origin=Origin.SMTP,
            created=now,
            due=now,
            expires=now + timedelta(days=1),
            most_tries=3,
        )
        attempt = Attempt(
            id=self.deps.ids(),
            created=now,
            client=client,
            reverse_path=ann,
            raw_from="ann@acme.example",
            to="+12025550123@fax.acme.example",
            outcome=Outcome.TAKEN,
            reply=TAKEN.reply(mail=mail_id, tail=""),
            account_id=account_id,
            faxbox_id=faxbox_id,
            header=header,
            mail_id=mail_id,
            job_id=job.id,
        )
        await self.store.accept(Acceptance(mail=mail, jobs=[job], attempts=[attempt]), duplicate_hours=1)
        return await self.then(job, Rendered(document=await self.document(f"d{mail_id}"))) if rendered else job

    async def then(self, job: Job, *events: Event) -> Job:
        self.moved.append(timedelta(seconds=1))
        return await self.store.jobs.advance(job, events, at=self.clock())

    async def document(self, name: str) -> Document:
        await self.spool.put(name, TIFF)
        return Document(name=name, pages=2, octets=len(TIFF), bits=28_800, layout=Layout())

    async def refused(self, *, account_id: str = "", to: str = "x@nowhere.example") -> Attempt:
        """A RCPT that was refused."""
        attempt = Attempt(
            id=self.deps.ids(),
            created=self.clock(),
            client=Client(address=ip_address("198.51.100.9"), helo="stranger"),
            reverse_path=ReversePath("eve", "stranger.example"),
            raw_from="eve@stranger.example",
            to=to,
            outcome=Outcome.REFUSED,
            reply=NOT_OUR_DOMAIN.reply(address=to),
            account_id=account_id,
        )
        self.store.attempts.add(attempt)
        await self.store.attempts.flush()
        return attempt

    async def received(self, account_id: str = "acme") -> InboundFax:
        """A fax in an inbox, as the embedded exchange leaves it."""
        self.moved.append(timedelta(seconds=1))
        fax_id = self.deps.ids()
        fax = InboundFax(
            id=fax_id,
            account_id=account_id,
            faxbox_id="sales",
            from_number="+12025550123",
            from_name="Bob",
            to_number="+12025550100",
            document=await self.document(f"i{fax_id}"),
            received=self.clock(),
            backend="line",
            ticket=fax_id,
        )
        await keep_received(self.store, fax)
        return fax


async def keep_received(store: Store, fax: InboundFax) -> None:
    """Over the embedded exchange: a call is placed and settled."""
    call = ExchangeCall(
        key=fax.ticket,
        number=fax.to_number,
        caller=fax.from_number,
        caller_name=fax.from_name,
        document=fax.document,
        placed=fax.received,
        ends=fax.received,
        plan="answer",
    )
    await store.exchange.place(call)
    assert await store.exchange.settle(fax.ticket, fax)


async def _well() -> str:
    return ""


class Line:
    """A backend as the admin door sees it: its limits and its check."""

    name = "line"
    limits = Limits(octets=1000, pages=20)
    can_find = True
    offer_again = False
    fault: Fault | None = None
    heard: Heard | None = None  # what a callback is told to be; None: it is not from it

    async def check(self) -> str:
        if self.fault:
            raise self.fault
        return "signed in"

    async def offer(self, offer: Offer) -> str:
        raise NotImplementedError

    async def ask(self, tickets: Sequence[str]) -> Mapping[str, Progress]:
        raise NotImplementedError

    async def find(self, offer: Offer, *, taken: frozenset[str]) -> str | None:
        raise NotImplementedError

    def poll(self, age: timedelta) -> timedelta:
        raise NotImplementedError

    def read_callback(self, callback: Callback) -> Heard:
        self.callback = callback
        if self.heard is None:
            raise Permanent(NO_CALLBACK, cause=Cause.REFUSED)
        return self.heard

    async def close(self) -> None:
        raise NotImplementedError


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """An account `acme` with two faxboxes, an account `other` with one."""
    moved: list[timedelta] = []
    ids = make_ids(lambda: datetime.now(UTC), secrets.randbits)
    store = await Store.open(
        str(tmp_path / "s.db"), busy_seconds=2, clock=lambda: NOON + sum(moved, timedelta()), ids=ids
    )
    spool = Spool(tmp_path / "spool")
    made: list[World] = []

    async def pdf_of(document: Document) -> bytes:
        return PDF if await spool.read(document.name) == TIFF else b""

    async def fax_pdf(fax: InboundFax) -> bytes:
        return await spool.read(fax.original) if fax.original else await pdf_of(fax.document)

    deps = Deps(
        links=Links("https://fax.example", b"k" * 32, lambda: made[0].clock()),
        strangers=Strangers(Places()),
        store=store,
        spool=spool,
        directory=lambda: made[0].directory,
        reload=lambda: made[0].reload(),
        wake=lambda: made[0].woken.append(None),
        clock=lambda: made[0].clock(),
        ids=ids,
        pdf_of=pdf_of,
        fax_pdf=fax_pdf,
        called=lambda name: made[0].called.append(name),
        receive=lambda backend, since, until: made[0].receive(backend, since, until),
        metrics=Metrics(),
        version="0.1.0",
        public_url="https://fax.example",
        readiness=(Check(name="store", run=_well),),
        page_size=3,
        max_page_size=100,
        max_body=200_000,
        backends={"line": Line()},
        kinds={"line": "embedded"},
    )
    made.append(World(deps=deps, store=store, spool=spool, moved=moved))
    await store.accounts.write(Changes(put=ACCOUNTS))
    await made[0].reload()
    yield made[0]
    await store.close()


@pytest.fixture
async def http(world: World) -> AsyncIterator[TestClient]:
    """A client of the public door."""
    async with TestClient(TestServer(make_public(world.deps))) as client:
        yield client


@pytest.fixture
async def admin(world: World, tmp_path: Path) -> AsyncIterator[ClientSession]:
    """A client of the admin door, over a real Unix socket."""
    path, server = tmp_path / "admin.sock", HttpServer()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    await server.open(make_admin(world.deps), [listening])
    async with ClientSession("http://localhost", connector=UnixConnector(str(path))) as client:
        yield client
    await server.close()
