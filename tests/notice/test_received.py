"""The mail about a received fax, whatever the far side wrote into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from smtpfax.model.account import Faxbox
from smtpfax.model.backend import InboundFax
from smtpfax.model.document import Document, Layout
from smtpfax.model.errors import Permanent
from smtpfax.model.letter import Letter
from smtpfax.notice.compose import Site
from smtpfax.notice.received import compose_received, recipient_of

T0 = datetime(2026, 11, 21, 22, 48, tzinfo=UTC)
SITE = Site(hostname="fax.example.com", from_address="fax@example.com")
BOX = Faxbox(id="sales", account_id="acme", name="Sales", number="+12025550100", timezone="America/New_York")
FAX = InboundFax(
    id="in1",
    account_id="acme",
    faxbox_id="sales",
    from_number="+12025550123",
    from_name="Bob",
    to_number="+12025550100",
    document=Document(name="d.tif", pages=1, octets=1, bits=8, layout=Layout()),
    received=T0,
    backend="ring",
    ticket="t1",
)
LETTER = Letter(id="in1-inbound-0", fax_id="in1", recipient="ann@acme.example", created=T0, due=T0)
PDF = b"%PDF-1.7\r\n\x00\xff" * 1000
HOSTILE = [
    "x\r\nBcc: eve@stranger.example",
    "=?utf-8?q?x=0D=0ABcc:_eve?=",
    "\u202egnp.exe",
    "a" * 5000,
    "\ud800",
    "\x00",
]


def written(fax: InboundFax, pdf: bytes | None = PDF, box: Faxbox | None = BOX) -> EmailMessage:
    """As a mail program reads what goes over the wire."""
    octets = compose_received(
        LETTER, fax, box, site=SITE, pdf=pdf, link="https://fax.example.com/received/in1"
    ).as_bytes()
    assert octets.isascii()
    assert all(len(line) < 998 for line in octets.split(b"\r\n"))
    return message_from_bytes(octets, policy=SMTP)


def test_it_reads_as_a_person_would_write_it() -> None:
    mail = written(FAX)
    text, document = mail.iter_parts()
    assert mail["Subject"] == "Fax from +12025550123: 1 page"
    assert text.get_content().replace("\r\n", "\n") == (
        "A fax from +12025550123 came in. It is attached.\n\n"
        "From:        +12025550123\n"
        "Name:        Bob\n"
        "To:          +12025550100\n"
        "Pages:       1\n"
        "Time:        21 November 2026, 17:48 EST\n"
        "Faxbox:      Sales\n"
        "Fax:         in1\n"
    )
    assert (document.get_content(), document.get_filename()) == (PDF, "fax-+12025550123-20261121-1748.pdf")
    assert document.get_content_disposition() == "attachment"


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["from_number", "from_name", "to_number"])
def test_whatever_the_far_side_wrote_adds_no_field_and_no_length(field: str, hostile: str) -> None:
    mail = written(replace(FAX, **{field: hostile}))  # type: ignore[arg-type]
    wanted = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    assert list(mail.keys()) == wanted
    assert len(mail["Subject"]) < 300
    text, document = mail.iter_parts()
    assert document.get_content() == PDF
    assert len(text.get_content()) < 2000
    name = document.get_filename()
    assert name is not None
    assert name.endswith(".pdf")
    assert len(name) < 80
    assert set(name) <= set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-.")


def test_a_fax_without_a_number_is_from_an_unknown_one_and_without_a_faxbox_it_is_still_told() -> None:
    mail = written(replace(FAX, from_number="", from_name=""), box=None)
    assert mail["Subject"] == "Fax from an unknown number: 1 page"
    text, document = mail.iter_parts()
    assert "Time:        21 November 2026, 22:48 UTC" in text.get_content()
    assert document.get_filename() == "fax-20261121-2248.pdf"


def test_with_a_link_there_is_the_link_and_no_other_part() -> None:
    [text] = written(FAX, pdf=None).iter_parts()
    assert text.get_content().splitlines()[:3] == [
        "A fax from +12025550123 came in. Please open the link below to read it.",
        "",
        "https://fax.example.com/received/in1",
    ]


def test_the_same_letter_twice_has_the_same_message_id() -> None:
    assert written(FAX)["Message-ID"] == written(FAX)["Message-ID"] == "<in1-inbound-0@fax.example.com>"


@pytest.mark.parametrize("address", ["", "ann", "ann@", "a b@c.example", "x@y\r\n"])
def test_an_address_that_is_none_is_permanent(address: str) -> None:
    with pytest.raises(Permanent):
        recipient_of(replace(LETTER, recipient=address))
