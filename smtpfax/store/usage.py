"""What was faxed in each hour, for the caps: by account, by faxbox, and by reverse-path in a faxbox.

In:    jobs that are taken (faxes), documents that are offered for the first time (pages).
Out:   the counters of the last day.
Fails: Temporary, when they cannot be read at start.

Rule: a counter is bumped in the commit of what it counts, a row for each scope and hour however many mails share that
commit. Who is about to add asks a copy in memory and reserves there what it will add, without waiting in between: so
any number of sessions together pass no cap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from sqlalchemy import delete, select

from smtpfax.model.caps import HOUR, HOURS_KEPT, NOTHING, Counted, Usage, hour_of
from smtpfax.model.job import Job

from .counting import Counts, pages_of
from .database import Database
from .schema_counts import usage


class UsageCounts:
    """The counters."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hours: dict[str, dict[datetime, Counted]] = {}
        self._newest: datetime | None = None

    async def refresh(self) -> None:
        """Read them: at start, and where other processes count as well."""
        query = select(usage).where(usage.c.hour >= _oldest(self._database.clock()))
        hours: dict[str, dict[datetime, Counted]] = defaultdict(dict)
        for row in await self._database.all(query):
            hours[row["scope"]][row["hour"]] = Counted(row["faxes"], row["pages"])
        self._hours = dict(hours)

    def now(self) -> Usage:
        """As they stand: a view, which costs nothing and is to be looked at at once."""
        return Usage(self._hours)

    def note(self, counts: Counts) -> None:
        """A commit has bumped them."""
        for (scope, hour), what in counts.items():
            hours = self._hours.setdefault(scope, {})
            hours[hour] = hours.get(hour, NOTHING) + what
            if self._newest is None or hour > self._newest:
                self._newest = hour
                self._prune(_oldest(hour))

    def reserve(self, faxes: Mapping[str, int], at: datetime) -> Callable[[], None]:
        """So many faxes by scope, which a commit will add; what is called to give them back when it is over."""
        return self._reserve({(scope, hour_of(at)): Counted(faxes=more) for scope, more in faxes.items()})

    @contextmanager
    def offering(self, job: Job, at: datetime) -> Iterator[None]:
        """While a commit is under way that may be the job's first offer."""
        release = self._reserve({} if job.offered else pages_of(job, at))
        try:
            yield
        finally:
            release()

    def _reserve(self, counts: Counts) -> Callable[[], None]:
        self.note(counts)
        return partial(self.note, {key: Counted(-what.faxes, -what.pages) for key, what in counts.items()})

    async def forget(self, moment: datetime) -> int:
        """Rows that no cap asks for any more at that time."""
        return await self._database.change(delete(usage).where(usage.c.hour < _oldest(moment)))

    def _prune(self, oldest: datetime) -> None:
        kept = (
            (scope, {hour: n for hour, n in hours.items() if hour >= oldest}) for scope, hours in self._hours.items()
        )
        self._hours = {scope: hours for scope, hours in kept if hours}


def _oldest(at: datetime) -> datetime:
    return hour_of(at) - (HOURS_KEPT - 1) * HOUR
