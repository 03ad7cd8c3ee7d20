"""The SMTP door's listeners.

In:    sockets that are bound already.
Out:   a Door for each connection, in the daemon's own loop.
Fails: OSError, when a socket cannot listen.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from functools import partial

from .desk import Desk
from .front import Front
from .protocol import Door
from .proxy import DIRECTLY, Came, Proxied
from .registry import Registry


class Server:
    """All listeners of the SMTP door."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._registry = Registry()
        self._servers: list[asyncio.Server] = []

    async def open(self, sockets: Sequence[socket.socket], *, tls: bool = False) -> None:
        """Begin to listen; `tls`: it is spoken from the first octet on."""
        loop = asyncio.get_running_loop()
        answer = partial(self._answer, loop, tls)
        for sock in sockets:
            # Not aiosmtpd's Controller: that brings a loop and a thread of its own, and cancels mails when it stops.
            make = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
            self._servers.append(await make(answer, sock=sock, backlog=1024))

    def _answer(self, loop: asyncio.AbstractEventLoop, tls: bool) -> asyncio.BaseProtocol:
        """What a new connection meets: where there are load balancers, first the question who it is."""
        manners, converse = self._desk.manners, partial(self._door, loop, tls)
        if manners.proxies:
            return Front(converse, self._registry, manners.proxies, seconds=manners.command_seconds)
        return converse()

    def _door(self, loop: asyncio.AbstractEventLoop, tls: bool, proxied: Proxied | None = None) -> Door:
        came = Came(tls=tls, proxied=proxied) if tls or proxied else DIRECTLY
        return Door(self._desk, self._registry, loop, came)

    async def close(self, seconds: float) -> None:
        """Stop accepting, then drain. `wait_closed` is not asked: from Python 3.12 it waits for idle clients."""
        for server in self._servers:
            server.close()
        await self._registry.drain(seconds)

    @property
    def port(self) -> int:
        """The port of the first listener, for those who asked for any that is free."""
        return int(self._servers[0].sockets[0].getsockname()[1])

    @property
    def sessions(self) -> int:
        """How many are open."""
        return len(self._registry)
