"""The loop with ears: who is heard, in which company, and who is not heard any more."""

from __future__ import annotations

import asyncio
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from smtpfax.intake.ears import AT_A_TIME, Ears, running


@dataclass(slots=True)
class Listening:
    """An ear at a socket that has something to read, and is not read."""

    ears: Ears
    near: socket.socket
    far: socket.socket
    hears: Callable[[Listening], None] = lambda _: None
    heard: list[int] = field(default_factory=list)

    def ready(self, events: int) -> None:
        self.heard.append(events)
        self.hears(self)

    def attend(self, events: int) -> None:
        """Wait for these."""
        self.ears.attend(self, self.near.fileno(), events)


@contextmanager
def listening(count: int, hears: Callable[[Listening], None] = lambda _: None) -> Iterator[list[Listening]]:
    """So many of them."""
    all_of_them = [Listening(running().ears, *socket.socketpair(), hears) for _ in range(count)]
    for each in all_of_them:
        each.far.send(b"1")
        each.attend(select.EPOLLIN)
    try:
        yield all_of_them
    finally:
        for each in all_of_them:
            each.attend(0)
            each.near.close()
            each.far.close()


async def test_all_are_heard_though_many_have_something_all_the_time() -> None:
    with listening(3 * AT_A_TIME) as ears:
        async with asyncio.timeout(10):
            while not all(each.heard for each in ears):  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(0)
        assert {events for each in ears for events in each.heard} == {select.EPOLLIN}


async def test_what_asyncio_waits_for_is_heard_though_ears_have_something_all_the_time() -> None:
    loop, near, far = running(), *socket.socketpair()
    near.setblocking(False)
    with listening(3 * AT_A_TIME), near, far:
        told: asyncio.Future[str] = loop.create_future()
        thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(told.set_result, "by a thread"))
        async with asyncio.timeout(10):
            thread.start()
            assert await told == "by a thread"
            far.send(b"by a socket")
            assert await loop.sock_recv(near, 100) == b"by a socket"
            assert await asyncio.sleep(0.01, "by the clock") == "by the clock"
        thread.join()


async def test_one_who_was_ended_by_another_in_the_same_turn_is_not_heard() -> None:
    def end_the_others(one: Listening) -> None:
        for each in ears:
            if each is not one:
                each.attend(0)

    with listening(4, end_the_others) as ears:
        for _ in range(5):
            await asyncio.sleep(0)
        assert sum(bool(each.heard) for each in ears) == 1


async def test_an_ear_may_wait_for_something_else() -> None:
    with listening(1, lambda one: one.attend(select.EPOLLOUT)) as [ear]:
        async with asyncio.timeout(10):
            while select.EPOLLOUT not in ear.heard:  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(0)
        assert ear.heard[:2] == [select.EPOLLIN, select.EPOLLOUT]


def test_a_loop_without_ears_is_no_loop_for_the_door() -> None:
    async def door() -> None:
        running()

    with pytest.raises(TypeError):
        asyncio.run(door())
