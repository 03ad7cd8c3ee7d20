"""The 42 endings that RingCentral's API names as faxable: each is drawn here, or goes to LibreOffice, or is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from PIL import Image

from smtpfax.render.asking import Asked, Told, told_from
from smtpfax.render.task import render_files
from tests.render.corpus import A4, TEXT, image_file, pdf
from tests.render.office_files import (
    docx,
    rtf,
    wk1,
    write,
    xls_of_excel_2,
    xlsb,
    xlsx,
    zipped,
)
from tests.render.test_convert_picture import psd

ENDINGS = (
    "pdf", "psd", "doc", "docx", "dot", "mcw", "xls", "xlsx", "xlsb", "ppt", "pptx", "vsd", "vdx", "pub",
    "wps", "wri", "awd", "tif", "tiff", "gif", "jpg", "jpeg", "bmp", "png", "pcx", "tga", "rtf", "txt",
    "log", "h", "cpp", "c", "err", "hpp", "wk1", "wk3", "wk4", "wq1", "xml", "html", "htm", "csv",
)  # fmt: skip
GREY = Image.linear_gradient("L")
VISIO = b'<?xml version="1.0"?><VisioDocument xmlns="http://schemas.microsoft.com/visio/2003/core"/>'


def ole(stream: str) -> bytes:
    """An OLE2 file that has this stream."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + f"{stream}\0".encode("utf-16-le") + bytes(500)


PICTURES = {
    name: image_file(GREY.convert("RGB"), kind)
    for name, kind in {
        "tif": "TIFF", "tiff": "TIFF", "gif": "GIF", "jpg": "JPEG", "jpeg": "JPEG", "bmp": "BMP", "png": "PNG",
        "pcx": "PCX", "tga": "TGA",
    }.items()
}  # fmt: skip
TEXTS = dict.fromkeys(("txt", "log", "h", "cpp", "c", "err", "hpp"), b"#include <stdio.h>\n/* words */\n")
DRAWN: Mapping[str, bytes] = {
    **PICTURES,
    **TEXTS,
    "pdf": pdf(TEXT),
    "psd": psd(GREY),
    "xml": b'<?xml version="1.0"?><order><item>words</item></order>',
    "html": b"<!doctype html><html><body><p>words</p></body></html>",
    "htm": b"<p>words</p>",
    "csv": b"a,b\n1,2\n",
}
TO_LIBREOFFICE: Mapping[str, tuple[bytes, str]] = {
    "doc": (ole("WordDocument"), "doc"),
    "dot": (ole("WordDocument"), "doc"),
    "docx": (docx("words"), "docx"),
    "mcw": (b"\xfe\x37\0\x23" + bytes(500), "mcw"),
    "xls": (xls_of_excel_2("words"), "xls"),
    "xlsx": (xlsx(("words",)), "xlsx"),
    "xlsb": (xlsb("words"), "xlsb"),
    "ppt": (ole("PowerPoint Document"), "ppt"),
    "pptx": (zipped({"ppt/presentation.xml": "<p/>"}), "pptx"),
    "vsd": (ole("VisioDocument"), "vsd"),
    "vdx": (VISIO, "vdx"),
    "pub": (ole("Quill"), "pub"),
    "wps": (ole("MatOST"), "wps"),
    "wri": (write("words"), "wri"),
    "rtf": (rtf("words"), "rtf"),
    "wk1": (wk1("words"), "wk1"),
    "wk3": (b"\0\0\x1a\0\0\x10\4\0" + bytes(90), "wk1"),
    "wk4": (b"\0\0\x1a\0\2\x10\4\0" + bytes(90), "wk1"),
    "wq1": (b"\0\0\2\0\x20\x51" + bytes(90), "wq1"),
}
REFUSED = {"awd": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "application/x-ole-storage")}


def told(name: str, data: bytes) -> Told:
    asked = Asked(layout=A4, names=(name,), office=("writer", "calc", "impress", "draw"))
    return told_from(json.loads(json.dumps(render_files(json.loads(json.dumps(asked.to_json())), [data])[0])))


def test_none_of_them_is_forgotten() -> None:
    assert len(ENDINGS) == 42
    assert {*DRAWN, *TO_LIBREOFFICE, *REFUSED} == {*ENDINGS}


@pytest.mark.parametrize("ending", DRAWN)
def test_it_is_drawn(ending: str) -> None:
    found = told(f"letter.{ending}", DRAWN[ending])
    assert (found.pages, found.fault, found.wanted) == (1, None, ())


@pytest.mark.parametrize("ending", TO_LIBREOFFICE)
def test_it_goes_to_libreoffice_as_what_it_is(ending: str) -> None:
    data, suffix = TO_LIBREOFFICE[ending]
    (wanted,) = told(f"letter.{ending.upper()}", data).wanted
    assert wanted.suffix == suffix


@pytest.mark.parametrize("ending", REFUSED)
def test_it_is_refused_by_its_name(ending: str) -> None:
    """No free program reads the fax pages of Microsoft at Work, which have been gone since 1998."""
    data, kind = REFUSED[ending]
    fault = told(f"letter.{ending}", data).fault
    assert fault is not None
    assert fault.text == f"letter.{ending} is of a kind that cannot be faxed ({kind})"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("photo.heic", b"\0\0\0\x18ftypheic" + bytes(90), "image/heic"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    ],
)
def test_two_that_others_take_are_refused_by_their_names(name: str, data: bytes, kind: str) -> None:
    fault = told(name, data).fault
    assert fault is not None
    assert fault.text == f"{name} is of a kind that cannot be faxed ({kind})"
