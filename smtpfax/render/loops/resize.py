"""Grey pictures in another size, by the machine.

In:    a picture, the size it shall have, and which part of that is wanted.
Out:   that part, laid where it is wanted, as Pillow's bilinear resizing makes it (its levels may be one off).
Fails: never; False for a picture that is too wide, or shrinks by too much, for the machine.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .machine import BITS, COPY, ROOM, ROOM_OCTETS, Machine

Greys = NDArray[np.uint8]
_SIXTEEN = 16  # pels at a time
_ONE = 256  # all weights of a pel
_MOST_SHRUNK = 8.0
_BAND = 256  # rows, at most: what they need stays near the processor


class Part(NamedTuple):
    """Of the new picture: the last row and column are not included."""

    left: int
    top: int
    right: int
    bottom: int


class Held(NamedTuple):
    """A picture of greys. `at`: where its rows lie in the machine's memory, each filled up to 16 pels; 0: elsewhere."""

    image: Image.Image
    at: int = 0


class _Mixture(NamedTuple):
    """Of each new row: the first old one, how many they are, and their weights."""

    first: NDArray[np.int32]
    many: NDArray[np.int32]
    weights: NDArray[np.uint16]  # new rows x the most old ones, an even number

    def part(self, start: int, end: int, *, above: int = 0) -> NDArray[np.uint8]:
        """As the machine reads it, filled up to a multiple of 16 rows; the old rows are counted from `above` on."""
        rows = end - start
        out = np.zeros((_up(rows), 8 + 2 * self.weights.shape[1]), np.uint8)
        out[:rows, :4] = (self.first[start:end] - above).astype("<i4").reshape(-1, 1).view(np.uint8)
        out[:rows, 4:8] = self.many[start:end].astype("<i4").reshape(-1, 1).view(np.uint8)
        out[:rows, 8:] = self.weights[start:end].astype("<u2").view(np.uint8).reshape(rows, -1)
        out[rows:] = out[rows - 1]
        return out


def held(picture: Image.Image, by: Machine, *, others: Sequence[Held]) -> Held:
    """A grey picture that is not unpacked yet: that will be where the machine finds it, behind others, if it has room.

    Nothing else may be asked of the machine until all are laid.
    """
    at = max((_end(other) for other in others if other.at), default=COPY)
    new = Held(picture, at)
    if _end(new) > BITS:
        return Held(picture)
    rows = by.memory[at : _end(new)].reshape(picture.height, -1)
    picture.im = Image.frombuffer("L", picture.size, rows, "raw", "L", rows.strides[0], 1).im
    return new


def _end(picture: Held) -> int:
    return picture.at + _up(picture.image.width) * picture.image.height


def resized(picture: Held, size: tuple[int, int], part: Part, *, on: Greys, by: Machine) -> bool:
    """A part of the picture in its new size (width, height), laid on pels that are as many."""
    width, rows = picture.image.size
    if max(width / size[0], rows / size[1]) > _MOST_SHRUNK:
        return False
    taps = max(_taps(rows, size[1]), _taps(width, size[0]))
    down, across = _mixture(rows, size[1], taps), _mixture(width, size[0], taps)
    columns = across.part(part.left, part.right)
    band = _rows_at_a_time(_up(width), len(columns), shrunk=rows / size[1], taps=taps)
    if not band:
        return False
    for top in range(part.top, part.bottom, band):
        end = min(part.bottom, top + band)
        on[top - part.top : end - part.top] = _band(picture, down, columns, (top, end), by)[:, : on.shape[1]]
    return True


def _band(picture: Held, down: _Mixture, columns: Greys, rows: tuple[int, int], by: Machine) -> Greys:
    first, last = int(down.first[rows[0]]), int(down.first[rows[1] - 1] + down.many[rows[1] - 1])
    mixture = down.part(*rows, above=first)
    width = _up(picture.image.width)
    source = target = by.put(by.put(ROOM, mixture), columns)
    if picture.at:
        source = picture.at + first * width
    else:
        target += (last - first) * width
        some = picture.image.crop((0, first, picture.image.width, last))
        by.memory[source:target].reshape(-1, width)[:, : some.width] = np.asarray(some)
    end = target + len(mixture) * len(columns)
    asked = (source, width, ROOM, ROOM + mixture.size, mixture.shape[1], len(mixture), len(columns), target, end)
    by.run("resize", *asked)
    return by.memory[target:end].reshape(len(mixture), len(columns))[: rows[1] - rows[0]]


def _rows_at_a_time(width: int, columns: int, *, shrunk: float, taps: int) -> int:
    """As many as there is room for; 0, when there is none for 16."""
    entry = 8 + 2 * taps
    always = columns * entry + taps * width
    each = entry + shrunk * width + columns + 2 * max(width, columns)
    rows = int((ROOM_OCTETS - always) / each) // _SIXTEEN * _SIXTEEN
    return max(0, min(_BAND, rows - _SIXTEEN))


def _up(count: int) -> int:
    return -(-count // _SIXTEEN) * _SIXTEEN


def _taps(old: int, new: int) -> int:
    """The most old rows that a new one may be of, and an even number."""
    return 2 * math.ceil(max(old / new, 1.0)) + 2


@functools.lru_cache(maxsize=8)
def _mixture(old: int, new: int, taps: int) -> _Mixture:
    """Weights fall off evenly from the middle of a new row; when it is of several old ones, over twice their number."""
    scale = old / new
    reach = max(scale, 1.0)
    middle = (np.arange(new) + 0.5) * scale
    first = np.maximum(0, np.floor(middle - reach + 0.5)).astype(np.int32)
    end = np.minimum(old, np.floor(middle + reach + 0.5)).astype(np.int32)
    index = first[:, None] + np.arange(taps)
    near = np.maximum(0.0, 1 - np.abs((index - middle[:, None] + 0.5) / reach)) * (index < end[:, None])
    weights = np.rint(near * (_ONE / near.sum(axis=1, keepdims=True))).astype(np.int32)
    weights[np.arange(new), weights.argmax(axis=1)] += _ONE - weights.sum(axis=1)
    return _Mixture(first=first, many=end - first, weights=weights.astype(np.uint16))
