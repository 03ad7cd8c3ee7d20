"""Mails that differ in nothing but what is their own: whatever is remembered of the first, each is kept as it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model.job import Job
from smtpfax.model.mail import Mail
from smtpfax.store import AttemptFilter
from smtpfax.store.attempts import AttemptRow
from tests.intake.client import Client
from tests.intake.door import Here, door, with_manners

FAX, OTHER, CAPPED = "+12025550123@fax.example", "+12025550124@fax.example", "+12025550123@capped.example"
SENDER = "MAIL FROM:<ann@acme.example>"


async def mail(client: Client, subject: str, *recipients: str, sender: str = SENDER) -> str:
    """One mail; its id."""
    for command in (sender, *(f"RCPT TO:<{recipient}>" for recipient in recipients)):
        await client.says(f"{command}\r\n".encode())
        await client.hears("250 2.1")
    await client.says(b"DATA\r\n")
    await client.hears("354")
    await client.says(f"Subject: {subject}\r\nMessage-ID: <{subject}@x.example>\r\n\r\n{subject}\r\n.\r\n".encode())
    return (await client.hears("250 2.0.0")).split()[2]


async def greeted(here: Here, name: str) -> Client:
    """A session."""
    client = await Client.to(here)
    await client.says(f"EHLO {name}\r\n".encode())
    await client.hears("250 ")
    return client


async def whole(here: Here, mail_id: str) -> tuple[Mail, list[Job], list[AttemptRow]]:
    """All that is kept of it."""
    found = await here.store.mails.get(mail_id)
    rows = (await here.store.attempts.page(AttemptFilter(), limit=99)).rows
    assert found is not None
    return found, await here.store.jobs.of_mail(mail_id), [row for row in rows if row.attempt.mail_id == mail_id]


@pytest.mark.parametrize("verdict_seconds", [0, 5])
@pytest.mark.parametrize("recipients", [(FAX,), (OTHER, FAX)])
async def test_each_is_kept_with_what_is_its_own(
    tmp_path: Path, recipients: tuple[str, ...], verdict_seconds: int
) -> None:
    async with door(tmp_path, with_manners(verdict_seconds=verdict_seconds, expiry=timedelta(hours=7))) as here:
        one, two = await greeted(here, "one.example"), await greeted(here, "two.example")
        for number, client in enumerate((one, one, two, one, two)):
            subject = f"mail{number}"
            mail_id = await mail(client, subject, *recipients)
            kept, jobs, rows = await whole(here, mail_id)
            name = "one.example" if client is one else "two.example"
            assert (kept.client.helo, kept.header.subject, kept.header.message_id) == (
                name,
                subject,
                f"<{subject}@x.example>",
            )
            assert [f"{job.number}@fax.example" for job in jobs] == list(recipients)
            assert {job.expires - job.created for job in jobs} == {timedelta(hours=7)}
            assert {(job.due, job.created) for job in jobs} == {(kept.created, kept.created)}
            assert sorted(row.attempt.to for row in rows) == sorted(recipients)
            for row in rows:
                assert (row.attempt.header, row.attempt.client) == (kept.header, kept.client)
                assert row.attempt.octets == kept.content.octets
                assert mail_id in row.attempt.reply.text
            assert (await here.store.mails.inline(mail_id) or b"").endswith(f"{subject}\r\n".encode())


async def test_what_a_mail_asks_for_is_its_own(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(verdict_seconds=0)) as here:
        client = await greeted(here, "x")
        plain = await mail(client, "plain", FAX)
        asked = await mail(client, "asked", FAX, sender=f"{SENDER} ENVID=Q1")
        again = await mail(client, "again", FAX)
        wishes = [(await whole(here, mail_id))[1][0].wishes for mail_id in (plain, asked, again)]
        assert [wish and wish.envelope_id for wish in wishes] == [None, "Q1", None]


async def test_caps_are_looked_at_for_each_mail(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(verdict_seconds=0)) as here:
        client = await greeted(here, "x")
        for number in range(2):
            await mail(client, f"mail{number}", CAPPED)
        await client.says(f"{SENDER}\r\nRCPT TO:<{CAPPED}>\r\n".encode())
        await client.hears("250 2.1.0")
        await client.hears("452 4.7.1")


async def test_a_size_beyond_the_limit_is_refused_though_its_sender_is_known(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        client = await greeted(here, "x")
        for size, reply in ((1000, "250"), (1000, "503"), (10**6, "503")):
            await client.says(f"{SENDER} SIZE={size}\r\n".encode())
            await client.hears(reply)
        for size, reply in ((1000, "250"), (10**6, "552"), (1000, "250")):
            await client.says(f"RSET\r\n{SENDER} SIZE={size}\r\n".encode())
            await client.hears("250 2.0.0")
            await client.hears(reply)
