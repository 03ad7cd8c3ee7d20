"""Photographs, by the machine.

In:    grey samples, and what `tone` takes for a photograph.
Out:   which blocks of 4 x 4 samples belong to one, as `tone` finds them.
Fails: never; None for what is too large.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .machine import ROOM, ROOM_OCTETS, Machine

Mask = NDArray[np.bool_]
_BLOCK = 4  # samples
_SIXTEEN = 16
_WHITE = 255
_GRIDS = 3
_ENTRY = 4  # octets of a block that is to be looked at


class Tones(NamedTuple):
    """Levels, both included; of the 16 samples of a block, how many are of such; and blocks around one."""

    low: int
    high: int
    least: int
    lowest: int
    highest: int
    most: int
    neighbours: int


def photographs_in(seen: NDArray[np.uint8], tones: Tones, by: Machine) -> Mask | None:
    """The blocks of a photograph."""
    rows, blocks = -(-seen.shape[0] // _BLOCK), -(-seen.shape[1] // _BLOCK)
    stride = -(-seen.shape[1] // _SIXTEEN) * _SIXTEEN
    wide = stride // _BLOCK + 2
    grid = wide * (rows + 2)
    at = ROOM + rows * _BLOCK * stride
    end = at + _GRIDS * grid
    if not seen.size or end + _ENTRY * grid > ROOM + ROOM_OCTETS:
        return None
    samples = by.memory[ROOM:at].reshape(rows * _BLOCK, stride)
    samples[len(seen) :] = samples[:, seen.shape[1] :] = _WHITE
    samples[: len(seen), : seen.shape[1]] = seen
    by.memory[at:end] = 0
    found = by.run("tones", ROOM, stride, rows, at, *tones)
    photo = by.memory[found : found + grid].reshape(rows + 2, wide)
    return np.asarray(photo[1 : rows + 1, 1 : blocks + 1] != 0)
