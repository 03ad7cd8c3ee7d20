"""A damaged PDF is tried a second way, where the library for it is installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pypdfium2 as pdfium
import pytest

from smtpfax.render.converters.pdf import open_pdf
from smtpfax.render.converters.repair import repaired
from smtpfax.render.limits import Limits
from smtpfax.render.pages import canvas_of
from tests.render.corpus import A4, TEXT, encrypted_pdf, part, pdf

needs_qpdf = pytest.mark.skipif(not find_spec("pikepdf"), reason="the extra `pdf` is not installed")


def pages(data: bytes) -> int:
    try:
        return len(pdfium.PdfDocument(data))
    except pdfium.PdfiumError:
        return 0


@needs_qpdf
def test_what_is_written_anew_opens() -> None:
    whole = pdf(TEXT, TEXT)
    lost = whole[: whole.index(b"xref\n")] + b"%%EOF\n"  # all its objects, and no table of them
    assert pages(lost) == 0
    mended = repaired(lost)
    assert mended is not None
    assert pages(mended) == 2


@needs_qpdf
def test_a_pdf_whose_tables_are_lost_is_faxed_all_the_same() -> None:
    whole = pdf(TEXT, TEXT)
    lost = whole[: whole.index(b"xref\n")] + b"%%EOF\n"
    sheets = open_pdf(part(lost), canvas=canvas_of(A4), limits=Limits())
    good = open_pdf(part(whole), canvas=canvas_of(A4), limits=Limits())
    assert sheets.count == 2
    assert (sheets.draw(0) == good.draw(0)).all()


@needs_qpdf
@pytest.mark.parametrize("end", [0.2, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("tail", [b"", b"\n%%EOF\n"])
def test_what_is_cut_off_is_not_mended(end: float, tail: bytes) -> None:
    whole = pdf(TEXT, TEXT, TEXT)
    assert repaired(whole[: int(len(whole) * end)] + tail) is None


@needs_qpdf
@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.4", pdf(TEXT)[:150], encrypted_pdf(), b"\0" * 4000, b"%PDF-1.4" + b"<<" * 5000]
)
def test_what_nobody_can_read_stays_so(data: bytes) -> None:
    assert repaired(data) is None


def test_without_the_library_nothing_is_tried() -> None:
    code = (
        "import sys; sys.modules['pikepdf'] = None\n"
        "import importlib.util; importlib.util.find_spec = lambda name: None\n"
        "from smtpfax.render.converters import repair; repair.find_spec = lambda name: None\n"
        "assert repair.repaired(b'%PDF-1.4') is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
