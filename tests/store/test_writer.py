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
from sqlalchemy.ext.asyncio import AsyncEngine

from smtpfax.model.errors import Temporary
from smtpfax.store.schema_lasting import revisions
from smtpfax.store.sqlite import open_engines
from smtpfax.store.writer import MOST_OCTETS, MOST_UNITS, Work, Writer

Engines = tuple[AsyncEngine, AsyncEngine]


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[Engines]:
    opened = await open_engines(tmp_path / "w.db", busy_seconds=0.2)
    async with opened[0].begin() as connection:
        await connection.run_sync(revisions.create)
    yield opened
    for engine in opened:
        await engine.dispose()


@pytest.fixture
async def writer(engines: Engines) -> AsyncIterator[Writer]:
    writer = Writer(engines[0])
    writer.start()
    yield writer
    await writer.close()


@pytest.fixture
async def commits(engines: Engines) -> list[str]:
    """The commits that SQLite saw, as a list that grows."""
    seen: list[str] = []
    async with engines[0].connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.set_trace_callback(lambda said: seen.append(said) if said == "COMMIT" else None)
    return seen


async def names(engines: Engines) -> list[str]:
    async with engines[1].connect() as connection:
        return list((await connection.execute(text("select name from revisions order by name"))).scalars())


def put(name: str) -> Work[str]:
    def work(connection: Connection) -> str:
        connection.execute(insert(revisions), {"name": name})
        return name

    return work


async def test_units_that_arrive_together_share_one_commit(
    writer: Writer, engines: Engines, commits: list[str]
) -> None:
    results = await asyncio.gather(*(writer.do(put(f"{n:03}")) for n in range(100)))

    assert results == [f"{n:03}" for n in range(100)]
    assert await names(engines) == results
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
    await asyncio.gather(*(writer.do(put(f"{n}")) for n in range(MOST_UNITS + 1)))
    assert len(commits) == 2

    await asyncio.gather(*(writer.do(put(f"big{n}"), octets=MOST_OCTETS) for n in range(3)))
    assert len(commits) == 5


async def test_one_units_error_leaves_its_neighbours(writer: Writer, engines: Engines, commits: list[str]) -> None:
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
    assert await names(engines) == ["a", "b"]
    assert len(commits) == 1


async def test_nobody_is_told_before_the_commit(writer: Writer, engines: Engines) -> None:
    loop = asyncio.get_running_loop()

    def work(connection: Connection) -> list[str]:
        put("x")(connection)
        # As another connection sees it now.
        return asyncio.run_coroutine_threadsafe(names(engines), loop).result(10)

    assert await writer.do(work) == []
    assert await names(engines) == ["x"]


async def test_a_cancelled_caller_leaves_its_unit_whole(writer: Writer, engines: Engines) -> None:
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

    assert await names(engines) == ["first", "queued", "second", "third"]


async def test_a_locked_database_is_temporary_and_writing_goes_on_after_it(
    writer: Writer, engines: Engines, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "w.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcomes = await asyncio.gather(writer.do(put("a")), writer.do(put("b")), return_exceptions=True)
    other.execute("ROLLBACK")
    other.close()

    assert all(isinstance(outcome, Temporary) for outcome in outcomes)
    assert "locked" in str(outcomes[0])
    assert await writer.do(put("c")) == "c"
    assert await names(engines) == ["c"]


async def test_an_error_that_takes_the_whole_transaction_back_fails_the_whole_batch(
    writer: Writer, engines: Engines
) -> None:
    def undone(connection: Connection) -> None:
        connection.execute(text("ROLLBACK"))  # what SQLite does by itself when the disk is full
        raise RuntimeError("no space")

    outcomes = await asyncio.gather(writer.do(put("a")), writer.do(undone), writer.do(put("b")), return_exceptions=True)

    assert all(isinstance(outcome, Temporary) for outcome in outcomes)
    assert await names(engines) == []
    assert await writer.do(put("c")) == "c"


async def test_closing_finishes_what_waits_and_takes_no_more(engines: Engines) -> None:
    writer = Writer(engines[0])
    writer.start()
    waiting = [asyncio.create_task(writer.do(put(f"{n:03}"))) for n in range(MOST_UNITS * 2)]
    await asyncio.sleep(0)
    await writer.close()

    assert await asyncio.gather(*waiting) == await names(engines)
    assert len(waiting) == MOST_UNITS * 2
    with pytest.raises(Temporary):
        await writer.do(put("late"))


async def test_two_that_read_and_then_write_lose_no_update(engines: Engines) -> None:
    """With SQLite's deferred BEGIN two thirds of these were lost, and nobody was told."""
    other = (await open_engines(Path(str(engines[0].url.database)), busy_seconds=5))[0]
    two = [Writer(engines[0]), Writer(other)]
    for writer in two:
        writer.start()
    await two[0].do(put("n"))

    def add_one(connection: Connection) -> None:
        [now] = connection.execute(text("select revision from revisions")).scalars()
        connection.execute(text("update revisions set revision = :next"), {"next": now + 1})

    await asyncio.gather(*(two[n % 2].do(add_one) for n in range(300)))

    async with engines[1].connect() as connection:
        assert (await connection.execute(text("select revision from revisions"))).scalar() == 300
    for writer in two:
        await writer.close()
    await other.dispose()
