"""A connection that writes into SQLite.

In:    the database's file.
Out:   transactions.
Fails: what SQLite says.

Rule: `BEGIN IMMEDIATE` for every write: with SQLite's own deferred BEGIN, two transactions that read and then write
lose each other's updates without an error. WAL with synchronous=FULL: a commit is one sync of the log.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

ALWAYS = ("PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA journal_size_limit=67108864")
_WRITING = ("PRAGMA wal_autocheckpoint=4000", "PRAGMA cache_size=-16384")  # pages of 4 KiB; KiB


class Pen:
    """Used by one thread at a time."""

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        # Made in one thread, used in another, and never in two at once.
        self.database = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        for pragma in ("PRAGMA journal_mode=WAL", *ALWAYS, *_WRITING):
            self.database.execute(pragma)
        self._syncs = True

    def begin(self, *, sync: bool) -> None:
        """BEGIN; without `sync`, a power cut after the COMMIT may take it back, and whatever follows with it."""
        if sync is not self._syncs:
            self.database.execute(f"PRAGMA synchronous={'FULL' if sync else 'NORMAL'}")
            self._syncs = sync
        self.database.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """COMMIT."""
        self.database.execute("COMMIT")

    def rollback(self) -> None:
        """ROLLBACK, unless SQLite has done so itself."""
        if self.database.in_transaction:
            self.database.execute("ROLLBACK")

    def close(self) -> None:
        """The last one that closes moves the log into the database."""
        self.database.close()
