"""The process that puts in what the database is owed: it may be slow, in trouble, or gone, and no mail is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from smtpfax.journal.clerk import Clerk
from smtpfax.journal.clerking import Clerking
from smtpfax.journal.lines import InProcess
from smtpfax.journal.pen import Pen
from smtpfax.journal.reading import journal_of, read_segment
from smtpfax.journal.segments import MAGIC, Place
from smtpfax.model.errors import Temporary
from smtpfax.model.number import FaxNumber
from smtpfax.store import AttemptFilter, Store
from smtpfax.store.taking import COLUMNS
from tests.store.conftest import Opener
from tests.store.desk import FAX, Clock, Desk, Maker, filled, form_of

OTHER = FaxNumber(e164="+12025550199")


@pytest.fixture
def apart() -> bool:
    return True


def clerk_of(store: Store) -> Clerking:
    return store._clerk


def process_of(store: Store) -> subprocess.Popen[bytes]:
    line = clerk_of(store)._line
    assert isinstance(line, InProcess)
    return line._process


def in_database(path: Path) -> list[str]:
    with sqlite3.connect(path) as other:
        found = [name for (name,) in other.execute("select id from mails order by id")]
    other.close()
    return found


async def told(desk: Desk, *octets: bytes) -> list[str]:
    """Mails that are ours, half of them by a form."""
    form, mails = form_of(desk.make, FAX, OTHER, decided=True), list[str]()
    for number, each in enumerate(octets):
        if number % 2:
            [job, _] = await desk.store.accept(filled(desk.make, form, each, desk.clock()), duplicate_hours=9)
        else:
            [job] = await desk.accept(desk.make.acceptance(each))
        mails.append(job.mail_id)
    return mails


async def test_whoever_reads_finds_what_was_told(desk: Desk) -> None:
    mails = await told(desk, b"one", b"two", b"three")
    assert [await desk.store.mails.inline(each) for each in mails] == [b"one", b"two", b"three"]
    assert in_database(desk.store.path) == sorted(mails)
    rows = (await desk.store.attempts.page(AttemptFilter(), limit=9)).rows
    assert len(rows) == 4
    assert len(await desk.store.jobs.of_mail(mails[1])) == 2


async def test_it_puts_them_in_of_itself(desk: Desk) -> None:
    mails = await told(desk, b"one", b"two")
    async with asyncio.timeout(30):
        while in_database(desk.store.path) != sorted(mails):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)


async def test_many_mails_go_in_by_several_transactions(desk: Desk) -> None:
    form = form_of(desk.make, FAX, decided=True)
    mails = [filled(desk.make, form, b"%d" % number, desk.clock()) for number in range(1200)]
    await asyncio.gather(*(desk.store.accept(each, duplicate_hours=9) for each in mails))
    assert await desk.store.mails.get(mails[-1].id) is not None
    assert in_database(desk.store.path) == sorted(each.id for each in mails)


@pytest.mark.parametrize("when", ["before", "between"])
async def test_one_that_is_killed_is_begun_anew_and_nothing_is_put_in_twice(desk: Desk, when: str) -> None:
    mails = await told(desk, b"zero", b"one") if when == "between" else []
    if mails:
        assert await desk.store.mails.get(mails[0]) is not None
    first = process_of(desk.store)
    first.kill()
    mails += await told(desk, b"two", b"three", b"four")
    assert await desk.store.mails.get(mails[-1]) is not None
    assert in_database(desk.store.path) == sorted(mails)
    assert process_of(desk.store) is not first
    assert await asyncio.to_thread(first.wait) == -signal.SIGKILL


async def test_one_that_hangs_is_taken_for_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = process_of(desk.store)
    line = clerk_of(desk.store)._line
    assert line is not None
    monkeypatch.setattr(line, "_seconds", 0.2)
    monkeypatch.setattr("smtpfax.journal.lines.END_SECONDS", 0.2)
    first.send_signal(signal.SIGSTOP)
    [mail] = await told(desk, b"one")
    assert await desk.store.mails.get(mail) is not None
    assert first.returncode == -signal.SIGKILL


async def test_one_that_cannot_be_begun_anew_stops_the_door_and_not_what_was_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    process_of(desk.store).kill()
    mails = await told(desk, b"one")
    with pytest.raises(Temporary):
        await desk.store.mails.get(mails[0])
    with pytest.raises(Temporary):
        await told(desk, b"two")
    monkeypatch.undo()
    [again] = await told(desk, b"again")
    assert await desk.store.mails.get(again) is not None
    assert in_database(desk.store.path) == sorted([*mails, again])


async def test_a_database_in_trouble_is_told_to_readers_and_to_the_door(desk: Desk) -> None:
    other = sqlite3.connect(desk.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    mails = await told(desk, b"one")
    with pytest.raises(Temporary, match="locked"):
        await desk.store.mails.get(mails[0])
    with pytest.raises(Temporary, match="locked"):
        await told(desk, b"two")
    other.execute("ROLLBACK")
    other.close()
    mails += await told(desk, b"three", b"four")
    assert await desk.store.mails.get(mails[0]) is not None
    assert in_database(desk.store.path) == sorted(mails)


async def test_closing_puts_in_whatever_is_owed_and_ends_it(desk: Desk) -> None:
    process = process_of(desk.store)
    mails = await told(desk, b"one", b"two", b"three")
    await desk.store.close()
    assert in_database(desk.store.path) == sorted(mails)
    assert process.returncode == 0


CHILD = """
import asyncio, sys
from smtpfax.store import Store
from tests.store.desk import FAX, Clock, Maker, filled, form_of

async def main():
    make = Maker(Clock())
    store = await Store.open(sys.argv[1], busy_seconds=5, clock=make.clock, ids=make.id, apart=True)
    form = form_of(make, FAX, decided=True)
    print(store._clerk._line._process.pid, flush=True)
    while True:
        mails = [filled(make, form, make.id("c").encode(), make.clock()) for _ in range(7)]
        await asyncio.gather(*(store.accept(each, duplicate_hours=48) for each in mails))
        print(*(each.id for each in mails), flush=True)

asyncio.run(main())
"""


def killed(path: Path, mails: int) -> tuple[list[str], int]:
    """What a daemon told before it was killed, and the process that it had."""
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True, env=environ
    ) as child:
        assert child.stdout is not None
        pid, told = int(child.stdout.readline()), list[str]()
        while len(told) < mails:
            told += child.stdout.readline().split()
        child.kill()
        told += child.stdout.read().split()
    return told, pid


def wait_for_the_end(pid: int) -> None:
    """Of a process that is no child of ours."""
    end = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("mails", [7, 700, 2100])
async def test_when_the_daemon_is_killed_it_ends_and_the_next_start_finds_all(
    tmp_path: Path, opener: Opener, mails: int
) -> None:
    path = tmp_path / "smtpfax.db"
    told, pid = await asyncio.to_thread(killed, path, mails)
    await asyncio.to_thread(wait_for_the_end, pid)
    store = await opener()
    found = in_database(path)
    assert set(told) <= set(found)
    for mail_id in (told[0], told[-1]):
        assert await store.mails.inline(mail_id)
        assert len(await store.jobs.of_mail(mail_id)) == 1


def ranges(places: Sequence[Place]) -> list[tuple[str, int, int]]:
    """Of single mails."""
    return [(place.segment.name, place.entry, place.end) for place in places]


async def test_what_it_did_before_it_ended_is_not_done_again(tmp_path: Path, clock: Clock, make: Maker) -> None:
    store = await Store.open(str(tmp_path / "s.db"), busy_seconds=5, clock=clock, ids=make.id)
    desk = Desk(store, clock, make)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # nothing is put in but by the clerks below
    mails = await told(desk, b"one", b"two", b"three", b"four")
    places = ranges([owed.place for owed in store._appending._appender.owing.first()])
    other.execute("ROLLBACK")
    other.close()
    for number, (name, start, end) in enumerate(places, 1):
        clerk = Clerk(Pen(store.path, busy_seconds=5), journal_of(store.path), COLUMNS)  # which has read no form yet
        clerk.put(name, start, end)
        clerk.put(name, places[0][1], end)
        clerk.close()
        assert in_database(store.path) == sorted(mails[:number])
    await store.close()


async def test_the_log_never_goes_back_though_two_processes_write_it(desk: Desk) -> None:
    mails = []
    for number in range(5):
        [mail] = await told(desk, b"%d" % number)
        mails.append(mail)
        desk.store.attempts.add(desk.make.attempt(account_id=""))
        await desk.store.attempts.flush()
    rows = (await desk.store.attempts.page(AttemptFilter(), limit=20)).rows[::-1]
    moments = [row.attempt.created for row in rows]
    assert moments == sorted(set(moments))
    assert [row.attempt.mail_id for row in rows] == [name for mail in mails for name in (mail, "")]


async def test_a_start_puts_in_nothing_that_an_old_clerk_puts_in_while_it_begins(
    tmp_path: Path, clock: Clock, make: Maker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told_by, _ = await asyncio.to_thread(killed, tmp_path / "s.db", 7)
    folder = journal_of(tmp_path / "s.db")
    [segment] = folder.iterdir()
    begin = Pen.begin

    def after_the_old_one(pen: Pen, *, sync: bool) -> None:
        monkeypatch.setattr(Pen, "begin", begin)
        clerk = Clerk(Pen(tmp_path / "s.db", busy_seconds=5), folder, COLUMNS)
        [(head, *_), *_] = read_segment(segment, 0)
        clerk.put(segment.name, len(MAGIC) + len(head.framed().ahead), segment.stat().st_size)
        clerk.close()
        begin(pen, sync=sync)

    monkeypatch.setattr(Pen, "begin", after_the_old_one)
    store = await Store.open(str(tmp_path / "s.db"), busy_seconds=5, clock=clock, ids=make.id)
    assert set(told_by) <= set(in_database(store.path))
    assert [record for record in caplog.records if "taken from the journal" in record.message] == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    await store.close()
