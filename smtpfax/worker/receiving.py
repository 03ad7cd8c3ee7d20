"""Faxes that backends received come to their faxboxes.

In:    the backends that receive; that one of them was called back; a range of dates, on demand.
Out:   faxes kept, marks of having been read carried both ways, the cursor moved.
Fails: never in the loop: a fault is logged, and the next look takes what this one could not.

Guarantee: a restart at any moment neither misses a fax nor takes one twice: a fax, that it was taken, and that nobody
was told of it yet are one commit, and the cursor moves after all of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smtpfax import logs
from smtpfax.inbound.addressing import faxbox_for
from smtpfax.inbound.marks import agreed
from smtpfax.inbound.taking import Taker
from smtpfax.inbound.window import Cursor, Window, moved, window_of
from smtpfax.model.abilities import Arrival, Receives
from smtpfax.model.account import Directory
from smtpfax.model.backend import Backend, InboundFax
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.ids import Clock
from smtpfax.model.meter import Meter
from smtpfax.store import Store

AGAIN, HOUR = timedelta(minutes=1), timedelta(hours=1)  # after a fault, and at most
YOUNG = timedelta(days=1)  # a document that is not there may yet come: records are often written before it
MOST_TIMES = 150  # tries at most an hour apart; then a fax is left where it is, and fetched on demand
_SHOWN = 1000  # faxes for nobody that are remembered, so that each is told of once
log = logs.get("inbound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What a look came to."""

    faxes: Sequence[InboundFax] = ()
    left: Sequence[Arrival] = ()  # to be tried again
    pause: timedelta | None = None  # the backend wants to be left alone for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving:
    """All that a look needs."""

    store: Store
    taker: Taker
    directory: Callable[[], Directory]
    clock: Clock
    meter: Meter
    ring: Callable[[], None]  # somebody has to be told
    crashes: Counter[str] = field(default_factory=Counter)
    later: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # how often it failed, and not before when
    nobodys: dict[str, None] = field(default_factory=dict)

    async def look(self, backend: Receives) -> Took:
        """Since the cursor: take what is new, and carry the marks."""
        now = self.clock()
        first, at = await self.store.cursors.get(backend.name)
        cursor = Cursor(first=first, at=at)
        window = window_of(cursor, now=now)
        arrivals = await backend.received(since=window.since)
        took = await self._take(backend, [one for one in arrivals if one.received >= window.oldest])
        after = moved(cursor, now=now, left=[one.received for one in took.left if self._holds(one)])
        await self.store.cursors.move(backend.name, at=after.at)
        await self._marks(backend, arrivals)
        return took

    async def fetch(self, backend: Receives, window: Window) -> Took:
        """A range of dates, on demand: whatever of it was not taken before, at once, however often it failed."""
        arrivals = await backend.received(since=window.since, until=window.until)
        return await self._take(backend, arrivals, waits=False)

    async def _take(self, backend: Receives, arrivals: Sequence[Arrival], *, waits: bool = True) -> Took:
        known = await self.store.inbox.taken(backend.name, [one.ticket for one in arrivals])
        faxes: list[InboundFax] = []
        left: list[Arrival] = []
        pause: timedelta | None = None
        for arrival in arrivals:
            if arrival.ticket in known:
                continue
            if pause is not None or (waits and self._later(arrival)):
                left.append(arrival)
                continue
            try:
                fax = await self._one(backend, arrival)
            except Temporary as fault:
                left.append(arrival)
                pause = self._put_off(backend, arrival, fault)
            else:
                faxes += [fax] if fax else []
        if faxes:
            self.ring()
        return Took(faxes=faxes, left=left, pause=pause)

    async def _one(self, backend: Receives, arrival: Arrival) -> InboundFax | None:
        faxbox = faxbox_for(self.directory(), to=arrival.to_number, backend=backend.name, home=backend.home)
        if faxbox is None:
            self._for_nobody(backend, arrival)
            return None
        try:
            fax = await self.taker.take(arrival, faxbox, backend, crashes=self.crashes[arrival.ticket])
        except Permanent as fault:
            if self.clock() - arrival.received < YOUNG:
                raise Temporary(fault.sentence, cause=Cause.BACKEND, reason=fault.reason) from fault
            log.error("lost", backend=backend.name, ticket=arrival.ticket, reason=fault.reason)
            self.meter.count("smtpfax_received_total", backend=backend.name, result="lost")
            await self.store.inbox.pass_over(backend.name, arrival.ticket)
            return None
        if not await self.store.inbox.take(fax):
            return None
        self.crashes.pop(arrival.ticket, None)
        self.later.pop(arrival.ticket, None)
        self.meter.count("smtpfax_received_total", backend=backend.name, result="taken")
        log.info(
            "received",
            id=fax.id,
            backend=backend.name,
            sender=f"<{fax.from_number}>",
            to=f"<{fax.to_number}>",
            faxbox=f"{fax.account_id}/{fax.faxbox_id}",
            pages=fax.document.pages,
        )
        return fax

    def _put_off(self, backend: Receives, arrival: Arrival, fault: Temporary) -> timedelta | None:
        log.warning("put off", backend=backend.name, ticket=arrival.ticket, reason=fault.reason)
        if fault.cause is Cause.CONVERTER:
            self.crashes[arrival.ticket] += 1
        times = self.later.get(arrival.ticket, (0, self.clock()))[0] + 1
        if times == MOST_TIMES:
            log.error("left behind", backend=backend.name, ticket=arrival.ticket, times=times)
        self.later[arrival.ticket] = (times, self.clock() + min(AGAIN * 2 ** min(times - 1, 6), HOUR))
        return fault.after

    def _holds(self, arrival: Arrival) -> bool:
        """Whether the cursor waits for it: not for ever, or one bad fax would have months listed at each look."""
        return self.later.get(arrival.ticket, (0, None))[0] < MOST_TIMES

    def _later(self, arrival: Arrival) -> bool:
        """It failed not long ago."""
        return arrival.ticket in self.later and self.clock() < self.later[arrival.ticket][1]

    def _for_nobody(self, backend: Receives, arrival: Arrival) -> None:
        """Loudly, once: an administrator can name its faxbox, and then it is taken, or fetched by its date."""
        if arrival.ticket in self.nobodys:
            return
        self.nobodys[arrival.ticket] = None
        if len(self.nobodys) > _SHOWN:
            self.nobodys.pop(next(iter(self.nobodys)))
        log.error("for nobody", backend=backend.name, ticket=arrival.ticket, to=f"<{arrival.to_number}>")
        self.meter.count("smtpfax_received_total", backend=backend.name, result="for_nobody")

    async def _marks(self, backend: Receives, arrivals: Sequence[Arrival]) -> None:
        there = {one.ticket: one.read for one in arrivals if one.read is not None}
        kept = {fax.id: fax for fax in await self.store.inbox.of_tickets(backend.name, list(there))}
        kept |= {fax.id: fax for fax in await self.store.inbox.marked_here(backend.name)}
        for fax in kept.values():
            mark = agreed(here=fax.read, known=fax.remote_read, there=there.get(fax.ticket))
            try:
                if mark.tell:
                    await backend.mark(fax.ticket, read=mark.read)
            except Fault as fault:  # told again at the next look; no other mark waits for this one
                log.warning("cannot mark", backend=backend.name, id=fax.id, reason=fault.reason)
                continue
            if mark.tell or mark.read != fax.read:
                await self.store.inbox.agree(fax, read=mark.read, remote_read=mark.read)


class Receiver:
    """The loop: each backend that receives, at its own pace, and at once after a callback."""

    def __init__(self, backends: Mapping[str, Backend], receiving: Receiving) -> None:
        self._backends: dict[str, Receives] = {
            name: backend for name, backend in backends.items() if isinstance(backend, Receives) and backend.every
        }
        self._bells = {name: asyncio.Event() for name in self._backends}
        self._receiving = receiving

    def called(self, name: str) -> None:
        """A backend said that something changed."""
        if name in self._bells:
            self._bells[name].set()

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            for name, backend in self._backends.items():
                group.create_task(self._run(backend), name=f"receiving {name}")

    async def once(self, backend: Receives) -> timedelta:
        """One look; how long until the next."""
        try:
            took = await self._receiving.look(backend)
        except Fault as fault:
            log.warning("cannot look", backend=backend.name, reason=fault.reason)
            return max(fault.after or AGAIN, backend.every) if isinstance(fault, Temporary) else AGAIN
        return max(took.pause or timedelta(), backend.every)

    async def _run(self, backend: Receives) -> None:
        bell = self._bells[backend.name]
        while True:
            bell.clear()
            try:
                again = await self.once(backend)
            except Exception:  # the edge of this loop: one backend's bug must not stop the others
                log.exception("bug", backend=backend.name)
                again = AGAIN
            try:
                async with asyncio.timeout(again.total_seconds()):
                    await bell.wait()
            except TimeoutError:
                continue


def range_of(since: datetime, until: datetime) -> Window:
    """A range on demand: all of it."""
    return Window(since=since, until=until, oldest=since)
