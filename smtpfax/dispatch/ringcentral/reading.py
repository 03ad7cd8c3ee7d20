"""RingCentral's JSON, read as something that anybody may have written.

In:    an Answer.
Out:   the record, the code and words of an error, texts, numbers and times; None or nothing where they are not there.
Fails: never.

Rule: an error's code decides, never its text. It stands in `errors[0].errorCode`; the older place at the top holds a
legacy word often, and counts only where there is no list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smtpfax.egress import Answer

WRONG_URL = "CMN-120"
_LONGEST = 160
_MOST_ID = 10**20

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an error says: `CMN-101`, the parameter that it is about, and words for the log."""

    code: str = ""
    parameter: str = ""
    words: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.code, self.words, f"({self.parameter})" if self.parameter else "")))


def record_of(answer: Answer) -> Record | None:
    """The JSON object that an answer is; None shows that it came from something in between."""
    try:
        read = answer.json()
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def error_of(answer: Answer) -> Said | None:
    """What an error says, in either of its shapes; None for what is no error of RingCentral's."""
    record = record_of(answer) or {}
    inside = first(record.get("errors")) or {}
    code = text(inside.get("errorCode")) or text(record.get("errorCode")) or text(record.get("error"))
    if not code:
        return None
    words = text(inside.get("message")) or text(record.get("message")) or text(record.get("error_description"))
    parameter = text(inside.get("parameterName")) or text(record.get("parameterName"))
    return Said(code=code, parameter=parameter, words=words)


def is_gone(answer: Answer) -> bool:
    """It says itself that there is no such message: a 404 of something in between, or of a wrong url, is no word."""
    said = error_of(answer)
    return answer.status in (404, 410) and said is not None and said.code != WRONG_URL


def first(value: object) -> Record | None:
    """The first object of a list."""
    return next(iter(objects(value)), None)


def objects(value: object) -> Sequence[Record]:
    """The objects of a list; of anything else none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """A short word of theirs, or nothing; the catalogue takes out what cannot be printed."""
    return " ".join(value[: 4 * _LONGEST].split())[:_LONGEST] if isinstance(value, str) else ""


def number(value: object, *, most: int = _MOST_ID) -> int:
    """A whole number of theirs, written as one or as a string; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return 0
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) <= 20):
        return 0
    return int(value) if 0 <= int(value) <= most else 0


def when(value: object) -> datetime | None:
    """A time with its zone (`2018-10-08T09:17:27.000Z`, and `…+0000` in events)."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) and len(value) < 40 else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None


def digits(value: object) -> str:
    """A number of theirs, compared by digits: they write it with the plus or without."""
    return "".join(char for char in value[:40] if char in "0123456789") if isinstance(value, str) else ""
