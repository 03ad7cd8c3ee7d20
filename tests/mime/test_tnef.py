"""winmail.dat is opened; what it holds stands in its place, and no lie in it costs more than its size."""

import contextlib
import struct
import time
from base64 import encodebytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpfax.mime.kinds import Kind
from smtpfax.mime.rtf import BadRtf, decompressed
from smtpfax.mime.tnef import BadTnef, opened
from smtpfax.mime.tree import Branch, MimeLimits, leaves, read
from smtpfax.model.account import Body
from smtpfax.model.errors import Permanent
from tests.mime.listing import listing
from tests.mime.outlook import (
    BINARY,
    BODY,
    CODEPAGE,
    CONTENT_ID,
    HELLO_RTF,
    HTML,
    LONG,
    MIME_TAG,
    RTF,
    SENDER,
    STRING8,
    SUBJECT,
    UNICODE,
    attachment,
    enclosed_letter,
    letter,
    prop,
    props,
    thing,
    tnef,
)

PDF = b"%PDF-1.4\n%%EOF\n"
GIF = b"GIF89a" + bytes(20)
TEXT = prop(UNICODE, BODY, "Grüße")
MARKUP = prop(BINARY, HTML, '<p>Grüße</p><img src="cid:logo@x">'.encode("cp1252"))


def mail(winmail: bytes, *, text: str = "") -> bytes:
    """As it comes: beside a text, or by itself."""
    wrapped = b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    wrapped += encodebytes(winmail)
    if not text:
        return wrapped
    parts = [b"Content-Type: text/plain\r\n\r\n" + text.encode(), wrapped]
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + b"\r\n--b\r\n".join(parts) + b"\r\n--b--"


def test_its_files_stand_in_its_place() -> None:
    winmail = letter(attachments=[attachment("Übersicht 2026.pdf", PDF), attachment("b.txt", b"notes")])
    assert listing(mail(winmail, text="Please fax.")) == [
        "faxed 2.1 application/pdf Übersicht 2026.pdf",
        "faxed 2.2 text/plain b.txt in utf-8",
        "out 1 text/plain: the text is faxed only when there is no document",
    ]


@pytest.mark.parametrize(
    ("form", "faxed"),
    [
        (TEXT, "faxed 1.1 text/plain in utf-8"),
        (prop(STRING8, BODY, b"Gr\xfc\xdfe\0"), "faxed 1.1 text/plain in utf-8"),
        (MARKUP, "faxed 1.1 text/html in cp1252"),
    ],
)
def test_its_text_is_the_mails_text(form: bytes, faxed: str) -> None:
    content = mail(letter(form))
    assert listing(content) == [faxed]
    (leaf,) = leaves(read(content, limits=MimeLimits()))
    assert "Grüße" in leaf.text


def test_the_old_form_of_a_text_is_read_in_its_code_page() -> None:
    winmail = tnef(thing(0x9007, struct.pack("<II", 1251, 0)), thing(0x800C, "Привет\0".encode("cp1251"), kind=2))
    assert opened(winmail).text == "Привет"


def test_its_html_is_read_in_the_code_page_of_the_internet() -> None:
    found = opened(letter(prop(LONG, CODEPAGE, 65001), prop(BINARY, HTML, "<p>Привет</p>".encode())))
    assert (found.charset, found.html.decode()) == ("utf-8", "<p>Привет</p>")


def test_its_html_may_be_a_wide_string() -> None:
    (leaf,) = leaves(read(mail(letter(prop(UNICODE, HTML, "<p>Grüße</p>"))), limits=MimeLimits()))
    assert leaf.text == "<p>Grüße</p>"


def test_beside_a_text_its_own_is_another_form() -> None:
    assert listing(mail(letter(TEXT), text="Grüße")) == [
        "faxed 1 text/plain in utf-8",
        "out 2.1 text/plain: it is another form of the same text",
    ]


def test_one_without_words_and_files_is_left_out() -> None:
    empty = "application/vnd.ms-tnef; empty"
    assert listing(mail(letter(prop(UNICODE, SUBJECT, "x")), text="Hello")) == [
        "faxed 1 text/plain in utf-8",
        f"out 2 {empty} winmail.dat: it is empty",
    ]
    inner = letter(prop(UNICODE, SUBJECT, "x"))
    assert listing(mail(letter(TEXT, attachments=[enclosed_letter(inner)])))[1] == f"out 1.2 {empty}: it is empty"


def test_a_picture_of_its_html_belongs_to_it() -> None:
    named = prop(UNICODE, CONTENT_ID, "logo@x"), prop(UNICODE, MIME_TAG, "image/gif")
    winmail = letter(MARKUP, attachments=[attachment("image001.gif", GIF, *named)])
    assert listing(mail(winmail), body=Body.PAGE) == [
        "faxed 1.1 text/html with logo@x in cp1252",
        "out 1.2 image/gif image001.gif: it is shown in the text",
    ]


def test_a_letter_within_it_is_a_mail_within_the_mail() -> None:
    inner = letter(
        prop(UNICODE, SUBJECT, "order"), prop(UNICODE, SENDER, "Bob"), TEXT, attachments=[attachment("a.pdf", PDF)]
    )
    content = mail(letter(attachments=[enclosed_letter(inner)]))
    assert listing(content)[0] == "faxed 1.1.2 application/pdf a.pdf"
    tree = read(content, limits=MimeLimits())
    assert isinstance(tree, Branch)
    (message,) = tree.children
    assert isinstance(message, Branch)
    assert message.heading.lines == ("From: Bob", "Subject: order")


def test_a_text_in_compressed_rtf_is_the_mails_text() -> None:
    rtf = prop(BINARY, RTF, HELLO_RTF)
    assert listing(mail(letter(rtf))) == ["faxed 1.1 text/plain in utf-8"]
    assert listing(mail(letter(rtf), text="hello world"))[0].startswith("faxed 1 ")
    assert listing(mail(letter(rtf, attachments=[attachment("a.pdf", PDF)]))) == [
        "faxed 1.2 application/pdf a.pdf",
        "out 1.1 text/plain: the text is faxed only when there is no document",
    ]


def test_html_that_outlook_packed_into_rtf_is_faxed_as_html() -> None:
    packed = rb"{\rtf1\fromhtml1 {\*\htmltag64 <b>}\u8364?{\*\htmltag64 </b>}}"
    rtf = struct.pack("<IIII", len(packed) + 12, len(packed), 0x414C454D, 0) + packed
    tree = read(mail(letter(prop(BINARY, RTF, rtf), prop(UNICODE, BODY, "plain"))), limits=MimeLimits())
    (leaf,) = leaves(tree)
    assert (leaf.kind, leaf.text) == (Kind.HTML, "<b>\u20ac</b>")


def test_compressed_rtf_is_undone_as_its_specification_shows() -> None:
    assert decompressed(HELLO_RTF) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompressed(struct.pack("<IIII", 17, 5, 0x414C454D, 0) + b"{\\rtf") == b"{\\rtf"


@given(st.binary(max_size=300))
def test_compressed_rtf_never_grows_beyond_what_it_says(data: bytes) -> None:
    packed = struct.pack("<IIII", len(data) + 12, 500, 0x75465A4C, 0) + data
    assert len(decompressed(packed)) <= 500


def test_other_octets_are_no_rtf() -> None:
    for data in (b"", b"x" * 40):
        with pytest.raises(BadRtf):
            decompressed(data)


ENDLESS = 0xFFFFFFFF
HOSTILE = {
    "endless properties": tnef(thing(0x9003, struct.pack("<I", ENDLESS) + bytes(40))),
    "endless values": tnef(thing(0x9003, struct.pack("<IHHI", 1, 0x1002, 0x1000, ENDLESS) + bytes(400))),
    "endless strings": tnef(thing(0x9003, struct.pack("<IHHI", 1, 0x101E, 0x1000, ENDLESS) + bytes(400))),
    "a text longer than all": tnef(thing(0x9003, struct.pack("<IHHII", 1, 0x1E, BODY, 1, 0x7FFFFFFF) + bytes(40))),
    "an object longer than all": tnef(struct.pack("<BHHI", 1, 0x9003, 6, ENDLESS) + bytes(40)),
    "endless objects": tnef(*[thing(0x8008, b"")] * 60_000),
    "endless attachments": letter(attachments=[attachment("a.txt", b"x")] * 500),
    "endless shorts": tnef(thing(0x9003, struct.pack("<IHHI", 1, 0x1002, 0x1000, 4_000_000) + bytes(9_000_000))),
    "an attachment's data cut off": letter(
        attachments=[thing(0x9002, b"") + thing(0x9005, props(enclosed_letter(b"")[:20]))]
    ),
    "nothing": tnef(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_lie_in_it_is_refused_at_once(name: str) -> None:
    start = time.process_time()
    (line,) = listing(mail(HOSTILE[name]))
    assert line in (
        "refused 5.6.0 winmail.dat cannot be read: it is damaged or not what it says it is",
        "refused 5.6.0 the mail has more than 100 parts",
        "refused 5.6.0 the mail has nothing to fax: no document and no text",
    )
    assert time.process_time() - start < 10


def test_letters_within_letters_end_at_the_depth() -> None:
    inner = letter(TEXT)
    for _ in range(30):
        inner = letter(attachments=[enclosed_letter(inner)])
    assert listing(mail(inner)) == ["refused 5.6.0 the mail cannot be read: its parts are nested more than 20 deep"]


def test_bad_octets_in_one_property_do_not_lose_the_ones_behind_it() -> None:
    winmail = letter(prop(STRING8, SUBJECT, b"\x81\x8d\0"), TEXT, codepage=1252)
    assert opened(winmail).text == "Grüße"


WHOLE = letter(TEXT, MARKUP, attachments=[attachment("a.pdf", PDF), enclosed_letter(letter(TEXT))])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(WHOLE)), st.binary(max_size=12))
def test_damage_anywhere_ends_in_a_letter_or_its_refusal(at: int, damage: bytes) -> None:
    damaged = WHOLE[:at] + damage + WHOLE[at + len(damage) :]
    with contextlib.suppress(BadTnef):
        opened(damaged)
    with contextlib.suppress(Permanent):
        read(mail(damaged), limits=MimeLimits())
