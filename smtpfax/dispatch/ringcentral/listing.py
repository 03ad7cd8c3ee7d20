"""The message store, read whole: all pages of a list.

In:    a client, a direction, and from when on.
Out:   the messages, each once.
Fails: Temporary, when the list could not be read to its end, or changed each time: then nobody can say "not there".

Rule: `dateFrom` is always said (it is yesterday otherwise), and messages that were deleted are listed too where the
question is what became of a fax. A record that goes away while pages are read moves the others up, past the reader:
when fewer messages were seen than the list counted at first, it is read again; where it does not count them, until a
reading brings nothing new. New ones do no harm: they come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from .client import Client
from .meaning import down
from .message import Message, message_of
from .reading import Record, number, objects

PAGE = 1000
_MOST_PAGES = 20
_READINGS = 3
_ANY = ("Alive", "Deleted", "Purged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is listed."""

    direction: Literal["Inbound", "Outbound"]
    since: datetime
    until: datetime | None = None

    @property
    def query(self) -> list[tuple[str, str]]:
        """As the API's document names it; several values repeat the key."""
        availability = _ANY if self.direction == "Outbound" else _ANY[:1]
        fixed = [("messageType", "Fax"), ("direction", self.direction), *(("availability", a) for a in availability)]
        until = [("dateTo", iso(self.until))] if self.until else []
        return [*fixed, ("dateFrom", iso(self.since)), *until]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What was read, and how many requests one reading took."""

    messages: tuple[Message, ...]
    pages: int


@dataclass(slots=True)
class _Reading:
    """One time through; `counted`: how many there were at its beginning, 0 where it is not told."""

    messages: dict[int, Message] = field(default_factory=dict)
    counted: int = 0
    pages: int = 0


async def messages(client: Client, wanted: Wanted) -> Listing:
    """All of them."""
    found: dict[int, Message] = {}
    for _ in range(_READINGS):
        reading = await _read(client, wanted)
        whole = _is_whole(reading, found)
        found = reading.messages if reading.counted else found | reading.messages
        if whole:
            return Listing(messages=tuple(found.values()), pages=reading.pages)
    raise down("its message store changes while it is read")


def _is_whole(reading: _Reading, before: Mapping[int, Message]) -> bool:
    """By its count, else by an earlier reading: what that one did not see is newer than all that it saw."""
    if reading.counted or reading.pages == 1:
        return len(reading.messages) >= reading.counted
    newest = max((message.created for message in before.values() if message.created), default=None)
    fresh = [message for id_, message in reading.messages.items() if id_ not in before]
    return newest is not None and all(message.created is None or message.created > newest for message in fresh)


async def _read(client: Client, wanted: Wanted) -> _Reading:
    reading, more = _Reading(), True
    while more:
        reading.pages += 1
        if reading.pages > _MOST_PAGES:
            raise down(f"more than {_MOST_PAGES * PAGE} faxes to look through")
        record = await _page(client, wanted, reading.pages)
        rows = objects(record.get("records"))
        reading.messages |= {message.id: message for row in rows if (message := message_of(row))}
        reading.counted = reading.counted or _total(record)
        more = bool(rows) and _goes_on(record, reading.pages)
    return reading


async def _page(client: Client, wanted: Wanted, page: int) -> Record:
    query = [*wanted.query, ("page", str(page)), ("perPage", str(PAGE))]
    record = await client.get(f"{client.extension}/message-store", query)
    if not isinstance(record.get("records"), list):
        raise down("a page of its message store has no records")
    return record


def _goes_on(record: Record, page: int) -> bool:
    """By page numbers: the address that it names is not followed, for the token goes to our hosts alone."""
    paging, ways = record.get("paging"), record.get("navigation")
    last = number(paging.get("totalPages")) if isinstance(paging, dict) else 0
    return page < last if last else isinstance(ways, dict) and isinstance(ways.get("nextPage"), dict)


def _total(record: Record) -> int:
    paging = record.get("paging")
    return number(paging.get("totalElements")) if isinstance(paging, dict) else 0


def iso(at: datetime) -> str:
    """A time as the API writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
