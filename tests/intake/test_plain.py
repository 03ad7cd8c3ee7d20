"""Plain connections over real sockets: clients that read slowly, half-close, reset and flood."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from smtpfax.intake.ears import Ear, Loop, running
from smtpfax.intake.listener import Listener
from smtpfax.intake.plain import MOST_UNSENT, Plain

MUCH = bytes(range(256)) * 32 * 1024  # more than the kernel takes of one who is not read
WORD = 1024


class Answering(asyncio.BufferedProtocol):
    """Keeps what it is told."""

    transport: Plain

    def __init__(self) -> None:
        self.room = bytearray(WORD)
        self.heard = b""
        self.told: list[str] = []
        self.errors: list[Exception | None] = []
        self.changed = asyncio.Event()

    def tell(self, word: str) -> None:
        """Something happened."""
        self.told.append(word)
        self.changed.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, Plain)
        self.transport = transport
        self.tell("made")

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.room

    def buffer_updated(self, nbytes: int) -> None:
        self.heard += self.room[:nbytes]
        self.changed.set()

    def eof_received(self) -> bool:
        self.tell("eof")
        return True

    def pause_writing(self) -> None:
        self.tell("pause")

    def resume_writing(self) -> None:
        self.tell("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.errors.append(exc)
        self.tell("lost")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what comes to hold."""
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def lost(self) -> Exception | None:
        """Wait for the end; the error it was told, once."""
        await self.until(lambda: "lost" in self.told)
        [error] = self.errors
        return error


@dataclass(slots=True)
class House:
    """A listener, and who answers there."""

    port: int
    loop: Loop
    answering: list[Answering] = field(default_factory=list)
    streams: list[asyncio.StreamWriter] = field(default_factory=list)

    async def comes(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Answering]:
        """A client, and who answers it."""
        before = len(self.answering)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1024)
        self.streams.append(writer)
        async with asyncio.timeout(10):
            while len(self.answering) == before:  # noqa: ASYNC110 - told to the kernel, not to us
                await asyncio.sleep(0)
        return reader, writer, self.answering[-1]


@asynccontextmanager
async def house(make: Callable[[], Answering] = Answering) -> AsyncIterator[House]:
    """A door without words."""
    sock = socket.create_server(("127.0.0.1", 0))
    here = House(sock.getsockname()[1], running())

    def answer() -> Answering:
        answering = make()
        here.answering.append(answering)
        return answering

    listener = Listener(here.loop, sock, answer)
    try:
        yield here
    finally:
        listener.close()
        for writer in here.streams:
            writer.transport.abort()
        for answering in here.answering:
            if hasattr(answering, "transport"):
                answering.transport.abort()
                await answering.lost()


def resets(writer: asyncio.StreamWriter) -> None:
    """Cut, with a reset."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


async def test_who_is_there_and_where() -> None:
    async with house() as here:
        _, writer, answering = await here.comes()
        transport = answering.transport
        assert transport.get_extra_info("peername") == writer.get_extra_info("sockname")
        assert transport.get_extra_info("sockname") == writer.get_extra_info("peername")
        assert transport.get_extra_info("cipher", "none") == "none"
        assert transport.get_protocol() is answering
        sock = transport.get_extra_info("socket")
        assert isinstance(sock, socket.socket)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_words_go_both_ways() -> None:
    async with house() as here:
        reader, writer, answering = await here.comes()
        writer.write(b"EHLO x\r\n")
        await answering.until(lambda: answering.heard == b"EHLO x\r\n")
        answering.transport.write(b"250 ")
        answering.transport.write(bytearray(b"ok\r\n"))
        assert await reader.readline() == b"250 ok\r\n"


async def test_a_client_that_reads_slowly_hears_all_of_it_in_order() -> None:
    async with house() as here:
        reader, _, answering = await here.comes()
        for start in range(0, len(MUCH), 100_000):
            answering.transport.write(memoryview(MUCH)[start : start + 100_000])
        assert answering.told == ["made", "pause"]
        assert answering.transport.get_write_buffer_size() > MOST_UNSENT
        assert await reader.readexactly(len(MUCH)) == MUCH
        await answering.until(lambda: answering.told == ["made", "pause", "resume"])
        assert answering.transport.get_write_buffer_size() == 0
        answering.transport.write(b"and more")
        assert await reader.readexactly(8) == b"and more"


async def test_what_is_unsent_is_sent_before_the_end() -> None:
    async with house() as here:
        reader, _, answering = await here.comes()
        answering.transport.write(MUCH)
        answering.transport.close()
        answering.transport.close()
        answering.transport.write(b"too late")
        assert await reader.read(-1) == MUCH
        assert await answering.lost() is None


async def test_an_abort_does_not_wait_for_what_is_unsent() -> None:
    async with house() as here:
        reader, _, answering = await here.comes()
        answering.transport.write(MUCH)
        answering.transport.close()
        answering.transport.abort()
        assert await answering.lost() is None
        assert len(await reader.read(-1)) < len(MUCH)


async def test_the_end_is_told_after_the_call_that_brought_it() -> None:
    async with house() as here:
        reader, _, answering = await here.comes()
        answering.transport.close()
        assert answering.transport.is_closing()
        assert "lost" not in answering.told
        assert await reader.read(-1) == b""
        assert await answering.lost() is None


async def test_what_comes_while_reading_is_paused_comes_later() -> None:
    async with house() as here:
        _, writer, answering = await here.comes()
        answering.transport.pause_reading()
        assert not answering.transport.is_reading()
        writer.write(b"1")
        await nothing_happens(here)
        assert answering.heard == b""
        answering.transport.resume_reading()
        assert answering.transport.is_reading()
        await answering.until(lambda: answering.heard == b"1")


@dataclass(frozen=True, slots=True)
class Counting:
    """Who is called, and nothing else."""

    ear: Ear
    called: list[Ear]

    def ready(self, events: int) -> None:
        self.called.append(self.ear)


async def nothing_happens(here: House) -> None:
    """So often the loop comes round, and no ear is called, though the kernel knows of something."""
    await here.comes()  # by then whatever was said before has arrived
    waiting, called = here.loop.ears._waiting, list[Ear]()
    before = dict(waiting)
    waiting.update({descriptor: Counting(ear, called) for descriptor, ear in before.items()})
    for _ in range(50):
        await asyncio.sleep(0)
    assert called == []
    waiting.update(before)


async def test_a_client_that_says_no_more_may_still_listen() -> None:
    async with house() as here:
        reader, writer, answering = await here.comes()
        writer.write_eof()
        await answering.until(lambda: "eof" in answering.told)
        answering.transport.pause_reading()
        answering.transport.resume_reading()
        assert not answering.transport.is_reading()
        await nothing_happens(here)
        answering.transport.write(MUCH)
        answering.transport.close()
        assert await reader.read(-1) == MUCH
        assert await answering.lost() is None
        assert answering.told.count("eof") == 1


class Leaving(Answering):
    """Has no more to say to one who says no more."""

    def eof_received(self) -> bool:
        self.tell("eof")
        return False


async def test_who_has_no_more_to_say_ends_with_the_client() -> None:
    async with house(Leaving) as here:
        reader, writer, answering = await here.comes()
        answering.transport.write(MUCH)
        writer.write_eof()
        await answering.until(lambda: "eof" in answering.told)
        assert await reader.read(-1) == MUCH
        assert await answering.lost() is None


async def test_a_reset_is_told_once() -> None:
    async with house() as here:
        _, writer, answering = await here.comes()
        resets(writer)
        assert isinstance(await answering.lost(), ConnectionResetError)
        answering.transport.write(b"x")
        answering.transport.abort()
        answering.transport.close()


async def test_a_reset_in_the_midst_of_what_is_unsent_is_told_once() -> None:
    async with house() as here:
        _, writer, answering = await here.comes()
        answering.transport.pause_reading()
        answering.transport.write(MUCH)
        resets(writer)
        assert isinstance(await answering.lost(), ConnectionError)
        assert answering.transport.get_write_buffer_size() == 0


async def test_a_reset_while_nothing_is_waited_for_keeps_nobody_busy() -> None:
    async with house() as here:
        _, writer, answering = await here.comes()
        answering.transport.pause_reading()
        resets(writer)
        await nothing_happens(here)
        answering.transport.resume_reading()
        assert isinstance(await answering.lost(), ConnectionResetError)


async def test_a_write_to_one_who_is_gone_is_told_after_it() -> None:
    async with house() as here:
        _, writer, answering = await here.comes()
        answering.transport.pause_reading()
        resets(writer)
        await nothing_happens(here)
        answering.transport.write(b"x")
        assert "lost" not in answering.told
        assert isinstance(await answering.lost(), ConnectionError)


class Broken(Answering):
    """Raises where it is told to, for its first client."""

    where = ""
    left = 1

    def breaks(self, where: str) -> None:
        """Perhaps here."""
        if where == Broken.where and Broken.left:
            Broken.left -= 1
            raise LookupError(where)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.breaks("connection_made")

    def get_buffer(self, sizehint: int) -> bytearray:
        self.breaks("get_buffer")
        return super().get_buffer(sizehint)

    def buffer_updated(self, nbytes: int) -> None:
        self.breaks("buffer_updated")
        super().buffer_updated(nbytes)

    def eof_received(self) -> bool:
        self.breaks("eof_received")
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.breaks("connection_lost")


@pytest.mark.parametrize(
    "where", ["connection_made", "get_buffer", "buffer_updated", "eof_received", "connection_lost"]
)
async def test_an_exception_ends_its_own_connection_alone(where: str, caplog: pytest.LogCaptureFixture) -> None:
    Broken.where, Broken.left = where, 0
    async with house(Broken) as here:
        _, well, other = await here.comes()
        Broken.left = 1
        _, writer, answering = await here.comes()
        writer.write(b"x")
        with suppress(OSError):  # it is cut off already
            writer.write_eof()
        await answering.until(lambda: "eof" in answering.told or "lost" in answering.told)
        answering.transport.close()
        await answering.lost()
        assert [record.getMessage() for record in caplog.records] == ["bug"]
        assert Broken.left == 0
        well.write(b"x")
        await other.until(lambda: other.heard == b"x")


async def test_many_may_come_at_once() -> None:
    class Greeting(Answering):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.transport.write(b"220 ready\r\n")

    async with house(Greeting) as here:
        clients = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", here.port) for _ in range(200)))
        here.streams += [writer for _, writer in clients]
        async with asyncio.timeout(10):
            for reader, writer in clients:
                assert await reader.readline() == b"220 ready\r\n"
                writer.write(b"x")
            for answering in here.answering:
                await answering.until(lambda answering=answering: answering.heard == b"x")  # type: ignore[misc]
        assert len(here.answering) == 200


async def test_one_who_floods_keeps_nobody_else_from_being_heard() -> None:
    async with house() as here:
        _, writer, flooding = await here.comes()
        _, quiet, other = await here.comes()
        writer.write(MUCH)
        await flooding.until(lambda: bool(flooding.heard))
        quiet.write(b"x")
        await other.until(lambda: other.heard == b"x")
        assert len(flooding.heard) < len(MUCH)


async def test_no_more_than_a_buffer_is_read_before_the_loop_goes_on() -> None:
    async with house() as here:
        _, writer, answering = await here.comes()
        answering.transport.pause_reading()
        writer.write(b"x" * 10 * WORD)
        await nothing_happens(here)
        answering.transport.resume_reading()
        rounds = 0
        while len(answering.heard) < 10 * WORD:
            await asyncio.sleep(0)
            rounds += 1
            assert len(answering.heard) <= rounds * WORD


async def test_a_socket_is_let_go_of_once_all_is_sent_and_nothing_more_is_read() -> None:
    async with house() as here:
        reader, writer, answering = await here.comes()
        answering.transport.write(MUCH)
        letting = asyncio.create_task(answering.transport.detach())
        await asyncio.sleep(0)
        writer.write(b"for somebody else")
        answering.transport.pause_reading()
        answering.transport.resume_reading()
        assert not letting.done()
        assert await reader.readexactly(len(MUCH)) == MUCH
        with await letting as sock:
            assert await asyncio.get_running_loop().sock_recv(sock, 99) == b"for somebody else"
            answering.transport.write(b"not any more")
            answering.transport.close()
            answering.transport.abort()
            assert await reader.read(-1) == b""
        answering.transport.abort()
        assert answering.told == ["made", "pause", "resume"]
        assert answering.heard == b""
        here.answering.remove(answering)


@pytest.mark.parametrize("how", ["client", "house", "before"])
async def test_a_socket_that_is_gone_is_not_let_go_of(how: str) -> None:
    async with house() as here:
        _, writer, answering = await here.comes()
        if how == "before":
            answering.transport.abort()
        answering.transport.write(MUCH)
        letting = asyncio.create_task(answering.transport.detach())
        await asyncio.sleep(0)
        if how == "client":
            resets(writer)
        elif how == "house":
            answering.transport.abort()
        with pytest.raises(ConnectionError):
            await letting
        await answering.lost()
