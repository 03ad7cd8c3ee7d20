"""A loop goes on, whatever a round of it ends in."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from smtpfax import logs
from smtpfax.model.errors import Temporary
from smtpfax.model.status import OUR_FAULT
from smtpfax.worker.rounds import Rounds


class Room:
    """Its rounds end in these, one after the other; then it says that all are over."""

    def __init__(self, *ends: bool | Exception) -> None:
        self.ends = list(ends)
        self.over = asyncio.Event()

    async def round(self) -> bool:
        if not self.ends:
            self.over.set()
            return False
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end


async def rung(room: Room, rounds: Rounds) -> None:
    """Until its rounds are over; each but the last is rung for."""
    task = asyncio.create_task(rounds.run())
    async with asyncio.timeout(20):
        while not room.over.is_set():
            rounds.ring()
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_faults_and_bugs_are_told_and_the_next_round_comes(caplog: pytest.LogCaptureFixture) -> None:
    room = Room(Temporary(OUR_FAULT, reason="the store is gone"), ValueError("a bug"), True, False)
    with caplog.at_level(logging.ERROR):
        await rung(room, Rounds(room.round, poll=timedelta(hours=1), log=logs.get("test")))
    assert [record.getMessage() for record in caplog.records] == ["cannot go round", "bug"]


async def test_without_a_ring_it_looks_by_itself() -> None:
    room = Room(False)
    task = asyncio.create_task(Rounds(room.round, poll=timedelta(milliseconds=1), log=logs.get("test")).run())
    async with asyncio.timeout(20):
        await room.over.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
