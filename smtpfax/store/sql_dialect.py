"""What is said in the database's own dialect, beside `sqlite`, which is about its files.

In:    a table; a condition.
Out:   an insert that may say what becomes of rows that are there already; the arguments of a partial index.
Fails: never.

Rule: here alone is said which dialect that is. PostgreSQL's clauses are the same, but naming it loads its dialect:
another two megabytes of a daemon that does not speak it.
"""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import ColumnElement, TextClause
from sqlalchemy.dialects.sqlite import insert as insert_or

__all__ = ["insert_or", "rows_where"]

Condition = str | ColumnElement[bool] | TextClause


class _Where(TypedDict):
    """Arguments of an Index."""

    sqlite_where: Condition


def rows_where(condition: Condition) -> _Where:
    """For an index of the rows of which the condition is true."""
    return {"sqlite_where": condition}
