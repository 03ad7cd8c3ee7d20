"""The Kazoo backend.

In:    an Offer; tickets.
Out:   a fax in Kazoo's queue, its ticket, and how it stands.
Fails: Temporary, Permanent, InDoubt.

Rule: `offer` lets one request with a document leave. Whatever became of it, it is not sent again: a refusal is a
fault, and what cannot be told apart from a loss of the answer is InDoubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from smtpfax.dispatch.settings import KazooSettings
from smtpfax.egress import Answer, Egress, NoAnswer, NotSent
from smtpfax.model import status as say
from smtpfax.model.abilities import Arrival, Fetched
from smtpfax.model.backend import Callback, Heard, Limits, Offer, Progress, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document
from smtpfax.model.errors import InDoubt, Permanent, Temporary
from smtpfax.model.ids import Clock

from . import finding, receiving
from .client import Client
from .envelope import Record, envelope, record_of, rows_of
from .offering import down, refusal, ticket_of, with_document, with_url
from .states import progress_of
from .ticket import places

_ASKED_AT_ONCE = 8
_NO_LIMIT = 1_000_000  # Kazoo bounds octets alone
_PACE = ((1, 1 / 3), (5, 1), (20, 2))  # younger than so many minutes: so many times poll_seconds; older: four times


class Kazoo:
    """A Backend (model)."""

    can_find = True
    prints_header = True  # its FreeSWITCH does, from fax_identity_* and fax_timezone, which every request has

    def __init__(
        self,
        name: str,
        settings: KazooSettings,
        *,
        egress: Egress,
        clock: Clock,
        path_of: Callable[[str], Path],
        url_of: Callable[[Document], str],
    ) -> None:
        self.name = name
        self.limits = Limits(octets=settings.max_bytes, pages=_NO_LIMIT, mail_octets=settings.max_mail_bytes)
        self.offer_again = settings.offer_again
        self.home = settings.faxbox
        self.every = timedelta(seconds=settings.inbox_seconds)
        self._settings = settings
        self._client = Client(settings, egress=egress, clock=clock)
        self._clock = clock
        self._path_of = path_of
        self._url_of = url_of

    async def offer(self, offer: Offer) -> str:
        """PUT faxes, once."""
        by_url = self._settings.upload == "url"
        document = self._path_of(offer.document.name)
        body = with_url(offer, self._url_of) if by_url else with_document(offer, document)
        try:
            answer = await self._client.send("PUT", "faxes", body=body, seconds=self._settings.request_seconds)
        except NotSent as why:
            raise down(str(why)) from why
        except NoAnswer as why:
            raise InDoubt(str(why)) from why
        ticket = ticket_of(answer, at=self._clock())
        if ticket is None:
            raise refusal(answer, offer, at=self._clock())
        return str(ticket)

    async def ask(self, tickets: Sequence[str]) -> Mapping[str, Progress]:
        """Each by itself; one that cannot be told just now is not over. Temporary when none can be told."""
        gate = asyncio.Semaphore(_ASKED_AT_ONCE)

        async def one(ticket: str) -> Progress | Temporary | None:
            async with gate:
                try:
                    return await self._ask_one(ticket)
                except Temporary as fault:
                    return fault

        answers = dict(zip(tickets, await asyncio.gather(*map(one, tickets)), strict=True))
        faults = [said for said in answers.values() if isinstance(said, Temporary)]
        if faults and len(faults) == len(answers):
            raise faults[0]
        return {
            ticket: Sending(text=said.reason) if isinstance(said, Temporary) else said
            for ticket, said in answers.items()
            if said is not None
        }

    async def find(self, offer: Offer, *, taken: frozenset[str]) -> str | None:
        """By our own id in its records."""
        lasts = timedelta(seconds=self._settings.request_seconds)
        ticket = await finding.find(self._client, finding.Wanted(offer=offer, taken=taken, lasts=lasts))
        return str(ticket) if ticket else None

    def poll(self, age: timedelta) -> timedelta:
        """Often at first, then four times slower than the setting."""
        factor = next((factor for minutes, factor in _PACE if age < timedelta(minutes=minutes)), 4)
        return timedelta(seconds=self._settings.poll_seconds * factor)

    def read_callback(self, callback: Callback) -> Heard:
        """It makes none."""
        raise Permanent(say.NO_CALLBACK, cause=Cause.REFUSED)

    async def received(self, *, since: datetime, until: datetime | None = None) -> Sequence[Arrival]:
        """From the inbox listing."""
        return await receiving.received(
            self._client, since=since, until=until or self._clock() + receiving.AHEAD, clock=self._clock
        )

    async def bring(self, arrival: Arrival) -> Fetched:
        """A received fax's document."""
        return await receiving.document(self._client, arrival)

    async def mark(self, ticket: str, *, read: bool) -> None:
        """It keeps no such mark."""

    async def check(self) -> str:
        """Sign in, and look at the queue."""
        answer = await self._client.get("faxes/outgoing", {"page_size": 1})
        if rows_of(answer) is None:
            raise self._client.trouble(answer)
        return f"signed in, account {self._settings.account_id} can be used"

    async def close(self) -> None:
        """Every request has closed its own connection."""

    async def _ask_one(self, ticket: str) -> Progress | None:
        for place in places(ticket):
            answer = await self._client.get(f"faxes/{place}")
            record = self._record(answer)
            if record is not None:
                return progress_of(record, at=self._clock())
        return None

    def _record(self, answer: Answer) -> Record | None:
        """The record, or None where Kazoo itself says that there is none; a 404 from in between is no such word."""
        record = record_of(answer)
        if record is None and not (answer.status == 404 and envelope(answer) is not None):
            raise self._client.trouble(answer)
        return record
