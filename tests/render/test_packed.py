from __future__ import annotations

import numpy as np
import pytest

from smtpfax.render.packed import Bits, darker, fours, inked, pels, sideways, squares, widened
from smtpfax.render.pages import Grey
from tests.render.corpus import plainly_cut


def cut(grey: Grey) -> Bits:
    return inked(grey, than=160, between=200, dark=136, light=238).bits


def noise(rows: int, width: int) -> Grey:
    return np.random.default_rng(rows).integers(0, 256, (rows, width)).astype(np.uint8)


@pytest.mark.parametrize("than", [0, 1, 160, 255])
@pytest.mark.parametrize("rows", [1, 255, 256, 257, 600])
def test_what_is_darker_is_the_same_in_bands_as_at_once(rows: int, than: int) -> None:
    grey = noise(rows, 64)
    assert (darker(grey, than) == np.packbits(grey < than, axis=1)).all()
    assert (pels(darker(grey, than)) == (grey < than)).all()


@pytest.mark.parametrize("rows", [1, 128, 129, 300])
def test_a_slit_of_one_pel_is_filled_when_it_is_faint(rows: int) -> None:
    grey = noise(rows, 64)
    assert (pels(cut(grey)) == plainly_cut(grey)).all()


@pytest.mark.parametrize(
    ("row", "black"),
    [
        ([255, 0, 199, 0, 255], [0, 1, 1, 1, 0]),
        ([255, 0, 200, 0, 255], [0, 1, 0, 1, 0]),
        ([255, 0, 170, 170, 0], [0, 1, 0, 0, 1]),
        ([190, 0, 255, 0, 190], [0, 1, 0, 1, 0]),
    ],
)
def test_a_wider_or_lighter_slit_stays_white(row: list[int], black: list[int]) -> None:
    grey = np.array([row + [255] * 3], np.uint8)
    assert pels(cut(grey))[0, :5].tolist() == [bool(one) for one in black]


@pytest.mark.parametrize("by", [1, 2, 8])
def test_bits_are_widened_over_the_ends_of_their_octets(by: int) -> None:
    page = np.zeros((40, 48), np.uint8)
    page[20, 23] = 1
    wide = np.unpackbits(widened(np.packbits(page, axis=1), by), axis=1)
    rows, columns = np.nonzero(wide)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20 - by, 20 + by, 23 - by, 23 + by)
    assert len(rows) == (2 * by + 1) ** 2


def test_nothing_goes_over_the_end_of_its_row() -> None:
    page = np.zeros((3, 48), np.bool_)
    page[1, 0] = page[1, 47] = True
    assert np.argwhere(pels(sideways(np.packbits(page, axis=1)))).tolist() == [[1, 0], [1, 1], [1, 46], [1, 47]]


@pytest.mark.parametrize("side", [2, 5, 9])
def test_a_square_is_found_where_it_begins(side: int) -> None:
    page = np.zeros((30, 64), np.bool_)
    page[7 : 7 + side, 13 : 13 + side] = True
    bits = np.packbits(page, axis=1)
    assert np.argwhere(pels(squares(bits, side))).tolist() == [[7, 13]]
    assert not squares(bits, side + 1).any()


def test_a_page_lower_than_the_square_holds_none() -> None:
    assert not squares(np.full((4, 8), 255, np.uint8), 5).any()


def test_four_pels_stand_for_one() -> None:
    mask = noise(9, 30) > 128
    assert (pels(fours(mask)) == mask.repeat(4, axis=1)).all()
