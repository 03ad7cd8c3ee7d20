"""Who changes the database: a thread of its own; whatever arrives while it works shares the next commit.

In:    units of work: functions that are given a connection inside a transaction.
Out:   each unit's result, after the COMMIT that holds it.
Fails: Temporary for every unit of a batch that failed; a unit's own error for that one alone.

Guarantee (G1): a unit is told after a sync. The mails that were told before it came are in by then, for it may be about
them. A savepoint for each unit, so that one unit's error takes back that unit alone. A caller that is cancelled leaves
its unit whole: it is done, or it is not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

from sqlalchemy import Connection

from smtpfax.journal.savepoint import Undone, within_savepoint

from .faults import as_ours
from .handing import Handing
from .sqlite import Pen

log = logging.getLogger(__name__)
T = TypeVar("T")
Work = Callable[[Connection], T]  # run away from the event loop: it awaits nothing, and touches nothing of the loop's


class Unit(Generic[T]):
    """One caller's work, and the future that the caller waits for."""

    def __init__(self, work: Work[T], octets: int) -> None:
        self.work = work
        self.octets = octets
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._result: T | None = None
        self._error: BaseException | None = None

    def run(self, pen: Pen) -> None:
        """Do the work within a savepoint."""
        try:
            self._result = within_savepoint(pen.database, lambda: self.work(pen.connection))
        except Undone as undone:
            self._error = as_ours(undone.error)

    def tell(self) -> None:
        """The commit holds: resolve the future."""
        if self._error is not None:
            self.fail(self._error)
        elif not self.future.done():
            self.future.set_result(cast("T", self._result))

    def fail(self, error: BaseException) -> None:
        """The commit did not hold."""
        if not self.future.done():
            self.future.set_exception(error)


Units = Sequence[Unit[object]]


class Writer:
    """The only one that does work for others."""

    def __init__(self, pen: Pen, settled: Callable[[], Awaitable[None]]) -> None:
        """`settled`: returns once the database has every mail that was told."""
        self.settled = settled
        self._pen = pen
        self._hands = Handing[Unit[object]]("store writer", self._run)

    def start(self) -> None:
        """Begin to take units."""
        self._hands.start()

    async def do(self, work: Work[T], *, octets: int = 0) -> T:
        """Run `work` in a transaction; return when it is committed. `octets`: about how much it writes."""
        await self.settled()
        unit = Unit(work, octets)
        self._hands.bring(cast("Unit[object]", unit))
        return await asyncio.shield(unit.future)

    async def close(self) -> None:
        """Finish what waits, and take no more; no mail comes any more by then."""
        if await self._hands.close():
            self._pen.close()

    # The thread.

    def _run(self) -> None:
        while self._hands.collect():
            self._do(self._hands.batch())

    def _do(self, batch: Units) -> None:
        try:
            self._turn(batch)
        except Exception as error:  # noqa: BLE001 an edge: the writer goes on, whatever a batch ended in
            failure = as_ours(error)
            log.error("commit of %d units failed: %s", len(batch), failure)
            self._hands.in_loop(_fail, batch, failure)

    def _turn(self, units: Units) -> None:
        """All of them in one transaction."""
        if not units:
            return
        pen = self._pen
        pen.begin(sync=True)
        try:
            for unit in units:
                unit.run(pen)
            pen.commit()
        except BaseException:
            pen.rollback()
            raise
        self._hands.in_loop(_tell, units)


def _tell(units: Units) -> None:
    for unit in units:
        unit.tell()


def _fail(units: Units, error: BaseException) -> None:
    for unit in units:
        unit.fail(error)
