from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smtpfax.model.document import Resolution
from smtpfax.render.bilevel import bits_of
from smtpfax.render.pages import Grey
from tests.render.corpus import first_page, part, pdf, pels, plainly_cut

BOX = (slice(700, 900), slice(200, 1000))  # rows and columns well inside of what `box` draws
WORDS = "(total due within thirty days) Tj"


def grey_of(level: int) -> str:
    return f"{level / 255:.4f} g"


def box(level: int, text: int | None, size: int = 12) -> str:
    """A box of a level with text of another one in it."""
    words = "" if text is None else f"{grey_of(text)} BT /F {size} Tf 80 545 Td {WORDS} ET"
    return f"{grey_of(level)} 60 500 300 100 re f {words}"


def blacks(drawing: str, resolution: Resolution = Resolution.FINE) -> tuple[NDArray[np.uint8], Grey]:
    page = first_page(part(pdf(drawing)))
    return pels(bits_of(page, resolution)), page


def alike(ink: NDArray[np.bool_], letters: NDArray[np.bool_]) -> float:
    """How much of either is in both."""
    return float((ink & letters).sum() / (ink | letters).sum())


@pytest.mark.parametrize("size", [8, 12, 20])
@pytest.mark.parametrize("level", [40, 72, 100, 128, 160, 200, 224])
def test_dark_text_on_a_box_is_black_on_white(level: int, size: int) -> None:
    found, page = blacks(box(level, 0, size))
    ink, letters = found[BOX] == 1, page[BOX] < level * 0.6
    assert alike(ink, letters) > 0.8


@pytest.mark.parametrize("size", [8, 12, 20])
@pytest.mark.parametrize("level", [0, 40, 72, 100, 128, 160, 200, 224])
def test_light_text_on_a_box_is_white_on_black(level: int, size: int) -> None:
    found, page = blacks(box(level, 255, size))
    hole, letters = found[BOX] == 0, page[BOX] > (level + 255) / 2
    assert alike(hole, letters) > 0.7


@pytest.mark.parametrize(("level", "text"), [(0, 100), (60, 128), (128, 176), (178, 128)])
def test_grey_text_on_a_grey_box_is_read(level: int, text: int) -> None:
    found, page = blacks(box(level, text))
    middle = (level + text) / 2
    letters = (page[BOX] > middle) if text > level else (page[BOX] < middle)
    shown = (found[BOX] == 0) if text > level else (found[BOX] == 1)
    assert alike(shown, letters) > 0.6


def test_a_box_that_turns_white_has_an_outline() -> None:
    found, page = blacks(box(128, 0))
    rows, columns = np.nonzero(page < 160)
    for edge in (found[rows.min() + 1, 300:900], found[800, columns.min() + 1 : columns.min() + 2]):
        assert edge.all()
    assert found[rows.min() + 6, 300:900].sum() == 0


def test_a_box_without_text_keeps_its_tone() -> None:
    found, _ = blacks(box(128, None))
    assert found[BOX].mean() == pytest.approx((240 - 128) / (240 - 12), abs=0.03)


def test_a_pale_box_is_left_out_and_its_text_stays() -> None:
    found, page = blacks(box(245, 0))
    assert (found == plainly_cut(page)).all()


def test_two_boxes_with_a_white_line_between_them_are_judged_apart() -> None:
    upper = f"{grey_of(128)} 60 560 300 20 re f 0 g BT /F 10 Tf 80 566 Td {WORDS} ET"
    lower = f"{grey_of(128)} 60 536 300 20 re f 1 g BT /F 10 Tf 80 542 Td {WORDS} ET"
    found, _ = blacks(f"{upper} {lower}")
    first = round((842 - 580) * 196 / 72)
    dark, light = found[first + 5 : first + 45, 250:800], found[first + 70 : first + 115, 250:800]
    assert 0.02 < dark.mean() < 0.3
    assert 0.7 < light.mean() < 0.98


def test_hundreds_of_boxes_cost_no_more_than_a_page() -> None:
    drawing = " ".join(
        f"{(40 + (row * 30 + column) % 180) / 255:.3f} g {20 + 18 * column} {20 + 20 * row} 15 16 re f"
        for row in range(40)
        for column in range(30)
    )
    found, page = blacks(drawing)
    assert found.shape == page.shape
    assert found.any()
