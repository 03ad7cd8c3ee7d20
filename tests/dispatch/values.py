"""What the tests of dispatch speak of: a clock that is moved by hand, faxboxes, offers, an exchange in memory.

In:    nothing.
Out:   plain values, and an Exchange.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smtpfax.model.account import Account, Directory, Faxbox
from smtpfax.model.address import NULL
from smtpfax.model.backend import Call, InboundFax, Offer
from smtpfax.model.document import Document, Layout
from smtpfax.model.job import Job
from smtpfax.model.mail import Origin
from smtpfax.model.number import FaxNumber

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HERE, ELSEWHERE = "+12025550199", "+12025550123"
SALES = Faxbox(
    id="sales",
    account_id="acme",
    name="Sales",
    number="+12025550100",
    header="Acme Inc.",
    caller_name="Acme",
    timezone="America/New_York",
)
SUPPORT = Faxbox(id="support", account_id="other", name="Support", number=HERE)
DIRECTORY = Directory.of([Account(id="acme", name="Acme"), Account(id="other", name="Other")], [SALES, SUPPORT])
TIFF = b"II*\0" + bytes(range(256)) * 40 + b"\r\n--"
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 10
DOCUMENT = Document(name="d1.tiff", pages=3, octets=len(TIFF), bits=100_000, layout=Layout())
JOB = Job(
    id="m1-1",
    mail_id="m1",
    account_id="acme",
    faxbox_id="sales",
    number=FaxNumber(e164=ELSEWHERE),
    reverse_path=NULL,
    origin=Origin.SMTP,
    created=NOW,
    due=NOW,
    expires=NOW + timedelta(days=1),
    most_tries=3,
    document=DOCUMENT,
)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        """Move it."""
        self.now += timedelta(**time)


def offer(job_id: str = "m1-1", *, number: str = HERE, try_number: int = 1, offered: datetime = NOW) -> Offer:
    """One try."""
    return Offer(
        job_id=job_id,
        try_number=try_number,
        number=FaxNumber.parse(number),
        document=DOCUMENT,
        faxbox=SALES,
        offered=offered,
    )


def spooled(folder: Path) -> Path:
    """A folder with the document in it."""
    (folder / DOCUMENT.name).write_bytes(TIFF)
    return folder


@dataclass
class MemoryExchange:
    """An Exchange (model) that forgets when it goes."""

    kept: dict[str, Call] = field(default_factory=dict)
    inbox: list[InboundFax] = field(default_factory=list)

    async def place(self, call: Call) -> Call:
        """Once per key."""
        return self.kept.setdefault(call.key, call)

    async def calls(self, keys: Sequence[str]) -> Sequence[Call]:
        """Those that are kept."""
        return [self.kept[key] for key in keys if key in self.kept]

    async def settle(self, key: str, received: InboundFax | None) -> bool:
        """Once."""
        first = not self.kept[key].settled
        self.kept[key] = replace(self.kept[key], settled=True)
        if first and received is not None:
            self.inbox.append(received)
        return first

    async def forget(self, key: str) -> None:
        """If it is over."""
        if key in self.kept and self.kept[key].settled:
            del self.kept[key]

    async def under_way(self, numbers: Sequence[str]) -> Sequence[Call]:
        """To these numbers."""
        return [call for call in self.kept.values() if call.number in numbers and not call.settled]
