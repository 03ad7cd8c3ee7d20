"""A client of the SMTP door with no manners of its own, and what the log says of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from smtpfax.intake.tls import Files
from smtpfax.model.attempt import Attempt, Outcome
from smtpfax.store import AttemptFilter
from tests.intake.authority import HOST, Authority, Made
from tests.intake.door import Here

ENVELOPE = b"EHLO x\r\nMAIL FROM:<ann@acme.example>\r\nRCPT TO:<+12025550123@fax.example>\r\nDATA\r\n"
CA = Authority()
CERTIFIED = CA.certify(HOST)
CONTENT = b"Subject: x\r\n\r\nhello\r\n"


def trusting() -> ssl.SSLContext:
    """What a client brings that trusts our authority."""
    return ssl.create_default_context(cadata=CA.certificate.decode())


def certified(folder: Path, made: Made = CERTIFIED) -> Files:
    """The files of a door that speaks TLS."""
    certificate, key = made.put(folder)
    return Files(certificate=certificate, key=key)


class Client:
    """A client with no manners of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, here: Here, *, by: str = "127.0.0.1", words: bytes = b"") -> Client:
        """Connect from an address, say words before all others, and hear the greeting."""
        client = await cls.silent(here, by=by)
        await client.says(words)
        await client.hears("220")
        return client

    @classmethod
    async def silent(cls, here: Here, *, by: str = "127.0.0.1", tls: bool = False) -> Client:
        """Connect."""
        port = here.tls_port if tls else here.port
        client = cls(*await asyncio.open_connection("127.0.0.1", port, local_addr=(by, 0)))
        here.clients.append(client.writer)
        return client

    @classmethod
    async def by_tls(cls, here: Here) -> Client:
        """Connect with TLS from the first octet, and hear the greeting."""
        client = cls(*await asyncio.open_connection("127.0.0.1", here.tls_port, ssl=trusting(), server_hostname=HOST))
        here.clients.append(client.writer)
        await client.hears("220")
        return client

    async def starts_tls(self) -> None:
        """The handshake after 220."""
        await self.writer.start_tls(trusting(), server_hostname=HOST)

    async def asks(self, line: str) -> list[str]:
        """A command, and all lines of its reply."""
        await self.says(line.encode() + b"\r\n")
        lines: list[str] = []
        async with asyncio.timeout(10):
            while not lines or lines[-1][3:4] == "-":
                lines.append((await self.reader.readline()).decode().rstrip())
        return lines

    async def says(self, octets: bytes) -> None:
        """Send octets."""
        self.writer.write(octets)
        await self.writer.drain()

    async def hears(self, code: str) -> str:
        """The next whole reply, which has this code."""
        async with asyncio.timeout(10):
            while True:
                line = (await self.reader.readline()).decode()
                if line[3:4] != "-":
                    assert line.startswith(code), line
                    return line.rstrip()

    async def starts_a_mail(self) -> None:
        """Up to 354."""
        await self.says(ENVELOPE)
        for code in ("250", "250", "250", "354"):
            await self.hears(code)

    async def sends_a_mail(self, content: bytes = CONTENT) -> str:
        """All of it; the reply."""
        await self.starts_a_mail()
        await self.says(content + b".\r\n")
        return await self.hears("")

    async def floods(self, octets: bytes) -> None:
        """Until it is cut, or hears a refusal where it has no right to hear anything good."""
        for _ in range(100):
            await self.says(octets)
        await self.hears("2")

    async def hears_nothing(self, *, seconds: float) -> None:
        """So long not a word is said."""
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.reader.read(1)

    async def hears_the_end(self) -> None:
        """The connection is closed."""
        async with asyncio.timeout(10):
            try:
                assert await self.reader.read() == b""
            except ConnectionError:
                return

    async def shakes_hands(self, before: bytes = b"", after: bytes = b"") -> tuple[ssl.SSLObject, ssl.MemoryBIO]:
        """TLS by hand: octets in one piece with its first ones, and words in one piece with its last ones."""
        there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
        made = trusting().wrap_bio(back, there, server_hostname=HOST)
        while True:
            try:
                made.do_handshake()
            except ssl.SSLWantReadError:
                await self.says(before + there.read())
                before = b""
                back.write(await self.reader.read(65536))
            else:
                break
        if after:
            made.write(after)
        await self.says(there.read())
        return made, back

    async def reads(self, made: ssl.SSLObject, back: ssl.MemoryBIO, until: bytes) -> bytes:
        """What is said within TLS by hand."""
        heard = b""
        async with asyncio.timeout(10):
            while until not in heard:
                back.write(await self.reader.read(65536))
                with suppress(ssl.SSLWantReadError):  # session tickets come first
                    heard += made.read(65536)
        return heard

    async def is_cut_off(self) -> None:
        """The connection is closed; whatever was said before, it is no reply to a command."""
        async with asyncio.timeout(10):
            try:
                assert b"250" not in await self.reader.read()
            except ConnectionError:
                return

    def vanishes(self) -> None:
        """Cut, with a reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.writer.transport.abort()


async def attempts(here: Here) -> list[Outcome]:
    """What the log says."""
    return [attempt.outcome for attempt in await logged(here)]


async def logged(here: Here) -> list[Attempt]:
    """The log."""
    await here.store.attempts.flush()
    return [row.attempt for row in (await here.store.attempts.page(AttemptFilter(), limit=100)).rows]


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = 10) -> None:
    """Give the other side its turns until the condition holds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what we wait for is told to a socket or a row, not to us
            await asyncio.sleep(0.01)


async def nobody_is_left(here: Here) -> None:
    """No session is open any more."""

    async def alone() -> bool:
        return here.server.sessions == 0

    await until(alone)
