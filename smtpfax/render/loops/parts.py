"""Connected parts, by the machine.

In:    a mask; or grey samples, of which one level after the other is looked at.
Out:   the runs, and of each the first one of its part, as `runs` finds them.
Fails: never; None for what is too large.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .machine import ROOM, ROOM_OCTETS, Machine

Mask = NDArray[np.bool_]
Found = NDArray[np.int32]  # of each run: row, first column, end, and the first run of its part
_SIXTEEN = 16
_ENTRY = 16  # octets of a run
_SIZE = 4  # octets
_SET = 255
_PART = 32  # octets of what is told of a part
_MOST = 64  # parts at a time
_LEVELS = 256


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


class Solid(NamedTuple):
    """What is looked for: at least so many samples, of which some are a square of that side; `letter`: of another one.

    What is narrower than the second one is filled.
    """

    size: int
    side: int
    letter: int


class Flat:
    """Samples, for whoever looks for areas of one level on them, before anything else is asked of the machine."""

    def __init__(self, seen: NDArray[np.uint8], most: int, by: Machine) -> None:
        """`most`: no square that is asked for has a longer side."""
        self._by, self._shape = by, seen.shape
        rows, width = seen.shape
        self._stride = _stride(width, most)
        self._pad = self._stride - width
        margin = 2 * most * self._stride  # half of it is nobody's
        self._mask = ROOM + rows * self._stride + margin // 2
        self._runs = self._mask + rows * self._stride + 2 * margin
        needed = self._runs - ROOM + _room_of_parts(rows, width, most)
        self.fits = bool(seen.size) and needed <= ROOM_OCTETS
        if self.fits:
            by.memory[ROOM:][: rows * self._stride].reshape(rows, -1)[:, :width] = seen

    def levels(self, low: int, high: int, side: int) -> list[int]:
        """Of what is between two levels, both included, and in a square of that side: how many are of each level."""
        counts = self._by.memory[self._runs :][: 4 * _LEVELS].view(np.int32)
        counts[:] = 0
        self._near("levels", low, high, side)
        return [int(count) for count in counts]

    def solids(self, low: int, high: int, side: int, *, solid: Solid) -> Iterator[tuple[slice, slice, Mask]]:
        """Of the same, the parts that are solid: each in its rectangle, with one sample around where there is one."""
        count, run = self._near("flat", low, high, side), 0
        while run < count:
            asked = (self._runs, count, run, *self._shape, *solid, _MOST, ROOM + ROOM_OCTETS)
            run = self._by.run("solids", *asked)
            many, at = self._by.memory[4:12].view(np.int32).tolist()
            for part in self._by.memory[at : at + _PART * many].view(np.int32).reshape(many, _PART // 4).tolist():
                yield self._part(*part[:6])

    def _part(self, top: int, bottom: int, left: int, right: int, at: int, stride: int) -> tuple[slice, slice, Mask]:
        octets = self._by.memory[at : at + (bottom - top) * stride].reshape(-1, stride)
        return slice(top, bottom), slice(left, right), octets[:, : right - left] != 0

    def _near(self, loop: str, low: int, high: int, side: int) -> int:
        asked = (ROOM, self._shape[0], self._stride, low, high - low, side, self._pad, self._mask, self._runs)
        return self._by.run(loop, *asked)


def _stride(width: int, more: int) -> int:
    return -(-(width + more) // _SIXTEEN) * _SIXTEEN


def _room(runs: int, rows: int, width: int) -> int:
    """How much it takes when every second one is a run."""
    return runs - ROOM + _ENTRY * rows * (width // 2 + 1)


def _room_of_parts(rows: int, width: int, most: int) -> int:
    """Of all runs and their sizes, when every second sample is one; of the list of parts, and of the largest one."""
    runs = (_ENTRY + _SIZE) * rows * (width // 2 + 1)
    masks = (2 * rows + 3 * most) * _stride(width, most + _SIXTEEN)
    return runs + _SIXTEEN + _PART * _MOST + masks


def _read(by: Machine, at: int, count: int) -> Found:
    return by.memory[at : at + _ENTRY * count].view(np.int32).reshape(count, 4).copy()
