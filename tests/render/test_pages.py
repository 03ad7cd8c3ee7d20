from __future__ import annotations

import itertools
import math

import pytest

from smtpfax.model.document import Layout, Paper, Resolution
from smtpfax.render.pages import as_faxed, canvas_of, place, places, rows_of

A4, LETTER, LEGAL = Paper.A4, Paper.LETTER, Paper.LEGAL
STANDARD, FINE, SUPERFINE = Resolution


@pytest.mark.parametrize(
    ("paper", "resolution", "rows"),
    [
        # The most that HylaFAX's tiffcheck passes for a page of 297, 279 and 355 mm is 2291, 2152 and 2739.
        (A4, STANDARD, 1145),
        (A4, FINE, 2291),
        (A4, SUPERFINE, 4571),
        (LETTER, STANDARD, 1076),
        (LETTER, FINE, 2152),
        (LETTER, SUPERFINE, 4294),
        (LEGAL, STANDARD, 1369),
        (LEGAL, FINE, 2739),
        (LEGAL, SUPERFINE, 5464),
    ],
)
def test_a_page_has_no_more_rows_than_its_paper(paper: Paper, resolution: Resolution, rows: int) -> None:
    assert rows_of(Layout(paper=paper, resolution=resolution)) == rows


def test_a_standard_page_is_drawn_at_fine_and_halved() -> None:
    canvas = canvas_of(Layout(paper=A4, resolution=STANDARD))
    assert (canvas.rows, canvas.rows_per_inch) == (2 * 1145, 196)
    assert canvas.blank().shape == (2290, 1728)


@pytest.mark.parametrize(
    ("millimetres", "paper", "placed"),
    [
        ((210, 297), A4, (21, 0, 1686, 2291, False)),  # at 100 %, centred
        ((215.9, 279.4), LETTER, (0, 1, 1728, 2149, False)),  # 1734 pels wide: shrunk by 0.35 %
        ((215.9, 355.6), LEGAL, (0, 2, 1728, 2735, False)),
        ((297, 210), A4, (21, 0, 1686, 2291, True)),  # landscape is turned
        ((210, 297), LETTER, (72, 0, 1584, 2152, False)),  # A4 on Letter is shrunk by its height
        ((215.9, 279.4), A4, (0, 71, 1728, 2149, False)),  # Letter on A4 stands in the middle
        ((100, 50), A4, (462, 98, 803, 386, False)),  # wide, but it fits upright: half an inch from the top
        ((420, 594), A4, (21, 0, 1686, 2291, False)),  # A2 is shrunk
        ((5080, 5080), A4, (0, 98, 1728, 1660, False)),  # 200 inches
        ((0.001, 0.001), A4, (863, 98, 1, 1, False)),  # never less than a pel
        ((1, 9_000_000), A4, (863, 0, 1, 2291, False)),
    ],
)
def test_where_something_stands_on_the_page(
    millimetres: tuple[float, float], paper: Paper, placed: tuple[int, int, int, int, bool]
) -> None:
    where = place(*millimetres, canvas_of(Layout(paper=paper)))
    assert (where.left, where.top, where.width, where.height, where.turned) == placed


@pytest.mark.parametrize("side", [0.0, -1.0, math.nan, math.inf, 1e9])
def test_a_size_that_cannot_be_is_taken_as_the_papers(side: float) -> None:
    canvas = canvas_of(Layout(paper=A4))
    assert place(side, 100, canvas) == place(100, side, canvas) == place(210, 297, canvas)


def test_a_fax_of_our_width_is_placed_pel_by_pel() -> None:
    where = place(1728 / 204 * 25.4, 2291 / 196 * 25.4, canvas_of(Layout(paper=A4)))
    assert (where.left, where.top, where.width, where.height) == (0, 0, 1728, 2291)


@pytest.mark.parametrize(
    ("height", "tops"),
    [
        (297 * 1.29, [0]),  # shrunk
        (297 * 1.31, [0, -2229]),
        (297 * 2, [0, -2229, -4458]),
        (297 * 2 - 9, [0, -2229]),
    ],
)
def test_what_is_too_long_to_be_shrunk_goes_on_on_further_pages(height: float, tops: list[int]) -> None:
    found = places(210, height, canvas_of(Layout(paper=A4)))
    assert [where.top for where in found] == tops
    assert len({(where.left, where.width, where.height) for where in found}) == 1


def test_the_pages_of_a_long_drawing_show_all_of_it() -> None:
    canvas = canvas_of(Layout(paper=LETTER))
    for height in range(400, 3000, 37):
        found = places(100, height, canvas)
        assert found[-1].top + found[-1].height <= canvas.rows
        assert all(-later.top < canvas.rows - earlier.top for earlier, later in itertools.pairwise(found))


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize(("resolution", "height"), [(FINE, 2291), (STANDARD, 1145), (FINE, 2739), (SUPERFINE, 4571)])
def test_a_faxed_page_keeps_its_rows_on_any_paper(paper: Paper, resolution: Resolution, height: int) -> None:
    canvas = canvas_of(Layout(paper=paper, resolution=resolution))
    where = as_faxed(height / resolution.lines_per_inch * 25.4, canvas)
    drawn = height * (2 if resolution is STANDARD else 1)
    assert where is not None
    assert (where.height, where.sheet, where.width) == (drawn, drawn, 1728)
    assert canvas.blank(where).shape == (drawn, 1728)


def test_a_faxed_page_longer_than_any_paper_is_a_drawing_like_others() -> None:
    assert as_faxed(2800 / 196 * 25.4, canvas_of(Layout())) is None
