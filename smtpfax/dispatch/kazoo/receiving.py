"""Faxes that Kazoo received.

In:    a time from which on they are wanted; one of them.
Out:   Arrivals from the inbox listing, oldest first; a document, PDF or TIFF by Kazoo's own setting.
Fails: Temporary; Permanent for a document that is not there any more.

Rule: a listing spans a month at most (Kazoo refuses a longer one), so a longer time is several of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from smtpfax.model import status as say
from smtpfax.model.abilities import Arrival, Fetched
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.ids import Clock

from .client import Client
from .envelope import Record, count, envelope, gregorian, text
from .finding import rows_in
from .states import created_of
from .ticket import is_id

SPAN = timedelta(days=30)
_MOST_PAGES = 500  # a listing that breaks off would be no listing ever again: what is new would wait behind it
AHEAD = timedelta(minutes=10)  # their clock may be before ours
_ACCEPT = "application/pdf, image/tiff;q=0.9, */*;q=0.1"
_GONE = (404, 410)


async def received(client: Client, *, since: datetime, until: datetime, clock: Clock) -> list[Arrival]:
    """All of that time."""
    found: dict[str, Arrival] = {}
    for first, last in _spans(since, until):
        query = {"created_from": gregorian(first), "created_to": gregorian(last)}
        async for row in rows_in(client, "faxes/inbox", query, most_pages=_MOST_PAGES):
            arrival = arrival_of(row, clock())
            if arrival is not None:
                found[arrival.ticket] = arrival
    return sorted(found.values(), key=lambda arrival: (arrival.received, arrival.ticket))


async def document(client: Client, arrival: Arrival) -> Fetched:
    """As Kazoo keeps it."""
    answer = await client.get(f"faxes/inbox/{arrival.source}/attachment", accept=_ACCEPT)
    if answer.ok:
        return Fetched(media_type=answer.headers.get("content-type", "").partition(";")[0], octets=answer.body)
    if answer.status in _GONE and envelope(answer) is not None:  # one of something in between is no word of Kazoo's
        raise Permanent(say.DOCUMENT_GONE, cause=Cause.REFUSED, reason=f"Kazoo: {answer.status}")
    raise client.trouble(answer)


def arrival_of(row: Record, now: datetime) -> Arrival | None:
    """A row of the inbox is the whole record; what has no id that can stand in an address is none."""
    id_ = text(row.get("id"))
    if not is_id(id_):
        return None
    result = row.get("rx_result")
    pages = count(result.get("total_pages") or result.get("transferred_pages")) if isinstance(result, dict) else 0
    return Arrival(
        ticket=id_,
        received=created_of(row) or now,
        from_number=text(row.get("from_number")) or text(row.get("from")),
        from_name=text(row.get("from_name")),
        to_number=text(row.get("to_number")) or text(row.get("to")),
        source=id_,
        pages=pages,
    )


def _spans(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        last = min(since + SPAN, until)
        yield since, last
        since = last
