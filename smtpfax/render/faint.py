"""Faint text: light grey, orange, yellow, cyan, and lines too thin to be dark.

In:    a grey page, what its levels mean, and which samples of it lie in areas that are judged already.
Out:   patches of the page, with the pels in them that are ink.
Fails: never.

Rule: ink is what is narrow and darker than what is around it, however light it is. The soft rims of dark letters are
not ink, nor is the noise of a scan or of a JPEG beside its letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .morphology import closed, grown
from .packed import FOUR, Bits, Inked, darker, fours, pels, sideways, widened
from .pages import WHITE, Grey
from .runs import Mask
from .tone import STEP
from .whitening import Whitening

LIGHTEST = 238  # yellow is 226, #dddddd is 221
_NARROW = 16  # pels: wider is an area
DARK = 136  # letters darker than this are whole at the one threshold
_RIM = 2  # pels around them
_RIM_OF_WEAK = 8
_WEAK, _STRONG = 14, 44  # levels of contrast; a JPEG's ringing is weaker than the second
_NOISES = 6.0
_AROUND = 4  # pels
_BAND = 32
_MOST_BANDS = 8  # at a time
_FEW = 12  # pels of a band that are not worth the trouble: the page number in the corner has more
_BESIDE = 4  # octets


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """Rows and octets of a page's bits, and the bits to add there."""

    rows: slice
    octets: slice
    ink: Bits


def faint_ink(grey: Grey, whitening: Whitening, seen: Inked, taken: Mask | None = None) -> Iterator[Patch]:
    """Where there may be something, all is looked at closely."""
    for rows, octets in _patches(_candidates(seen, taken)):
        around = slice(max(0, rows.start - _NARROW), rows.stop + _NARROW)
        columns = slice(8 * max(0, octets.start - _BESIDE), 8 * (octets.stop + _BESIDE))
        near = whitening.of(grey[around, columns])
        if taken is not None:
            near = _without(near, taken[_samples(around), _samples(columns)])
        ink = np.packbits(_ink(near, whitening.noise), axis=1)
        top, left = rows.start - around.start, octets.start - columns.start // 8
        kept = ink[top : top + rows.stop - rows.start, left : left + octets.stop - octets.start]
        yield Patch(rows=rows, octets=octets, ink=kept)


def _candidates(seen: Inked, taken: Mask | None) -> Bits:
    """Of each four rows, the pels that are light in one of them, and not near to a dark one."""
    dark = seen.dark
    near = dark[::2] | dark[1::2]
    near[1:] |= dark[1:-1:2]  # two rows above
    near[:-1] |= dark[2::2]  # and two below
    light = seen.light & ~sideways(sideways(near))
    if taken is not None:
        light &= ~fours(taken[: len(light)])
    return light


def _patches(candidates: Bits) -> Iterator[tuple[slice, slice]]:
    """Rows of the page, and octets of these, in which there may be something."""
    counts = np.bitwise_count(candidates).sum(axis=1, dtype=np.int64)
    per_band = _BAND // FOUR
    some = np.add.reduceat(counts, np.arange(0, len(counts), per_band)) >= _FEW
    edges = np.flatnonzero(np.diff(np.pad(some, 1).view(np.int8)))
    for first, end in edges.reshape(-1, 2).tolist():
        for start in range(first, end, _MOST_BANDS):
            stop = min(end, start + _MOST_BANDS)
            octets = np.flatnonzero(candidates[start * per_band : stop * per_band].any(axis=0))
            first_one, last_one = max(0, int(octets[0]) - 1), min(candidates.shape[1], int(octets[-1]) + 2)
            yield slice(start * _BAND, stop * _BAND), slice(first_one, last_one)


def _ink(around: Grey, noise: float) -> NDArray[np.bool_]:
    dark = darker(around, DARK)
    contrast = closed(around, _NARROW) - around
    contrast *= ~pels(widened(dark, _RIM))
    contrast *= ~pels(widened(dark, _RIM_OF_WEAK)) | (contrast >= _STRONG)
    weakest = np.uint8(max(_WEAK, min(WHITE, round(_NOISES * noise))))
    strongest = grown(contrast, _AROUND)
    # Of the strongest contrast around, 3/8: then faint letters have stems as thick as dark ones at their threshold.
    return np.asarray((contrast > np.maximum(strongest, weakest) // 8 * 3) & (strongest >= weakest))


def _samples(part: slice) -> slice:
    return slice(part.start // STEP, -(-part.stop // STEP))


def _without(grey: Grey, taken: Mask) -> Grey:
    """White where an area is."""
    covered = taken.repeat(STEP, axis=0).repeat(STEP, axis=1)[: grey.shape[0], : grey.shape[1]]
    return np.where(covered, np.uint8(WHITE), grey)
