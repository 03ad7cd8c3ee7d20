"""The clients of the soak: honest ones, slow ones, and those that vanish.

In:    the port of an SMTP door.
Out:   KINDS: each kind of client, and how often it comes; Load, what was taken from them.
Fails: OSError, TimeoutError, IncompleteReadError, when the door cuts or keeps silent.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import ssl
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

ENVELOPE = b"MAIL FROM:<ann@acme.example>\r\nRCPT TO:<+12025550142@fax.acme.example> NOTIFY=SUCCESS\r\nDATA\r\n"
TEXT = b"Subject: mail %d\r\nMessage-ID: <%d@acme.example>\r\n\r\nSome words of a fax.\r\n%s.\r\n"
BINARY = b"Content-Type: application/x-unknown\r\nContent-Transfer-Encoding: base64\r\n"
TAKEN = re.compile(rb"250 2\.0\.0 ([0-9a-z]+) taken")
TRUSTING = ssl.create_default_context()
TRUSTING.check_hostname, TRUSTING.verify_mode = False, ssl.CERT_NONE


@dataclass(slots=True)
class Load:
    """What the clients did, and what was taken from them."""

    port: int
    counts: Counter[str] = field(default_factory=Counter)
    taken: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)

    def mail(self, more: bytes = b"") -> bytes:
        """A mail unlike any other, with its final dot."""
        number = next(self.numbers)
        return TEXT % (number, number, more)


class Talk:
    """One connection."""

    def __init__(self, load: Load) -> None:
        self.load = load

    async def __aenter__(self) -> Talk:
        """Connect, and say hello."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.load.port)
        await self.hears()
        await self.says(b"EHLO soak.example\r\n")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Go."""
        self.writer.close()

    async def says(self, octets: bytes, *, replies: int = 1) -> bytes:
        """Say it, and hear so many replies; the last one."""
        self.writer.write(octets)
        await self.writer.drain()
        heard = b""
        for _ in range(replies):
            heard = await self.hears()
        return heard

    async def hears(self) -> bytes:
        """One whole reply."""
        async with asyncio.timeout(60):
            while (line := await self.reader.readline())[3:4] == b"-":
                pass
        return line

    async def mails(self, content: bytes) -> None:
        """A whole mail, and what became of it."""
        await self.says(ENVELOPE, replies=3)
        self.notes(await self.says(content))

    def notes(self, reply: bytes) -> None:
        """What became of a mail."""
        self.load.counts[reply[:3].decode()] += 1
        if found := TAKEN.match(reply):
            self.load.taken.add(found[1].decode())

    def vanishes(self) -> None:
        """Cut, with a reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Client = Callable[[Load], Awaitable[None]]


async def small(load: Load) -> None:
    """One mail over a connection of its own."""
    async with Talk(load) as talk:
        await talk.mails(load.mail())
        await talk.says(b"QUIT\r\n")


async def kept(load: Load) -> None:
    """Five mails over one."""
    async with Talk(load) as talk:
        for _ in range(5):
            await talk.mails(load.mail())


async def in_one_piece(load: Load) -> None:
    """All commands and the content at once."""
    async with Talk(load) as talk:
        talk.notes(await talk.says(ENVELOPE + load.mail(), replies=4))


async def secured(load: Load) -> None:
    """By STARTTLS."""
    async with Talk(load) as talk:
        await talk.says(b"STARTTLS\r\n")
        await talk.writer.start_tls(TRUSTING)
        await talk.says(b"EHLO soak.example\r\n")
        await talk.mails(load.mail())


async def large(load: Load) -> None:
    """Some hundred kilobytes to some megabytes, of a kind that cannot be faxed."""
    async with Talk(load) as talk:
        lines = b"".join(random.randbytes(30).hex().encode() + b"\r\n" for _ in range(3000)) * random.randint(5, 40)
        await talk.mails(BINARY + load.mail(lines))


async def refused(load: Load) -> None:
    """A stranger, and what is no number."""
    async with Talk(load) as talk:
        await talk.says(b"MAIL FROM:<eve@evil.example>\r\nRCPT TO:<+12025550142@fax.acme.example>\r\n", replies=2)
        await talk.says(b"RSET\r\nMAIL FROM:<ann@acme.example>\r\nRCPT TO:<x@fax.acme.example>\r\nJUNK\r\n", replies=4)


async def vanishing(load: Load) -> None:
    """Cut at some step."""
    async with Talk(load) as talk:
        whole = ENVELOPE + load.mail(b"x" * 70 + b"\r\n" * random.choice((1, 9000)))
        talk.writer.write(whole[: random.choice((40, 90, len(whole) - 50, len(whole)))])
        await asyncio.sleep(random.choice((0, 0, 0.05)))
        talk.vanishes()


async def slow(load: Load) -> None:
    """A line every half second."""
    async with Talk(load) as talk:
        await talk.says(ENVELOPE, replies=3)
        *lines, last = load.mail(b"word\r\n" * 20).splitlines(keepends=True)
        for line in lines:
            talk.writer.write(line)
            await asyncio.sleep(0.5)
        talk.notes(await talk.says(last))


async def idle(load: Load) -> None:
    """It only sits there."""
    async with Talk(load):
        await asyncio.sleep(20)


KINDS: Mapping[Client, int] = {
    small: 30,
    kept: 5,
    in_one_piece: 10,
    secured: 10,
    large: 2,
    refused: 15,
    vanishing: 15,
    slow: 2,
    idle: 2,
}
