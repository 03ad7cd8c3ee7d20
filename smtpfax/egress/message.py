"""Requests and answers as plain values.

In:    what a backend's API wants to be asked.
Out:   Request, its bodies (bytes, a file, JSON, parts), and Answer.
Fails: ValueError, for a file name that is not ASCII, and from `Answer.json` for what is not JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal

MEBIBYTE = 1 << 20
LONGEST_PAUSE = timedelta(days=1)  # nobody else may stop us for longer


@dataclass(frozen=True, slots=True)
class Json:
    """A body of application/json."""

    value: Mapping[str, object]

    def octets(self) -> bytes:
        """As it leaves."""
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a multipart body; with neither name it has no Content-Disposition, as an attachment no name.

    Without a media type it has no Content-Type: a plain field of a form (RFC 7578 section 4.4).
    """

    media_type: str
    content: bytes | Path
    name: str = ""
    file_name: str = ""
    disposition: Literal["form-data", "attachment"] = "form-data"
    base64: bool = False  # RFC 2045 section 6.8; `content` is what it encodes

    def __post_init__(self) -> None:
        if not (self.name + self.file_name).isascii():
            raise ValueError("a part's names are ASCII: what others make of anything else differs")


@dataclass(frozen=True, slots=True)
class Multipart:
    """Parts in their order, written anew each time they leave."""

    parts: tuple[Part, ...]
    subtype: Literal["mixed", "form-data"] = "mixed"


Body = bytes | Path | Json | Multipart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. The whole of it, from the name lookup to the answer's last octet, takes `total_seconds` at most."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Body = field(default=None, repr=False)
    connect_seconds: float = 10
    total_seconds: float = 60
    max_octets: int = MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer; header names are in lower case. A redirect is an answer like any other."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; one too deep for the parser is not JSON."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deep") from None

    def retry_after(self, *, at: datetime) -> timedelta | None:
        """How long the other side wants to be left alone (RFC 9110 section 10.2.3): seconds, or a date."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return timedelta(seconds=min(int(value[:9]), int(LONGEST_PAUSE.total_seconds())))
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, OverflowError):  # of a year or a zone that no calendar has
            return None
        return min(max(until - at, timedelta()), LONGEST_PAUSE) if until.tzinfo else None
