"""Column types: values of the model go into a column and come out of it as themselves.

In:    a value of the model, or None.
Out:   text, JSON or a moment in UTC, the same in SQLite and in PostgreSQL.
Fails: ValueError for a moment without a time zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")
JsonObject = Mapping[str, Any]


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: SQLite drops the time zone, and PostgreSQL's driver names it in its own way."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """With UTC said again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AsText(TypeDecorator[T]):
    """A value that `str` writes and `read` reads back."""

    impl = String
    cache_ok = True

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self.read = read

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        """As text; a StrEnum becomes a plain string, which every driver knows."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        """Read."""
        return None if value is None else self.read(value)


class AsJson(TypeDecorator[T]):
    """A record that `write` makes JSON of and `read` reads back."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, read: Callable[[JsonObject], T], write: Callable[[T], JsonObject]) -> None:
        super().__init__()
        self.read = read
        self.write = write

    def process_bind_param(self, value: T | None, dialect: Dialect) -> JsonObject | None:
        """As JSON."""
        return None if value is None else self.write(value)

    def process_result_value(self, value: JsonObject | None, dialect: Dialect) -> T | None:
        """Read."""
        return None if value is None else self.read(value)
