"""The machine finds the parts that plain Python finds."""

from __future__ import annotations

import numpy as np
import pytest

from smtpfax.render import boxes, runs
from smtpfax.render.loops.machine import Machine, machine
from smtpfax.render.loops.parts import Flat, found_in
from smtpfax.render.morphology import opened
from smtpfax.render.runs import Mask, plainly_found


def here() -> Machine:
    by = machine()
    assert by is not None
    by.memory[1 << 16 :][:4_000_000] = 0xA5  # whatever was there before
    return by


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


@pytest.mark.parametrize("side", [1, 2, 3, 5, 8])
def test_what_is_near_to_a_level_is_the_same(side: int) -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        seen = (areas(seed) * rng.integers(0, 256, dtype=np.uint8) + rng.integers(0, 9, dtype=np.uint8)).astype(
            np.uint8
        )
        low = int(seen.flat[int(rng.integers(seen.size))])
        high = min(255, low + int(rng.integers(0, 12)))
        flat = Flat(seen, side, here())
        assert flat.fits
        plain = plainly_found(opened((seen >= low) & (seen <= high), side))
        for _ in range(2):
            assert np.array_equal(flat.near(low, high), plain), seed


def test_the_largest_page_has_room_and_a_larger_one_is_left_to_others() -> None:
    page = np.zeros((5486 // 4, 1728 // 4), np.bool_)
    page[::2, ::2] = True
    found = found_in(page, here())
    assert found is not None
    assert len(found) == np.count_nonzero(page)
    assert Flat(page.view(np.uint8), 3, here()).fits
    assert found_in(np.ones((3000, 1000), np.bool_), here()) is None
    assert not Flat(np.ones((3000, 1000), np.uint8), 3, here()).fits


def test_boxes_are_the_same_where_no_code_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = np.full((300, 400), 255, np.uint8)
    seen[20:90, 30:200], seen[100:180, 100:390], seen[150:260, 7:140] = 200, 120, 90
    by_machine = boxes.boxes_of(seen)
    monkeypatch.setattr(boxes, "machine", lambda: None)
    monkeypatch.setattr(runs, "machine", lambda: None)
    plain = boxes.boxes_of(seen)
    assert [(box.rows, box.columns, box.level) for box in by_machine] == [
        (box.rows, box.columns, box.level) for box in plain
    ]
    assert all((one.mask == other.mask).all() for one, other in zip(by_machine, plain, strict=True))
    assert len(plain) == 3
