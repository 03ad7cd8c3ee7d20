"""Records to put into a store, and a desk to put them in from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count

from smtpfax.model.accepting import BLANK, EPOCH, Acceptance, Filled, TakenJob
from smtpfax.model.address import ReversePath
from smtpfax.model.attempt import Attempt, Outcome
from smtpfax.model.document import Document, Layout
from smtpfax.model.event import Accepted, Event, Offered, Rendered
from smtpfax.model.job import Job
from smtpfax.model.mail import NO_HEADER, Client, Content, Header, Mail, Origin
from smtpfax.model.notice import Notice
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import RECIPIENT_OK, Reply
from smtpfax.model.verdict import taken
from smtpfax.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN = ReversePath("ann", "acme.example")
FAX = FaxNumber(e164="+12025550123")
OK = RECIPIENT_OK.reply(number=FAX)
DOCUMENT = Document(name="d1.tif", pages=2, octets=4000, bits=28800, layout=Layout())


@dataclass
class Clock:
    """A clock that is turned by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **step: float) -> datetime:
        self.now += timedelta(**step)
        return self.now


@dataclass
class Maker:
    """Makes records with ids of their own."""

    clock: Clock
    numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    def id(self, kind: str = "x") -> str:
        return f"{kind}{self.numbers():06}"

    def mail(self, octets: bytes = b"a fax", *, spooled: bool = False) -> Mail:
        mail_id = self.id("m")
        content = Content(
            sha256=hashlib.sha256(octets).hexdigest(),
            octets=len(octets),
            inline=None if spooled else octets,
            name=mail_id if spooled else "",
        )
        return Mail(
            id=mail_id,
            created=self.clock(),
            origin=Origin.SMTP,
            client=Client(address=ip_address("192.0.2.7"), helo="mail.acme.example"),
            reverse_path=ANN,
            content=content,
            header=Header(message_id="<1@acme.example>", subject="Ünïcode", references=("<0@acme.example>",)),
        )

    def job(self, mail: Mail, *, number: FaxNumber = FAX, faxbox_id: str = "sales") -> Job:
        return Job(
            id=f"{mail.id}-{self.numbers()}",
            mail_id=mail.id,
            account_id="acme",
            faxbox_id=faxbox_id,
            number=number,
            reverse_path=mail.reverse_path,
            origin=mail.origin,
            created=mail.created,
            due=mail.created,
            expires=mail.created + timedelta(hours=24),
            most_tries=3,
        )

    def attempt(
        self,
        *,
        account_id: str = "acme",
        faxbox_id: str = "sales",
        outcome: Outcome = Outcome.TAKEN,
        reply: Reply = OK,
        job: Job | None = None,
        sender: str = "ann@acme.example",
        to: str = "+12025550123@fax.example",
        client: str = "192.0.2.7",
    ) -> Attempt:
        local, _, domain = sender.rpartition("@")
        return Attempt(
            id=self.id("a"),
            created=self.clock(),
            client=Client(address=ip_address(client)),
            reverse_path=ReversePath(local, domain),
            raw_from=sender,
            to=to,
            outcome=outcome,
            reply=reply,
            account_id=account_id,
            faxbox_id=faxbox_id,
            mail_id=job.mail_id if job else "",
            job_id=job.id if job else "",
        )

    def acceptance(self, octets: bytes = b"a fax", *numbers: FaxNumber, notices: tuple[Notice, ...] = ()) -> Acceptance:
        mail = self.mail(octets)
        jobs = [self.job(mail, number=number) for number in numbers or (FAX,)]
        return Acceptance(mail=mail, jobs=jobs, attempts=[self.attempt(job=job) for job in jobs], notices=notices)


@dataclass
class Desk:
    """A store with what stands around it."""

    store: Store
    clock: Clock
    make: Maker

    async def accept(self, acceptance: Acceptance) -> list[TakenJob]:
        return await self.store.accept(acceptance, duplicate_hours=48)

    async def taken(self, octets: bytes | None = None) -> Job:
        """A new job, as it is kept."""
        acceptance = self.make.acceptance(octets or self.make.id("content").encode())
        [job] = await self.accept(acceptance)
        return await self.job(job.job_id)

    async def job(self, job_id: str) -> Job:
        job = await self.store.jobs.get(job_id)
        assert job is not None
        return job

    async def walk(self, job: Job, *events: Event, notices: tuple[Notice, ...] = ()) -> Job:
        """Through these events."""
        return await self.store.jobs.advance(job, events, at=self.clock(), notices=notices)


def to_accepted(ticket: str = "T1", document: Document = DOCUMENT) -> tuple[Event, ...]:
    return Rendered(document=document), Offered(backend="line"), Accepted(ticket=ticket)


def form_of(make: Maker, *numbers: FaxNumber, decided: bool) -> Acceptance:
    """What mails to these numbers have in common."""
    acceptance, reply = make.acceptance(b"", *numbers), taken(BLANK)
    nothing = Content(sha256="", octets=0)
    ends = {job.id: f"{BLANK}-{place}" for place, job in enumerate(acceptance.jobs, 1)}
    end = EPOCH + timedelta(hours=5)
    return replace(
        acceptance,
        mail=replace(acceptance.mail, id=BLANK, created=EPOCH, content=nothing, header=NO_HEADER),
        jobs=[
            replace(job, id=ends[job.id], mail_id=BLANK, created=EPOCH, due=EPOCH, expires=end)
            for job in acceptance.jobs
        ],
        attempts=[
            replace(each, id="", created=EPOCH, reply=reply, mail_id=BLANK, job_id=ends[each.job_id])
            for each in acceptance.attempts
        ],
        reply=reply if decided else None,
    )


def filled(
    make: Maker, form: Acceptance, octets: bytes, moment: datetime = NOON + timedelta(minutes=7, microseconds=3)
) -> Filled:
    """One mail."""
    header = Header(message_id="<1@x.example>", subject='Grüße, "quoted"', from_="ann@acme.example", received=2)
    content = Content(sha256="", octets=len(octets), inline=octets)
    return Filled(form, make.id("m"), moment, content, header, [make.id("a") for _ in form.attempts])
