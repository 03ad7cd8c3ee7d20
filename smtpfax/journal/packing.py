"""Plain values, as they stand in rows, in entries of the journal, and between processes.

In:    moments; records of numbers, text, lists and dicts.
Out:   text, octets, and the same again.
Fails: ValueError for a moment without a time zone, or for octets that nobody here made.
"""

from __future__ import annotations

import json
import marshal
from datetime import UTC, datetime
from typing import Any

Row = list[Any]  # str, int or None
VERSION = 4  # of marshal's format: every Python from 3.4 on reads it
dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def moment(at: datetime | None) -> str | None:
    """As SQLAlchemy writes a moment into SQLite."""
    if at is None:
        return None
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {at}")
        at = at.astimezone(UTC)
    return at.isoformat(" ", "microseconds")[:26]


def moment_from(text: str) -> datetime:
    """What `moment` wrote."""
    return datetime.fromisoformat(f"{text}+00:00")


def hour_from(text: str) -> str:
    """The hour of a moment, as `moment` writes it."""
    return f"{text[:13]}:00:00.000000"


def packed(record: Any) -> bytes:
    """For the journal: numbers, text, lists and dicts; four times as fast as JSON."""
    return marshal.dumps(record, VERSION)


def unpacked(octets: bytes | memoryview) -> Any:
    """What `packed` made; never of octets that were not found whole by their checksum, or came from anybody else."""
    return marshal.loads(octets)  # noqa: S302
