"""What the dashboard says: sums of the last days, and how things stand now.

In:    the viewer's share of the store; the watch's health of fax services; the disk.
Out:   Figures.
Fails: Temporary.

Rule: a day is one of the viewer's time zone. Sums are remembered for a minute, so that a dashboard left open on a
wall costs nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo

from smtpfax.model.alert import Alert, Health
from smtpfax.model.cause import Cause
from smtpfax.model.document import LINE_BITS_PER_SECOND
from smtpfax.model.errors import Temporary
from smtpfax.model.job import State
from smtpfax.store import Ended, Whose

from .desk import Desk

KEPT = timedelta(minutes=1)
MOST_KEPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Faxes that ended on a day."""

    date: date
    faxes: Mapping[State, int] = field(default_factory=dict)
    pages: int = 0  # of those that were sent
    seconds: float = 0.0  # what they cost on the line, as estimated

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.faxes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Of the last days, the oldest first."""

    days: Sequence[Day]
    causes: Mapping[Cause, int]
    refused: int

    def of(self, state: State) -> int:
        """Faxes that ended so."""
        return sum(day.faxes.get(state, 0) for day in self.days)

    @property
    def pages(self) -> int:
        """Sent."""
        return sum(day.pages for day in self.days)

    @property
    def seconds(self) -> float:
        """On the line."""
        return sum(day.seconds for day in self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How things stand."""

    open: Mapping[State, int]
    waiting_since: datetime | None
    health: Sequence[Health] = ()
    alerts: Sequence[Alert] = ()
    free_bytes: int | None = None


class Remembered:
    """Sums that were made just now, by whose they are."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Whose, int, str], tuple[datetime, Sums]] = {}

    async def sums(self, desk: Desk, whose: Whose, *, days: int, zone: tzinfo) -> Sums:
        """Of the last `days` days, today included."""
        key, now = (whose, days, str(zone)), desk.deps.clock()
        made = self._sums.get(key)
        if made is not None and now - made[0] < KEPT:
            return made[1]
        sums = await _sums(desk, whose, days=days, zone=zone, now=now)
        if len(self._sums) >= MOST_KEPT:
            self._sums.clear()
        self._sums[key] = (now, sums)
        return sums


async def stands(desk: Desk, whose: Whose, *, everything: bool) -> Now:
    """As it is now; what is the whole site's is for its administrator."""
    store = desk.deps.store
    now = Now(
        open=await store.statistics.open(whose),
        waiting_since=await store.statistics.waiting_since(whose, at=desk.deps.clock()),
    )
    if not everything:
        return now
    return replace(now, health=desk.health(), alerts=tuple(await store.alerts.all()), free_bytes=_free(desk))


def _free(desk: Desk) -> int | None:
    """None: the disk does not answer, and the page is shown all the same."""
    try:
        return desk.deps.spool.free_bytes()
    except Temporary:
        return None


def by_day(ended: Iterable[Ended], *, last: date, days: int, zone: tzinfo) -> list[Day]:
    """Hours become days, and days on which nothing happened are days as well."""
    hours: dict[date, list[Ended]] = defaultdict(list)
    for each in ended:
        hours[each.hour.astimezone(zone).date()].append(each)
    return [_day(last - timedelta(days=back), hours) for back in range(days - 1, -1, -1)]


def _day(at: date, hours: Mapping[date, Sequence[Ended]]) -> Day:
    found, faxes = hours.get(at, ()), defaultdict[State, int](int)
    for each in found:
        faxes[each.state] += each.faxes
    sent = [each for each in found if each.state is State.SENT]
    bits = sum(each.bits for each in sent)
    return Day(date=at, faxes=dict(faxes), pages=sum(each.pages for each in sent), seconds=bits / LINE_BITS_PER_SECOND)


async def _sums(desk: Desk, whose: Whose, *, days: int, zone: tzinfo, now: datetime) -> Sums:
    today = now.astimezone(zone)
    first = (today - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    statistics = desk.deps.store.statistics
    return Sums(
        days=by_day(await statistics.ended(whose, since=first), last=today.date(), days=days, zone=zone),
        causes=await statistics.causes(whose, since=first),
        refused=await statistics.refused(whose, since=first),
    )
