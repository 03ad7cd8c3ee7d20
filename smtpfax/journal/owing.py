"""What the database is owed: mails that the journal has, which were told to be ours, and whose rows are not in yet.

In:    mails from the journal, in its order; what was put in.
Out:   the next ones for who puts them in, and when that is due; whether there is room for more.
Fails: never.

Rule: they are owed for a moment only, so that one transaction has many; and there is a bound on how many, how much and
how long, beyond which no mail is taken.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from .packing import Row
from .segments import Place

TOGETHER = 2048  # mails of one transaction
MOMENT = 0.5  # seconds that they may wait for others, if nobody asks for them
OF_BOUND = 0.25  # of the octets that may be owed, at which they wait no longer
AGAIN = 0.5  # seconds until the database is tried once more


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """On what may be owed, after which mails wait: of all of it together, and of the oldest."""

    mails: int = 8192
    octets: int = 64 * 1024 * 1024  # of the journal, to be read again after a crash
    seconds: float = 10.0


BOUNDS = Bounds()


class Owed(NamedTuple):
    """A mail, and where the journal has its content."""

    id: str
    claimed: Sequence[Row]  # its keys
    place: Place
    since: float  # of the monotonic clock


class Owing:
    """All of them, in order."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self._bounds = bounds
        self.nudge: Callable[[], None] | None = None  # who puts them in
        self.changed: Callable[[], None] | None = None  # there may be room, or news of the trouble
        self.trouble: BaseException | None = None  # why the database does not take them
        self._mails: deque[Owed] = deque()
        self._octets = 0
        self._again = 0.0  # when it is tried once more

    def __len__(self) -> int:
        return len(self._mails)

    # The journal's.

    @property
    def full(self) -> bool:
        """Whether no mail is to be taken now."""
        mails, bounds = self._mails, self._bounds
        if len(mails) >= bounds.mails or self._octets >= bounds.octets:
            return True
        return bool(mails) and time.monotonic() - mails[0].since > bounds.seconds

    def try_again(self) -> None:
        """At once, though it was in trouble: somebody asks."""
        self._again = 0.0
        self._wake()

    def add(self, mails: Sequence[Owed]) -> None:
        """Owed from now on; whoever puts them in hears of the first, and when there are enough for a transaction."""
        first, before = not self._mails, self._enough
        self._mails.extend(mails)
        self._octets += sum(mail.place.octets for mail in mails)
        if first or (self._enough and not before):
            self._wake()

    @property
    def _enough(self) -> bool:
        """For a transaction."""
        return len(self._mails) >= TOGETHER or self._octets >= OF_BOUND * self._bounds.octets

    def _wake(self) -> None:
        if self.nudge is not None:
            self.nudge()

    # Who puts them in.

    def patience(self) -> float | None:
        """Seconds until some are to be put in; None: nothing is owed."""
        if not self._mails:
            return None
        due = 0.0 if self._enough else self._mails[0].since + MOMENT
        return max(max(due, self._again) - time.monotonic(), 0.0)

    def first(self) -> list[Owed]:
        """Those that are next."""
        return list(islice(self._mails, TOGETHER))

    def paid(self, mails: Sequence[Owed]) -> None:
        """The first ones are in, all of one segment."""
        for mail in mails:
            self._mails.popleft()
            self._octets -= mail.place.octets
        mails[0].place.segment.paid(len(mails))
        self.trouble, self._again = None, 0.0
        self._tell()

    def failed(self, error: BaseException) -> None:
        """The database did not take them; nor will any mail be taken, until it does."""
        if not self._mails:
            return
        self.trouble, self._again = error, time.monotonic() + AGAIN
        self._tell()

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()
