"""Which worker a task gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from smtpfax.model.errors import Temporary
from smtpfax.sandbox import Sandbox, SandboxLimits

HERE = "smtpfax.sandbox.drill"


@asynccontextmanager
async def workers(count: int, *, spare: str = f"{HERE}:echo", recycle_after: int = 200) -> AsyncIterator[Sandbox]:
    limits = SandboxLimits(workers=count, memory_bytes=256 << 20, bubblewrap="never", recycle_after=recycle_after)
    sandbox = Sandbox(limits, spare=spare, quiet_seconds=0.05)
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.stop()


async def who(sandbox: Sandbox, *, ready: bool) -> int:
    return int((await sandbox.run(f"{HERE}:echo", {}, ready=ready)).data["pid"])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  nobody is told of it
            await asyncio.sleep(0.01)


def ready_ones(sandbox: Sandbox) -> list[int]:
    """The processes of workers that have done the spare task."""
    return [worker.pid for worker in sandbox._workers if worker.ready]


async def ready_one(sandbox: Sandbox) -> int:
    await until(lambda: len(ready_ones(sandbox)) == 1 and sandbox.idle == sandbox.limits.count)
    return ready_ones(sandbox)[0]


async def test_one_worker_is_made_ready_when_nobody_asks_for_anything() -> None:
    async with workers(3) as sandbox:
        ready = await ready_one(sandbox)
        assert {await who(sandbox, ready=True) for _ in range(4)} == {ready}


async def test_other_tasks_leave_the_ready_one_alone_while_another_is_free() -> None:
    async with workers(2) as sandbox:
        ready = await ready_one(sandbox)
        assert ready not in {await who(sandbox, ready=False) for _ in range(4)}


async def test_a_preference_is_not_waited_for() -> None:
    async with workers(2) as sandbox:
        ready = await ready_one(sandbox)
        both = await asyncio.gather(*(who(sandbox, ready=True) for _ in range(2)))
        assert ready in both
        assert len(set(both)) == 2


async def test_the_one_after_the_ready_one_is_made_ready_as_well() -> None:
    async with workers(1, recycle_after=2) as sandbox:
        first = await ready_one(sandbox)
        await who(sandbox, ready=True)
        await until(lambda: ready_ones(sandbox) not in ([], [first]))
        second = await ready_one(sandbox)
        assert await who(sandbox, ready=True) == second


async def test_a_spare_task_that_fails_leaves_the_workers_as_they_were(caplog: pytest.LogCaptureFixture) -> None:
    async with workers(2, spare=f"{HERE}:fail") as sandbox:
        await until(lambda: any("drill:fail" in line for line in caplog.messages) and sandbox.idle == 2)
        assert not ready_ones(sandbox)
        assert len(set(await asyncio.gather(*(who(sandbox, ready=True) for _ in range(2))))) == 2


async def test_the_free_workers_are_counted() -> None:
    async with workers(2, spare="") as sandbox:
        assert sandbox.idle == 2
        task = asyncio.create_task(sandbox.run(f"{HERE}:sleep", {}, wall_seconds=1))
        await until(lambda: sandbox.idle == 1)
        with pytest.raises(Temporary):
            await task
        await until(lambda: sandbox.idle == 2)


async def test_who_gives_up_waiting_for_the_end_of_a_worker_leaves_it_to_the_others() -> None:
    async with workers(1, spare="") as sandbox:
        (worker,) = sandbox._workers
        worker.kill()
        first = asyncio.create_task(worker.gone())
        while not worker._cleaned:  # noqa: ASYNC110  from here on it waits for the line to be closed
            await asyncio.sleep(0)
        first.cancel()
        await worker.gone()
        assert first.cancelled()
