"""The machine finds the parts that plain Python finds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smtpfax.render import boxes
from smtpfax.render.boxes import Plainly
from smtpfax.render.loops.machine import Machine, machine
from smtpfax.render.loops.parts import Flat, Solid, found_in
from smtpfax.render.runs import Mask, plainly_found


def here() -> Machine:
    by = machine()
    assert by is not None
    by.memory[1 << 16 :][:4_000_000] = 0xA5  # whatever was there before
    return by


Samples = NDArray[np.uint8]


def areas(seed: int) -> Mask:
    """Of all sizes, from noise to one that is everything."""
    rng = np.random.default_rng(seed)
    rows, width = int(rng.integers(1, 70)), int(rng.integers(1, 90))
    side = int(rng.integers(1, 9))
    coarse = rng.random((rows // side + 1, width // side + 1)) < rng.random() * 1.2
    return coarse.repeat(side, axis=0).repeat(side, axis=1)[:rows, :width]


def test_the_runs_and_their_parts_are_the_same() -> None:
    for seed in range(300):
        found = found_in(areas(seed), here())
        assert found is not None
        assert (found == plainly_found(areas(seed))).all(), seed


def levelled(seed: int) -> Samples:
    """Areas of a few levels, and here and there a sample of another one."""
    rng = np.random.default_rng(seed)
    rows, width, side = (int(rng.integers(1, most)) for most in (160, 170, 20))
    levels = rng.integers(0, 256, int(rng.integers(1, 5)))
    coarse = rng.choice(levels, (rows // side + 1, width // side + 1)).astype(np.uint8)
    seen = coarse.repeat(side, axis=0).repeat(side, axis=1)[:rows, :width]
    speckled = rng.random(seen.shape) < rng.random() * 0.1
    return np.where(speckled, rng.integers(0, 256, seen.shape, dtype=np.uint8), seen)


@pytest.mark.parametrize("side", [1, 2, 3, 5, 8])
def test_levels_are_counted_the_same(side: int) -> None:
    for seed in range(40):
        seen = levelled(seed)
        flat, plain = Flat(seen, side, here()), Plainly(seen)
        assert flat.fits
        for low, high in ((0, 235), (seed, 3 * seed), (100, 255)):
            assert flat.levels(low, high, side) == plain.levels(low, high, side), seed


@pytest.mark.parametrize("solid", [(1, 1, 1), (5, 3, 2), (60, 5, 9), (1, 1, 9), (30, 2, 5)])
def test_solid_parts_are_the_same(solid: tuple[int, int, int]) -> None:
    asked = Solid(*solid)
    most = 0
    for seed in range(80):
        seen = levelled(seed)
        low = int(seen.flat[seed * 7 % seen.size])
        for side in (1, 3):
            flat = Flat(seen, 9, here())
            ours = list(flat.solids(low, min(255, low + 8), side, solid=asked))
            plain = list(Plainly(seen).solids(low, min(255, low + 8), side, solid=asked))
            assert [part[:2] for part in ours] == [part[:2] for part in plain], seed
            assert all((one[2] == other[2]).all() for one, other in zip(ours, plain, strict=True)), seed
            most = max(most, len(ours))
    assert most > 1
    assert most > 64 or solid != (1, 1, 1)  # more than are told at a time


def test_the_largest_page_has_room_and_a_larger_one_is_left_to_others() -> None:
    page = np.zeros((5486 // 4, 1728 // 4), np.bool_)
    page[::2, ::2] = True
    found = found_in(page, here())
    assert found is not None
    assert len(found) == np.count_nonzero(page)
    flat = Flat(page.view(np.uint8), 9, here())
    assert flat.fits
    parts = list(flat.solids(1, 1, 1, solid=Solid(size=1, side=1, letter=9)))
    assert len(parts) == len(found)
    assert (
        len(list(Flat(1 - page.view(np.uint8), 9, here()).solids(1, 1, 1, solid=Solid(size=60, side=1, letter=9)))) == 1
    )
    assert found_in(np.ones((3000, 1000), np.bool_), here()) is None
    assert not Flat(np.ones((3000, 1000), np.uint8), 3, here()).fits


def test_boxes_are_the_same_where_no_code_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = np.full((300, 400), 255, np.uint8)
    seen[20:90, 30:200], seen[100:180, 100:390], seen[150:260, 7:140] = 200, 120, 90
    by_machine = boxes.boxes_of(seen)
    monkeypatch.setattr(boxes, "machine", lambda: None)
    plain = boxes.boxes_of(seen)
    assert [(box.rows, box.columns, box.level) for box in by_machine] == [
        (box.rows, box.columns, box.level) for box in plain
    ]
    assert all((one.mask == other.mask).all() for one, other in zip(by_machine, plain, strict=True))
    assert len(plain) == 3
