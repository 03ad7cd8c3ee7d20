"""From, To and Cc: what names an author, and what only looks as if it did."""

from __future__ import annotations

import pytest

from smtpfax.intake.proofs.authors import Ambiguous, addresses, author
from smtpfax.intake.proofs.head import read_head

ONE = {
    "ann@acme.example": "ann@acme.example",
    " Ann <ann@acme.example>": "ann@acme.example",
    ' "Ann, of Acme" <ann@acme.example>': "ann@acme.example",
    ' "ann@acme.example" <ann@acme.example>': "ann@acme.example",
    "=?utf-8?q?Ann?=\r\n\t<ann@acme.example> ": "ann@acme.example",
    "Ann K\xfchn <ann@ACME.example>": "ann@acme.example",
    "A. B. Ann<ann@acme.example>": "ann@acme.example",
    "<ann@acme.example>": "ann@acme.example",
    "ann@b\xfccher.example": "ann@xn--bcher-kva.example",
    "\u0430nn@\u0430cme.example": "\u0430nn@xn--cme-5cd.example",  # Cyrillic: another domain, and says so
}
NONE = [
    "",
    " ",
    "ann",
    "Ann <ann>",
    "ceo@corp.example <eve@evil.example>",
    '"ceo@corp.example" <eve@evil.example>',
    '"ceo\\@corp.example" <eve@evil.example>',
    "<ceo@corp.example> <eve@evil.example>",
    "<ceo@corp.example><eve@evil.example>",
    "ceo@corp.example (eve@evil.example)",
    "(ceo@corp.example) eve@evil.example",
    "ceo(@corp.example)@evil.example",
    "eve@evil.example, ceo@corp.example",
    "eve@evil.example; ceo@corp.example",
    "Friends: ceo@corp.example;",
    "undisclosed-recipients:;",
    "<@evil.example:ceo@corp.example>",
    "<@evil.example,@a.example:ceo@corp.example>",
    "ceo@corp.example@evil.example",
    "<ceo@corp.example>@evil.example",
    "ceo @corp.example",
    "ceo@corp. example",
    '"ceo@corp.example"@evil.example',
    "ceo@corp.example\x00@evil.example",
    "ceo@[192.0.2.1]",
    "ceo@corp.example,",
    ",ceo@corp.example",
    "ceo@corp.example\x0bx",
    '"ceo <ceo@corp.example>',
    "<ceo@corp.example",
    "Ann <> <ceo@corp.example>",
    "<>",
]


def mail(value: str) -> bytes:
    return f"From:{value}\r\n\r\n".encode()


@pytest.mark.parametrize(("value", "path"), ONE.items())
def test_one_author_is_read(value: str, path: str) -> None:
    assert str(author(read_head(mail(value)))) == path


@pytest.mark.parametrize("value", NONE)
def test_what_can_be_read_otherwise_names_nobody(value: str) -> None:
    with pytest.raises(Ambiguous):
        author(read_head(mail(value)))


@pytest.mark.parametrize(
    "fields", [b"", b"From: ann@acme.example\r\n" * 2, b"FROM: a@b.example\r\nFrom : a@b.example\r\n"]
)
def test_a_mail_has_one_from(fields: bytes) -> None:
    with pytest.raises(Ambiguous):
        author(read_head(b"To: x@y.example\r\n" + fields + b"\r\n"))


def test_a_field_that_is_not_utf_8_names_nobody() -> None:
    with pytest.raises(Ambiguous):
        addresses(b" Ann K\xfchn <ann@acme.example>")


def test_several_recipients_are_read() -> None:
    named = addresses(b' "+1 (202) 555-0123"@fax.example,\r\n Ben <ben@acme.example>, x@y.example')
    assert [str(path) for path in named] == ['"+1 (202) 555-0123"@fax.example', "ben@acme.example", "x@y.example"]


@pytest.mark.parametrize("value", [b"a@b.example," * 1000, b"<" * 10_000, b'"a' * 8000, b"a " * 8000, b"(" * 10_000])
def test_a_flood_is_refused_at_once(value: bytes) -> None:
    with pytest.raises(Ambiguous):
        addresses(value)
