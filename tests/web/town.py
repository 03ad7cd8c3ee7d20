"""A town to look at: the real house with two accounts, mails that were sent to it, and a browser.

In:    a folder.
Out:   the house on the loopback; faxes that were sent, that failed, that wait; refusals.
Fails: as the house does.
"""

from __future__ import annotations

import asyncio
import hashlib
import smtplib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from smtpfax.api.apply import plan
from smtpfax.api.auth import new_token
from smtpfax.api.ordering import Order, place
from smtpfax.api.shapes import read_file
from smtpfax.app.house import House
from smtpfax.config import Settings, load
from smtpfax.model.accepting import Acceptance
from smtpfax.model.address import ReversePath
from smtpfax.model.backend import InboundFax
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout
from smtpfax.model.event import Accepted, Cancelled, Event, Failed, Offered, Rendered, Sent, Transmission
from smtpfax.model.job import Job
from smtpfax.model.mail import Client, Content, Header, Mail, Origin
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import BUSY, NO_ANSWER, TRIES_USED_UP
from smtpfax.testing import Catcher, sample_pdf

ANN, BEN, OPS = "ann@acme.example", "ben@acme.example", "ops@acme.example"  # account, member, administrator
PASSWORD = "correct horse battery"
DESK, PHARMACY = "fax.acme.example", "rx.acme.example"  # fax domains
ARCHIVE = "+12025550142"
BUSY_NUMBER, SLOW_NUMBER = "+12025550151", "+12025550150"
LETTER = (
    (
        "Acme Clinic",
        "",
        "Dear colleague,",
        "thank you for sending us Mr. Doe. Please find enclosed",
        "what we found, and what we recommend.",
        "",
        "Blood pressure 120/80, pulse 64, no fever.",
        "Please call us with any question.",
    ),
    ("Enclosure", "", "Results of the laboratory.", "Page 2 of 2."),
)
RECORDS = {
    "accounts": [
        {
            "id": "acme",
            "name": "Acme Clinic",
            "region": "US",
            "timezone": "America/New_York",
            "users": [
                {"email": ANN, "role": "administrator"},
                {"email": BEN},
                {"email": OPS},
            ],
            "faxboxes": [
                {
                    "id": "front-desk",
                    "name": "Front desk",
                    "owner": ANN,
                    "fax_domains": [DESK],
                    "number": "+12025550101",
                    "header": "Acme Clinic",
                    "backend": "line",
                    "permissions": [{"reverse_path": "*@acme.example", "proof": ["network"]}],
                    "dial": {"deny_prefixes": ["+1900"]},
                },
                {
                    "id": "pharmacy",
                    "name": "Pharmacy",
                    "owner": BEN,
                    "fax_domains": [PHARMACY],
                    "number": "+12025550102",
                    "header": "Acme Pharmacy",
                    "backend": "line",
                    "permissions": [{"reverse_path": BEN, "proof": ["network"]}],
                },
                {"id": "archive", "name": "Archive", "number": ARCHIVE, "backend": "line"},
            ],
        },
        {
            "id": "globex",
            "name": "Globex",
            "users": [{"email": "eve@globex.example", "role": "administrator"}],
            "faxboxes": [
                {
                    "id": "lab",
                    "name": "Laboratory",
                    "owner": "eve@globex.example",
                    "fax_domains": ["fax.globex.example"],
                    "number": "+12025550177",
                    "backend": "line",
                    "permissions": [{"reverse_path": "*@globex.example", "proof": ["network"]}],
                }
            ],
        },
    ]
}


def settings_for(folder: Path, relay: int, **more: Any) -> Settings:
    """A house on the loopback, which trusts it, with a line that is its own exchange."""
    overrides = {
        "hostname": "mx.acme.example",
        "smtp": {"listen": ["127.0.0.1:0"], "trusted_networks": ["127.0.0.0/8"]},
        "http": {"listen": ["127.0.0.1:0"], "administrators": [OPS]},
        "admin": {"socket": str(folder / "admin.sock")},
        "store": {"url": f"sqlite:///{folder / 'smtpfax.db'}"},
        "spool": {"path": str(folder / "spool"), "min_free_bytes": 0},
        "sandbox": {"workers": 1},
        "queue": {"poll_seconds": 1, "one_call_per_number": False},  # a slow call of one test holds up no other
        "notices": {"relay": f"127.0.0.1:{relay}", "from": "fax@acme.example", "starttls": "never"},
        "alerts": {"free_bytes": 0},
        "backends": {"line": {"kind": "embedded", "numbers": {SLOW_NUMBER: "slow:600", BUSY_NUMBER: "busy"}}},
        "log": {"level": "error"},
    }
    for section, keys in more.items():
        overrides[section] = {**overrides.get(section, {}), **keys} if isinstance(keys, dict) else keys  # type: ignore[dict-item]
    return load(None, overrides=overrides, environ={})


@dataclass(slots=True)
class Town:
    """The house, and what happens in it."""

    house: House
    folder: Path
    notices: list[EmailMessage] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.house.http.port}"

    async def token(self, account_id: str = "", *scopes: str) -> str:
        """An API token."""
        fresh = new_token()
        made = await self.house.store.tokens.add(
            token_hash=fresh.hash,
            name="test",
            account_id=account_id,
            scopes=scopes or ("read", "write"),
            expires=None,
        )
        return fresh.text(made.id)

    async def mail(
        self,
        to: str,
        *,
        sender: str = ANN,
        subject: str = "Your letter",
        pages: Sequence[Sequence[str]] = LETTER,
        name: str = "letter.pdf",
    ) -> str:
        """Over real SMTP; the last reply."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, "fax", subject
        mail["Message-ID"] = f"<{self.house.ids()}@acme.example>"
        mail.set_content("Please fax the attached letter.\n")
        mail.add_attachment(sample_pdf(pages), maintype="application", subtype="pdf", filename=name)
        return await asyncio.to_thread(_sent, self.house.smtp.port, sender, to, mail.as_bytes(policy=SMTP))

    async def fax(self, number: str = ARCHIVE, *, domain: str = DESK, **mail: Any) -> str:
        """A mail that becomes a fax; the job's id."""
        reply = await self.mail(f"{number}@{domain}", **mail)
        assert reply.startswith("250"), reply
        return reply.split()[2] + "-1"

    async def ends(self, job_id: str, *, seconds: float = 60) -> Job:
        """The job, when it is final."""
        return await self.until(job_id, lambda job: job.state.final, seconds=seconds)

    async def until(self, job_id: str, wanted: Any, *, seconds: float = 60) -> Job:
        """The job, when it is as wanted."""
        async with asyncio.timeout(seconds):
            while True:
                job = await self.house.store.jobs.get(job_id)
                if job is not None and wanted(job):
                    return job
                await asyncio.sleep(0.05)

    async def told(self, job_id: str, *, seconds: float = 60) -> None:
        """Everybody has heard how it ended."""
        async with asyncio.timeout(seconds):
            while True:
                if all(row.became for row in await self.house.store.notices.of_job(job_id)):
                    return
                await asyncio.sleep(0.05)

    async def arrived(self, ticket: str, *, seconds: float = 60) -> InboundFax:
        """The fax that this call brought, when it was decided whom to tell of it."""
        inbox = self.house.store.inbox
        async with asyncio.timeout(seconds):
            while True:
                found = await inbox.of_tickets("line", [ticket])
                if found and found[0] not in await inbox.untold(limit=1000):
                    return found[0]
                await asyncio.sleep(0.05)

    async def scheduled(self, *, text: str) -> str:
        """A fax that goes tomorrow; the job's id."""
        account, box = self.house.directory.accounts["acme"], self.house.directory.faxboxes["acme", "front-desk"]
        order = Order(
            account=account,
            faxbox=box,
            number=FaxNumber(e164=ARCHIVE),
            origin=Origin.HTTP,
            text=text,
            scheduled=self.house.clock() + timedelta(days=1),
        )
        return (await place(order, self.house._deps())).job.id

    async def ended(self, at: datetime, *events: Event, pages: int = 2, account_id: str = "acme") -> Job:
        """A fax of another day, with no more than its rows."""
        mail_id = self.house.ids()
        ann = ReversePath("ann", "acme.example")
        mail = Mail(
            id=mail_id,
            created=at,
            origin=Origin.SMTP,
            client=Client(),
            reverse_path=ann,
            content=Content(sha256=hashlib.sha256(mail_id.encode()).hexdigest(), octets=5, inline=b"mail!"),
            header=Header(subject="Of another day"),
        )
        job = Job(
            id=f"{mail_id}-1",
            mail_id=mail_id,
            account_id=account_id,
            faxbox_id="front-desk" if account_id == "acme" else "lab",
            number=FaxNumber(e164="+12025550123"),
            reverse_path=ann,
            origin=mail.origin,
            created=at,
            due=at + timedelta(days=1000),
            expires=at + timedelta(days=1000),
            most_tries=3,
        )
        await self.house.store.accept(Acceptance(mail=mail, jobs=[job]), duplicate_hours=1)
        document = Document(name=f"gone-{mail_id}.tif", pages=pages, octets=9000, bits=pages * 400_000, layout=Layout())
        first = (Rendered(document=document), Offered(backend="line"), Accepted(ticket=mail_id))
        return await self.house.store.jobs.advance(job, [*first, *events], at=at)

    async def history(self, days: int) -> None:
        """Days on which faxes were sent, and some were not."""
        now = self.house.clock()
        for back in range(1, days):
            at = now - timedelta(days=back, minutes=7)
            for nth in range(2 + (back * 7) % 9):
                await self.ended(at, sent(2 + (back + nth) % 4), pages=2 + (back + nth) % 4)
            for nth in range((back * 5) % 4):
                await self.ended(at, failed(Cause.BUSY if nth else Cause.NO_ANSWER))
            if back % 3 == 0:
                await self.ended(at, Cancelled())


def sent(pages: int = 2) -> Sent:
    """It went well."""
    call = Transmission(pages_sent=pages, seconds=31.0 * pages, station="+1 202 555 0142", rate=14400)
    return Sent(transmission=call)


def failed(cause: Cause) -> Failed:
    """It did not."""
    why = TRIES_USED_UP.fill(tries=3, why=(BUSY if cause is Cause.BUSY else NO_ANSWER).text)
    return Failed(status=TRIES_USED_UP.status, cause=cause, text=why, counted=True)


@asynccontextmanager
async def town(folder: Path, **settings: Any) -> AsyncIterator[Town]:
    """The house, at work."""
    caught: list[EmailMessage] = []
    catcher = Catcher(lambda content, _: caught.append(_read(content)))
    await catcher.open()
    house = await House.build(settings_for(folder, catcher.port, **settings))
    made = Town(house=house, folder=folder, notices=caught)
    stop, working = asyncio.Event(), None
    try:
        await _people(house)
        await house.open({})
        working = asyncio.create_task(house.work(stop))
        yield made
    finally:
        stop.set()
        if working is not None:
            await working
        await catcher.close()


async def _people(house: House) -> None:
    file = read_file(RECORDS, backends=house.backends)
    await house.store.accounts.write(plan(await house.store.accounts.records(), file, prune=False).changes)
    hashed = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1).hash(PASSWORD)
    for email in (ANN, BEN, OPS, "eve@globex.example"):
        assert await house.store.accounts.set_password(email, hashed)


def _sent(port: int, sender: str, to: str, content: bytes) -> str:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="mail.acme.example", timeout=30) as client:
        client.ehlo()
        client.mail(sender)
        code, said = client.rcpt(to)
        if code == 250:
            code, said = client.data(content)
        return f"{code} {said.decode()}"


def _read(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail
