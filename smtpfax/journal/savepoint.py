"""Work within a transaction that is done, or not at all.

In:    SQLite's own connection, within a transaction; the work.
Out:   what it returned.
Fails: Undone, when it was taken back and the transaction goes on; any other error: the whole transaction is gone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Undone(Exception):
    """Work failed and was taken back."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def within_savepoint(database: sqlite3.Connection, work: Callable[[], T]) -> T:
    """Do the work, or nothing of it."""
    database.execute("SAVEPOINT work")
    try:
        result = work()
    except Exception as error:
        # Some errors (disk full) take the whole transaction back: then this raises, and so the batch fails.
        database.execute("ROLLBACK TO work")
        database.execute("RELEASE work")
        raise Undone(error) from error
    database.execute("RELEASE work")
    return result
