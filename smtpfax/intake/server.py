"""The SMTP door's listeners.

In:    sockets that are bound already.
Out:   a Door for each connection, in the daemon's own loop.
Fails: OSError, when a socket cannot listen.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from functools import partial

from .desk import Desk
from .ears import running
from .front import Front
from .listener import Listener
from .protocol import Door
from .proxy import DIRECTLY, Came, Proxied
from .registry import Registry


class Server:
    """All listeners of the SMTP door."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._registry = Registry(lambda: desk.manners.command_seconds)
        self._listeners: list[Listener] = []

    async def open(self, sockets: Sequence[socket.socket], *, tls: bool = False) -> None:
        """Begin to listen; `tls`: it is spoken from the first octet on."""
        loop = running()
        answer = partial(self._answer, partial(self._door, loop, tls))
        for sock in sockets:
            # Not aiosmtpd's Controller: that brings a loop and a thread of its own, and cancels mails when it stops.
            self._listeners.append(Listener(loop, sock, answer))

    def _answer(self, converse: Callable[[Proxied | None], Door]) -> asyncio.BufferedProtocol:
        """What a new connection meets: where there are load balancers, first the question who it is."""
        manners = self._desk.manners
        if manners.proxies:
            return Front(converse, self._registry, manners.proxies, seconds=manners.command_seconds)
        return converse(None)

    def _door(self, loop: asyncio.AbstractEventLoop, tls: bool, proxied: Proxied | None) -> Door:
        came = Came(tls=tls, proxied=proxied) if tls or proxied else DIRECTLY
        return Door(self._desk, self._registry, loop, came)

    async def close(self, seconds: float) -> None:
        """Stop accepting, then drain."""
        for listener in self._listeners:
            listener.close()
        await self._registry.drain(seconds)

    @property
    def port(self) -> int:
        """The port of the first listener, for those who asked for any that is free."""
        return self._listeners[0].port

    @property
    def sessions(self) -> int:
        """How many are open."""
        return len(self._registry)
