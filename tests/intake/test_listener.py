"""Where connections come in: sockets of all kinds, descriptors that run out, clients that are gone already."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from smtpfax.intake import listener
from smtpfax.intake.ears import running
from smtpfax.intake.listener import Listener
from smtpfax.intake.plain import Plain

SHORT = "no connection can be taken"


class Greeting(asyncio.BufferedProtocol):
    """Greets each with its own name for it, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, Plain)
        transport.write(repr(transport.get_extra_info("peername")).encode())
        transport.close()


@asynccontextmanager
async def listening(sock: socket.socket) -> AsyncIterator[Listener]:
    """At this socket."""
    here = Listener(running(), sock, Greeting)
    try:
        yield here
    finally:
        here.close()
        await asyncio.sleep(0)  # the last end is told then


class Faulty(socket.socket):
    """Accepts nobody as long as there are faults."""

    faults: list[int]

    def accept(self) -> tuple[socket.socket, object]:
        if self.faults:
            raise OSError(self.faults.pop(0), "a fault")
        return super().accept()


def faulty(*faults: int) -> Faulty:
    """On the loopback."""
    sock = Faulty()
    sock.faults = list(faults)
    sock.bind(("127.0.0.1", 0))
    return sock


async def greeted(where: tuple[str, int] | str) -> tuple[str, str]:
    """A new client's name for itself, and the greeting."""
    opening = asyncio.open_unix_connection(where) if isinstance(where, str) else asyncio.open_connection(*where)
    async with asyncio.timeout(10):
        reader, writer = await opening
        name = writer.get_extra_info("sockname")
        words = (await reader.read()).decode()
        writer.close()
        return repr(name), words


async def test_the_client_is_known_by_its_name() -> None:
    async with listening(socket.create_server(("127.0.0.1", 0))) as here:
        name, words = await greeted(("127.0.0.1", here.port))
        assert words == name


async def test_an_ipv6_client_is_known_by_its_name() -> None:
    async with listening(socket.create_server(("::1", 0), family=socket.AF_INET6)) as here:
        name, words = await greeted(("::1", here.port))
        assert words == name


async def test_a_client_of_a_unix_socket_has_none(tmp_path: Path) -> None:
    path = str(tmp_path / "smtp.sock")
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(path)
    async with listening(sock):
        assert (await greeted(path))[1] == "''"


@pytest.mark.parametrize("fault", [errno.ECONNABORTED, errno.EPROTO, errno.ENETUNREACH, errno.EINTR])
async def test_a_client_that_is_gone_already_is_no_matter(fault: int, caplog: pytest.LogCaptureFixture) -> None:
    async with listening(faulty(fault, fault)) as here:
        name, words = await greeted(("127.0.0.1", here.port))
        assert words == name
    assert caplog.records == []


@pytest.mark.parametrize("fault", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EINVAL])
async def test_where_something_runs_out_clients_wait_and_it_is_told_once(
    fault: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "REST", 0.01)
    sock = faulty(fault, fault, fault)
    async with listening(sock) as here:
        where = ("127.0.0.1", here.port)
        name, words = await greeted(where)
        assert words == name
        assert [record.getMessage() for record in caplog.records] == [SHORT]
        sock.faults = [fault]
        await greeted(where)
        assert [record.getMessage() for record in caplog.records] == [SHORT] * 2


async def test_clients_wait_for_descriptors(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "REST", 0.01)
    async with listening(socket.create_server(("127.0.0.1", 0))) as here:
        loop = asyncio.get_running_loop()
        with socket.socket() as client:
            client.setblocking(False)
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            free = os.dup(client.fileno())  # the lowest that is
            os.close(free)
            resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
            try:
                await loop.sock_connect(client, ("127.0.0.1", here.port))
                async with asyncio.timeout(10):
                    while not caplog.records:  # noqa: ASYNC110 - nobody tells us
                        await asyncio.sleep(0.01)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            async with asyncio.timeout(10):
                assert await loop.sock_recv(client, 99) == repr(client.getsockname()).encode()
    assert [record.getMessage() for record in caplog.records] == [SHORT]


async def test_a_listener_that_rests_can_be_closed(caplog: pytest.LogCaptureFixture) -> None:
    async with listening(faulty(errno.EMFILE)) as here:
        where = ("127.0.0.1", here.port)
        _, writer = await asyncio.open_connection(*where)
        async with asyncio.timeout(10):
            while not caplog.records:  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(0)
        writer.close()
        here.close()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection(*where)


async def test_a_socket_that_cannot_listen_is_told() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(OSError):  # noqa: PT011 - the kernel's word
        Listener(running(), sock, Greeting)
