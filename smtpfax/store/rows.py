"""Rows for the tables that a mail comes into, as SQLite's driver takes them.

In:    records of the model.
Out:   lists of plain values in the order of a table's columns; they are JSON as well, for the journal.
Fails: ValueError for a moment without a time zone.

Rule: the same values as SQLAlchemy would bind, without what that costs for every row of every mail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Boolean, Column, Table
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from smtpfax.journal.packing import Row, dumps, moment

from .records import More
from .types import AsJson, AsText, UTCDateTime

Bind = Callable[[Any], Any]
MOST_KNOWN = 500


class Moments:
    """`moment`, for one that is told several times running: a mail's, its job's and its job's due time are one."""

    def __init__(self) -> None:
        self._last: tuple[datetime | None, str | None] = None, None

    def __call__(self, at: datetime | None) -> str | None:
        """As `moment`."""
        last, text = self._last
        if at is not last:
            text = moment(at)
            self._last = at, text
        return text


class RowMaker:
    """Makes rows of one table from records of one kind; `more` are columns that no field of the record has.

    Columns that neither has are at their defaults.
    """

    def __init__(self, table: Table, fields: Sequence[str], more: More) -> None:
        columns = [column for column in table.columns if column.name in fields]
        rest = [column for column in table.columns if column.name not in (*fields, *more)]
        names = tuple(str(column.name) for column in columns)  # plain text, which SQLAlchemy's is not
        self.table = str(table.name)
        self._table = table
        self.columns = (*names, *more, *(str(column.name) for column in rest))
        self._values = attrgetter(*names)
        self._binds = [(place, bind) for place, column in enumerate(columns) if (bind := _bind(column)) is not None]
        self._more = tuple(more.values())
        self._rest = [
            column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None for column in rest
        ]

    def row(self, record: object) -> Row:
        """The values of `columns`, in this order."""
        values: Row = [*self._values(record), *[more(record) for more in self._more], *self._rest]
        for place, bind in self._binds:
            value = values[place]
            if value is not None:
                values[place] = bind(value)
        return values

    def bind(self, name: str) -> Bind:
        """How values of one column are bound."""
        return _bind(self._table.c[name]) or _as_it_is


def _as_it_is(value: object) -> object:
    return value


def _bind(column: Column[Any]) -> Bind | None:
    kind = column.type
    if isinstance(kind, UTCDateTime):
        return _MOMENTS
    if isinstance(kind, AsText):
        return str
    if isinstance(kind, AsJson):
        return _JSON.setdefault(kind.write, Json(kind.write))
    if isinstance(kind, Boolean):
        return int
    return None


class Json:
    """JSON of a record; of the same record again it costs nothing: a mail and its attempts share client, header and
    reply, and all mails of a session their client."""

    def __init__(self, write: Callable[[Any], Mapping[str, Any]]) -> None:
        self._write = write
        self._known: dict[int, tuple[object, str]] = {}  # by the record's id, which is its own while it is here

    def __call__(self, record: object) -> str:
        """In one line."""
        known = self._known.get(id(record))
        if known is not None:
            return known[1]
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        text = dumps(self._write(record))
        self._known[id(record)] = record, text
        return text


_MOMENTS = Moments()
_JSON: dict[Callable[[Any], Mapping[str, Any]], Json] = {}
