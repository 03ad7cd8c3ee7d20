"""Between the journal's sync and the database: what is owed is told, found, bounded, and never lost."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.journal.brought import Places
from smtpfax.journal.claims import Claimed, claim
from smtpfax.journal.owing import Bounds, Owed, Owing
from smtpfax.journal.packing import moment, packed
from smtpfax.journal.reading import journal_of
from smtpfax.journal.segments import Entry, Journal, Place, Platter, Segment
from smtpfax.journal.stamps import Stamps
from smtpfax.journal.taking import Arrived, FormArrived, Reading
from smtpfax.model.accepting import Acceptance
from smtpfax.model.errors import Temporary
from smtpfax.model.number import FaxNumber
from smtpfax.model.verdict import taken
from smtpfax.store import AttemptFilter, Store
from smtpfax.store.forms import filling_of
from smtpfax.store.forms import form_of as known_form
from smtpfax.store.taking import COLUMNS, HEAD, brought_by
from tests.store.conftest import Opener
from tests.store.desk import FAX, NOON, Clock, Desk, Maker, filled, form_of
from tests.store.film import append

PLACES = Places.of(COLUMNS)
OTHER = FaxNumber(e164="+12025550199", sub_address="12#")


@asynccontextmanager
async def busy(store: Store) -> AsyncIterator[None]:
    """The clerk is at work on something else, all the while."""
    line, go_on = store._clerk._line, asyncio.Event()
    assert line is not None

    async def slow(segment: str, start: int, end: int) -> None:
        await go_on.wait()
        await ask(segment, start, end)

    ask, line.ask = line.ask, slow  # type: ignore[method-assign]
    try:
        yield
    finally:
        line.ask = ask  # type: ignore[method-assign]
        go_on.set()


def told_at_once(acceptance: Acceptance) -> Acceptance:
    """One that no verdict is waited for."""
    return replace(acceptance, reply=taken(acceptance.mail.id))


def in_database(path: Path) -> list[str]:
    """The mails that another connection sees."""
    with sqlite3.connect(path) as other:
        found = [name for (name,) in other.execute("select id from mails order by id")]
    other.close()
    return found


async def test_a_mail_is_ours_before_the_database_has_it_and_whoever_reads_finds_it(desk: Desk) -> None:
    acceptance = desk.make.acceptance()
    async with busy(desk.store):
        [told] = await desk.accept(acceptance)
        assert in_database(desk.store.path) == []
    assert (await desk.job(told.job_id)).mail_id == acceptance.mail.id
    assert await desk.store.mails.inline(acceptance.mail.id) == b"a fax"
    assert in_database(desk.store.path) == [acceptance.mail.id]


async def test_the_same_mail_again_is_told_of_the_first_though_that_is_owed(desk: Desk) -> None:
    first, again = told_at_once(desk.make.acceptance()), told_at_once(desk.make.acceptance())
    async with busy(desk.store):
        [one] = await desk.accept(first)
        [two] = await desk.accept(again)
    assert (two.mail_id, two.job_id, two.duplicate) == (one.mail_id, one.job_id, True)
    assert two.reply == first.reply
    rows = (await desk.store.attempts.page(AttemptFilter(), limit=9)).rows
    assert [row.attempt.id for row in rows] == [again.attempts[0].id, first.attempts[0].id]
    assert {(row.attempt.mail_id, row.state) for row in rows} == {(one.mail_id, (await desk.job(one.job_id)).state)}


async def test_a_key_of_a_mail_that_is_owed_is_free_when_its_hours_are_over(desk: Desk) -> None:
    async with busy(desk.store):
        [one] = await desk.accept(desk.make.acceptance())
        desk.clock.turn(hours=48)
        [two] = await desk.accept(desk.make.acceptance())
        [three] = await desk.accept(desk.make.acceptance())
    assert (two.duplicate, three.duplicate, three.job_id) == (False, True, two.job_id)
    assert one.job_id != two.job_id
    [four] = await desk.accept(desk.make.acceptance())
    assert four.job_id == two.job_id


async def test_an_id_that_a_mail_has_which_is_owed_is_no_other_mails(desk: Desk) -> None:
    good, bad = desk.make.acceptance(b"good"), desk.make.acceptance(b"bad")
    jobs = [replace(job, mail_id=good.mail.id) for job in bad.jobs]
    async with busy(desk.store):
        await desk.accept(good)
        with pytest.raises(sqlite3.IntegrityError):
            await desk.accept(replace(bad, mail=replace(bad.mail, id=good.mail.id), jobs=jobs))
    assert in_database(desk.store.path) in ([], [good.mail.id])


async def test_work_on_the_database_finds_the_mails_that_were_told_before_it(desk: Desk) -> None:
    acceptance = desk.make.acceptance()
    async with busy(desk.store):
        await desk.accept(acceptance)
        claim_them = asyncio.create_task(
            desk.store.jobs.claim("me", now=desk.clock(), lease=timedelta(minutes=1), limit=9)
        )
    assert [job.id for job in await claim_them] == [acceptance.jobs[0].id]


async def test_the_log_never_goes_back_though_rows_are_owed(desk: Desk) -> None:
    mails = []
    for _ in range(3):
        async with busy(desk.store):
            acceptance = desk.make.acceptance(desk.make.id().encode())
            await desk.accept(acceptance)
            refused = desk.make.attempt(account_id="")
            desk.store.attempts.add(refused)
        await desk.store.attempts.flush()
        mails += [acceptance.attempts[0].id, refused.id]
    rows = (await desk.store.attempts.page(AttemptFilter(), limit=9)).rows
    assert [row.attempt.id for row in reversed(rows)] == mails
    moments = [row.attempt.created for row in reversed(rows)]
    assert moments == sorted(set(moments))


def test_a_stamp_is_the_moment_itself_unless_something_later_is_there() -> None:
    stamps = Stamps(Clock())
    later = NOON + timedelta(seconds=1)
    assert stamps.after(later) == later
    assert stamps.after(NOON) > later
    assert stamps.next() > later + timedelta(microseconds=1)


async def test_closing_puts_in_whatever_is_owed(desk: Desk) -> None:
    async with busy(desk.store):
        told = [await desk.accept(desk.make.acceptance(b"%d" % n)) for n in range(5)]
        closing = asyncio.create_task(desk.store.close())
        await asyncio.sleep(0)
    await closing
    assert in_database(desk.store.path) == sorted(job.mail_id for [job] in told)
    with sqlite3.connect(desk.store.path) as database:
        [(name, reached)] = database.execute("select name, reached from segments").fetchall()
    database.close()
    assert (journal_of(desk.store.path) / name).stat().st_size == reached


@pytest.mark.parametrize("bounds", [Bounds(mails=3), Bounds(octets=3), Bounds(seconds=0)])
async def test_beyond_the_bound_mails_wait_for_the_database(
    tmp_path: Path, clock: Clock, make: Maker, bounds: Bounds
) -> None:
    store = await Store.open(str(tmp_path / "b.db"), busy_seconds=1, clock=clock, ids=make.id, bounds=bounds)
    desk, order = Desk(store, clock, make), list[str]()
    async with busy(store):
        for n in range(1 if bounds.seconds == 0 else 3):
            await desk.accept(desk.make.acceptance(b"%d" % n))

        async def one_more() -> None:
            await desk.accept(desk.make.acceptance(b"more"))
            order.append("mail")

        waiting = asyncio.create_task(one_more())
        while not store._appending._waiting or store._appending._looks:  # noqa: ASYNC110 - until it has looked
            await asyncio.sleep(0)
        order.append("room")
    await waiting
    assert order == ["room", "mail"]
    await store.close()


def test_mails_that_fill_a_part_of_the_bound_do_not_wait_for_others(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "1", HEAD, Platter())
    owing, nudges = Owing(Bounds(octets=4000)), list[float | None]()
    owing.nudge = lambda: nudges.append(owing.patience())
    since = time.monotonic() + 60  # the moment for which they wait is not over
    for octets in (500, 400, 200, 200):  # with the third, a quarter
        owing.add([Owed("a", (), Place(segment, 0, octets, 0), since)])
    assert [patience == 0 for patience in nudges] == [False, True]
    assert owing.patience() == 0
    segment.close()


async def test_a_database_in_trouble_takes_no_more_mails_and_loses_none_that_were_told(desk: Desk) -> None:
    other = sqlite3.connect(desk.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    told = []

    async def as_many_as_possible() -> None:
        while True:
            told.append(await desk.accept(desk.make.acceptance(b"%d" % len(told))))

    with pytest.raises(Temporary, match="locked"):
        await as_many_as_possible()
    assert told  # the journal had no trouble
    other.execute("ROLLBACK")
    other.close()
    told.append(await desk.accept(desk.make.acceptance(b"now")))
    assert [job.id for job in (await desk.store.jobs.page(final=False, limit=9999)).rows][::-1] == [
        job.job_id for [job] in told
    ]


class FullDisk(Platter):
    """A disk that takes nothing more from a moment on."""

    full = False

    def sync(self, descriptor: int) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        super().sync(descriptor)


def locked(path: Path) -> bool:
    """Whether somebody writes it, or owes of it."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_segment_that_failed_stays_this_processs_until_nothing_of_it_is_owed(tmp_path: Path) -> None:
    disk, names = FullDisk(), iter(["s1", "s2"])
    journal = Journal(tmp_path / "j", head=HEAD, names=lambda: next(names), platter=disk)
    [first, second] = append(journal, Entry(b"one", b"1", bytes(32)), Entry(b"two", b"2", bytes(32)))
    disk.full = True
    with pytest.raises(OSError, match="No space"):
        append(journal, Entry(b"three"))
    disk.full = False
    [third] = append(journal, Entry(b"four"))
    assert (first.segment.name, third.segment.name) == ("s1", "s2")
    assert (tmp_path / "j" / "s1").stat().st_size == second.end
    first.segment.paid(1)
    assert locked(tmp_path / "j" / "s1")
    second.segment.paid(1)
    assert not locked(tmp_path / "j" / "s1")
    journal.close()
    assert locked(tmp_path / "j" / "s2")
    third.segment.paid(1)
    assert not locked(tmp_path / "j" / "s2")


CHILD = """
import asyncio, sys
from smtpfax.store import Store
from tests.store.desk import Clock, Maker

async def main():
    make = Maker(Clock())
    store = await Store.open(sys.argv[1], busy_seconds=5, clock=make.clock, ids=make.id)

    async def never(segment, start, end):
        await asyncio.Event().wait()

    store._clerk._line.ask = never
    for n in range(20):
        acceptance = make.acceptance(b"%d" % (n // 2))
        [told] = await store.accept(acceptance, duplicate_hours=48)
        print(told.mail_id, told.job_id, acceptance.attempts[0].id, flush=True)
    print("all", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def killed_while_owing(path: Path) -> list[list[str]]:
    """What a store told, none of which the database had when it was killed."""
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", CHILD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as child:
        assert child.stdout is not None
        told = [line.split() for line in iter(child.stdout.readline, "all\n")]
        child.send_signal(signal.SIGKILL)
    return told


async def test_a_kill_while_all_of_it_is_owed_loses_nothing(tmp_path: Path, opener: Opener) -> None:
    path = tmp_path / "smtpfax.db"
    told = await asyncio.to_thread(killed_while_owing, path)
    assert len(told) == 20
    assert in_database(path) == []

    store = await opener()
    mails = list(dict.fromkeys(mail_id for mail_id, _, _ in told))
    assert in_database(path) == mails
    for number, mail_id in enumerate(mails):
        assert await store.mails.inline(mail_id) == b"%d" % number
    rows = (await store.attempts.page(AttemptFilter(), limit=99)).rows
    assert [[row.attempt.mail_id, row.attempt.job_id, row.attempt.id] for row in reversed(rows)] == told
    assert {row.state for row in rows} == {(await store.jobs.of_mail(mails[0]))[0].state}


@pytest.mark.parametrize("numbers", [(FAX,), (FAX, OTHER), (FAX, OTHER, FAX)])
@pytest.mark.parametrize("decided", [True, False])
def test_a_form_makes_what_the_whole_acceptance_makes(
    make: Maker, numbers: tuple[FaxNumber, ...], *, decided: bool
) -> None:
    form, until = form_of(make, *numbers, decided=decided), NOON + timedelta(hours=9)
    reading = Reading("s", COLUMNS)
    for place, octets in enumerate((b"one", b"two")):  # the second one finds the form known
        mail = filled(make, form, octets)
        short = FormArrived.of(filling_of(mail, known_form(form), until), PLACES)
        whole = Arrived.of(brought_by(mail.acceptance(), until), PLACES)
        assert (short.rows, short.sha256) == (whole.rows, whole.sha256)
        one, two = (each.taken(claim([each], {})) for each in (short, whole))
        for name in ("id", "jobs", "claimed", "owed", "content", "digest"):
            assert getattr(one, name) == getattr(two, name), name
        assert [owed.seen() for owed in one.owed] == [owed.seen() for owed in two.owed]
        entry = one.entry()
        if entry.form is not None and not place:
            assert reading.debt(packed({"form": list(entry.form)}), 0, 0) is None
        assert reading.debt(entry.record, 5, 8) == reading.debt(two.entry().record, 5, 8)
        assert (entry.form is None) == (len(set(numbers)) < len(numbers))


async def test_a_form_that_repeats_a_mail_is_told_of_it(desk: Desk) -> None:
    form = form_of(desk.make, FAX, OTHER, decided=True)
    mails = [filled(desk.make, form, b"one") for _ in range(2)]
    first, again = [await desk.store.accept(mail, duplicate_hours=1) for mail in mails]
    assert [job.duplicate for job in first] == [False, False]
    assert [(job.job_id, job.duplicate, job.reply) for job in again] == [
        (job.job_id, True, taken(mails[0].id)) for job in first
    ]
    assert (await desk.store.mails.get(mails[0].id)) is not None
    assert (await desk.store.mails.get(mails[1].id)) is None


def test_a_key_that_was_paid_is_not_forgotten_for_whoever_took_it_over(tmp_path: Path, make: Maker) -> None:
    path = tmp_path / "c.db"
    with sqlite3.connect(path) as database:
        database.execute("create table claims (key, mail_id, job_id, expires)")
        database.execute("create table mails (id, reply)")
        database.execute("create table jobs (id, state)")
    database.close()
    claimed = Claimed(path, busy_seconds=1)
    first, second = (Arrived.of(brought_by(make.acceptance(b"one"), NOON + timedelta(hours=n)), PLACES) for n in (1, 2))
    [key] = first.keys
    at = moment(NOON) or ""
    both = [each.taken(claim([each], {})) for each in (first, second)]
    for each in both:
        claimed.owe(each.id, each.owed)
    claimed.paid(both[0].id, both[0].claimed)
    assert claimed.owed([key], at)[key].job.mail_id == both[1].id
    claimed.paid(both[1].id, both[1].claimed)
    assert (claimed.owed([key], at), claimed.look([first.brought.id], [key], at)) == ({}, (set(), {}))
    claimed.close()
