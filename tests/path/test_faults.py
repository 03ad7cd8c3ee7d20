"""Disk full, database locked, backend down, relay down: deferred, never lost, and everything goes on afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import smtplib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtpfax.testing import Catcher, sample_mail, sample_pdf
from tests.dispatch.fake_kazoo import FakeKazoo
from tests.path.daemon import DOMAIN, NUMBER, PAGES, SENDER, Wish, daemon, read_mail, run, until
from tests.path.test_kills import NUMBERS, finished, kazoo_wish

TO = f"{NUMBER}@{DOMAIN}"


def reply(port: int, *, subject: str = "x", to: str = TO, filler: int = 0) -> str:
    """What a mail is answered after its content, or before."""
    mail = sample_mail(sender=SENDER, to=to, subject=subject, pdf=sample_pdf(PAGES) + b"%" * filler)
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.ehlo("x")
        for code, text in (client.mail(SENDER), client.rcpt(to)):
            if code != 250:
                return f"{code} {text.decode()}"
        code, text = client.data(mail.as_bytes().replace(b"\n", b"\r\n"))
        return f"{code} {text.decode()}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
async def test_a_full_disk_defers_and_everything_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    small = tmp_path / "spool"
    small.mkdir()
    await run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small))
    try:
        async with daemon(tmp_path, Wish(inline=10_000)) as here:
            ballast = small / "ballast"
            ballast.write_bytes(b"x" * 900_000)
            answer = await asyncio.to_thread(reply, here.smtp, subject="large", filler=400_000)
            assert answer.startswith("452 4.3.1")

            async def let_go() -> bool:
                return shutil.disk_usage(small).free > 140_000

            await until(let_go)  # of what came of the large one
            # Small enough to be kept in the database, but its document finds no room: it waits.
            ballast.write_bytes(b"x" * 1_040_000)
            answer = await asyncio.to_thread(reply, here.smtp, subject="small")
            assert answer.startswith(("4", "250"))
            ballast.unlink()
            assert (await asyncio.to_thread(reply, here.smtp, subject="large", filler=400_000)).startswith("250")
            await asyncio.to_thread(reply, here.smtp, subject="small")
            await here.told(2)
            await here.stop()
    finally:
        await run("umount", str(small))


async def test_a_locked_database_defers_and_everything_goes_on_when_it_is_free(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        lock = sqlite3.connect(tmp_path / "state" / "smtpfax.db", isolation_level=None)
        try:
            lock.execute("BEGIN IMMEDIATE")
            answer = await asyncio.to_thread(reply, here.smtp)
            assert answer.startswith("451 4.3.0")
            lock.execute("ROLLBACK")
        finally:
            lock.close()
        assert (await asyncio.to_thread(reply, here.smtp)).startswith("250 2.0.0")
        await here.told(1)


async def test_a_backend_that_is_down_costs_no_try_and_is_used_when_it_is_back(tmp_path: Path) -> None:
    far = FakeKazoo(lambda: datetime.now(UTC))
    async with far:
        url, port = far.url, int(far.url.split(":")[2].split("/")[0])
    async with daemon(tmp_path, kazoo_wish(url)) as here:
        to = f"{NUMBERS[0]}@{DOMAIN}"
        job_id = (await asyncio.to_thread(reply, here.smtp, to=to)).split()[2] + "-1"

        async def deferred() -> bool:
            job = await here.job(job_id)
            return bool(job["state"] == "rendered" and job["attempts"] == 0 and "cannot be reached" in job["text"])

        await until(deferred)
        async with FakeKazoo(lambda: datetime.now(UTC)).at(port) as back:
            await here.smtpfax("queue", "retry", job_id)
            await finished(here, back, [NUMBERS[0]])


async def test_a_relay_that_is_down_gets_its_notices_when_it_is_back(tmp_path: Path) -> None:
    caught: list[bytes] = []
    async with daemon(tmp_path) as here:
        await here.stop()
        text = here.config.read_text()
        port = next(line for line in text.splitlines() if line.startswith("relay")).split(":")[1].strip('"')
        catcher = Catcher(lambda content, _: caught.append(content))
        here.config.write_text(text.replace(f'relay = "127.0.0.1:{port}"', f'relay = "127.0.0.1:{catcher.reserve()}"'))
        await here.start()
        job_id = (await asyncio.to_thread(reply, here.smtp)).split()[2] + "-1"
        await here.ends(job_id)

        async def deferred() -> bool:
            return b"notice" in here.log.read_bytes() and b"deferred" in here.log.read_bytes()

        await until(deferred)
        await catcher.open()
        await here.kill()
        await here.start()

        async def arrived() -> bool:
            return bool(caught)

        await until(arrived, seconds=90)
        await catcher.close()
        assert read_mail(caught[0])["Subject"].startswith("Fax sent")
