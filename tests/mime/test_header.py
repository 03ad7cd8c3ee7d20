"""What the log and the notices show of a header: decoded, on one line, bounded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpfax.mime.header import MAX_FROM, MAX_HEADER, MAX_SUBJECT, header_section, read_header
from smtpfax.model.mail import Header

MAIL = b"""Received: from a\r
 by b\r
Received: from c\r
From: =?utf-8?q?Ann_M=C3=BCller?= <ann@acme.example>\r
Subject: =?utf-8?b?w5xiZXI=?=\r
 =?utf-8?b?c2ljaHQ=?= 2026\r
Message-ID:\r
 <one@acme.example>\r
References: <zero@acme.example> junk <half@acme.example>\r
In-Reply-To: <half@acme.example>\r
\r
Body: no field\r
"""


def test_a_header_is_read() -> None:
    assert read_header(MAIL) == Header(
        message_id="<one@acme.example>",
        subject="Übersicht 2026",
        from_="Ann Müller <ann@acme.example>",
        references=("<zero@acme.example>", "<half@acme.example>"),
        automatic=False,
        received=2,
    )


def test_the_header_section_is_returned_as_it_stands() -> None:
    assert header_section(MAIL) + b"\r\nBody: no field\r\n" == MAIL
    assert header_section(b"words\r\n\r\n") == b""
    assert len(header_section(b"X: y\r\n" * 100_000)) <= MAX_HEADER


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        (b"plain", "plain"),
        ("Grüße".encode(), "Grüße"),
        (b"Gr\xfc\xdfe", "Grüße"),
        (b"=?iso-8859-1?Q?Gr=FC=DFe?=", "Grüße"),
        (b"=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?B?w7w=?= =?utf-8?Q?_x?= y", "ü x y"),
        (b"=?utf-8?B?w?= =?utf-8?B?7w=?=", "\ufffd"),
        (b"a=?utf-8?Q?b?=c", "abc"),
        (b"=?no-such-charset?Q?a=C3=BC?=", "aü"),
        (b"=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"=?utf-7?Q?+AA0ACg-?=x", "x"),
        (b"a\x00\x1b[31mb\x7f", "a [31mb"),
        ("a\u202eb\u2066c\u2028d\u200be".encode(), "abc de"),
        (b"=?utf-8?X?a?= =?utf-8?B", "=?utf-8?X?a?= =?utf-8?B"),
        (b"", ""),
    ],
)
def test_a_subject_is_readable_and_harmless(subject: bytes, read: str) -> None:
    assert read_header(b"Subject: " + subject + b"\r\n\r\n").subject == read


@pytest.mark.parametrize(
    "message_id",
    [b"<", b"<a@b", b"a@b", b"<a b@c>", b"<a@b\r\nBcc: x>", b'<"a"@b>', b"<" + b"a" * 400 + b"@b>", "<ü@b>".encode()],
)
def test_what_is_no_message_id_is_left_out(message_id: bytes) -> None:
    assert read_header(b"Message-ID: " + message_id + b"\r\n\r\n").message_id == ""


@pytest.mark.parametrize(
    ("field", "automatic"),
    [
        (b"Auto-Submitted: auto-replied; owner-email=x", True),
        (b"Auto-Submitted: Auto-Generated", True),
        (b"Auto-Submitted: no", False),
        (b"Precedence: BULK", True),
        (b"Precedence: first-class", False),
        (b"List-Id: <x.example>", True),
        (b"X-Auto-Response-Suppress: OOF, AutoReply", True),
        (b"X-Auto-Response-Suppress: None", False),
        (b"X-Autoreply: yes", True),
        (b"Return-Path: <>", True),
        (b"Return-Path: <ann@acme.example>", False),
        (b"X-Mailer: scanner", False),
    ],
)
def test_automatic_mail_is_known(field: bytes, automatic: bool) -> None:
    assert read_header(field + b"\r\n\r\n").automatic is automatic


def test_everything_is_bounded() -> None:
    ids = b" ".join(b"<%d@x>" % number for number in range(2000))
    header = read_header(b"Subject: %s\nFrom: %s\nReferences: %s\n\n" % (b"s" * 9999, b"f" * 9999, ids))
    assert (len(header.subject), len(header.from_)) == (MAX_SUBJECT, MAX_FROM)
    assert header.references == tuple(f"<{number}@x>" for number in range(1980, 2000))
    assert read_header(b"Received: x\n" * 50_000).received <= MAX_HEADER // 12


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=500) | st.binary(max_size=300).map(lambda octets: b"Subject: " + octets))
def test_any_octets_have_a_header(start: bytes) -> None:
    header = read_header(start)
    for text in (header.subject, header.from_, header.message_id, *header.references):
        assert text.isprintable() or all(character.isprintable() or character.isspace() for character in text)
        assert "\n" not in text
        assert "\r" not in text
    assert start.startswith(header_section(start))
