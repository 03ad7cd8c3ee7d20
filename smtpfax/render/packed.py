"""Packed bits: eight pels an octet, the most significant first.

In:    grey pels, or bits; their widths are whole octets.
Out:   bits of the same rows.
Fails: never.

Rule: a page is gone through in bands that stay near the processor; what is made of them is an eighth as much, or less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]  # rows x octets

FOUR = 4  # rows
_BAND = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Inked:
    """What of a page is black, and where there may be something faint.

    `dark`: of each two rows, the pels that are quite dark in one of them; `light`: of each four, those that may be ink.
    """

    bits: Bits
    dark: Bits
    light: Bits


def darker(grey: NDArray[np.uint8], than: int) -> Bits:
    """Which pels are darker."""
    rows, width = grey.shape
    flags = np.empty((min(rows, _BAND), width), np.bool_)
    out = np.empty((rows, width // 8), np.uint8)
    for band in bands(rows):
        some = grey[band]
        out[band] = np.packbits(np.less(some, than, out=flags[: len(some)]), axis=1)
    return out


def inked(grey: NDArray[np.uint8], *, than: int, between: int, dark: int, light: int) -> Inked:
    """Which pels are darker; between two such, side by side, those as well that are a little less dark."""
    rows, width = grey.shape
    fours = rows // FOUR
    flags = np.empty((min(rows, _BAND), width), np.bool_)
    bits, darks, lights = (np.empty((many, width // 8), np.uint8) for many in (rows, 2 * fours, fours))
    for band in bands(rows):
        some = grey[band]
        bits[band] = _inked(some, than, between, flags[: len(some)])
    for band in bands(fours):
        some = grey[FOUR * band.start : FOUR * band.stop]
        twos = np.minimum(some[::2], some[1::2])
        darks[2 * band.start : 2 * band.stop] = np.packbits(twos < dark, axis=1)
        lights[band] = np.packbits(np.minimum(twos[::2], twos[1::2]) < light, axis=1)
    return Inked(bits=bits, dark=darks, light=lights)


def _inked(some: NDArray[np.uint8], than: int, between: int, flags: NDArray[np.bool_]) -> Bits:
    dark = np.packbits(np.less(some, than, out=flags), axis=1)
    filled = np.packbits(np.less(some, between, out=flags), axis=1)
    filled &= _to_the_left(dark)
    filled &= _to_the_right(dark)
    filled |= dark
    return filled


def bands(rows: int) -> Iterator[slice]:
    """All rows, by and by."""
    return (slice(top, min(rows, top + _BAND)) for top in range(0, rows, _BAND))


def pels(bits: Bits) -> NDArray[np.bool_]:
    """One pel an octet."""
    return np.unpackbits(bits, axis=1).view(np.bool_)


def fours(mask: NDArray[np.bool_]) -> Bits:
    """Four pels for each of a mask, which has an even number of columns."""
    pairs = np.ascontiguousarray(mask).view("<u2")  # the first of two is the lower octet
    out = pairs >> 8
    out *= 0x0F
    out |= pairs * np.uint16(0xF0)
    return out.astype(np.uint8)


def widened(bits: Bits, by: int) -> Bits:
    """Each black pel with its neighbours, so far away."""
    for _ in range(by):
        bits = sideways(bits)
        higher = bits.copy()
        higher[1:] |= bits[:-1]
        higher[:-1] |= bits[1:]
        bits = higher
    return bits


def sideways(bits: Bits) -> Bits:
    """Each black pel with its neighbours to the left and to the right."""
    out = _to_the_left(bits)
    out |= _to_the_right(bits)
    out |= bits
    return out


def squares(bits: Bits, side: int) -> Bits:
    """The upper left corners of all black squares of this side."""
    last = max(0, len(bits) - side + 1)
    kept = bits[:last].copy()
    for row in range(1, side):
        kept &= bits[row : last + row]
    shifted = kept
    for _ in range(1, side):
        shifted = _to_the_left(shifted)
        kept &= shifted
    return kept


def _to_the_left(bits: Bits) -> Bits:
    """All by one pel; octet by octet, for numpy shifts slowly and strides slowly."""
    out = bits + bits
    carried = (bits > 127).view(np.uint8)
    carried[:, 0] = 0
    out.reshape(-1)[:-1] |= carried.reshape(-1)[1:]
    return out


def _to_the_right(bits: Bits) -> Bits:
    out = np.right_shift(bits, 1, dtype=np.uint8)
    carried = np.multiply(bits, 128, dtype=np.uint8)
    carried[:, -1] = 0
    out.reshape(-1)[1:] |= carried.reshape(-1)[:-1]
    return out
