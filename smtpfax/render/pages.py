"""The page: its pels, and where something of a given size stands on it.

In:    a Layout, and the size in millimetres of what is to be drawn.
Out:   a Canvas (the pels that we draw on) and a Placement (a rectangle of them, perhaps a quarter turned).
Fails: never; sizes that cannot be (zero, not a number) are taken as the paper's own.

Rule: at 100 % where it fits, never enlarged. What is wider than high and does not fit upright is turned a quarter to
the right; what still does not fit is shrunk; what would be shrunk too much by its length alone, goes on on further
pages. Standard resolution is drawn at fine and halved afterwards: drawn at 98
lines per inch, the crossbars of letters vanish.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smtpfax.model.document import PELS_PER_INCH, WIDTH, Layout, Paper, Resolution

from .loops.machine import machine

Grey = NDArray[np.uint8]  # rows x 1728, 0 is black, 255 is white
WHITE = 255
_MM_PER_INCH = 25.4
_SHRUNK = 1.3  # letters of 8 points are then still read
_AGAIN_MM = 8  # of the end of a page stand on the next one as well, so that no line of text is cut on both
_TOP_MM = 12.7  # what is lower than the paper does not hang further down than half an inch


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """What converters draw on: 1728 pels wide, so many rows, at so many rows per inch."""

    layout: Layout
    rows: int
    rows_per_inch: int

    def blank(self, where: Placement | None = None) -> Grey:
        """A white page, or the one that this drawing stands on."""
        rows = (where and where.sheet) or self.rows
        by = machine()
        page = by.lend(rows) if by else None
        page = np.empty((rows, WIDTH), np.uint8) if page is None else page
        page.fill(WHITE)
        return page


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A rectangle of pels; `turned`: the drawing is turned a quarter to the right, clockwise, before it is placed.

    One of several pages of a long drawing begins above its page, or ends below it.
    """

    left: int
    top: int  # may be negative
    width: int
    height: int
    turned: bool = False
    sheet: int = 0  # rows of its page, when they are not those of the canvas


def rows_of(layout: Layout) -> int:
    """Rows of a finished page: of whole millimetres, rounded down, as HylaFAX's tiffcheck compares them."""
    _, height = layout.paper.millimetres
    return math.floor(math.floor(height) * layout.resolution.lines_per_inch / _MM_PER_INCH)


def canvas_of(layout: Layout) -> Canvas:
    """The pels to draw on; those of a standard page are twice as many as it will have."""
    if layout.resolution is Resolution.STANDARD:
        rows_per_inch = 2 * layout.resolution.lines_per_inch
        return Canvas(layout=layout, rows=2 * rows_of(layout), rows_per_inch=rows_per_inch)
    return Canvas(layout=layout, rows=rows_of(layout), rows_per_inch=layout.resolution.lines_per_inch)


def places(width_mm: float, height_mm: float, canvas: Canvas) -> tuple[Placement, ...]:
    """Where a drawing of this size stands, on one page or on several."""
    one = place(width_mm, height_mm, canvas)
    across, down, _ = _upright(width_mm, height_mm, canvas)
    scale = min(1.0, WIDTH / across)
    height = round(down * scale)
    if height <= canvas.rows * _SHRUNK:
        return (one,)
    again = round(_AGAIN_MM * canvas.rows_per_inch / _MM_PER_INCH)
    step = canvas.rows - again
    width = min(WIDTH, max(1, round(across * scale)))
    left = (WIDTH - width) // 2
    return tuple(
        Placement(left=left, top=-step * page, width=width, height=height, turned=one.turned)
        for page in range(-(-(height - again) // step))
    )


def as_faxed(height_mm: float, canvas: Canvas) -> Placement | None:
    """A fax's page keeps its own rows, whatever the paper here; None when it is longer than any paper."""
    rows = round(height_mm * canvas.rows_per_inch / _MM_PER_INCH)
    longest = canvas_of(Layout(paper=Paper.LEGAL, resolution=canvas.layout.resolution)).rows
    if not 0 < rows <= longest:
        return None
    rows += rows % 2 if canvas.layout.resolution is Resolution.STANDARD else 0  # two are drawn for each
    return Placement(left=0, top=0, width=WIDTH, height=rows, sheet=rows)


def place(width_mm: float, height_mm: float, canvas: Canvas) -> Placement:
    """Where a drawing of this size stands, when it shall be on one page."""
    across, down, turned = _upright(width_mm, height_mm, canvas)
    scale = min(1.0, WIDTH / across, canvas.rows / down)
    width = min(WIDTH, max(1, round(across * scale)))
    height = min(canvas.rows, max(1, round(down * scale)))
    most = round(_TOP_MM * canvas.rows_per_inch / _MM_PER_INCH)
    top = min((canvas.rows - height) // 2, most)
    return Placement(left=(WIDTH - width) // 2, top=top, width=width, height=height, turned=turned)


def _upright(width_mm: float, height_mm: float, canvas: Canvas) -> tuple[float, float, bool]:
    """Pels across and down at 100 %, and whether it is turned for it."""
    width_mm, height_mm = _possible(width_mm, height_mm, canvas)
    turned = width_mm > height_mm and _pels(width_mm) > WIDTH
    if turned:
        width_mm, height_mm = height_mm, width_mm
    return _pels(width_mm), height_mm * canvas.rows_per_inch / _MM_PER_INCH, turned


def _pels(millimetres: float) -> float:
    return millimetres * PELS_PER_INCH / _MM_PER_INCH


def _possible(width_mm: float, height_mm: float, canvas: Canvas) -> tuple[float, float]:
    if all(math.isfinite(side) and 0 < side < 1e7 for side in (width_mm, height_mm)):
        return width_mm, height_mm
    return canvas.layout.paper.millimetres
