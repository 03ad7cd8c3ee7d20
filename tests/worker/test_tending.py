"""Backends are tended when they want to be, at once after a callback, and again after a fault."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model import status as say
from smtpfax.model.abilities import Tended
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Temporary
from smtpfax.worker import tending
from smtpfax.worker.tending import AGAIN, Tender
from tests.worker.shop import Bench, Line, bench


@dataclass(slots=True)
class Wanting(Line):
    """Wants to be tended; `says` is what each time comes to."""

    says: list[Tended | Exception] = field(default_factory=list)
    tended: int = 0

    async def tend(self) -> Tended:
        self.tended += 1
        told = self.says.pop(0) if self.says else Tended(again=timedelta(hours=1))
        if isinstance(told, Exception):
            raise told
        return told


def tender(here: Bench, woken: list[None]) -> Tender:
    return Tender(here.shop.backends, here.shop.store, clock=here.shop.clock, wake=lambda: woken.append(None))


async def test_what_moved_is_due_and_the_worker_is_woken(tmp_path: Path) -> None:
    line = Wanting("a", offers=["t1"], says=[Tended(again=timedelta(minutes=9), moved=["t1"])])
    async with bench(tmp_path, line) as here:
        job, woken = await here.step(await here.job()), list[None]()
        assert job.due > here.now
        assert await tender(here, woken).once("a") == timedelta(minutes=9)
        assert (await here.stands(job)).due == here.now
        assert woken


@pytest.mark.parametrize(("after", "wait"), [(None, 60), (300, 300), (5, 60)])
async def test_after_a_fault_it_is_tended_again_later(tmp_path: Path, after: int | None, wait: int) -> None:
    pause = timedelta(seconds=after) if after else None
    fault: Fault = Temporary(say.BACKEND_DOWN, cause=Cause.BACKEND, after=pause)
    async with bench(tmp_path, Wanting("a", says=[fault])) as here:
        assert await tender(here, []).once("a") == timedelta(seconds=wait)


async def test_the_loop_tends_at_once_when_it_is_called_and_outlives_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tending, "GATHERED", 0.0)
    line = Wanting("a", says=[ValueError("a bug")])
    async with bench(tmp_path, line, Line("b")) as here:
        made = tender(here, [])
        running = asyncio.create_task(made.run())
        async with asyncio.timeout(10):
            while line.tended < 3:
                made.called("a")
                made.called("b")
                made.called("nobody")
                await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert timedelta(hours=1) > AGAIN
