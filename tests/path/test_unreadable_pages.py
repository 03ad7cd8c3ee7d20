"""A character that no font here has is told: to the administrator by the log, to the sender by the receipt."""

from __future__ import annotations

import asyncio
import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from smtpfax.render.converters.fonts import missing
from tests.path.daemon import DOMAIN, NUMBER, SENDER, Daemon, daemon

NEVER = "\U00016a70"  # Tangsa: in no font of Debian's


def send(here: Daemon, text: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, f"{NUMBER}@{DOMAIN}", "a letter"
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", here.smtp) as client:
        client.send_message(mail)


@pytest.mark.skipif(not missing(NEVER), reason="a font here has every character that there is")
async def test_a_missing_glyph_is_in_the_log_and_in_the_receipt(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        await asyncio.to_thread(send, here, f"Dear {NEVER}{NEVER},\n\nplease call back.\n")
        [notice] = await here.told(1)
        why = "page 1 will be hard to read: 2 characters are in no font here"
        words = next(part.get_content() for part in notice.walk() if part.get_content_type() == "text/plain")
        assert why in " ".join(words.split())
        log = await asyncio.to_thread(here.log.read_text)
        assert f'hard to read why="{why}"' in log
