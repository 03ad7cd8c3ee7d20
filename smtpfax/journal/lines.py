"""The line to a clerk: in a process of its own, or in a thread of ours.

In:    how far of a segment of the journal, and from where, the database is to come.
Out:   it has come so far when `ask` returns.
Fails: Temporary, with the clerk's fault; ConnectionError, when there is no clerk any more.

Rule: the daemon's clerk is a process, so that the door's interpreter has none of its work; who opens the store for a
moment has one in a thread.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from smtpfax.model.errors import Temporary
from smtpfax.model.status import NO_SPACE, OUR_FAULT

from .brought import Columns
from .clerk import ARGUMENTS, MOST, Clerk
from .packing import packed, unpacked
from .pen import Pen

PACKAGE = Path(__file__).resolve().parents[1]
ANSWER_SECONDS = 60.0  # beyond what it waits for the database: then it is taken for stuck
END_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where a clerk works."""

    database: Path
    folder: Path  # of the journal
    busy_seconds: float
    columns: Columns


class Line(Protocol):
    """To one clerk."""

    async def ask(self, segment: str, start: int, end: int) -> None:
        """Put in what stands there; done when this returns."""

    async def close(self) -> None:
        """It ends when it has done what it is at."""


class InThread:
    """The clerk works in a thread of ours."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    @classmethod
    async def begun(cls, books: Books) -> Self:
        """Ready to work."""
        pen = await asyncio.to_thread(Pen, books.database, busy_seconds=books.busy_seconds)
        return cls(Clerk(pen, books.folder, books.columns))

    async def ask(self, segment: str, start: int, end: int) -> None:
        """What SQLite and the disk say goes through."""
        await asyncio.to_thread(self._clerk.put, segment, start, end)

    async def close(self) -> None:
        """At once."""
        await asyncio.to_thread(self._clerk.close)


class InProcess:
    """The clerk is a process."""

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

    @classmethod
    async def begun(cls, books: Books) -> Self:
        """Ready to work."""
        line = cls(books)
        columns = {table: list(names) for table, names in books.columns.items()}
        try:
            await line._say(str(books.database), str(books.folder), books.busy_seconds, columns)
        except BaseException:
            await line.close()
            raise
        return line

    async def ask(self, segment: str, start: int, end: int) -> None:
        """ConnectionError, when the process is gone, or stuck."""
        await self._say(segment, start, end)

    async def close(self) -> None:
        """One that does not end is ended."""
        self._sock.close()
        try:
            await asyncio.to_thread(self._process.wait, END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    async def _say(self, *what: object) -> None:
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
