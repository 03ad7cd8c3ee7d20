"""The one writer: what it shares, what it keeps apart, and what it does when the database does not answer."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import IntegrityError

from smtpfax.model.errors import Temporary
from smtpfax.store.handing import MOST, MOST_OCTETS
from smtpfax.store.schema_lasting import revisions
from smtpfax.store.sqlite import Pen
from smtpfax.store.writer import Work, Writer


async def nothing_is_owed() -> None:
    """By a store without a journal."""


def made(path: Path, *, busy_seconds: float = 0.2) -> Writer:
    """A writer on its own, with one table."""
    pen = Pen(path, busy_seconds=busy_seconds)
    revisions.create(pen.connection, checkfirst=True)
    return Writer(pen, nothing_is_owed)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.db"


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    writer = made(path)
    writer.start()
    yield writer
    await writer.close()


@pytest.fixture
def commits(writer: Writer) -> list[str]:
    """The commits that SQLite saw, as a list that grows."""
    seen: list[str] = []
    writer._pen.database.set_trace_callback(lambda said: seen.append(said) if said == "COMMIT" else None)
    return seen


def names(path: Path) -> list[str]:
    """As another connection sees them."""
    with sqlite3.connect(path) as other:
        found = [name for (name,) in other.execute("select name from revisions order by name")]
    other.close()
    return found


def put(name: str) -> Work[str]:
    def work(connection: Connection) -> str:
        connection.execute(insert(revisions), {"name": name})
        return name

    return work


async def test_units_that_arrive_together_share_one_commit(writer: Writer, path: Path, commits: list[str]) -> None:
    results = await asyncio.gather(*(writer.do(put(f"{n:03}")) for n in range(100)))

    assert results == [f"{n:03}" for n in range(100)]
    assert names(path) == results
    assert len(commits) == 1


async def test_units_that_arrive_during_a_commit_share_the_next(writer: Writer, commits: list[str]) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: Connection) -> None:
        put("slow")(connection)
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(10)

    first = asyncio.create_task(writer.do(slow))
    await begun.wait()
    others = [asyncio.create_task(writer.do(put(f"{n}"))) for n in range(50)]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, *others)

    assert len(commits) == 2


async def test_a_batch_is_bounded_in_units_and_in_octets(writer: Writer, commits: list[str]) -> None:
    await asyncio.gather(*(writer.do(put(f"{n}")) for n in range(MOST + 1)))
    assert len(commits) == 2

    await asyncio.gather(*(writer.do(put(f"big{n}"), octets=MOST_OCTETS) for n in range(3)))
    assert len(commits) == 5


async def test_one_units_error_leaves_its_neighbours(writer: Writer, path: Path, commits: list[str]) -> None:
    def wrong(connection: Connection) -> None:
        put("half")(connection)
        raise KeyError("a bug")

    outcomes = await asyncio.gather(
        writer.do(put("a")), writer.do(wrong), writer.do(put("a")), writer.do(put("b")), return_exceptions=True
    )

    assert outcomes[0] == "a"
    assert isinstance(outcomes[1], KeyError)
    assert isinstance(outcomes[2], IntegrityError)
    assert outcomes[3] == "b"
    assert names(path) == ["a", "b"]
    assert len(commits) == 1


async def test_nobody_is_told_before_the_commit(writer: Writer, path: Path) -> None:
    def work(connection: Connection) -> list[str]:
        put("x")(connection)
        return names(path)

    assert await writer.do(work) == []
    assert names(path) == ["x"]


async def test_a_cancelled_caller_leaves_its_unit_whole(writer: Writer, path: Path) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work(connection: Connection) -> None:
        put("first")(connection)
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(10)
        put("second")(connection)

    caller = asyncio.create_task(writer.do(work))
    waiting = asyncio.create_task(writer.do(put("queued")))
    await begun.wait()
    caller.cancel()
    waiting.cancel()
    await asyncio.gather(caller, waiting, return_exceptions=True)
    assert caller.cancelled()
    assert waiting.cancelled()
    go_on.set()
    await writer.do(put("third"))

    assert names(path) == ["first", "queued", "second", "third"]


async def test_a_locked_database_is_temporary_and_writing_goes_on_after_it(writer: Writer, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcomes = await asyncio.gather(writer.do(put("a")), writer.do(put("b")), return_exceptions=True)
    other.execute("ROLLBACK")
    other.close()

    assert all(isinstance(outcome, Temporary) for outcome in outcomes)
    assert "locked" in str(outcomes[0])
    assert await writer.do(put("c")) == "c"
    assert names(path) == ["c"]


async def test_an_error_that_takes_the_whole_transaction_back_fails_the_whole_batch(writer: Writer, path: Path) -> None:
    def undone(connection: Connection) -> None:
        connection.execute(text("ROLLBACK"))  # what SQLite does by itself when the disk is full
        raise RuntimeError("no space")

    outcomes = await asyncio.gather(writer.do(put("a")), writer.do(undone), writer.do(put("b")), return_exceptions=True)

    assert all(isinstance(outcome, Temporary) for outcome in outcomes)
    assert names(path) == []
    assert await writer.do(put("c")) == "c"


async def test_closing_finishes_what_waits_and_takes_no_more(path: Path) -> None:
    writer = made(path)
    writer.start()
    waiting = [asyncio.create_task(writer.do(put(f"{n:03}"))) for n in range(MOST * 2)]
    await asyncio.sleep(0)
    await writer.close()

    assert await asyncio.gather(*waiting) == names(path)
    assert len(waiting) == MOST * 2
    with pytest.raises(Temporary):
        await writer.do(put("late"))


async def test_two_that_read_and_then_write_lose_no_update(path: Path) -> None:
    """With SQLite's deferred BEGIN two thirds of these were lost, and nobody was told."""
    two = [made(path, busy_seconds=5), made(path, busy_seconds=5)]
    for writer in two:
        writer.start()
    await two[0].do(put("n"))

    def add_one(connection: Connection) -> None:
        [now] = connection.execute(text("select revision from revisions")).scalars()
        connection.execute(text("update revisions set revision = :next"), {"next": now + 1})

    await asyncio.gather(*(two[n % 2].do(add_one) for n in range(300)))
    for writer in two:
        await writer.close()

    with sqlite3.connect(path) as other:
        assert other.execute("select revision from revisions").fetchone() == (300,)
    other.close()
