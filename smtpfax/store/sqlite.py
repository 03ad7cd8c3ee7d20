"""All that is SQLite's alone: connections, their settings, and the copy for a backup.

In:    the URL of the settings.
Out:   a Pen, which writes; an engine that reads, and one for the migrations.
Fails: ConfigError for what is no SQLite file; Temporary.

Rule: `BEGIN IMMEDIATE` for every write (`journal.pen` says why).
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from smtpfax.journal import pen
from smtpfax.journal.syncing import sync
from smtpfax.model.errors import ConfigError

from .faults import as_ours

READERS = 4


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
    wal = ("PRAGMA journal_mode=WAL", *pen.ALWAYS)
    writing = _engine(path, "BEGIN IMMEDIATE", wal, size=1, busy_seconds=busy_seconds)
    reading = _engine(path, "BEGIN", (*pen.ALWAYS, "PRAGMA query_only=ON"), size=READERS, busy_seconds=busy_seconds)
    try:
        async with writing.connect():
            pass
    except DatabaseError as error:
        await writing.dispose()
        if "not a database" in str(error.orig):
            raise ConfigError(f"store.url: {path} is not a database") from error
        raise as_ours(error) from error
    return writing, reading


class Pen(pen.Pen):
    """The connection that writes: SQLite's own, and SQLAlchemy's around it for those who speak through that.

    Transactions are begun and ended here alone; SQLAlchemy takes itself to be in one all the time.
    """

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        super().__init__(path, busy_seconds=busy_seconds)
        engine = create_engine(
            "sqlite://", creator=lambda: self.database, poolclass=StaticPool, pool_reset_on_return=None
        )
        self.connection = engine.connect()


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
    sync(target)
    sync(target.parent)
