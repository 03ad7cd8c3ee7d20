"""Numbers that rest: the telephone network said so often that there is no such number.

In:    what is known of a number, and how a try to it ended.
Out:   what is known then; until when the number is not called, and the reply to who wants it called.
Fails: never; pure.

Rule: the last three tries ended so, and 30 days have not passed since. Any other end of a try, and an administrator,
makes the number known as good again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .number import FaxNumber
from .status import NUMBER_RESTS, Reply

MOST_TRIES = 3
REST = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Tries in a row that ended so, and when the last one did."""

    tries: int
    last: datetime

    def until(self, at: datetime) -> datetime | None:
        """Until when it is not called; None: it may be."""
        ends = self.last + REST
        return ends if self.tries >= MOST_TRIES and at < ends else None


def refusal(known: Mapping[str, Rest], number: FaxNumber | None, *, at: datetime, address: str) -> Reply | None:
    """The reply to who wants a number called that rests."""
    rest = known.get(number.e164) if number else None
    until = rest.until(at) if rest else None
    if rest is None or until is None:
        return None
    return NUMBER_RESTS.reply(address=address, tries=rest.tries, until=f"{until.astimezone(UTC):%Y-%m-%d}")


def after_try(rest: Rest | None, *, at: datetime) -> Rest:
    """What is known of a number after one try more that ended so; what lies a rest back counts no more."""
    before = rest.tries if rest is not None and at < rest.last + REST else 0
    return Rest(tries=before + 1, last=at)
