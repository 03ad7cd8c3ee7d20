"""The machine finds the photographs that numpy finds, and lays the same dots."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smtpfax.model.document import Resolution
from smtpfax.render.loops.machine import MOST_ROWS, Machine, machine
from smtpfax.render.loops.tones import photographs_in
from smtpfax.render.pages import canvas_of
from smtpfax.render.tone import PHOTOGRAPH, plain_tone_blocks, plainly_screened, screened, tone_blocks
from tests.render.corpus import A4

Samples = NDArray[np.uint8]
_HERE = slice(1 << 16, 4_000_000)


def here() -> Machine:
    by = machine()
    assert by is not None
    by.memory[_HERE] = 0xA5  # whatever was there before
    return by


def pictures(seed: int) -> Samples:
    """Blocks of tones, of shadows and of paper, some of them around others."""
    rng = np.random.default_rng(seed)
    rows, width, side = (int(rng.integers(1, most)) for most in (200, 220, 40))
    coarse = rng.choice([0, 5, 40, 100, 150, 220, 250, 255], (rows // side + 1, width // side + 1))
    seen = coarse.repeat(side, axis=0).repeat(side, axis=1)[:rows, :width]
    return (seen + rng.normal(0, rng.integers(1, 30), seen.shape)).clip(0, 255).astype(np.uint8)


def test_photographs_are_the_same_block_by_block() -> None:
    some = 0
    for seed in range(200):
        seen = pictures(seed)
        found = photographs_in(seen, PHOTOGRAPH, here())
        assert found is not None
        assert np.array_equal(found, plain_tone_blocks(seen)), seed
        some += bool(found.any()) and not found.all()
    assert some > 50


def test_a_winding_way_is_followed_to_its_end() -> None:
    blocks = np.zeros((101, 101), np.bool_)
    blocks[::2] = True
    blocks[1::4, 100] = blocks[3::4, 0] = True
    seen = np.where(blocks.repeat(4, axis=0).repeat(4, axis=1), np.uint8(40), np.uint8(255))  # shadows alone
    seen[:12, :12] = 150  # and one tone, at the end
    assert np.array_equal(tone_blocks(seen), plain_tone_blocks(seen))
    assert tone_blocks(seen)[100].all()


def test_the_largest_page_has_room_and_a_larger_one_is_left_to_others() -> None:
    page = np.full((MOST_ROWS // 4, 432), 150, np.uint8)
    found = photographs_in(page, PHOTOGRAPH, here())
    assert found is not None
    assert found.all()
    assert photographs_in(np.zeros((9000, 1000), np.uint8), PHOTOGRAPH, here()) is None
    assert photographs_in(page[:0], PHOTOGRAPH, here()) is None


@pytest.mark.parametrize("resolution", list(Resolution))
@pytest.mark.parametrize("top", [0, 4, 36, 1000])
@pytest.mark.parametrize("size", [(1, 8), (7, 16), (40, 216), (33, 1728)])
def test_dots_are_the_same_pel_by_pel(size: tuple[int, int], top: int, resolution: Resolution) -> None:
    grey = np.random.default_rng(top).integers(0, 256, size, dtype=np.uint8)
    here()
    assert np.array_equal(screened(grey, resolution, top=top), plainly_screened(grey, resolution, top=top))


def test_dots_on_a_part_of_the_page_that_is_drawn_on_are_the_same() -> None:
    page = canvas_of(A4).blank()
    page[:] = np.random.default_rng(5).integers(0, 256, page.shape, dtype=np.uint8)
    part = page[44:900, 104:1000]
    plain = plainly_screened(part.copy(), Resolution.FINE, top=44)
    assert np.array_equal(screened(part, Resolution.FINE, top=44), plain)
