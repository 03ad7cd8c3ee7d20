"""Connected parts, by the machine.

In:    a mask; or grey samples, of which one level after the other is looked at.
Out:   the runs, and of each the first one of its part, as `runs` finds them.
Fails: never; None for what is too large.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .machine import ROOM, ROOM_OCTETS, Machine

Mask = NDArray[np.bool_]
Found = NDArray[np.int32]  # of each run: row, first column, end, and the first run of its part
_SIXTEEN = 16
_ENTRY = 16  # octets of a run
_SET = 255


def found_in(mask: Mask, by: Machine) -> Found | None:
    """All runs of a mask."""
    rows, width = mask.shape
    stride = _stride(width, 1)
    runs = ROOM + rows * stride + _SIXTEEN
    if not rows or _room(runs, rows, width) > ROOM_OCTETS:
        return None
    room = by.memory[ROOM:runs]
    room[:] = 0
    np.multiply(mask.view(np.uint8), _SET, out=room[: rows * stride].reshape(rows, stride)[:, :width])
    return _read(by, runs, by.run("parts", ROOM, rows, stride, runs))


class Flat:
    """Samples, for whoever looks for areas of one level on them, before anything else is asked of the machine."""

    def __init__(self, seen: NDArray[np.uint8], side: int, by: Machine) -> None:
        self._by, self._rows, self._side = by, len(seen), side
        self._stride = _stride(seen.shape[1], side)
        self._pad = self._stride - seen.shape[1]
        margin = 2 * side * self._stride  # half of it is nobody's
        self._mask = ROOM + self._rows * self._stride + margin // 2
        self._runs = self._mask + self._rows * self._stride + 2 * margin
        self.fits = bool(self._rows) and _room(self._runs, *seen.shape) <= ROOM_OCTETS
        if self.fits:
            by.memory[ROOM:][: self._rows * self._stride].reshape(self._rows, -1)[:, : seen.shape[1]] = seen

    def near(self, low: int, high: int) -> Found:
        """The runs of what is between two levels, both included, without what holds no square of that side."""
        asked = (ROOM, self._rows, self._stride, low, high - low, self._side, self._pad, self._mask, self._runs)
        return _read(self._by, self._runs, self._by.run("flat", *asked))


def _stride(width: int, more: int) -> int:
    return -(-(width + more) // _SIXTEEN) * _SIXTEEN


def _room(runs: int, rows: int, width: int) -> int:
    """How much it takes when every second one is a run."""
    return runs - ROOM + _ENTRY * rows * (width // 2 + 1)


def _read(by: Machine, at: int, count: int) -> Found:
    return by.memory[at : at + _ENTRY * count].view(np.int32).reshape(count, 4).copy()
