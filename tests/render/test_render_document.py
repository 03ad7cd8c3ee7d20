from __future__ import annotations

import io

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from smtpfax.mime.kinds import Kind
from smtpfax.model.document import Resolution
from smtpfax.model.errors import Permanent
from smtpfax.render.converters import CONVERTERS
from smtpfax.render.document import Drawn, drawn
from smtpfax.render.limits import Limits
from smtpfax.render.tiff import strips_of
from tests.render.corpus import A4, TEXT, at, encrypted_pdf, image_file, part, pdf

PICTURE = image_file(Image.new("L", (300, 300), 0), "PNG")


def document(*files: bytes, limits: Limits | None = None, resolution: Resolution = Resolution.FINE) -> Drawn:
    parts = [part(data, name=f"{index}.x") for index, data in enumerate(files, 1)]
    return drawn(parts, layout=at(resolution), limits=limits or Limits())


@pytest.mark.parametrize("resolution", list(Resolution))
def test_parts_become_one_document_in_their_order(resolution: Resolution) -> None:
    fax = document(pdf(TEXT, TEXT), PICTURE, b"some words\n", resolution=resolution)
    assert [(note.name, note.kind, note.pages) for note in fax.parts] == [
        ("1.x", "application/pdf", 2),
        ("2.x", "image/png", 1),
        ("3.x", "text/plain", 1),
    ]
    strips, found = strips_of(fax.tiff)
    assert (fax.pages, found) == (4, resolution)
    assert fax.bits == sum(8 * len(strip.data) for strip in strips)
    with Image.open(io.BytesIO(fax.tiff)) as image:
        black = []
        for index in range(image.n_frames):
            image.seek(index)
            black.append(int((~np.asarray(image)).sum()))
    assert black[0] == black[1] != black[2]
    assert black[2] > 10 * black[3] > 0


def test_the_same_parts_give_the_same_octets() -> None:
    html = b"<!doctype html><html><body><h1>Hello</h1><p>words</body></html>"
    assert document(pdf(TEXT), html, PICTURE) == document(pdf(TEXT), html, PICTURE)


def test_one_part_that_cannot_be_read_fails_the_whole_before_a_page_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = pdf(*[TEXT] * 150)
    monkeypatch.delattr(pdfium.PdfDocument, "get_page")
    with pytest.raises(Permanent) as caught:
        document(many, encrypted_pdf())
    assert caught.value.text == "2.x is encrypted: send it without a password"


def test_pages_are_bounded_over_all_parts() -> None:
    assert document(pdf(TEXT, TEXT), PICTURE, limits=Limits(max_pages=3)).pages == 3
    with pytest.raises(Permanent) as caught:
        document(pdf(TEXT, TEXT), PICTURE, PICTURE, limits=Limits(max_pages=3))
    assert (str(caught.value.status), caught.value.text) == ("5.3.4", "the fax would have more than 3 pages")


def test_ten_thousand_pages_are_refused_before_one_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pdfium.PdfDocument, "get_page")
    with pytest.raises(Permanent, match="more than 200 pages"):
        document(pdf(*["0 g"] * 10_000))


def test_octets_are_bounded() -> None:
    with pytest.raises(Permanent, match="larger than its fax service takes"):
        document(pdf(TEXT), limits=Limits(max_document_bytes=1000))


def test_a_document_of_no_parts_is_none() -> None:
    with pytest.raises(Permanent, match="nothing to fax"):
        drawn([], layout=A4, limits=Limits())


def test_a_text_page_costs_about_half_a_minute_on_the_line() -> None:
    assert 5 < document(pdf(TEXT)).bits / 14400 < 45


def test_every_kind_that_issue_a_promises_has_its_converter() -> None:
    promised = {Kind.PDF, Kind.TIFF, Kind.PNG, Kind.JPEG, Kind.GIF, Kind.BMP, Kind.TEXT, Kind.HTML}
    assert promised <= set(CONVERTERS)
