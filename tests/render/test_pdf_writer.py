from __future__ import annotations

import io
import subprocess
import time
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from smtpfax.model.document import Coding, Resolution
from smtpfax.render.bilevel import bits_of
from smtpfax.render.coding import bits_in, strip_of
from smtpfax.render.header_line import with_header
from smtpfax.render.heading import HeaderLine
from smtpfax.render.pdf import pdf_of
from smtpfax.render.tiff import NotOurs, strips_of, tiff_of
from tests.render.corpus import TEXT, at, first_page, part, pdf, pels

POINTS_WIDE = 1728 * 72 / 204


@pytest.fixture(scope="module", params=product(Resolution, Coding), ids=lambda how: "-".join(how))
def fax(request: pytest.FixtureRequest) -> tuple[Resolution, np.ndarray, bytes]:
    """A page of text, its pels and the document of twice this page, with a header line."""
    resolution, coding = request.param
    layout = replace(at(resolution), coding=coding)
    bare = strip_of(bits_of(first_page(part(pdf(TEXT)), layout), resolution), layout)
    [strip] = with_header([bare], HeaderLine(when="now", name="Acme", number="+1", layout=layout))
    bits = bits_in(strip, resolution)
    return resolution, pels(bits), tiff_of([strip, strip], resolution)


def test_the_pdf_shows_the_same_pels(fax: tuple[Resolution, np.ndarray, bytes]) -> None:
    _, page, tiff = fax
    document = pdfium.PdfDocument(pdf_of(tiff))
    assert len(document) == 2
    for index in range(2):
        (image,) = document[index].get_objects()
        drawn = np.asarray(image.get_bitmap().to_pil().convert("L"))
        assert (drawn == 255 * (1 - page)).all()
    document.close()


def test_its_pages_have_their_true_size(fax: tuple[Resolution, np.ndarray, bytes]) -> None:
    resolution, page, tiff = fax
    document = pdfium.PdfDocument(pdf_of(tiff))
    assert document[0].get_size() == pytest.approx((POINTS_WIDE, len(page) * 72 / resolution.lines_per_inch), abs=0.01)
    document.close()


def test_nothing_is_encoded_again(fax: tuple[Resolution, np.ndarray, bytes]) -> None:
    _, _, tiff = fax
    strips, _ = strips_of(tiff)
    wrapped = pdf_of(tiff)
    assert wrapped.count(strips[0].data) == 2
    assert len(wrapped) < len(tiff) + 2500


def test_poppler_reads_it_without_a_word(tmp_path: Path, fax: tuple[Resolution, np.ndarray, bytes]) -> None:
    _, page, tiff = fax
    file = tmp_path / "fax.pdf"
    file.write_bytes(pdf_of(tiff))
    told = subprocess.run(["pdfimages", "-png", file, tmp_path / "page"], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    with Image.open(tmp_path / "page-001.png") as image:
        assert (np.asarray(image.convert("L")) == 255 * (1 - page)).all()


def test_it_takes_no_time() -> None:
    strip = strip_of(np.zeros((2291, 216), np.uint8))
    tiff = tiff_of([strip] * 200, Resolution.FINE)
    began = time.process_time()
    assert len(pdfium.PdfDocument(pdf_of(tiff))) == 200
    assert time.process_time() - began < 1


def test_what_is_not_a_document_of_ours_is_refused() -> None:
    file = io.BytesIO()
    Image.new("L", (10, 10)).save(file, "TIFF")
    for data in (b"", b"%PDF-1.4", file.getvalue()):
        with pytest.raises(NotOurs):
            pdf_of(data)
