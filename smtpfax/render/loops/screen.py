"""A screen of dots, by the machine.

In:    grey pels, and the limits of one cell of the screen.
Out:   bits: which pels become black, as `tone` finds them.
Fails: never.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smtpfax.render.packed import Bits

from .machine import COPY, ROOM, Machine

_SIXTEEN = 16


def screened(grey: NDArray[np.uint8], cell: NDArray[np.uint8], *, top: int, by: Machine) -> Bits:
    """A part of a page that begins in that row of it; its width is whole octets, and none of the limits is 0."""
    rows, width = grey.shape
    at, stride = _place_of(grey, by)
    bits = by.put(ROOM, np.tile(cell - np.uint8(1), (1, _SIXTEEN // cell.shape[1])))
    by.run("screen", at, stride, rows, width, ROOM, len(cell), top % len(cell), bits)
    return by.memory[bits : bits + rows * width // 8].reshape(rows, width // 8).copy()


def _place_of(grey: NDArray[np.uint8], by: Machine) -> tuple[int, int]:
    """Where the rows stand, and how far one is from the next; a copy, when they are not in the machine's memory."""
    at = grey.ctypes.data - by.memory.ctypes.data
    if 0 <= at < COPY and grey.strides[1] == 1:
        return at, grey.strides[0]
    by.put(COPY, grey)
    return COPY, grey.shape[1]
