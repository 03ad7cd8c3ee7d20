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
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from smtpfax.model.errors import Fault

from .values import Json
from .wire import fault_head, frame

_LOOK_SECONDS = 0.2
Clock = Callable[[], float]
_line: list[socket.socket] = []


def speak_on(line: socket.socket) -> None:
    """The worker has begun."""
    _line[:] = [line]


def note(**what: Json) -> None:
    """Tell our side what is known so far, should this be the last that it hears."""
    if _line:
        for piece in frame({"note": what}):
            _line[0].sendall(piece)


@contextmanager
def within(seconds: float, fault: Fault, clock: Clock = time.process_time) -> Iterator[None]:
    """End the process with this fault when what is inside uses more CPU, by this clock; outside a worker, let it."""
    if not _line:
        yield
        return
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(clock, clock() + seconds, fault, done), daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()


def _watch(clock: Clock, end: float, fault: Fault, done: threading.Event) -> None:
    while not done.wait(_LOOK_SECONDS):
        if clock() > end:
            for piece in frame({**fault_head(fault), "last": True}):
                _line[0].sendall(piece)
            os._exit(0)
