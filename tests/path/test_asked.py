"""What a mail program asks for by ESMTP parameters, on the whole path: notices as wanted, and faxes at their time."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, Message
from email.policy import SMTP
from pathlib import Path
from typing import cast

from tests.path.daemon import DOMAIN, NUMBER, SENDER, Daemon, daemon, until

BUSY, NOBODY = "+12025550151", "+12025550199"
RETURNS = """
[[accounts]]
id = "acme"
  [[accounts.faxboxes]]
  id = "sales"
  return_content = true
  notifications = {outbound = {email = {send_to = ["boss@acme.example"]}}}
"""
Rcpt = tuple[str, str]  # a number, and what is asked for it


def sent(here: Daemon, text: str, *recipients: Rcpt, options: Sequence[str] = ()) -> list[str]:
    """The jobs of a mail that is taken; smtplib itself asks for what the server does not offer, too."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = text, SENDER, "fax"
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", here.smtp, timeout=30) as client:
        client.ehlo()
        assert {"dsn", "futurerelease", "deliverby", "limits"} <= set(client.esmtp_features)
        assert client.mail(SENDER, options)[0] == 250
        for number, asked in recipients:
            assert client.rcpt(f"{number}@{DOMAIN}", asked.split())[0] == 250
        code, said = client.data(mail.as_bytes(policy=SMTP))
    assert code == 250, said
    return [f"{said.decode().split()[1]}-{place}" for place, _ in enumerate(recipients, 1)]


async def send(here: Daemon, text: str, *recipients: Rcpt, options: Sequence[str] = ()) -> list[str]:
    return await asyncio.to_thread(sent, here, text, *recipients, options=options)


def report(notice: EmailMessage) -> tuple[Message, Message]:
    """The fields of the mail, and those of its recipient."""
    part = next(part for part in notice.walk() if part.get_content_type() == "message/delivery-status")
    of_mail, of_recipient = cast("list[Message]", part.get_payload())
    return of_mail, of_recipient


async def test_each_recipient_of_a_mail_is_told_of_as_it_asked(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        recipients = [
            (NUMBER, "NOTIFY=SUCCESS ORCPT=rfc822;archive+2Bfax@acme.example"),
            (f"FAX={NOBODY}", "NOTIFY=NEVER"),
            (f"FAX={NOBODY[:-1]}8", "NOTIFY=FAILURE"),
            (f"FAX={NUMBER}/T33S=1", "NOTIFY=FAILURE"),
        ]
        jobs = await send(here, "asked", *recipients, options=["ENVID=QQ+20314159", "RET=FULL"])
        states = [(await here.ends(job))["state"] for job in jobs]
        assert states == ["sent", "failed", "failed", "sent"]
        await here.told(2)
        last = await send(here, "the last one", (NUMBER, ""))  # whatever came before it has been told of by then
        notices = await here.told(3)
        assert await here.ends(last[0])
        told = {str(notice["Message-ID"]).split("-")[1]: report(notice) for notice in notices[:2]}
        assert sorted(told) == ["1", "3"]
        (mail, sent_to), (_, failed) = told["1"], told["3"]
        assert mail["Original-Envelope-Id"] == "QQ 314159"
        assert sent_to["Original-Recipient"] == "rfc822; archive+fax@acme.example"
        assert (sent_to["Action"], sent_to["Status"]) == ("delivered", "2.0.0")
        assert (failed["Action"], failed["Status"]) == ("failed", "5.1.2")
        assert failed["Original-Recipient"] == f"rfc822; FAX={NOBODY[:-1]}8@{DOMAIN}"
        # RET=FULL, but the faxbox does not say that content may travel.
        assert not any(part.get_content_type() == "message/rfc822" for notice in notices for part in notice.walk())


async def test_a_faxbox_that_returns_content_does_and_tells_its_own_people_of_all(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        (tmp_path / "returns.toml").write_text(RETURNS)
        await here.smtpfax("apply", str(tmp_path / "returns.toml"))
        [job] = await send(here, "come back", (NOBODY, "NOTIFY=NEVER"), options=["RET=FULL"])
        await here.ends(job)
        [notice] = await here.told(1)
        assert notice["To"] == "boss@acme.example"
        *_, returned = notice.iter_parts()
        assert returned.get_content_type() == "message/rfc822"
        [original] = cast("list[EmailMessage]", returned.get_payload())
        assert original["Subject"] == "come back"
        assert original.get_content().strip() == "come back"


async def test_a_scheduled_fax_waits_with_its_pages_over_a_restart_and_goes_at_its_time(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        [by_for] = await send(here, "for", (NUMBER, ""), options=["HOLDFOR=8"])
        until_then = (datetime.now(UTC) + timedelta(seconds=8)).isoformat(timespec="seconds").replace("+00:00", "Z")
        [by_until] = await send(here, "until", (NUMBER, ""), options=[f"HOLDUNTIL={until_then}"])
        [now] = await send(here, "now", (NUMBER, ""))
        assert (await here.ends(now))["state"] == "sent"
        assert [(await here.record(job))["state"] for job in (by_for, by_until)] == ["rendered", "rendered"]
        await here.kill()
        await here.start()
        for job in (by_for, by_until):
            ended = await here.ends(job)
            assert ended["state"] == "sent"


async def test_what_is_not_sent_by_its_time_is_told_of_once(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        [late] = await send(here, "late", (BUSY, ""), options=["BY=8;N"])
        [soon] = await send(here, "soon", (NUMBER, "NOTIFY=DELAY"), options=["BY=10;N"])
        assert (await here.ends(soon))["state"] == "sent"
        [notice] = await here.told(1)
        assert notice["Message-ID"] == f"<{late}-late-0@mx.acme.example>"
        assert str(notice["Subject"]).startswith(f"Fax delayed to {BUSY}")
        _, recipient = report(notice)
        assert (recipient["Action"], recipient["Status"]) == ("delayed", "4.4.0")

        async def over() -> bool:
            return f"{soon}-late-0" in here.log.read_text()

        await until(over)  # its time came, and found it sent
        assert len(here.notices) == 1
