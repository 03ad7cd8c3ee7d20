"""How many calls a thousand open faxes cost: RingCentral's limits against what leaves, minute by minute.

In:    how many faxes are open at once, and for how long they are watched.
Out:   a table: calls of each group, their mean, the most of them in any 60 seconds, and the group's limit; how long
       it took, and whether all faxes ended.
Fails: exit 1, when a limit was passed, a call was made in a penalty, or a fax was not ended.

The backend is the real one, over real HTTP to a RingCentral of ours that counts calls as the API's documentation says
(Light 50, Medium 40, Heavy 10, Auth 5 a minute, in a window that slides); the clock is a simulated one, so that hours
pass in seconds. Jobs come back as the worker's loop brings them: eight at a time, each at the interval that the
backend asks for. Faxes end as those of one real account did: half of them within 11 minutes, one in ten after more
than 31, and 23.5 % of them fail; of one failure in ten the reason stands in the call log alone. Meanwhile faxes come
in, one in two minutes, which are looked for each minute, fetched and marked as read. A fax that failed is not tried
again here: another try is another fax.

    python bench/calls.py [FAXES] [HOURS]
"""

from __future__ import annotations

import asyncio
import heapq
import random
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smtpfax.api.meter import Metrics
from smtpfax.dispatch.ringcentral import Credentials, RingCentral
from smtpfax.dispatch.ringcentral.backend import World
from smtpfax.dispatch.ringcentral.limiter import LIMITS
from smtpfax.dispatch.ringcentral.subscription import Address
from smtpfax.dispatch.settings import RingCentralSettings
from smtpfax.egress import Egress
from smtpfax.model.account import Faxbox
from smtpfax.model.backend import Offer, Sending
from smtpfax.model.document import Document, Layout
from smtpfax.model.errors import Temporary
from smtpfax.model.number import FaxNumber
from smtpfax.testing.ringcentral import CLIENT_ID, CLIENT_SECRET, JWT, FakeRingCentral
from smtpfax.testing.ringcentral.order import File, Order

T0 = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
AT_ONCE = 8  # [queue] workers
BOX = Faxbox(id="sales", account_id="acme", name="Sales", number="+12025550100")
DOCUMENT = Document(name="d.tif", pages=2, octets=1000, bits=8000, layout=Layout())
FAILED = ("LineBusy", "NoAnswer", "WrongNumber", "CallFailed")
FAIL, UNSAID = 0.235, 0.1
LOOKS, COMES_IN = timedelta(minutes=1), timedelta(minutes=2)


@dataclass
class Clock:
    """Turned by the simulation."""

    now: datetime = T0

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Inbox:
    """The way back, which shares the limits."""

    ring: FakeRingCentral
    clock: Clock
    backend: RingCentral
    looked: datetime = T0
    came: datetime = T0
    taken: set[str] = field(default_factory=set)

    async def look(self) -> None:
        """Once a minute; what a limit puts off is there at the next look."""
        while self.came <= self.clock():
            self.came += COMES_IN
            file = File(name="", media_type="application/pdf", octets=b"%PDF-1.4")
            self.ring.store.receive(file, sender="+13035550100", to=BOX.number)
        if self.clock() - self.looked < LOOKS:
            return
        self.looked = self.clock()
        with suppress(Temporary):
            for arrival in await self.backend.received(since=self.clock() - timedelta(days=2)):
                if arrival.ticket not in self.taken:
                    await self.backend.bring(arrival)
                    await self.backend.mark(arrival.ticket, read=True)
                    self.taken.add(arrival.ticket)


def backend_of(ring: FakeRingCentral, clock: Clock) -> RingCentral:
    """As the daemon makes it."""
    settings = RingCentralSettings(
        url=ring.url, media_url=ring.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, jwt=JWT
    )
    egress = Egress(own_hosts=frozenset({"127.0.0.1"}))

    async def sleep(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)

    async def pdf_of(_: Document) -> bytes:
        return b"%PDF-1.4"

    world = World(
        egress=egress,
        credential=Credentials(clock, sleep).of(settings, egress),
        clock=clock,
        path_of=Path,
        pdf_of=pdf_of,
        address=Address(url="", token=""),
        meter=Metrics(),
    )
    return RingCentral("ring", settings, world)


def offer(number: int) -> Offer:
    """One of many."""
    return Offer(
        job_id=f"m{number}-1",
        try_number=1,
        number=FaxNumber(e164=f"+1202555{number % 10000:04}"),
        document=DOCUMENT,
        faxbox=BOX,
        offered=T0,
    )


def lasts() -> timedelta:
    """How long a call takes to be over: the median is eleven minutes, the tenth part of them takes over 31."""
    return timedelta(minutes=random.lognormvariate(2.4, 0.81))


async def simulate(faxes: int, hours: float, *, opened: bool) -> int:
    """Offer them all, or find them all open as after a restart; watch them to their end."""
    clock = Clock()
    async with FakeRingCentral(clock) as ring:
        ring.limits.most = {group.value: limit for group, limit in LIMITS.items()}
        backend = backend_of(ring, clock)
        inbox = Inbox(ring, clock, backend)
        ends: dict[int, datetime] = {}
        offered: dict[int, datetime] = {}
        waiting = [(T0, number, "") for number in range(faxes)]  # due, which, ticket
        if opened:
            waiting = [(T0, number, taken(ring, clock, number, offered)) for number in range(faxes)]
            clock.now = T0
            ends |= {id_: T0 + lasts() for id_ in ring.store.orders}
        heapq.heapify(waiting)
        over, seen = 0, set(ends)
        while waiting and clock() < T0 + timedelta(hours=hours):
            clock.now = max(clock.now, waiting[0][0])
            settle(ring, ends, clock())
            due = [heapq.heappop(waiting) for _ in range(min(AT_ONCE, len(waiting))) if waiting[0][0] <= clock()]
            for _, number, _ in (job for job in due if not job[2]):
                heapq.heappush(waiting, await offering(backend, number, clock, offered))
                ends |= {id_: clock() + lasts() for id_ in ring.store.orders if id_ not in seen}
                seen |= ends.keys()
            asked = [job for job in due if job[2]]
            over += await asking(backend, asked, clock, offered, waiting)
            await inbox.look()
        return report(ring, faxes, over, clock() - T0)


def taken(ring: FakeRingCentral, clock: Clock, number: int, offered: dict[int, datetime]) -> str:
    """One that an earlier life had offered, some time of the last two hours; its ticket."""
    clock.now = offered[number] = T0 - timedelta(seconds=7 * number)
    file = File(name="", media_type="application/pdf", octets=b"%PDF-1.4")
    record = ring.store.take(Order(to=[{"phoneNumber": offer(number).number.e164}], fields={}, files=[file]))
    return f"{record['id']}/{record['id']}@{clock.now:%Y%m%dT%H%M%SZ}"


async def offering(
    backend: RingCentral, number: int, clock: Clock, offered: dict[int, datetime]
) -> tuple[datetime, int, str]:
    """One job's turn, or its place in the line."""
    asked = offer(number)
    wait = backend.wait(asked.key)
    if wait:
        return clock() + wait, number, ""
    ticket = await backend.offer(asked)
    offered[number] = clock()
    return clock() + backend.poll(timedelta()), number, ticket


async def asking(
    backend: RingCentral,
    asked: list[tuple[datetime, int, str]],
    clock: Clock,
    offered: dict[int, datetime],
    waiting: list[tuple[datetime, int, str]],
) -> int:
    """One question for a group of jobs; how many are over."""
    if not asked:
        return 0
    try:
        said = await backend.ask([ticket for _, _, ticket in asked])
    except Temporary:
        said = {}
    over = 0
    for _, number, ticket in asked:
        if ticket in said and not isinstance(said[ticket], Sending):
            over += 1
            continue
        poll = backend.poll(clock() - offered[number])
        heapq.heappush(waiting, (clock() + poll, number, ticket))
    return over


def settle(ring: FakeRingCentral, ends: dict[int, datetime], now: datetime) -> None:
    """Calls that are over by now."""
    for id_, end in list(ends.items()):
        if end > now:
            continue
        del ends[id_]
        if random.random() >= FAIL:
            ring.store.end(id_, "Sent", pages=2)
        elif random.random() < UNSAID:
            ring.store.end(id_, "SendingFailed", result="Busy")
        else:
            ring.store.end(id_, "SendingFailed", code=random.choice(FAILED))


def report(ring: FakeRingCentral, faxes: int, over: int, took: timedelta) -> int:
    """The table."""
    groups = [group.value for group in LIMITS]
    print(f"{faxes} faxes, watched for {took / timedelta(hours=1):.1f} simulated hours; {over} ended\n")
    print(f"{'':>18}" + "".join(f"{group:>10}" for group in groups))
    rows = {
        "calls in all": [ring.limits.calls[group] for group in groups],
        "a minute, mean": [ring.limits.calls[group] * 60 / took.total_seconds() for group in groups],
        "most in any 60 s": [ring.limits.peaks[group] for group in groups],
        "limit a minute": [LIMITS[group] for group in LIMITS],
    }
    for name, values in rows.items():
        print(f"{name:>18}" + "".join(f"{value:>10.1f}" for value in values))
    print(f"\nrefused with 429: {ring.limits.refused}; calls during a penalty: {ring.limits.in_penalty}")
    return int(bool(ring.limits.refused or ring.limits.in_penalty or over < faxes))


if __name__ == "__main__":
    random.seed(7)
    arguments = [float(text) for text in sys.argv[1:]] + [1000, 24][len(sys.argv) - 1 :]
    faults = 0
    for opened in (False, True):
        print("\nAll open at once, as after a restart:\n" if opened else "Offered as fast as the limits let them:\n")
        faults += asyncio.run(simulate(int(arguments[0]), arguments[1], opened=opened))
    sys.exit(min(faults, 1))
