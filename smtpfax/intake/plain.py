"""A plain connection: what asyncio's own transport does for one, without what that costs.

In:    a connected socket; octets to send.
Out:   what comes, to a BufferedProtocol; each write is sent at once, and what the kernel does not take, when it does.
Fails: never beyond itself: what the network or the protocol does wrong ends this connection alone.

Rule: as asyncio has it, whose TLS takes the socket over (`detach`). The end is told once, and never from within a call
of the protocol's own.
"""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

from smtpfax import logs

from .ears import Loop

MOST_UNSENT, LEAST_UNSENT = 64 * 1024, 16 * 1024  # octets: from here on the protocol is to pause, from there to go on
_IN, _OUT = select.EPOLLIN, select.EPOLLOUT
_AGAIN = (BlockingIOError, InterruptedError)
_NOBODY = asyncio.BufferedProtocol()
Argument = TypeVar("Argument")
log = logs.get("smtpd")


class Plain(asyncio.Transport):
    """One connection's transport."""

    __slots__ = (
        *("_descriptor", "_loop", "_peer", "_protocol", "_sock"),
        *("_closing", "_ended", "_events", "_full", "_given", "_paused", "_sent", "_unsent"),
    )

    def __init__(self, loop: Loop, sock: socket.socket, peer: object) -> None:
        self._loop = loop
        self._sock = sock
        self._peer = peer
        self._descriptor = sock.fileno()
        self._protocol = _NOBODY  # who answers
        self._unsent = bytearray()
        self._sent: asyncio.Future[None] | None = None  # who waits until nothing is unsent
        self._events = 0  # that we wait for
        self._paused = False  # the protocol wants nothing
        self._ended = False  # nothing more is read
        self._full = False  # the protocol was asked to pause
        self._closing = False
        self._given = False  # to somebody else, or up

    def begin(self, answer: Callable[[], asyncio.BufferedProtocol]) -> None:
        """Who answers this connection is told of it, and may speak first."""
        self._edge(self._begin, answer)

    def ready(self, events: int) -> None:
        """There is something to read, or room to send, or the end."""
        self._edge(self._ready, events)

    # What a protocol uses.

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send, or keep to be sent."""
        if self._closing:
            return
        if not self._unsent:
            sent = self._send(data)
            if sent == len(data) or self._closing:
                return
            data = data[sent:]
        self._unsent += data
        self._attend()
        if len(self._unsent) > MOST_UNSENT and not self._full:
            self._full = True
            self._protocol.pause_writing()

    def close(self) -> None:
        """Send what is unsent, and end."""
        if not self._closing:
            self._closing = True
            self._attend()
            if not self._unsent:
                self._end(None)

    def abort(self) -> None:
        """End now, whoever has the socket."""
        if self._given:
            with suppress(OSError):  # it is closed already, or the client is gone
                self._sock.shutdown(socket.SHUT_RDWR)
        self._end(None)

    def is_closing(self) -> bool:
        """Whether nothing more can be written."""
        return self._closing

    def pause_reading(self) -> None:
        """What comes is to wait where it is."""
        self._paused = True
        self._attend()

    def resume_reading(self) -> None:
        """It may come."""
        self._paused = False
        self._attend()

    def is_reading(self) -> bool:
        """Whether what comes is read."""
        return not (self._paused or self._ended or self._closing)

    def get_write_buffer_size(self) -> int:
        """Octets that are unsent."""
        return len(self._unsent)

    def get_extra_info(self, name: str, default: object = None) -> object:
        """`peername`, `sockname` or `socket`."""
        match name:
            case "peername":
                return self._peer
            case "sockname":
                return self._sock.getsockname()
            case "socket":
                return self._sock
        return default

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who answers."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Who answers from now on."""
        self._protocol = cast("asyncio.BufferedProtocol", protocol)

    async def detach(self) -> socket.socket:
        """Let go of the socket once all is sent; not an octet more is read. ConnectionError, if it ends before."""
        self._ended = True  # whatever the protocol resumes meanwhile
        self._attend()
        while self._unsent:
            self._sent = self._loop.create_future()
            await self._sent
        if self._closing:
            raise ConnectionResetError("the client went away")
        self._given = self._closing = True
        self._protocol = _NOBODY
        return self._sock

    # What happens to it.

    def _edge(self, act: Callable[[Argument], None], argument: Argument) -> None:
        try:
            act(argument)
        except Exception:  # the connection's edge: others go on
            log.exception("bug", peer=self._peer)
            self._end(None)

    def _begin(self, answer: Callable[[], asyncio.BufferedProtocol]) -> None:
        self._protocol = answer()
        self._protocol.connection_made(self)
        self._attend()

    def _ready(self, events: int) -> None:
        if events & ~_OUT and self._events & _IN:
            self._receive()
        if events & ~_IN and self._unsent:
            self._send_on()

    def _receive(self) -> None:
        protocol = self._protocol
        try:
            octets = self._sock.recv_into(protocol.get_buffer(-1))
        except _AGAIN:
            return
        except OSError as error:
            self._end(error)
            return
        if octets:
            protocol.buffer_updated(octets)
        elif protocol.eof_received():
            self._ended = True
            self._attend()
        else:
            self.close()

    def _send(self, data: bytes | bytearray | memoryview[Any]) -> int:
        try:
            return self._sock.send(data)
        except _AGAIN:
            return 0
        except OSError as error:
            self._end(error)
            return 0

    def _send_on(self) -> None:
        sent = self._send(self._unsent)
        del self._unsent[:sent]
        if self._full and len(self._unsent) <= LEAST_UNSENT:
            self._full = False
            self._protocol.resume_writing()
        if not self._unsent:
            self._all_sent()

    def _all_sent(self) -> None:
        self._attend()
        if self._closing:
            self._end(None)
        elif self._sent is not None and not self._sent.done():
            self._sent.set_result(None)

    def _attend(self) -> None:
        """Have the kernel tell what we wait for, and nothing else."""
        events = 0 if self._paused or self._ended or self._closing else _IN
        if self._unsent:
            events |= _OUT
        if events != self._events:
            self._events = events
            self._loop.ears.attend(self, self._descriptor, events)

    def _end(self, error: Exception | None) -> None:
        if self._given:
            return
        self._given = self._closing = True
        self._unsent.clear()
        self._attend()
        self._loop.call_soon(self._edge, self._bury, error)

    def _bury(self, error: Exception | None) -> None:
        protocol, self._protocol = self._protocol, _NOBODY
        if self._sent is not None and not self._sent.done():
            self._sent.set_result(None)  # `detach` sees that there is nothing left
        try:
            protocol.connection_lost(error)
        finally:
            self._sock.close()
