from __future__ import annotations

import numpy as np
import pytest

from smtpfax.render.pages import Grey
from smtpfax.render.whitening import Whitening, whitening_of

PAPER = 205


def scan(paper: int = PAPER) -> Grey:
    """Samples of grey paper with some noise, and black lines on it."""
    rng = np.random.default_rng(1)
    page = paper + rng.integers(-4, 5, (573, 432))
    page[::20] = 30
    return page.astype(np.uint8)


def test_grey_paper_becomes_white() -> None:
    seen = scan()
    found = whitening_of(seen)
    assert (found.of(seen)[1:20] >= 250).mean() > 0.9
    assert (found.of(seen)[::20] < 60).all()
    assert 1 < found.noise < 4


def test_white_paper_is_left_as_it_is() -> None:
    seen = np.full((573, 432), 255, np.uint8)
    seen[::3] = 30
    assert whitening_of(seen) == Whitening()
    assert whitening_of(seen).of(seen) is seen


def test_almost_white_paper_is_left_as_it_is() -> None:
    assert whitening_of(scan(249)) == Whitening()


def test_a_photograph_of_the_whole_page_is_not_bleached() -> None:
    page = np.tile(np.linspace(20, 240, 432).astype(np.uint8), (573, 1))
    assert whitening_of(page) == Whitening()


@pytest.mark.parametrize("level", [1, 72, 136, 160, 238, 255])
@pytest.mark.parametrize("white", [162, 197, 239, 255])
def test_a_limit_asked_for_on_the_page_is_that_of_the_stretched_pels(white: int, level: int) -> None:
    found = Whitening(white=white)
    every = np.arange(256, dtype=np.uint8)
    assert ((found.of(every) < level) == (every < found.limit(level))).all()


def test_white_is_white_and_black_is_black() -> None:
    for white in range(162, 256):
        assert Whitening(white=white).of(np.array([0, white, 255], np.uint8)).tolist() == [0, 255, 255]
