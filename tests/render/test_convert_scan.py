"""Scanned pages in colour are drawn without PDFium, and as PDFium draws them."""

from __future__ import annotations

import io

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw

from smtpfax.model.document import Layout, Paper, Resolution
from smtpfax.render.converters import scan
from smtpfax.render.converters.pdf import _drawn
from smtpfax.render.pages import Canvas, Grey, Placement, canvas_of, place
from tests.render.corpus import A4, at, first_page, part, pdf_file, stream

SIZE = (2480, 3508)  # A4 at 300 pixels an inch
FULL = "595.28 0 0 841.89 0 0"
_GREY = "/ColorSpace /DeviceGray /BitsPerComponent 8"
PLAIN = "/ColorSpace /DeviceRGB /BitsPerComponent 8"


def picture(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Coloured paper with bars and rings on it, and noise, so that the file is as large as a scan's."""
    image = Image.new("RGB", size, (235, 228, 210))
    pen = ImageDraw.Draw(image)
    for step in range(12):
        pen.rectangle((150, 200 + 250 * step, 1200, 260 + 250 * step), fill=(20 * step, 0, 90))
        pen.ellipse((1400, 200 + 250 * step, 1600, 400 + 250 * step), outline=(0, 120, 0), width=12)
    noise = np.random.default_rng(3).normal(0, 6, (size[1], size[0], 3))
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8)).convert(mode)


def jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


JPEG = jpeg(picture())


def scanned(
    data: bytes = JPEG,
    *,
    entries: str = PLAIN,
    matrix: str = FULL,
    page: str = "",
    more: str = "",
    size: tuple[int, int] = SIZE,
) -> bytes:
    image = f"/Type /XObject /Subtype /Image /Width {size[0]} /Height {size[1]} /Filter /DCTDecode {entries}"
    return pdf_file(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Contents 4 0 R {page} "
            "/Resources << /XObject << /P 5 0 R >> >> >>",
            stream("", f"q {matrix} cm /P Do Q {more}"),
            stream(image, data.decode("latin-1")),
            stream(
                "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", "z"
            ),
        ]
    )


def both(data: bytes, layout: Layout = A4) -> tuple[Grey | None, Grey]:
    """As we draw it by ourselves, if we do, and as PDFium does."""
    document, canvas = pdfium.PdfDocument(data), canvas_of(layout)
    page = document[0]
    where = _place(document, canvas)
    ours = scan.drawn(page, where, canvas) if scan.may_hold_scans(data) else None
    return ours, _drawn(document, page, where, canvas)


def _place(document: pdfium.PdfDocument, canvas: Canvas) -> Placement:
    width, height = document.get_page_size(0)
    return place(width * 25.4 / 72, height * 25.4 / 72, canvas)


def away(ours: Grey, theirs: Grey) -> float:
    return float(np.abs(ours.astype(np.int16) - theirs).mean())


@pytest.mark.parametrize(
    ("matrix", "page"),
    [
        (FULL, ""),
        ("400 0 0 600 100 150", ""),
        ("700 0 0 900 -40 -20", ""),
        (FULL, "/CropBox [50 60 500 700]"),
    ],
    ids=["whole page", "with a margin", "beyond the page", "cropped"],
)
def test_a_colour_scan_is_drawn_as_pdfium_draws_it(matrix: str, page: str) -> None:
    ours, theirs = both(scanned(matrix=matrix, page=page))
    assert ours is not None
    assert away(ours, theirs) < 2.5
    assert away(ours, np.roll(theirs, 3, axis=0)) > 1.5 * away(ours, theirs)


def test_it_is_the_way_that_pages_take() -> None:
    data = scanned()
    ours, theirs = both(data)
    drawn = first_page(part(data))
    assert ours is not None
    assert (drawn == ours).all()
    assert not (drawn == theirs).all()


@pytest.mark.parametrize(
    "other",
    [
        scanned(matrix="0 841.89 -595.28 0 595.28 0"),
        scanned(matrix="595.28 20 0 841.89 0 0"),
        scanned(matrix="-595.28 0 0 841.89 595.28 0"),
        scanned(page="/Rotate 90"),
        scanned(page="/Rotate 180"),
        scanned(more="0 0 100 100 re f"),
        scanned(matrix=f"0 0 300 300 re W n {FULL}"),
        scanned(entries=f"{PLAIN} /Decode [1 0 1 0 1 0]"),
        scanned(entries=f"{PLAIN} /SMask 6 0 R"),
        scanned(entries=f"{PLAIN} /Mask [0 10 0 10 0 10]"),
        scanned(jpeg(picture("L")), entries=_GREY),
        scanned(jpeg(picture("CMYK")), entries="/ColorSpace /DeviceCMYK /BitsPerComponent 8"),
        scanned(jpeg(picture(size=(600, 800))), size=(600, 800)),
        scanned(JPEG[: len(JPEG) // 2]),
        scanned(b"no JPEG"),
        scanned(size=(2481, 3508)),
    ],
    ids=[
        "turned",
        "slanted",
        "mirrored",
        "page turned",
        "page upside down",
        "something beside it",
        "clipped",
        "inverted",
        "soft mask",
        "mask",
        "grey",
        "four inks",
        "small",
        "cut off",
        "no JPEG",
        "another size",
    ],
)
def test_anything_else_is_left_to_pdfium(other: bytes) -> None:
    ours, theirs = both(other)
    assert ours is None
    assert (first_page(part(other)) == theirs).all() or theirs.shape[0] != 2291


def test_a_form_or_a_note_on_it_is_not_lost() -> None:
    note = "/Annots [<< /Type /Annot /Subtype /Square /Rect [100 100 300 300] /C [0 0 0] /F 4 >>]"
    ours, _ = both(scanned(page=note))
    assert ours is None


def test_superfine_rows_that_the_scan_does_not_have_are_left_to_pdfium() -> None:
    assert both(scanned(), at(Resolution.SUPERFINE))[0] is None
    assert both(scanned(), Layout(paper=Paper.LETTER))[0] is not None
