"""Pages of long lists, newest first, by key and not by counting.

In:    a query over rows with a moment and an id, and where the last page ended.
Out:   a Page: rows, and an opaque cursor when there are more.
Fails: ValueError for a cursor that was not made here.

Rule: the order is (moment, id), both descending; a row that is added while somebody reads is never a reason to skip or
repeat another one.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, RowMapping, literal, tuple_

from .database import Database, Query

T = TypeVar("T")
MOST_CHARACTERS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Rows of a list; `after` is the cursor for the next page, empty on the last one."""

    rows: tuple[T, ...]
    after: str = ""


async def read_page(
    database: Database,
    query: Query,
    *,
    keys: tuple[Column[Any], Column[Any]],
    limit: int,
    after: str,
    read: Callable[[RowMapping], T],
) -> Page[T]:
    """The next `limit` rows behind the cursor."""
    moment, name = keys
    if after:
        at, last = read_cursor(after)
        query = query.where(tuple_(moment, name) < tuple_(literal(at, moment.type), literal(last)))
    found = await database.all(query.order_by(moment.desc(), name.desc()).limit(limit + 1))
    shown = found[:limit]
    more = len(found) > limit
    end = write_cursor(shown[-1][moment.name], shown[-1][name.name]) if more else ""
    return Page(rows=tuple(read(row) for row in shown), after=end)


def write_cursor(moment: datetime, name: str) -> str:
    """Opaque, and fit for a URL."""
    return base64.urlsafe_b64encode(json.dumps([moment.isoformat(), name]).encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, str]:
    """What `write_cursor` wrote, or ValueError."""
    try:
        padded = text[:MOST_CHARACTERS] + "=" * (-len(text[:MOST_CHARACTERS]) % 4)
        at, name = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(at)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise ValueError("this is not a start key of ours") from None
    if moment.tzinfo is None or not isinstance(name, str):
        raise ValueError("this is not a start key of ours")
    return moment, name
