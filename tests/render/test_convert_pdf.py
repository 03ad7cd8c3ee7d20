from __future__ import annotations

import time

import numpy as np
import pypdfium2 as pdfium
import pytest

from smtpfax.model.document import Paper, Resolution
from smtpfax.model.errors import Permanent
from smtpfax.render.pages import canvas_of
from tests.render.corpus import (
    A4,
    TEXT,
    at,
    encrypted_pdf,
    first_page,
    form_pdf,
    opened,
    part,
    pdf,
    pdf_file,
    picture_of,
    stream,
)

CORNER = "0 0 0 rg 0 {top} 100 100 re f"  # a black square at the upper left
UPRIGHT = """\
###...............
###...............
###..............."""
LANDSCAPE = """\
...............###
...............###
...............###"""


def refusal(data: bytes) -> Permanent:
    with pytest.raises(Permanent) as caught:
        first_page(part(data, name="order.pdf"))
    return caught.value


def test_a_page_is_drawn_where_it_stands() -> None:
    page = first_page(part(pdf(CORNER.format(top=842 - 100))))
    assert picture_of(page).startswith(UPRIGHT)
    assert picture_of(page).count("#") == 9
    assert (page[:, :21] == 255).all()
    assert (page[:, 21 + 1686 :] == 255).all()


def test_a_landscape_page_is_turned_to_the_right() -> None:
    page = first_page(part(pdf(CORNER.format(top=595 - 100), size=(842, 595))))
    assert picture_of(page).startswith(LANDSCAPE)


def test_a_page_that_is_turned_by_itself_is_not_turned_again() -> None:
    drawing = CORNER.format(top=595 - 100)
    once = first_page(part(pdf(drawing, size=(842, 595), page="/Rotate 90")))
    assert picture_of(once).startswith(LANDSCAPE)


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("resolution", list(Resolution))
def test_every_canvas_is_filled_as_wide_and_high_as_it_is(paper: Paper, resolution: Resolution) -> None:
    layout = at(resolution, paper)
    page = first_page(part(pdf("0 g 0 0 700 1100 re f", size=(612, 792))), layout)
    assert page.shape == (canvas_of(layout).rows, 1728)
    assert 0.75 < (page == 0).mean() <= 1


def test_a_filled_form_is_faxed_with_what_was_filled_in() -> None:
    empty, filled = (first_page(part(form_pdf(value))) for value in ("", "Jane Doe"))
    assert (empty == 255).all()
    rows, columns = np.nonzero(filled < 128)
    assert len(rows) > 1000
    assert rows.max() < 2291 / 2  # in the upper half, where its field is
    assert 310 < columns.min() < 325


def test_pages_are_counted_before_one_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = pdf(*["0 g 0 0 10 10 re f"] * 10_000)
    monkeypatch.delattr(pdfium.PdfDocument, "get_page")
    assert opened(part(many)).count == 10_000


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (encrypted_pdf(), "order.pdf is encrypted: send it without a password"),
        (b"%PDF-1.7\n", "order.pdf cannot be read: it is damaged or not what it says it is"),
        (pdf(TEXT)[:200], "order.pdf cannot be read: it is damaged or not what it says it is"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 50, "order.pdf cannot be read: it is damaged or not what it says it is"),
        (pdf(), "order.pdf cannot be read: it is damaged or not what it says it is"),
    ],
    ids=["encrypted", "empty", "truncated", "garbage", "no pages"],
)
def test_what_cannot_be_read_ends_in_its_sentence(data: bytes, text: str) -> None:
    fault = refusal(data)
    assert (str(fault.status), fault.text) == ("5.6.0", text)


def test_a_page_that_is_missing_is_never_left_out_silently() -> None:
    data = pdf(TEXT, TEXT).replace(b"/Type /Page /Parent 2 0 R", b"/Type /Pane /Parent 2 0 R", 1)
    assert refusal(data).text == "order.pdf cannot be read: it is damaged or not what it says it is"


@pytest.mark.parametrize("size", [(14400, 14400), (595, 200_000), (0, 0), (1e9, 1e9), (1, 1)])
def test_pages_of_any_size_are_drawn_at_once(size: tuple[float, float]) -> None:
    began = time.process_time()
    page = first_page(part(pdf("0 g 0 0 1e9 1e9 re f", size=size)))
    assert page.shape == (2291, 1728)
    assert time.process_time() - began < 2


def test_junk_before_the_first_line_does_no_harm() -> None:
    page = first_page(part(b"\r\n\r\n" + pdf(TEXT)))
    assert (page == first_page(part(pdf(TEXT)))).all()


def test_the_same_page_is_the_same_twice() -> None:
    sheets = opened(part(pdf(TEXT, TEXT)), A4)
    assert (sheets.draw(0) == sheets.draw(1)).all()
    assert (sheets.draw(0) < 128).sum() > 20_000


def image_pdf(width: int, height: int) -> bytes:
    """A page with a picture of which only the size is true."""
    image = stream(
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 1 /ColorSpace /DeviceGray",
        "0" * 100,
    )
    return pdf_file(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            "/Resources << /XObject << /P 5 0 R >> >> >>",
            stream("", "q 595 0 0 842 0 0 cm /P Do Q"),
            image,
        ]
    )


def test_a_picture_of_too_many_pixels_is_refused_and_not_left_out() -> None:
    fault = refusal(image_pdf(60_000, 60_000))
    assert fault.text == "order.pdf is too large to be faxed: a picture in it has 60000 x 60000 pixels"


def test_two_pictures_that_are_large_in_one_way_each_are_drawn() -> None:
    data = pdf(TEXT).replace(b"%PDF-1.7", b"%PDF-1.7\n% /Width 60000 /Height 60000")
    assert (first_page(part(data)) < 128).sum() > 20_000


def test_a_long_page_goes_on_on_further_pages() -> None:
    lines = " ".join(f"60 {y} 400 4 re" for y in range(20, 2500, 20))
    sheets = opened(part(pdf(f"0 g {lines} f", size=(595.28, 2525.67))))  # three A4 pages high
    assert sheets.count == 4  # for the end of each stands on the next one as well
    first, second = sheets.draw(0), sheets.draw(1)
    again = round(8 * 196 / 25.4)
    assert first.shape == second.shape == (2291, 1728)
    assert (abs(first[-again:].astype(int) - second[:again]) < 40).mean() > 0.99
    last = sheets.draw(3)
    assert (last[: 4 * again] < 128).any()
    assert not (last[-2 * again :] < 128).any()


def test_a_page_a_little_too_long_is_shrunk() -> None:
    assert opened(part(pdf("0 g 0 0 9 9 re f", size=(595.28, 842 * 1.29)))).count == 1
    assert opened(part(pdf("0 g 0 0 9 9 re f", size=(595.28, 842 * 1.31)))).count == 2
