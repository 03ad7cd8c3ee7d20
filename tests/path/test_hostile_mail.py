"""A bomb in a mail, over SMTP to a real daemon: a 554 that names the part, while other mails go on."""

from __future__ import annotations

import asyncio
import smtplib
import time
from pathlib import Path

from tests.path.daemon import DOMAIN, NUMBER, SENDER, Daemon, Wish, daemon
from tests.render.corpus import TEXT, pdf
from tests.render.hostile import FILES, attached


def send(here: Daemon, content: bytes) -> tuple[str, float]:
    """The reply after DATA, and how long it took."""
    with smtplib.SMTP("127.0.0.1", here.smtp) as client:
        client.ehlo("x")
        client.mail(SENDER)
        client.rcpt(f"{NUMBER}@{DOMAIN}")
        began = time.monotonic()
        code, text = client.data(content)
        return f"{code} {text.decode()}", time.monotonic() - began


async def test_a_bomb_costs_its_own_mail_alone(tmp_path: Path) -> None:
    async with daemon(tmp_path, Wish(verdict=60, workers=2)) as here:
        bomb = asyncio.create_task(asyncio.to_thread(send, here, attached("bomb.pdf", FILES["operators.pdf"]())))
        others = [
            await asyncio.to_thread(send, here, b"Subject: %d\r\n" % number + attached("good.pdf", pdf(TEXT)))
            for number in range(3)
        ]
        reply, _ = await bomb
        assert reply == "554 5.6.0 bomb.pdf cannot be turned into pages"
        assert [text[:3] for text, _ in others] == ["250"] * 3
        rows = (await here.get("/v2/accounts/acme/faxes/smtplog"))["data"]
        [row] = [row for row in rows if row["outcome"] == "refused"]
        detail = (await here.get(f"/v2/accounts/acme/faxes/smtplog/{row['id']}"))["data"]
        assert [(part["name"], part["kind"]) for part in detail["parts"]] == [("bomb.pdf", "application/pdf")]
        assert [event["event"] for event in detail["history"]] == ["deferred", "failed"]
        for row in rows:
            if row["outcome"] == "taken":
                assert (await here.ends(row["job_id"]))["status"] == "completed"
