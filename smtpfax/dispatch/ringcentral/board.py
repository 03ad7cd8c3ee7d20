"""The board: how all open faxes stand, from one reading of the message store.

In:    tickets that somebody asks about.
Out:   their messages, as they were at the last reading; a new reading only when that one is old, or too short.
Fails: Temporary, when the store cannot be read.

Guarantee: however many faxes are open and however often each is asked about, the message store is read once in
`every` seconds for each page that a reading has. What changed is found without asking each fax.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from smtpfax.model.ids import Clock

from .client import Client
from .listing import Listing, Wanted, messages
from .message import Message
from .states import over
from .ticket import Ticket

EARLIER = timedelta(minutes=5)  # their clock may be behind ours
HURRY = timedelta(seconds=5)  # between two readings, however loudly a callback asks for one
_STEPS = tuple(timedelta(hours=hours) for hours in (1, 2, 4, 8, 24, 72))  # so that few readings are too short
_FORGOTTEN = timedelta(hours=12)  # since anybody asked


class Board:
    """One extension's."""

    def __init__(self, client: Client, clock: Clock, *, every: timedelta) -> None:
        self._client = client
        self._clock = clock
        self._every = every
        self._open: dict[int, tuple[Ticket, datetime]] = {}  # with when it was asked about last
        self._seen: dict[int, Message] = {}
        self._since: datetime | None = None
        self._read: datetime | None = None
        self._pages = 1
        self._reading = asyncio.Lock()

    async def of(self, tickets: Iterable[Ticket]) -> Mapping[int, Message]:
        """The messages of these, by their ids; one that is not there is left out."""
        asked, now = list(tickets), self._clock()
        self._open |= {ticket.message: (ticket, now) for ticket in asked}
        async with self._reading:
            if asked and self._too_old(min(ticket.created for ticket in asked)):
                await self._look()
        found = {ticket.message: self._seen[ticket.message] for ticket in asked if ticket.message in self._seen}
        self._open = {id_: open_ for id_, open_ in self._open.items() if id_ not in found or not over(found[id_])}
        return found

    def watch(self, ticket: Ticket) -> None:
        """It is open, though nobody has asked about it yet; what was read of it before was of an earlier try."""
        self._open[ticket.message] = (ticket, self._clock())
        self._seen.pop(ticket.message, None)

    def rests(self) -> timedelta:
        """How long until it is read again because something changed."""
        return max(self._read + HURRY - self._clock(), timedelta()) if self._read else timedelta()

    async def moved(self) -> Sequence[Ticket]:
        """Something changed: read again, and say which open faxes are over."""
        async with self._reading:
            if not self.rests():
                await self._look()
        return [ticket for id_, (ticket, _) in self._open.items() if id_ in self._seen and over(self._seen[id_])]

    def _too_old(self, oldest: datetime) -> bool:
        if self._read is None or self._since is None or oldest - EARLIER < self._since:
            return True
        return self._clock() - self._read >= self._every * self._pages

    async def _look(self) -> None:
        now = self._clock()
        self._open = {id_: open_ for id_, open_ in self._open.items() if now - open_[1] < _FORGOTTEN}
        oldest = min((ticket.created for ticket, _ in self._open.values()), default=now)
        since = _step(now, oldest - EARLIER)
        found: Listing = await messages(self._client, Wanted(direction="Outbound", since=since))
        self._seen = {message.id: message for message in found.messages}
        self._since, self._read, self._pages = since, now, found.pages


def _step(now: datetime, oldest: datetime) -> datetime:
    """From when on to read: not just as far as needed now, for the next question may go back a little further."""
    return next((now - step for step in _STEPS if now - step <= oldest), oldest)
