"""One worker process, as our side sees it.

In:    a jail, the first frame, then tasks.
Out:   answers.
Fails: Temporary CONVERTER_DIED when it crashes, runs past the deadline or answers nonsense; the task's own Fault.

Rule: whatever ends a call other than a whole answer kills the process with its whole group; there is no second chance.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Self

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Temporary
from smtpfax.model.status import CONVERTER_DIED, EVERY_PART

from .jail import Jail
from .values import Answer, Json
from .wire import LENGTH, BadFrame, frame, head_length, printable, read_fault, read_head

READY_SECONDS = 60.0
_DYING_SECONDS = 0.5  # between the end of the line and the end of the process
_BUFFER = 1 << 20
_LAST_WORDS = 2000
Tell = Callable[[Mapping[str, Json]], None]
_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter, int]  # the int: where its stderr can be read


def ignore(noted: Mapping[str, Json]) -> None:
    """Nobody wants to know."""


class Worker:
    """A process that takes one task at a time; `fit` for another one until something goes wrong."""

    def __init__(self, jail: Jail, process: asyncio.subprocess.Process, line: _Line, *, answer_bytes: int) -> None:
        self.fit = True
        self.ready = False  # for what takes longer when it is asked for the first time
        self.tasks = 0
        self.held: tuple[str, ...] = ()  # what the worker says it could lock
        self._jail = jail
        self._process = process
        self._reader, self._writer, self._words = line
        self._answer_bytes = answer_bytes
        self._busy = True
        self._cleaned = False

    @classmethod
    async def begin(cls, jail: Jail, hello: Mapping[str, Json], *, answer_bytes: int) -> Self:
        """Start a process, and wait until it is ready for its first task."""
        with contextlib.ExitStack() as undo:
            if not jail.bubblewrap:
                jail = replace(jail, tmp=tempfile.mkdtemp(prefix="smtpfax-"))
                undo.callback(shutil.rmtree, jail.tmp)
            ours, theirs = socket.socketpair()
            undo.callback(ours.close)
            with theirs:
                reader, writer = await asyncio.open_unix_connection(sock=ours, limit=_BUFFER)
                undo.callback(writer.close)
                process, words = await _spawn(jail, theirs.fileno())
            undo.pop_all()
        worker = cls(jail, process, (reader, writer, words), answer_bytes=answer_bytes)
        try:
            ready = await worker.call(hello, (), seconds=READY_SECONDS)
        except BaseException:
            worker.kill()
            await worker.gone()
            raise
        worker.held, worker.tasks = tuple(map(str, ready.data["held"])), 0
        return worker

    @property
    def pid(self) -> int:
        """Of the process; with bubblewrap, bubblewrap's."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """It has not ended, as far as is known."""
        return self._process.returncode is None

    async def call(
        self, head: Mapping[str, Json], blobs: Sequence[bytes], *, seconds: float, tell: Tell = ignore
    ) -> Answer:
        """One task; `tell` hears what it notes. When the caller is cancelled, the process is killed as well."""
        self.fit, self._busy = False, True
        try:
            async with asyncio.timeout(seconds):
                told = await self._exchange(head, blobs, tell)
        except TimeoutError as error:
            raise _died(f"ran past its {seconds:g} seconds") from error
        except BadFrame as error:
            raise _died(f"said what is no answer: {error}") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise _died(await self._end()) from error
        finally:
            if not self.fit:
                self.kill()
        self.tasks += 1
        self._busy = False
        if isinstance(told, Fault):
            raise told
        return told

    async def _exchange(self, head: Mapping[str, Json], blobs: Sequence[bytes], tell: Tell) -> Answer | Fault:
        for piece in frame(dict(head), blobs):
            self._writer.write(piece)
            await self._writer.drain()
        answer, lengths = await self._head()
        while isinstance(noted := answer.get("note"), dict):
            tell(noted)
            answer, lengths = await self._head()
        told = read_fault(answer["fault"]) if "fault" in answer else None
        data = answer.get("data", {})
        if not isinstance(data, dict):
            raise BadFrame("an answer without data")
        out = [await self._reader.readexactly(length) for length in lengths]
        self.fit = "last" not in answer
        return told or Answer(data=data, blobs=out)

    async def _head(self) -> tuple[dict[str, Json], list[int]]:
        length = head_length(await self._reader.readexactly(LENGTH.size))
        return read_head(await self._reader.readexactly(length), limit=self._answer_bytes)

    def kill(self) -> None:
        """With its children, at once."""
        self.fit = False
        if not (self.alive or self._busy):
            return  # it ended long ago, and its number may be somebody else's by now
        self._busy = False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _end(self) -> str:
        """The line is closed: how it ended, and its last words."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DYING_SECONDS):
                await self._process.wait()
        said = "" if self._cleaned else _read(self._words)
        return f"ended with {self._process.returncode}: {said}"

    async def gone(self) -> None:
        """Wait for the end of a killed process, and clean up after it; to be asked again does no harm."""
        await self._process.wait()
        if not self._cleaned:
            self._cleaned = True
            os.close(self._words)
            self._writer.close()
        with contextlib.suppress(OSError):  # a cancelled waiter would cancel what all who ask wait for
            await asyncio.shield(self._writer.wait_closed())
        if not self._jail.bubblewrap:
            await asyncio.to_thread(shutil.rmtree, self._jail.tmp, ignore_errors=True)


async def _spawn(jail: Jail, line: int) -> tuple[asyncio.subprocess.Process, int]:
    """Start it. What it prints goes to a pipe that is never waited for: when it is full, the rest is lost."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    try:
        process = await asyncio.create_subprocess_exec(
            *jail.argv(line),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            pass_fds=(line,),
            cwd="/",
            env=jail.environment(),
            start_new_session=True,
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return process, reading


def _read(words: int) -> str:
    with contextlib.suppress(BlockingIOError):
        return printable(os.read(words, 1 << 16).decode("utf-8", "replace"), _LAST_WORDS)
    return ""


def _died(reason: str) -> Temporary:
    return Temporary(CONVERTER_DIED, cause=Cause.CONVERTER, reason=reason, part=EVERY_PART)
