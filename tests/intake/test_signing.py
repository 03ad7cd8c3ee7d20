"""Signing in as a session goes through it; what is said stands in dialogs/auth-*."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from time import monotonic

import pytest

from smtpfax.intake.proofs.auth import MOST_BY_ADDRESS
from tests.intake.client import Client, certified, nobody_is_left
from tests.intake.door import Here, door

USER = "ann@acme.example"


def plain(password: str, user: str = USER) -> str:
    """The command."""
    return f"AUTH PLAIN {base64.b64encode(f'{chr(0)}{user}{chr(0)}{password}'.encode()).decode()}"


async def greeted(here: Here) -> Client:
    """A session over TLS, after EHLO."""
    client = await Client.by_tls(here)
    await client.asks("EHLO x")
    return client


async def test_the_log_line_of_a_mail_names_tls_and_user(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "smtpfax.smtpd")
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await greeted(here)
        await client.asks(plain("correct horse"))
        assert (await client.sends_a_mail()).startswith("250")
        assert (await (await Client.to(here)).sends_a_mail(b"Subject: bare\r\n\r\nx\r\n")).startswith("250")
    secure, bare = [vars(record)["smtpfax_fields"] for record in caplog.records if record.getMessage() == "taken"]
    assert (secure["tls"], secure["user"]) == ("TLSv1.3", USER)
    assert not {"tls", "user"} & bare.keys()


async def test_a_user_of_another_account_proves_nothing_here(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await greeted(here)
        assert (await client.asks(plain("correct horse")))[0].startswith("235")
        await client.asks(f"MAIL FROM:<{USER}>")
        assert (await client.asks("RCPT TO:<+12025550123@others.example>"))[0].startswith("550")


async def test_an_address_that_guessed_too_often_is_shut_out_whatever_it_says(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        for _ in range(int(MOST_BY_ADDRESS) + 1):
            here.sign_in._by_address.add("127.0.0.1", monotonic())
        client = await greeted(here)
        for reply in ("454 4.7.0", "454 4.7.0", "421 4.7.0"):
            assert (await client.asks(plain("correct horse")))[0].startswith(reply)
        await client.hears_the_end()


@pytest.mark.parametrize("word", ["AUTH LOGIN", "AUTH PLAIN"])
async def test_a_client_that_goes_while_it_is_asked_leaves_nobody_behind(tmp_path: Path, word: str) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await greeted(here)
        assert (await client.asks(word))[0].startswith("334")
        client.writer.close()
        await nobody_is_left(here)


async def test_a_client_that_is_being_asked_is_told_when_we_close(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        client = await greeted(here)
        await client.asks("AUTH LOGIN")
        draining = asyncio.create_task(here.server.close(seconds=10))
        await client.hears("421")
        await client.hears_the_end()
        await draining
