"""What the database says when something is wrong, in our own words.

In:    an exception of SQLAlchemy, of SQLite's driver, or of the disk that the journal is on.
Out:   Temporary for what passes (locked, full, gone, broken disk); the exception itself for what does not.
Fails: never.

Rule (G6): a fault of ours is never the sender's. A constraint that does not hold is news for whoever wrote the row.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from smtpfax.model.errors import Temporary
from smtpfax.model.status import NO_SPACE, OUR_FAULT

FOREIGN = (exc.DBAPIError, exc.TimeoutError, sqlite3.DatabaseError, OSError)
_NOT_PASSING = (
    *(exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.NotSupportedError),
    *(sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError),
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def as_ours(error: BaseException) -> BaseException:
    """The fault that the caller is to see."""
    if not isinstance(error, FOREIGN) or isinstance(error, _NOT_PASSING):
        return error
    reason = str(getattr(error, "orig", None) or error)
    full = "is full" in reason or (isinstance(error, OSError) and error.errno in _FULL)
    fault = Temporary(NO_SPACE if full else OUR_FAULT, reason=f"store: {reason}")
    fault.__cause__ = error
    return fault


@contextmanager
def faults_are_ours() -> Iterator[None]:
    """Around a statement."""
    try:
        yield
    except FOREIGN as error:
        raise as_ours(error) from error
