"""A try in doubt, looked for among the faxes that Kazoo has.

In:    an Offer, and the tickets that other jobs hold.
Out:   its ticket, or None.
Fails: Temporary, when the lists could not be read to their end: then nobody can say "not there".

Rule: our own id in the record decides. Only where Kazoo shows our id in no record at all, a fax to the same number,
from ours, made at the right time and held by no other job, is taken for it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from smtpfax.model.backend import Offer

from .client import Client
from .envelope import Record, envelope, gregorian, record_of, rows_of
from .offering import OUR_ID, down
from .states import created_of
from .ticket import Ticket

APART = timedelta(minutes=5)  # how far two clocks may be apart, for a fax without our id
LISTED = timedelta(hours=1)  # how far, for one that has it
_SUFFIX = 7  # digits that a number keeps, however its country is written
_PAGE = 100
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The try that is looked for; `lasts`: how long its request may have been under way."""

    offer: Offer
    taken: frozenset[str]
    lasts: timedelta


async def find(client: Client, wanted: Wanted) -> Ticket | None:
    """Look in the queue first: a fax that moves meanwhile is then seen in the outbox."""
    return choose([*await _queued(client, wanted), *await _over(client, wanted)], wanted)


def choose(records: Sequence[Record], wanted: Wanted) -> Ticket | None:
    """The ticket of the record that is ours."""
    taken = bare_ids(wanted.taken)
    free = [(ticket, record) for record in records if (ticket := ticket_in(record)) and ticket.bare not in taken]
    ours = [ticket for ticket, record in free if record.get(OUR_ID) == wanted.offer.key]
    if not ours and not any(record.get(OUR_ID) for record in records):
        ours = [ticket for ticket, record in free if _alike(record, wanted)]
    return ours[0] if ours else None


def ticket_in(record: Record) -> Ticket | None:
    """The ticket of a listed fax."""
    id_, created = record.get("id"), created_of(record)
    with suppress(ValueError):
        return Ticket.of(id_, created) if isinstance(id_, str) and created else None
    return None


def bare_ids(tickets: Iterable[str]) -> frozenset[str]:
    """Tickets as they are compared; what is no ticket of Kazoo's is held by nobody here."""
    bare = set()
    for ticket in tickets:
        with suppress(ValueError):
            bare.add(Ticket.parse(ticket).bare)
    return frozenset(bare)


async def _queued(client: Client, wanted: Wanted) -> list[Record]:
    """Rows of the queue say little: each that has the number is read whole."""
    number = wanted.offer.number.e164[-_SUFFIX:]
    found: list[Record] = []
    async for row in rows_in(client, "faxes/outgoing", {}):
        ticket = ticket_in(row)
        if ticket is not None and _digits(row, "to").endswith(number):
            answer = await client.get(f"faxes/outgoing/{ticket.id}")
            found.append({**row, **(record_of(answer) or {})})
    return found


async def _over(client: Client, wanted: Wanted) -> list[Record]:
    """Rows of the outbox are whole records."""
    began = wanted.offer.offered
    times = {"created_from": gregorian(began - LISTED), "created_to": gregorian(began + wanted.lasts + LISTED)}
    return [row async for row in rows_in(client, "faxes/outbox", times)]


async def rows_in(
    client: Client, path: str, query: Mapping[str, int], *, most_pages: int = _MOST_PAGES
) -> AsyncIterator[Record]:
    """Every row of a list, page by page."""
    start: dict[str, str] = {}
    for _ in range(most_pages):
        answer = await client.get(path, {"page_size": _PAGE, **query, **start})
        rows = rows_of(answer)
        if rows is None:
            raise client.trouble(answer)
        for row in rows:
            yield row
        key = (envelope(answer) or {}).get("next_start_key")
        if not key:
            return
        start = {"start_key": key if isinstance(key, str) else json.dumps(key)}
    raise down(f"more than {most_pages * _PAGE} faxes to look through")


def _alike(record: Record, wanted: Wanted) -> bool:
    offer, created = wanted.offer, created_of(record)
    if created is None or not offer.offered - APART <= created <= offer.offered + wanted.lasts + APART:
        return False
    to, from_ = _digits(record, "to", "to_number"), _digits(record, "from", "from_number")
    return to == offer.number.e164.lstrip("+") and from_ == offer.faxbox.number.lstrip("+")


def _digits(record: Record, *names: str) -> str:
    """A number of theirs, compared by digits: Kazoo may have left out the plus."""
    given = next((record[name] for name in names if isinstance(record.get(name), str)), "")
    return "".join(filter(str.isdigit, given))
