"""Rows of mails that the journal has, into their tables.

In:    the writer's connection, within a transaction; debts, in the order of the journal.
Out:   rows, each mail's once; how far of each segment the database has come.
Fails: what SQLite says, if it is the disk or a lock.

Rule: together, a statement for many rows; if a row is not as it must be, each mail by itself, so that one mail's error
is its own. The one writer stamps attempts at insert, so that the log never goes back; a mail's own time, if nothing
later is there yet.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from . import claims
from .brought import Columns
from .faults import as_ours
from .packing import Row, moment, moment_from
from .savepoint import Undone, within_savepoint
from .stamps import Stamps

log = logging.getLogger(__name__)
TOGETHER = 32  # rows of one statement: SQLite is left alone with them, and other threads run meanwhile
Tables = Mapping[str, Sequence[Row]]
_COUNT = (
    'INSERT INTO "usage" (scope, hour, faxes, pages) VALUES (?, ?, ?, 0) '
    "ON CONFLICT (scope, hour) DO UPDATE SET faxes = faxes + excluded.faxes"
)
REACHED = (
    "INSERT INTO segments (name, reached) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET reached = excluded.reached"
)
_STATE = (
    "UPDATE attempts SET state = coalesce((SELECT state FROM jobs WHERE jobs.id = attempts.job_id), state) WHERE id = ?"
)
_CONTENTS = ("mail_id", "segment", "start", "octets")


@dataclass(frozen=True, slots=True)
class Debt:
    """What an entry of the journal brings."""

    tables: Tables
    faxes: Sequence[Row]
    repeats: Sequence[str]  # attempts whose fax is an earlier one
    mail_id: str  # whose content stands there, if there is one
    segment: str
    start: int  # of the content
    end: int


def pay(database: sqlite3.Connection, debts: Sequence[Debt], columns: Columns, stamps: Stamps) -> None:
    """All of them."""
    try:
        within_savepoint(database, lambda: _insert(database, debts, columns, stamps))
    except Undone as undone:
        if as_ours(undone.error) is not undone.error:
            raise undone.error from None
        for debt in debts:
            _alone(database, debt, columns, stamps)
    database.executemany(REACHED, {debt.segment: debt.end for debt in debts}.items())


def _alone(database: sqlite3.Connection, debt: Debt, columns: Columns, stamps: Stamps) -> None:
    try:
        within_savepoint(database, lambda: _insert(database, [debt], columns, stamps))
    except Undone as undone:
        if as_ours(undone.error) is not undone.error:
            raise undone.error from None
        log.error("mail %s of the journal cannot be inserted: %s", debt.mail_id, undone.error)  # a bug


def _insert(database: sqlite3.Connection, debts: Sequence[Debt], columns: Columns, stamps: Stamps) -> None:
    if "attempts" in columns:
        [(last,)] = database.execute("SELECT max(created) FROM attempts").fetchall()
        stamps.catch_up(last and moment_from(last))
        _stamp(debts, columns["attempts"].index("created"), stamps)
    for table, names in columns.items():
        rows = [row for debt in debts for row in debt.tables.get(table, ())]
        _rows(database, table, tuple(names), rows)
    contents = [[debt.mail_id, debt.segment, debt.start, debt.end - debt.start] for debt in debts if debt.mail_id]
    _rows(database, "contents", _CONTENTS, contents)
    database.executemany(_COUNT, _sums(fax for debt in debts for fax in debt.faxes))
    database.executemany(_STATE, [(attempt_id,) for debt in debts for attempt_id in debt.repeats])


def _stamp(debts: Sequence[Debt], place: int, stamps: Stamps) -> None:
    for debt in debts:
        for row in debt.tables.get("attempts", ()):
            row[place] = moment(stamps.after(moment_from(row[place])))


def _sums(faxes: Iterable[Row]) -> list[tuple[str, str, int]]:
    """A row for each scope and hour, however many mails."""
    sums: Counter[tuple[str, str]] = Counter()
    for scope, hour, more in faxes:
        sums[scope, hour] += more
    return [(scope, hour, more) for (scope, hour), more in sums.items()]


def _rows(database: sqlite3.Connection, table: str, names: tuple[str, ...], rows: Sequence[Row]) -> None:
    whole = len(rows) - len(rows) % TOGETHER
    for first in range(0, whole, TOGETHER):
        values = list(chain.from_iterable(rows[first : first + TOGETHER]))
        database.execute(_insert_into(table, names, TOGETHER), values)
    if whole < len(rows):
        database.executemany(_insert_into(table, names, 1), rows[whole:])


@lru_cache(maxsize=64)
def _insert_into(table: str, names: tuple[str, ...], rows: int) -> str:
    """The statement; what the names are is ours to say, at start or in the journal's head."""
    listed = ", ".join(f'"{name}"' for name in names)
    row = f"({', '.join('?' * len(names))})"
    take_over = f" {claims.TAKE_OVER}" if table == "claims" else ""
    return f'INSERT INTO "{table}" ({listed}) VALUES {", ".join([row] * rows)}{take_over}'  # noqa: S608
