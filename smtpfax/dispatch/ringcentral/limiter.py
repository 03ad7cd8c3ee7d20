"""How many calls a minute a credential may make, by RingCentral's groups.

In:    a group before each call, the answer after it.
Out:   the call's turn, at once or after a short wait; the place of an offer in the line for the Heavy group.
Fails: Temporary, when the turn is further away than anybody should wait for: it says when.

Guarantee: no more calls leave in a window than the group's limit, and none during a penalty: a call in a penalty
begins it anew.

Rule: what the answers say (X-Rate-Limit-*, Retry-After) wins over what the documentation says. A credential may be
used by others too, so fewer calls left than we counted are believed, more are not.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from smtpfax.egress import Answer
from smtpfax.model import status as say
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Temporary
from smtpfax.model.ids import Clock

PATIENCE = timedelta(seconds=5)  # how long a call waits for its turn; a longer wait is somebody else's to plan
PENALTY = timedelta(seconds=60)
WINDOW = timedelta(seconds=60)
_MARGIN = timedelta(seconds=1)  # their window is not ours: requests take their time to arrive
_MISSED = timedelta(minutes=2)  # after its time a place in the line is another's
_REMEMBERED = timedelta(minutes=10)  # far more than the pause of who asks again
_MOST = 10_000


class Group(StrEnum):
    """What RingCentral counts together."""

    LIGHT = "light"  # lists and single records
    MEDIUM = "medium"  # contents, changes, subscriptions
    HEAVY = "heavy"  # faxes to be sent, the call log
    AUTH = "auth"


# Calls a minute of one user in one application (the API's documentation, "Rate limits").
LIMITS = {Group.LIGHT: 50, Group.MEDIUM: 40, Group.HEAVY: 10, Group.AUTH: 5}


@dataclass(slots=True)
class _Lane:
    """One group: the calls that count now, and the penalty."""

    limit: int
    window: timedelta = WINDOW
    made: deque[datetime] = field(default_factory=deque)
    closed: datetime | None = None

    def pause(self, now: datetime) -> timedelta:
        """How long until one call more may leave."""
        self.forget(now)
        penalty = self.penalty(now)
        if penalty or self.free > 0:
            return penalty
        return self.made[len(self.made) - self.limit] + self.window + _MARGIN - now

    def forget(self, now: datetime) -> None:
        """Calls that count no more."""
        while self.made and now - self.made[0] >= self.window + _MARGIN:
            self.made.popleft()

    def close(self, until: datetime) -> None:
        """No call before: of several answers the one that asks for most."""
        self.closed = max(self.closed or until, until)

    def penalty(self, now: datetime) -> timedelta:
        """What is left of it."""
        return max(self.closed - now, timedelta()) if self.closed else timedelta()

    @property
    def free(self) -> int:
        """Calls that may leave now."""
        return self.limit - len(self.made)

    @property
    def spacing(self) -> timedelta:
        """The time of one call, where they are spread evenly."""
        return (self.window + _MARGIN) / self.limit


class Limiter:
    """One credential's."""

    def __init__(self, clock: Clock, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lanes = {group: _Lane(limit=limit) for group, limit in LIMITS.items()}
        self._line: OrderedDict[str, datetime] = OrderedDict()  # who waits to offer, and when it should be back
        self._kept: dict[str, datetime] = {}  # turns that were given and not yet used
        self._refused: datetime | None = None  # when a heavy call that stands in no line found no room

    async def turn(self, group: Group, *, key: str = "") -> None:
        """Wait for the turn of one call, and count it; an offer whose turn was kept counts from now on."""
        lane, now = self._lanes[group], self._clock()
        kept = self._kept.pop(key, None)
        if kept is not None and kept in lane.made and not lane.penalty(now):
            lane.made.remove(kept)
        while pause := lane.pause(self._clock()):
            if pause > PATIENCE:
                self._refused = now if group is Group.HEAVY and not key else self._refused
                why = f"RingCentral: no call of the group {group} may leave for {pause.total_seconds():.0f} s"
                raise Temporary(say.BACKEND_DOWN, cause=Cause.BACKEND, reason=why, after=pause)
            await self._sleep(pause.total_seconds())
        self._refused = None if group is Group.HEAVY and not key else self._refused
        lane.made.append(self._clock())

    def wait(self, key: str) -> timedelta:
        """An offer's place in the line: how long it has to wait; none: its turn is kept. First come, first served."""
        lane, now = self._lanes[Group.HEAVY], self._clock()
        pause = lane.pause(now)
        self._drop_missing(now, lane.window)
        ahead = next((place for place, waiting in enumerate(self._line) if waiting == key), len(self._line))
        if not pause and ahead < lane.free - self._spare(now):
            self._line.pop(key, None)
            self._kept[key] = now
            lane.made.append(now)
            return timedelta()
        wait = (pause or lane.spacing) + ahead * lane.spacing
        self._line[key] = now + wait
        return wait

    def heard(self, group: Group, answer: Answer) -> None:
        """What an answer says of the limits."""
        now, said = self._clock(), answer.headers
        lane = self._lanes[_group(said.get("x-rate-limit-group", ""), group)]
        lane.limit = _number(said.get("x-rate-limit-limit", "")) or lane.limit
        window = _number(said.get("x-rate-limit-window", ""))
        lane.window = timedelta(seconds=min(window, 3600)) if window else lane.window
        left = _number(said.get("x-rate-limit-remaining", ""))
        lane.forget(now)
        if left is not None and answer.status != 429:
            lane.made.extend([now] * (lane.free - left))
        if answer.status == 429:
            lane.close(now + max(answer.retry_after(at=now) or PENALTY, timedelta(seconds=1)))
        elif answer.status == 503 and (pause := answer.retry_after(at=now)):
            lane.close(now + pause)

    def _spare(self, now: datetime) -> int:
        """A turn that offers leave free: else a long line of them would bar the call log for as long as it lasts."""
        return int(self._refused is not None and now - self._refused < _REMEMBERED)

    def _drop_missing(self, now: datetime, window: timedelta) -> None:
        """Who did not come back in time has been cancelled, or went another way."""
        self._kept = {key: kept for key, kept in self._kept.items() if now - kept < window}
        while self._line and next(iter(self._line.values())) + _MISSED < now:
            self._line.popitem(last=False)


def _group(name: str, otherwise: Group) -> Group:
    try:
        return Group(name.strip().lower())
    except ValueError:
        return otherwise


def _number(text: str) -> int | None:
    text = text.strip()
    return min(int(text), _MOST) if text.isascii() and text.isdigit() and len(text) < 10 else None
