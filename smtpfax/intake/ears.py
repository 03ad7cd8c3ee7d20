"""All plain connections of the door, heard in one place: an epoll object of our own within asyncio's loop.

In:    ears, each with a descriptor and the events it waits for.
Out:   a call to each of them for which the kernel has something.
Fails: never: what an ear cannot bear is its own affair.

Rule: asyncio makes a handle, a context and a selector's key of each event, which costs more than to hear and answer a
line of SMTP. Here a turn hears so many, each of them once, and what else the loop has to do comes between two turns.
"""

from __future__ import annotations

import asyncio
import select
from typing import Protocol

AT_A_TIME = 32  # ears in one turn; epoll goes round among those that wait


class Ear(Protocol):
    """Whoever waits for a descriptor."""

    def ready(self, events: int) -> None:
        """What it waits for is there, or an error or the end (epoll_ctl(2))."""


class Ears:
    """All of a door's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._epoll = select.epoll()
        self._waiting: dict[int, Ear] = {}  # by descriptor
        loop.add_reader(self._epoll.fileno(), self._turn)

    def attend(self, ear: Ear, descriptor: int, events: int) -> None:
        """Wait for these from now on; 0: for none, and a descriptor that is to be closed must have none."""
        if not events:
            if self._waiting.pop(descriptor, None) is not None:
                self._epoll.unregister(descriptor)
        elif descriptor in self._waiting:
            self._epoll.modify(descriptor, events)
        else:
            self._epoll.register(descriptor, events)
            self._waiting[descriptor] = ear

    def close(self) -> None:
        """Nobody is to be heard any more."""
        self.loop.remove_reader(self._epoll.fileno())
        self._waiting.clear()
        self._epoll.close()

    def _turn(self) -> None:
        for descriptor, events in self._epoll.poll(0, AT_A_TIME):
            ear = self._waiting.get(descriptor)
            if ear is not None:  # or one before it in this turn has ended it
                ear.ready(events)
