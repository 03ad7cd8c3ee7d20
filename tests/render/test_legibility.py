from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from smtpfax.model.document import Document, Layout, Resolution
from smtpfax.model.event import document_from_json, document_json
from smtpfax.model.legibility import Legibility, judge
from smtpfax.render.bilevel import cut
from smtpfax.render.converters import Sheets
from smtpfax.render.document import _missing, drawn
from smtpfax.render.legibility import Measured, legibility_of, measured
from smtpfax.render.limits import Limits
from tests.render.corpus import A4, at, first_page, part, pdf

WORDS = "the undersigned confirms that all goods were received complete"
NONE = (0, 0)
A4_PAGE = np.full((2291, 1728), 255, np.uint8)


def lines(size: float, font: str = "F", count: int = 12) -> str:
    rows = "\n".join(f"({WORDS}) Tj 0 -20 Td" for _ in range(count))
    return f"BT /{font} {size} Tf 40 780 Td {rows} ET"


def look(drawing: str, resolution: Resolution = Resolution.FINE) -> Measured:
    page = cut(first_page(part(pdf(drawing)), at(resolution)), resolution)
    return measured(page.bits, page.tones, resolution)


def found(drawing: str, resolution: Resolution = Resolution.FINE) -> Legibility:
    return legibility_of([look(drawing, resolution)], resolution, missing=NONE)


@pytest.mark.parametrize("resolution", list(Resolution))
@pytest.mark.parametrize("points", [6, 8, 10, 12, 14])
def test_the_small_letters_height_is_measured(points: float, resolution: Resolution) -> None:
    x_height = 0.523 * points * 25.4 / 72  # Helvetica's
    assert found(lines(points), resolution).letter_mm == pytest.approx(x_height, abs=0.3)


@pytest.mark.parametrize("points", [4, 5])
def test_text_of_this_size_will_be_hard_to_read(points: float) -> None:
    said = judge(found(f"{lines(12)} " + lines(points).replace("780", "400")))
    assert said is not None
    assert said.startswith("page 1 will be hard to read: its smallest letters are 0.")


@pytest.mark.parametrize("points", [7, 8, 11, 20])
def test_text_of_this_size_is_read(points: float) -> None:
    assert judge(found(lines(points))) is None


def test_in_standard_resolution_small_text_has_too_few_rows() -> None:
    assert judge(found(lines(6), Resolution.FINE)) is None
    said = judge(found(lines(6), Resolution.STANDARD))
    assert said is not None
    assert "4 lines of the fax" in said


@pytest.mark.parametrize(
    "drawing",
    [
        "",
        "0 g 50 400 500 1 re f 50 300 500 20 re f",  # rules and bars
        "0.5 g 50 100 500 600 re f",  # dots
        "BT /F 11 Tf 60 700 Td (Page 1) Tj ET",  # too few letters to be sure
    ],
)
def test_what_is_no_text_has_no_letters(drawing: str) -> None:
    assert look(drawing).letter_rows == 0


def test_black_is_measured_as_a_share_of_the_page() -> None:
    assert look("").black == 0
    assert look("0 g 0 0 600 421 re f").black == pytest.approx(0.5 * 1686 / 1728, abs=0.01)
    assert judge(found("0 g 0 0 600 600 re f")) == "page 1 will be hard to read: 70% of it are black"


def page_of(top: int, left: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Bars as thick as letters' stems, that begin here."""
    page = np.zeros((2291, 1728), np.uint8)
    page[top : top + 1000 : 40, left : left + 400] = 1
    page[top + 1 : top + 1000 : 40, left : left + 400] = 1
    return np.packbits(page, axis=1)


def test_ink_at_the_edge_is_cut_off() -> None:
    assert measured(page_of(100, 2), None, Resolution.FINE).clipped == 0
    assert measured(page_of(100, 0), None, Resolution.FINE).clipped == 25 * 2 * 2
    assert measured(page_of(0, 500), None, Resolution.FINE).clipped == 400 * 2


def test_a_scanners_black_border_is_no_text() -> None:
    page = np.zeros((2291, 216), np.uint8)
    page[:, :2] = 255
    assert measured(page, None, Resolution.FINE).clipped < 150


def test_the_worst_page_is_named() -> None:
    pages = [
        Measured(letter_rows=12, black=0.1, clipped=0),
        Measured(letter_rows=0, black=0.7, clipped=0),
        Measured(letter_rows=5.6, black=0.2, clipped=900),
    ]
    worst = legibility_of(pages, Resolution.FINE, missing=(3, 2))
    assert worst == Legibility(
        letter_mm=0.73,
        letter_rows=6,
        letter_page=3,
        black=0.7,
        black_page=2,
        clipped=900,
        clipped_page=3,
        missing=3,
        missing_page=2,
    )


@pytest.mark.parametrize(
    ("legibility", "said"),
    [
        (Legibility(), None),
        (Legibility(letter_mm=1.0, letter_rows=8, letter_page=1, black=0.5, clipped=150), None),
        (Legibility(missing=2, missing_page=4), "page 4 will be hard to read: 2 characters are in no font here"),
        (
            Legibility(clipped=151, clipped_page=2),
            "page 2 will be hard to read: what is written at its edge is cut off",
        ),
    ],
)
def test_a_judgement_is_one_sentence_or_none(legibility: Legibility, said: str | None) -> None:
    assert judge(legibility) == said


def test_it_is_kept_with_the_document() -> None:
    legibility = Legibility(letter_mm=1.5, letter_rows=12, letter_page=1, black=0.07, black_page=1)
    document = Document(name="a.tif", pages=1, octets=9, bits=8, layout=Layout(), legibility=legibility)
    assert document_from_json(document_json(document)) == document


def test_a_document_of_before_is_still_read() -> None:
    document = Document(name="a.tif", pages=1, octets=9, bits=8, layout=Layout())
    row = {name: value for name, value in document_json(document).items() if name != "legibility"}
    assert document_from_json(row) == replace(document, legibility=None)


def test_characters_without_a_font_are_told_with_their_first_page() -> None:
    sheets = [
        Sheets(count=count, draw=lambda _: A4_PAGE, missing=missing) for count, missing in [(2, 0), (3, 4), (1, 5)]
    ]
    assert _missing(sheets) == (9, 3)
    assert _missing(sheets[:1]) == (0, 0)


def test_a_document_is_measured() -> None:
    fax = drawn([part(pdf(lines(11), lines(6)))], layout=A4, limits=Limits())
    assert (fax.legibility.letter_page, fax.legibility.black_page, fax.legibility.missing) == (2, 1, 0)
