"""The process that puts in what the database is owed, as the daemon sees it.

In:    what is owed.
Out:   whoever reads hears when the database has it.
Fails: Temporary, for who reads while the database is in trouble.

Rule: a transaction at a time. A process that ends is begun anew: what it was at, the journal tells again, for how far
the database has come is committed with the rows.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from smtpfax.model.errors import Temporary
from smtpfax.model.status import NO_SPACE, OUR_FAULT

from .brought import Columns
from .clerk import ARGUMENTS, MOST
from .faults import as_ours
from .owing import Owed
from .packing import packed, unpacked
from .payer import Payer

PACKAGE = Path(__file__).resolve().parents[1]
ANSWER_SECONDS = 60.0  # beyond what it waits for the database: then it is taken for stuck
END_SECONDS = 10.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where the process works."""

    database: Path
    folder: Path  # of the journal
    busy_seconds: float
    columns: Columns


class Line:
    """One process, and the socket to it."""

    def __init__(self, books: Books) -> None:
        self._seconds = books.busy_seconds + ANSWER_SECONDS
        self._sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sock.setblocking(False)
        with theirs:
            command = [sys.executable, *ARGUMENTS, str(PACKAGE.parent), str(theirs.fileno())]
            null = subprocess.DEVNULL
            try:
                self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=null, stdout=null)  # noqa: S603 our own
            except OSError:
                self._sock.close()
                raise

    async def ask(self, *what: object) -> None:
        """Done when this returns. Temporary, with the fault; ConnectionError, when the process is gone or stuck."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                await loop.sock_sendall(self._sock, packed(what))
                answer = await loop.sock_recv(self._sock, MOST)
        except TimeoutError:
            raise ConnectionError("it does not answer") from None
        if not answer:
            raise ConnectionError("it has ended")
        fault = unpacked(answer)
        if fault is not None:
            full, reason = fault
            raise Temporary(NO_SPACE if full else OUR_FAULT, reason=reason)

    async def close(self) -> None:
        """It ends when it has done what it is at."""
        self._sock.close()
        try:
            await asyncio.to_thread(self._process.wait, END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)


class Clerking:
    """Puts in what is owed, when it is time or somebody reads."""

    def __init__(self, books: Books, payer: Payer) -> None:
        self._books = books
        self._payer = payer
        self._owing = owing = payer.owing
        owing.nudge = self._wake
        self._line: Line | None = None
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._readers: list[tuple[int, asyncio.Future[None]]] = []  # with how many must be paid for each
        self._paid = 0
        self._closing = False

    async def open(self) -> None:
        """Begin. Temporary, when the process cannot work."""
        await self._begun()
        self._task = asyncio.create_task(self._run(), name="journal clerk")

    async def settled(self) -> None:
        """The database has every mail that was told. Temporary, when it does not take them."""
        if self._owing and self._task is not None:
            reader = asyncio.get_running_loop().create_future()
            self._readers.append((self._paid + len(self._owing), reader))
            self._woken.set()
            await reader

    async def close(self) -> None:
        """Put in what is owed, if that can be done; no mail comes any more by then."""
        self._closing = True
        self._woken.set()
        if self._task is not None:
            await self._task
        await self._end()

    def _wake(self) -> None:
        self._woken.set()

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
        owed = _of_one_segment(self._owing.first())
        if not owed:
            return
        first, last = owed[0].place, owed[-1].place
        try:
            await self._ask(first.segment.name, first.entry, last.end)
        except ConnectionError as error:
            log.error("the journal's clerk is begun anew: %s", error)
            await self._end()
            await self._ask(first.segment.name, first.entry, last.end)
        self._payer.paid(owed)
        self._paid += len(owed)

    async def _ask(self, segment: str, start: int, end: int) -> None:
        line = self._line or await self._begun()
        await line.ask(segment, start, end)

    async def _end(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    async def _begun(self) -> Line:
        books, line = self._books, Line(self._books)
        columns = {table: list(names) for table, names in books.columns.items()}
        self._line = line
        await line.ask(str(books.database), str(books.folder), books.busy_seconds, columns)
        return line

    def _let_read(self, trouble: BaseException | None) -> None:
        readers, self._readers = self._readers, []
        for goal, reader in readers:
            if reader.done():
                continue
            if trouble is not None:
                reader.set_exception(trouble)
            elif goal <= self._paid:
                reader.set_result(None)
            else:
                self._readers.append((goal, reader))


def _of_one_segment(owed: Sequence[Owed]) -> list[Owed]:
    return list(takewhile(lambda mail: mail.place.segment is owed[0].place.segment, owed))
