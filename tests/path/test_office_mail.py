"""Office files, sent over SMTP to a real daemon: a fax, or a refusal while the client waits."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from smtpfax.sandbox.office import find
from tests.path.daemon import DOMAIN, NUMBER, SENDER, daemon
from tests.render.office_files import docx, locked_odt, odp

pytestmark = pytest.mark.skipif(find() is None, reason="LibreOffice is not installed on this machine")


def mail(*files: tuple[str, bytes]) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, f"{NUMBER}@{DOMAIN}", "papers"
    message.set_content("Please see the attachments.")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


async def test_a_letter_and_slides_arrive_as_pages(tmp_path: Path) -> None:
    async with daemon(tmp_path) as here:
        with smtplib.SMTP("127.0.0.1", here.smtp) as client:
            client.send_message(mail(("letter.docx", docx("Dear reader")), ("talk.odp", odp("one", "two"))))
            with pytest.raises(smtplib.SMTPDataError) as caught:
                client.send_message(mail(("letter.docx", docx("x")), ("locked.odt", locked_odt())))
        assert caught.value.smtp_code == 554
        assert b"5.6.0 locked.odt is encrypted: send it without a password" in caught.value.smtp_error
        rows = (await here.get("/v2/accounts/acme/faxes/smtplog"))["data"]
        assert sorted(row["outcome"] for row in rows) == ["refused", "taken"]
        await here.ends(next(row["job_id"] for row in rows if row["outcome"] == "taken"))
        [fax] = (await here.get("/v2/accounts/acme/faxes/inbox"))["data"]
        assert fax["pages"] == 3
