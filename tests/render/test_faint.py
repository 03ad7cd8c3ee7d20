from __future__ import annotations

import numpy as np
import pytest

from smtpfax.model.document import Resolution
from smtpfax.render.bilevel import bits_of
from smtpfax.render.faint import DARK, LIGHTEST, faint_ink
from smtpfax.render.packed import inked
from smtpfax.render.whitening import Whitening
from tests.render.corpus import first_page, part, pdf, pels, plainly_cut

COLOURS = {
    "light grey": "0.667 g",
    "pale grey": "0.8 g",
    "very pale grey": "0.867 g",
    "orange": "1 0.5 0 rg",
    "amber": "1 0.8 0 rg",
    "yellow": "1 1 0 rg",
    "cyan": "0 1 1 rg",
    "pink": "1 0.5 0.75 rg",
    "grey": "0.533 g",
}
LETTERS = "BT /F {size} Tf 60 {y} Td (the quick brown fox jumps over 13 lazy dogs) Tj ET"


def drawing(colour: str, size: float, y: int = 600) -> str:
    return f"{colour} {LETTERS.format(size=size, y=y)}"


def ink(*drawings: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return pels(bits_of(first_page(part(pdf(" ".join(drawings)))), Resolution.FINE)) == 1


@pytest.mark.parametrize("size", [8, 11, 20])
@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS.keys())
def test_faint_letters_become_as_black_as_black_ones(colour: str, size: float) -> None:
    black, faint = ink(drawing("0 g", size)), ink(drawing(colour, size))
    assert (black & faint).sum() / (black | faint).sum() > 0.7


@pytest.mark.parametrize("away", [12, 14, 20])
def test_faint_letters_between_black_lines_are_found_as_well(away: int) -> None:
    around = [drawing("0 g", 10, 600 + away), drawing("0 g", 10, 600 - away)]
    alone, between = ink(drawing("0.8 g", 10)), ink(drawing("0.8 g", 10), *around)
    dark = ink(*around)
    assert (between & ~dark & alone).sum() > 0.6 * (alone & ~dark).sum()


def test_black_letters_are_not_made_bold() -> None:
    page = first_page(part(pdf(drawing("0 g", 11))))
    assert (pels(bits_of(page, Resolution.FINE)) == plainly_cut(page)).mean() > 0.9999


@pytest.mark.parametrize("width", [0, 0.1, 0.25, 0.5])
@pytest.mark.parametrize("level", [0, 0.4, 0.6, 0.75])
def test_a_hairline_is_not_broken(level: float, width: float) -> None:
    found = ink(f"{level} G {width} w 60 500.3 m 500 500.3 l S")
    columns = found[900:960, 200:1400].any(axis=0)
    assert columns.all()


def test_a_pale_area_has_no_edge() -> None:
    page = np.full((2291, 1728), 255, np.uint8)
    page[500:900, 300:1200] = 225
    assert not bits_of(page, Resolution.FINE).any()


def test_the_noise_of_a_scan_is_not_ink() -> None:
    rng = np.random.default_rng(5)
    noisy = (215 + rng.normal(0, 7, (2291, 1728))).clip(0, 255).astype(np.uint8)
    assert pels(bits_of(noisy, Resolution.FINE)).mean() < 0.0005


def test_nothing_is_looked_for_on_a_page_of_black_text() -> None:
    page = first_page(part(pdf(drawing("0 g", 11))))
    seen = inked(page, than=160, between=200, dark=DARK, light=LIGHTEST)
    assert list(faint_ink(page, Whitening(), seen)) == []
