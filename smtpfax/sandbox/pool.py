"""The pool: so many workers, warm and waiting, each with one task at a time.

In:    tasks.
Out:   their answers.
Fails: Temporary CONVERTER_DIED for a task that crashed or ran over a limit, Temporary OUR_FAULT when no worker can be
       started; the task's own Fault; ConfigError at start.

Guarantee: a crash or a hang costs that one task; its neighbours go on, and the next worker starts at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from smtpfax.model.errors import ConfigError, Fault, Temporary
from smtpfax.model.status import OUR_FAULT

from .jail import Jail, jails, program
from .values import Answer, Json, SandboxLimits
from .waiting import Waiting
from .worker import READY_SECONDS, Tell, Worker, ignore

log = logging.getLogger(__name__)


class Sandbox:
    """Worker processes; `preload` names modules that each imports, `first` a task that each does before any other.

    What is preloaded as "module:function" is called as well. `base` is the jail to build on: another Python, and what
    it needs to see. `spare` is what one of the workers does when none has had anything to do for a while: some tasks
    are then done sooner by it, as `run` is told.
    """

    def __init__(
        self,
        limits: SandboxLimits,
        preload: Sequence[str] = (),
        *,
        base: Jail = Jail(),  # noqa: B008  frozen
        first: tuple[str, Mapping[str, Json]] | None = None,
        spare: str = "",
        quiet_seconds: float = 2.0,
    ) -> None:
        self.limits = limits
        self.preload = tuple(preload)
        self.jail = self._base = base
        self._first_task = first
        self._spare, self._quiet_seconds = spare, quiet_seconds
        self._waiting = Waiting()
        self._workers: set[Worker] = set()
        self._renewals: set[asyncio.Task[None]] = set()  # and preparations
        self._asked = asyncio.Event()
        self._open = False

    async def start(self) -> None:
        """Find out what this machine allows, and have all workers ready."""
        self._waiting = Waiting()
        first = await self._first()
        self._open = True
        log.info("sandbox: %s; %s", "bubblewrap" if self.jail.bubblewrap else "no bubblewrap", ", ".join(first.held))
        self._waiting.put(first)
        await asyncio.gather(*(self._replace(None) for _ in range(self.limits.count - 1)))
        self._prepare()

    async def stop(self) -> None:
        """Kill them all; tasks under way fail as if they had crashed."""
        self._open = False
        for renewal in self._renewals:
            renewal.cancel()
        await asyncio.gather(*self._renewals, return_exceptions=True)
        for worker in self._workers:
            worker.kill()
        await asyncio.gather(*(worker.gone() for worker in self._workers))
        self._workers.clear()
        self._waiting.put(None)  # wakes whoever still waits for a worker

    async def run(
        self,
        task: str,
        request: Mapping[str, Json],
        blobs: Sequence[bytes] = (),
        *,
        wall_seconds: float | None = None,
        ready: bool = False,
        tell: Tell = ignore,
    ) -> Answer:
        """Have a worker do `task` ("smtpfax.module:function", taking and giving (dict, list of bytes)).

        `ready`: by one that has done the spare task, if it is free; else by another one, if that is free.
        `tell` hears what the task notes meanwhile; a worker that crashes has said it before.
        """
        self._asked.set()
        worker = await self._free(ready=ready)
        try:
            head, began = {"task": task, "request": dict(request)}, _now()
            answer = await worker.call(head, blobs, seconds=wall_seconds or self.limits.wall_seconds, tell=tell)
            return replace(answer, seconds=_now() - began)
        except Temporary as fault:
            log.warning("worker %d: %s: %s", worker.pid, task, fault.reason)
            raise
        finally:
            self._give_back(worker)

    @property
    def idle(self) -> int:
        """How many workers wait for a task."""
        return len(self._waiting)

    async def _free(self, *, ready: bool) -> Worker:
        """A worker that waits for a task; dead ones are passed over."""
        while (worker := await self._waiting.take(ready=ready)) is not None:
            if worker.alive:
                return worker
            self._renew(worker)
        if not self._open:
            self._waiting.put(None)
            raise Temporary(OUR_FAULT, reason="the sandbox is not running")
        self._renew(None)  # this task pays for the try that failed; the next one may find a worker
        raise Temporary(OUR_FAULT, reason="no worker process could be started")

    def _give_back(self, worker: Worker) -> None:
        if worker.fit and worker.tasks < self.limits.recycle_after:
            self._waiting.put(worker)
        else:
            worker.kill()
            self._renew(worker)
            if worker.ready:
                self._prepare()

    def _renew(self, worker: Worker | None) -> None:
        if self._open:
            self._keep(asyncio.create_task(self._replace(worker)))

    def _prepare(self) -> None:
        if self._open and self._spare:
            self._keep(asyncio.create_task(self._make_one_ready()))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)

    async def _make_one_ready(self) -> None:
        await self._quiet()
        worker = await self._free(ready=False)
        try:
            await worker.call({"task": self._spare, "request": {}}, (), seconds=READY_SECONDS)
            worker.ready = True
        except Fault as fault:
            log.warning("worker %d: %s: %s", worker.pid, self._spare, fault.reason)
        finally:
            self._give_back(worker)

    async def _quiet(self) -> None:
        """Wait until nobody has asked for anything for a while, and all workers are free."""
        while True:
            self._asked.clear()
            try:
                async with asyncio.timeout(self._quiet_seconds):
                    await self._asked.wait()
            except TimeoutError:
                if self.idle == self.limits.count:
                    return

    async def _replace(self, worker: Worker | None) -> None:
        try:
            self._waiting.put(await self._begin())
        except (Fault, OSError) as error:
            log.error("sandbox: no worker could be started: %s", error)
            self._waiting.put(None)
        if worker is not None:
            await worker.gone()
            self._workers.discard(worker)

    async def _first(self) -> Worker:
        """The best jail that works here; a worker that becomes ready is the proof."""
        why: Exception | None = None
        for jail in jails(self.limits.bubblewrap, self._base, tmp_bytes=self._files):
            self.jail = jail
            try:
                return await self._begin()
            except (Fault, OSError) as error:
                why = error
                log.warning("sandbox: %s: %s", self.jail.bubblewrap or "without bubblewrap", error)
        raise ConfigError(
            f"sandbox.bubblewrap: no worker can be started with {self.limits.bubblewrap!r}: {why or 'no bwrap found'}"
        )

    async def _begin(self) -> Worker:
        hello = {
            "jailed": bool(self.jail.bubblewrap),
            "parent": os.getpid(),
            "needs": [str(path) for path in program()],
            "memory": self.limits.memory_bytes,
            "files": self._files,
            "cpu": self.limits.cpu_seconds,
            "preload": self.preload,
        }
        worker = await Worker.begin(self.jail, hello, answer_bytes=self.limits.answer_bytes)
        self._workers.add(worker)
        await self._make_ready(worker)
        return worker

    async def _make_ready(self, worker: Worker) -> None:
        if self._first_task is None:
            return
        task, request = self._first_task
        try:
            await worker.call({"task": task, "request": dict(request)}, (), seconds=READY_SECONDS)
        except BaseException:
            worker.kill()
            await worker.gone()
            self._workers.discard(worker)
            raise

    @property
    def _files(self) -> int:
        """The most that one file, and all of /tmp, may hold; a tmpfs is memory too."""
        return self.limits.memory_bytes // 4


def _now() -> float:
    return asyncio.get_running_loop().time()
