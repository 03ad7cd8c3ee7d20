"""What the pages keep: sessions and drafts; sums for the dashboard; a text in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.dialects import sqlite

from smtpfax.model import event as e
from smtpfax.model.alert import Alert
from smtpfax.model.attempt import Outcome
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout
from smtpfax.model.event import PartNote
from smtpfax.model.job import Job, State
from smtpfax.model.legibility import Legibility
from smtpfax.model.mail import Client, Header
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import BUSY, NOT_PERMITTED
from smtpfax.store import AttemptFilter, Draft, Session, Store, Whose, searching
from tests.store.conftest import Opener
from tests.store.desk import DOCUMENT, NOON, Clock, Desk

HOURS = timedelta(hours=12)
WEEK = timedelta(days=7)
EVERYBODY = Whose()


def session(id: str = "s1", *, at: datetime = NOON, email: str = "ann@acme.example") -> Session:
    return Session(id=id, email=email, timezone="UTC", address="192.0.2.7", created=at, seen=at, expires=at + HOURS)


async def test_a_session_lasts_as_long_as_it_is_used_and_a_week_at_most(store: Store, clock: Clock) -> None:
    await store.sessions.add(session())
    used = 0
    while (found := await store.sessions.find("s1")) is not None:
        await store.sessions.touch(found, lasts=HOURS, most=WEEK)
        clock.turn(hours=6)
        used += 1
    assert used == 28
    clock.turn(hours=-6)
    last = await store.sessions.find("s1")
    assert last is not None
    assert last.expires == NOON + WEEK


async def test_a_session_that_is_not_used_ends(store: Store, clock: Clock) -> None:
    await store.sessions.add(session())
    clock.turn(hours=11.9)
    assert await store.sessions.find("s1") == session()
    clock.turn(hours=0.2)
    assert await store.sessions.find("s1") is None
    assert await store.sessions.forget(clock()) == 1


async def test_a_busy_browser_costs_one_write_a_minute(store: Store, clock: Clock) -> None:
    await store.sessions.add(session())
    clock.turn(seconds=59)
    await store.sessions.touch(session(), lasts=HOURS, most=WEEK)
    assert await store.sessions.find("s1") == session()
    clock.turn(seconds=1)
    await store.sessions.touch(session(), lasts=HOURS, most=WEEK)
    found = await store.sessions.find("s1")
    assert found is not None
    assert found.seen == clock()


async def test_whoever_signed_out_is_out(store: Store) -> None:
    await store.sessions.add(session())
    await store.sessions.add(session("s2"))
    await store.sessions.end("s1")
    assert await store.sessions.find("s1") is None
    assert await store.sessions.find("s2") is not None


def draft(id: str = "m1", *, owner: str = "ann@acme.example", at: datetime = NOON) -> Draft:
    return Draft(
        id=id,
        owner=owner,
        account_id="acme",
        faxbox_id="sales",
        number=FaxNumber(e164="+12025550123", sub_address="7"),
        to_name="Bob",
        scheduled=at + HOURS,
        header=Header(message_id="<m1@x>", subject="Ünïcode"),
        sha256="0" * 64,
        octets=9,
        content_name=f"c-{id}",
        document=replace(DOCUMENT, name=f"fax-{id}.tif", legibility=Legibility(letter_mm=1.5)),
        parts=(PartNote(path="1", name="a.pdf", kind="application/pdf", octets=9, pages=2),),
        warning="page 1 will be hard to read",
        created=at,
    )


async def test_a_draft_is_its_owners_and_is_found_as_it_was(store: Store) -> None:
    await store.drafts.add(draft())
    assert await store.drafts.get("m1", owner="ann@acme.example") == draft()
    assert await store.drafts.get("m1", owner="ben@acme.example") is None
    assert await store.drafts.delete("m1")
    assert not await store.drafts.delete("m1")


async def test_a_draft_that_was_sent_is_seen_by_nobody_and_its_files_stay_a_while(store: Store) -> None:
    await store.drafts.add(draft())
    await store.drafts.sent("m1")
    assert await store.drafts.get("m1", owner="ann@acme.example") is None
    assert {"c-m1", "fax-m1.tif"} <= await store.retention.names_in_use()


async def test_of_an_owners_drafts_the_newest_stay(store: Store, clock: Clock) -> None:
    for place in range(4):
        await store.drafts.add(draft(f"m{place}", at=clock.turn(minutes=1)))
    await store.drafts.add(draft("b1", owner="ben@acme.example"))
    assert await store.drafts.trim("ann@acme.example", most=2) == 2
    kept = [place for place in range(4) if await store.drafts.get(f"m{place}", owner="ann@acme.example")]
    assert kept == [2, 3]
    assert await store.drafts.get("b1", owner="ben@acme.example")


async def test_a_drafts_files_are_kept_while_it_is_and_no_longer(store: Store, clock: Clock) -> None:
    await store.drafts.add(draft())
    assert {"c-m1", "fax-m1.tif"} <= await store.retention.names_in_use()
    clock.turn(hours=25)
    assert await store.drafts.forget(clock() - timedelta(hours=24)) == 1
    assert await store.retention.names_in_use() == set()


async def test_what_was_told_outlives_a_restart(opener: Opener, clock: Clock) -> None:
    alert = Alert(key="disk", subject="s", text="t", since=NOON, seen=NOON, due=NOON)
    first = await opener()
    await first.alerts.keep(alert)
    await first.alerts.keep(replace(alert, told=NOON, text="worse"))
    second = await opener()
    assert await second.alerts.all() == [replace(alert, told=NOON, text="worse")]
    await second.alerts.forget("disk")
    assert await second.alerts.all() == []


async def ended(desk: Desk, *events: e.Event, document: Document = DOCUMENT) -> Job:
    """A job that went through all of it."""
    job = await desk.taken()
    return await desk.walk(
        job, e.Rendered(document=document), e.Offered(backend="b"), e.Accepted(ticket=desk.make.id("T")), *events
    )


def failed(cause: Cause) -> e.Failed:
    return e.Failed(status=BUSY.status, cause=cause, text="no", counted=True)


async def test_what_ended_is_summed_by_hour_and_state(desk: Desk) -> None:
    await ended(desk, e.Sent())
    await ended(desk, e.Sent(), document=Document(name="d2", pages=5, octets=1, bits=1000, layout=Layout()))
    await ended(desk, failed(Cause.BUSY))
    desk.clock.turn(hours=1)
    await ended(desk, e.Sent())
    found = await desk.store.statistics.ended(EVERYBODY, since=NOON - HOURS)
    told = {(row.hour.hour, row.state): (row.faxes, row.pages, row.bits) for row in found}
    assert told == {
        (12, State.SENT): (2, 7, 29_800),
        (12, State.FAILED): (1, 2, 28_800),
        (13, State.SENT): (1, 2, 28_800),
    }
    assert found[0].hour.tzinfo is not None
    assert len(await desk.store.statistics.ended(EVERYBODY, since=NOON + timedelta(hours=1))) == 1


async def test_a_fax_that_failed_without_pages_counts_as_a_fax(desk: Desk) -> None:
    job = await desk.taken()
    await desk.walk(job, failed(Cause.DOCUMENT))
    (row,) = await desk.store.statistics.ended(EVERYBODY, since=NOON - HOURS)
    assert (row.faxes, row.pages, row.bits) == (1, 0, 0)


async def test_causes_are_counted_the_most_frequent_first(desk: Desk) -> None:
    for cause in (Cause.NO_ANSWER, Cause.BUSY, Cause.BUSY):
        await ended(desk, failed(cause))
    await ended(desk, e.Sent())
    causes = await desk.store.statistics.causes(EVERYBODY, since=NOON - HOURS)
    assert list(causes.items()) == [(Cause.BUSY, 2), (Cause.NO_ANSWER, 1)]


@pytest.mark.parametrize(
    ("whose", "many"),
    [
        (EVERYBODY, 1),
        (Whose(account_id="acme"), 1),
        (Whose(account_id="acme", faxbox_ids=("sales", "x")), 1),
        (Whose(account_id="acme", faxbox_ids=("x",)), 0),
        (Whose(account_id="acme", faxbox_ids=()), 0),
        (Whose(account_id="other"), 0),
    ],
)
async def test_sums_are_of_those_that_were_asked_for(desk: Desk, whose: Whose, many: int) -> None:
    await ended(desk, failed(Cause.BUSY))
    await desk.taken()
    desk.store.attempts.add(desk.make.attempt(outcome=Outcome.REFUSED))
    await desk.store.attempts.flush()
    statistics, since = desk.store.statistics, NOON - HOURS
    assert sum(row.faxes for row in await statistics.ended(whose, since=since)) == many
    assert sum((await statistics.causes(whose, since=since)).values()) == many
    assert await statistics.refused(whose, since=since) == many
    assert sum((await statistics.open(whose)).values()) == many
    assert (await statistics.waiting_since(whose, at=NOON + HOURS) is not None) is bool(many)


async def test_the_oldest_that_waits_is_neither_held_nor_for_later(desk: Desk) -> None:
    statistics = desk.store.statistics
    assert await statistics.waiting_since(EVERYBODY, at=NOON) is None
    held = await desk.taken()
    await desk.walk(held, e.Held())
    desk.clock.turn(hours=1)
    assert await statistics.waiting_since(EVERYBODY, at=desk.clock()) is None
    await desk.taken()
    assert await statistics.waiting_since(EVERYBODY, at=desk.clock()) == NOON + timedelta(hours=1)


REFUSED = NOT_PERMITTED.reply(address="x")


async def logged(desk: Desk, **more: object) -> str:
    """A row of the log; its id."""
    attempt = replace(desk.make.attempt(), **more)  # type: ignore[arg-type]
    desk.clock.turn(seconds=1)
    desk.store.attempts.add(attempt)
    await desk.store.attempts.flush()
    return attempt.id


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"header": Header(subject="The Quarterly Report")}, "quarterly"),
        ({"header": Header(subject="Größe 100%")}, "größe 100%"),
        ({"header": Header(message_id="<abc.def@mx>")}, "abc.def"),
        ({"header": Header(from_="Ann Lee <ann@x>")}, "ann lee"),
        ({"reply": REFUSED}, "not permitted"),
        ({"reason": "no permission of faxbox sales matches"}, "matches"),
        ({"client": Client(helo="scanner-7")}, "SCANNER-7"),
        ({"to": "+442079460958@fax.example"}, "4420"),
        ({"original_number": "020 7946"}, "7946"),
    ],
)
async def test_a_text_is_found_wherever_it_stands(desk: Desk, more: dict[str, object], text: str) -> None:
    wanted = await logged(desk, **more)
    await logged(desk)
    found = await desk.store.search(AttemptFilter(), text, limit=10)
    assert [row.attempt.id for row in found.page.rows] == [wanted]
    assert (found.page.after, found.until) == ("", None)


@pytest.mark.parametrize("text", ["100_", "1%0", "\\", "' or 1=1 --"])
async def test_a_text_is_no_pattern(desk: Desk, text: str) -> None:
    await logged(desk, header=Header(subject="Größe 1000"))
    assert (await desk.store.search(AttemptFilter(), text, limit=10)).page.rows == ()


async def test_hits_come_in_pages_newest_first(desk: Desk) -> None:
    ids = [await logged(desk, header=Header(subject=f"hit {number}" if number % 2 else "miss")) for number in range(9)]
    first = await desk.store.search(AttemptFilter(), "hit", limit=3)
    second = await desk.store.search(AttemptFilter(), "hit", limit=3, after=first.page.after)
    shown = [row.attempt.id for row in (*first.page.rows, *second.page.rows)]
    assert shown == [ids[number] for number in (7, 5, 3, 1)]
    assert second.page.after == ""


async def test_a_search_looks_at_so_many_rows_and_says_how_far_it_came(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_ROWS", 4)
    ids = [await logged(desk, header=Header(subject="hit" if number < 2 else "miss")) for number in range(10)]
    shown, after, looks = [], "", 0
    while looks == 0 or after:
        found = await desk.store.search(AttemptFilter(), "hit", limit=5, after=after)
        shown += [row.attempt.id for row in found.page.rows]
        after, looks = found.page.after, looks + 1
        assert (found.until is not None) is bool(after)
    assert (shown, looks) == ([ids[1], ids[0]], 3)


async def test_other_filters_and_faxboxes_hold_for_a_search_too(desk: Desk) -> None:
    hit = Header(subject="hit")
    mine = await logged(desk, header=hit, faxbox_id="mine")
    await logged(desk, header=hit, faxbox_id="theirs")
    await logged(desk, header=hit, account_id="other", faxbox_id="mine")
    of_acme = AttemptFilter(account_id="acme")
    found = await desk.store.search(of_acme, "hit", limit=5, faxbox_ids=("mine", "too"))
    assert [row.attempt.id for row in found.page.rows] == [mine]
    assert len((await desk.store.search(of_acme, "hit", limit=5)).page.rows) == 2
    refused = AttemptFilter(outcome=Outcome.REFUSED)
    assert (await desk.store.search(refused, "hit", limit=5)).page.rows == ()


@pytest.mark.parametrize("after", ["x", "bm8", "eyJhIjoxfQ"])
async def test_a_search_begins_at_a_cursor_of_ours_or_not_at_all(desk: Desk, after: str) -> None:
    with pytest.raises(ValueError, match="not a start key"):
        await desk.store.search(AttemptFilter(), "hit", limit=5, after=after)


@pytest.mark.parametrize("wanted", [AttemptFilter(), AttemptFilter(account_id="acme"), AttemptFilter(to="x@y")])
async def test_what_a_search_looks_at_is_read_from_an_index_without_sorting(
    store: Store, wanted: AttemptFilter
) -> None:
    after = searching.write_cursor(NOON, "a1")
    sql = searching.bounded(wanted, after).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    async with store._database.reading.connect() as connection:
        plan = [row.detail for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(plan) == 1
    assert "USING INDEX ix_attempts" in plan[0]
