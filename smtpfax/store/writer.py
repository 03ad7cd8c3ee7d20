"""The one writer: whatever arrives while a commit is under way shares the next one.

In:    units of work: functions that are given a connection inside a transaction.
Out:   each unit's result, after the COMMIT that holds it.
Fails: Temporary for every unit of a commit that failed; a unit's own error for that unit alone.

Guarantee (G1): one sync for each batch of units. A savepoint for each unit, so that one unit's error takes back that
unit alone. A caller that is cancelled leaves its unit whole: it is done, or it is not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from smtpfax.model.errors import Temporary
from smtpfax.model.status import OUR_FAULT

from .faults import as_ours
from .sqlite import Commits

log = logging.getLogger(__name__)
T = TypeVar("T")
Work = Callable[[Connection], T]  # run away from the event loop: it awaits nothing, and touches nothing of the loop's

MOST_UNITS = 256
MOST_OCTETS = 16 * 1024 * 1024


class Undone(Exception):
    """Work failed and was taken back; the transaction around it goes on."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def within_savepoint(connection: Connection, work: Work[T]) -> T:
    """Do the work, or nothing of it: then Undone. Any other error: the whole transaction is gone."""
    savepoint = connection.begin_nested()
    try:
        result = work(connection)
    except Exception as error:
        # Some errors (disk full) take the whole transaction back: then this raises, and so the batch fails.
        savepoint.rollback()
        raise Undone(error) from error
    savepoint.commit()
    return result


class _Waiting(Protocol):
    octets: int

    def run(self, connection: Connection) -> None: ...

    def tell(self) -> None: ...

    def fail(self, error: BaseException) -> None: ...


class _Unit(Generic[T]):
    """One caller's work, and the future that the caller waits for."""

    def __init__(self, work: Work[T], octets: int) -> None:
        self.work = work
        self.octets = octets
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._outcome: Callable[[], None] = lambda: None

    def run(self, connection: Connection) -> None:
        """Do the work within a savepoint."""
        try:
            result = within_savepoint(connection, self.work)
        except Undone as undone:
            failure = as_ours(undone.error)
            self._outcome = lambda: self.future.set_exception(failure)
        else:
            self._outcome = lambda: self.future.set_result(result)

    def tell(self) -> None:
        """The commit holds: resolve the future."""
        self._outcome()

    def fail(self, error: BaseException) -> None:
        """The commit did not hold."""
        self.future.set_exception(error)


class Writer:
    """The only one that writes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._commits = Commits(engine)
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def start(self) -> None:
        """Begin to take units."""
        self._task = asyncio.create_task(self._run(), name="store writer")

    async def do(self, work: Work[T], *, octets: int = 0) -> T:
        """Run `work` in a transaction; return when it is committed. `octets`: about how much it writes."""
        if self._closed:
            raise Temporary(OUR_FAULT, reason="the store is closed")
        unit = _Unit(work, octets)
        self._queue.put_nowait(unit)
        return await asyncio.shield(unit.future)

    async def close(self) -> None:
        """Finish what waits, and take no more."""
        self._closed = True
        if self._task is not None:
            self._queue.put_nowait(None)
            await self._task

    async def _run(self) -> None:
        while (first := await self._queue.get()) is not None:
            await self._commit(self._batch(first))

    def _batch(self, first: _Waiting) -> list[_Waiting]:
        units = [first]
        octets = first.octets
        while not self._queue.empty() and len(units) < MOST_UNITS and octets < MOST_OCTETS:
            unit = self._queue.get_nowait()
            if unit is None:
                self._queue.put_nowait(None)  # closing: nothing comes after it
                break
            units.append(unit)
            octets += unit.octets
        return units

    async def _commit(self, units: list[_Waiting]) -> None:
        try:
            await self._commits.run(partial(_run_all, units))
        except Exception as error:  # noqa: BLE001 an edge: the writer goes on, whatever a commit ended in
            failure = as_ours(error)
            log.error("commit of %d units failed: %s", len(units), failure)
            for unit in units:
                unit.fail(failure)
        else:
            for unit in units:
                unit.tell()


def _run_all(units: Sequence[_Waiting], connection: Connection) -> None:
    for unit in units:
        unit.run(connection)
