"""Single messages: taken back, deleted, fetched, received, marked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model.errors import Permanent, Temporary
from smtpfax.testing.ringcentral import FakeRingCentral, error
from smtpfax.testing.ringcentral.order import File
from smtpfax.testing.trick import Trick
from tests.dispatch.benches import ringcentral
from tests.dispatch.values import ELSEWHERE, HERE, NOW, PDF, Clock, offer, spooled

FIRST = 4_444_444_444
SCAN = File(name="", media_type="image/tiff", octets=b"II*\0")
GONE = "4444449999/4444449999@20261121T120000Z"


async def test_a_fax_that_is_queued_and_not_drawn_is_taken_back(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    assert await backend.cancel(ticket)
    assert ring.store.records[FIRST]["availability"] == "Deleted"


@pytest.mark.parametrize(("status", "pages"), [("Queued", 3), ("Sent", 3), ("SendingFailed", 0)])
async def test_a_fax_that_may_be_on_the_line_is_not(
    ring: FakeRingCentral, tmp_path: Path, status: str, pages: int
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    ring.store.end(FIRST, status, pages=pages)
    assert not await backend.cancel(ticket)
    assert ring.store.records[FIRST]["availability"] == "Alive"


async def test_a_fax_that_is_not_there_and_no_ticket_at_all_are_not_taken_back(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    assert not await backend.cancel(GONE)
    assert not await backend.cancel("x")


async def test_deleting_names_one_message_and_is_for_good_and_once_more_is_no_fault(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    await backend.delete(ticket)
    await backend.delete(GONE)
    await backend.delete("no ticket")
    assert ring.store.records[FIRST]["availability"] == "Purged"
    paths = [seen.path for seen in ring.seen if seen.method == "DELETE"]
    mine = "/restapi/v1.0/account/~/extension/~/message-store"
    assert paths == [f"{mine}/{id_}?purge=true" for id_ in (FIRST, 4_444_449_999)]


async def test_the_fax_as_it_was_rendered_there_is_fetched(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    fetched = await backend.fetch(await backend.offer(offer()))
    assert (fetched.media_type, fetched.octets) == ("application/pdf", PDF)
    with pytest.raises(Permanent):
        await backend.fetch(GONE)
    with pytest.raises(Temporary):
        await backend.fetch("no ticket")


async def test_faxes_that_came_in_are_told_oldest_first_with_all_that_is_known(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, tmp_path)
    ring.store.receive(SCAN, sender=ELSEWHERE, to=HERE, name="Bob", pages=2)
    clock.pass_by(minutes=1)
    ring.store.receive(SCAN, sender=ELSEWHERE, to=HERE)
    ring.store.records[FIRST + 1]["readStatus"] = "Read"
    first, second = await backend.received(since=NOW - timedelta(hours=1))
    assert (first.from_number, first.from_name, first.to_number, first.pages) == (ELSEWHERE, "Bob", HERE, 2)
    assert (first.received, first.read, second.read) == (NOW, False, True)
    assert (await backend.bring(first)).media_type == "image/tiff"


async def test_of_a_long_time_all_pages_are_read(ring: FakeRingCentral, clock: Clock, tmp_path: Path) -> None:
    ring.most_rows = 4
    for _ in range(30):
        ring.store.receive(SCAN, sender=ELSEWHERE, to=HERE)
        clock.pass_by(hours=6)
    backend = ringcentral(ring, tmp_path)
    assert len(await backend.received(since=NOW, until=clock())) == 30
    assert len(await backend.received(since=NOW + timedelta(days=1), until=NOW + timedelta(days=2))) == 5


async def test_a_received_fax_that_somebody_deleted_is_theirs(ring: FakeRingCentral, tmp_path: Path) -> None:
    ring.store.receive(SCAN, sender=ELSEWHERE, to=HERE)["availability"] = "Deleted"
    assert await ringcentral(ring, tmp_path).received(since=NOW) == []


async def test_marks_go_both_ways(ring: FakeRingCentral, tmp_path: Path) -> None:
    ring.store.receive(SCAN, sender=ELSEWHERE, to=HERE)
    backend = ringcentral(ring, tmp_path)
    for read in (True, False):
        [arrival] = await backend.received(since=NOW)
        await backend.mark(arrival.ticket, read=read)
        [after] = await backend.received(since=NOW)
        assert after.read is read
    await backend.mark(GONE, read=True)


async def test_a_404_of_something_in_between_is_no_word_about_a_message(ring: FakeRingCentral, tmp_path: Path) -> None:
    """Else a wrong address would lose every fax that came in, and call back faxes that are being sent."""
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    ring.store.receive(SCAN, sender=ELSEWHERE, to=HERE)
    [arrival] = await backend.received(since=NOW)
    for body in (b"<h1>not found</h1>", error("CMN-120", "Invalid URI"), b""):
        ring.singles = Trick(name="404", takes=False, status=404, body=body)
        asking = (
            backend.bring(arrival),
            backend.fetch(ticket),
            backend.cancel(ticket),
            backend.delete(ticket),
            backend.mark(ticket, read=True),
        )
        for asked in asking:
            with pytest.raises(Temporary):
                await asked


@pytest.mark.parametrize(
    ("encoding", "most"), [("form-json", 50_000_000), ("mixed", 50_000_000), ("mixed-base64", 39_461_538)]
)
def test_in_base64_less_of_a_document_goes_into_the_largest_request(tmp_path: Path, encoding: str, most: int) -> None:
    limits = ringcentral(FakeRingCentral(Clock()), tmp_path, encoding=encoding).limits
    assert limits.octets == most
    octets = limits.octets * 4 / 3 if encoding == "mixed-base64" else limits.octets
    assert octets * 78 / 76 < 55_000_000


@pytest.mark.parametrize("status", [404, 409])
async def test_a_fax_that_is_still_being_rendered_is_fetched_later(
    ring: FakeRingCentral, tmp_path: Path, status: int
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    ring.singles = Trick(name="rendering", takes=False, status=status, body=error("MSG-368"))
    with pytest.raises(Temporary, match="still being rendered"):
        await backend.fetch(ticket)
