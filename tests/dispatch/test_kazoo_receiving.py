"""Faxes that Kazoo received: the requests that leave, and what is read out of the answers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from smtpfax.dispatch.kazoo.envelope import gregorian
from smtpfax.dispatch.kazoo.receiving import arrival_of
from smtpfax.model.abilities import Receives
from smtpfax.model.errors import Permanent, Temporary
from tests.dispatch.benches import kazoo
from tests.dispatch.fake_kazoo import ACCOUNT, FakeKazoo, Trick
from tests.dispatch.values import ELSEWHERE, HERE, NOW, TIFF, Clock


def came_in(fake: FakeKazoo) -> str:
    return fake.receive(sender=ELSEWHERE, to=HERE, media_type="image/tiff", octets=TIFF, name="Bob")


async def test_the_inbox_is_listed_by_a_range_and_the_document_asked_for_by_its_id(
    fake: FakeKazoo, tmp_path: Path
) -> None:
    backend = kazoo(fake, tmp_path)
    assert isinstance(backend, Receives)
    id_ = came_in(fake)
    await backend.check()
    fake.seen.clear()
    [arrival] = await backend.received(since=NOW - timedelta(days=1), until=NOW)
    assert (await backend.bring(arrival)).octets == TIFF
    listing, fetching = fake.seen
    path, _, query = listing.path.partition("?")
    base = f"/v2/accounts/{ACCOUNT}/faxes/inbox"
    assert (listing.method, path) == ("GET", base)
    assert parse_qs(query) == {
        "page_size": ["100"],
        "created_from": [str(gregorian(NOW - timedelta(days=1)))],
        "created_to": [str(gregorian(NOW))],
    }
    assert (fetching.method, fetching.path) == ("GET", f"{base}/{id_}/attachment")
    assert fetching.headers["Accept"].startswith("application/pdf")


async def test_what_a_record_says_is_read(fake: FakeKazoo, tmp_path: Path) -> None:
    id_ = came_in(fake)
    [arrival] = await kazoo(fake, tmp_path).received(since=NOW - timedelta(hours=1))
    assert (arrival.ticket, arrival.from_number, arrival.from_name) == (id_, ELSEWHERE, "Bob")
    assert (arrival.to_number, arrival.pages, arrival.received, arrival.read) == (HERE, 2, NOW, None)


async def test_all_pages_of_a_long_time_are_read_and_each_fax_is_told_once(
    fake: FakeKazoo, clock: Clock, tmp_path: Path
) -> None:
    fake.most_rows = 3
    for _ in range(40):
        came_in(fake)
        clock.pass_by(days=2)
    arrivals = await kazoo(fake, tmp_path).received(since=NOW, until=clock())
    assert len(arrivals) == 40
    assert [one.received for one in arrivals] == sorted(one.received for one in arrivals)
    spans = [parse_qs(seen.path.partition("?")[2]) for seen in fake.seen if "/inbox?" in seen.path]
    assert all(int(span["created_to"][0]) - int(span["created_from"][0]) <= 2_682_000 for span in spans)


@pytest.mark.parametrize("id_", ["", "../../x", "a/b", 7, None, "x" * 101])
def test_a_record_whose_id_cannot_stand_in_an_address_is_passed_over(id_: object) -> None:
    assert arrival_of({"id": id_, "from_number": "+1"}, NOW) is None


@pytest.mark.parametrize("record", [{}, {"rx_result": 5, "created": "x"}, {"from_number": ["+1"], "from": {}}])
def test_a_record_that_is_nonsense_otherwise_is_taken_with_what_it_has(record: dict[str, object]) -> None:
    arrival = arrival_of({"id": "202611-1", **record}, NOW)
    assert arrival is not None
    assert (arrival.from_number, arrival.received, arrival.pages) == ("", NOW, 0)


async def test_a_document_that_is_gone_is_permanent_and_trouble_is_not(fake: FakeKazoo, tmp_path: Path) -> None:
    came_in(fake)
    backend = kazoo(fake, tmp_path)
    [arrival] = await backend.received(since=NOW - timedelta(hours=1))
    fake.documents.clear()
    with pytest.raises(Permanent):
        await backend.bring(arrival)
    fake.reading = Trick(name="500", takes=False, status=500)
    with pytest.raises(Temporary):
        await backend.bring(arrival)
    with pytest.raises(Temporary):
        await backend.received(since=NOW)


async def test_a_404_of_something_in_between_is_no_word_about_a_fax(fake: FakeKazoo, tmp_path: Path) -> None:
    came_in(fake)
    backend = kazoo(fake, tmp_path)
    [arrival] = await backend.received(since=NOW - timedelta(hours=1))
    fake.reading = Trick(name="404 of a proxy", takes=False, status=404, body=b"<h1>not found</h1>")
    with pytest.raises(Temporary):
        await backend.bring(arrival)


async def test_an_inbox_of_more_faxes_than_anybody_looks_through_for_one_is_listed_whole(
    fake: FakeKazoo, tmp_path: Path
) -> None:
    fake.most_rows = 1
    for _ in range(30):
        came_in(fake)
    assert len(await kazoo(fake, tmp_path).received(since=NOW - timedelta(hours=1))) == 30


async def test_it_keeps_no_marks(fake: FakeKazoo, tmp_path: Path) -> None:
    await kazoo(fake, tmp_path).mark("202611-1", read=True)
    assert fake.seen == []
