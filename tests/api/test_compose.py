"""Files from the shell become a mail."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from hypothesis import given
from hypothesis import strategies as st

from smtpfax.api.compose import File, compose, safe_name
from smtpfax.model.mail import Header

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def read(cover: str, *files: File) -> EmailMessage:
    header = Header(message_id="<m1@fax.example>", subject="offer.pdf")
    octets = compose(header, number="+12025550123", at=NOW, text=cover, files=files)
    mail = message_from_bytes(octets, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_the_cover_text_stands_first_and_the_files_follow_in_order() -> None:
    pdf, text = File(name="offer.pdf", octets=b"%PDF-1.7 \x00\xff"), File(name="notes.txt", octets=b"milk")
    parts = list(read("Dear Ann,\nsee below", pdf, text).iter_attachments())
    assert [part.get_filename() for part in parts] == ["cover.txt", "offer.pdf", "notes.txt"]
    assert parts[0].get_content().splitlines() == ["Dear Ann,", "see below"]
    assert parts[1].get_content() == pdf.octets
    assert {part.get_content_disposition() for part in parts} == {"attachment"}


def test_the_mail_says_who_it_is_and_where_it_goes() -> None:
    mail = read("", File(name="offer.pdf", octets=b"%PDF"))
    assert (mail["MIME-Version"], mail["Message-ID"], mail["To"]) == ("1.0", "<m1@fax.example>", "+12025550123")
    assert mail["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"


def test_a_mail_as_a_file_is_carried_as_octets() -> None:
    inner = b"From: ann@acme.example\r\n\r\nhello"
    (part,) = read("", File(name="letter.eml", octets=inner)).iter_attachments()
    assert (part.get_content_type(), part.get_content()) == ("application/octet-stream", inner)


@given(st.text(max_size=300), st.binary(max_size=400), st.text(max_size=300))
def test_no_name_and_no_octets_break_the_mail(name: str, octets: bytes, cover: str) -> None:
    printable = "".join(char for char in cover if char.isprintable())
    parts = list(read(printable, File(name=name, octets=octets)).iter_attachments())
    assert parts[-1].get_filename() == safe_name(name)
    assert parts[-1].get_payload(decode=True) == octets


def test_a_path_is_cut_to_its_last_step() -> None:
    assert safe_name("/home/ann/../offer 1.pdf") == "offer 1.pdf"
    assert safe_name("C:\\faxes\\offer.pdf") == "offer.pdf"
    assert safe_name("../..") == "document"
