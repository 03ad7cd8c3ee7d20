"""A header line, read off a page: each cell of it is held against the letters that may stand there.

In:    a TIFF of any number of pages.
Out:   the line of each, with single blanks; a question mark for what is no letter.
Fails: never.
"""

from __future__ import annotations

import io
import string
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from smtpfax.model.document import Layout, Resolution
from smtpfax.render.coding import strip_of
from smtpfax.render.header_line import with_header
from smtpfax.render.heading import HeaderLine
from smtpfax.render.pages import rows_of
from smtpfax.render.room import header_rows
from smtpfax.render.tiff import tiff_of

COLUMNS, CELL = 112, 15
LEFT = (1728 - COLUMNS * CELL) // 2
LETTERS = string.digits + string.ascii_letters + "+-:.,&"


def lines_of(tiff: bytes, resolution: Resolution = Resolution.FINE) -> list[str]:
    """What the pages say of themselves."""
    return [_read(page[: header_rows(resolution)], resolution) for page in pages_of(tiff)]


def pages_of(tiff: bytes) -> list[NDArray[np.bool_]]:
    """Rows of pels, True is black."""
    with Image.open(io.BytesIO(tiff)) as image:
        return [~np.asarray(frame.copy()) for frame in ImageSequence.Iterator(image)]


def _read(band: NDArray[np.bool_], resolution: Resolution) -> str:
    known = _letters(resolution)
    return " ".join("".join(known.get(cell.tobytes(), "?") for cell in _cells(band)).split())


def _cells(band: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    return [band[:, LEFT + CELL * at : LEFT + CELL * (at + 1)] for at in range(COLUMNS)]


@cache
def _letters(resolution: Resolution) -> dict[bytes, str]:
    """Each as it looks on the left of a line."""
    layout = Layout(resolution=resolution)
    blank = strip_of(np.zeros((rows_of(layout), 216), np.uint8))
    line = HeaderLine(when=LETTERS, name="", number="", layout=layout)
    [page] = pages_of(tiff_of(with_header([blank], line), resolution))
    cells = _cells(page[: header_rows(resolution)])
    return {cell.tobytes(): letter for cell, letter in zip(cells, LETTERS + " ", strict=False)}
