"""A worker's last word: when a library of a foreign language does not come back, its task still ends in a sentence.

In:    the line to our side; what is known so far; seconds of CPU, and the fault to be told when they are over.
Out:   nothing, when the work is done in time.
Fails: never; past its time the fault is sent as the worker's last answer, and the process ends.

Rule: Python cannot interrupt a call into a library; but while that call runs, another thread can speak.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from smtpfax.model.errors import Fault

from .values import Json
from .wire import fault_head, frame

_LOOK_SECONDS = 0.2


Clock = Callable[[], float]


class _Watch:
    """A thread that sleeps until something is to be done in time; there is one for the worker's whole life."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._begun = threading.Event()
        self.due: tuple[Clock, float, Fault] | None = None
        threading.Thread(target=self._live, daemon=True).start()

    def begin(self, clock: Clock, end: float, fault: Fault) -> None:
        """From now on."""
        self.due = (clock, end, fault)
        self._begun.set()  # after `due`: then none is slept over

    def _live(self) -> None:
        while self._begun.wait():
            self._begun.clear()
            while (due := self.due) is not None:
                clock, end, fault = due
                if clock() > end:
                    self.speak({**fault_head(fault), "last": True})
                    os._exit(0)
                time.sleep(_LOOK_SECONDS)

    def speak(self, head: Mapping[str, Json]) -> None:
        """To our side."""
        for piece in frame(dict(head)):
            self._line.sendall(piece)


_watches: list[_Watch] = []


def speak_on(line: socket.socket) -> None:
    """The worker has begun."""
    _watches[:] = [_Watch(line)]


def note(**what: Json) -> None:
    """Tell our side what is known so far, should this be the last that it hears."""
    if _watches:
        _watches[0].speak({"note": what})


@contextmanager
def within(seconds: float, fault: Fault, clock: Clock = time.process_time) -> Iterator[None]:
    """End the process with this fault when what is inside uses more CPU, by this clock; outside a worker, let it."""
    if not _watches:
        yield
        return
    watch = _watches[0]
    outer = watch.due
    watch.begin(clock, clock() + seconds, fault)
    try:
        yield
    finally:
        watch.due = outer
