"""JPEGs are drawn without PDFium, and as PDFium draws them."""

from __future__ import annotations

import io

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw

from smtpfax.model.document import Layout, Paper, Resolution
from smtpfax.render.converters import jpegs
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
    """As we draw it, if we draw a part of it ourselves, and as PDFium does alone."""
    document, canvas = pdfium.PdfDocument(data), canvas_of(layout)
    page = document[0]
    where = _place(document, canvas)
    theirs = _drawn(document, page, where, canvas)
    pictures = jpegs.set_aside(page, where) if jpegs.may_be_in(data) else []
    ours = _drawn(document, page, where, canvas)
    for picture in pictures:
        picture.lay(ours, where)
    return ours if pictures else None, theirs


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
        ("250 0 0 350 100 150", ""),
        ("700 0 0 900 -40 -20", ""),
        (FULL, "/CropBox [50 60 500 700]"),
    ],
    ids=["whole page", "with a margin", "scaled down", "beyond the page", "cropped"],
)
def test_a_colour_scan_is_drawn_as_pdfium_draws_it(matrix: str, page: str) -> None:
    ours, theirs = both(scanned(matrix=matrix, page=page))
    assert ours is not None
    assert away(ours, theirs) < 2.5
    assert away(ours, np.roll(theirs, 3, axis=0)) > 1.5 * away(ours, theirs)


def test_a_grey_scan_is_drawn_as_pdfium_draws_it() -> None:
    ours, theirs = both(scanned(jpeg(picture("L")), entries=_GREY))
    assert ours is not None
    assert away(ours, theirs) < 2.5


def test_a_scan_is_the_same_where_no_code_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    document = scanned(matrix="700 0 0 900 -40 -20")
    by_machine, _ = both(document)
    monkeypatch.setattr(jpegs, "machine", lambda: None)
    by_pillow, _ = both(document)
    assert by_machine is not None
    assert by_pillow is not None
    assert np.abs(by_machine.astype(np.int16) - by_pillow).max() <= 2


def test_text_beside_a_photograph_is_drawn_as_ever() -> None:
    words = "BT /F 12 Tf 100 120 Td (A caption under it) Tj ET 0 0 50 40 re f"
    ours, theirs = both(scanned(matrix="400 0 0 500 100 200", more=words))
    assert ours is not None
    assert (ours[1800:] == theirs[1800:]).all()
    assert away(ours, theirs) < 2.5


def test_what_is_written_on_a_photograph_stays_there() -> None:
    ours, theirs = both(scanned(matrix="400 0 0 500 100 200", more="1 g 200 300 50 40 re f"))
    assert ours is None
    assert (first_page(part(scanned(matrix="400 0 0 500 100 200", more="1 g 200 300 50 40 re f"))) == theirs).all()


def test_a_page_of_many_things_is_left_to_pdfium() -> None:
    many = " ".join(f"{index} 10 1 1 re f" for index in range(401))
    assert both(scanned(matrix="400 0 0 500 100 200", more=many))[0] is None


def test_a_grey_photograph_is_unpacked_no_larger_than_needed() -> None:
    grey = scanned(jpeg(picture("L")), entries=_GREY, matrix="200 0 0 280 100 150")
    ours, theirs = both(grey)
    assert ours is not None
    assert away(ours, theirs) < 2.5


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
        scanned(matrix=f"0 0 300 300 re W n {FULL}"),
        scanned(entries=f"{PLAIN} /Decode [1 0 1 0 1 0]"),
        scanned(entries=f"{PLAIN} /SMask 6 0 R"),
        scanned(entries=f"{PLAIN} /Mask [0 10 0 10 0 10]"),
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
        "clipped",
        "inverted",
        "soft mask",
        "mask",
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


@pytest.mark.parametrize("layout", [at(Resolution.SUPERFINE), at(Resolution.STANDARD), Layout(paper=Paper.LETTER)])
def test_it_is_drawn_in_any_layout(layout: Layout) -> None:
    ours, theirs = both(scanned(), layout)
    assert ours is not None
    assert away(ours, theirs) < 2.5
