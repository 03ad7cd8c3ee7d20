"""File names are for reading: decoded, and never a path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.mime.names import MAX_NAME, file_name, harmless
from smtpfax.mime.params import parse


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b"attachment; filename=plain.pdf", "plain.pdf"),
        (b'attachment; filename="two words.pdf"', "two words.pdf"),
        (b"attachment; filename=two words.pdf ; size=3", "two words.pdf"),
        (b'attachment; filename="a \\"quoted\\" one.pdf"', 'a "quoted" one.pdf'),
        (b'attachment; filename="semi;colon.pdf"', "semi;colon.pdf"),
        (b"attachment; FILENAME = x.pdf", "x.pdf"),
        (b"attachment; filename*=UTF-8''%E2%82%AC.pdf", "€.pdf"),
        (b"attachment; filename*=''%E2%82%AC.pdf", "€.pdf"),
        (b"attachment; filename*=%E2%82%AC.pdf", "€.pdf"),
        (b"attachment; filename*=no-such''%FC.pdf", "ü.pdf"),
        (b"attachment; filename*0=a; filename*1=b; filename*3=d", "ab"),
        (b"attachment; filename*1=b; filename*0*=utf-8''%C3; filename*2*=%BC", "Ãb¼"),
        (b"attachment; filename*0*=utf-8''%C3; filename*1*=%BC.pdf", "ü.pdf"),
        (b'attachment; filename*0="=?utf-8?B?w7wu"; filename*1="cGRm?="', "ü.pdf"),
        (b"attachment; filename==?utf-8?Q?=C3=BC.pdf?=", "ü.pdf"),
        ("attachment; filename=ü.pdf".encode(), "ü.pdf"),
        (b"attachment; filename=\xfc.pdf", "ü.pdf"),
        (b"attachment; filename=first.pdf; filename=second.pdf", "first.pdf"),
        (b"attachment", ""),
        (b'attachment; filename=""', ""),
        (b'attachment; filename="open', '"open'),
    ],
)
def test_a_name_is_read_however_it_is_written(field: bytes, name: str) -> None:
    assert file_name(parse(field), parse(b"text/plain")) == name


def test_the_type_may_name_the_file() -> None:
    assert file_name(parse(b"attachment"), parse(b"application/pdf; name=a.pdf")) == "a.pdf"
    assert file_name(parse(b"attachment; filename=.."), parse(b"application/pdf; name=a.pdf")) == "a.pdf"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("../../etc/cron.d/x", "x"),
        ("..\\..\\x", "x"),
        ("C:\\Users\\ann\\x.pdf", "x.pdf"),
        ("C:x.pdf", "x.pdf"),
        ("/", ""),
        ("..", ""),
        (".hidden", "hidden"),
        ("a\r\nb\0c.pdf", "a b c.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("x" * 300 + ".pdf", "x" * 99 + "…" + "x" * 16 + ".pdf"),
    ],
)
def test_a_name_is_harmless(said: str, name: str) -> None:
    assert harmless(said) == name


@given(st.text(max_size=400))
def test_no_name_is_a_path(said: str) -> None:
    name = harmless(said)
    assert not set(name) & set("/\\\0\r\n")
    assert name not in (".", "..")
    assert len(name) <= MAX_NAME


@given(st.binary(max_size=400))
def test_any_octets_have_parameters(raw: bytes) -> None:
    assert all(isinstance(said, str) for said in parse(b"a/b;" + raw).params.values())
