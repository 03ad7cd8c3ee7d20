"""Received faxes come to their faxboxes: each one, once, whatever breaks in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from smtpfax.dispatch.ringcentral.limiter import LIMITS
from smtpfax.model.abilities import Arrival, Fetched
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.status import BACKEND_DOWN, CONVERTER_DIED, EVERY_PART, PART_UNREADABLE
from smtpfax.testing.ringcentral import error
from smtpfax.testing.trick import Trick
from smtpfax.worker.receiving import MOST_TIMES, Receiver, range_of
from tests.dispatch.values import NOW
from tests.worker.office import BOX, HERE, PDF, THERE, TIFF, Office, office


async def look(here: Office, **passes: float) -> None:
    """Some time later, by a process that was just started."""
    here.clock.pass_by(**passes or {"minutes": 1})
    await here.receiving().look(here.backend)


async def test_a_fax_is_kept_with_its_document_and_somebody_is_to_be_told(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        here.comes_in()
        await look(here)
        [fax] = await here.kept()
        assert (fax.account_id, fax.faxbox_id, fax.backend) == ("acme", "sales", "ringcentral")
        assert (fax.from_number, fax.from_name, fax.to_number) == (THERE, "Bob", HERE)
        assert await here.spool.read(fax.original) == PDF
        assert here.spool.has(fax.document.name)
        assert [one.id for one in await here.store.inbox.untold(limit=9)] == [fax.id]
        assert here.rung


async def test_a_tiff_becomes_our_document(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        here.comes_in(octets=TIFF, media_type="image/tiff")
        await look(here)
        [fax] = await here.kept()
        assert (fax.original, here.drawer.drew) == ("", ["fax.tif"])


async def test_what_came_before_we_began_is_left_where_it_is(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        here.comes_in()
        here.clock.pass_by(hours=1)
        await here.begin()
        await look(here)
        assert await here.kept() == []


async def test_any_past_range_is_fetched_on_demand_and_never_twice(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        for _ in range(5):
            here.comes_in()
            here.clock.pass_by(days=10)
        await here.begin()
        window = range_of(NOW + timedelta(days=5), NOW + timedelta(days=25))
        took = await here.receiving().fetch(here.backend, window)
        assert [fax.received for fax in took.faxes] == [NOW + timedelta(days=10), NOW + timedelta(days=20)]
        assert (await here.receiving().fetch(here.backend, window)).faxes == []
        assert len(await here.kept()) == 2


async def test_a_fax_is_taken_once_however_often_it_is_listed(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        here.comes_in()
        for _ in range(5):
            await look(here)
        assert len(await here.kept()) == 1
        assert here.ring.limits.calls["medium"] == 1  # the document, once


async def test_and_not_again_after_it_was_forgotten_here(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.settle(retention_days=0)
        await here.begin()
        here.comes_in()
        await look(here)
        [fax] = await here.kept()
        await here.store.inbox.tell(fax.id, ())
        await here.store.inbox.mark_read(fax.id)
        assert await here.store.retention.inbound(now=here.clock(), default=timedelta(days=90)) == 1
        await look(here)
        assert await here.kept() == []


class Crash(BaseException):
    """The process ends here."""


class NoMarks:
    """A RingCentral that refuses the mark of one fax."""

    def __init__(self, here: Office, refused: str) -> None:
        self._backend, self._refused = here.backend, refused
        self.name, self.home, self.every = "ringcentral", "", timedelta(minutes=1)

    async def received(self, *, since: datetime, until: datetime | None = None) -> Sequence[Arrival]:
        return await self._backend.received(since=since, until=until)

    async def bring(self, arrival: Arrival) -> Fetched:
        return await self._backend.bring(arrival)

    async def mark(self, ticket: str, *, read: bool) -> None:
        if ticket.startswith(self._refused):
            raise Temporary(BACKEND_DOWN, cause=Cause.BACKEND)
        await self._backend.mark(ticket, read=read)


class Dying:
    """A RingCentral before which we die at the n-th document."""

    def __init__(self, here: Office, after: int) -> None:
        self._backend, self._left = here.backend, after
        self.name, self.home, self.every = "ringcentral", "", timedelta(minutes=1)

    async def received(self, *, since: datetime, until: datetime | None = None) -> Sequence[Arrival]:
        return await self._backend.received(since=since, until=until)

    async def bring(self, arrival: Arrival) -> Fetched:
        if not self._left:
            raise Crash
        self._left -= 1
        return await self._backend.bring(arrival)

    async def mark(self, ticket: str, *, read: bool) -> None:
        await self._backend.mark(ticket, read=read)


async def test_a_crash_at_any_fax_neither_loses_nor_repeats_one(tmp_path: Path) -> None:
    for after in count():
        folder = tmp_path / str(after)
        folder.mkdir()
        async with office(folder) as here:
            await here.begin()
            for _ in range(3):
                here.comes_in()
                here.clock.pass_by(seconds=1)
            try:
                await here.receiving().look(Dying(here, after))
            except Crash:
                assert len(await here.kept()) == after
            else:
                break
            await look(here)
            assert [fax.ticket[:10] for fax in await here.kept()] == ["4444444444", "4444444445", "4444444446"]


async def test_after_a_week_away_all_that_came_meanwhile_is_taken(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        for _ in range(8):
            here.clock.pass_by(days=1)
            here.comes_in()
        await look(here)
        assert len(await here.kept()) == 8


async def test_pages_that_shift_while_they_are_read_hide_no_fax_for_long(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        here.ring.most_rows = 2
        ids = []
        for _ in range(7):
            ids.append(here.comes_in())
            here.clock.pass_by(seconds=1)
        gone = iter([max(ids)])

        def shift() -> None:
            for id_ in gone:
                here.ring.store.records[id_]["availability"] = "Deleted"

        here.ring.between_pages = shift
        await look(here)
        await look(here)
        assert {int(fax.ticket[:10]) for fax in await here.kept()} >= set(ids) - {max(ids)}


async def test_for_nobody_it_is_told_loudly_and_taken_when_it_has_a_faxbox(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        here.boxes = [replace(BOX, backends=("another",))]
        await here.begin()
        here.comes_in(to="+12025550177")
        await look(here)
        assert await here.kept() == []
        here.boxes = [replace(BOX, number="+12025550177")]
        await look(here)
        assert len(await here.kept()) == 1


async def test_one_fax_that_cannot_be_had_holds_no_other_up_and_is_taken_later(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        broken = here.comes_in(octets=b"<html>still rendering</html>")
        here.clock.pass_by(seconds=1)
        good = here.comes_in()
        await look(here)
        assert [int(fax.ticket[:10]) for fax in await here.kept()] == [good]
        here.clock.pass_by(days=12)
        await look(here)
        file = here.ring.store.documents[broken]
        here.ring.store.documents[broken] = replace(file, octets=PDF)
        await look(here, days=1)
        assert {int(fax.ticket[:10]) for fax in await here.kept()} == {broken, good}


async def test_it_is_not_asked_for_each_minute(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        here.comes_in(octets=b"nothing")
        receiving = here.receiving()
        for _ in range(60):
            here.clock.pass_by(minutes=1)
            await receiving.look(here.backend)
        assert here.ring.limits.calls["medium"] <= 7


async def test_a_document_that_is_gone_is_passed_over_loudly(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        id_ = here.comes_in()
        body = json.dumps({"records": [here.ring.store.records.pop(id_)]}).encode()
        here.ring.reading = Trick(name="still listed", takes=False, status=200, body=body)
        receiving = here.receiving()
        for _ in range(3):  # of a young one the document may only be late
            here.clock.pass_by(minutes=1)
            assert len((await receiving.look(here.backend)).left) == 1
        for _ in range(30):
            here.clock.pass_by(hours=1)
            took = await receiving.look(here.backend)
        assert (took.left, await here.kept()) == ([], [])
        asked = here.ring.limits.calls["medium"]
        await look(here)
        assert here.ring.limits.calls["medium"] == asked


async def test_a_document_that_comes_later_than_its_record_is_taken(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        id_ = here.comes_in()
        here.ring.singles = Trick(name="not yet", takes=False, status=404, body=error("CMN-102"))
        await look(here)
        here.ring.singles = None
        await look(here, minutes=2)
        assert [int(fax.ticket[:10]) for fax in await here.kept()] == [id_]


async def test_where_only_a_wrong_address_says_that_it_is_gone_nothing_is_lost(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        here.comes_in()
        here.ring.singles = Trick(name="another host's", takes=False, status=404, body=b"<h1>Not found</h1>")
        for _ in range(5):
            await look(here, days=1)
        here.ring.singles = None
        await look(here)
        assert len(await here.kept()) == 1


async def test_one_bad_fax_does_not_hold_the_cursor_for_ever_and_is_still_fetched_on_demand(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        bad = here.comes_in(octets=b"<html>never</html>")
        came, receiving = here.clock(), here.receiving()
        for _ in range(MOST_TIMES + 20):
            here.clock.pass_by(hours=1)
            await receiving.look(here.backend)
        _, at = await here.store.cursors.get("ringcentral")
        assert at > came + timedelta(days=3)
        file = here.ring.store.documents[bad]
        here.ring.store.documents[bad] = replace(file, octets=PDF)
        took = await receiving.fetch(here.backend, range_of(came - timedelta(days=1), here.clock()))
        assert [int(fax.ticket[:10]) for fax in took.faxes] == [bad]


async def test_a_mark_that_is_refused_bars_no_other_mark(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        for _ in range(2):
            here.comes_in()
            here.clock.pass_by(seconds=1)
        await look(here)
        for fax in await here.kept():
            await here.store.inbox.mark_read(fax.id)
        refuses = NoMarks(here, "4444444444")
        for _ in range(2):
            here.clock.pass_by(minutes=1)
            await here.receiving().look(refuses)
        marks = [record["readStatus"] for record in here.ring.store.records.values()]
        assert marks == ["Unread", "Read"]


@pytest.mark.parametrize("crashes", [0, 2], ids=["damaged", "kills its converter"])
async def test_what_cannot_be_drawn_is_kept_all_the_same(tmp_path: Path, crashes: int) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        here.comes_in()
        died = Temporary(CONVERTER_DIED, cause=Cause.CONVERTER, part=EVERY_PART)
        damaged = Permanent(PART_UNREADABLE, cause=Cause.DOCUMENT, part="fax.pdf")
        here.drawer.faults = [died] * crashes or [damaged]
        receiving = here.receiving()
        for _ in range(crashes + 1):
            here.clock.pass_by(minutes=5)
            await receiving.look(here.backend)
        [fax] = await here.kept()
        assert here.drawer.drew == ["fax.txt"]
        assert await here.spool.read(fax.original) == PDF


async def test_marks_go_both_ways(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        id_ = here.comes_in()
        await look(here)
        record = here.ring.store.records[id_]
        record["readStatus"] = "Read"
        await look(here)
        [fax] = await here.kept()
        assert (fax.read, fax.remote_read) == (True, True)
        await here.store.inbox.mark_read(fax.id, read=False)
        await look(here)
        assert record["readStatus"] == "Unread"
        [fax] = await here.kept()
        assert (fax.read, fax.remote_read) == (False, False)


async def test_a_mark_of_ours_reaches_a_fax_that_is_listed_no_more(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        id_ = here.comes_in()
        await look(here)
        await look(here, days=5)
        [fax] = await here.kept()
        await here.store.inbox.mark_read(fax.id)
        await look(here)
        assert here.ring.store.records[id_]["readStatus"] == "Read"


async def test_many_faxes_are_taken_within_the_limits_and_none_is_left(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        here.ring.limits.most = {group.value: limit for group, limit in LIMITS.items()}
        await here.begin()
        for _ in range(90):
            here.comes_in()
        receiving, looks = here.receiving(), 0
        while len(await here.kept()) < 90:
            took = await receiving.look(here.backend)
            here.clock.pass_by(seconds=max(60, (took.pause or timedelta()).total_seconds()))
            looks += 1
            assert looks < 10
        assert (here.ring.limits.refused, here.ring.limits.in_penalty) == (0, 0)


async def test_the_loop_goes_on_after_faults_and_looks_at_once_when_it_is_called(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        receiver = Receiver({"ringcentral": here.backend}, here.receiving())
        here.ring.reading = Trick(name="500", takes=False, status=500)
        assert await receiver.once(here.backend) == timedelta(minutes=1)
        here.ring.reading = None
        assert await receiver.once(here.backend) == here.backend.every
        running = asyncio.create_task(receiver.run())
        here.comes_in()
        async with asyncio.timeout(10):
            while not await here.kept():
                receiver.called("ringcentral")
                receiver.called("nobody")
                await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


def test_a_backend_that_is_not_to_receive_is_never_asked(tmp_path: Path) -> None:
    class Silent:
        name, home, every = "x", "", timedelta()

        async def received(self) -> None: ...
        async def bring(self) -> None: ...
        async def mark(self) -> None: ...

    receiver = Receiver({"x": Silent()}, None)  # type: ignore[dict-item, arg-type]
    assert receiver._backends == {}
