"""All that is SQLite's alone: connections, their settings, and the copy for a backup.

In:    the URL of the settings.
Out:   two engines: one that writes, through one connection, and one that reads.
Fails: ConfigError for what is no SQLite file; Temporary.

Rule: `BEGIN IMMEDIATE` for every write. With SQLite's own deferred BEGIN, two transactions that read and then write
lose each other's updates without an error. WAL with synchronous=FULL: a commit is one sync of the log.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from smtpfax.model.errors import ConfigError

from .faults import as_ours

T = TypeVar("T")
READERS = 4
_ALWAYS = ("PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA journal_size_limit=67108864")


def database_file(url: str) -> Path:
    """The file of `sqlite:///path` (always absolute, with three slashes or four), or of a plain path."""
    scheme, found, rest = url.partition("://")
    if not found:
        return Path(url)
    if scheme != "sqlite" or not rest.strip("/"):
        raise ConfigError(f'store.url: {scheme}: only "sqlite:///path/of/the/file.db" is known to this release')
    return Path("/" + rest.lstrip("/"))


async def open_engines(path: Path, *, busy_seconds: float) -> tuple[AsyncEngine, AsyncEngine]:
    """The writing engine and the reading one."""
    try:
        await asyncio.to_thread(_make_private, path)
    except OSError as error:
        raise ConfigError(f"store.url: {path} cannot be opened: {error.strerror}") from error
    writing = _engine(path, "BEGIN IMMEDIATE", ("PRAGMA journal_mode=WAL", *_ALWAYS), size=1, busy_seconds=busy_seconds)
    reading = _engine(path, "BEGIN", (*_ALWAYS, "PRAGMA query_only=ON"), size=READERS, busy_seconds=busy_seconds)
    try:
        async with writing.connect():
            pass
    except DatabaseError as error:
        await writing.dispose()
        if "not a database" in str(error.orig):
            raise ConfigError(f"store.url: {path} is not a database") from error
        raise as_ours(error) from error
    return writing, reading


class Commits:
    """Transactions on the writing engine, each of them one hop to its connection's thread.

    A statement awaited on its own costs two changes of thread, and a batch has dozens: so a whole batch goes over at
    once, and runs there on SQLAlchemy's plain Connection around the same SQLite connection.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._inside: tuple[sqlite3.Connection, Engine] | None = None

    async def run(self, act: Callable[[Connection], T]) -> T:
        """BEGIN, act, COMMIT; whatever `act` raises takes all of it back."""
        async with self._engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            # aiosqlite has no public way to run a function in its thread; the store's tests hold this one.
            result: T = await driver._execute(partial(self._transaction, driver._conn, act))  # type: ignore[union-attr]  # noqa: SLF001
            return result

    def _transaction(self, raw: sqlite3.Connection, act: Callable[[Connection], T]) -> T:
        if self._inside is None or self._inside[0] is not raw:
            engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool, pool_reset_on_return=None)
            event.listen(engine, "begin", _begin_immediate)
            self._inside = (raw, engine)
        with self._inside[1].begin() as connection:
            return act(connection)


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def open_copy(path: Path) -> AsyncEngine:
    """An engine that reads a copy."""
    return _engine(path, "BEGIN", ("PRAGMA query_only=ON",), size=1, busy_seconds=0)


async def copy_to(source: Path, target: Path) -> None:
    """A consistent copy: readers and the writer go on meanwhile."""
    await asyncio.to_thread(_copy, source, target)


def _make_private(path: Path) -> None:
    # SQLite gives its -wal and -shm files the mode of the database.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)


def _engine(path: Path, begin: str, pragmas: tuple[str, ...], *, size: int, busy_seconds: float) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        connect_args={"timeout": busy_seconds, "isolation_level": None},  # None: no BEGIN of the driver's own
        pool_size=size,
        max_overflow=0,
        pool_reset_on_return=None,  # every transaction here is ended by whoever began it
        pool_timeout=busy_seconds,
    )

    def set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        try:
            with closing(connection.cursor()) as cursor:
                for pragma in pragmas:
                    cursor.execute(pragma)
        except sqlite3.Error:
            connection.close()  # the pool does not know it yet
            raise

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", set_up)
    event.listen(engine.sync_engine, "begin", begun)
    return engine


def _copy(source: Path, target: Path) -> None:
    target.touch(mode=0o600, exist_ok=False)
    connection = sqlite3.connect(source, isolation_level=None)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()
    # "SQLite does not invoke fsync() on the generated database" (its manual, VACUUM INTO).
    for path in (target, target.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
