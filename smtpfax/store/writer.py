"""The one writer of the database: a thread of its own; whatever arrives while it works shares the next commit.

In:    units of work (functions that are given a connection inside a transaction), and what the journal has.
Out:   each unit's result, after the COMMIT that holds it.
Fails: Temporary for every unit of a batch that failed; a unit's own error for that one alone.

Guarantee (G1): a unit is told after a sync. What is owed goes in before the units that came after it, for they may be
about it; by itself it needs no sync, for the journal would tell it again. A savepoint for each unit, so that one unit's
error takes back that unit alone. A caller that is cancelled leaves its unit whole: it is done, or it is not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar, cast

from sqlalchemy import Connection

from smtpfax.journal.owing import TOGETHER, Owed
from smtpfax.journal.payer import Payer
from smtpfax.journal.savepoint import Undone, within_savepoint

from .faults import as_ours
from .handing import Handing
from .sqlite import Pen

log = logging.getLogger(__name__)
T = TypeVar("T")
Work = Callable[[Connection], T]  # run away from the event loop: it awaits nothing, and touches nothing of the loop's


class Unit(Generic[T]):
    """One caller's work, and the future that the caller waits for; without work, the caller waits for its turn."""

    def __init__(self, work: Work[T] | None, octets: int) -> None:
        self.work = work
        self.octets = octets
        self.future: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self._result: T | None = None
        self._error: BaseException | None = None

    def run(self, pen: Pen) -> None:
        """Do the work within a savepoint."""
        work = self.work
        if work is None:
            return
        try:
            self._result = within_savepoint(pen.database, lambda: work(pen.connection))
        except Undone as undone:
            self._error = as_ours(undone.error)

    def tell(self) -> None:
        """The commit holds: resolve the future."""
        if self._error is not None:
            self.fail(self._error)
        elif not self.future.done():
            self.future.set_result(self._result)

    def fail(self, error: BaseException) -> None:
        """The commit did not hold."""
        if not self.future.done():
            self.future.set_exception(error)


Units = Sequence[Unit[object]]


class Elsewhere(Protocol):
    """Another process, that puts in what the database is owed."""

    async def settled(self) -> None:
        """The database has every mail that was told."""


class Writer:
    """The only one that writes."""

    def __init__(self, pen: Pen, payer: Payer, elsewhere: Elsewhere | None = None) -> None:
        """`elsewhere`: who puts in what is owed, if somebody else does."""
        self._pen = pen
        self._elsewhere = elsewhere
        self._payer = payer
        self._owing = owing = payer.owing
        self._hands = Handing[Unit[object]]("store writer", self._run, patience=owing.patience)
        owing.nudge = self._hands.nudge

    def start(self) -> None:
        """Begin to take units."""
        self._hands.start()

    async def do(self, work: Work[T], *, octets: int = 0) -> T:
        """Run `work` in a transaction; return when it is committed. `octets`: about how much it writes."""
        if self._elsewhere is not None:
            await self._elsewhere.settled()
        return cast("T", await self._bring(Unit(work, octets)))

    async def settled(self) -> None:
        """Readers see every mail that was told."""
        if self._elsewhere is not None:
            await self._elsewhere.settled()
        elif self._owing:
            await self._bring(Unit(None, 0))

    async def _bring(self, unit: Unit[T]) -> T | None:
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
        self._do(())  # what is owed

    def _do(self, batch: Units) -> None:
        try:
            self._turn(batch)
        except Exception as error:  # noqa: BLE001 an edge: the writer goes on, whatever a batch ended in
            failure = as_ours(error)
            log.error("commit of %d units failed: %s", len(batch), failure)
            self._owing.failed(failure)
            self._hands.in_loop(_fail, batch, failure)

    def _turn(self, units: Units) -> None:
        """What is owed, if anybody asks or it is time; the last of it in one transaction with the units."""
        due = bool(units) or self._hands.closed or self._owing.patience() == 0
        owed = self._owing.first() if due else []
        while len(owed) == TOGETHER:
            self._commit(owed, ())
            owed = self._owing.first()
        working = [unit for unit in units if unit.work is not None]
        if owed or working:
            self._commit(owed, working)
        if units:
            self._hands.in_loop(_tell, units)

    def _commit(self, owed: Sequence[Owed], units: Units) -> None:
        pen = self._pen
        pen.begin(sync=bool(units))
        try:
            self._payer.put(pen, owed)
            for unit in units:
                unit.run(pen)
            pen.commit()
        except BaseException:
            pen.rollback()
            raise
        self._payer.paid(owed)


def _tell(units: Units) -> None:
    for unit in units:
        unit.tell()


def _fail(units: Units, error: BaseException) -> None:
    for unit in units:
        unit.fail(error)
