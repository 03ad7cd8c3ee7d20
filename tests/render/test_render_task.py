from __future__ import annotations

import json
from email.message import EmailMessage

import pytest

from smtpfax.model.account import Body
from smtpfax.model.errors import Permanent
from smtpfax.render.asking import Asked, Json, Told, asked_from, told_from
from smtpfax.render.limits import Limits
from smtpfax.render.task import render_files, render_mail
from smtpfax.render.tiff import strips_of
from tests.render.corpus import A4, TEXT, encrypted_pdf, pdf


def mail(*files: tuple[str, bytes], text: str = "Please see the attachment.") -> bytes:
    message = EmailMessage()
    message["Subject"] = "order"
    message.set_content(text)
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    return bytes(message)


def asked(**more: object) -> Json:
    """As it comes over the wire."""
    wire: Json = json.loads(json.dumps(Asked(layout=A4, **more).to_json()))  # type: ignore[arg-type]
    return wire


def told(answer: tuple[Json, list[bytes]]) -> tuple[Told, list[bytes]]:
    return told_from(json.loads(json.dumps(answer[0]))), answer[1]


def test_what_is_asked_is_the_same_on_the_other_side() -> None:
    one = Asked(layout=A4, body=Body.PAGE, limits=Limits(max_pages=7), names=("a.pdf", "b.pdf"))
    assert asked_from(json.loads(json.dumps(one.to_json()))) == one


def test_a_mail_becomes_a_document() -> None:
    found, blobs = told(render_mail(asked(), [mail(("order.pdf", pdf(TEXT, TEXT)))]))
    assert (found.pages, found.fault, len(blobs)) == (2, None, 1)
    assert found.bits == sum(strip.bits for strip in strips_of(blobs[0])[0])
    assert {(note.name, note.pages, bool(note.left_out)) for note in found.parts} == {
        ("order.pdf", 2, False),
        ("", 0, True),  # its text, for there is a document
    }


def test_the_text_is_a_page_where_it_is_wanted() -> None:
    found, _ = told(render_mail(asked(body=Body.PAGE), [mail(("order.pdf", pdf(TEXT)))]))
    assert [(note.name, note.pages) for note in found.parts] == [("", 1), ("order.pdf", 1)]


@pytest.mark.parametrize(
    ("content", "text", "parts"),
    [
        (mail(("a.pdf", pdf(TEXT)), ("b.pdf", encrypted_pdf())), "b.pdf is encrypted: send it without a password", 3),
        (mail(("a.pdf", pdf(TEXT)[:150])), "a.pdf cannot be read: it is damaged or not what it says it is", 2),
        (mail(text=" "), "the mail has nothing to fax: no document and no text", 1),
    ],
)
def test_a_refusal_travels_with_the_parts_that_were_known(content: bytes, text: str, parts: int) -> None:
    found, blobs = told(render_mail(asked(), [content]))
    assert isinstance(found.fault, Permanent)
    assert (found.fault.text, len(found.parts), blobs) == (text, parts, [])


def test_files_are_parts_by_what_they_are() -> None:
    found, blobs = told(
        render_files(asked(names=("dir/order.bin", "note.txt")), [pdf(TEXT), "Grüße".encode("latin-1")])
    )
    assert [(note.name, note.kind, note.pages) for note in found.parts] == [
        ("order.bin", "application/pdf", 1),
        ("note.txt", "text/plain", 1),
    ]
    assert len(strips_of(blobs[0])[0]) == 2


def test_one_file_may_be_a_mail() -> None:
    found, _ = told(render_files(asked(names=("order.EML",)), [mail(("order.pdf", pdf(TEXT)))]))
    assert found.pages == 1
    assert len(found.parts) == 2


@pytest.mark.parametrize("data", [b"\x00\x01\x02\x03" * 100, b"PK\x03\x04" + b"\0" * 60])
def test_a_file_of_an_unknown_kind_is_refused(data: bytes) -> None:
    found, blobs = told(render_files(asked(names=("x.dat",)), [data]))
    assert found.fault is not None
    assert found.fault.text.startswith("x.dat ")
    assert (found.fault.status.klass, blobs) == (5, [])
