"""The daemon's event loop, which hears the door's plain connections while it waits.

In:    ears, each with a descriptor and the events it waits for; whatever else asyncio is to wait for.
Out:   a call to each ear for which the kernel has something; the rest to asyncio, as ever.
Fails: never: what an ear cannot bear is its own affair.

Rule: asyncio makes a handle, a context and a selector's key of each event, which costs more than to hear and answer a
line of SMTP. Here ears are called from within the selector, so many at a time, each of them once; what else the loop
has to do comes between two such times. All that asyncio itself waits for is one descriptor among the ears'.
"""

from __future__ import annotations

import asyncio
import select
import selectors
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

AT_A_TIME = 32  # descriptors; epoll goes round among those that have something


class Ear(Protocol):
    """Whoever waits for a descriptor."""

    def ready(self, events: int) -> None:
        """What it waits for is there, or an error or the end (epoll_ctl(2))."""


class Ears(selectors.BaseSelector):
    """All of a loop's."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._waiting: dict[int, Ear] = {}  # by descriptor
        self._others = selectors.EpollSelector()  # what asyncio waits for
        self._epoll.register(self._others, select.EPOLLIN)

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

    # What asyncio asks of a selector.

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait so many seconds for anything, and have ears hear what is theirs."""
        others, waiting = list[tuple[selectors.SelectorKey, int]](), self._waiting
        for descriptor, events in self._epoll.poll(timeout if timeout is None else max(timeout, 0), AT_A_TIME):
            ear = waiting.get(descriptor)
            if ear is not None:
                ear.ready(events)
            elif descriptor == self._others.fileno():  # else one before it has just ended it
                others = self._others.select(0)
        return others

    def register(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> selectors.SelectorKey:
        """For asyncio."""
        return self._others.register(fileobj, events, data)

    def modify(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> selectors.SelectorKey:
        """For asyncio."""
        return self._others.modify(fileobj, events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        """For asyncio."""
        return self._others.unregister(fileobj)

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:
        """What asyncio waits for."""
        return self._others.get_map()

    def close(self) -> None:
        """Nobody is to be heard any more."""
        self._waiting.clear()
        self._others.close()
        self._epoll.close()


class Loop(asyncio.SelectorEventLoop):
    """An event loop with ears."""

    def __init__(self) -> None:
        self.ears = Ears()
        super().__init__(self.ears)


def running() -> Loop:
    """The one that runs. TypeError: it has no ears."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, Loop):
        raise TypeError("the door needs a loop with ears")
    return loop
