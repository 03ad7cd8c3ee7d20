from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smtpfax.model.document import Layout, Paper, Resolution
from smtpfax.render.pages import rows_of
from smtpfax.render.room import header_rows, with_room
from tests.render.corpus import A4

ROWS = rows_of(A4)


def page(*inked: tuple[int, int], rows: int = ROWS) -> NDArray[np.uint8]:
    """Rows with ink, each unlike the one above."""
    bits = np.zeros((rows, 216), np.uint8)
    for first, end in inked:
        bits[first:end] = np.arange(first, end)[:, None] % 251 + 1
    return bits


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("resolution", list(Resolution))
def test_five_millimetres_are_blank_on_every_page(paper: Paper, resolution: Resolution) -> None:
    layout = Layout(paper=paper, resolution=resolution)
    rows = header_rows(resolution)
    assert rows / resolution.lines_per_inch * 25.4 == pytest.approx(5.2, abs=0.05)
    assert rows % 4 == 0
    full = np.full((rows_of(layout), 216), 0xAA, np.uint8)
    out = with_room(full, layout)
    assert not out[:rows].any()
    assert out[rows:].all()
    assert len(out) == rows_of(layout)


def test_a_page_with_a_blank_top_is_left_as_it_is() -> None:
    bits = page((40, ROWS))
    assert with_room(bits, A4) is bits


def test_ink_that_begins_too_high_moves_into_the_blank_rows_at_the_foot() -> None:
    out = with_room(page((5, 1000)), A4)
    assert len(out) == ROWS
    assert (out[40:1035] == page((5, 1000))[5:1000]).all()
    assert not out[1035:].any()


def test_rows_that_repeat_go_before_any_other() -> None:
    bits = page((0, 1000), (1100, ROWS))
    out = with_room(bits, A4)
    assert len(out) == ROWS
    inked = [row[0] for row in out if row.any()]
    assert inked == [row[0] for row in bits if row.any()]


def test_what_goes_of_a_full_page_is_spread_over_it() -> None:
    out = with_room(page((0, ROWS)), A4)[40:, 0].astype(int)
    steps = np.diff(out) % 251  # each row of the page is one more than the one above
    gone = np.flatnonzero(steps != 1)
    assert len(gone) >= 38
    assert np.diff(gone).min() > 30


@pytest.mark.parametrize("rows", [1, 10, 39, 40, 100, ROWS - 40])
def test_a_short_page_grows_instead(rows: int) -> None:
    bits = page((0, rows), rows=rows)
    out = with_room(bits, A4)
    assert (len(out), out[:40].any()) == (rows + 40, False)
    assert (out[40:] == bits).all()


@pytest.mark.parametrize("rows", [1, 39])
def test_a_blank_page_is_as_high_as_the_line_at_least(rows: int) -> None:
    assert len(with_room(page(rows=rows), A4)) >= 40


def test_a_fax_that_is_longer_than_the_paper_does_not_grow() -> None:
    assert len(with_room(page((0, ROWS)), Layout(paper=Paper.LETTER))) == ROWS
