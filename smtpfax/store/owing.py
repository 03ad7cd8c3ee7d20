"""What the database is owed: mails that the journal has, which were told to be ours, and whose rows are not in yet.

In:    mails from the journal's thread, in its order; what the writer has put in.
Out:   the next ones for the writer, and when it is to look; room for the journal's thread, which waits for it.
Fails: Temporary, for who asks for room while the database is in trouble.

Rule: they are owed for a moment only, so that one transaction has many; and there is a bound on how many, how much and
how long, beyond which no mail is taken.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Condition
from typing import NamedTuple

from .journal import Place
from .paying import Debt
from .taking import Taken

TOGETHER = 512  # mails of one transaction
MOMENT = 0.5  # seconds that they may wait for others, if nobody asks for them
AGAIN = 0.5  # seconds until the database is tried once more


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """On what may be owed, after which mails wait: of all of it together, and of the oldest."""

    mails: int = 4096
    octets: int = 64 * 1024 * 1024  # of the journal, to be read again after a crash
    seconds: float = 10.0


BOUNDS = Bounds()


class Owed(NamedTuple):
    """A mail, and where the journal has its content."""

    taken: Taken
    place: Place
    since: float  # of the monotonic clock

    def debt(self) -> Debt:
        """For the database."""
        taken, place = self.taken, self.place
        return Debt(
            taken.rows,
            taken.faxes,
            taken.repeats,
            taken.at,
            taken.mail_id,
            place.segment.name,
            place.start,
            place.end,
        )


class Owing:
    """All of them, in order."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self._bounds = bounds
        self.nudge: Callable[[], None] | None = None  # the writer
        self._mails: deque[Owed] = deque()
        self._octets = 0
        self._change = Condition()
        self._trouble: BaseException | None = None
        self._again = 0.0  # when it is tried once more
        self._tried = 0  # how often
        self.awaited = False  # somebody waits for room

    def __bool__(self) -> bool:
        return bool(self._mails)

    # The journal's thread.

    def wait_for_room(self) -> None:
        """Until there is some; while the database is in trouble, it is tried for whoever asks."""
        with self._change:
            self.awaited = True
            if self._trouble is not None:
                tried, self._again = self._tried, 0.0
                self._wake()
                self._change.wait_for(lambda: self._tried > tried)
            self._change.wait_for(lambda: self._trouble is not None or not self._full())
            self.awaited = False
            if self._trouble is not None:
                raise self._trouble

    def _wake(self) -> None:
        if self.nudge is not None:
            self.nudge()

    def add(self, mails: Sequence[Owed]) -> None:
        """Owed from now on; the writer hears of the first, and when there are enough for a transaction."""
        with self._change:
            before = len(self._mails)
            self._mails.extend(mails)
            self._octets += sum(mail.place.octets for mail in mails)
            if not before or before < TOGETHER <= len(self._mails):
                self._wake()

    def _full(self) -> bool:
        mails, bounds = self._mails, self._bounds
        if len(mails) >= bounds.mails or self._octets >= bounds.octets:
            return True
        return bool(mails) and time.monotonic() - mails[0].since > bounds.seconds

    # The writer's.

    def patience(self) -> float | None:
        """Seconds until it is to put some in; None: nothing is owed."""
        with self._change:
            if not self._mails:
                return None
            due = self._mails[0].since + MOMENT if len(self._mails) < TOGETHER else 0.0
            return max(max(due, self._again) - time.monotonic(), 0.0)

    def first(self) -> list[Owed]:
        """Those that are next."""
        with self._change:
            return list(islice(self._mails, TOGETHER))

    def paid(self, mails: Sequence[Owed]) -> None:
        """The first ones are in."""
        with self._change:
            for mail in mails:
                self._mails.popleft()
                self._octets -= mail.place.octets
                mail.place.segment.paid(1)
            self._tell(None, again=0.0)

    def failed(self, error: BaseException) -> None:
        """The database did not take them; nor will any mail be taken, until it does."""
        with self._change:
            if self._mails:
                self._tell(error, again=time.monotonic() + AGAIN)

    def _tell(self, trouble: BaseException | None, *, again: float) -> None:
        self._trouble, self._again = trouble, again
        self._tried += 1
        self._change.notify_all()
