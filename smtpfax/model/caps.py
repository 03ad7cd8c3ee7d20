"""Caps: how many faxes and pages may go in an hour and in a day.

In:    the caps that bound somebody, what was counted so far, the time, and what is to be added.
Out:   Over, with a sentence's words and the time from which there is room again; None while there is room.
Fails: never; pure.

Rule: an hour is one of the clock's, a day is this hour and the 23 before it; all of UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

HOUR = timedelta(hours=1)
HOURS_KEPT = 24
_COUNTED = MappingProxyType({"faxes": ("fax", "faxes"), "pages": ("page", "pages")})
_SPANS: Mapping[int, str] = MappingProxyType({1: "in an hour", HOURS_KEPT: "in 24 hours"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many; 0 is no cap."""

    faxes_per_hour: int = 0
    faxes_per_day: int = 0
    pages_per_hour: int = 0
    pages_per_day: int = 0


NO_CAPS = Caps()


@dataclass(frozen=True, slots=True)
class Counted:
    """What went in an hour."""

    faxes: int = 0
    pages: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.faxes + other.faxes, self.pages + other.pages)


NOTHING = Counted()


@dataclass(frozen=True, slots=True)
class Usage:
    """What was counted, by scope and by the hour's beginning."""

    hours: Mapping[str, Mapping[datetime, Counted]] = field(default_factory=dict)

    def since(self, scope: str, first: datetime) -> Counted:
        """Everything from that hour on."""
        return sum((what for hour, what in self.hours.get(scope, {}).items() if hour >= first), NOTHING)

    def of(self, scopes: Iterable[str]) -> Usage:
        """These scopes alone."""
        return Usage({scope: self.hours.get(scope, {}) for scope in scopes})

    def plus(self, faxes: Mapping[str, int], at: datetime) -> Usage:
        """With faxes that are about to be counted, by scope."""
        hour, hours = hour_of(at), dict(self.hours)
        for scope, more in faxes.items():
            of_scope = hours.get(scope, {})
            hours[scope] = {**of_scope, hour: of_scope.get(hour, NOTHING) + Counted(faxes=more)}
        return Usage(hours)


NO_USAGE = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Whom the caps bind: `scope` is the counter's name, `whose` the words for it."""

    scope: str
    whose: str
    caps: Caps


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A cap that would be passed; `until` None: whatever time passes, there will be no room for it."""

    whose: str
    cap: str
    until: datetime | None

    @property
    def when(self) -> str:
        """`until` as a sentence has it."""
        return f"{self.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if self.until else "never"


def scopes_of(account_id: str, faxbox_id: str, reverse_path: str) -> tuple[str, str, str]:
    """The counters that a fax is counted in: of its account, its faxbox, and the reverse-path in that faxbox."""
    box = f"{account_id}/{faxbox_id}"
    return f"account {account_id}", f"faxbox {box}", f"path {box} {reverse_path}"


def hour_of(at: datetime) -> datetime:
    """The hour's beginning."""
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return at.replace(minute=0, second=0, microsecond=0)


def over_cap(bounds: Iterable[Bound], usage: Usage, *, at: datetime, faxes: int = 0, pages: int = 0) -> Over | None:
    """The cap that bars the longest, of those that so many faxes or pages more would pass."""
    found = [over for bound in bounds for over in _passed(bound, usage, at, Counted(faxes, pages))]
    return max(found, key=lambda over: (over.until is None, over.until or at), default=None)


def _passed(bound: Bound, usage: Usage, at: datetime, more: Counted) -> Iterator[Over]:
    caps = bound.caps
    each = (
        ("faxes", more.faxes, caps.faxes_per_hour, 1),
        ("faxes", more.faxes, caps.faxes_per_day, HOURS_KEPT),
        ("pages", more.pages, caps.pages_per_hour, 1),
        ("pages", more.pages, caps.pages_per_day, HOURS_KEPT),
    )
    for what, wanted, cap, hours in each:
        if not cap or not wanted:
            continue
        until = _room(bound.scope, usage, at, what=what, room=cap - wanted, hours=hours)
        if until != at:
            yield Over(whose=bound.whose, cap=f"{cap} {_COUNTED[what][cap > 1]} {_SPANS[hours]}", until=until)


def _room(scope: str, usage: Usage, at: datetime, *, what: str, room: int, hours: int) -> datetime | None:
    """From when on no more than `room` is counted: now, at an hour's beginning, or never."""
    if room < 0:
        return None
    hour = hour_of(at)
    for later in range(hours):
        used: int = getattr(usage.since(scope, hour + (later + 1 - hours) * HOUR), what)
        if used <= room:
            return hour + later * HOUR if later else at
    return hour + hours * HOUR
