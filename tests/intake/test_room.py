"""Sessions that found room under a cap at the same time do not pass it together."""

from __future__ import annotations

import asyncio
from pathlib import Path

from smtpfax.intake.crowd import MOST_IN_HAND, Room
from smtpfax.spool import Disk
from tests.intake.door import Here, door, with_manners

LINE = b"x" * 76 + b"\r\n"


class Noting(Disk):
    """Notes how much is written at a time."""

    def __init__(self) -> None:
        self.written: list[int] = []

    def write(self, descriptor: int, octets: memoryview) -> int:
        self.written.append(len(octets))
        return super().write(descriptor, octets)


async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *lines: str) -> str:
    """The reply to the last of these lines."""
    heard = b""
    for line in lines:
        writer.write(line.encode() + b"\r\n")
        heard = await reader.readline()
    return heard.decode()


async def asked(here: Here, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A session that was told 250 for one recipient, and waits with its content."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    here.clients.append(writer)
    await reader.readline()
    rcpt = f"RCPT TO:<+120255501{number:02}@capped.example>"
    heard = await say(reader, writer, "HELO mail.acme.example", f"MAIL FROM:<p{number}@acme.example>", rcpt)
    assert heard.startswith("250")
    return reader, writer


async def test_content_is_taken_only_while_there_is_room(tmp_path: Path) -> None:
    async with door(tmp_path) as here, asyncio.timeout(20):
        sessions = [await asked(here, number) for number in range(8)]
        for reader, writer in sessions:
            assert (await say(reader, writer, "DATA")).startswith("354")
        for place, (_, writer) in enumerate(sessions):
            writer.write(f"Subject: {place}\r\n\r\nfax {place}\r\n.\r\n".encode())
        heard = sorted([(await reader.readline()).decode() for reader, _ in sessions])
        assert [line[:9] for line in heard] == ["250 2.0.0"] * 3 + ["452 4.7.1"] * 5
        jobs = await here.store.jobs.page(final=False, limit=20)
        assert len(jobs.rows) == 3
        used = here.store.usage.now().hours["faxbox thrifty/capped"]
        assert [what.faxes for what in used.values()] == [3]  # what was reserved in vain is free again


async def test_where_much_is_in_all_hands_little_is_read_and_written_at_a_time(tmp_path: Path) -> None:
    disk = Noting()
    async with door(tmp_path, with_manners(max_octets=1_000_000), disk=disk) as here, asyncio.timeout(20):
        reader, writer = await asked(here, 1)
        assert (await say(reader, writer, "DATA")).startswith("354")
        here.load.in_hand += MOST_IN_HAND + 1  # other sessions'
        writer.write(b"Subject: large\r\n\r\n" + LINE * 8000 + b".\r\n")
        assert (await reader.readline()).startswith(b"250 2.0.0")
        here.load.in_hand -= MOST_IN_HAND + 1
    assert sum(disk.written) == len(b"Subject: large\r\n\r\n" + LINE * 8000)
    assert max(disk.written) <= len(Room().less) + len(LINE)
