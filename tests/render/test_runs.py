from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from smtpfax.render.morphology import closed, grown, opened, rimmed
from smtpfax.render.runs import Mask, parts_of, reached


def mask(*rows: str) -> Mask:
    return np.array([[character == "#" for character in row] for row in rows])


def text(found: Mask) -> list[str]:
    return ["".join("#" if one else "." for one in row) for row in found]


U_SHAPE = mask("#..#.#", "#..#..", "####.#", "......", "##..##")


def test_what_touches_above_or_below_is_one_part() -> None:
    parts = [part.mask(U_SHAPE.shape) for part in parts_of(U_SHAPE)]
    assert [part.size for part in parts_of(U_SHAPE, least=2)] == [8, 2, 2]
    assert sorted(int(part.sum()) for part in parts) == [1, 1, 2, 2, 8]
    assert (np.logical_or.reduce(parts) == U_SHAPE).all()


def test_what_is_reached_from_a_seed_is_the_whole_part() -> None:
    seeds = np.zeros_like(U_SHAPE)
    seeds[0, 3] = True
    assert text(reached(seeds, over=U_SHAPE)) == ["#..#..", "#..#..", "####..", "......", "......"]


@given(some.integers(0, 2**48 - 1))
def test_parts_are_what_a_flood_would_find(bits: int) -> None:
    area = np.array([bits >> index & 1 for index in range(48)], np.bool_).reshape(6, 8)
    left = area.copy()
    count = 0
    while left.any():
        seed = np.zeros_like(left)
        seed.flat[int(left.argmax())] = True
        while True:
            wider = seed.copy()
            wider[1:] |= seed[:-1]
            wider[:-1] |= seed[1:]
            wider[:, 1:] |= seed[:, :-1]
            wider[:, :-1] |= seed[:, 1:]
            wider &= area
            if (wider == seed).all():
                break
            seed = wider
        left &= ~seed
        count += 1
    assert len(parts_of(area)) == count


def test_closing_fills_what_is_narrower_than_the_square_and_moves_nothing() -> None:
    holed = mask("........", "........", "..######", "..##.###", "..######", "........")
    assert text(closed(holed, 2)) == ["........", "........", "..######", "..######", "..######", "........"]


def test_opening_takes_away_what_is_narrower_than_the_square() -> None:
    assert text(opened(mask("###.....", "###.###.", "###....."), 2)) == ["###.....", "###.....", "###....."]


def test_growing_goes_as_far_each_way() -> None:
    dot = np.zeros((7, 9), np.bool_)
    dot[3, 4] = True
    rows, columns = np.nonzero(grown(dot, 2))
    assert (rows.min(), rows.max(), columns.min(), columns.max(), len(rows)) == (1, 5, 2, 6, 25)


@given(some.integers(1, 20), some.integers(0, 2**32 - 1))
def test_greys_are_closed_like_masks(side: int, seed: int) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, (24, 31)).astype(np.uint8)
    found = closed(grey, side)
    assert (found >= grey).all()
    assert (closed(found, side) == found)[:-side, :-side].all()


@given(some.integers(0, 2**30 - 1))
def test_a_rim_is_what_grows_by_one(bits: int) -> None:
    area = np.array([bits >> index & 1 for index in range(30)], np.bool_).reshape(5, 6)
    assert (rimmed(area) == grown(area, 1)).all()
