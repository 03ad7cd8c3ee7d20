"""Old and odd office files are told by how they begin, whatever they are called."""

from __future__ import annotations

import pytest

from smtpfax.mime.kinds import Kind, promised, sniff
from smtpfax.render.converters.office import FORMS
from tests.render.office_files import excel_xml, fodt, odp, odt, rtf, wk1, write, xls_of_excel_2, xlsb, xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def ole(name: str) -> bytes:
    return OLE + (name + "\0").encode("utf-16-le") + bytes(64)


def xml(space: str) -> bytes:
    return f'<?xml version="1.0"?><x:root xmlns:x="{space}"/>'.encode()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (rtf("x"), Kind.RTF),
        (odt("x"), Kind.ODT),
        (odp("x"), Kind.ODP),
        (xlsx(("x",)), Kind.XLSX),
        (fodt("x"), Kind.FODT),
        (fodt("x").replace(b".text", b".spreadsheet"), Kind.FODS),
        (fodt("x").replace(b".text", b".presentation"), Kind.FODP),
        (fodt("x").replace(b".text", b".graphics"), Kind.FODG),
        (excel_xml("x"), Kind.EXCEL_XML),
        (xml("http://schemas.microsoft.com/office/word/2003/wordml"), Kind.WORD_XML),
        (xml("http://schemas.microsoft.com/visio/2003/core"), Kind.VDX),
        (wk1("x"), Kind.LOTUS),
        (xls_of_excel_2("x"), Kind.XLS),
        (b"\x09\x02\x06\0\0\0\x10\0" + bytes(90), Kind.XLS),
        (b"\x09\x04\x06\0\0\0\x10\0" + bytes(90), Kind.XLS),
        (b"\xdb\xa5\x2d\0" + bytes(90), Kind.DOC),
        (write("x"), Kind.WRITE),
        (xlsb("x"), Kind.XLSB),
        (b"\0\0\x1a\0\0\x10\4\0" + bytes(90), Kind.LOTUS),
        (b"\0\0\2\0\x20\x51" + bytes(90), Kind.QUATTRO),
        (b"\x31\xbe\0\0\0\xab" + bytes(120), Kind.WRITE),
        (b"\xfe\x37\0\x23" + bytes(120), Kind.MAC_WORD),
        (b"\x01\xfe\x32\0" + bytes(120), Kind.WORKS),
        (ole("VisioDocument"), Kind.VISIO),
        (ole("Quill"), Kind.PUBLISHER),
        (ole("MatOST"), Kind.WORKS),
        (ole("CONTENTS") + b"CHNKWKS\4", Kind.WORKS),
        (ole("WordDocument"), Kind.DOC),
        (ole("EncryptedPackage"), Kind.OFFICE_ENCRYPTED),
        (OLE, Kind.OLE),
    ],
)  # fmt: skip
def test_the_beginning_decides(data: bytes, kind: Kind) -> None:
    assert sniff(data, name="x.bin") is kind
    assert sniff(data, declared="application/xml", name="x.xml") is kind


@pytest.mark.parametrize(
    ("data", "declared", "kind"),
    [
        (b'<?xml version="1.0"?><order>1</order>', "application/xml", Kind.XML),
        (fodt("x").replace(b".text", b".evil"), "", Kind.XML),
        (b"see urn:schemas-microsoft-com:office:spreadsheet", "", Kind.TEXT),
        (fodt("x"), "text/plain", Kind.TEXT),
    ],
)  # fmt: skip
def test_another_xml_is_a_text(data: bytes, declared: str, kind: Kind) -> None:
    assert sniff(data, declared=declared) is kind


def test_each_office_kind_has_an_ending_that_can_be_a_files() -> None:
    assert all(form.suffix.isalnum() for form in FORMS.values())
    assert not any(kind.text or kind.picture for kind in FORMS)


@pytest.mark.parametrize("name", ["a.docx", "a.DOC", "a.xlsb", "a.wps", "a.pub", "a.vsd", "a.wk1"])
def test_such_a_name_promises_more_than_a_text(name: str) -> None:
    assert promised("", name)
