"""What the database is owed goes in: when it is time, and before anybody reads.

In:    what is owed.
Out:   whoever reads hears when the database has it.
Fails: Temporary, for who reads while the database is in trouble.

Rule: a transaction at a time. A clerk that is gone is begun anew: what it was at, the journal tells again, for how far
the database has come is committed with the rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile

from .claims import Claimed
from .faults import as_ours
from .lines import Books, Line
from .owing import Owed, Owing

log = logging.getLogger(__name__)


class Clerking:
    """A clerk, and who waits for it."""

    def __init__(self, books: Books, owing: Owing, claimed: Claimed, begin: Callable[[Books], Awaitable[Line]]) -> None:
        self._books = books
        self._owing = owing
        self._claimed = claimed
        self._begin = begin
        self._line: Line | None = None
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._readers: list[tuple[int, asyncio.Future[None]]] = []  # with how many must be in for each
        self._put_in = 0
        self._closing = False
        owing.nudge = self._woken.set

    async def open(self) -> None:
        """Begin. Temporary, when the clerk cannot work."""
        self._line = await self._begin(self._books)
        self._task = asyncio.create_task(self._run(), name="journal clerk")

    async def settled(self) -> None:
        """The database has every mail that was told. Temporary, when it does not take them."""
        if self._owing and self._task is not None:
            reader = asyncio.get_running_loop().create_future()
            self._readers.append((self._put_in + len(self._owing), reader))
            self._woken.set()
            await reader

    async def close(self) -> None:
        """Put in what is owed, if that can be done; no mail comes any more by then."""
        self._closing = True
        self._woken.set()
        if self._task is not None:
            await self._task
        await self._end()

    async def _run(self) -> None:
        while not (self._closing and not self._owing):
            await self._due()
            try:
                await self._put()
                self._let_read(None)
            except Exception as error:  # noqa: BLE001 an edge: it goes on, whatever a transaction ended in
                fault = as_ours(error)
                log.error("what the database is owed could not be put in: %s", fault)
                self._owing.failed(fault)
                self._let_read(fault)
                if self._closing:
                    return  # the next start tells it again

    async def _due(self) -> None:
        """Until something is to be put in."""
        while not (self._closing or self._readers):
            patience = self._owing.patience()
            if patience == 0:
                return
            self._woken.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._woken.wait()
            except TimeoutError:
                return

    async def _put(self) -> None:
        owed = of_one_segment(self._owing.first())
        if not owed:
            return
        segment, start, end = owed[0].place.segment.name, owed[0].place.entry, owed[-1].place.end
        try:
            await (await self._clerk()).ask(segment, start, end)
        except ConnectionError as error:
            log.error("the journal's clerk is begun anew: %s", error)
            await self._end()
            await (await self._clerk()).ask(segment, start, end)
        for mail in owed:
            self._claimed.paid(mail.id, mail.claimed)
        self._owing.paid(owed)
        self._put_in += len(owed)

    async def _clerk(self) -> Line:
        if self._line is None:
            self._line = await self._begin(self._books)
        return self._line

    async def _end(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    def _let_read(self, trouble: BaseException | None) -> None:
        readers, self._readers = self._readers, []
        for goal, reader in readers:
            if reader.done():
                continue
            if trouble is not None:
                reader.set_exception(trouble)
            elif goal <= self._put_in:
                reader.set_result(None)
            else:
                self._readers.append((goal, reader))


def of_one_segment(owed: Sequence[Owed]) -> list[Owed]:
    """The first ones."""
    return list(takewhile(lambda mail: mail.place.segment is owed[0].place.segment, owed))
