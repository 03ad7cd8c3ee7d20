"""The machine's Group 4 is libtiff's, octet by octet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray

from smtpfax.model.document import Coding
from smtpfax.render import coding
from smtpfax.render.coding import strip_of
from smtpfax.render.loops.coder import encoded
from smtpfax.render.loops.machine import MOST_ROWS, Machine, machine
from tests.render.pillow_coder import by_pillow

WIDTH = 1728
Pels = NDArray[np.bool_]


def here() -> Machine:
    by = machine()
    assert by is not None
    return by


def noise(rng: Generator, rows: int) -> Pels:
    return rng.random((rows, WIDTH)) < rng.random() ** 3


def dots(rng: Generator, rows: int) -> Pels:
    cell = rng.random((8, 8)) < rng.random()
    return np.tile(cell, (-(-rows // 8), WIDTH // 8))[:rows]


def runs(rng: Generator, rows: int) -> Pels:
    """Of all lengths, up to a whole line."""
    return np.cumsum(rng.random((rows, WIDTH)) < 10.0 ** rng.integers(-4, 0, (rows, 1)), axis=1) % 2 == 1


def edges_that_wander(rng: Generator, rows: int) -> Pels:
    """A few pels to the left and right from row to row: vertical modes, and what is just beyond them."""
    edges = np.cumsum(rng.random(WIDTH) < 0.05) % 2 == 1
    return np.array([np.roll(edges, away) for away in np.cumsum(rng.integers(-4, 5, rows)).tolist()])


def letters_that_end(rng: Generator, rows: int) -> Pels:
    """Rows that have less and less of the one above: pass modes."""
    left = np.cumsum(rng.random(WIDTH) < 0.1) % 2 == 1
    return np.array([left & (np.repeat(rng.random(WIDTH // 16), 16) < 1 - row / rows) for row in range(rows)])


def one_colour(rng: Generator, rows: int) -> Pels:
    return np.repeat(rng.random((rows, 1)) < 0.5, WIDTH, axis=1)


KINDS = [noise, dots, runs, edges_that_wander, letters_that_end, one_colour]


@pytest.mark.parametrize("kind", KINDS)
def test_the_octets_are_those_of_libtiff(kind: Callable[[Generator, int], Pels]) -> None:
    by = here()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        page = np.packbits(kind(rng, int(rng.integers(1, 60))), axis=1)
        assert encoded(page, by) == by_pillow(page).data, seed


@pytest.mark.parametrize("pattern", [(0, 0), (255, 255), (0xAA, 0x55), (0x88, 0x11), (0xAA, 0xAA)])
def test_the_longest_pages_of_all_have_room(pattern: tuple[int, int]) -> None:
    page = np.tile(np.array(pattern, np.uint8)[:, None], (MOST_ROWS // 2, WIDTH // 8))
    assert encoded(page, here()) == by_pillow(page).data


def test_a_page_longer_than_any_paper_is_encoded_elsewhere() -> None:
    page = np.packbits(runs(np.random.default_rng(3), 100), axis=1).repeat(60, axis=0)
    assert strip_of(page) == by_pillow(page)


def test_no_row_is_a_page_too() -> None:
    assert encoded(np.zeros((0, WIDTH // 8), np.uint8), here()) == bytes.fromhex("001001")


def test_pages_do_not_know_of_each_other() -> None:
    rng = np.random.default_rng(1)
    first, other = (np.packbits(runs(rng, 50), axis=1) for _ in range(2))
    once = encoded(first, here())
    encoded(other, here())
    assert encoded(first, here()) == once


def test_where_no_code_can_be_made_the_octets_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    page = np.packbits(runs(np.random.default_rng(2), 300), axis=1)
    one = strip_of(page)
    monkeypatch.setattr(coding, "machine_for", lambda rows: None)
    assert strip_of(page) == one
    assert one.coding is Coding.GROUP_4
