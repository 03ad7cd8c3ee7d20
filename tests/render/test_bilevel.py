from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smtpfax.model.document import Resolution
from smtpfax.render.bilevel import bits_of, halved
from smtpfax.render.coding import strip_of
from smtpfax.render.pages import Grey, canvas_of
from smtpfax.render.tone import LIGHT, SHADOW, tone_blocks
from smtpfax.render.whitening import whitening_of
from tests.render.corpus import A4, TEXT, first_page, part, pdf, pels, plainly_cut


def blank() -> Grey:
    return canvas_of(A4).blank()


def blacks(grey: Grey, resolution: Resolution = Resolution.FINE) -> NDArray[np.uint8]:
    return pels(bits_of(grey, resolution))


@pytest.fixture(scope="module")
def text() -> Grey:
    return first_page(part(pdf(TEXT)))


def test_black_is_1_and_a_white_page_has_none() -> None:
    page = blank()
    assert not blacks(page).any()
    page[5, 9] = 0
    assert np.argwhere(blacks(page)).tolist() == [[5, 9]]


@pytest.mark.parametrize(("grey", "black"), [(0, True), (159, True), (236, True), (245, False), (255, False)])
def test_a_line_is_black_or_white_by_the_threshold(grey: int, black: bool) -> None:
    page = blank()
    page[100:110] = grey
    assert blacks(page)[105].all() == black
    assert blacks(page)[105].any() == black


def test_text_has_no_tones_and_is_cut_at_the_threshold(text: Grey) -> None:
    assert not tone_blocks(text[::4, ::4]).any()
    assert (blacks(text) == plainly_cut(text)).all()


def test_large_coloured_letters_stay_solid() -> None:
    page = first_page(part(pdf("0.2 0.4 0.6 rg BT /F 40 Tf 60 600 Td (Invoice 4711) Tj ET")))
    assert ((page > 72) & (page < 140)).sum() > 5000  # the letters are grey by themselves
    assert (blacks(page) == plainly_cut(page)).all()


@pytest.mark.parametrize("resolution", list(Resolution))
@pytest.mark.parametrize("tone", [100, 144, 190])
def test_a_photograph_keeps_its_tones(tone: int, resolution: Resolution) -> None:
    page = blank()
    page[400:1400, 300:1300] = tone
    page[400:1400:2, 300:1300] += 10
    finished = blacks(page, resolution)
    rows = slice(250, 650) if resolution is Resolution.STANDARD else slice(500, 1300)
    share = finished[rows, 400:1200].mean()
    wanted = (LIGHT - (tone + 5)) / (LIGHT - SHADOW)
    assert share == pytest.approx(wanted, abs=0.04)


def test_dark_and_light_spots_inside_a_photograph_belong_to_it() -> None:
    page = blank()
    page[400:1400, 300:1300] = 140
    page[600:800, 600:800] = 20
    page[1000:1200, 600:800] = 255
    blocks = tone_blocks(page[::4, ::4])
    assert blocks[25:87, 19:81].all()
    assert not blocks[:23].any()
    assert not blocks[:, :17].any()


def test_text_beside_a_photograph_is_not_made_of_dots(text: Grey) -> None:
    page = text.copy()
    page[1400:2000, 200:1500] = 140
    assert (blacks(page)[:1300] == plainly_cut(text[:1300])).all()


def test_lone_grey_blocks_are_no_photograph() -> None:
    page = blank()
    page[160:176, 160:192] = 140
    assert not tone_blocks(page[::4, ::4]).any()


def test_a_scan_on_grey_paper_becomes_text_on_white(text: Grey) -> None:
    rng = np.random.default_rng(1)
    scan = (text.astype(np.int64) * 190 // 255 + rng.integers(-6, 7, text.shape)).clip(0, 255).astype(np.uint8)
    seen = scan[::4, ::4]
    assert not tone_blocks(whitening_of(seen).of(seen)).any()
    white = blacks(text)
    assert (blacks(scan) != white).mean() < 0.01
    assert strip_of(bits_of(scan, Resolution.FINE)).bits < 1.3 * strip_of(np.packbits(white, axis=1)).bits


def test_standard_rows_are_the_average_of_two() -> None:
    grey = np.array([[0, 200], [100, 255], [7, 7], [8, 9], [99, 99]], np.uint8)
    assert halved(grey).tolist() == [[50, 227], [7, 8]]


def test_a_hairline_survives_standard_resolution() -> None:
    page = blank()
    page[1001] = 0
    assert blacks(page, Resolution.STANDARD)[500].all()
