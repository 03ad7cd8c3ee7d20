"""What the database says when something is wrong, in our own words.

In:    an exception of SQLAlchemy, of SQLite's driver, or of the disk that the journal is on.
Out:   Temporary for what passes (locked, full, gone, broken disk); the exception itself for what does not.
Fails: never.

Rule (G6): a fault of ours is never the sender's. A constraint that does not hold is news for whoever wrote the row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from smtpfax.journal import faults

FOREIGN = (exc.DBAPIError, exc.TimeoutError, sqlite3.DatabaseError, OSError)
_NOT_PASSING = (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.NotSupportedError)


def as_ours(error: BaseException) -> BaseException:
    """The fault that the caller is to see."""
    if isinstance(error, exc.DBAPIError | exc.TimeoutError):
        passes = not isinstance(error, _NOT_PASSING)
        return faults.temporary(error, str(getattr(error, "orig", None) or error)) if passes else error
    return faults.as_ours(error)


@contextmanager
def faults_are_ours() -> Iterator[None]:
    """Around a statement."""
    try:
        yield
    except FOREIGN as error:
        raise as_ours(error) from error
