"""A part is what its octets are."""

import io
import zipfile

import pytest
from PIL import Image

from smtpfax.mime.containers import MAX_NAMES, zip_members
from smtpfax.mime.kinds import Kind, promised, sniff
from smtpfax.mime.pictures import pixels

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def image(form: str, mode: str = "L") -> bytes:
    made = io.BytesIO()
    Image.new(mode, (30, 20)).save(made, form)
    return made.getvalue()


def zipped(*members: str, stored: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        if stored:
            archive.writestr("mimetype", stored)
        for member in members:
            archive.writestr(member, b"x")
    return made.getvalue()


def stream(name: str) -> bytes:
    return OLE + name.encode("utf-16-le") + b"\0\0"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7", Kind.PDF),
        (b"\x1b%-12345X@PJL\r\n" + b"x" * 900 + b"%PDF-1.4", Kind.PDF),
        (b"%!PS-Adobe-3.0", Kind.POSTSCRIPT),
        (image("TIFF", "1"), Kind.TIFF),
        (image("PNG"), Kind.PNG),
        (image("JPEG"), Kind.JPEG),
        (image("GIF"), Kind.GIF),
        (image("BMP"), Kind.BMP),
        (image("WEBP"), Kind.WEBP),
        (image("PCX"), Kind.PCX),
        (b"\0\0\0\x18ftypheic", Kind.HEIC),
        (b"{\\rtf1}", Kind.RTF),
        (OLE, Kind.OLE),
        (stream("WordDocument"), Kind.DOC),
        (stream("Workbook"), Kind.XLS),
        (stream("WORKBOOK"), Kind.XLS),
        (stream("BOOK"), Kind.XLS),
        (stream("PowerPoint Document"), Kind.PPT),
        (stream("EncryptedPackage"), Kind.OFFICE_ENCRYPTED),
        (stream("PowerPoint Document") + bytes.fromhex("0000f60f20000000140000005fc091e3"), Kind.PPT),
        (stream("PowerPoint Document") + bytes.fromhex("0000f60f2000000014000000dfc4d1f3"), Kind.OFFICE_ENCRYPTED),
        (zipped("a.txt"), Kind.ZIP),
        (zipped("[Content_Types].xml", "word/document.xml"), Kind.DOCX),
        (zipped("xl/workbook.xml"), Kind.XLSX),
        (zipped("xl/workbook.bin"), Kind.XLSB),
        (zipped("ppt/presentation.xml"), Kind.PPTX),
        (zipped("content.xml", stored=Kind.ODT.encode()), Kind.ODT),
        (zipped("content.xml", stored=Kind.ODS.encode()), Kind.ODS),
        (b"PK\x03\x04 cut off", Kind.ZIP),
        (b"\x78\x9f\x3e\x22\1\2", Kind.TNEF),
        (bytes.fromhex("3080 0609 2a864886f70d010702"), Kind.PKCS7_SIGNED),
        (bytes.fromhex("3082 1000 0609 2a864886f70d010703"), Kind.PKCS7_ENVELOPED),
        (b"-----BEGIN PGP MESSAGE-----", Kind.PGP_ENCRYPTED),
        (b"BEGIN:VCALENDAR", Kind.CALENDAR),
        (b"\xef\xbb\xbf<!DOCTYPE html>", Kind.HTML),
        (b"<?xml version='1.0'?>\n<svg>", Kind.SVG),
        (b"<?xml version='1.0'?>\n<x>", Kind.XML),
        (b"plain words", Kind.TEXT),
        (b"\x1b$B%F%9\x1b(B", Kind.TEXT),
        ("wide".encode("utf-16"), Kind.TEXT),
        (b"\0\1\2\3", Kind.UNKNOWN),
        (b"II*", Kind.UNKNOWN),
        (b"", Kind.TEXT),
    ],
)
def test_the_octets_tell_the_kind(data: bytes, kind: Kind) -> None:
    if data == b"II*":
        kind = Kind.TEXT  # three letters are three letters
    assert sniff(data) is kind
    if not kind.text:
        assert sniff(data, declared="image/gif", name="x.docx") is kind


@pytest.mark.parametrize(
    ("declared", "name", "kind"),
    [
        ("text/plain", "", Kind.TEXT),
        ("text/html", "", Kind.HTML),
        ("text/csv", "", Kind.CSV),
        ("text/plain", "a.csv", Kind.CSV),
        ("application/octet-stream", "a.HTM", Kind.HTML),
        ("application/octet-stream", "a.log", Kind.TEXT),
        ("application/pdf", "a.pdf", Kind.TEXT),
        ("text/calendar", "", Kind.CALENDAR),
    ],
)
def test_between_texts_type_and_name_decide(declared: str, name: str, kind: Kind) -> None:
    assert sniff(b"a,b\r\n", declared=declared, name=name) is kind


def test_a_text_may_speak_of_pdfs() -> None:
    assert sniff(b"A file begins with %PDF-1.4.", declared="text/plain") is Kind.TEXT


def test_a_wide_text_is_known_by_its_charset() -> None:
    assert sniff("x".encode("utf-16-le"), declared="text/plain", charset="UTF-16LE") is Kind.TEXT
    assert sniff("x".encode("utf-16-le"), declared="text/plain") is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("declared", "name", "promise"),
    [
        ("application/pdf", "", True),
        ("application/octet-stream", "a.TIF", True),
        ("text/plain", "", False),
        ("application/octet-stream", "pdf", True),
        ("application/octet-stream", "", False),
    ],
)
def test_a_document_may_be_promised(declared: str, name: str, promise: bool) -> None:
    assert promised(declared, name) is promise


@pytest.mark.parametrize(
    ("form", "kind"), [("PNG", Kind.PNG), ("GIF", Kind.GIF), ("BMP", Kind.BMP), ("JPEG", Kind.JPEG)]
)
def test_a_picture_tells_its_pixels(form: str, kind: Kind) -> None:
    data = image(form)
    assert pixels(data, kind) == (30, 20)
    assert [pixels(data[:end], kind) for end in range(8)] == [(0, 0)] * 8


def test_a_zip_of_endless_names_is_read_so_far() -> None:
    names = b"".join(b"PK\1\2" + bytes(24) + b"\4\0" + bytes(16) + b"%04d" % number for number in range(9000))
    data = b"PK\3\4" + names + b"PK\5\6" + bytes(8) + len(names).to_bytes(4, "little") + bytes(6)
    assert len(zip_members(data)) == MAX_NAMES
