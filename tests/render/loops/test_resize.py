"""The machine resizes as Pillow does."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from smtpfax.render.loops.machine import machine
from smtpfax.render.loops.resize import Held, Part, held, resized

Greys = NDArray[np.uint8]


def picture(width: int, height: int) -> Greys:
    rng = np.random.default_rng(width)
    waves = 128 + 100 * np.sin(np.arange(width) / 7) * np.cos(np.arange(height) / 5)[:, None]
    return (waves + rng.normal(0, 10, (height, width))).clip(0, 255).astype(np.uint8)


def ours(greys: Greys, size: tuple[int, int], part: Part | None = None) -> Greys | None:
    by = machine()
    assert by is not None
    part = part or Part(0, 0, *size)
    page = np.zeros((part.bottom - part.top, part.right - part.left), np.uint8)
    return page if resized(Held(Image.fromarray(greys)), size, part, on=page, by=by) else None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((800, 500), (673, 404)),
        ((640, 480), (640, 480)),
        ((300, 200), (700, 450)),
        ((1000, 900), (130, 120)),
        ((17, 3), (16, 2)),
        ((1, 1), (40, 50)),
        ((5000, 40), (1700, 20)),
    ],
)
def test_it_is_the_picture_that_pillow_makes(old: tuple[int, int], new: tuple[int, int]) -> None:
    greys = picture(*old)
    made = ours(greys, new)
    theirs = np.asarray(Image.fromarray(greys).resize(new, Image.Resampling.BILINEAR))
    assert made is not None
    away = np.abs(made.astype(np.int16) - theirs)
    assert away.max() <= 3
    assert away.mean() < 0.6


def test_a_part_of_it_is_that_part() -> None:
    greys = picture(900, 700)
    whole, part = ours(greys, (700, 650)), ours(greys, (700, 650), Part(33, 301, 555, 622))
    assert whole is not None
    assert part is not None
    assert (part == whole[301:622, 33:555]).all()


def test_black_stays_black_and_white_stays_white() -> None:
    for level in (0, 255):
        made = ours(np.full((333, 444), level, np.uint8), (222, 111))
        assert made is not None
        assert (made == level).all()


def test_what_is_too_much_is_left_to_others() -> None:
    assert ours(picture(2000, 30), (200, 20)) is None
    assert ours(np.zeros((900, 65_000), np.uint8), (60_000, 120)) is None


def test_a_jpeg_is_unpacked_where_the_machine_finds_it_and_is_the_same() -> None:
    by = machine()
    assert by is not None
    others: list[Held] = []
    for size in ((701, 333), (640, 480), (3000, 3100), (1000, 20)):
        file = io.BytesIO()
        Image.fromarray(picture(*size)).save(file, "JPEG")
        others.append(held(Image.open(file), by, others=others))
        others[-1].image.load()
        plain = Held(Image.open(file))
        pages = [np.zeros((111, 222), np.uint8) for _ in range(2)]
        for one, page in zip((others[-1], plain), pages, strict=True):
            assert resized(one, (222, 111), Part(0, 0, 222, 111), on=page, by=by) == (max(size) < 1776)
        assert (pages[0] == pages[1]).all()
    assert [bool(other.at) for other in others] == [True, True, False, True]
    first, second, _, fourth = others
    assert first.at + 704 * 333 == second.at
    assert second.at + 640 * 480 == fourth.at
