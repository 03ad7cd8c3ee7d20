"""A received fax becomes a record with a document; what cannot be drawn is kept all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from smtpfax.inbound.taking import PDF, TIFF, Taker, kind_of
from smtpfax.model.abilities import Arrival, Fetched
from smtpfax.model.account import Faxbox
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.status import CONVERTER_DIED, DOCUMENT_GONE, PART_UNREADABLE
from smtpfax.spool import Spool

T0 = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BOX = Faxbox(id="sales", account_id="acme", name="Sales", number="+12025550100")
ARRIVAL = Arrival(
    ticket="t1",
    received=T0,
    from_number="+12025550123",
    from_name="Bob",
    to_number="+12025550100",
    source="1/1",
    pages=4,
    read=False,
)
A_PDF, A_TIFF = b"%PDF-1.4 a fax", b"II*\0 a fax"


@dataclass
class Service:
    """Implements Receives: it has one document, or a fault."""

    has: bytes | Fault
    name: str = "ring"
    home: str = ""
    every: timedelta = timedelta(minutes=1)

    async def received(self, *, since: datetime, until: datetime | None = None) -> Sequence[Arrival]:
        """Its one fax."""
        return [ARRIVAL]

    async def bring(self, arrival: Arrival) -> Fetched:
        """Its document."""
        if isinstance(self.has, Fault):
            raise self.has
        return Fetched(media_type="application/octet-stream", octets=self.has)

    async def mark(self, ticket: str, *, read: bool) -> None:
        """Nothing."""


@dataclass
class Drawer:
    """Draws, or fails as it is told; remembers what it drew."""

    fault: Fault | None = None
    drew: list[tuple[str, bytes]] = field(default_factory=list)

    async def __call__(self, name: str, octets: bytes, faxbox: Faxbox) -> Document:
        if self.fault and name != "fax.txt":
            raise self.fault
        self.drew.append((name, octets))
        return Document(name=f"{len(self.drew)}.tif", pages=1, octets=1, bits=8, layout=Layout())


def taker(folder: Path, drawer: Drawer) -> Taker:
    numbers = count(1)
    return Taker(spool=Spool(folder), draw=drawer, ids=lambda: f"in{next(numbers)}")


async def test_a_pdf_is_kept_as_it_came_beside_our_document(tmp_path: Path) -> None:
    drawer = Drawer()
    fax = await taker(tmp_path, drawer).take(ARRIVAL, BOX, Service(A_PDF), crashes=0)
    assert drawer.drew == [("fax.pdf", A_PDF)]
    assert (fax.media_type, (tmp_path / fax.original).read_bytes()) == (PDF, A_PDF)
    assert (fax.account_id, fax.faxbox_id, fax.backend, fax.ticket) == ("acme", "sales", "ring", "t1")
    assert (fax.from_number, fax.from_name, fax.to_number) == ("+12025550123", "Bob", "+12025550100")
    assert (fax.received, fax.read, fax.remote_read) == (T0, False, False)


async def test_a_tiff_becomes_our_document_alone(tmp_path: Path) -> None:
    drawer = Drawer()
    fax = await taker(tmp_path, drawer).take(ARRIVAL, BOX, Service(A_TIFF), crashes=0)
    assert drawer.drew == [("fax.tif", A_TIFF)]
    assert (fax.original, fax.media_type) == ("", "")


async def test_what_cannot_be_drawn_is_kept_and_a_page_says_so(tmp_path: Path) -> None:
    drawer = Drawer(Permanent(PART_UNREADABLE, cause=Cause.DOCUMENT, part="fax.tif"))
    fax = await taker(tmp_path, drawer).take(ARRIVAL, BOX, Service(A_TIFF), crashes=0)
    assert (fax.media_type, (tmp_path / fax.original).read_bytes()) == (TIFF, A_TIFF)
    [(name, text)] = drawer.drew
    assert name == "fax.txt"
    assert b"A fax with 4 pages from +12025550123 came in by ring" in text
    assert b"Its document is damaged" in text


async def test_a_converter_that_dies_is_tried_twice_and_then_not_again(tmp_path: Path) -> None:
    drawer = Drawer(Temporary(CONVERTER_DIED, cause=Cause.CONVERTER, part="the fax"))
    made = taker(tmp_path, drawer)
    for crashes in (0, 1):
        with pytest.raises(Temporary):
            await made.take(ARRIVAL, BOX, Service(A_PDF), crashes=crashes)
    fax = await made.take(ARRIVAL, BOX, Service(A_PDF), crashes=2)
    assert (tmp_path / fax.original).read_bytes() == A_PDF


@pytest.mark.parametrize("octets", [b"", b"<html>log in first</html>", b"GIF89a", b"PK\3\4"])
async def test_what_is_no_fax_is_asked_for_again_later(tmp_path: Path, octets: bytes) -> None:
    with pytest.raises(Temporary, match="is no fax"):
        await taker(tmp_path, Drawer()).take(ARRIVAL, BOX, Service(octets), crashes=0)
    assert list(await Spool(tmp_path).ages()) == []


async def test_what_is_gone_there_is_gone(tmp_path: Path) -> None:
    gone = Permanent(DOCUMENT_GONE, cause=Cause.REFUSED)
    with pytest.raises(Permanent):
        await taker(tmp_path, Drawer()).take(ARRIVAL, BOX, Service(gone), crashes=0)


async def test_a_fax_without_a_number_is_for_the_faxboxs(tmp_path: Path) -> None:
    bare = replace(ARRIVAL, to_number="", read=None)
    fax = await taker(tmp_path, Drawer()).take(bare, BOX, Service(A_TIFF), crashes=0)
    assert (fax.to_number, fax.read, fax.remote_read) == (BOX.number, False, None)


@pytest.mark.parametrize(
    ("octets", "kind"),
    [(A_PDF, PDF), (b"\r\n%PDF-1.7", PDF), (A_TIFF, TIFF), (b"MM\0*", TIFF), (b"x" * 2000 + b"%PDF-", None)],
)
def test_the_first_octets_say_what_it_is(octets: bytes, kind: str | None) -> None:
    assert kind_of(octets) == kind
