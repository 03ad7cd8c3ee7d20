"""The SMTP door's listeners.

In:    sockets that are bound already.
Out:   a Door for each connection, in the daemon's own loop.
Fails: OSError, when a socket cannot listen.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from .desk import Desk
from .protocol import Door
from .registry import Registry


class Server:
    """All listeners of the SMTP door."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._registry = Registry()
        self._servers: list[asyncio.Server] = []

    async def open(self, sockets: Sequence[socket.socket]) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        for sock in sockets:
            # Not aiosmtpd's Controller: that brings a loop and a thread of its own, and cancels mails when it stops.
            make = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
            self._servers.append(await make(lambda: Door(self._desk, self._registry, loop), sock=sock, backlog=1024))

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
