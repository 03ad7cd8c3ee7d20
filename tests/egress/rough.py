"""A server of bare octets, for what no well-made HTTP server can be asked to do.

In:    a behaviour: what it does with a connection once it has read the whole request.
Out:   the requests that it saw, as they stood on the wire.
Fails: never.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Rough:
    """Where it listens, and what it saw."""

    port: int = 0
    seen: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address, by a number."""
        return f"http://127.0.0.1:{self.port}"


def says(answer: bytes) -> Behaviour:
    """Answer, and hang up."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return behave


def ok(body: bytes = b"{}", *, status: str = "200 OK", headers: bytes = b"") -> Behaviour:
    """A well-formed answer."""
    length = str(len(body)).encode()
    return says(b"HTTP/1.1 " + status.encode() + b"\r\nContent-Length: " + length + b"\r\n" + headers + b"\r\n" + body)


drops = says(b"")


async def never_answers(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Wait until the client has had enough."""
    await reader.read()


async def trickles(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An octet at a time, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


@asynccontextmanager
async def rough(behave: Behaviour, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Rough]:
    """Serve on a free port."""
    state = Rough()

    tasks: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        with suppress(OSError, asyncio.IncompleteReadError):
            state.seen.append(await _request(reader))
            await behave(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        await asyncio.gather(*(task for task in tasks if task is not None))  # else a connection outlives its loop
        await server.wait_closed()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return head + await reader.readexactly(int(value))
    return head
