"""Kazoo's envelope, read as something that anybody may have written.

In:    an Answer.
Out:   its data, the words of an error, times; None or nothing where they are not there.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from smtpfax.egress import Answer

GREGORIAN = 62_167_219_200  # seconds from year 0 to 1970, which Kazoo counts from
_MOST_WORDS = 5
_LONGEST = 120

Record = Mapping[str, Any]


def envelope(answer: Answer) -> Record | None:
    """The JSON object that every answer of Kazoo is; None shows that it came from something in between."""
    try:
        read = answer.json()
    except ValueError:
        return None
    return read if isinstance(read, dict) and isinstance(read.get("status"), str) else None


def record_of(answer: Answer) -> Record | None:
    """The one record that an answer holds."""
    data = (envelope(answer) or {}).get("data")
    return data if answer.ok and isinstance(data, dict) else None


def rows_of(answer: Answer) -> list[Record] | None:
    """The records of a list."""
    data = (envelope(answer) or {}).get("data")
    return [row for row in data if isinstance(row, dict)] if answer.ok and isinstance(data, list) else None


def words(answer: Answer) -> str:
    """What an error says, in short: the message, and of a validation which field and why."""
    read = envelope(answer) or {}
    told = [text(read.get("message")), *_inside(read.get("data"), "")]
    return "; ".join(list(dict.fromkeys(word for word in told if word))[:_MOST_WORDS]) or f"HTTP {answer.status}"


def _inside(data: object, path: str, depth: int = 0) -> Iterator[str]:
    if not isinstance(data, dict) or depth > 3:
        return
    for key, value in list(data.items())[: _MOST_WORDS * 2]:
        if key in ("message", "cause") and isinstance(value, str):
            yield f"{path}: {text(value)}" if path else text(value)
        else:
            # {"to_number": {"required": {"message": …}}}: the field is the first step.
            yield from _inside(value, path or text(key), depth + 1)


def text(value: object) -> str:
    """A short word of theirs, or nothing; the catalogue takes out what cannot be printed."""
    return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else ""


def count(value: object, *, most: int = 1_000_000) -> int:
    """A number of theirs, whether it is written as one or as a string."""
    try:
        return min(max(int(float(value)), 0), most) if isinstance(value, (int, float, str)) else 0
    except (ValueError, OverflowError):
        return 0


def when(value: object) -> datetime | None:
    """Gregorian seconds."""
    seconds = count(value, most=GREGORIAN * 2) - GREGORIAN
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 10**11 else None


def gregorian(at: datetime) -> int:
    """The same the other way."""
    return int(at.timestamp()) + GREGORIAN
