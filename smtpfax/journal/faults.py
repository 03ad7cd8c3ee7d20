"""What SQLite and the disk say when something is wrong, in our own words.

In:    an exception of SQLite's driver, or of the disk that the journal is on.
Out:   Temporary for what passes (locked, full, gone, broken disk); the exception itself for what does not.
Fails: never.

Rule (G6): a fault of ours is never the sender's. A constraint that does not hold is news for whoever wrote the row.
"""

from __future__ import annotations

import errno
import sqlite3

from smtpfax.model.errors import Temporary
from smtpfax.model.status import NO_SPACE, OUR_FAULT

_NOT_PASSING = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def as_ours(error: BaseException) -> BaseException:
    """The fault that the caller is to see."""
    if not isinstance(error, sqlite3.DatabaseError | OSError) or isinstance(error, _NOT_PASSING):
        return error
    return temporary(error, str(error))


def temporary(error: BaseException, reason: str) -> Temporary:
    """A fault that passes, because of that error."""
    full = "is full" in reason or (isinstance(error, OSError) and error.errno in _FULL)
    fault = Temporary(NO_SPACE if full else OUR_FAULT, reason=f"store: {reason}")
    fault.__cause__ = error
    return fault
