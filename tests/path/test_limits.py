"""Limits on the whole path: a slip of the finger is asked back over a restart, and caps and prices are kept."""

from __future__ import annotations

import asyncio
import re
import smtplib
import urllib.request
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from tests.path.daemon import DOMAIN, NUMBER, SENDER, Daemon, daemon, until

SLIP = "+12025550124"  # two digits changed places
GUARDED = """
[[accounts]]
id = "acme"
  [[accounts.faxboxes]]
  id = "sales"
  first_time_guard = true
  dial = {deny_prefixes = ["+1212"]}
  caps = {faxes_per_day = 6}
"""


def mailed(here: Daemon, local_part: str, text: str) -> tuple[int, str]:
    """What the door says to a mail."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = text, SENDER, "fax"
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", here.smtp, timeout=30) as client:
        client.ehlo()
        client.mail(SENDER)
        code, said = client.rcpt(f"{local_part}@{DOMAIN}")
        if code == 250:
            code, said = client.data(mail.as_bytes(policy=SMTP))
        return code, said.decode()


async def mail(here: Daemon, local_part: str, text: str) -> tuple[int, str]:
    return await asyncio.to_thread(mailed, here, local_part, text)


def job_of(said: str) -> str:
    return said.split()[1] + "-1"


def answered(link: str, answer: str) -> str:
    with urllib.request.urlopen(link, f"answer={answer}".encode() if answer else None, timeout=20) as page:
        return str(page.read().decode())


@pytest.mark.parametrize(("answer", "state"), [("send", "failed"), ("cancel", "cancelled")])
async def test_a_slip_is_asked_back_and_its_link_outlives_a_restart(tmp_path: Path, answer: str, state: str) -> None:
    async with daemon(tmp_path) as here:
        (tmp_path / "guard.toml").write_text(GUARDED)
        assert "first_time_guard set to True" in await here.smtpfax("apply", str(tmp_path / "guard.toml"))
        for usual in range(3):
            code, said = await mail(here, NUMBER, f"usual {usual}")
            assert code == 250
            assert (await here.ends(job_of(said)))["state"] == "sent"
        code, said = await mail(here, f"{SLIP}/to=Ann_Lee", "a slip")
        assert code == 250
        question = next(notice for notice in await here.told(4) if "Is this fax number right?" in notice["Subject"])
        link = re.search(r"^http://\S+", str(question.get_body(("plain",)).get_content()), re.M)  # type: ignore[union-attr]
        assert link is not None
        await here.kill()
        await here.start()
        assert f"Send it to {SLIP}" in await asyncio.to_thread(answered, link[0], "")
        assert (await here.job(job_of(said)))["state"] == "rendered"
        await asyncio.to_thread(answered, link[0], answer)
        ended = await here.ends(job_of(said))
        assert (ended["state"], ended["to_name"]) == (state, "Ann Lee")  # nobody has that number on this exchange


async def test_prices_and_caps_are_kept(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        (tmp_path / "guard.toml").write_text(GUARDED)
        await here.smtpfax("apply", str(tmp_path / "guard.toml"))
        code, said = await mail(here, "+19005551234", "premium")
        assert (code, "premium-rate" in said) == (550, True)
        code, said = await mail(here, "+12125550100", "denied")
        assert (code, "begin like this one" in said) == (550, True)
        told = await here.smtpfax("number", "+12125550100", "--faxbox", "acme/sales", "--json", code=1)
        assert told == ""
        for fax in range(6):
            assert (await mail(here, NUMBER, f"fax {fax}"))[0] == 250
        code, said = await mail(here, NUMBER, "one too many")
        assert (code, "no more than 6 faxes in 24 hours, try again after" in said) == (452, True)

        async def logged() -> bool:
            rows = (await here.get("/v2/smtplog"))["data"]
            return any("5.7.1" in str(row) and "+1900" in str(row) for row in rows)

        assert await until(logged)  # a refusal is kept within a second, not before its reply
        await here.kill()
        await here.start()
        assert (await mail(here, NUMBER, "still one too many"))[0] == 452
        assert await logged()
