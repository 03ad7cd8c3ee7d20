"""Clients that vanish, hang, flood and half-close; disks that fill; restarts in the midst of a mail."""

from __future__ import annotations

import asyncio
import errno
import gc
import weakref
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smtpfax.model.attempt import Outcome
from smtpfax.model.cause import Cause
from smtpfax.model.event import Failed
from smtpfax.model.job import State, apply
from smtpfax.model.notice import notices_for
from smtpfax.model.status import NOTHING_TO_FAX
from smtpfax.spool import Disk
from tests.intake.client import CONTENT, Client, attempts, nobody_is_left, until
from tests.intake.door import Found, Here, door, with_manners


async def test_a_client_that_vanishes_while_we_commit_does_not_take_the_mail_with_it(tmp_path: Path) -> None:
    found = Found(reply=NOTHING_TO_FAX.reply(), gate=asyncio.Event())
    async with door(tmp_path, found=found) as here:
        client = await Client.to(here)
        await client.starts_a_mail()
        await client.says(CONTENT + b".\r\n")

        async def asked() -> bool:
            return bool(found.asked)

        await until(asked)
        client.vanishes()
        mail_id, job_ids = found.asked[0]
        assert found.gate is not None
        found.gate.set()

        async def told() -> bool:
            return await here.store.mails.reply(mail_id) is not None

        await until(told)
        assert await here.store.mails.get(mail_id) is not None
        job = await here.store.jobs.get(job_ids[0])
        assert job is not None
        assert job.state is State.QUEUED


async def test_a_client_that_half_closes_after_the_dot_still_hears_its_reply(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        client = await Client.to(here)
        await client.starts_a_mail()
        await client.says(CONTENT + b".\r\nQUIT\r\n")
        client.writer.write_eof()
        await client.hears("250")
        await client.hears("221")


async def test_a_client_that_vanishes_during_data_leaves_an_abandoned_attempt_and_no_file(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(inline_octets=100)) as here:
        client = await Client.to(here)
        await client.starts_a_mail()
        await client.says(b"x" * 78 + b"\r\n" + (b"y" * 78 + b"\r\n") * 900)
        client.vanishes()

        async def abandoned() -> bool:
            return await attempts(here) == [Outcome.ABANDONED]

        await until(abandoned)

        async def clean() -> bool:
            return not list((tmp_path / "spool").iterdir())

        await until(clean)


async def test_a_large_content_is_a_file_of_the_spool_and_equals_what_was_sent(tmp_path: Path) -> None:
    content = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 4000
    async with door(tmp_path, with_manners(inline_octets=1000)) as here:
        client = await Client.to(here)
        reply = await client.sends_a_mail(content)
        mail = await here.store.mails.get(reply.split()[2])
        assert mail is not None
        assert mail.content.octets == len(content)
        assert await here.spool.read(mail.content.name) == content
        assert mail.header.subject == "large"
        # The same mail again needs no second file.
        assert (await client.sends_a_mail(content)).split()[2] == mail.id
        assert await here.spool.kept() == [mail.content.name]


async def test_ten_recipients_are_ten_jobs_and_equal_ones_are_one(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        client = await Client.to(here)
        await client.says(b"EHLO x\r\nMAIL FROM:<ann@acme.example>\r\n")
        for number in [*range(10), 9]:
            await client.says(b"RCPT TO:<+1202555010%d@fax.example>\r\n" % number)
        await client.says(b"DATA\r\n")
        for code in ["250", "250", *["250"] * 11, "354"]:
            await client.hears(code)
        await client.says(CONTENT + b".\r\n")
        mail_id = (await client.hears("250")).split()[2]
        jobs = await here.store.jobs.of_mail(mail_id)
        assert sorted(job.number.e164 for job in jobs) == [f"+1202555010{number}" for number in range(10)]
        assert await attempts(here) == [Outcome.TAKEN] * 11


class Full(Disk):
    """A disk that is full until somebody makes room."""

    full = True

    def write(self, descriptor: int, octets: bytes) -> int:
        """No."""
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(descriptor, octets)


async def test_a_full_disk_defers_the_mail_and_the_session_goes_on(tmp_path: Path) -> None:
    disk = Full()
    async with door(tmp_path, with_manners(inline_octets=100), disk=disk) as here:
        client = await Client.to(here)
        large = b"Subject: x\r\n\r\n" + b"y" * 500 + b"\r\n"
        assert (await client.sends_a_mail(large)).startswith("452 4.3.1")
        assert await attempts(here) == [Outcome.DEFERRED]
        disk.full = False
        assert (await client.sends_a_mail(large)).startswith("250 2.0.0")


async def test_a_store_that_is_gone_defers_the_mail(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        client = await Client.to(here)
        await client.starts_a_mail()
        await here.store._database.writer.close()
        await client.says(CONTENT + b".\r\n")
        await client.hears("451")


async def test_a_mail_far_over_the_limit_is_refused_before_all_of_it_came(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(max_octets=50_000)) as here:
        client = await Client.to(here)
        await client.starts_a_mail()
        with pytest.raises((ConnectionError, AssertionError)):
            await client.floods((b"z" * 78 + b"\r\n") * 1000)
        assert await attempts(here) == [Outcome.REFUSED]


async def test_a_mail_a_little_over_the_limit_is_refused_and_the_session_goes_on(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(max_octets=50_000)) as here:
        client = await Client.to(here)
        assert (await client.sends_a_mail((b"z" * 78 + b"\r\n") * 800)).startswith("552 5.3.4")
        assert (await client.sends_a_mail()).startswith("250")


async def test_a_silent_client_hears_421_and_is_let_go(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(command_seconds=0.1)) as here:
        client = await Client.to(here)
        await client.hears("421")
        await client.hears_the_end()


async def test_a_client_too_slow_for_the_total_hears_421(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(data_seconds=0)) as here:
        client = await Client.to(here)
        await client.starts_a_mail()
        await client.says(b"Subject: x\r\n")
        await client.hears("421")


async def test_the_clock_stands_still_while_we_work(tmp_path: Path) -> None:
    found = Found(gate=asyncio.Event())
    async with door(tmp_path, with_manners(command_seconds=0.15), found) as here:
        client = await Client.to(here)
        await client.starts_a_mail()
        await client.says(CONTENT + b".\r\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await client.reader.read(1)
        assert found.gate is not None
        found.gate.set()
        await client.hears("250")


async def test_more_sessions_than_the_limit_hear_421(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(max_sessions=1)) as here:
        first = await Client.to(here)
        with pytest.raises(AssertionError, match=r"421 4\.3\.2"):
            await Client.to(here)
        await first.says(b"NOOP\r\n")
        await first.hears("250")


async def test_a_client_that_said_quit_leaves_nothing_to_the_collector(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(verdict_seconds=0)) as here:
        gc.collect()
        gc.disable()
        try:
            client = await Client.to(here)
            [guest] = map(weakref.ref, here.server._registry._guests)
            assert (await client.sends_a_mail()).startswith("250")
            await client.asks("QUIT")
            await nobody_is_left(here)
            assert guest() is None
        finally:
            gc.enable()


async def test_a_drain_tells_the_idle_and_lets_the_busy_finish(tmp_path: Path) -> None:
    found = Found(gate=asyncio.Event())
    async with door(tmp_path, found=found) as here:
        idle, busy = await Client.to(here), await Client.to(here)
        await busy.starts_a_mail()
        draining = asyncio.create_task(here.server.close(seconds=10))
        await idle.hears("421")
        await idle.hears_the_end()
        await busy.says(CONTENT + b".\r\n")
        assert found.gate is not None
        found.gate.set()
        await busy.hears("250")
        await busy.hears("421")
        await draining
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", here.port)


async def test_a_command_line_without_end_is_not_collected(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        client = await Client.to(here)
        with pytest.raises((ConnectionError, AssertionError)):
            await client.floods(b"A" * 80_000)


async def test_a_refusal_that_was_heard_withdraws_its_notice_and_one_that_was_not_does_not(tmp_path: Path) -> None:
    found = Found(reply=NOTHING_TO_FAX.reply(), gate=asyncio.Event())
    async with door(tmp_path, found=found) as here:
        talk = await Client.to(here)
        await talk.starts_a_mail()
        await talk.says(CONTENT + b".\r\n")

        async def asked() -> bool:
            return bool(found.asked)

        await until(asked)
        await fails(here, found.asked[0][1][0])
        assert found.gate is not None
        found.gate.set()
        await talk.hears("554")
        await talk.says(b"NOOP\r\n")
        await talk.hears("250")
        assert [row.became for row in await here.store.notices.of_job(found.asked[0][1][0])] == ["withdrawn"]


async def fails(here: Here, job_id: str) -> None:
    """As the worker would write it."""
    now = datetime.now(UTC)
    job = await here.store.jobs.get(job_id)
    assert job is not None
    mail = await here.store.mails.get(job.mail_id)
    assert mail is not None
    event = Failed(status=NOTHING_TO_FAX.status, cause=Cause.DOCUMENT, text=NOTHING_TO_FAX.text)
    notices = notices_for(apply(job, event, at=now), mail, None, at=now, grace=timedelta(minutes=1))
    await here.store.jobs.advance(job, [event], at=now, notices=notices)
