"""TLS at the door: nothing is kept from before it, nothing of it is left behind when it fails."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from smtpfax.intake.proofs.play import Trust
from smtpfax.intake.protocol import Door
from smtpfax.model.attempt import Outcome
from tests.intake.authority import HOST
from tests.intake.client import CA, CONTENT, Client, attempts, certified, logged, nobody_is_left, until
from tests.intake.door import Found, Here, door, with_manners


async def test_starttls_is_offered_once_and_signing_in_after_it(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await Client.to(here)
        before = await client.asks("EHLO x")
        assert "250 STARTTLS" in before
        assert not any("AUTH" in line for line in before)
        assert await client.asks("STARTTLS") == ["220 2.0.0 ready for TLS"]
        await client.starts_tls()
        after = await client.asks("EHLO x")
        assert "250 AUTH PLAIN LOGIN" in after
        assert not any("STARTTLS" in line for line in after)
        assert await client.asks("STARTTLS") == ["503 5.5.1 TLS is in use already"]


async def test_without_a_certificate_neither_is_offered(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        client = await Client.to(here)
        offered = await client.asks("EHLO x")
        assert not any("STARTTLS" in line or "AUTH" in line for line in offered)
        assert (await client.asks("STARTTLS"))[0].startswith("502 ")


@pytest.mark.parametrize("first", [False, True])
async def test_what_tls_was_agreed_upon_stands_in_the_record(tmp_path: Path, first: bool) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await (Client.by_tls(here) if first else Client.to(here))
        if not first:
            await client.asks("STARTTLS")
            await client.starts_tls()
        assert (await client.sends_a_mail()).startswith("250")
        [attempt] = await logged(here)
        made = client.writer.get_extra_info("ssl_object")
        assert (attempt.client.tls, attempt.client.cipher) == (made.version(), made.cipher()[0])
        assert attempt.client.tls == "TLSv1.3"


async def test_a_mail_without_tls_has_none_in_its_record(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        assert (await (await Client.to(here)).sends_a_mail()).startswith("250")
        [attempt] = await logged(here)
        assert (attempt.client.tls, attempt.client.cipher) == ("", "")


async def test_words_that_came_behind_starttls_are_not_obeyed_within_it(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await Client.to(here)
        await client.says(b"EHLO x\r\nSTARTTLS\r\nEHLO injected\r\nMAIL FROM:<eve@acme.example>\r\n")
        await client.hears("250")
        await client.hears("220")
        await client.starts_tls()
        assert await client.asks("MAIL FROM:<ann@acme.example>") == ["503 5.5.1 EHLO first"]


async def test_words_between_starttls_and_the_handshake_end_the_connection(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await Client.to(here)
        await client.asks("STARTTLS")
        await client.says(b"EHLO injected\r\nMAIL FROM:<eve@acme.example>\r\n")
        await client.is_cut_off()
        await nobody_is_left(here)


async def test_the_transaction_and_the_name_from_before_are_forgotten(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await Client.to(here)
        for line in ("EHLO x", "MAIL FROM:<ann@acme.example>", "RCPT TO:<+12025550123@fax.example>"):
            assert (await client.asks(line))[-1].startswith("250")
        await client.asks("STARTTLS")
        await client.starts_tls()
        assert await client.asks("DATA") == ["503 5.5.1 MAIL first"]
        assert await client.asks("MAIL FROM:<ann@acme.example>") == ["503 5.5.1 EHLO first"]
        assert await attempts(here) == [Outcome.ABANDONED]


async def test_words_that_come_with_the_end_of_the_handshake_are_heard(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await Client.to(here)
        await client.asks("STARTTLS")
        made, back = await client.shakes_hands(after=b"EHLO at.once\r\n")
        heard = await client.reads(made, back, until=b"250 AUTH")
        assert heard.startswith(b"250-mx.fax.example\r\n")


@pytest.mark.parametrize("first", [False, True])
async def test_a_handshake_that_fails_leaves_nobody_behind(tmp_path: Path, first: bool) -> None:
    async with door(tmp_path, with_manners(trust=Trust()), files=certified(tmp_path)) as here:
        client = await Client.silent(here, tls=first)
        if not first:
            await client.hears("220")
            await client.asks("STARTTLS")
        await client.says(b"\x16\x03\x01" + b"\xff" * 100)
        await client.is_cut_off()
        await nobody_is_left(here)
        await Client.to(here)


@pytest.mark.parametrize("how", ["vanishes", "closes"])
async def test_a_client_that_goes_in_the_midst_of_a_handshake_leaves_nobody_behind(tmp_path: Path, how: str) -> None:
    async with door(tmp_path, with_manners(trust=Trust()), files=certified(tmp_path)) as here:
        client = await Client.to(here)
        await client.asks("STARTTLS")
        await client.says(b"\x16\x03\x01\x02\x00")
        client.vanishes() if how == "vanishes" else client.writer.close()
        await nobody_is_left(here)


@pytest.mark.parametrize("first", [False, True])
async def test_a_handshake_does_not_last_for_ever(tmp_path: Path, first: bool) -> None:
    async with door(tmp_path, with_manners(command_seconds=0.2, trust=Trust()), files=certified(tmp_path)) as here:
        client = await Client.silent(here, tls=first)
        if not first:
            await client.hears("220")
            await client.asks("STARTTLS")
        await client.is_cut_off()
        await nobody_is_left(here)


@pytest.mark.parametrize("first", [False, True])
async def test_a_drain_does_not_wait_for_a_handshake(tmp_path: Path, first: bool) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await Client.silent(here, tls=first)
        if not first:
            await client.hears("220")
            await client.asks("STARTTLS")
        await (await Client.to(here)).asks("QUIT")  # by then the handshake is waited for

        async with asyncio.timeout(2):
            await here.server.close(seconds=0.1)
        await client.is_cut_off()
        await nobody_is_left(here)


async def test_a_client_that_reads_late_may_still_begin_tls(tmp_path: Path) -> None:
    manners = with_manners(max_errors=10**6, max_idle=10**6, max_sessions=1)
    async with door(tmp_path, manners, files=certified(tmp_path)) as here:
        client = await unheard(here)
        async with asyncio.timeout(10):
            while not (await client.reader.readline()).startswith(b"220 2.0.0"):
                pass
        await client.starts_tls()
        assert "250 AUTH PLAIN LOGIN" in await client.asks("EHLO x")


async def test_a_client_that_never_reads_is_not_waited_for_before_tls(tmp_path: Path) -> None:
    manners = with_manners(max_errors=10**6, max_idle=10**6, command_seconds=0.3)
    async with door(tmp_path, manners, files=certified(tmp_path)) as here:
        await unheard(here)
        await nobody_is_left(here)


async def unheard(here: Here) -> Client:
    """A client to which so much was said that 220 for TLS is still unsent."""
    client = await Client.to(here)
    [guest] = here.server._registry._guests
    assert isinstance(guest, Door)
    assert guest.transport is not None
    guest.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    await client.says((b"EHLO x\r\n") * 8000)
    await client.says(b"STARTTLS\r\n")
    return client


async def test_a_new_certificate_is_for_new_sessions_and_old_ones_go_on(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        old = await Client.by_tls(here)
        certified(tmp_path, CA.certify("renewed.example", HOST))
        new = await Client.by_tls(here)
        names = [names_of(client) for client in (old, new)]
        assert names == [[HOST], ["renewed.example", HOST]]
        for client in (old, new):
            assert (await client.sends_a_mail()).startswith("250")


def names_of(client: Client) -> list[str]:
    shown = client.writer.get_extra_info("ssl_object").getpeercert()
    return [name for _, name in shown["subjectAltName"]]


async def test_a_large_mail_comes_through_whole(tmp_path: Path) -> None:
    content = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 100_000
    async with door(tmp_path, with_manners(max_octets=10**7, max_arriving=10**7), files=certified(tmp_path)) as here:
        client = await Client.by_tls(here)
        reply = await client.sends_a_mail(content)
        mail = await here.store.mails.get(reply.split()[2])
        assert mail is not None
        assert await here.spool.read(mail.content.name) == content


async def test_a_client_that_closes_after_the_dot_has_its_mail_kept(tmp_path: Path) -> None:
    found = Found(gate=asyncio.Event())
    async with door(tmp_path, found=found, files=certified(tmp_path)) as here:
        client = await Client.by_tls(here)
        await client.starts_a_mail()
        await client.says(CONTENT + b".\r\n")
        client.writer.close()

        async def asked() -> bool:
            return bool(found.asked)

        await until(asked)
        assert found.gate is not None
        found.gate.set()
        assert await attempts(here) == [Outcome.TAKEN]


async def test_a_drain_is_told_within_tls(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await Client.by_tls(here)
        draining = asyncio.create_task(here.server.close(seconds=10))
        await client.hears("421")
        await client.hears_the_end()
        await draining


async def test_one_too_many_is_cut_off_where_words_would_not_be_understood(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(max_sessions=1), files=certified(tmp_path)) as here:
        await Client.to(here)
        with pytest.raises(OSError):  # noqa: PT011 - of a kind for each place in the handshake
            await Client.by_tls(here)
