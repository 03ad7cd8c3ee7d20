"""What one client may have: sessions, octets on their way, our patience with those who do not read."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from pathlib import Path

import pytest

from smtpfax.intake.proofs.play import Trust
from smtpfax.model.attempt import Outcome
from tests.intake.client import CONTENT, Client, attempts, nobody_is_left, until
from tests.intake.door import Here, door, with_manners

NOBODY = Trust()


async def test_one_client_may_have_so_many_sessions_and_another_as_many(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(trust=NOBODY, max_sessions_each=2)) as here:
        first, _ = await Client.to(here), await Client.to(here)
        third = await Client.silent(here)
        assert await third.hears("421") == "421 4.7.0 too many connections from your address, close one of them first"
        await third.hears_the_end()
        await Client.to(here, by="127.0.0.9")
        assert await first.asks("QUIT") == ["221 2.0.0 bye"]
        await first.hears_the_end()

        async def gone() -> bool:
            return here.server.sessions == 2

        await until(gone)
        await Client.to(here)


async def test_clients_that_settings_name_are_not_counted(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(max_sessions_each=1)) as here:
        for _ in range(3):
            await Client.to(here)
        assert here.server.sessions == 3


async def test_mails_that_arrive_together_have_a_bound_and_what_passes_it_is_deferred(tmp_path: Path) -> None:
    large = CONTENT + b"x" * 998 + b"\r\n" + b"y" * 998 + b"\r\n"
    async with door(tmp_path, with_manners(max_arriving=3000)) as here:
        one, two = await Client.to(here), await Client.to(here)
        await one.starts_a_mail()
        await one.says(large)
        await arrived(here, len(large))
        assert (await two.sends_a_mail(large)).startswith("452 4.3.1")
        assert (await two.asks("MAIL FROM:<ann@acme.example> SIZE=2000"))[0].startswith("452 4.3.1")
        await one.says(b".\r\n")
        await one.hears("250")
        assert (await two.sends_a_mail(large)).startswith("250")
        assert Counter(await attempts(here)) == {Outcome.TAKEN: 2, Outcome.DEFERRED: 2}


async def test_a_mail_that_goes_away_makes_room(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(max_arriving=3000)) as here:
        client = await Client.to(here)
        await client.starts_a_mail()
        await client.says(b"z" * 998 + b"\r\n")
        await arrived(here, 1000)
        client.vanishes()
        await arrived(here, 0)


async def arrived(here: Here, octets: int) -> None:
    async def there() -> bool:
        return here.load.octets == octets

    await until(there)


@pytest.mark.parametrize("words", [b"NOOP\r\n", b"VRFY x\r\n"])
async def test_a_client_that_never_reads_is_not_heard_and_then_cut_off(tmp_path: Path, words: bytes) -> None:
    async with door(tmp_path, with_manners(command_seconds=0.3, max_idle=10**9)) as here:
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", here.port))
            with pytest.raises(ConnectionError):
                await floods(deaf, words)
            await nobody_is_left(here)


async def floods(deaf: socket.socket, words: bytes) -> None:
    """More than all buffers on the way hold."""
    for _ in range(1000):
        await asyncio.get_running_loop().sock_sendall(deaf, words * 8192)


async def test_less_free_space_than_the_floor_defers_a_mail_at_once(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        client = await Client.to(here)
        await client.asks("EHLO x")
        here.spool._min_free = here.spool.free_bytes() + 10**9
        assert (await client.asks("MAIL FROM:<ann@acme.example>"))[0].startswith("452 4.3.1")
        here.spool._min_free = 0
        assert await client.asks("MAIL FROM:<ann@acme.example>") == ["250 2.1.0 ok"]
