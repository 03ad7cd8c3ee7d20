"""A mail of all light kinds: each of its parts is told with its pages, or with the reason for which it has none."""

from __future__ import annotations

import json

from PIL import Image

from smtpfax.model.account import Body
from smtpfax.render.asking import Asked, told_from
from smtpfax.render.task import render_mail
from smtpfax.render.tiff import strips_of
from tests.mime.outlook import BODY, UNICODE, attachment, letter, prop
from tests.mime.test_choose import multi, part
from tests.mime.test_cms import der, mail, signed
from tests.render.corpus import A4, TEXT, image_file, pdf
from tests.render.test_convert_picture import psd

GREY = Image.new("L", (1200, 1200), 90)
FORWARD = b"Content-Type: message/rfc822\r\n\r\nFrom: Bob <b@x>\r\nSubject: order\r\n"
FILES = [
    part("text/plain; charset=utf-8", "Grüße, שלום, 漢字".encode()),
    part("application/pdf", pdf(TEXT, TEXT), name="a.pdf"),
    part("image/png", image_file(GREY, "PNG"), name="a.png"),
    part("image/x-tga", image_file(GREY, "TGA"), name="a.tga"),
    part("image/x-pcx", image_file(GREY, "PCX"), name="a.pcx"),
    part("image/x-psd", psd(GREY), name="a.psd"),
    part("text/csv", b"Name,Place\nAnn,Rome\n", name="a.csv"),
    part("text/xml", b"<?xml version='1.0'?><order/>", name="a.xml"),
    part("application/octet-stream", b"int main() {}", name="a.cpp"),
    part("text/html", b"<p>a page</p>", name="a.html"),
    part("application/ms-tnef", letter(prop(UNICODE, BODY, "x"), attachments=[attachment("w.txt", b"words")])),
    FORWARD + b"\r\nInner words.",
    FORWARD + multi("alternative", part("text/plain", b"x"), part("text/html", b"<p>x</p>"), boundary="i"),
    mail(signed(der(4, part("application/pdf", pdf(TEXT), name="signed.pdf")))),
    part("text/calendar", b"BEGIN:VCALENDAR"),
    part("image/gif", b"GIF89a\1\0\1\0" + bytes(20)),
]


def test_each_part_has_its_pages_or_its_reason() -> None:
    request = json.loads(json.dumps(Asked(layout=A4, body=Body.PAGE).to_json()))
    answer, blobs = render_mail(request, [multi("mixed", *FILES)])
    told = told_from(json.loads(json.dumps(answer)))
    assert told.fault is None
    pages = {note.name or note.path: note.pages for note in told.parts if not note.left_out}
    assert pages == {
        "1": 1, "a.pdf": 2, "a.png": 1, "a.tga": 1, "a.pcx": 1, "a.psd": 1, "a.csv": 1, "a.xml": 1, "a.cpp": 1,
        "a.html": 1, "w.txt": 1, "12.1": 1, "13.2": 1, "signed.pdf": 1,
    }  # fmt: skip
    assert all(note.left_out for note in told.parts if not note.pages)
    assert {note.path for note in told.parts if note.left_out} == {"11.1", "13.1", "15", "16"}
    assert told.pages == sum(pages.values()) == len(strips_of(blobs[0])[0])
