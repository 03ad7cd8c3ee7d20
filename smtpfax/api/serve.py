"""An HTTP door, open on sockets that somebody else made.

In:    an application and listening sockets.
Out:   answers, until it is closed; requests that are under way are finished first.
Fails: OSError for a socket that does not listen.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence

from aiohttp import web

FINISH_SECONDS = 10.0
IDLE_SECONDS = 75.0


class HttpServer:
    """One application."""

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None

    async def open(self, app: web.Application, sockets: Sequence[socket.socket]) -> None:
        """Answer on these; our own log takes the place of aiohttp's."""
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=IDLE_SECONDS,
            shutdown_timeout=FINISH_SECONDS,
        )
        await self._runner.setup()
        for sock in sockets:
            await web.SockSite(self._runner, sock).start()

    @property
    def port(self) -> int:
        """The port of the first listener, for those who asked for any that is free."""
        return int(self._runner.addresses[0][1]) if self._runner else 0

    async def close(self) -> None:
        """Take no more, finish what is under way."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
