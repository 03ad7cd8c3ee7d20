"""A word in the SMTP log.

In:    what else the rows must be, and a text.
Out:   rows whose paths, number, subject, Message-ID, client, reply or reason have it, newest first.
Fails: Temporary; ValueError for a cursor that is not ours.

Rule: no index knows words, so a search looks at so many rows at most and says how far it came: asked again from there
it goes on. So it costs the same in a log of any length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, String, cast, func, literal, or_, select, tuple_, type_coerce
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from .attempts import AttemptFilter, AttemptRow, conditions
from .cursor import Page, read_cursor, write_cursor
from .database import Database, Query, rows
from .records import attempt_from
from .schema import attempts

MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of rows; `until` is the oldest row that was looked at, when not all were."""

    page: Page[AttemptRow]
    until: datetime | None = None


async def search(
    database: Database,
    wanted: AttemptFilter,
    text: str,
    *,
    limit: int,
    after: str = "",
    faxbox_ids: Sequence[str] = (),
) -> Found:
    """The next `limit` rows behind the cursor that have the text; of these faxboxes, where any are named."""
    looked = bounded(wanted, after).subquery()
    newest_first = (looked.c.created.desc(), looked.c.id.desc())
    theirs = (looked.c.faxbox_id.in_(faxbox_ids),) if faxbox_ids else ()
    hits = select(looked).where(_has(looked.c, text), *theirs).order_by(*newest_first).limit(limit + 1)
    end = select(looked.c.created, looked.c.id).order_by(*newest_first).offset(MOST_ROWS - 1).limit(1)

    def act(connection: Connection) -> Found:
        found = rows(connection, hits)
        shown = tuple(AttemptRow(attempt=attempt_from(row), state=row["state"]) for row in found[:limit])
        if len(found) > limit:
            last = shown[-1].attempt
            return Found(page=Page(rows=shown, after=write_cursor(last.created, last.id)))
        far = rows(connection, end)
        after = write_cursor(far[0]["created"], far[0]["id"]) if far else ""
        return Found(page=Page(rows=shown, after=after), until=far[0]["created"] if far else None)

    return await database.read(act)


def bounded(wanted: AttemptFilter, after: str) -> Query:
    """The rows that are looked at."""
    column = attempts.c
    query = select(attempts).where(*conditions(wanted)).order_by(column.created.desc(), column.id.desc())
    if after:
        at, last = read_cursor(after)
        query = query.where(tuple_(column.created, column.id) < tuple_(literal(at, column.created.type), last))
    return query.limit(MOST_ROWS)


def _has(column: ReadOnlyColumnCollection[str, Any], text: str) -> ColumnElement[bool]:
    """Anywhere, without regard to case (of ASCII, in SQLite)."""
    pattern = "%" + text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    client, header, reply = (type_coerce(column[name], JSON) for name in ("client", "header", "reply"))
    places = (
        *(column[name] for name in ("from_key", "to_key", "original_number", "translated_number", "reason", "job_id")),
        *(header[name].as_string() for name in ("subject", "message_id", "from_")),
        *(client[name].as_string() for name in ("address", "helo", "user")),
        reply["text"].as_string(),
    )
    return or_(*(func.lower(cast(place, String)).like(pattern, escape="\\") for place in places))
