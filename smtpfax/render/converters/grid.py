"""The grid: plain characters drawn straight onto the page, a cell for each.

In:    a page's lines, of characters that `can_draw` says yes to, and how many columns they have.
Out:   the page in greys.
Fails: never.

Rule: each character is drawn once in a worker's life and copied from then on: a page costs a tenth of what it costs to
typeset it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from smtpfax.model.document import PELS_PER_INCH, WIDTH
from smtpfax.render.pages import WHITE, Canvas, Grey

from .fonts import mono_path, plain_characters

_ADVANCE = 0.602  # of DejaVu Sans Mono, in ems
_MM_PER_INCH = 25.4


def can_draw(text: str) -> bool:
    """Whether every character is one for a cell."""
    return plain_characters().issuperset(text.replace("\n", ""))


def drawn(lines: Sequence[str], *, canvas: Canvas, columns: int, cell: int, line_mm: float, top_mm: float) -> Grey:
    """The lines on the page, in the middle between its sides; a cell is so many pels wide."""
    page = canvas.blank()
    if not lines:
        return page
    height = int(line_mm * canvas.rows_per_inch / _MM_PER_INCH)
    cells = [[_glyph(character, cell, height, canvas.rows_per_inch) for character in line] for line in lines]
    top, left = round(top_mm * canvas.rows_per_inch / _MM_PER_INCH), (WIDTH - columns * cell) // 2
    for row, line in enumerate(cells):
        if line:
            at = top + row * height
            page[at : at + height, left : left + cell * len(line)] = np.concatenate(line, axis=1)
    return page


@cache
def _font(cell: int, rows_per_inch: int) -> ImageFont.FreeTypeFont:
    size = cell / _ADVANCE * max(1, round(rows_per_inch / PELS_PER_INCH))
    return ImageFont.truetype(mono_path(), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _glyph(character: str, cell: int, height: int, rows_per_inch: int) -> Grey:
    """One cell; of superfine pages it is drawn twice as large and made narrow."""
    times = max(1, round(rows_per_inch / PELS_PER_INCH))
    font = _font(cell, rows_per_inch)
    image = Image.new("L", (cell * times, height), WHITE)
    ascent, descent = font.getmetrics()
    ImageDraw.Draw(image).text((0, (height - ascent - descent) // 2), character, font=font, fill=0)
    return np.asarray(image if times == 1 else image.resize((cell, height), Image.Resampling.BOX))
