"""Faint text: light grey, orange, yellow, cyan, and lines too thin to be dark.

In:    a grey page, and how noisy its paper is.
Out:   bands of rows, with the pels in them that are ink.
Fails: never.

Rule: ink is what is narrow and darker than what is around it, however light it is. The soft rims of dark letters are
not ink, nor is the noise of a scan or of a JPEG beside its letters.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .morphology import closed, grown
from .pages import WHITE, Grey

Packed = NDArray[np.uint8]  # rows x 216 octets, the most significant bit first

_LIGHTEST = 238  # yellow is 226, #dddddd is 221
_NARROW = 16  # pels: wider is an area
_DARK = 136  # letters darker than this are whole at the one threshold
_RIM = 2  # pels around them
_RIM_OF_WEAK = 8
_WEAK, _STRONG = 14, 44  # levels of contrast; a JPEG's ringing is weaker than the second
_NOISES = 6.0
_AROUND = 4  # pels
_ROWS, _BAND = 4, 32
_FEW = 12  # pels of a band that are not worth the trouble: the page number in the corner has more


def faint_ink(grey: Grey, *, noise: float) -> Iterator[tuple[slice, Packed]]:
    """Bands of rows, and the bits to add to them."""
    dark = np.packbits(grey < _DARK, axis=1)
    light = np.packbits(grey < _LIGHTEST, axis=1)
    for band in _bands(_candidates(dark, light)):
        yield band, _ink(grey, dark, band, noise)


def _candidates(dark: Packed, light: Packed) -> NDArray[np.int64]:
    """Pels in each four rows that are light and not the rim of something dark."""
    rows = len(dark) // _ROWS * _ROWS
    near = _any_of(np.pad(dark, ((_RIM, _RIM), (0, 0))), range(_ROWS + 2 * _RIM), rows)
    for _ in range(_RIM):
        near = _sideways(near)
    counts: NDArray[np.int64] = np.bitwise_count(_any_of(light, range(_ROWS), rows) & ~near).sum(axis=1, dtype=np.int64)
    return counts


def _any_of(bits: Packed, offsets: range, rows: int) -> Packed:
    """Of every four rows, the bits that are set in any of these."""
    out = bits[offsets[0] : rows : _ROWS].copy()
    for offset in offsets[1:]:
        out |= bits[offset : offset + rows - _ROWS + 1 : _ROWS]
    return out


def _bands(candidates: NDArray[np.int64]) -> list[slice]:
    """Runs of rows in which there may be something."""
    some = np.add.reduceat(candidates, np.arange(0, len(candidates), _BAND // _ROWS)) >= _FEW
    edges = np.flatnonzero(np.diff(np.pad(some, 1).view(np.int8)))
    return [slice(int(start) * _BAND, int(end) * _BAND) for start, end in edges.reshape(-1, 2)]


def _ink(grey: Grey, dark: Packed, band: slice, noise: float) -> Packed:
    top, bottom = max(0, band.start - _NARROW), min(len(grey), band.stop + _NARROW)
    around = grey[top:bottom]
    contrast = closed(around, _NARROW) - around
    contrast *= ~_pels(widened(dark[top:bottom], _RIM))
    contrast *= ~_pels(widened(dark[top:bottom], _RIM_OF_WEAK)) | (contrast >= _STRONG)
    weakest = np.uint8(max(_WEAK, min(WHITE, round(_NOISES * noise))))
    strongest = grown(contrast, _AROUND)
    # Of the strongest contrast around, 3/8: then faint letters have stems as thick as dark ones at their threshold.
    ink = (contrast > np.maximum(strongest, weakest) // 8 * 3) & (strongest >= weakest)
    return np.packbits(ink, axis=1)[band.start - top : min(len(grey), band.stop) - top]


def _pels(bits: Packed) -> NDArray[np.bool_]:
    return np.unpackbits(bits, axis=1).view(np.bool_)


def widened(bits: Packed, by: int) -> Packed:
    """Each black pel with its neighbours, so far away."""
    for _ in range(by):
        bits = _wider(bits)
    return bits


def _wider(bits: Packed) -> Packed:
    out = _sideways(bits)
    higher = out.copy()
    higher[1:] |= out[:-1]
    higher[:-1] |= out[1:]
    return higher


def _sideways(bits: Packed) -> Packed:
    out: Packed = np.bitwise_or(bits | (bits >> 1), bits << 1, dtype=np.uint8)
    out[:, 1:] |= bits[:, :-1] << 7
    out[:, :-1] |= bits[:, 1:] >> 7
    return out
